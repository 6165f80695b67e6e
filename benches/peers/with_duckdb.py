"""The cases in DuckDB: SQL as its users would write it.

`prepare` loads (not timed) and returns the work (timed), which returns rows.
"""

from collections.abc import Callable
from pathlib import Path

import duckdb

import keys

PAIRS = """
    SELECT region::VARCHAR, count(*), sum(amount)::BIGINT, sum(income)::BIGINT
    FROM base JOIN look USING (k) GROUP BY region
"""

THREE = """
    WITH paid AS (SELECT k, sum(paid) AS paid FROM benefit GROUP BY k)
    SELECT region::VARCHAR, age::VARCHAR, sex::VARCHAR,
           CASE WHEN paid.paid IS NULL THEN 'none' WHEN paid.paid < 50000 THEN 'low'
                WHEN paid.paid < 100000 THEN 'middle' ELSE 'high' END AS band,
           count(*), sum(income)::BIGINT
    FROM population LEFT JOIN tax USING (k) LEFT JOIN paid USING (k)
    GROUP BY region, age, sex, band
"""

PLAIN = """
    SELECT region, count(*), sum(amount)::BIGINT, sum(income)::BIGINT
    FROM read_parquet('{folder}/base.parquet') JOIN read_parquet('{folder}/look.parquet')
    USING (fnr) GROUP BY region
"""

# How a key of each type is made from an Arrow column.
KEY = {
    "UUID": (keys.with_uuid, "pseudonym"),
    "BLOB": (lambda rows: rows, "pseudonym"),
    "HUGEINT": (keys.with_halves, "hi::HUGEINT * 18446744073709551616 + lo::HUGEINT"),
}


def prepare(kind: str, variant: str, folder: Path) -> Callable[[], list[tuple]]:
    db = duckdb.connect()
    db.execute("SET threads = 2")
    db.execute(f"SET temp_directory = '{folder}/spilled'")
    db.execute("SET preserve_insertion_order = false")
    if kind == "plain":
        query = PLAIN.format(folder=folder)
        return lambda: db.sql(query).fetchall()
    key, *options = variant.split(", ")
    names = ["population", "tax", "benefit"] if kind == "three" else ["base", "look"]
    query = THREE if kind == "three" else PAIRS
    convert, expression = KEY[key]
    for name in names:
        rows = convert(keys.table(folder, name))
        db.register(f"{name}_arrow", rows)
        given = [c for c in rows.column_names if c not in ("pseudonym", "hi", "lo")]
        if kind == "cold":
            columns = ", ".join([f"{expression} AS k", *given])
            db.execute(f"CREATE VIEW {name} AS SELECT {columns} FROM {name}_arrow")
            continue
        # Categories as ENUM: codes and a list of labels, as kobling stores them.
        for column in given:
            if hasattr(rows.schema.field(column).type, "value_type"):
                labels = rows[column].chunk(0).dictionary.to_pylist()
                listed = ", ".join(f"'{label}'" for label in labels)
                db.execute(f"CREATE TYPE {name}_{column} AS ENUM ({listed})")
                given[given.index(column)] = f"{column}::{name}_{column} AS {column}"
        columns = ", ".join([f"{expression} AS k", *given])
        order = " ORDER BY k" if "sorted" in options else ""
        if order:
            db.execute("SET preserve_insertion_order = true")
        db.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM {name}_arrow{order}")
        db.unregister(f"{name}_arrow")
        db.execute("SET preserve_insertion_order = false")
    return lambda: db.sql(query).fetchall()
