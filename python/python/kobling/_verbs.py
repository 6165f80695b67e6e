"""The verbs of the flow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import Any, Protocol, Union

from . import _kobling
from ._kobling import DomainKey, Extract, LinkageKey, Plan, Release, ReleaseKey
from ._progress import ProgressArgument

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
    data : frame, LazyFrame, path, or list of paths
        Anything with ``__arrow_c_stream__`` or ``__arrow_c_array__``, such as a frame of
        polars or pandas, a table or reader of pyarrow or a relation of DuckDB; a polars
        ``LazyFrame``, of which no other columns than the plan's are computed; or files and
        folders of CSV, Parquet or Arrow. pandas itself needs pyarrow for this.
    domain_key : DomainKey
        From the key custodian.
    memory : int, optional
        Sort within about so many bytes; what does not fit is written, pseudonymised, to
        files in `folder` that are gone with the extract. Without it, all rows are held in
        memory.
    folder : str or os.PathLike, default "."
        Where those files are.
    progress : bool or callable, default False
        ``True`` shows a line; a callable gets a `Progress`, and cancels if it returns False.

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
        the frame cannot be had. Why is not said then, since it may quote values.
    IdentifierError
        If an identifier does not fit, and the plan says so.
    FileError
        If a file cannot be read.
    CancelledError
        If `progress` returned False.
    KeyboardInterrupt
        On Ctrl-C. Nothing is left.

    Examples
    --------
    >>> tax = kobling.pseudonymise(plan, "tax", pl.scan_parquet("tax.parquet"), domain_key)
    ...                                                                   # doctest: +SKIP
    """
    within = None if memory is None else (memory, folder)
    return _kobling.pseudonymise(plan, source, data, domain_key, within, progress)


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
    data : frame, LazyFrame, path, or list of paths
        As in `pseudonymise`.
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


def link(
    plan: Plan,
    extracts: Iterable[Extract | Path],
    release_key: ReleaseKey,
    *,
    ledger: Path | None = None,
    perturbation: Path | None = None,
    out: Path | None = None,
    formats: Sequence[str] = ("arrow", "parquet", "csv"),
    report: Path | None = None,
    progress: ProgressArgument = False,
) -> Release:
    """Link extracts, tabulate, protect, and release.

    Parameters
    ----------
    plan : Plan
    extracts : iterable of Extract or path
        One for each of the plan's sources, in any order. An `Extract` is used up, also if
        linking is refused; a path is read.
    release_key : ReleaseKey
        The linkage unit's own.
    ledger : str or os.PathLike, optional
        The project's ledger: tables are protected together with all releases in it, and the
        release becomes its next entry. It is begun if there is none. What is in the ledger
        counts as released, whether it was written or not: so with a ledger name `out`, and
        all of the release is on the disk before the ledger has its entry.
    perturbation : str or os.PathLike, optional
        The linkage unit's perturbation file, for tables of method ``cell-key``.
    out : str or os.PathLike, optional
        Write the release to this new folder, as `Release.write` does.
    formats : sequence of str, default ("arrow", "parquet", "csv")
        In which formats.
    report : str or os.PathLike, optional
        Write the suppression report to this new file; with a ledger it is next to that
        otherwise, as ``ledger.report-3.jsonl`` for its third entry. It is for the linkage
        unit and the risk owner, and not for the recipient.
    progress : bool or callable, default False
        As in `pseudonymise`.

    Returns
    -------
    Release

    Raises
    ------
    ConsumedError
        If an extract was linked before. Then none is used up.
    ExtractError
        If an extract is damaged, forged, or made under another plan or with another key.
    LinkageError
        If the extracts are not those of the plan.
    ProtectionError
        If the tables cannot be protected as the plan asks.
    LedgerError
        If the ledger is damaged, of another project or key, or has a new entry since.
    TooLargeError
        If a figure cannot be held exactly.
    FileError
        If something cannot be read or written, or is in the way.
    CancelledError
        If `progress` returned False: nothing is written, and the ledger has no entry.
    KeyboardInterrupt
        On Ctrl-C. Nothing is left half done.
    """
    return _kobling.link(
        plan,
        list(extracts),
        release_key,
        (ledger, perturbation),
        (out, list(formats), report),
        progress,
    )


def compare(
    plan: Plan,
    extracts: Iterable[Extract | Path],
    release_key: ReleaseKey,
    *,
    ledger: Path | None = None,
    perturbation: Path | None = None,
    progress: ProgressArgument = False,
) -> list[dict[str, Any]]:
    """Try all methods of protection on a plan's tables, before one is chosen.

    What it says is measured against the true figures: it is for the linkage unit and the
    risk owner, and no part of a release. Nothing is written or spent.

    Parameters
    ----------
    plan : Plan
    extracts : iterable of Extract or path
        As in `link`; an `Extract` is used up.
    release_key : ReleaseKey
        The linkage unit's own.
    ledger, perturbation : str or os.PathLike, optional
        As in `link`.
    progress : bool or callable, default False
        As in `pseudonymise`.

    Returns
    -------
    list of dict
        One a method, with ``method`` and either ``refused``, why it does not fit, or
        ``tables``: of each ``table`` its ``measures``, with ``measure``, ``cells``,
        ``survived``, ``total_percent`` (0 to 100), ``average_distance``,
        ``root_mean_square``, ``hellinger``, ``unsafe_cells``, ``unsafe_published`` and
        ``unsafe_exact``.

    Raises
    ------
    Error
        As in `link`.
    """
    return _kobling.compare(plan, list(extracts), release_key, (ledger, perturbation), progress)


def rehearse(
    plan: Plan,
    registers: Mapping[str, Data],
    *,
    perturbation: Path | None = None,
    progress: ProgressArgument = False,
) -> Release:
    """Play all the roles on throwaway keys, in memory, to try a plan.

    Nothing made in a rehearsal passes for the real thing.

    Parameters
    ----------
    plan : Plan
        The plan; it need not be approved.
    registers : mapping of str to data
        The register of each of the plan's sources, as in `pseudonymise`.
    perturbation : str or os.PathLike, optional
        As in `link`.
    progress : bool or callable, default False
        As in `pseudonymise`.

    Returns
    -------
    Release

    Raises
    ------
    Error
        As in `pseudonymise` and `link`.
    """
    plan = plan.rehearsal()
    domain_key = LinkageKey.generate().domain_key(plan)
    extracts = [
        pseudonymise(plan, source, data, domain_key, progress=progress)
        for source, data in registers.items()
    ]
    return link(plan, extracts, ReleaseKey.generate(), perturbation=perturbation, progress=progress)


def synthesise(folder: Path, *, persons: int, seed: int = 1, format: str = "parquet") -> None:
    """Make up registers of persons who do not exist, to try a plan on.

    The folder gets a plan, ``plan.toml``, the registers that it links, and in ``truth`` what
    is true of each row. The same arguments give the same bytes.

    Parameters
    ----------
    folder : str or os.PathLike
        A new folder; nothing is overwritten.
    persons : int
        How many persons, up to 10 million.
    seed : int, default 1
        Keeps no secret.
    format : {"parquet", "arrow", "csv"}, default "parquet"

    Raises
    ------
    SynthesisError
        If there cannot be so many persons.
    FileError
        If something is there, or it cannot be written.
    """
    _kobling.synthesise(folder, persons, seed, format)
