# %% [markdown]
# # Pseudonymise in a polars pipeline
#
# An agency's own preparation stays in polars, lazily; kobling asks it for the plan's columns and
# for no others. Back comes an Arrow table, which polars goes on with.
#
# Needs polars. Run it: `python examples/python/polars_pipeline.py`, or open it as a notebook
# with jupytext.

# %%
import tempfile
from pathlib import Path

import polars as pl

import kobling

folder = tempfile.TemporaryDirectory()
registers = Path(folder.name) / "registers"
kobling.synthesise(registers, persons=20_000, seed=7)
plan = kobling.Plan.read(registers / "plan.toml").rehearsal()
plan

# %% [markdown]
# The register as the agency has it, and what it does to it before: nothing is computed yet.

# %%
tax = (
    pl.scan_parquet(registers / "tax.parquet")
    .filter(pl.col("income") >= 0)
    .with_columns(pl.col("income").fill_null(0))
)

# %% [markdown]
# The key comes from the key custodian, as a file; here it is made up. Which identifiers do not
# fit is known before anything is made.

# %%
domain_key = kobling.LinkageKey.generate().domain_key(plan)
report = kobling.identifier_report(plan, "tax", tax)
print("rows, rounded:", report["rows"], "of distinct persons:", report["distinct"])

# %%
extract = kobling.pseudonymise(plan, "tax", tax, domain_key)
extract

# %% [markdown]
# An extract is an Arrow table: without a copy it is a frame, to look at what is about to leave.
# No identifier is in it.

# %%
leaving = pl.DataFrame(extract)
assert leaving.columns == ["pseudonym", "income", "year"]
by_year = leaving.group_by("year").agg(rows=pl.len(), persons=pl.col("pseudonym").n_unique())
print(by_year.sort("year"))

# %% [markdown]
# It goes to the linkage unit as a file, whole or not at all. As a context manager it lets go of
# what it holds.

# %%
with extract:
    extract.write(Path(folder.name) / "tax.arrow")
said = kobling.inspect(Path(folder.name) / "tax.arrow")
print(said["kind"], "of", said["rows"], "rows:", ", ".join(said["columns"]))
folder.cleanup()
