"""Verifies a ledger and says which releases are in it, as `FORMATS.md` has it.

Needs nothing but Python. Run it: python3 verify_ledger.py ledger.jsonl [release.key]
"""

import hashlib
import hmac
import json
import re
import sys
from pathlib import Path
from typing import Any

LINE = re.compile(rb'(\{.*),"mac":"([0-9a-f]{64})"\}\n')
KEY_FILE = re.compile(r"kobling release key 1\n(?:.*\n)*?key = ([0-9a-f]{64})\n")


def mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def under(key: bytes, label: bytes) -> bytes:
    return mac(key, b"\x00\x01" + len(label).to_bytes(8, "big") + label)


def read(line: bytes, kind: bytes, key: bytes | None, where: str) -> dict[str, Any]:
    """What a line of the ledger or its head says."""
    parts = LINE.fullmatch(line)
    if parts is None:
        sys.exit(f"{where} is damaged: it is no line of a ledger")
    if key and mac(under(key, b"ledger"), kind + b"\0" + parts[1]).hex().encode() != parts[2]:
        sys.exit(f"{where} was changed, or was not written under this release key")
    try:
        return dict(json.loads(line.decode("utf-8")))
    except (ValueError, TypeError):
        sys.exit(f"{where} is damaged: it is not UTF-8, or no object of JSON")


def verify(path: Path, key: bytes | None) -> None:
    before, number, heads = "0" * 64, 0, [(0, "0" * 64)]
    head_path = Path(f"{path}.head")
    head = read(head_path.read_bytes(), b"head", key, str(head_path))
    if head["format"] != 1:
        sys.exit(f"{head_path} has another format than 1")
    with path.open("rb") as lines:
        for line in lines:
            where = f"{path}, line {number + 1}"
            if not line.endswith(b"\n"):
                print(f"{where} has no end, as a run leaves it that was stopped: it is no entry")
                continue
            entry, number = read(line, b"entry", key, where), number + 1
            if [entry["number"], entry["before"]] != [number, before]:
                sys.exit(f"{where} does not follow the line before it")
            if entry["project"] != head["project"]:
                sys.exit(f"{where} is of another project than the head")
            release, before = entry["release"], hashlib.sha256(line).hexdigest()
            heads.append((number, before))
            tables = [table["name"] for table in release["tables"]]
            print(f"entry {number}, made {release['made_at']!r}: {', '.join(tables)!r}, {before}")
    if head["entries"] > number:
        sys.exit(f"{path} was cut: it has {number} of its {head['entries']} entries")
    # A run that was stopped leaves the head one entry behind.
    if (head["entries"], head["last"]) not in heads[-2:]:
        sys.exit(f"{head_path} is not the head of these {number} entries")
    print(f"each of {number} entries follows the one before it, and the head fits")
    if key is None:
        print("not verified without the release key: that nobody made all of it anew")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("which ledger? python3 verify_ledger.py ledger.jsonl [release.key]")
    try:
        held = KEY_FILE.match(Path(sys.argv[2]).read_text()) if sys.argv[2:] else None
        if sys.argv[2:] and held is None:
            sys.exit(f"{sys.argv[2]} is no file of a release key")
        verify(Path(sys.argv[1]), bytes.fromhex(held[1]) if held else None)
    except OSError as error:
        sys.exit(f"{error.filename} cannot be read: {error.strerror}")
    except (KeyError, TypeError, ValueError):
        sys.exit(f"{sys.argv[1]}, its head or the key is damaged, or none of a ledger")
