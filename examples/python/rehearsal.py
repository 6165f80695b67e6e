# %% [markdown]
# # A rehearsal on synthetic registers
#
# Before anybody hands over a register, a plan is tried on persons who do not exist: what would
# come out, how much of it would be suppressed, why, and what other methods would leave.
#
# Run it: `python examples/python/rehearsal.py`, or open it as a notebook with jupytext. For the
# picture, `pip install './python[pictures]'`.

# %%
import tempfile
from pathlib import Path

import kobling

folder = tempfile.TemporaryDirectory()
registers = Path(folder.name) / "registers"
kobling.synthesise(registers, persons=3_000, seed=7)

# %% [markdown]
# The plan: persons with an income, by county, with parts of the country as a coarser level, and
# with the total.

# %%
plan = kobling.Plan.parse("""
version = 1

[project]
id = "income-by-county"
epoch = 1
title = "Persons with an income, by county"
purpose = "Statistics on incomes, rehearsed on synthetic registers"
controller = "An example ministry"
linkage_unit = "An example statistics office"
recipient = "Readers of this example"
valid = { from = 2026-01-01, until = 2040-12-31 }

[source.population]
agency = "An example population register"
legal_basis = ["None is needed: the persons are synthetic"]
identifier = { column = "fnr", type = "no-fnr", kinds = ["fnr", "dnr"], synthetic = "only" }
rows = "one"

[source.population.columns.county]
from = "municipality"
type = "category"
prefix = 2
absent = "no"
categories = [
    "03", "11", "15", "18", "31", "32", "33", "34", "39", "40", "42", "46", "50", "55", "56", "no",
]

[source.population.columns.sex]
from = "sex"
type = "category"
categories = ["woman", "man"]

[source.tax]
agency = "An example tax agency"
legal_basis = ["None is needed: the persons are synthetic"]
identifier = { column = "fnr", type = "no-fnr", kinds = ["fnr", "dnr"], synthetic = "only" }
rows = "many"

[source.tax.columns.year]
from = "year"
type = "integer"

[table.residents]
title = "Persons with an income in 2025, by county"
from = "population"
by = ["population.county"]
levels = { county = [{ name = "part", prefix = 1 }] }
margins = true
sensitive = []
measures = [
    { persons = true },
    { persons = { where = [{ column = "population.sex", equals = "woman" }] }, as = "women" },
]
match_rates = { by = ["population.sex"] }

[table.residents.with.tax]
need = "required"
where = [{ column = "year", equals = 2025 }]
reduce = { rows = "count" }

[table.residents.protect]
min_persons = 30
method = "suppress"
""").rehearsal()
plan

# %% [markdown]
# Each role in turn, on throwaway keys. Of each register: what became of its rows.

# %%
domain_key = kobling.LinkageKey.generate().domain_key(plan)
files = []
for source in plan.sources:
    files.append(Path(folder.name) / f"{source}.arrow")
    extract = kobling.pseudonymise(plan, source, registers / f"{source}.parquet", domain_key)
    extract.write(files[-1])
extract.report

# %% [markdown]
# All methods of protection side by side. The figures are compared with the true ones: this is
# for the linkage unit and the risk owner.

# %%
release_key = kobling.ReleaseKey.generate()
comparison = kobling.compare(plan, files, release_key)
comparison

# %% [markdown]
# The release, with the ledger that later ones are protected together with.

# %%
ledger_file, out = Path(folder.name) / "ledger.jsonl", Path(folder.name) / "release"
release = kobling.link(plan, files, release_key, ledger=ledger_file, out=out)
release["residents"]

# %%
ledger = kobling.Ledger.read(ledger_file, plan, release_key)
ledger.verify()
ledger

# %% [markdown]
# Why figures are suppressed, and what keeps one of them uncertain: other tables, which agree
# with all that is published. Also for the linkage unit only.

# %%
report = kobling.SuppressionReport.read(Path(folder.name) / "ledger.report-1.jsonl")
report

# %%
unsafe = next(figure for figure in report.figures if figure.reason == "min_persons")
places = {
    dimension if level == dimension else f"{dimension}.{level}": unsafe.cell[dimension]
    for dimension, level in unsafe.level.items()
    if level != "total"
}
kobling.explain(
    plan,
    files,
    release_key,
    table=unsafe.table,
    measure=unsafe.measure,
    cell=places,
    ledger=ledger_file,
    entry=1,
)

# %%
print(release["residents"].record["title"])
for audit in release.audits:
    print(audit)
folder.cleanup()
