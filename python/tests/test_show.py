"""What terminals and notebooks show: escaped, and nothing that is suppressed."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

import kobling


@pytest.fixture
def table(
    plan: kobling.Plan, extracts: list[kobling.Extract], release_key: kobling.ReleaseKey
) -> kobling.Table:
    return kobling.link(plan, extracts, release_key)["wages"]


def test_a_table_is_shown_as_text(table: kobling.Table) -> None:
    lines = repr(table).splitlines()
    assert lines[1].split() == ["county", "persons", "sum_wage"]
    finnmark = next(line for line in lines if "Finnmark" in line)
    assert finnmark.split() == ["Finnmark", "·", "·"]
    assert any("1 suppressed, 3 safe" in line for line in lines)


def test_a_table_is_shown_in_notebooks_escaped(table: kobling.Table) -> None:
    html = table._repr_html_()
    assert "&lt;i&gt;Agder&lt;/i&gt;" in html and "<i>" not in html
    tree = ElementTree.fromstring(html)
    rows = [["".join(cell.itertext()) for cell in row] for row in tree.iter("tr")]
    assert rows[0] == ["county", "persons", "sum_wage"]
    assert ["Finnmark", "·", "·"] in rows and ["Oslo", "35", "4095"] in rows
    assert html.count('title="suppressed"') == 2


def test_levels_are_indented_and_shares_are_measures(synthetic: Path) -> None:
    text = (synthetic / "plan.toml").read_text()
    text = text.replace(
        "measures = [{ persons = true }]\n",
        'measures = [{ persons = true }, { persons = { where = [{ column = "population.sex", '
        'equals = "woman" }] }, as = "women" }, { share = "women", of = "persons" }]\n'
        "margins = true\n",
    )
    plan = kobling.Plan.parse(text)
    registers = {source: synthetic / f"{source}.parquet" for source in plan.sources}
    table = kobling.rehearse(plan, registers)["movers"]
    html = ElementTree.fromstring(table._repr_html_())
    head, *rows = [["".join(cell.itertext()) for cell in row] for row in html.iter("tr")]
    assert len(head) == 4 and head[0] == "county" and head[1:3] == ["persons", "women"]
    assert any(row[0] == "total" for row in rows)
    assert "padding-left: 2em" in table._repr_html_()
    assert all(len(row) == 4 for row in rows)


def test_reports_have_bars(extracts: list[kobling.Extract]) -> None:
    html = extracts[1]._repr_html_()
    assert html == extracts[1].report._repr_html_()
    tree = ElementTree.fromstring(html)
    rows = [["".join(cell.itertext()) for cell in row][:2] for row in tree.iter("tr")]
    assert rows == [["kept", "56"], ["filtered", "1"], ["quarantined: missing", "1"]]


def test_conversions_import_what_they_need(table: kobling.Table) -> None:
    wanted = pl.DataFrame(table)
    assert table.to_polars().equals(wanted)
    assert table.to_arrow().num_rows == len(table) == wanted.height
    frame = table.to_pandas()
    assert list(frame.columns) == table.columns
    assert frame["persons"].isna().sum() == 1


def test_nothing_of_a_row_is_in_a_repr(
    plan: kobling.Plan, extracts: list[kobling.Extract], release_key: kobling.ReleaseKey
) -> None:
    pseudonyms = pl.DataFrame(extracts[0])["pseudonym"].to_list()
    shown = "".join(
        f"{extract!r}{extract!s}{extract.report!r}{extract.report}{extract._repr_html_()}"
        for extract in extracts
    )
    shown += repr(kobling.link(plan, extracts, release_key))
    for pseudonym in pseudonyms:
        assert pseudonym.hex() not in shown and repr(pseudonym) not in shown
    assert "1005" not in shown and "Oslo" not in shown
