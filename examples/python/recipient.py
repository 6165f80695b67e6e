"""What a recipient gets, and what it says: files, and no kobling is needed to read them.

Needs polars. Run it: python examples/python/recipient.py
"""

import json
import tempfile
from pathlib import Path

import polars as pl

import kobling

with tempfile.TemporaryDirectory() as name:
    registers, folder = Path(name) / "registers", Path(name) / "release"
    kobling.synthesise(registers, persons=20_000, seed=7)
    plan = kobling.Plan.read(registers / "plan.toml")
    files = {source: registers / f"{source}.parquet" for source in plan.sources}
    kobling.rehearse(plan, files).write(folder)

    # From here on the recipient is alone with the folder.
    manifest = json.loads((folder / "manifest.json").read_text())
    print("for:", manifest["plan"]["project"]["purpose"])
    for table in manifest["tables"]:
        frame = pl.read_parquet(folder / f"{table['name']}.parquet")
        shown = frame.filter(pl.col("persons_status") == "safe").height
        print(f"{table['name']}: {frame.height} cells, {shown} with a number of persons")
        for look_up in table["look_ups"]:
            print(f"  {look_up['source']}: {look_up['match_rate']} % of base rows have a match")
    print("what it does not protect against:")
    for limit in manifest["limits"]:
        print(f"  {limit}")
