"""What follows from the release key: record keys, cell keys, fingerprints, counts of a manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .keys import derive, u64be

MASK = 2**64 - 1
BASE = 5


def number(code: bytes) -> int:
    return int.from_bytes(code, "big")


def rotated(word: int, by: int) -> int:
    return (word << by | word >> (64 - by)) & MASK


def sip(key: tuple[int, int], words: Sequence[int]) -> int:
    """SipHash-2-4 of words of 8 bytes (Aumasson and Bernstein 2012)."""
    state = [0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573]
    a, b, c, d = (start ^ key[at % 2] for at, start in enumerate(state))

    def rounds(times: int) -> None:
        nonlocal a, b, c, d
        for _ in range(times):
            a, c = (a + b) & MASK, (c + d) & MASK
            b, d = rotated(b, 13) ^ a, rotated(d, 16) ^ c
            a = (rotated(a, 32) + d) & MASK
            c = (c + b) & MASK
            b, d = rotated(b, 17) ^ c, rotated(d, 21) ^ a
            c = rotated(c, 32)

    for word in [*words, (8 * len(words)) << 56]:
        d ^= word
        rounds(2)
        a ^= word
    c ^= 0xFF
    rounds(4)
    return a ^ b ^ c ^ d


@dataclass(frozen=True)
class RecordKey:
    """A person's: the half that decides noise, and the half that rows are known by."""

    noise: int
    fingerprint: int

    def check(self, words: Sequence[int]) -> int:
        return sip((self.noise, self.fingerprint), words)


def record_key(release_key: bytes, pseudonym: bytes) -> RecordKey:
    code = derive(release_key, "record key", pseudonym)
    return RecordKey(number(code[:8]), number(code[8:16]))


def cell_key(release_key: bytes, what: str, noise_halves: Sequence[int], count: int) -> int:
    parts = what.encode(), u64be(sum(noise_halves) & MASK), u64be(count)
    return number(derive(release_key, "cell key", *parts)[:8])


def deviation(row: Sequence[tuple[int, float]], key: int) -> int:
    """The deviation for a key, of a row of deviations and their probabilities."""
    entries, share = [entry for entry in row if entry[1] > 0], 0.0
    for noise, probability in entries:
        share += probability
        if key <= int(2.0**64 * min(share, 1.0)) - 1:
            return noise
    return entries[-1][0]


def rows_fingerprint(persons: Sequence[tuple[RecordKey, int]]) -> str:
    """Of persons with so many rows each."""
    return f"{sum(key.fingerprint * rows for key, rows in persons) & MASK:016x}"


def persons_fingerprint(rows: str) -> str:
    return f"{int(rows, 16) * 0x9E3779B97F4A7C15 & MASK:016x}"


def values_fingerprint(persons: Sequence[tuple[RecordKey, int]]) -> str:
    """Of persons whose values add up to so much each."""
    return f"{sum(key.check([1]) * total for key, total in persons) & MASK:016x}"


def sketch(terms: Sequence[tuple[RecordKey, Sequence[int]]]) -> str:
    buckets = [0] * 32
    for key, words in terms:
        place = key.fingerprint >> 59
        buckets[place] = (buckets[place] + key.check(words)) & 0xFFFF
    return "".join(f"{bucket:04x}" for bucket in buckets)


def persons_sketch(keys: Sequence[RecordKey]) -> str:
    return sketch([(key, []) for key in keys])


def contributions_sketch(persons: Sequence[tuple[RecordKey, int]]) -> str:
    halves = [(key, [total & MASK, total >> 64 & MASK]) for key, total in persons if total != 0]
    return sketch(halves)


def unpadded(padded: str, pad: bytes) -> int:
    """The number under a pad, which may be less than zero."""
    value = (int(padded, 16) - number(pad)) % 2**128
    return value - 2**128 if value >= 2**127 else value


def padded_persons(release_key: bytes, padded: str, rows: str) -> int:
    return unpadded(padded, derive(release_key, "persons pad", bytes.fromhex(rows))[:16])


def padded_sum(
    release_key: bytes, padded: tuple[str, str], rows: str, fingerprint: str, plan_digest: str
) -> tuple[int, int]:
    parts = bytes.fromhex(rows), bytes.fromhex(fingerprint), plan_digest.encode()
    pads = derive(release_key, "sum pads", *parts)
    return unpadded(padded[0], pads[:16]), unpadded(padded[1], pads[16:])


def alone(release_key: bytes, key: RecordKey) -> str:
    """The code of an only contributor."""
    return derive(release_key, "lone contributor", b"person", u64be(key.noise))[:8].hex()


def bits(release_key: bytes, label: str, *parts: bytes) -> Iterator[int]:
    """Random words of 64 bits."""
    seed, block = derive(release_key, label, *parts), 0
    while True:
        hashed = hashlib.sha256(seed + u64be(block)).digest()
        yield from (number(hashed[at : at + 8]) for at in (24, 16, 8, 0))
        block += 1


def below(end: int, words: Iterator[int]) -> int:
    if end == 1:
        return 0
    while True:
        drawn = next(words) >> (64 - (end - 1).bit_length())
        if drawn < end:
            return drawn


def chance(part: int, of: int, words: Iterator[int]) -> bool:
    return part >= of or below(of, words) < part


def expo(part: int, of: int, words: Iterator[int]) -> bool:
    """True with a chance of exp(−part/of)."""
    coin = 1
    while chance(part, of, words) and chance(1, coin, words):
        coin += 1
    return coin % 2 == 1


def laplace(scale: int, words: Iterator[int]) -> int:
    while True:
        rest = below(scale, words)
        if not expo(rest, scale, words):
            continue
        whole = 0
        while expo(1, 1, words):
            whole += 1
        size = whole * scale + rest
        if next(words) >> 63 == 0:
            return size
        if size > 0:
            return -size


def shown_count(release_key: bytes, what: Sequence[str], rows: int) -> int | None:
    """A count of a manifest, where it may be that there are none."""
    words = bits(release_key, "manifest count", u64be(rows), *(part.encode() for part in what))
    noisy = max(rows + laplace(2, words), 1)
    return None if noisy < BASE else (noisy + BASE // 2) // BASE * BASE
