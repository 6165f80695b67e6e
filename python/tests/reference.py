"""Keys and pseudonyms as their definitions say, by Python's own hashes alone.

Written from the documentation of `kobling::key` and `kobling::identifier`, and not from their
code: that it agrees with them is what makes the format one that others can implement.
"""

from __future__ import annotations

import hashlib
import hmac
import struct

#: The version of all that is computed under a key.
VERSION = b"\x01"


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104)."""
    return hmac.new(key, message, hashlib.sha256).digest()


def part(text: bytes) -> bytes:
    """A text behind its length."""
    return struct.pack(">Q", len(text)) + text


def domain(project: str, epoch: int) -> bytes:
    return part(project.encode()) + struct.pack(">I", epoch)


def domain_key(linkage_key: bytes, project: str, epoch: int) -> bytes:
    """HKDF-SHA256 (RFC 5869), without salt, of one block."""
    info = VERSION + part(b"pseudonym") + domain(project, epoch)
    return mac(mac(bytes(32), linkage_key), info + b"\x01")


def key_check(key: bytes) -> bytes:
    return mac(key, b"\x00" + VERSION + part(b"key check"))[:8]


def key_file(kind: str, key: bytes, of: tuple[str, int] | None = None) -> str:
    """The text of a key file; of a domain key with its project and epoch."""
    message = b"\x00" + VERSION + part(b"key file") + part(kind.encode())
    lines = [f"kobling {kind} key 1"]
    if of is not None:
        message += domain(*of)
        lines += [f"project = {of[0]}", f"epoch = {of[1]}"]
    lines += [f"key = {key.hex()}", f"check = {mac(key, message)[:8].hex()}"]
    return "".join(f"{line}\n" for line in lines)


def pseudonym(key: bytes, kind: str, canonical: str) -> bytes:
    """The pseudonym of an identifier in its canonical form."""
    form = canonical.encode()
    message = bytes([len(kind)]) + kind.encode() + struct.pack(">I", len(form)) + form
    return mac(key, message)[:16]
