"""Methods side by side: in numbers, and as a map of risk against utility."""

from __future__ import annotations

import json
import re
import sys
from xml.etree import ElementTree

import altair
import polars as pl
import pytest
from conftest import PLAN

import kobling


@pytest.fixture
def comparison(
    plan: kobling.Plan, extracts: list[kobling.Extract], release_key: kobling.ReleaseKey
) -> kobling.Comparison:
    return kobling.compare(plan, extracts, release_key)


def test_it_is_shown_as_on_the_command_line(comparison: kobling.Comparison) -> None:
    lines = str(comparison).splitlines()
    at = lines.index("wages, persons")
    head = ["method", "cells", "with", "a", "figure", "%", "of", "total", "average", "distance"]
    assert lines[at + 1].split() == [*head, "unsafe", "published", "exact"]
    suppress = next(line.split() for line in lines[at:] if line.split()[:1] == ["suppress"])
    assert suppress == ["suppress", "4", "3", "98.2", "0.00", "1", "0", "0"]
    assert lines[-1].endswith("for the linkage unit and the risk owner.")
    assert any("does not fit" in line or "does not publish" in line for line in lines)
    assert repr(comparison).startswith("<Comparison of ") and "suppress" in repr(comparison)


def test_the_map_has_a_point_for_each_method_that_fits(comparison: kobling.Comparison) -> None:
    spec = comparison.vega_lite()
    assert json.loads(json.dumps(spec)) == spec
    points = spec["data"]["values"]
    fit = [
        (method["method"], f"{table['table']}, {measure['measure']}")
        for method in comparison
        for table in method.get("tables", ())
        for measure in table["measures"]
    ]
    assert [(point["method"], point["panel"]) for point in points] == fit and len(fit) >= 2
    suppress = next(
        point
        for point in points
        if point["method"] == "suppress" and point["panel"] == "wages, persons"
    )
    assert (suppress["published"], suppress["risk"], suppress["distance"]) == (75.0, 0.0, 0.0)
    assert all(0 <= point["risk"] <= 100 and 0 <= point["published"] <= 100 for point in points)
    chart = comparison.to_altair()
    assert isinstance(chart, altair.TopLevelMixin)
    assert list(chart.to_dict()["datasets"].values()) == [points]


def test_it_is_drawn(comparison: kobling.Comparison) -> None:
    html = ElementTree.fromstring(comparison._repr_html_())
    svg = "{http://www.w3.org/2000/svg}"
    assert len(list(html.iter(f"{svg}svg"))) == 1
    marks = [mark.get("aria-roledescription") for mark in html.iter(f"{svg}path")]
    assert marks.count("point") == len(comparison.vega_lite()["data"]["values"])
    titles = ["".join(row.itertext()) for row in html.iter("strong")]
    assert titles == ["wages, persons", "wages, sum_wage"]


def test_without_its_library_there_are_the_numbers(
    comparison: kobling.Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    html = ElementTree.fromstring(comparison._repr_html_())
    assert [row.text for row in html.iter("strong")] == ["wages, persons", "wages, sum_wage"]
    with pytest.raises(ImportError):
        comparison.to_svg()


def test_many_measures_are_not_drawn_all(release_key: kobling.ReleaseKey) -> None:
    measure = {
        "measure": "persons",
        "cells": 0,
        "survived": 0,
        "total_percent": 100.0,
        "average_distance": 0.0,
        "unsafe_cells": 0,
        "unsafe_published": 0,
        "unsafe_exact": 0,
    }
    tables = [{"table": f"t{at}", "measures": [measure]} for at in range(40)]
    many = kobling.Comparison([{"method": "suppress", "tables": tables}])
    points = many.vega_lite()["data"]["values"]
    assert len(points) == 12 and points[0]["published"] == points[0]["risk"] == 0.0
    assert str(many).count("suppress ") == 40
    nothing = kobling.Comparison([{"method": "round", "refused": "no <b>counts</b>"}])
    assert nothing.vega_lite()["data"]["values"] == []
    assert "round does not fit: no &lt;b&gt;counts&lt;/b&gt;" in nothing._repr_html_()


def test_a_release_shows_its_tables_and_match_rates_by_group(
    release_key: kobling.ReleaseKey,
) -> None:
    text = PLAN.replace(
        "[table.wages.with", 'match_rates = { by = ["population.county"] }\n\n[table.wages.with', 1
    )
    plan = kobling.Plan.parse(text)
    key = kobling.LinkageKey.generate().domain_key(plan)
    ids = list(range(3000))
    counties = ["Oslo" if n % 3 else "<i>Agder</i>" for n in ids]
    population = pl.DataFrame({"id": ids, "county": counties})
    taxed = [n for n in ids if n % 3 or n % 2]
    tax = pl.DataFrame({"id": taxed, "year": [2025] * len(taxed), "wage": [7] * len(taxed)})
    made = [
        kobling.pseudonymise(plan, "population", population, key),
        kobling.pseudonymise(plan, "tax", tax, key),
    ]
    with pytest.warns(UserWarning, match="tax"):
        release = kobling.link(plan, made, release_key)
    lines = repr(release["wages"]).splitlines()
    at = next(at for at, line in enumerate(lines) if line == "    by population.county")
    rates = dict(line.strip().split("  ", 1) for line in lines[at + 1 : at + 3])
    assert rates["Oslo"].strip().startswith("100 %")
    # Numbers of rows have noise.
    assert any(re.match(r" *tax: about 8[234] % of base rows", line) for line in lines)
    html = release._repr_html_()
    assert "<i>" not in html
    tree = ElementTree.fromstring(html)
    bars = {
        "".join(cells[0].itertext()): "".join(cells[1].itertext())
        for cells in (list(row) for row in tree.iter("tr"))
        if row_is_bar(cells)
    }
    assert bars["Oslo"] == "100 %" and bars["<i>Agder</i>"] == "50 %"
    assert "warning: table wages" in html and "Release of python-tests" in html


def row_is_bar(cells: list[ElementTree.Element]) -> bool:
    return len(cells) == 3 and cells[2].find("div") is not None
