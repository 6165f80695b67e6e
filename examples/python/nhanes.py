"""Who dies, by age, sex, insurance and blood sugar: four registers of real persons.

Each role runs its part; here all of them are in one process. Run it at the root of the
repository: python examples/python/nhanes.py
"""

from pathlib import Path

import kobling

folder = Path(__file__).parents[1] / "nhanes"
plan = kobling.Plan.read(folder / "plan.toml")

# The key custodian derives the key of this project; the agencies get it.
domain_key = kobling.LinkageKey.generate().domain_key(plan)

# Each agency makes an extract: no identifier leaves it.
extracts = [
    kobling.pseudonymise(plan, source, folder / f"{source}.parquet", domain_key)
    for source in plan.sources
]
for extract in extracts:
    print(extract.report, end="\n\n")

# The linkage unit links, tabulates, protects and releases.
release = kobling.link(plan, extracts, kobling.ReleaseKey.generate())
print(release["mortality"])
