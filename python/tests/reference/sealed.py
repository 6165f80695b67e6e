"""Sealed parts: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03; RFC 8439), and what it is of."""

from __future__ import annotations

import json
import struct
from typing import Any

from .keys import derive

MAGIC = b"kobling sealed part\n"
CONSTANTS = struct.unpack("<4I", b"expand 32-byte k")
NONCE, TAG = 24, 16


def rotated(word: int, by: int) -> int:
    return (word << by | word >> (32 - by)) & 0xFFFFFFFF


def rounds(state: list[int]) -> list[int]:
    """The twenty rounds of ChaCha (RFC 8439, section 2.3)."""
    s = list(state)

    def quarter(a: int, b: int, c: int, d: int) -> None:
        for first, second, third, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            s[first] = (s[first] + s[second]) & 0xFFFFFFFF
            s[third] = rotated(s[third] ^ s[first], by)

    for _ in range(10):
        for column in range(4):
            quarter(column, column + 4, column + 8, column + 12)
        for at in range(4):
            quarter(at, (at + 1) % 4 + 4, (at + 2) % 4 + 8, (at + 3) % 4 + 12)
    return s


def block(key: bytes, counter: int, nonce: bytes) -> bytes:
    state = [*CONSTANTS, *struct.unpack("<8I", key), counter, *struct.unpack("<3I", nonce)]
    mixed = zip(rounds(state), state, strict=True)
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in mixed))


def subkey(key: bytes, nonce: bytes) -> bytes:
    """HChaCha20 of the first 16 bytes of a nonce (the draft, section 2.2)."""
    mixed = rounds([*CONSTANTS, *struct.unpack("<8I", key), *struct.unpack("<4I", nonce)])
    return struct.pack("<8I", *mixed[:4], *mixed[12:])


def poly1305(key: bytes, message: bytes) -> bytes:
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for start in range(0, len(message), 16):
        total += int.from_bytes(message[start : start + 16] + b"\x01", "little")
        total = total * r % (2**130 - 5)
    return ((total + int.from_bytes(key[16:], "little")) % 2**128).to_bytes(16, "little")


def padded(text: bytes) -> bytes:
    return text + bytes(-len(text) % 16)


def opened(key: bytes, nonce: bytes, text: bytes, additional: bytes) -> bytes:
    """What was encrypted, whose tag is the last 16 bytes of `text`."""
    key, nonce, encrypted = subkey(key, nonce[:16]), bytes(4) + nonce[16:], text[:-TAG]
    lengths = struct.pack("<QQ", len(additional), len(encrypted))
    tag = poly1305(block(key, 0, nonce)[:32], padded(additional) + padded(encrypted) + lengths)
    assert tag == text[-TAG:]
    stream = b"".join(block(key, 1 + at, nonce) for at in range((len(encrypted) + 63) // 64))
    return bytes(one ^ other for one, other in zip(encrypted, stream, strict=False))


def part(release_key: bytes, file: bytes) -> tuple[dict[str, Any], bytes]:
    """The header of a sealed part, and what is sealed."""
    assert file.startswith(MAGIC)
    (length,) = struct.unpack_from("<I", file, len(MAGIC))
    start = len(MAGIC) + 4
    clear, rest = file[: start + length], file[start + length :]
    key = derive(release_key, "sealed part")
    return json.loads(clear[start:]), opened(key, rest[:NONCE], rest[NONCE:], clear)
