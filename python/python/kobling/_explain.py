"""What keeps one suppressed figure uncertain, or which it guards: for the linkage unit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import _kobling, _show
from ._data import Path
from ._kobling import Extract, Plan, ReleaseKey
from ._progress import ProgressArgument
from ._unit import keeps_of, listed_of

_Cell = Mapping[str, "str | None"]


@dataclass(frozen=True)
class ChangedCell:
    """An inner cell: of the finest table of which all that have the same rows are sums.

    Attributes
    ----------
    cell : mapping of str to (str or None)
        By dimension the category; None if it is missing. The condition of a count is a
        dimension, too.
    value : str
        What it holds.
    other : str
        What it holds in the other table.
    """

    cell: _Cell
    value: str = field(repr=False)
    other: str = field(repr=False)


@dataclass(frozen=True)
class OtherTable:
    """A table that agrees with all that is published, by what differs from the true one.

    Attributes
    ----------
    value : str
        What the figure is there.
    cells : tuple of ChangedCell
        The inner cells that differ.
    earlier : int
        How many cells of earlier releases differ, too.
    """

    value: str = field(repr=False)
    cells: tuple[ChangedCell, ...]
    earlier: int


@dataclass(frozen=True)
class Explanation:
    """What becomes of one figure, and what shows that it stays uncertain if it is unsafe.

    It has true figures, of suppressed cells and of those that other tables differ in: it is
    for the linkage unit and the risk owner, and no part of a release. Its ``repr`` has none
    of them; ``print`` shows all.

    Attributes
    ----------
    table, measure : str
        Which figure it is.
    cell : mapping of str to (str or None)
        And its categories, as they were asked for.
    status : str
        ``safe``, ``excepted``, ``suppressed`` or ``perturbed``.
    reason : str or None
        Why it is suppressed, if it is: as in `SuppressedFigure`.
    value : str or None
        What it is, as its inner cells add up; of a mean, the sum. Numbers of persons who may
        have several rows do not add up: their proofs are about this number.
    tables : tuple of OtherTable
        Of an unsafe figure: other tables that agree with all that is published, in which it is
        another one.
    guards : tuple of mapping
        Of a figure that is safe and suppressed: by dimension the categories of the unsafe ones
        whose proofs change it.
    conclusion : str
        What they show, in words.
    """

    table: str
    measure: str
    cell: _Cell
    status: str
    reason: str | None
    value: str | None
    tables: tuple[OtherTable, ...]
    guards: tuple[_Cell, ...]
    conclusion: str

    def __repr__(self) -> str:
        return f"<Explanation of {self.table}, {self.measure}: {self.status}>"

    def _title(self) -> str:
        cell = "".join(f", {place} = {_category(of)}" for place, of in self.cell.items())
        reason = "" if self.reason is None else f" ({self.reason})"
        value = "" if self.value is None else f"; it is {self.value}"
        return f"{self.table}, {self.measure}{cell}: {self.status}{reason}{value}"

    def _parts(self) -> list[tuple[str, list[str], list[list[str]], int]]:
        """Of each table and of what is guarded the title, columns, rows, and how many of these
        columns are numbers."""
        parts = []
        for number, table in enumerate(self.tables, 1):
            columns, rows = _rows([cell.cell for cell in table.cells])
            for row, cell in zip(rows, table.cells, strict=True):
                row += [cell.value, cell.other]
            title = f"It may be {table.value}: table {number}"
            parts.append((title, [*columns, "is", "there"], rows, 2))
        if self.guards:
            title = "It is suppressed for these, which are unsafe:"
            parts.append((title, *_rows(self.guards), 0))
        return parts

    def __str__(self) -> str:
        lines = [self._title(), ""]
        for at, (title, columns, rows, numbers) in enumerate(self._parts()):
            right = set(range(len(columns) - numbers, len(columns)))
            lines += [title, "", *_show.grid_text(columns, rows, right=right)]
            if at < len(self.tables) and self.tables[at].earlier:
                lines.append(f"and {self.tables[at].earlier} cells of earlier releases")
            lines.append("")
        return "\n".join([*lines, self.conclusion])

    def _repr_html_(self) -> str:
        html = [_show.text_html(self._title())]
        for at, (title, columns, rows, numbers) in enumerate(self._parts()):
            right = set(range(len(columns) - numbers, len(columns)))
            notes = []
            if at < len(self.tables) and self.tables[at].earlier:
                notes.append(f"and {self.tables[at].earlier} cells of earlier releases")
            html.append(_show.grid_html(title, columns, rows, right=right, notes=notes))
        html.append(_show.text_html(self.conclusion))
        return f"<div>{''.join(html)}</div>"


def explain(
    plan: Plan,
    extracts: Iterable[Extract | Path],
    release_key: ReleaseKey,
    *,
    table: str,
    measure: str,
    cell: _Cell | None = None,
    entry: int | None = None,
    ledger: Path | None = None,
    perturbation: Path | None = None,
    progress: ProgressArgument = False,
) -> Explanation:
    """Show what keeps one suppressed figure uncertain, or which it guards.

    The same extracts, plan, ledger and release key give the figures that `link` gave. What it
    says has true figures: it is for the linkage unit and the risk owner. Nothing is written.

    Parameters
    ----------
    plan : Plan
    extracts : iterable of Extract or path
        As in `link`; an `Extract` is used up.
    release_key : ReleaseKey
        The linkage unit's own.
    table : str
        The figure's table.
    measure : str
        The figure's measure, as the release's column is called.
    cell : mapping of str to (str or None), optional
        By dimension the category of the figure's cell, such as ``{"sex": "female"}``; of a
        coarser level ``{"municipality.county": "03"}``. Of a dimension that is not named it is
        the total. None is the category of missing values.
    entry : int, optional
        Explain it as when the ledger's entry of this number was made, without that entry and
        later ones.
    ledger, perturbation : str or os.PathLike, optional
        As in `link`.
    progress : bool or callable, default False
        As in `pseudonymise`.

    Returns
    -------
    Explanation

    Raises
    ------
    ProtectionError
        If there is no such figure or entry, if its table's method is not ``suppress``, or if
        the tables cannot be protected.
    TypeError, ValueError
        If an argument is of another kind, or `entry` is named without a ledger.
    Error
        As in `link`.
    """
    if entry is not None and ledger is None:
        raise ValueError("entry is one of the ledger: name the ledger, too")
    if cell is not None and not isinstance(cell, Mapping):
        raise TypeError(
            'cell is a mapping of dimensions, {"sex": "female"}, and not ' + type(cell).__name__
        )
    places = list((cell or {}).items())
    for place, category in places:
        if not isinstance(place, str) or not (category is None or isinstance(category, str)):
            raise TypeError("cell has names of dimensions, as str, with categories, as str or None")
    said = _kobling.explain(
        plan,
        listed_of(extracts, "extracts"),
        release_key,
        keeps_of(ledger, perturbation),
        (table, measure, places, entry),
        progress,
    )
    read = json.loads(said)
    explanation = read["explanation"]
    return Explanation(
        table=table,
        measure=measure,
        cell=dict(places),
        status=explanation["status"],
        reason=explanation.get("reason"),
        value=explanation.get("value"),
        tables=tuple(_table(other) for other in explanation["tables"]),
        guards=tuple(explanation["guards"]),
        conclusion=read["conclusion"],
    )


def _table(read: dict[str, Any]) -> OtherTable:
    cells = tuple(ChangedCell(**cell) for cell in read["cells"])
    return OtherTable(read["value"], cells, read["earlier"])


def _category(category: str | None) -> str:
    return category or "(missing)"


def _rows(cells: Sequence[_Cell]) -> tuple[list[str], list[list[str]]]:
    """The dimensions of all cells, and of each cell its category in them, if it has one."""
    names = sorted({name for cell in cells for name in cell})
    rows = [[_category(cell[name]) if name in cell else "" for name in names] for cell in cells]
    return names, rows


for _class in [ChangedCell, OtherTable, Explanation]:
    _class.__module__ = "kobling"
