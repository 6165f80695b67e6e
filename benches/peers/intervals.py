"""Suppression by kobling, and the intervals of its suppressed cells by HiGHS.

kobling chooses a pattern, proves each unsafe cell uncertain and checks its proofs. HiGHS gets
nothing but the release's CSV: what is published of cells that are sums of others. It computes
the least and the largest number that suppressed cells can have, two linear programmes each, and
the time for all unsafe ones is estimated from a sample. Says so if a cell has fewer than
three whole numbers left.
"""

import argparse
import csv
import json
import math
import random
import statistics
import subprocess
import tempfile
import time
import tomllib
from pathlib import Path

import highspy
import numpy
import scipy.sparse

HERE = Path(__file__).parent


def release(kobling, persons, folder):
    """Made-up registers, and what linking them takes; the release and why cells are suppressed."""
    plan = folder / "plan.toml"
    plan.write_text((HERE / "plans" / "municipal.toml").read_text())

    def run(*arguments):
        begun = time.perf_counter()
        subprocess.run([kobling, "-q", *map(str, arguments)], check=True, cwd=folder)
        return time.perf_counter() - begun

    run("synthesise", "--persons", persons, "--seed", 11, "--out", "registers")
    run("key", "new", "--out", "linkage.key")
    run("key", "domain", "--linkage-key", "linkage.key", "--plan", plan, "--out", "domain.key")
    run("key", "new", "--role", "release", "--out", "release.key")
    sources = ["population", "history", "benefit"]
    for source in sources:
        run("pseudonymise", "--plan", plan, "--source", source, "--key", "domain.key",
            "--out", f"{source}.arrow", f"registers/{source}.parquet")
    extracts = [f"{source}.arrow" for source in sources]
    seconds = run("link", "--plan", plan, "--release-key", "release.key", "--ledger",
                  "ledger.jsonl", "--out", "release", *extracts)
    return plan, seconds


class Table:
    """The figures of a release, each of them a sum of inner cells that nobody may see."""

    def __init__(self, plan, path):
        levels = tomllib.loads(plan.read_text())["table"]["ben"]["levels"]
        prefix = {(name, level["name"]): level["prefix"]
                  for name, own in levels.items() for level in own}
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        names = [name for name in rows[0] if f"{name}_level" in rows[0]]

        def groups(row):
            """By dimension, how a category is cut and what it is then."""
            for name in names:
                level = row[f"{name}_level"]
                cut = None if level == name else prefix.get((name, level), 0)
                yield cut, row[name] if cut != 0 else ""

        self.names, self.cells, self.figures, self.places = names, {}, {}, {}
        for row in rows:
            place = tuple(groups(row))
            if all(cut is None for cut, _ in place):
                self.cells[tuple(name for _, name in place)] = len(self.cells)
            safe = row["persons_status"] != "suppressed"
            self.figures[place] = int(row["persons"]) if safe else None
            self.places[tuple((row[name], row[f"{name}_level"]) for name in names)] = place
        cuts = {tuple(cut for cut, _ in place) for place in self.figures}
        self.members = {place: [] for place in self.figures}
        for names, cell in self.cells.items():
            for cut in cuts:
                place = tuple((own, name if own is None else name[:own])
                              for own, name in zip(cut, names))
                self.members[place].append(cell)

    def programme(self):
        """The linear programme of all that is published, and where cells are in it."""
        known, sums = {}, []
        for place, figure in self.figures.items():
            if figure is not None:
                members = self.members[place]
                if len(members) == 1:
                    known[members[0]] = figure
                else:
                    sums.append((members, figure))
        # What is none in all is none in each part: HiGHS need not find that out.
        for members, figure in sums:
            if figure == 0:
                known.update(dict.fromkeys(members, 0))
        free = [cell for cell in self.cells.values() if cell not in known]
        columns = {cell: at for at, cell in enumerate(free)}
        left = {}
        for members, figure in sums:
            own = tuple(columns[cell] for cell in members if cell in columns)
            left[own] = figure - sum(known.get(cell, 0) for cell in members)
        left.pop((), None)
        matrix = scipy.sparse.csr_matrix(
            (numpy.ones(sum(map(len, left))),
             ([row for row, own in enumerate(left) for _ in own],
              [column for own in left for column in own])),
            shape=(len(left), len(free)),
        )
        most = max(figure for figure in self.figures.values() if figure is not None)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(free), len(left)
        model.col_cost_ = numpy.zeros(len(free))
        model.col_lower_ = numpy.zeros(len(free))
        model.col_upper_ = numpy.full(len(free), float(most))
        model.row_lower_ = model.row_upper_ = numpy.array(list(left.values()), float)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = matrix.indptr
        model.a_matrix_.index_ = matrix.indices
        model.a_matrix_.value_ = matrix.data
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.passModel(model)
        return solver, columns, known


def values(solver, columns, known, members):
    """How many whole numbers a sum of cells may be."""
    own = [columns[cell] for cell in members if cell in columns]
    base = sum(known.get(cell, 0) for cell in members)
    for column in own:
        solver.changeColCost(column, 1.0)
    ends = []
    for sense in [highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize]:
        solver.changeObjectiveSense(sense)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise SystemExit(f"HiGHS: {solver.getModelStatus()}")
        ends.append(solver.getInfo().objective_function_value + base)
    for column in own:
        solver.changeColCost(column, 0.0)
    return math.floor(ends[1] + 1e-6) - math.ceil(ends[0] - 1e-6) + 1


def unsafe(folder, table):
    """The places of the cells that are suppressed since too few persons are in them."""
    [report] = folder.glob("ledger.report-*.jsonl")
    lines = report.read_text().splitlines()[1:]
    for figure in map(json.loads, lines):
        if figure["reason"] == "min_persons":
            yield table.places[tuple(
                (figure["cell"].get(name) or "", figure["level"].get(name, "total"))
                for name in table.names)]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kobling", required=True)
    arguments.add_argument("--persons", type=int, default=1_000_000)
    arguments.add_argument("--sample", type=int, default=40, help="unsafe cells that HiGHS is asked for")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        plan, seconds = release(given.kobling, given.persons, folder)
        table = Table(plan, folder / "release" / "ben.csv")
        begun = time.perf_counter()
        solver, columns, known = table.programme()
        suppressed = [place for place, figure in table.figures.items() if figure is None]
        wanted = list(unsafe(folder, table))
        asked = random.Random(1).sample(wanted, min(given.sample, len(wanted)))
        made = time.perf_counter() - begun
        times, found = [], []
        for place in asked:
            begun = time.perf_counter()
            found.append(values(solver, columns, known, table.members[place]))
            times.append(time.perf_counter() - begun)
    finest = [figure for place, figure in table.figures.items()
              if all(cut is None for cut, _ in place)]
    total = next(figure for place, figure in table.figures.items()
                 if all(cut == 0 for cut, _ in place))
    kept = sum(figure for figure in finest if figure is not None)
    estimate = made + statistics.mean(times) * len(wanted)
    print("| cells | unsafe | suppressed | persons in published finest cells | kobling link, whole "
          "| HiGHS, intervals of the unsafe cells (estimated) | ratio | fewest whole numbers |")
    print("|---|---|---|---|---|---|---|---|")
    print(f"| {len(table.figures)} | {len(wanted)} | {len(suppressed)} | {100 * kept / total:.1f} % "
          f"| {seconds:.1f} s | {estimate:.0f} s, from {len(asked)} cells "
          f"| {estimate / seconds:.0f} | {min(found)} |")
    if min(found) < 3:
        raise SystemExit("an unsafe cell has fewer than three whole numbers left")


if __name__ == "__main__":
    main()
