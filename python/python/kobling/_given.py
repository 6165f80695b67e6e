"""What a register was given as, made ready to be read."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ._errors import RowsError


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Given:
    """Rows that are about to be read, and what is to be done when they were.

    Attributes
    ----------
    rows : object
        What hands over Arrow's batches, or an iterator of such whose first says which columns
        there are.
    failed : tuple of str
        The rule and the help of the error, if it fails to.
    once : bool
        Whether it can be read once only, so that nothing means that it was read before.
    stop, end : callable
        Has whoever makes the rows stop, from another thread; closes what was opened for them.
    """

    rows: Any
    failed: tuple[str, str] = (
        "the reader of the record batches failed",
        "convert the frame to an Arrow table before giving it, to have its own library "
        "say why; its text is not shown here, since it may quote values",
    )
    once: bool = False
    stop: Callable[[], object] = _nothing
    end: Callable[[], object] = _nothing

    def cancel(self) -> None:
        _quietly(self.stop)

    def close(self) -> None:
        _quietly(self.end)


def _quietly(act: Callable[[], object]) -> None:
    """Does what changes nothing any more if it fails."""
    try:
        act()
    except Exception:
        pass


def missing_column(column: str, known: Iterable[str], source: str) -> RowsError:
    """That a register lacks a column, with the one that may be meant."""
    near = difflib.get_close_matches(column, list(known), 1)
    help = f'did you mean "{near[0]}"?' if near else None
    return rows_error(source, "there is no such column", help, column=column)


def rows_error(source: str, rule: str, help: str | None, *, column: str | None = None) -> RowsError:
    """An error of rows in no file, in the words in which the library puts one together."""
    place = f"source {source}" if column is None else f"source {source}, column {column}"
    text = f"{place}: {rule}" if help is None else f"{place}: {rule}\n  help: {help}"
    return RowsError(text, source=source, column=column, rule=rule, help=help)
