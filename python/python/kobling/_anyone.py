"""What anyone may do: try a plan, on real registers or made-up ones, and look into files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _kobling
from ._agency import warned as warned_of_extract
from ._data import Data, Path, path_of
from ._kobling import Extract, LinkageKey, Plan, Release, ReleaseKey
from ._progress import ProgressArgument
from ._unit import warned as warned_of_release


def inspect(path: Path) -> dict[str, Any]:
    """Say what an extract, or a table of a release, says of itself.

    Nothing is verified beyond that the file can be read whole: `link` and `Extract.read`
    verify.

    Parameters
    ----------
    path : str or os.PathLike
        The file, or the folder of an extract that was written in parts.

    Returns
    -------
    dict
        ``kind`` (``extract`` or ``release``), ``sha256`` of the file, ``content`` (the digest
        that an extract names), ``rows``, ``says`` (what it says, by name) and ``columns``
        (Arrow types, by name).

    Raises
    ------
    ExtractError
        If it is neither, or damaged.
    FileError
        If it cannot be read.
    """
    return _kobling.inspect(path_of(path, "path"))


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
    TypeError
        If `registers` is no mapping.
    """
    if not isinstance(registers, Mapping):
        like = ", ".join(f'"{source}": …' for source in plan.sources)
        kind = type(registers).__name__
        raise TypeError(f"registers is a mapping of sources, {{{like}}}, and not {kind}")
    plan = plan.rehearsal()
    domain_key = LinkageKey.generate().domain_key(plan)
    extracts: list[Extract | Path] = []
    for source, data in registers.items():
        extract = _kobling.pseudonymise(plan, source, data, domain_key, None, progress)
        extracts.append(warned_of_extract(extract))
    keeps = (None, path_of(perturbation, "perturbation"))
    release_key = ReleaseKey.generate()
    release = _kobling.link(plan, extracts, release_key, keeps, (None, [], None), progress)
    return warned_of_release(release)


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
    _kobling.synthesise(path_of(folder, "folder"), persons, seed, format)
