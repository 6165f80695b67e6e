"""What an agency does with its register."""

from __future__ import annotations

import operator
import warnings
from typing import Any

from . import _kobling
from ._data import Data, Path, path_of
from ._kobling import DomainKey, Extract, Plan
from ._progress import ProgressArgument


def pseudonymise(
    plan: Plan,
    source: str,
    data: Data,
    domain_key: DomainKey,
    *,
    memory: int | None = None,
    folder: Path = ".",
    progress: ProgressArgument = False,
) -> Extract:
    """Make the extract of an agency's register.

    Only the plan's columns are read. Rows whose identifier is missing or does not fit are
    quarantined and counted, never passed on: see `Extract.report`.

    Parameters
    ----------
    plan : Plan
        The plan, which must be allowed to run today.
    source : str
        Which of the plan's sources the register is.
    data : frame, LazyFrame, Query, cursor, path, or list of paths
        Anything with ``__arrow_c_stream__`` or ``__arrow_c_array__``, such as a frame of
        polars or pandas, a table or reader of pyarrow or arro3, or a relation of DuckDB; a
        polars ``LazyFrame``, of which no other columns than the plan's are computed, bit by
        bit since polars 1.39; a `Query` of a data base, or an ADBC cursor that was executed;
        or files and folders of CSV, Parquet or Arrow. pandas itself needs pyarrow for this.
    domain_key : DomainKey
        From the key custodian.
    memory : int, optional
        Sort within about so many bytes, at least 1; what does not fit is written,
        pseudonymised, to files in `folder` that are gone with the extract. Without it, all
        rows of the extract are held in memory.
    folder : str or os.PathLike, default "."
        Where those files are.
    progress : bool or callable, default False
        ``True`` shows a bar for each step if tqdm is installed, as by the extra ``progress``,
        and else a line; a callable gets a `Progress`, and cancels if it returns False.
        Of work that takes no time it is told at the end only, which cancels nothing any more.

    Returns
    -------
    Extract

    Raises
    ------
    WrongKeyError
        If the key is not that of the plan's domain.
    NotPermittedError
        If the plan may not run today.
    PlanError
        If it has no such source.
    RowsError
        If the register lacks a column, has it twice, or in a type that is not read; or if
        the frame cannot be had, or its data base fails. Why is not said then, since it may
        quote values. Or if a reader was read before.
    IdentifierError
        If an identifier does not fit, and the plan says so.
    FileError
        If a file cannot be read.
    TypeError, ValueError
        If an argument is of another kind, or `memory` is less than 1.
    CancelledError
        If `progress` returned False.
    KeyboardInterrupt
        On Ctrl-C. Nothing is left.

    Warns
    -----
    UserWarning
        What is to be minded of the extract, such as that the register has no rows. Its report
        has it, too.

    Examples
    --------
    >>> tax = kobling.pseudonymise(plan, "tax", pl.scan_parquet("tax.parquet"), domain_key)
    ...                                                                   # doctest: +SKIP
    """
    within = None if memory is None else (_bytes(memory), path_of(folder, "folder"))
    extract = _kobling.pseudonymise(plan, source, data, domain_key, within, progress)
    return warned(extract)


def identifier_report(
    plan: Plan,
    source: str,
    data: Data,
    *,
    exact: bool = False,
    progress: ProgressArgument = False,
) -> dict[str, Any]:
    """Say what the identifiers of a register are like; they are never shown.

    Parameters
    ----------
    plan : Plan
    source : str
        Which of the plan's sources the register is.
    data : frame, LazyFrame, Query, cursor, path, or list of paths
        As in `pseudonymise`. Only the identifier's columns are read, and those of the plan's
        ``keep``; of a frame or a query, no others need be there.
    exact : bool, default False
        Exact counts, which are for the agency only. Else they are rounded to 5, and 1 to 4
        are None, so that the report can be passed on.
    progress : bool or callable, default False
        As in `pseudonymise`.

    Returns
    -------
    dict
        Numbers of rows: ``rows``, ``filtered``, ``missing``, ``valid`` by kind,
        ``quarantined`` by reason, ``distinct``, ``repeated``, ``synthetic`` and so on; and
        ``warnings``.

    Raises
    ------
    Error
        As in `pseudonymise`.
    """
    return _kobling.identifier_report(plan, source, data, exact, progress)


def warned(extract: Extract) -> Extract:
    """The extract, after whoever called for it was told what is to be minded of it."""
    for warning in extract.report.warnings:
        warnings.warn(warning, stacklevel=3)
    return extract


def _bytes(memory: int) -> int:
    """How many bytes `memory` is; more than there can be are as many as there can be."""
    kind = type(memory).__name__
    if isinstance(memory, bool) or not hasattr(memory, "__index__"):
        raise TypeError(f"memory is a number of bytes, an int of at least 1, and not {kind}")
    memory = operator.index(memory)
    if memory < 1:
        raise ValueError("memory is a number of bytes, and at least 1; without it, all is held")
    return min(memory, 2**64 - 1)
