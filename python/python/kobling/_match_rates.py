"""How well the look-ups of a table linked, as its manifest says: overall, and by group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

#: Below this a count is not shown.
BASE = 5

#: Groups that are shown at most.
MOST_GROUPS = 60

_MISSING = "–"


def rates_text(record: Mapping[str, Any]) -> list[str]:
    """Lines for a terminal, as on the command line."""
    lines = []
    for look_up in record["look_ups"]:
        lines.append(_overall(look_up))
        for grouped in look_up.get("by", ()):
            lines.append(f"  by {grouped['by']}")
            groups = list(_groups(grouped))
            width = max((len(name) for name, _ in groups), default=0)
            for name, rate in groups:
                said = _percent(rate, f"{rate['match_rate'] or 0:>3} % ({_part(rate)})")
                lines.append(f"    {name.ljust(width)}  {said}")
            lines.extend(f"    {note}" for note in _notes(grouped))
    return lines


def rates_html(record: Mapping[str, Any]) -> str:
    """The same for a notebook, with a bar for each group."""
    html = []
    for look_up in record["look_ups"]:
        html.append(f"<div><small>{escape(_overall(look_up))}</small></div>")
        for grouped in look_up.get("by", ()):
            rows = "".join(_bar(name, rate) for name, rate in _groups(grouped))
            notes = "".join(f"<div><small>{escape(note)}</small></div>" for note in _notes(grouped))
            title = f"{look_up['source']}: match rates by {grouped['by']}"
            html.append(f"<div>{escape(title)}<table><tbody>{rows}</tbody></table>{notes}</div>")
    return "".join(html)


def _overall(look_up: Mapping[str, Any]) -> str:
    source = look_up["source"]
    if look_up["match_rate"] is None:
        return f"{source}: too few base rows to show a match rate"
    percent = look_up["match_rate"]
    said = f"{source}: about {percent} % of base rows have a match ({_part(look_up)})"
    history = look_up.get("history")
    if history is None:
        return said
    directly, through = _count(history["directly"]), _count(history["through_history"])
    return f"{said}; by the same number {directly}, through the history only {through}"


def _groups(grouped: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for group in grouped["groups"][:MOST_GROUPS]:
        yield _MISSING if group["group"] is None else group["group"], group
    if grouped["others"] is not None:
        yield "all others", grouped["others"]


def _notes(grouped: Mapping[str, Any]) -> list[str]:
    notes = []
    if not grouped["groups"] and grouped["others"] is None:
        notes.append("every group is too small to be shown")
    more = len(grouped["groups"]) - MOST_GROUPS
    if more > 0:
        notes.append(f"… and {more} more")
    if grouped["warning"] is not None:
        notes.append(f"warning: {grouped['warning']}")
    return notes


def _bar(name: str, rate: Mapping[str, Any]) -> str:
    percent = rate["match_rate"] or 0
    said = _percent(rate, f"{percent} %")
    return (
        f'<tr title="{escape(_percent(rate, _part(rate)))}">'
        f'<td style="text-align: left">{escape(name)}</td>'
        f'<td style="text-align: right">{escape(said)}</td>'
        '<td style="width: 16em; text-align: left">'
        f'<div style="width: {percent}%; min-width: 1px; height: 0.8em; background: #58a"></div>'
        "</td></tr>"
    )


def _percent(rate: Mapping[str, Any], said: str) -> str:
    return "too few" if rate["match_rate"] is None else said


def _count(count: int | None) -> str:
    return f"fewer than {BASE}" if count is None else str(count)


def _part(rate: Mapping[str, Any]) -> str:
    """How many of how many rows have a match, from what is shown of those with one and of those
    without."""
    matched, unmatched = rate["matched"], rate["unmatched"]
    if unmatched is None:
        return f"{_count(matched)}, and {_count(unmatched)} have none"
    return f"{_count(matched)} of {(matched or 0) + unmatched}"
