"""How far long steps are: for whoever calls, for a terminal, and for the log."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO, Union

_log = logging.getLogger("kobling")

#: Steps of an agency; all others are the linkage unit's.
_OF_AGENCIES = frozenset(["read", "pseudonymised", "sorted"])


@dataclass(frozen=True)
class Progress:
    """How far a long step is.

    Attributes
    ----------
    step : str
        ``read``, ``pseudonymised`` or ``sorted`` of a source; ``linked``, ``merged``,
        ``protected``, ``suppressed``, ``audited`` or ``released`` of a table.
    name : str
        The source or table, by its name in the plan.
    done : int
        How much of it is done: rows of a source; ranges of pseudonyms that were linked;
        rounds of suppression.
    of : int or None
        Of how much, where that is known.
    words : str
        The same in words.
    """

    step: str
    name: str
    done: int
    of: int | None
    words: str


#: What a verb's `progress` may be.
ProgressArgument = Union[bool, Callable[[Progress], object]]


class Reporter:
    """Who is told how far the work is, some fifty times a second at most."""

    def __init__(self, told: Callable[[Progress], object] | None, line: Line | None) -> None:
        self._told = told
        self._line = line
        self._logged: tuple[str, str] | None = None

    def report(self, step: str, name: str, done: int, of: int | None, words: str) -> bool:
        """Tell, and say whether the work is to go on."""
        if self._logged != (step, name):
            self._logged = (step, name)
            _log.debug("%s %s", step, name)
        if self._line is not None:
            who = f"agency {name}" if step in _OF_AGENCIES else "linkage unit"
            self._line.show(f"{who}: {words}")
        if self._told is None:
            return True
        return self._told(Progress(step, name, done, of, words)) is not False

    def close(self) -> None:
        """Leave no line behind."""
        if self._line is not None:
            self._line.clear()


class Line:
    """A line that changes, on the terminal or below a notebook's cell."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = 0

    def show(self, text: str) -> None:
        self._stream.write("\r" + text.ljust(self._shown))
        self._stream.flush()
        self._shown = len(text)

    def clear(self) -> None:
        if self._shown:
            self._stream.write("\r" + " " * self._shown + "\r")
            self._stream.flush()
            self._shown = 0


def reporter(progress: ProgressArgument) -> Reporter | None:
    """Who is told, of what a verb's `progress` is; nobody if nobody wants to know."""
    if progress is True:
        return Reporter(None, Line(sys.stderr))
    if progress is False:
        return Reporter(None, None) if _log.isEnabledFor(logging.DEBUG) else None
    if callable(progress):
        return Reporter(progress, None)
    raise TypeError(f"progress is True, False or callable, and not {type(progress).__name__}")
