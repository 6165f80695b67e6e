"""The cases in polars: lazy queries, as its users would write them.

`prepare` loads (not timed) and returns the work (timed), which returns rows.
POLARS_MAX_THREADS is set by who starts this.
"""

from collections.abc import Callable
from pathlib import Path

import polars as pl

import keys


def pairs(base: pl.LazyFrame, look: pl.LazyFrame, key: str) -> pl.LazyFrame:
    linked = base.join(look, on=key)
    return linked.group_by("region").agg(pl.len(), pl.col("amount").sum(), pl.col("income").sum())


def three(population: pl.LazyFrame, tax: pl.LazyFrame, benefit: pl.LazyFrame) -> pl.LazyFrame:
    paid = benefit.group_by("pseudonym").agg(pl.col("paid").sum())
    linked = population.join(tax, on="pseudonym", how="left")
    linked = linked.join(paid, on="pseudonym", how="left")
    sum_paid = pl.col("paid")
    band = (
        pl.when(sum_paid.is_null()).then(pl.lit("none"))
        .when(sum_paid < 50_000).then(pl.lit("low"))
        .when(sum_paid < 100_000).then(pl.lit("middle"))
        .otherwise(pl.lit("high"))
    )
    by = ["region", "age", "sex", band.alias("band")]
    return linked.group_by(by).agg(pl.len(), pl.col("income").sum())


def keyed(frame: pl.DataFrame | pl.LazyFrame, key: str) -> pl.DataFrame | pl.LazyFrame:
    """The frame with its key in another type."""
    name = pl.col("pseudonym")
    if key == "Int128":
        return frame.with_columns(name.bin.reinterpret(dtype=pl.Int128, endianness="big"))
    if key == "hex text":
        return frame.with_columns(name.bin.encode("hex"))
    if key == "UInt64":
        return frame.with_columns(name.bin.slice(0, 8).bin.reinterpret(dtype=pl.UInt64, endianness="big"))
    return frame


def prepare(kind: str, variant: str, folder: Path) -> Callable[[], list[tuple]]:
    key, *options = variant.split(", ")
    engine = "streaming" if "streaming" in options else "in-memory"

    def collect(query: pl.LazyFrame) -> list[tuple]:
        return query.collect(engine=engine).rows()

    if kind == "plain":
        files = [folder / "base.parquet", folder / "look.parquet"]
        return lambda: collect(pairs(*map(pl.scan_parquet, files), "fnr"))
    names = ["population", "tax", "benefit"] if kind == "three" else ["base", "look"]
    query = three if kind == "three" else lambda base, look: pairs(base, look, "pseudonym")
    if kind == "cold":
        tables = [keys.table(folder, name) for name in names]

        def work() -> list[tuple]:
            frames = [pl.from_arrow(table, rechunk=False).lazy() for table in tables]
            return collect(query(*[keyed(frame, key) for frame in frames]))

        return work
    frames = []
    for name in names:
        frame = keyed(pl.from_arrow(keys.table(folder, name)), key).rechunk()
        # `sort` also notes in the column that it is sorted.
        frames.append(frame.sort("pseudonym") if "sorted" in options else frame)
    return lambda: collect(query(*[frame.lazy() for frame in frames]))
