"""What terminals and notebooks show of a plan, a report and a release's table.

Names and categories come from plans and registers: all of it is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from ._match_rates import rates_html, rates_text

if TYPE_CHECKING:
    from ._kobling import Release, Table

#: Rows of a table that are shown at most.
MOST_ROWS = 60

#: Shown in place of a value that is suppressed.
SUPPRESSED = "·"

#: Shown in place of a value that is missing for another reason.
MISSING = "–"

#: The level of a total, as a release names it.
TOTAL = "total"

Row = Sequence["str | None"]


def text_html(text: str) -> str:
    """Text as it is."""
    return f'<pre style="white-space: pre-wrap">{escape(text)}</pre>'


@dataclass(frozen=True)
class _Column:
    """A dimension with its level, or a measure with its status."""

    name: str
    at: int
    level: int | None = None
    status: int | None = None

    @property
    def is_measure(self) -> bool:
        return self.status is not None

    def cell(self, row: Row) -> str:
        value = row[self.at]
        level = row[self.level] if self.level is not None else None
        if level is not None and level != self.name:
            if value is not None:
                return f"{value} ({level})"
            if level == TOTAL:
                return TOTAL
        if value is not None:
            return short(value) if self.is_measure else value
        published = self.status is None or row[self.status] in (None, "safe", "perturbed")
        return MISSING if published else SUPPRESSED

    def depth(self, row: Row) -> int:
        """How far below the total the row's category is: 0 of a total, 1 of a coarser level."""
        if self.level is None:
            return 0
        level = row[self.level]
        return 0 if level == TOTAL else 2 if level == self.name else 1


def _columns(table: Table) -> list[_Column]:
    """A release's columns are its dimensions, then value and status of each measure."""
    names = table.columns
    dimensions = len(names)
    while dimensions >= 2 and names[dimensions - 1] == f"{names[dimensions - 2]}_status":
        dimensions -= 2
    shown: list[_Column] = []
    at = 0
    while at < dimensions:
        leveled = at + 1 < dimensions and names[at + 1] == f"{names[at]}_level"
        shown.append(_Column(names[at], at, level=at + 1 if leveled else None))
        at += 2 if leveled else 1
    for at in range(dimensions, len(names), 2):
        shown.append(_Column(names[at], at, status=at + 1))
    return shown


def short(number: str) -> str:
    """A float with as many decimals as a reader compares; the files have all."""
    if "." not in number:
        return number
    try:
        value = float(number)
    except ValueError:
        return number
    return f"{value:.4f}" if value != 0 and abs(value) < 1 else f"{value:.2f}"


def _notes(table: Table) -> list[str]:
    statuses = table.record["statuses"]
    notes = []
    for name, counts in statuses.items():
        said = ", ".join(f"{count} {status}" for status, count in sorted(counts.items())[::-1])
        notes.append(f"cells of {name}: {said}")
    every = {status for counts in statuses.values() for status in counts}
    if "perturbed" in every:
        notes.append(
            "perturbed: rounded or with noise by the plan's method; no such figure is certain"
        )
    if every & {"suppressed", "excepted"}:
        notes.append(
            f"{SUPPRESSED} suppressed: unsafe by a rule of the plan, or an unsafe figure could "
            "be derived from it"
        )
    return notes


def _title(table: Table) -> str:
    title = table.record.get("title")
    return f"{table.name}: {title}" if title else table.name


def table_text(table: Table) -> str:
    """The table for a terminal."""
    columns = _columns(table)
    rows = [[column.cell(row) for column in columns] for row in table.text_rows(MOST_ROWS)]
    right = {at for at, column in enumerate(columns) if column.is_measure}
    names = [column.name for column in columns]
    lines = [_title(table), *grid_text(names, rows, right=right)]
    more = len(table) - len(rows)
    if more > 0:
        lines.append(f"  … and {more} more")
    said = [*_notes(table), *rates_text(table.record)]
    lines.extend(f"  {_one_line(note)}" for note in said)
    return "\n".join(lines)


def table_html(table: Table) -> str:
    """The table for a notebook: suppressed cells marked, levels indented."""
    columns = _columns(table)
    head = "".join(
        f'<th style="text-align: {"right" if column.is_measure else "left"}">'
        f"{escape(column.name)}</th>"
        for column in columns
    )
    body = []
    for row in table.text_rows(MOST_ROWS):
        cells = []
        for column in columns:
            text = column.cell(row)
            style = "text-align: right" if column.is_measure else "text-align: left"
            if text == SUPPRESSED and column.is_measure:
                cells.append(
                    f'<td style="{style}; background: #8883" title="suppressed">{SUPPRESSED}</td>'
                )
                continue
            depth = column.depth(row)
            if depth:
                style += f"; padding-left: {depth}em"
            cells.append(f'<td style="{style}">{escape(text)}</td>')
        body.append(f"<tr>{''.join(cells)}</tr>")
    notes = _notes(table)
    more = len(table) - len(body)
    if more > 0:
        notes.insert(0, f"… and {more} more")
    said = "".join(f"<div><small>{escape(note)}</small></div>" for note in notes)
    return (
        f"<div><strong>{escape(_title(table))}</strong>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>{said}"
        f"{rates_html(table.record)}</div>"
    )


def release_html(release: Release) -> str:
    """All tables of a release for a notebook, and what is to be minded of them."""
    tables = "".join(table_html(release[name]) for name in release)
    minded = "".join(
        f"<div><small>warning: {escape(warning)}</small></div>" for warning in release.warnings
    )
    title = repr(release).strip("<>")
    return f"<div><strong>{escape(title)}</strong>{tables}{minded}</div>"


def grid_text(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Set[int]
) -> list[str]:
    """Rows below the names of their columns, aligned as on the command line; those of `right`
    to the right."""
    grid = [[_one_line(text) for text in line] for line in (columns, *rows)]
    widths = [max(len(line[at]) for line in grid) for at in range(len(columns))]
    lines = []
    for line in grid:
        cells = (
            text.rjust(width) if at in right else text.ljust(width)
            for at, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        lines.append(("  " + "  ".join(cells)).rstrip())
    return lines


def grid_html(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Set[int],
    notes: Sequence[str] = (),
) -> str:
    """The same for a notebook, below a title."""

    def cells(tag: str, line: Sequence[str]) -> str:
        return "".join(
            f'<{tag} style="text-align: {"right" if at in right else "left"}">{escape(text)}</{tag}>'
            for at, text in enumerate(line)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    said = "".join(f"<div><small>{escape(note)}</small></div>" for note in notes)
    return (
        f"<div><strong>{escape(title)}</strong><table><thead><tr>{cells('th', columns)}</tr>"
        f"</thead><tbody>{body}</tbody></table>{said}</div>"
    )


def bars_html(
    title: str, parts: Sequence[tuple[str, int]], whole: int, notes: Sequence[str]
) -> str:
    """Parts of a whole as bars."""
    rows = []
    for name, count in parts:
        percent = 100 * count / whole if whole else 0.0
        rows.append(
            f'<tr><td style="text-align: left">{escape(name)}</td>'
            f'<td style="text-align: right">{count}</td>'
            '<td style="width: 16em; text-align: left">'
            f'<div style="width: {percent:.1f}%; min-width: 1px; height: 0.8em; '
            'background: #58a"></div></td></tr>'
        )
    said = "".join(f"<div><small>warning: {escape(note)}</small></div>" for note in notes)
    return (
        f"<div><strong>{escape(title)}</strong>"
        f"<table><tbody>{''.join(rows)}</tbody></table>{said}</div>"
    )


def _one_line(text: str) -> str:
    """Control characters as escapes, for a terminal would obey them."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
