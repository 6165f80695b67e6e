"""Registers in a data base, and a protected table back into it.

Only the columns that the plan reads are taken, whatever a table or a query has beside them;
nothing goes through pyarrow or pandas. Needs duckdb.
Run it: python examples/python/duckdb_in_and_out.py
"""

import tempfile
from pathlib import Path

import duckdb

import kobling

with tempfile.TemporaryDirectory() as name:
    folder = Path(name) / "registers"
    kobling.synthesise(folder, persons=20_000, seed=7)
    plan = kobling.Plan.read(folder / "plan.toml")
    database = duckdb.connect()
    for source in plan.sources:
        database.sql(f"create table {source} as from '{folder / source}.parquet'")

# The registers stay where they are until they are read.
registers = {source: database.table(source) for source in plan.sources}
registers["population"] = database.sql("select fnr, municipality, sex, born_on from population")
release = kobling.rehearse(plan, registers)

# A release is an Arrow table to DuckDB, and is queried as one.
movers = release["movers"]
print(
    database.sql(
        "select county, persons from movers where persons_status = 'safe' "
        "order by persons desc limit 5"
    )
)
