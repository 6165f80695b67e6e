"""What is shown of long steps: bars that end and go away, or a line where there are none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import tqdm.auto as tqdm_auto

import kobling
from kobling._progress import Bars, Line, Progress, reporter


def progress(step: str, name: str, done: int, of: int | None = None) -> Progress:
    return Progress(step, name, done, of, f"{step} {name}, {done}")


class Recorded(tqdm_auto.tqdm):  # type: ignore[misc]
    """A bar that is remembered, with how far it was when it was closed."""

    made: list[Recorded]
    open = 0

    def __init__(self, **arguments: object) -> None:
        super().__init__(**arguments)
        self.reached: list[float] = []
        self.is_closed = False
        type(self).open += 1
        type(self).made.append(self)

    def update(self, n: float = 1) -> bool | None:
        done: bool | None = super().update(n)
        self.reached.append(self.n)
        return done

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            type(self).open -= 1
        super().close()


@pytest.fixture(autouse=True)
def recorded(monkeypatch: pytest.MonkeyPatch) -> type[Recorded]:
    Recorded.made, Recorded.open = [], 0
    monkeypatch.setattr(tqdm_auto, "tqdm", Recorded)
    return Recorded


def test_each_step_is_a_bar_that_ends(recorded: type[Recorded]) -> None:
    bars = Bars(recorded, sys.stderr)
    bars.show("agency tax", progress("read", "tax", 10))
    bars.show("agency tax", progress("sorted", "tax", 4))
    bars.show("agency tax", progress("read", "tax", 30))
    # Steps of one source take turns, and go on where they were.
    assert [bar.reached for bar in recorded.made] == [[10, 30], [4]] and recorded.open == 2
    bars.show("linkage unit", progress("linked", "wages", 3, 8))
    assert recorded.open == 1 and all(bar.is_closed for bar in recorded.made[:2])
    linked = recorded.made[2]
    assert (linked.total, linked.desc, linked.unit) == (8, "linkage unit: linked wages", " ranges")
    # A table is gone through twice.
    bars.show("linkage unit", progress("linked", "wages", 8, 8))
    bars.show("linkage unit", progress("linked", "wages", 2, 8))
    assert linked.reached == [3, 8, 2]
    bars.clear()
    bars.clear()
    assert recorded.open == 0


def test_a_verb_shows_them_and_leaves_none(
    plan: kobling.Plan,
    domain_key: kobling.DomainKey,
    tax: pl.DataFrame,
    recorded: type[Recorded],
    capsys: pytest.CaptureFixture[str],
) -> None:
    kobling.pseudonymise(plan, "tax", tax, domain_key, progress=True)
    out, err = capsys.readouterr()
    assert out == "" and "agency tax: sorted: 56.0 rows" in err
    assert recorded.made and recorded.open == 0
    # What was shown last is blank: nothing is left on the line.
    assert err.rsplit("\r", 2)[1].strip() == "" and err.endswith("\r")


def test_none_is_left_behind_on_an_error(
    plan: kobling.Plan,
    domain_key: kobling.DomainKey,
    recorded: type[Recorded],
) -> None:
    shown = 0

    def batches() -> pl.DataFrame:
        return pl.select(id=pl.int_range(3_000_000, dtype=pl.Int64)).with_columns(county=pl.lit(""))

    class Failing(Recorded):
        def update(self, n: float = 1) -> bool | None:
            nonlocal shown
            shown += 1
            if shown > 1:
                raise KeyboardInterrupt
            return super().update(n)

    bars = pytest.MonkeyPatch()
    bars.setattr(tqdm_auto, "tqdm", Failing)
    try:
        with pytest.raises(KeyboardInterrupt):
            kobling.pseudonymise(plan, "population", batches(), domain_key, progress=True)
    finally:
        bars.undo()
    assert shown > 1 and recorded.made and Failing.open == 0


def test_without_tqdm_it_is_a_line(
    plan: kobling.Plan,
    domain_key: kobling.DomainKey,
    tax: pl.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    kobling.pseudonymise(plan, "tax", tax, domain_key, progress=True)
    out, err = capsys.readouterr()
    assert out == "" and "agency tax: sorting, rows: 56" in err
    shown, cleared = err.rsplit("\r", 2)[1:]
    assert shown.strip() == "" and cleared == ""
    told = reporter(True)
    assert told is not None and isinstance(told._shown, Line)


def test_nobody_is_shown_what_nobody_asked_for(
    plan: kobling.Plan,
    domain_key: kobling.DomainKey,
    tax: pl.DataFrame,
    recorded: type[Recorded],
    capsys: pytest.CaptureFixture[str],
) -> None:
    kobling.pseudonymise(plan, "tax", tax, domain_key)
    assert capsys.readouterr() == ("", "") and recorded.made == []
    with pytest.raises(TypeError, match="True, False or callable"):
        kobling.pseudonymise(plan, "tax", tax, domain_key, progress="yes")  # type: ignore[arg-type]


def test_tqdm_is_imported_only_if_it_is_shown(tmp_path: Path) -> None:
    code = "import kobling, sys; assert not any(name.startswith('tqdm') for name in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
