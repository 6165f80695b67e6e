"""Whether all tools gave the same table. No time is shown of one that did not."""

from pathlib import Path


class Differs(Exception):
    """Two tools disagree; the message says where."""


def read(table: Path) -> list[str]:
    """The lines of a table in one order for all tools, which have none in common."""
    return sorted(table.read_text().splitlines())


def same(case: str, tables: dict[str, Path]) -> int:
    """Compares the tables of all tools line by line; gives how many cells they have."""
    (first, wanted), *others = ((name, read(path)) for name, path in tables.items())
    if not wanted:
        raise Differs(f"{case}: the table of {first} is empty")
    for name, lines in others:
        if lines == wanted:
            continue
        pairs = zip(wanted + [""] * len(lines), lines + [""] * len(wanted))
        one, other = next((a, b) for a, b in pairs if a != b)
        raise Differs(
            f"{case}: {name} has {len(lines)} cells and {first} {len(wanted)}; "
            f"first difference: {other!r}, {one!r}"
        )
    return len(wanted)
