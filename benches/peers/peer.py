"""One tool, one variant, one case, in a process of its own: prepares, then times.

Run by compare.py as `peer.py TOOL KIND VARIANT FOLDER REPEAT TABLE`. Says its
times as JSON, and leaves the table of the last repetition in the file TABLE.
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path

MODULES = {
    "DuckDB": "with_duckdb",
    "polars": "with_polars",
    "pandas": "with_pandas",
    "Python": "with_hmac",
    "kobling in Python": "with_kobling",
}


def main() -> None:
    tool, kind, variant, folder, repeat, table = sys.argv[1:]
    work = import_module(MODULES[tool]).prepare(kind, variant, Path(folder))
    seconds = []
    for _ in range(int(repeat)):
        start = time.perf_counter()
        rows = work()
        seconds.append(time.perf_counter() - start)
    lines = sorted(",".join(map(str, row)) for row in rows)
    Path(table).write_text("".join(f"{line}\n" for line in lines))
    stages = list(getattr(work, "stages", {}).items())
    print(json.dumps({"seconds": seconds, "stages": stages}))


if __name__ == "__main__":
    main()
