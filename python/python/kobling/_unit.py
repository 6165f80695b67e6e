"""What the linkage unit does with extracts."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import TypeVar, cast

from . import _kobling
from ._compare import Comparison
from ._data import Path, path_of
from ._kobling import Extract, Plan, Release, ReleaseKey
from ._progress import ProgressArgument

_T = TypeVar("_T")


def listed_of(several: Iterable[_T], of: str) -> list[_T]:
    """A list of `several`; text is one of letters, and is not meant so."""
    if isinstance(several, (str, bytes)):
        raise TypeError(f"{of} is a list, and this is one path: write [{several!r}]")
    listed = list(several)
    for item in listed:
        if not isinstance(item, Extract):
            path_of(cast(Path, item), f"each of {of}")
    return listed


def keeps_of(ledger: Path | None, perturbation: Path | None) -> tuple[str | None, str | None]:
    return path_of(ledger, "ledger"), path_of(perturbation, "perturbation")


def _places(
    out: Path | None, formats: Sequence[str], report: Path | None
) -> tuple[str | None, list[str], str | None]:
    return path_of(out, "out"), list(formats), path_of(report, "report")


def warned(release: Release) -> Release:
    """The release, after whoever called for it was told what is to be minded of it."""
    for warning in release.warnings:
        warnings.warn(warning, stacklevel=3)
    return release


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

    Warns
    -----
    UserWarning
        What is to be minded of the release. Its `warnings` has it, too.
    """
    return warned(
        _kobling.link(
            plan,
            listed_of(extracts, "extracts"),
            release_key,
            keeps_of(ledger, perturbation),
            _places(out, formats, report),
            progress,
        )
    )


def link_part(
    plan: Plan,
    extracts: Iterable[Extract | Path],
    release_key: ReleaseKey,
    *,
    part: int,
    of: int,
    out: Path,
    progress: ProgressArgument = False,
) -> None:
    """Link and tabulate one part of the persons, and seal its tables for `merge`.

    The parts of a run are made on several machines, within less memory, or one after
    another. Of an extract that was written in parts, only the files of these persons are
    read.

    Parameters
    ----------
    plan : Plan
    extracts : iterable of Extract or path
        As in `link`; an `Extract` is used up, and so paths suit better.
    release_key : ReleaseKey
        The linkage unit's own. Only it opens what is sealed.
    part : int
        Which part, from 0.
    of : int
        Of how many, from 1 to 4096.
    out : str or os.PathLike
        The new file of sealed tables.
    progress : bool or callable, default False
        As in `pseudonymise`.

    Raises
    ------
    Error
        As in `link`.
    """
    listed, out = listed_of(extracts, "extracts"), path_of(out, "out")
    _kobling.link_part(plan, listed, release_key, (part, of), out, progress)


def merge(
    plan: Plan,
    parts: Iterable[Path],
    release_key: ReleaseKey,
    *,
    ledger: Path | None = None,
    perturbation: Path | None = None,
    out: Path | None = None,
    formats: Sequence[str] = ("arrow", "parquet", "csv"),
    report: Path | None = None,
    progress: ProgressArgument = False,
) -> Release:
    """Make the release of all parts of a run: the same, bit for bit, that `link` makes.

    Parameters
    ----------
    plan : Plan
    parts : iterable of path
        What `link_part` sealed: every part once, in any order.
    release_key : ReleaseKey
        The one that they were sealed under.
    ledger, perturbation, out, formats, report
        As in `link`.
    progress : bool or callable, default False
        As in `pseudonymise`.

    Returns
    -------
    Release

    Raises
    ------
    Error
        As in `link`; if a part is missing, is there twice, is of another run, or is damaged.
    """
    return warned(
        _kobling.merge(
            plan,
            listed_of(parts, "parts"),
            release_key,
            keeps_of(ledger, perturbation),
            _places(out, formats, report),
            progress,
        )
    )


def compare(
    plan: Plan,
    extracts: Iterable[Extract | Path],
    release_key: ReleaseKey,
    *,
    ledger: Path | None = None,
    perturbation: Path | None = None,
    progress: ProgressArgument = False,
) -> Comparison:
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
    Comparison
        A list of one dict a method, with ``method`` and either ``refused``, why it does not fit, or
        ``tables``: of each ``table`` its ``measures``, with ``measure``, ``cells``,
        ``survived``, ``total_percent`` (0 to 100), ``average_distance``,
        ``root_mean_square``, ``hellinger``, ``unsafe_cells``, ``unsafe_published`` and
        ``unsafe_exact``.

    Raises
    ------
    Error
        As in `link`.
    """
    listed, keeps = listed_of(extracts, "extracts"), keeps_of(ledger, perturbation)
    return Comparison(_kobling.compare(plan, listed, release_key, keeps, progress))
