"""What a register may be: a frame, or where its files are."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any, Protocol, Union

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


#: A register: a frame, or where its files are.
Data = Union[ArrowStream, ArrowArray, LazyFrame, Path, Sequence[Path]]
