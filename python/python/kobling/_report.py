"""What became of every row of a register."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from . import _show


@dataclass(frozen=True)
class ValueCounts:
    """What became of the values of a column.

    Attributes
    ----------
    used, missing, unreadable : int
        Rows of each kind.
    """

    used: int
    missing: int
    unreadable: int


@dataclass(frozen=True)
class ExtractReport:
    """What became of every row of a register: read is kept, filtered and quarantined together.

    The numbers are exact, for the agency and the linkage unit; a release rounds them.

    Attributes
    ----------
    source : str
        The source in the plan.
    rows_read : int
        Rows of the register.
    rows_kept : int
        Rows in the extract.
    rows_filtered : int
        Rows that the plan's ``keep`` left out.
    rows_quarantined : int
        Rows whose identifier is missing or does not fit.
    quarantine : dict of str to int
        Those, by reason.
    columns : dict of str to ValueCounts
        What became of the values of the rows that were kept.
    read_as : tuple of str
        How files that can be read in several ways were read.
    warnings : tuple of str
        What to mind.
    key_check : str
        The check of the domain key.
    """

    source: str
    rows_read: int
    rows_kept: int
    rows_filtered: int
    rows_quarantined: int
    quarantine: Mapping[str, int]
    columns: Mapping[str, ValueCounts]
    read_as: tuple[str, ...]
    warnings: tuple[str, ...]
    key_check: str

    def __str__(self) -> str:
        lines = [
            f"{self.source}: {self.rows_read} {'row' if self.rows_read == 1 else 'rows'} read",
            f"  kept        {self.rows_kept}",
            f"  quarantined {self.rows_quarantined}{self._reasons()}",
        ]
        if self.rows_filtered:
            lines.append(f"  filtered    {self.rows_filtered} (by `keep`)")
        for name, counts in self.columns.items():
            lines.append(
                f"  {name:<11} {counts.used} used, {counts.missing} missing, "
                f"{counts.unreadable} unreadable"
            )
        lines.extend(f"  read as     {words}" for words in self.read_as)
        lines.append(f"  key check   {self.key_check}")
        lines.extend(f"  warning: {warning}" for warning in self.warnings)
        return "\n".join(lines)

    def _reasons(self) -> str:
        if not self.quarantine:
            return ""
        reasons = (f"{reason} {rows}" for reason, rows in self.quarantine.items())
        return f" ({', '.join(reasons)})"

    def _repr_html_(self) -> str:
        parts = [("kept", self.rows_kept), ("filtered", self.rows_filtered)]
        parts += [(f"quarantined: {reason}", rows) for reason, rows in self.quarantine.items()]
        title = f"{self.source}: {self.rows_read} rows read"
        return _show.bars_html(title, parts, self.rows_read, self.warnings)


def of_json(text: str) -> ExtractReport:
    """The report that the library wrote."""
    parts = json.loads(text)
    columns = {name: ValueCounts(**counts) for name, counts in parts.pop("columns").items()}
    parts["read_as"] = tuple(parts["read_as"])
    parts["warnings"] = tuple(parts["warnings"])
    return ExtractReport(columns=columns, **parts)
