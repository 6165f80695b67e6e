"""Frames of other libraries, none of which is imported before it is there or asked for.

What those libraries say when they fail may quote values: nothing of it is passed on.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ._database import Query, of_cursor
from ._given import Given, missing_column, rows_error

if TYPE_CHECKING:
    from ._kobling import Table

#: Rows of a lazy frame that are computed before they are handed over: as many as are worked
#: on at once.
_BATCH_ROWS = 65_536

#: Before this version of polars a query that fails gives its batches up to there, and ends as
#: if there were no more rows.
_FAILS_SINCE = (1, 39)


def given(data: Any, columns: Sequence[str], source: str) -> Given:
    """The rows of a register, of which only `columns` are asked for where its library is
    known, so that nothing else is computed or converted."""
    columns = list(columns)
    if isinstance(data, Query):
        return data._given(columns, source)
    polars = sys.modules.get("polars")
    if polars is not None:
        if isinstance(data, polars.LazyFrame):
            return _lazy(polars, data, columns, source)
        if isinstance(data, polars.DataFrame):
            _check(columns, data.columns, source)
            return Given(data.select(polars.selectors.by_name(*columns)))
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(data, pandas.DataFrame):
        names = list(data.columns)
        _check(columns, [name for name in names if isinstance(name, str)], source)
        once = all(names.count(column) == 1 for column in columns)
        return Given(data[columns] if once else data)
    if not hasattr(data, "__arrow_c_stream__") and not hasattr(data, "__arrow_c_array__"):
        of_data_base = of_cursor(data, source)
        # What it is none of is said by who takes it.
        return Given(data) if of_data_base is None else of_data_base
    return Given(data, once=hasattr(data, "read_next_batch"))


def _check(columns: Sequence[str], names: Sequence[str], source: str) -> None:
    for column in columns:
        if column not in names:
            raise missing_column(column, names, source)


def _lazy(polars: Any, data: Any, columns: Sequence[str], source: str) -> Given:
    # From here on nothing has a value of the frame in its traceback.
    try:
        names = data.collect_schema().names()
    except Exception:
        names = None
    if names is None:
        raise rows_error(source, *_cannot("resolve"))
    _check(columns, names, source)
    rows = None
    try:
        # By their literal names: `^.*$` is a name, not a pattern.
        frame = data.select(polars.selectors.by_name(*columns))
        if _gives_batches(polars):
            # It says which columns there are, also where no batch comes.
            empty = polars.DataFrame(schema=frame.collect_schema())
            batches = frame.collect_batches(chunk_size=_BATCH_ROWS, lazy=True)
            rows = itertools.chain([empty], batches)
        else:
            # It holds the columns in memory.
            rows = frame.collect(engine="streaming")
    except Exception:
        pass
    if rows is None:
        raise rows_error(source, *_cannot("compute"))
    return Given(rows, _cannot("compute"))


def _gives_batches(polars: Any) -> bool:
    """Whether a lazy frame comes in batches, and says so if it fails."""
    version = re.match(r"(\d+)\.(\d+)", str(polars.__version__))
    if version is None or not hasattr(polars.LazyFrame, "collect_batches"):
        return False
    return (int(version[1]), int(version[2])) >= _FAILS_SINCE


def _cannot(doing: str) -> tuple[str, str]:
    return (
        f"polars cannot {doing} the lazy frame",
        "collect the frame before giving it, to have polars say why; "
        "its text is not shown here, since it may quote values",
    )


def to_polars(table: Table) -> Any:
    import polars

    return polars.DataFrame(table)


def to_pandas(table: Table) -> Any:
    return to_arrow(table).to_pandas()


def to_arrow(table: Table) -> Any:
    import pyarrow

    return pyarrow.table(table)
