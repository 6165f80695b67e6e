"""The verifier of ledgers finds whatever was done to one, with the release key and without it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reference import ledger as formats
from reference.vectors import read

SCRIPT = Path(__file__).parents[2] / "examples/python/verify_ledger.py"
VECTORS: dict[str, Any] = read("ledger")
LINES = [line.encode() for line in VECTORS["lines"]]
HEAD: bytes = VECTORS["head"].encode()
KEY = bytes.fromhex(VECTORS["release_key"])

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(params=[False, True], ids=["without the key", "with the key"])
def run(tmp_path: Path, request: pytest.FixtureRequest) -> Run:
    """Runs the verifier on these bytes and this head."""

    def verify(lines: bytes, head: bytes | None = HEAD) -> tuple[int, str, str]:
        path, key = tmp_path / "ledger.jsonl", tmp_path / "release.key"
        path.write_bytes(lines)
        if head is not None:
            Path(f"{path}.head").write_bytes(head)
        key.write_text(VECTORS["release_key_file"])
        # Nothing but Python, and none of its packages.
        command = [sys.executable, "-I", "-S", "-W", "error", str(SCRIPT), str(path)]
        command += [str(key)] if request.param else []
        done = subprocess.run(command, capture_output=True, timeout=60)
        assert (
            b"Traceback" not in done.stderr and VECTORS["release_key"].encode() not in done.stderr
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    return verify


def resealed(line: bytes, kind: str = "entry", **changes: Any) -> bytes:
    """The line with other fields, chained as it was, under the release key."""
    said = {**json.loads(line), **changes}
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n"
    said["mac"] = formats.mac(KEY, kind, text)
    return (json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def head_of(lines: list[bytes], **changes: Any) -> bytes:
    last = hashlib.sha256(lines[-1]).hexdigest()
    return resealed(HEAD, "head", **{"entries": len(lines), "last": last, **changes})


def test_a_whole_ledger_holds_and_its_releases_are_named(run: Run) -> None:
    code, said, _ = run(b"".join(LINES))
    assert code == 0 and f"each of {len(LINES)} entries follows" in said
    for number, digest in enumerate(VECTORS["digests"], 1):
        assert f"entry {number}, made '20" in said and digest in said


def test_it_says_what_takes_the_key(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b"".join(LINES))
    Path(f"{path}.head").write_bytes(HEAD)
    done = subprocess.run([sys.executable, str(SCRIPT), str(path)], capture_output=True, text=True)
    assert "not verified without the release key" in done.stdout
    other = tmp_path / "domain.key"
    other.write_text(VECTORS["domain_key_file"])
    command = [sys.executable, str(SCRIPT), str(path), str(other)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and "is no file of a release key" in done.stderr


@pytest.mark.parametrize("at", [0, 1, 2])
def test_no_changed_byte_is_taken(run: Run, at: int) -> None:
    line = LINES[at]
    for place in (0, 12, len(line) // 2, len(line) - 40, len(line) - 3, len(line) - 1):
        changed = bytearray(line)
        changed[place] ^= 1
        code, _, why = run(b"".join([*LINES[:at], bytes(changed), *LINES[at + 1 :]]))
        assert code == 1 and "ledger.jsonl" in why, place


def test_the_first_line_that_does_not_hold_is_named(run: Run) -> None:
    changed = LINES[0].replace(b'"north"', b'"North"')
    code, _, why = run(b"".join([changed, *LINES[1:]]))
    assert code == 1 and ("line 1 was changed" in why or "line 2 does not follow" in why)


def test_no_line_may_be_gone_or_in_another_place(run: Run) -> None:
    one, two, three = LINES
    for lines, number in [([two, three], 1), ([one, three], 2), ([one, three, two], 2)]:
        code, _, why = run(b"".join(lines))
        assert code == 1 and f"line {number} does not follow the line before it" in why
    code, _, why = run(b"".join([one, two, two, three]))
    assert code == 1 and "line 3 does not follow the line before it" in why


def test_a_tail_that_was_cut_is_missed(run: Run) -> None:
    for kept in range(3):
        code, _, why = run(b"".join(LINES[:kept]))
        assert code == 1 and f"was cut: it has {kept} of its 3 entries" in why
    # In the middle of the last line.
    code, said, why = run(b"".join(LINES)[:-100])
    assert code == 1 and "was cut: it has 2 of its 3 entries" in why and "it is no entry" in said


def test_what_a_stopped_run_leaves_is_no_fault(run: Run) -> None:
    code, said, _ = run(b"".join(LINES) + LINES[2][:50])
    assert code == 0 and "line 4 has no end" in said
    # The head is written behind the line.
    code, said, _ = run(b"".join(LINES), head_of(LINES[:2]))
    assert code == 0 and "each of 3 entries" in said
    code, _, why = run(b"".join(LINES), head_of(LINES[:1]))
    assert code == 1 and "is not the head of these 3 entries" in why


@pytest.mark.parametrize("junk", [b"\xff", b"\xc3", b"\x00", b'"', b"\n"])
def test_a_line_that_is_no_text_is_damaged(run: Run, junk: bytes) -> None:
    line = LINES[1][:30] + junk + LINES[1][30:]
    code, _, why = run(b"".join([LINES[0], line, LINES[2]]))
    assert code == 1 and "line 2" in why


@pytest.mark.parametrize(
    "line", [b"\n", b"{}\n", b"[]\n", b'{"a":1,"mac":"' + b"0" * 64 + b'"}\n', b"\xef\xbb\xbf{}\n"]
)
def test_other_lines_are_refused(run: Run, line: bytes) -> None:
    assert run(line + b"".join(LINES))[0] == 1
    assert run(b"".join(LINES), line)[0] == 1


def test_a_ledger_without_a_head_is_refused(run: Run) -> None:
    code, _, why = run(b"".join(LINES), None)
    assert code == 1 and "ledger.jsonl.head cannot be read" in why


def test_the_head_is_that_of_the_ledger(run: Run) -> None:
    refused = [
        (head_of(LINES, last="0" * 64), "is not the head of these 3 entries"),
        (head_of(LINES, format=2), "has another format than 1"),
        (head_of(LINES, project="another"), "line 1 is of another project than the head"),
        (head_of(LINES[:2], entries=4), "was cut: it has 3 of its 4 entries"),
    ]
    for head, words in refused:
        code, _, why = run(b"".join(LINES), head)
        assert code == 1 and words in why


def test_only_the_key_finds_that_all_was_made_anew(
    run: Run, request: pytest.FixtureRequest
) -> None:
    release = json.loads(LINES[0])["release"]
    # Chained, but with the MAC that the line had before.
    forged = json.loads(LINES[0])
    forged["release"] = {**release, "made_at": "2000-01-01T00:00:00Z"}
    line = (json.dumps(forged, separators=(",", ":")) + "\n").encode()
    code, said, why = run(line, head_of([line]))
    if request.node.callspec.params["run"]:
        assert code == 1 and "line 1 was changed, or was not written under this release key" in why
    else:
        assert code == 0 and "not verified without the release key" in said
