"""The whole flow in Python: HMAC per value with its own module, the rest in polars.

Nothing is checked: no control digit, no duplicate, no order of an extract.
"""

import hashlib
import hmac
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import polars as pl

from with_polars import pairs

KEY = bytes(range(32))


def by_new(names: list[str]) -> list[bytes]:
    return [hmac.new(KEY, name.encode(), hashlib.sha256).digest()[:16] for name in names]


def by_digest(names: list[str]) -> list[bytes]:
    return [hmac.digest(KEY, name.encode(), "sha256")[:16] for name in names]


def prepare(kind: str, variant: str, folder: Path) -> Callable[[], list[tuple]]:
    pseudonyms = by_new if variant == "hmac.new" else by_digest
    if variant.endswith("two processes"):
        # Started before the clock is; threads of polars do not live through a fork.
        pool = ProcessPoolExecutor(2, mp_context=get_context("spawn"))
        list(pool.map(by_digest, [["warm"], ["up"]]))

        def pseudonyms(names: list[str]) -> list[bytes]:
            size = 50_000
            parts = [names[at : at + size] for at in range(0, len(names), size)]
            return [key for part in pool.map(by_digest, parts) for key in part]

    if kind == "frames":
        # In memory from the first to the last: no extract is written.
        frames = [pl.read_parquet(folder / f"{name}.parquet") for name in ["base", "look"]]

        def in_memory() -> list[tuple]:
            extracts = []
            for rows in frames:
                key = pl.Series("pseudonym", pseudonyms(rows["fnr"].to_list()), pl.Binary)
                extracts.append(rows.drop("fnr").with_columns(key).lazy())
            return pairs(*extracts, "pseudonym").collect(engine="streaming").rows()

        return in_memory

    kept = folder / "python"

    def work() -> list[tuple]:
        kept.mkdir(exist_ok=True)
        extracts = []
        for name in ["base", "look"]:
            rows = pl.read_parquet(folder / f"{name}.parquet")
            key = pl.Series("pseudonym", pseudonyms(rows["fnr"].to_list()), pl.Binary)
            extract = kept / f"{name}.arrow"
            rows.drop("fnr").with_columns(key).write_ipc(extract)
            extracts.append(pl.scan_ipc(extract))
        table = pairs(*extracts, "pseudonym").collect(engine="streaming").rows()
        shutil.rmtree(kept)
        return table

    return work
