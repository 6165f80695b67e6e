"""The cases: what is measured, on which data, with which variants of each peer.

A variant is a way to write the same work in a tool (the type of the key, an
engine). All are run, all are recorded, and the fastest stands for its tool.
"""

from dataclasses import dataclass, field

# At rest, a peer may have its rows in the order of the key, as kobling has.
DUCKDB_AT_REST = ["UUID", "UUID, sorted", "HUGEINT", "HUGEINT, sorted", "BLOB"]
POLARS_AT_REST = [
    "Int128",
    "Int128, streaming",
    "Int128, sorted",
    "Int128, sorted, streaming",
    "Binary",
    "Binary, streaming",
    "hex text, streaming",
    "UInt64, streaming",
]
DUCKDB_COLD = ["UUID", "HUGEINT", "BLOB"]
POLARS_COLD = ["Int128", "Int128, streaming", "Binary", "Binary, streaming"]
PANDAS_AT_REST = ["UInt64"]

# Of 10 million persons two share a random 64-bit name with probability 1 in
# 370,000; of 100 million, 1 in 3,700; and whoever may choose identifiers finds
# such a pair. Recorded, but never the variant that stands for its tool.
TOO_FEW_BITS = "UInt64"


@dataclass
class Case:
    """One thing that is measured."""

    id: str
    kind: str
    title: str
    what: str
    # What `make` of kobling's program is given, after its folder.
    data: list[str]
    # Rows of all registers together: what a cost per row is a share of.
    rows: int
    # What `time` of kobling's program is given; FOLDER is the case's folder.
    kobling: list[str]
    peers: dict[str, list[str]] = field(default_factory=dict)
    repeat: int = 5
    threads: tuple[int, ...] = (2,)
    # Another case whose time the ratios are made with.
    beside: str = ""


def all_cases(rows: int, large: bool) -> list[Case]:
    """The cases for registers of `rows` rows."""
    # Cases of the same data follow one another, so that it is made once.
    tenth = rows // 10
    cases = [at_rest(tenth, False), cold(tenth), at_rest(rows, False), cold(rows)]
    if large:
        cases.append(at_rest(rows * 10, True))
    cases += [uneven(rows), three(rows), plain(rows), threads(rows), frames(rows)]
    return [*cases, hmac(tenth), spare(tenth, 0), spare(tenth, 197)]


def at_rest(rows: int, huge: bool) -> Case:
    peers = {"DuckDB": DUCKDB_AT_REST, "polars": POLARS_AT_REST, "pandas": PANDAS_AT_REST}
    if huge:
        peers = {
            "DuckDB": ["UUID", "UUID, sorted"],
            "polars": ["Int128, streaming", "Int128, sorted, streaming"],
        }
    return Case(
        id=f"at-rest-{rows}",
        kind="at-rest",
        title=f"At rest: {rows:,} × {rows:,} rows",
        what="Two registers by 16-byte pseudonyms, each in the form its tool keeps "
        "(kobling: sorted extracts; DuckDB: tables; polars, pandas: frames). Timed: "
        "inner join, group by 100 regions, persons and two sums; kobling's "
        "disclosure control included.",
        data=["pairs", str(rows), str(rows)],
        rows=2 * rows,
        kobling=["at-rest", str(rows), str(rows)],
        peers=peers,
        repeat=3 if huge else 5,
    )


def cold(rows: int) -> Case:
    return Case(
        id=f"cold-{rows}",
        kind="cold",
        title=f"Cold: {rows:,} × {rows:,} rows",
        what="The same from unsorted Arrow batches in memory: kobling's sorting is timed, "
        "and so is what the peers do to their input.",
        data=["pairs", str(rows), str(rows)],
        rows=2 * rows,
        kobling=["cold", str(rows), str(rows)],
        peers={"DuckDB": DUCKDB_COLD, "polars": POLARS_COLD},
    )


def three(rows: int) -> Case:
    persons, tax, benefit = rows * 56 // 100, rows // 2, rows * 2
    return Case(
        id=f"three-{rows}",
        kind="three",
        title=f"Three registers at rest: {persons:,} persons, {tax:,} tax, {benefit:,} benefit rows",
        what="Benefits are summed per person and banded; persons and income by region, "
        "age, sex and band; left joins.",
        data=["three", str(rows)],
        rows=persons + tax + benefit,
        kobling=["three", str(rows)],
        peers={
            "DuckDB": ["UUID", "HUGEINT"],
            "polars": ["Int128", "Int128, streaming", "Binary, streaming"],
        },
    )


def plain(rows: int) -> Case:
    return Case(
        id=f"plain-{rows}",
        kind="plain",
        title=f"Whole, against no pseudonyms at all: {rows:,} × {rows:,} rows",
        what="From Parquet with national identifiers to the table. kobling checks and "
        "pseudonymises each identifier, writes extracts, reads and verifies them, links "
        "and protects. The peers join the identifiers themselves: what protection costs.",
        data=["whole", str(rows), "0"],
        rows=2 * rows,
        kobling=["whole", "FOLDER"],
        peers={"DuckDB": ["text"], "polars": ["text", "text, streaming"]},
        repeat=3,
    )


def hmac(rows: int) -> Case:
    return Case(
        id=f"hmac-{rows}",
        kind="hmac",
        title=f"Whole, against HMAC in Python: {rows:,} × {rows:,} rows",
        what="The same work written in Python: HMAC-SHA256 per value with Python's module, "
        "extracts on disk, read back, joined and grouped by polars.",
        data=["whole", str(rows), "0"],
        rows=2 * rows,
        kobling=["whole", "FOLDER"],
        peers={"Python": ["hmac.new", "hmac.digest", "hmac.digest, two processes"]},
        repeat=3,
    )


def frames(rows: int) -> Case:
    return Case(
        id=f"frames-{rows}",
        kind="frames",
        title=f"From frames in memory, in Rust and in Python: {rows:,} × {rows:,} rows",
        what="Rows with national identifiers are in memory: Arrow batches in Rust, polars "
        "frames in Python. Timed: to extracts, and these at rest to the table; kobling in "
        "Python, and what is written with Python's HMAC and polars instead.",
        data=["whole", str(rows), "0"],
        rows=2 * rows,
        kobling=["frames", str(rows)],
        peers={
            "kobling in Python": ["polars"],
            "Python": ["hmac.digest", "hmac.digest, two processes"],
        },
        repeat=3,
    )


def spare(rows: int, more: int) -> Case:
    return Case(
        id=f"spare-{rows}-{more}",
        kind="spare",
        title=f"Whole, {more or 'no'} spare columns in each register: {rows:,} × {rows:,} rows",
        what="A register has columns that the plan does not name; they are never read. "
        "(An extract cannot have any: the plan's checks refuse a column that no table uses.)"
        + (" The ratio is to the case without them." if more else ""),
        data=["whole", str(rows), str(more)],
        rows=2 * rows,
        kobling=["whole", "FOLDER"],
        repeat=3,
        beside=f"spare-{rows}-0" if more else "",
    )


def threads(rows: int) -> Case:
    return Case(
        id=f"threads-{rows}",
        kind="threads",
        title=f"Whole, one thread against two: {rows:,} × {rows:,} rows",
        what="kobling alone, stage by stage.",
        data=["whole", str(rows), "0"],
        rows=2 * rows,
        kobling=["whole", "FOLDER"],
        repeat=3,
        threads=(1, 2),
    )


def uneven(rows: int) -> Case:
    base = min(rows, 10_000)
    return Case(
        id=f"uneven-{rows}",
        kind="at-rest",
        title=f"At rest, very different sizes: {base:,} × {rows:,} rows",
        what="As at rest. Who need not read all of the large register wins.",
        data=["pairs", str(base), str(rows)],
        rows=base + rows,
        kobling=["at-rest", str(base), str(rows)],
        peers={"DuckDB": ["UUID", "UUID, sorted"], "polars": POLARS_AT_REST[:4]},
    )
