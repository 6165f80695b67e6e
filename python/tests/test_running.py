"""Long steps: seen, stopped, and out of the way of other threads."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import polars as pl
import pytest

import kobling


@pytest.fixture(scope="module")
def many() -> pl.DataFrame:
    """Rows that take some seconds to be pseudonymised."""
    count = 6_000_000
    return pl.select(
        id=pl.int_range(count, dtype=pl.Int64), county=pl.lit("Oslo"), name=pl.lit("")
    ).with_columns(county=pl.when(pl.col("id") % 2 == 0).then(pl.lit("Oslo")))


def test_progress_is_told_in_numbers_and_words(
    plan: kobling.Plan, domain_key: kobling.DomainKey, many: pl.DataFrame
) -> None:
    told: list[kobling.Progress] = []
    main = threading.get_ident()

    def tell(progress: kobling.Progress) -> None:
        assert threading.get_ident() == main
        told.append(progress)

    kobling.pseudonymise(plan, "population", many, domain_key, progress=tell)
    assert len(told) > 3
    assert {progress.name for progress in told} == {"population"}
    assert told[-1].step == "sorted" and told[-1].done == len(many)
    read = [progress for progress in told if progress.step == "read"]
    assert [step.done for step in read] == sorted(step.done for step in read)
    assert read[0].words == f"{read[0].done} rows read"


def test_progress_may_cancel(
    plan: kobling.Plan, domain_key: kobling.DomainKey, many: pl.DataFrame
) -> None:
    begun = time.perf_counter()
    with pytest.raises(kobling.CancelledError, match="left nothing"):
        kobling.pseudonymise(plan, "population", many, domain_key, progress=lambda _: False)
    assert time.perf_counter() - begun < 1.5

    def fail(progress: kobling.Progress) -> None:
        raise LookupError("the caller's own")

    with pytest.raises(LookupError, match="the caller's own"):
        kobling.pseudonymise(plan, "population", many, domain_key, progress=fail)


def test_what_is_done_is_not_lost_to_progress(
    plan: kobling.Plan,
    domain_key: kobling.DomainKey,
    tax: pl.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda raised: lost.append(raised.exc_value))

    def fail(progress: kobling.Progress) -> None:
        raise LookupError("the caller's own")

    # So few rows that the work is done before anybody is told of it; in a slow hour it is not.
    try:
        extract = kobling.pseudonymise(plan, "tax", tax, domain_key, progress=fail)
    except LookupError:
        assert lost == []
    else:
        assert extract.report.rows_read == len(tax)
        assert [str(error) for error in lost] == ["the caller's own"]


def test_steps_are_logged_without_values(
    plan: kobling.Plan,
    domain_key: kobling.DomainKey,
    tax: pl.DataFrame,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG, logger="kobling"):
        kobling.pseudonymise(plan, "tax", tax, domain_key)
    assert [record.getMessage() for record in caplog.records] == ["sorted tax"]


def test_other_threads_run_meanwhile(
    plan: kobling.Plan, domain_key: kobling.DomainKey, many: pl.DataFrame
) -> None:
    beats: list[float] = []
    done = threading.Event()

    def beat() -> None:
        while not done.wait(0.01):
            beats.append(time.perf_counter())

    thread = threading.Thread(target=beat)
    thread.start()
    begun = time.perf_counter()
    kobling.pseudonymise(plan, "population", many, domain_key)
    ended = time.perf_counter()
    done.set()
    thread.join()
    inside = [at for at in beats if begun < at < ended]
    # Far fewer if the interpreter were held; far more where nothing else runs.
    assert len(inside) > (ended - begun) / 0.01 / 5


INTERRUPTED = """
import sys, threading, time, os, signal
import polars as pl
import kobling
sys.path.insert(0, sys.argv[1])
from conftest import PLAN
plan = kobling.Plan.parse(PLAN)
key = kobling.LinkageKey.generate().domain_key(plan)
frame = pl.select(id=pl.int_range(40_000_000, dtype=pl.Int64)).with_columns(county=pl.lit("Oslo"))
at = []
def interrupt():
    time.sleep(0.7)
    at.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt).start()
try:
    kobling.pseudonymise(plan, "population", frame, key, **eval(sys.argv[2]))
except KeyboardInterrupt:
    print("interrupted", time.perf_counter() - at[0])
else:
    print("went on")
"""


def run(script: str, *arguments: str) -> str:
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("options", ["{}", "dict(memory=1 << 20, folder=sys.argv[3])"])
def test_ctrl_c_stops_within_a_second_and_leaves_nothing(tmp_path: Path, options: str) -> None:
    here = str(Path(__file__).parent)
    said, seconds = run(INTERRUPTED, here, options, str(tmp_path)).split()
    assert said == "interrupted" and float(seconds) < 1
    assert list(tmp_path.iterdir()) == []


WAITING = """
import sys, threading, time, os, signal, fcntl
from pathlib import Path
import kobling
plan = kobling.Plan.parse(Path(sys.argv[1]).read_text())
key = kobling.ReleaseKey.generate()
ledger = Path(sys.argv[2])
def interrupt():
    time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGINT)
lock = open(f"{ledger}.lock", "w")
fcntl.flock(lock, fcntl.LOCK_EX)
threading.Thread(target=interrupt).start()
begun = time.perf_counter()
try:
    kobling.link(plan, [], key, ledger=ledger)
except KeyboardInterrupt:
    print("interrupted", time.perf_counter() - begun)
"""


def test_who_waits_for_the_ledger_may_be_interrupted(tmp_path: Path) -> None:
    from conftest import PLAN

    (tmp_path / "plan.toml").write_text(PLAN)
    said = run(WAITING, str(tmp_path / "plan.toml"), str(tmp_path / "ledger.jsonl")).split()
    assert said[0] == "interrupted" and float(said[1]) < 1.5
    assert not (tmp_path / "ledger.jsonl").exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_is_refused_and_does_not_wait_forever(
    plan: kobling.Plan, domain_key: kobling.DomainKey, tax: pl.DataFrame
) -> None:
    kobling.pseudonymise(plan, "tax", tax, domain_key)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            kobling.pseudonymise(plan, "tax", tax.to_arrow(), domain_key)
        except RuntimeError as error:
            os.write(writer, str(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    for _ in range(200):
        if os.waitpid(child, os.WNOHANG)[0]:
            break
        time.sleep(0.05)
    else:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        pytest.fail("the fork waits")
    assert b"was forked from one that used kobling" in os.read(reader, 1000)
    os.close(reader)


def test_a_release_that_is_cancelled_is_nowhere(tmp_path: Path) -> None:
    registers = tmp_path / "registers"
    kobling.synthesise(registers, persons=400_000, seed=5)
    plan = kobling.Plan.read(registers / "plan.toml").rehearsal()
    key, release_key = kobling.LinkageKey.generate(), kobling.ReleaseKey.generate()
    files: list[Path] = []
    for source in plan.sources:
        register = registers / f"{source}.parquet"
        files.append(tmp_path / f"{source}.arrow")
        kobling.pseudonymise(plan, source, register, key.domain_key(plan)).write(files[-1])
    there = sorted(tmp_path.iterdir())
    told: list[kobling.Progress] = []

    def cancel(progress: kobling.Progress) -> bool:
        told.append(progress)
        return False

    ledger, out = tmp_path / "ledger.jsonl", tmp_path / "release"
    with pytest.raises(kobling.CancelledError):
        kobling.link(plan, files, release_key, ledger=ledger, out=out, progress=cancel)
    assert len(told) == 1 and told[0].step in {"linked", "protected", "suppressed", "audited"}
    left = [path for path in sorted(tmp_path.iterdir()) if path not in there]
    assert left in ([], [tmp_path / "ledger.jsonl.lock"])
    # It is as if it had not been tried.
    release = kobling.link(plan, files, release_key, ledger=ledger, out=out)
    assert release.manifest["ledger"]["entry"] == 1
