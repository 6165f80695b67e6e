"""Frames of other libraries, none of which is imported before it is there or asked for.

What those libraries say when they fail may quote values: nothing of it is passed on.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ._errors import RowsError

if TYPE_CHECKING:
    from ._kobling import Table


def narrowed(data: Any, columns: Sequence[str], source: str) -> Any:
    """Of a frame whose library is known, only `columns`, so that nothing else is computed or
    converted; any other frame as it is. A column that is not there is refused later on, but
    for a lazy frame, which would be computed first."""
    polars = sys.modules.get("polars")
    if polars is not None:
        if isinstance(data, polars.LazyFrame):
            return _collected(polars, data, columns, source)
        if isinstance(data, polars.DataFrame):
            return data.select(columns) if set(columns) <= set(data.columns) else data
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(data, pandas.DataFrame):
        names = list(data.columns)
        once = all(names.count(column) == 1 for column in columns)
        return data[list(columns)] if once else data
    return data


def _collected(polars: Any, data: Any, columns: Sequence[str], source: str) -> Any:
    # From here on nothing has a value of the frame in its traceback.
    try:
        names = data.collect_schema().names()
    except Exception:
        failed: str | None = "resolve"
    else:
        failed = None
    if failed is not None:
        raise _cannot(failed, source)
    for column in columns:
        if column not in names:
            rule = "the frame has no such column"
            near = difflib.get_close_matches(column, names, 1)
            help = f'did you mean "{near[0]}"?' if near else None
            place = f"source {source}, column {column}: {rule}"
            text = place if help is None else f"{place}\n  help: {help}"
            raise RowsError(text, source=source, column=column, rule=rule, help=help)
    frame = None
    try:
        # By their literal names: `^.*$` is a name, not a pattern.
        frame = data.select(polars.selectors.by_name(*columns)).collect()
    except Exception:
        pass
    if frame is None:
        raise _cannot("compute", source)
    return frame


def _cannot(doing: str, source: str) -> RowsError:
    rule = f"polars cannot {doing} the lazy frame"
    help = (
        "collect the frame before giving it, to have polars say why; "
        "its text is not shown here, since it may quote values"
    )
    return RowsError(
        f"source {source}: {rule}\n  help: {help}", source=source, rule=rule, help=help
    )


def to_polars(table: Table) -> Any:
    import polars

    return polars.DataFrame(table)


def to_pandas(table: Table) -> Any:
    return to_arrow(table).to_pandas()


def to_arrow(table: Table) -> Any:
    import pyarrow

    return pyarrow.table(table)
