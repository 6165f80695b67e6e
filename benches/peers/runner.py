"""Finds kobling's benchmark program in what `cargo bench --message-format=json` says."""

import json
import sys

for line in sys.stdin:
    said = json.loads(line)
    if said.get("target", {}).get("name") == "peers" and said.get("executable"):
        print(said["executable"])
