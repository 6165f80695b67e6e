"""What a register may be: a frame, a query, or where its files are; and what a path is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from os import PathLike
from typing import Any, Protocol, Union, overload

from ._database import Query

Path = Union[str, "PathLike[str]"]


class ArrowStream(Protocol):
    """What hands over its rows as a stream of Arrow's."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


class ArrowArray(Protocol):
    """What hands over its rows as one Arrow struct array."""

    def __arrow_c_array__(
        self, requested_schema: object | None = None
    ) -> tuple[object, object]: ...


class LazyFrame(Protocol):
    """A lazy frame of polars'."""

    def collect_schema(self) -> Any: ...


class Cursor(Protocol):
    """A cursor of ADBC's, whose query was executed."""

    def fetch_record_batch(self) -> Any: ...


#: A register: a frame, a query, or where its files are.
Data = Union[ArrowStream, ArrowArray, LazyFrame, Query, Cursor, Path, Sequence[Path]]


@overload
def path_of(path: Path, argument: str) -> str: ...
@overload
def path_of(path: Path | None, argument: str) -> str | None: ...
def path_of(path: Path | None, argument: str) -> str | None:
    """What a verb's `argument` is as a path; nothing, if it was not given."""
    if path is None:
        return None
    try:
        text = os.fspath(path)
    except TypeError:
        text = None
    if isinstance(text, str):
        return text
    raise TypeError(f"{argument} is a path, as str or os.PathLike, and not {type(path).__name__}")
