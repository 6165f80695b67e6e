"""The pairs in pandas, on keys of 64 bits: the one type of them that it joins well."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

import keys


def prepare(kind: str, variant: str, folder: Path) -> Callable[[], list[tuple]]:
    frames = []
    for name in ["base", "look"]:
        rows = keys.table(folder, name)
        upper, _ = keys.halves(rows["pseudonym"])
        frame = rows.drop_columns("pseudonym").to_pandas()
        frame["key"] = upper
        frames.append(frame)
    base, look = frames

    def work() -> list[tuple]:
        linked = base.merge(look, on="key")
        cells = linked.groupby("region", observed=True)
        cells = cells.agg(persons=("key", "size"), amount=("amount", "sum"), income=("income", "sum"))
        return list(cells.itertuples(name=None))

    return work
