"""Canonical forms of identifiers of no country; those of a country are their digits."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

#: Unicode's White_Space, which `str.isspace` is not.
WHITE_SPACE = {
    chr(code) for code in [*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)]
}
WHITE_SPACE |= {"\u2028", "\u2029", "\u202f", "\u205f", "\u3000"}


def words(text: str) -> list[str]:
    spaced = "".join(" " if character in WHITE_SPACE else character for character in text)
    return [word for word in spaced.split(" ") if word]


def trimmed(text: str) -> str:
    return text.strip("".join(WHITE_SPACE))


def digits(text: str) -> str:
    """The digits of a written number, which a column of floats may have given a fraction."""
    whole, point, fraction = trimmed(text).partition(".")
    assert whole.isascii() and whole.isdigit()
    if point:
        assert fraction and set(fraction) == {"0"} and int(whole) < 2**53
    return whole


def folded(character: str) -> str:
    if character == "ı":
        return character
    upper = "".join(lower.upper() for lower in character.lower())
    return "".join(each.lower() for each in upper)


def text(written: str) -> str:
    """Any text, compared without case and without regard to white space."""
    form = written
    for _ in range(9):
        assert len(form.encode()) <= 1024
        before = form
        mapped = "".join(map(folded, unicodedata.normalize("NFKC", form)))
        form = " ".join(words(unicodedata.normalize("NFKC", mapped)))
        if form == before:
            break
    assert form and form == before
    return form


def email(written: str) -> str:
    composed = unicodedata.normalize("NFC", trimmed(written))
    return unicodedata.normalize("NFC", "".join(each.lower() for each in composed))


def of_a_country(written: str) -> str:
    """The digits of a number, which people group with spaces and dashes."""
    return trimmed(written).replace(" ", "").replace("-", "")


def number(written: str) -> str:
    return digits(written).lstrip("0") or "0"


def upper(written: str) -> str:
    return trimmed(written).upper()


#: Of the other types, how what is written in the usual way becomes its canonical form.
FORMS: dict[str, Callable[[str], str]] = {
    "text": text,
    "email": email,
    "number": number,
    "date": trimmed,
    "fi-hetu": upper,
}


def canonical(kind: str, written: str) -> str:
    if kind.startswith("digits("):
        return digits(written).zfill(int(kind[len("digits(") : -1]))
    return FORMS.get(kind, of_a_country)(written)
