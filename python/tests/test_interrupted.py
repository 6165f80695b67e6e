"""Ctrl-C while something is written: within a second, and nothing half-written is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from conftest import PLAN

import kobling

#: A release of many cells, so that it takes a while to be written.
WIDE = (
    PLAN.replace('categories = ["Oslo", "<i>Agder</i>", "Finnmark"]\n', "")
    .replace('{ persons = true }, { sum = "tax.wage" }', "{ persons = true }")
    .replace('[source.tax.columns.wage]\nfrom = "wage"\ntype = "integer"\n', "")
    .replace("dominance = { n = 2, percent = 85 }\n", "")
    .replace('method = "suppress"', 'method = "round"\nround = { base = 5, how = "nearest" }')
)

CELLS = 300_000

#: Fewer in each cell would be a list of persons, which is refused.
PERSONS = 3 * CELLS


def registers(count: int) -> dict[str, pl.DataFrame]:
    ids = pl.int_range(count, dtype=pl.Int64)
    population = pl.select(id=ids).with_columns(county=pl.format("place {}", pl.col("id") % CELLS))
    tax = pl.select(id=ids, year=pl.lit(2025), wage=pl.lit(1))
    return {"population": population, "tax": tax}


#: Interrupts itself as soon as something is written in a folder, or after some time.
INTERRUPTS = """
import os, signal, sys, threading, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import kobling
from test_interrupted import CELLS, PERSONS, WIDE, registers
folder, at = Path(sys.argv[2]), []
def interrupt(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end and not any(folder.iterdir()):
        time.sleep(0.001)
    at.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)
def interrupted(write, seconds):
    threading.Thread(target=interrupt, args=(seconds,)).start()
    try:
        write()
    except KeyboardInterrupt:
        print("interrupted", time.perf_counter() - at[0], *os.listdir(folder))
    else:
        print("went on", *os.listdir(folder))
plan = kobling.Plan.parse(WIDE)
"""

EXTRACT = """
key = kobling.LinkageKey.generate().domain_key(plan)
frame = registers(8_000_000)["tax"]
extract = kobling.pseudonymise(plan, "tax", frame, key)
extract.content
interrupted(lambda: extract.write(folder / sys.argv[3], parts=eval(sys.argv[4])), 0.15)
# It is there still.
assert extract.rows == len(frame) and len(extract.content) == 64
"""

RELEASE = """
release = kobling.rehearse(plan, registers(PERSONS))
assert len(release["wages"]) >= CELLS
interrupted(lambda: release.write(folder / "release"), 10)
"""


def run(script: str, *arguments: object) -> list[str]:
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", INTERRUPTS + script, here, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(("name", "parts"), [("tax.parquet", None), ("tax", 64)])
def test_while_an_extract_is_written(tmp_path: Path, name: str, parts: int | None) -> None:
    said, seconds, *left = run(EXTRACT, tmp_path, name, parts)
    assert said == "interrupted" and float(seconds) < 1
    assert left == [] and list(tmp_path.iterdir()) == []


def test_while_a_release_is_written(tmp_path: Path) -> None:
    said, seconds, *left = run(RELEASE, tmp_path)
    assert said == "interrupted" and float(seconds) < 1
    assert left == [] and list(tmp_path.iterdir()) == []


def test_a_release_that_is_cancelled_while_it_is_written_is_in_no_ledger(tmp_path: Path) -> None:
    plan = kobling.Plan.parse(WIDE)
    key, release_key = kobling.LinkageKey.generate().domain_key(plan), kobling.ReleaseKey.generate()
    paths = []
    for source, frame in registers(PERSONS).items():
        paths.append(tmp_path / f"{source}.arrow")
        kobling.pseudonymise(plan, source, frame, key).write(paths[-1])
    ledger, out = tmp_path / "ledger.jsonl", tmp_path / "release"
    told: list[kobling.Progress] = []

    def cancel(progress: kobling.Progress) -> bool:
        told.append(progress)
        return progress.step != "written"

    with pytest.raises(kobling.CancelledError, match="left nothing"):
        kobling.link(plan, paths, release_key, ledger=ledger, out=out, progress=cancel)
    assert (told[-1].step, told[-1].name) == ("written", "wages") and told[-1].done > 0
    assert sorted(tmp_path.iterdir()) in (sorted(paths), sorted([*paths, Path(f"{ledger}.lock")]))
    # It is as if it had not been tried.
    release = kobling.link(plan, paths, release_key, ledger=ledger, out=out)
    assert release.manifest["ledger"]["entry"] == 1
    assert kobling.Ledger.read(ledger, plan, release_key)[0].tables[0].name == "wages"


def test_an_extract_lets_go_of_its_files(
    plan: kobling.Plan,
    domain_key: kobling.DomainKey,
    release_key: kobling.ReleaseKey,
    extracts: list[kobling.Extract],
    tmp_path: Path,
) -> None:
    tax = registers(60_000)["tax"]
    with kobling.pseudonymise(
        plan, "tax", tax, domain_key, memory=1 << 16, folder=tmp_path
    ) as extract:
        extract.write(tmp_path / "tax.arrow")
        held = held_in(tmp_path)
    assert held and held_in(tmp_path) == set()
    with pytest.raises(kobling.ConsumedError, match="was closed already") as raised:
        extract.write(tmp_path / "again.arrow")
    assert raised.value.source == "tax" and not (tmp_path / "again.arrow").exists()
    with pytest.raises(kobling.ConsumedError, match="was closed already"):
        kobling.link(plan, [extracts[0], extract], release_key)
    # What it was is still known; and a second time changes nothing.
    assert extract.rows == len(tax)
    extract.close()
    # On an error, too; and of one that was linked that is still what is said.
    with pytest.raises(LookupError), extracts[1] as used:
        kobling.link(plan, [extracts[0], used], release_key)
        raise LookupError
    with pytest.raises(kobling.ConsumedError, match="was linked already"):
        used.to_bytes()


def held_in(folder: Path) -> set[str]:
    """What this process has open or mapped in a folder, also without a name."""
    descriptors, maps = Path("/proc/self/fd"), Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("there is no /proc here to see what is held")
    found = {line.split(maxsplit=5)[-1] for line in maps.read_text().splitlines()}
    for link in descriptors.iterdir():
        try:
            found.add(str(link.readlink()))
        except OSError:
            # It was for reading this folder.
            continue
    return {path for path in found if path.startswith(str(folder))}
