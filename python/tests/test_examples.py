"""The examples run, and without pyarrow, numpy and pandas."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples/python"

BARE = """
import runpy, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"pyarrow", "numpy", "pandas"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
runpy.run_path(sys.argv[1], run_name="__main__")
"""

#: What is run on a file of somebody's, by tests of its own.
GIVEN_A_FILE = {"verify_ledger.py"}

#: Of what each of the others prints, what it is about.
SAID = {
    "nhanes.py": "mortality: Adults eligible for follow-up, and deaths among them",
    "duckdb_in_and_out.py": "persons",
    "polars_pipeline.py": "extract of ",
    "rehearsal.py": "Persons with an income in 2025, by county",
    "recipient.py": "what it does not protect against:",
}


def test_every_example_is_run() -> None:
    assert sorted(path.name for path in EXAMPLES.iterdir()) == sorted({*SAID, *GIVEN_A_FILE})


@pytest.mark.parametrize("name", SAID)
def test_an_example_runs(name: str) -> None:
    command = [sys.executable, "-W", "error", "-c", BARE, str(EXAMPLES / name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert SAID[name] in done.stdout and done.stderr == ""
