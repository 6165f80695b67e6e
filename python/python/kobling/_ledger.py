"""The ledger, for the linkage unit: which releases a project has made, in a chain that holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path as FilePath
from typing import Any

from . import _show
from ._data import Path, path_of
from ._errors import LedgerError
from ._kobling import Plan, ReleaseKey, read_ledger


@dataclass(frozen=True)
class LedgerTable:
    """A table of a release, by what it was called when it was released.

    Attributes
    ----------
    name : str
        Its name in that release's plan.
    base : str
        The source that it is about.
    method : str
        The method of protection, with its settings, as plans name it.
    dimensions, measures : tuple of str
        Its columns.
    """

    name: str
    base: str
    method: str
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]


@dataclass(frozen=True)
class LedgerEntry:
    """One release.

    Attributes
    ----------
    number : int
        From 1.
    project : str
        The project; a rehearsal's is distinguished from the real one's.
    epoch : int
        The epoch of its pseudonyms.
    plan_digest : str
        SHA-256 of its plan, in hex.
    made_at : datetime.datetime
        When, in universal time.
    extracts : mapping of str to str
        Of each source the content digest of its extract, if it is known.
    rho : float
        What its noise spent: ρ of zero-concentrated differential privacy; 0 without noise.
    digest : str
        SHA-256 of the entry, in hex: what the release's ``manifest["ledger"]`` has, too.
    tables : tuple of LedgerTable
        What was released.
    """

    number: int
    project: str
    epoch: int
    plan_digest: str
    made_at: datetime
    extracts: Mapping[str, str]
    rho: float
    digest: str
    tables: tuple[LedgerTable, ...]

    def __str__(self) -> str:
        tables = ", ".join(table.name for table in self.tables)
        return f"{self.number}  {self.made_at:%Y-%m-%d %H:%M}  epoch {self.epoch}  {tables}"


@dataclass(frozen=True, repr=False)
class Ledger:
    """A project's ledger, verified: the releases that new ones are protected together with.

    `Ledger.read` reads it. It is a sequence of its entries: ``ledger[0]``, ``len(ledger)``,
    ``for entry in ledger``. No file is open, and nothing is to be closed.

    It is of the linkage unit, which alone has the key that opens it, and is for nobody else.
    Of the figures, fingerprints and sketches that the file has, nothing is here.

    Attributes
    ----------
    path : pathlib.Path
        Where it is.
    project : str
        The project; a rehearsal's is distinguished from the real one's.
    entries : tuple of LedgerEntry
        Oldest first.
    rho : float
        What the noise of all of them has spent: ρ of zero-concentrated differential privacy.
    """

    path: FilePath
    project: str
    entries: tuple[LedgerEntry, ...]
    rho: float
    _opened_by: tuple[Plan, ReleaseKey] = field(compare=False)

    @staticmethod
    def read(path: Path, plan: Plan, release_key: ReleaseKey) -> Ledger:
        """Read a ledger, and verify each entry, their chain, and the head.

        Parameters
        ----------
        path : str or os.PathLike
            The ledger; its head lies next to it.
        plan : Plan
            Any plan of the project; its rehearsal for a rehearsal's ledger.
        release_key : ReleaseKey
            The linkage unit's own.

        Returns
        -------
        Ledger

        Raises
        ------
        LedgerError
            If it is damaged, cut, forged, of another project or key, or may be read by others
            than its owner.
        FileError
            If it is not there, or cannot be read.
        KeyboardInterrupt
            On Ctrl-C, while another process has it.
        """
        text = path_of(path, "path")
        read = json.loads(read_ledger(text, plan, release_key))
        return Ledger(
            path=FilePath(text),
            project=read["project"],
            entries=tuple(_entry(entry) for entry in read["entries"]),
            rho=read["rho_billionths"] / 1e9,
            _opened_by=(plan, release_key),
        )

    def verify(self) -> None:
        """Verify the file once more, and that it still begins with these entries.

        There may be new entries behind them. So whoever keeps a ledger that was read, or its
        last entry's digest, finds it out if the file was put back as it once was.

        Raises
        ------
        LedgerError
            If the ledger would not be read again, or does not have these entries any more.
        FileError
            If it is not there any more, or cannot be read.
        """
        now = Ledger.read(self.path, *self._opened_by)
        if now.entries[: len(self.entries)] != self.entries:
            rule = "does not begin with the entries that it had: it was put back, or made anew"
            raise LedgerError(f"{self.path}: {rule}", file=self.path, rule=rule)

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, at: int) -> LedgerEntry:
        return self.entries[at]

    def __iter__(self) -> Iterator[LedgerEntry]:
        return iter(self.entries)

    def __repr__(self) -> str:
        count = len(self.entries)
        return f"<Ledger of {self.project}, {count} {'entry' if count == 1 else 'entries'}>"

    def __str__(self) -> str:
        return "\n".join([repr(self), *(f"  {entry}" for entry in self.entries)])

    def _repr_html_(self) -> str:
        rows = [
            [
                str(entry.number),
                f"{entry.made_at:%Y-%m-%d %H:%M}",
                str(entry.epoch),
                ", ".join(table.name for table in entry.tables),
                entry.plan_digest[:12],
            ]
            for entry in self.entries
        ]
        columns = ["entry", "made at (UTC)", "epoch", "tables", "plan"]
        return _show.grid_html(f"Ledger of {self.project}", columns, rows, right={0, 2})


def _entry(read: dict[str, Any]) -> LedgerEntry:
    tables = read.pop("tables")
    made_at = datetime.fromisoformat(read.pop("made_at").replace("Z", "+00:00"))
    rho = read.pop("rho_billionths") / 1e9
    each = tuple(
        LedgerTable(
            table["name"],
            table["base"],
            table["method"],
            tuple(table["dimensions"]),
            tuple(table["measures"]),
        )
        for table in tables
    )
    return LedgerEntry(**read, made_at=made_at, rho=rho, tables=each)


for _class in [LedgerTable, LedgerEntry, Ledger]:
    _class.__module__ = "kobling"
