"""Keys, key files and pseudonyms."""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Sequence

#: The version of all that is computed under a key.
VERSION = b"\x01"


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104)."""
    return hmac.new(key, message, hashlib.sha256).digest()


def u64be(number: int) -> bytes:
    return struct.pack(">Q", number)


def part(text: bytes) -> bytes:
    """A text behind its length."""
    return u64be(len(text)) + text


def message(label: str) -> bytes:
    """The beginning of a message that is no pseudonym's."""
    return b"\x00" + VERSION + part(label.encode())


def derive(release_key: bytes, label: str, *parts: bytes) -> bytes:
    return mac(release_key, message(label) + b"".join(map(part, parts)))


def domain(project: str, epoch: int) -> bytes:
    return part(project.encode()) + struct.pack(">I", epoch)


def domain_key(linkage_key: bytes, project: str, epoch: int) -> bytes:
    """HKDF-SHA256 (RFC 5869), without salt, of one block."""
    info = VERSION + part(b"pseudonym") + domain(project, epoch)
    return mac(mac(bytes(32), linkage_key), info + b"\x01")


def key_check(key: bytes) -> bytes:
    return mac(key, message("key check"))[:8]


def key_file(kind: str, key: bytes, of: tuple[str, int] | None = None) -> str:
    """The text of a key file; of a domain key with its project and epoch."""
    checked = message("key file") + part(kind.encode())
    lines = [f"kobling {kind} key 1"]
    if of is not None:
        checked += domain(*of)
        lines += [f"project = {of[0]}", f"epoch = {of[1]}"]
    lines += [f"key = {key.hex()}", f"check = {mac(key, checked)[:8].hex()}"]
    return "".join(f"{line}\n" for line in lines)


def behind_length(form: bytes) -> bytes:
    return struct.pack(">I", len(form)) + form


def composite(parts: Sequence[tuple[str, str]]) -> tuple[str, bytes]:
    """The name and the canonical form of an identifier of several columns, each a type and a form."""
    name = "composite(" + ",".join(kind for kind, _ in parts) + ")"
    return name, b"".join(behind_length(form.encode()) for _, form in parts)


def pseudonym(key: bytes, kind: str, canonical: bytes) -> bytes:
    """The pseudonym of an identifier in its canonical form."""
    name = kind.encode()
    return mac(key, bytes([len(name)]) + name + behind_length(canonical))[:16]
