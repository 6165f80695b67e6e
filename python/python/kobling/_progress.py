"""How far long steps are: for whoever calls, for a terminal, and for the log."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TextIO, Union

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
        ``protected``, ``suppressed``, ``audited``, ``released`` or ``written`` of a table.
    name : str
        The source or table, by its name in the plan.
    done : int
        How much of it is done: rows of a source; ranges of pseudonyms that were linked;
        rounds of suppression; bytes that were written.
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


class Shown(Protocol):
    """What shows how far the work is."""

    def show(self, who: str, progress: Progress) -> None: ...
    def clear(self) -> None: ...


class Reporter:
    """Who is told how far the work is, some fifty times a second at most."""

    def __init__(self, told: Callable[[Progress], object] | None, shown: Shown | None) -> None:
        self._told = told
        self._shown = shown
        self._logged: tuple[str, str] | None = None

    def report(self, step: str, name: str, done: int, of: int | None, words: str) -> bool:
        """Tell, and say whether the work is to go on."""
        if self._logged != (step, name):
            self._logged = (step, name)
            _log.debug("%s %s", step, name)
        progress = Progress(step, name, done, of, words)
        if self._shown is not None:
            who = f"agency {name}" if step in _OF_AGENCIES else "linkage unit"
            self._shown.show(who, progress)
        if self._told is None:
            return True
        return self._told(progress) is not False

    def close(self) -> None:
        """Leave nothing behind: also where the work failed, or was interrupted."""
        if self._shown is not None:
            self._shown.clear()


class Line:
    """A line that changes, on the terminal or below a notebook's cell."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = 0

    def show(self, who: str, progress: Progress) -> None:
        text = f"{who}: {progress.words}"
        self._stream.write("\r" + text.ljust(self._shown))
        self._stream.flush()
        self._shown = len(text)

    def clear(self) -> None:
        if self._shown:
            self._stream.write("\r" + " " * self._shown + "\r")
            self._stream.flush()
            self._shown = 0


#: What a step counts, where it counts something.
_UNITS = {
    "read": " rows",
    "pseudonymised": " rows",
    "sorted": " rows",
    "linked": " ranges",
    "suppressed": " rounds",
    "written": "B",
}


class Bars:
    """A bar of tqdm's for each step, below one another while they are about the same source or
    table. Each ends with the next source or table, or with the work, and goes away."""

    def __init__(self, tqdm: Callable[..., Any], stream: TextIO) -> None:
        self._tqdm = tqdm
        self._stream = stream
        self._name = ""
        self._open: dict[str, Any] = {}

    def show(self, who: str, progress: Progress) -> None:
        if progress.name != self._name:
            self.clear()
            self._name = progress.name
        bar = self._open.get(progress.step)
        if bar is None:
            unit = _UNITS.get(progress.step, "")
            what = progress.step if progress.name in who else f"{progress.step} {progress.name}"
            bar = self._open[progress.step] = self._tqdm(
                desc=f"{who}: {what}",
                total=progress.of,
                unit=unit,
                unit_scale=unit in {" rows", "B"},
                leave=False,
                file=self._stream,
                # The library says how far it is often enough, and no more often.
                miniters=1,
                mininterval=0,
            )
        bar.update(progress.done - bar.n)

    def clear(self) -> None:
        # The last first: those above it keep their place.
        while self._open:
            _, bar = self._open.popitem()
            bar.close()


def _shown() -> Shown:
    """Bars where tqdm is installed, as by the extra `progress`; a line elsewhere."""
    try:
        with warnings.catch_warnings():
            # That a notebook lacks widgets, for which it shows bars of text.
            warnings.simplefilter("ignore")
            from tqdm.auto import tqdm
    except ImportError:
        return Line(sys.stderr)
    return Bars(tqdm, sys.stderr)


def reporter(progress: ProgressArgument) -> Reporter | None:
    """Who is told, of what a verb's `progress` is; nobody if nobody wants to know."""
    if progress is True:
        return Reporter(None, _shown())
    if progress is False:
        return Reporter(None, None) if _log.isEnabledFor(logging.DEBUG) else None
    if callable(progress):
        return Reporter(progress, None)
    raise TypeError(f"progress is True, False or callable, and not {type(progress).__name__}")
