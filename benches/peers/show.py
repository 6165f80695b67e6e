"""From a record to what the front page shows: one table, and one picture.

    python3 benches/peers/show.py                         the newest record
    python3 benches/peers/show.py benches/peers/records/2026-01-31.json

Writes `benches/peers/cost.svg`, and puts the table between the marks
`<!-- peers:begin -->` and `<!-- peers:end -->` of README.md, if they are there.
With `--print` it writes neither file, but the table to standard output. Needs
nothing but Python.
"""

import argparse
import json
import re
import sys
from pathlib import Path

import picture
from record import best, duration, ratio

HERE = Path(__file__).resolve().parent
MARKS = re.compile(r"(<!-- peers:begin -->\n).*?(<!-- peers:end -->)", re.DOTALL)
TOOLS = ["DuckDB", "polars", "Python"]


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("record", nargs="?", type=Path)
    given.add_argument("--readme", type=Path, default=HERE.parent.parent / "README.md")
    given.add_argument("--picture", type=Path, default=HERE / "cost.svg")
    given.add_argument("--print", action="store_true", dest="only_print")
    given = given.parse_args()
    records = sorted((HERE / "records").glob("*.json"))
    if not given.record and not records:
        sys.exit("there is no record yet: benches/peers/run makes one")
    source = given.record or records[-1]
    found = json.loads(source.read_text())
    block = table(found, f"benches/peers/records/{source.stem}.md")
    if given.only_print:
        print(block, end="")
        return
    given.picture.write_text(picture.draw(found))
    print(f"wrote {given.picture}")
    text = given.readme.read_text()
    if not MARKS.search(text):
        sys.exit(f"{given.readme} has no <!-- peers:begin --> and <!-- peers:end -->")
    given.readme.write_text(MARKS.sub(lambda marks: marks[1] + block + marks[2], text))
    print(f"updated {given.readme}")


def table(found: dict, link: str) -> str:
    """The block between the marks: the table, and what one must know to read it."""
    lines = [
        "| 2 cores, medians | rows | kobling | DuckDB | polars | Python |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, kind, rows_sorted in [
        ("sorted extracts to table, against any order", "at-rest", False),
        ("the same, the peers' rows sorted too", "at-rest", True),
        ("unsorted rows to table, sorting included", "cold", False),
        ("three registers, four dimensions", "three", False),
        ("identifiers to table, against no pseudonyms at all", "plain", False),
        ("identifiers to table, against HMAC in Python", "hmac", False),
    ]:
        if case := usual(found, kind):
            lines.append(row(name, case, rows_sorted))
    versions = found["versions"]
    facts = f"{found['machine']['processor']}, {found['machine']['memory']}; DuckDB {versions['DuckDB']}, "
    facts += f"polars {versions['polars']}, Python {versions['Python']}; {found['date']}."
    note = [
        "",
        "In brackets: how many times as long as kobling; below 1×, kobling is the slower one.",
        "Each peer by the fastest of several ways to write the work; all tables were compared",
        "exactly, and are the same. We wrote both sides.",
        f"[All figures, the bias and how to repeat them]({link}). {facts}",
    ]
    return "\n".join([*lines, *note]) + "\n"


def usual(found: dict, kind: str) -> dict | None:
    """The case of a kind at the record's size; of HMAC, which has a size of its own, the only one."""
    cases = [case for case in found["cases"] if case["kind"] == kind]
    sized = [case for case in cases if case["id"] == f"{kind}-{found['rows']}"]
    return next(iter(sized or cases), None)


def row(name: str, case: dict, rows_sorted: bool) -> str:
    own = best(case, "kobling")
    cells = [name, f"{case['rows'] / 1e6:g} M", f"**{duration(own['median'])}**" if own else "–"]
    for tool in TOOLS:
        # Where no variant is sorted, there is only the one kind.
        peer = best(case, tool, rows_sorted)
        if not own or not peer:
            cells.append("–")
            continue
        cells.append(f"{duration(peer['median'])} ({ratio(peer['median'], own['median'])})")
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
