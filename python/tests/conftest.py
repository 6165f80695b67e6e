"""A small project: its plan, its keys, and registers that fit it."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kobling

if sys.version_info >= (3, 11):
    from tomllib import loads as read_toml
else:
    from tomli import loads as read_toml

__all__ = ["PLAN", "read_toml"]

PLAN = """
version = 1

[project]
id = "python-tests"
epoch = 1
title = "Wages <b>by county</b>"
purpose = "Tests"
controller = "Nobody"
linkage_unit = "Nobody"
recipient = "Nobody"
valid = { from = 2026-01-01, until = 2099-12-31 }
approved = [
    { by = "legal", name = "A lawyer", on = 2026-01-01 },
    { by = "data", name = "An owner", on = 2026-01-01 },
]

[source.population]
agency = "A register"
legal_basis = ["None"]
identifier = { column = "id", type = "number" }
rows = "one"

[source.population.columns.county]
from = "county"
type = "category"
categories = ["Oslo", "<i>Agder</i>", "Finnmark"]

[source.tax]
agency = "A tax agency"
legal_basis = ["None"]
identifier = { column = "id", type = "number" }
rows = "one"
keep = [{ column = "year", equals = 2025 }]

[source.tax.columns.wage]
from = "wage"
type = "integer"

[table.wages]
from = "population"
by = ["population.county"]
sensitive = []
measures = [{ persons = true }, { sum = "tax.wage" }]

[table.wages.with.tax]
need = "required"

[table.wages.protect]
min_persons = 3
dominance = { n = 2, percent = 85 }
method = "suppress"
"""


@pytest.fixture(scope="session")
def plan() -> kobling.Plan:
    return kobling.Plan.parse(PLAN)


@pytest.fixture(scope="session")
def plan_dict() -> dict[str, Any]:
    """`PLAN`, as Python reads TOML."""
    read = read_toml(PLAN)
    assert read["project"]["valid"]["from"] == datetime.date(2026, 1, 1)
    return read


@pytest.fixture(scope="session")
def linkage_key() -> kobling.LinkageKey:
    return kobling.LinkageKey.generate()


@pytest.fixture(scope="session")
def domain_key(linkage_key: kobling.LinkageKey, plan: kobling.Plan) -> kobling.DomainKey:
    return linkage_key.domain_key(plan)


@pytest.fixture(scope="session")
def release_key() -> kobling.ReleaseKey:
    return kobling.ReleaseKey.generate()


@pytest.fixture(scope="session")
def population() -> pl.DataFrame:
    """61 persons in three counties; in Finnmark lives only one."""
    counties = ["Oslo"] * 40 + ["<i>Agder</i>"] * 20 + ["Finnmark"]
    ids = [1000 + n for n in range(len(counties))]
    return pl.DataFrame({"id": ids, "county": counties, "name": ["secret"] * len(ids)})


@pytest.fixture(scope="session")
def tax() -> pl.DataFrame:
    """A wage for each person of `population` but the first five, and rows that are left out."""
    ids: list[int | None] = [1000 + n for n in range(5, 61)]
    years = [2025] * len(ids)
    ids += [None, 1005]
    years += [2025, 2024]
    return pl.DataFrame({"id": ids, "year": years, "wage": [100 + n for n in range(len(ids))]})


@pytest.fixture
def extracts(
    plan: kobling.Plan,
    domain_key: kobling.DomainKey,
    population: pl.DataFrame,
    tax: pl.DataFrame,
) -> list[kobling.Extract]:
    return [
        kobling.pseudonymise(plan, "population", population, domain_key),
        kobling.pseudonymise(plan, "tax", tax, domain_key),
    ]


@pytest.fixture(scope="session")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of synthetic registers, and a plan that links them."""
    folder = tmp_path_factory.mktemp("synthetic") / "registers"
    kobling.synthesise(folder, persons=3000, seed=11)
    return folder
