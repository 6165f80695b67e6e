"""What the auditor found, and why figures are suppressed: for the linkage unit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, Literal

from . import _show
from ._data import Path, path_of
from ._errors import FileError


@dataclass(frozen=True)
class Audit:
    """What the auditor found of one quantity: it passed, for otherwise there is no release.

    For the linkage unit and the risk owner, and no part of a release: how little is left of the
    most certain unsafe figure discloses which suppressed ones are not unsafe.

    Attributes
    ----------
    measures : tuple of str
        What was audited, as ``table.measure``: all that publish the quantity.
    cells : int
        Published and suppressed cells of this release together.
    earlier : int
        Cells of earlier releases that it was audited together with.
    suppressed : int
        Suppressed cells, of this release and of earlier ones.
    undecided : int
        Those among them that are suppressed only since the suppressor's budget ended before
        it was decided whether they can be published.
    unasked_singletons : int
        Singletons, the only contributors to a cell, who were not asked after within the budget.
    narrowest : float or None
        How far apart the values are that are shown to be possible, of the unsafe cell for which
        it is least; in units of the measure's last decimal. None if nothing is unsafe, or no
        end is known.
    count_interval : "full", int, or None
        Of numbers of persons, what the plan promises of an unsafe one: so many consecutive
        values stay possible, or all from 1 to ``min_persons`` − 1. None of other quantities.
    fewest_values : int or None
        Of the unsafe number for which fewest values are proven to be possible, so many are.
    primes : tuple of int, or None
        The two primes of the exact test of subtraction, to repeat it. None of numbers of
        persons, which proofs show to be uncertain.
    """

    measures: tuple[str, ...]
    cells: int
    earlier: int
    suppressed: int
    undecided: int
    unasked_singletons: int
    narrowest: float | None
    count_interval: Literal["full"] | int | None
    fewest_values: int | None
    primes: tuple[int, int] | None

    @property
    def promise(self) -> str:
        """Which promise is kept, in words."""
        if self.count_interval == "full":
            return "of an unsafe number every value from 1 to min_persons − 1 stays possible"
        if self.count_interval is not None:
            return f"of an unsafe number at least {self.count_interval} values stay possible"
        return "no unsafe figure follows from published ones, nor is estimated too nearly"

    def __str__(self) -> str:
        lines = [
            f"{', '.join(self.measures)}: {self.suppressed} of {self.cells} cells suppressed",
            f"  kept: {self.promise}",
        ]
        if self.fewest_values is not None:
            lines.append(f"  fewest possible values of an unsafe one: {self.fewest_values}")
        if self.narrowest is not None:
            lines.append(f"  narrowest interval of an unsafe one: {self.narrowest:g}")
        if self.earlier:
            lines.append(f"  audited together with {self.earlier} cells of earlier releases")
        if self.undecided:
            lines.append(f"  suppressed since the budget ended: {self.undecided}")
        if self.unasked_singletons:
            lines.append(f"  singletons who were not asked after: {self.unasked_singletons}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return _show.text_html(str(self))


@dataclass(frozen=True)
class SuppressedFigure:
    """One suppressed figure, and why it is.

    Attributes
    ----------
    table, measure : str
        Where it is.
    cell : mapping of str to (str or None)
        By dimension the category. None means a missing value, and also all categories where
        the level is ``total``.
    level : mapping of str to str
        By dimension the level of the category: the dimension's own name, the name of a coarser
        level, or ``total``.
    reason : str
        The rule that finds it unsafe, as the plan names it; ``differencing``, if an earlier
        release has nearly the same figure; or ``complementary``, if it is safe and would
        disclose an unsafe one.
    entry : int or None
        Of ``differencing`` the number of the earlier release in the ledger.
    """

    table: str
    measure: str
    cell: Mapping[str, str | None]
    level: Mapping[str, str]
    reason: str
    entry: int | None


@dataclass(frozen=True)
class SuppressionReport:
    """Why each suppressed figure of a release is suppressed.

    `link` and `merge` write it: to the file that `report` names, or with a ledger next to that.
    It is for the linkage unit and the risk owner, and not for the recipient: a reason bounds
    the value that is suppressed.

    Attributes
    ----------
    project : str
        The project.
    rehearsal : bool
        Whether it is of a rehearsal.
    plan_digest : str
        SHA-256 of the plan, in hex.
    ledger_entry : int or None
        The number of the release's entry in the ledger, if there is a ledger.
    ledger_costs : mapping or None
        By table and measure, how many more figures are suppressed for what earlier releases
        have. None without earlier releases.
    tables : mapping
        By table and measure, how many figures are suppressed for which reason.
    audits : tuple of Audit
        What the auditor found.
    figures : tuple of SuppressedFigure
        By table and cell.
    """

    project: str
    rehearsal: bool
    plan_digest: str
    ledger_entry: int | None
    ledger_costs: Mapping[str, Mapping[str, int]] | None
    tables: Mapping[str, Mapping[str, Mapping[str, int]]]
    audits: tuple[Audit, ...]
    figures: tuple[SuppressedFigure, ...]

    @staticmethod
    def read(path: Path) -> SuppressionReport:
        """Read a report that `link` or `merge` wrote.

        Parameters
        ----------
        path : str or os.PathLike
            The file of one JSON object a line.

        Returns
        -------
        SuppressionReport

        Raises
        ------
        FileError
            If it cannot be read, or is no whole suppression report.
        """
        file = FilePath(path_of(path, "path"))
        try:
            text = file.read_text(encoding="utf-8")
        except OSError as error:
            raise _refusal(file, f"cannot read it: {error.strerror}") from None
        except ValueError:
            raise _refusal(file, "is no suppression report") from None
        # Not `splitlines`, which splits at what JSON has as it is.
        head, *lines = text.split("\n")
        try:
            summary = json.loads(head)
            known = (summary.pop("kind"), summary.pop("format")) == ("suppression-report", 1)
            if not known or lines.pop() != "":
                raise _refusal(file, "is no suppression report of format 1, or was cut")
            summary.setdefault("ledger_costs", None)
            audits = tuple(_audit(audit) for audit in summary.pop("audits"))
            figures = tuple(_figure(json.loads(line)) for line in lines)
            report = SuppressionReport(**summary, audits=audits, figures=figures)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            raise _refusal(file, "is no suppression report, or is damaged") from None
        if report._counted() != report._said():
            raise _refusal(file, "has not the figures that it counts: it is damaged, or was cut")
        return report

    def _counted(self) -> dict[tuple[str, str, str], int]:
        counted: dict[tuple[str, str, str], int] = {}
        for figure in self.figures:
            reason = (figure.table, figure.measure, figure.reason)
            counted[reason] = counted.get(reason, 0) + 1
        return counted

    def _said(self) -> dict[tuple[str, str, str], int]:
        return {
            (table, measure, reason): count
            for table, measures in self.tables.items()
            for measure, reasons in measures.items()
            for reason, count in reasons.items()
        }

    def __repr__(self) -> str:
        entry = "" if self.ledger_entry is None else f", entry {self.ledger_entry}"
        return f"<SuppressionReport of {self.project}{entry}, {len(self.figures)} figures>"

    def __str__(self) -> str:
        lines = ["Why figures are suppressed:"] if self.figures else ["No figure is suppressed."]
        for table, measures in self.tables.items():
            for measure, reasons in measures.items():
                if reasons:
                    said = ", ".join(f"{reason} {count}" for reason, count in reasons.items())
                    lines.append(f"  {table}, {measure}: {said}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [
            [table, measure, reason, str(count)]
            for (table, measure, reason), count in self._said().items()
        ]
        columns = ["table", "measure", "reason", "figures"]
        title = f"Why figures of {self.project} are suppressed"
        return _show.grid_html(title, columns, rows, right={3})


def _refusal(file: FilePath, rule: str) -> FileError:
    return FileError(f"{file}: {rule}", file=file, rule=rule)


def _audit(read: dict[str, Any]) -> Audit:
    primes = read.pop("primes", None)
    return Audit(
        measures=tuple(read.pop("measures")),
        count_interval=read.pop("count_interval", None),
        fewest_values=read.pop("fewest_values", None),
        primes=None if primes is None else (primes[0], primes[1]),
        **read,
    )


def _figure(read: dict[str, Any]) -> SuppressedFigure:
    return SuppressedFigure(entry=read.pop("entry", None), **read)


def of_json(text: str) -> tuple[Audit, ...]:
    """The audits that the library wrote."""
    return tuple(_audit(read) for read in json.loads(text))


for _class in [Audit, SuppressedFigure, SuppressionReport]:
    _class.__module__ = "kobling"
