"""Neither pyarrow nor numpy is needed, nor anything else, to go from frames to a release."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BARE = """
import sys
from pathlib import Path

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"pyarrow", "numpy", "pandas", "duckdb", "pytest"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
import time
begun = time.perf_counter()
import kobling
took = time.perf_counter() - begun
assert "polars" not in sys.modules
import polars as pl

plan = kobling.Plan.parse(Path(sys.argv[1]).read_text())
population = pl.DataFrame({"id": range(60), "county": ["Oslo"] * 40 + ["Finnmark"] * 20})
tax = pl.LazyFrame({"id": range(60), "year": [2025] * 60, "wage": range(100, 160)})
release = kobling.rehearse(plan, {"population": population, "tax": tax})
frame = pl.DataFrame(release["wages"])
assert frame.equals(release["wages"].to_polars())
assert frame["persons"].to_list() == [40, 0, 20, 0], frame
assert release["wages"]._repr_html_() and repr(release["wages"])
try:
    release["wages"].to_arrow()
except ModuleNotFoundError as error:
    assert error.name == "pyarrow"
else:
    raise AssertionError("pyarrow was imported")
print(took)
"""


def test_from_frames_to_a_release_with_polars_alone(tmp_path: Path) -> None:
    from conftest import PLAN

    (tmp_path / "plan.toml").write_text(PLAN)
    command = [sys.executable, "-c", BARE, str(tmp_path / "plan.toml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    # Seconds that the import takes; a loaded machine is given some.
    assert float(done.stdout) < 0.5
