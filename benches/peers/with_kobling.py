"""kobling's own package for Python, from polars frames in memory."""

import time
from collections.abc import Callable
from pathlib import Path

import kobling
import polars as pl

PLAN = Path(__file__).parent / "plans/pairs.toml"


class Work:
    """From frames to the table; `stages` has the seconds of each, once a repetition."""

    def __init__(self, folder: Path) -> None:
        self.stages: dict[str, list[float]] = {}
        self._plan = kobling.Plan.read(PLAN).rehearsal()
        self._domain_key = kobling.LinkageKey.generate().domain_key(self._plan)
        self._release_key = kobling.ReleaseKey.generate()
        names = ["base", "look"]
        self._frames = {name: pl.read_parquet(folder / f"{name}.parquet") for name in names}

    def __call__(self) -> list[tuple]:
        extracts = [
            self._stage(
                f"extract {name}", kobling.pseudonymise, self._plan, name, frame, self._domain_key
            )
            for name, frame in self._frames.items()
        ]
        release = self._stage("link", kobling.link, self._plan, extracts, self._release_key)
        table = release["pairs"].to_polars()
        columns = [name for name in table.columns if not name.endswith("_status")]
        return table.select(columns).rows()

    def _stage(self, name: str, work: Callable, *arguments: object) -> object:
        start = time.perf_counter()
        done = work(*arguments)
        self.stages.setdefault(name, []).append(time.perf_counter() - start)
        return done


def prepare(kind: str, variant: str, folder: Path) -> Callable[[], list[tuple]]:
    return Work(folder)
