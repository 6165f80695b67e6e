"""The command: makes data, runs all tools, checks that they agree, then shows and records times.

Called by `run`, which has made the environment and built kobling's program.
"""

import argparse
import datetime
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

import cases
import check
import child
import machine
import record

HERE = Path(__file__).resolve().parent
USUAL_ROWS = 10_000_000


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("--runner", required=True, type=Path)
    given.add_argument("--data", required=True, type=Path)
    given.add_argument("only", nargs="*", help="kinds of cases: at-rest, cold, three, plain, …")
    given = given.parse_args()
    rows = int(os.environ.get("KOBLING_PEERS_ROWS", USUAL_ROWS))
    large = bool(os.environ.get("KOBLING_PEERS_LARGE"))
    chosen = cases.all_cases(rows, large)
    if unknown := set(given.only) - {case.kind for case in chosen}:
        sys.exit(f"no such kind of case: {', '.join(sorted(unknown))}")
    if given.only:
        chosen = [case for case in chosen if case.kind in given.only]

    found = {
        "date": datetime.date.today().isoformat(),
        "rows": rows,
        **machine.facts(),
        "bias": machine.BIAS,
        "load": {"before": machine.load()},
    }
    try:
        found["cases"] = [measured(case, given.runner, given.data) for case in chosen]
    except check.Differs as differs:
        sys.exit(f"NOT THE SAME TABLE: no time is shown.\n{differs}")
    finally:
        shutil.rmtree(given.data, ignore_errors=True)
    found["load"]["after"] = machine.load()

    page = record.page(found)
    print(page)
    if rows == USUAL_ROWS and not given.only:
        kept = HERE / "records" / found["date"]
    else:
        kept = given.data.parent / "last"
    kept.with_suffix(".json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    kept.with_suffix(".md").write_text(page)
    print(f"kept as {kept}.md and .json", file=sys.stderr)


def measured(case: cases.Case, runner: Path, data: Path) -> dict:
    """Runs all tools on one case, and compares their tables. Says no time."""
    folder = data / "-".join(case.data)
    if not folder.exists():
        # One case's data at a time: the largest take many gigabytes.
        shutil.rmtree(data, ignore_errors=True)
        folder.mkdir(parents=True)
        say(f"making {folder.name}")
        what, *sizes = case.data
        subprocess.run([runner, "make", what, folder, *sizes], check=True)

    results, tables = [], {}

    def tried(tool: str, variant: str, command: list, threads: int = 2) -> None:
        say(f"{case.id}: {tool} {variant}".rstrip())
        table = folder / f"{tool} {variant} {threads}.csv"
        try:
            done = child.run([str(word) for word in command(table)], threads)
        except child.DidNotFit:
            results.append({"tool": tool, "variant": variant, "failed": "did not fit in memory"})
            return
        tables[f"{tool} {variant}".rstrip()] = table
        stages = dict(done.get("stages", []))
        seconds = done.get("seconds") or [sum(parts) for parts in summed(stages, case.repeat)]
        result = {
            "tool": tool,
            "variant": variant,
            "threads": threads,
            "seconds": seconds,
            "median": median(seconds),
            "ns_per_row": median(seconds) * 1e9 / case.rows,
            "peak_mib": done["peak_mib"],
        }
        if stages:
            result["stages"] = {name: median(parts) for name, parts in stages.items()}
        results.append(result)

    first, *rest = [folder if word == "FOLDER" else word for word in case.kobling]
    for threads in case.threads:
        variant = {1: "one thread", 2: "two threads"}[threads] if len(case.threads) > 1 else ""
        tried("kobling", variant, lambda table: [runner, "time", first, table, case.repeat, *rest], threads)
    for tool, variants in case.peers.items():
        for variant in variants:
            peer = [sys.executable, HERE / "peer.py", tool, case.kind, variant, folder, case.repeat]
            tried(tool, variant, lambda table: [*peer, table])

    cells = check.same(case.id, tables)
    agree = f"{len(tables)} tables of {cells} cells are the same" if len(tables) > 1 else f"{cells} cells"
    say(f"{case.id}: {agree}")
    return {
        "id": case.id,
        "kind": case.kind,
        "title": case.title,
        "what": case.what,
        "rows": case.rows,
        "repeat": case.repeat,
        "beside": case.beside,
        "agree": agree,
        "results": results,
    }


def summed(stages: dict[str, list[float]], repeat: int) -> list[list[float]]:
    """For each repetition, the times of its stages."""
    return [[parts[at] for parts in stages.values()] for at in range(repeat)]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
