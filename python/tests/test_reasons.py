"""Why figures are suppressed: audits, the report of reasons, and the proof of one figure."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import PLAN

import kobling


@pytest.fixture(scope="session")
def plan() -> kobling.Plan:
    """`PLAN`, with a total, from which what is suppressed alone would follow."""
    return kobling.Plan.parse(PLAN.replace("sensitive = []", "sensitive = []\nmargins = true"))


def test_a_release_has_its_audits(
    plan: kobling.Plan, extracts: list[kobling.Extract], release_key: kobling.ReleaseKey
) -> None:
    release = kobling.link(plan, extracts, release_key)
    persons, wages = release.audits
    assert persons.measures == ("wages.persons",) and wages.measures == ("wages.sum_wage",)
    assert persons.count_interval == 3 and persons.primes is None
    assert persons.fewest_values is not None and persons.fewest_values >= 3
    assert "at least 3 values" in persons.promise
    assert f"fewest possible values of an unsafe one: {persons.fewest_values}" in str(persons)
    assert wages.count_interval is None and wages.primes is not None
    assert "kept: no unsafe figure follows" in str(wages) and "kept:" in wages._repr_html_()
    statuses = release.manifest["tables"][0]["statuses"]
    assert persons.suppressed == statuses["persons"]["suppressed"] == 2
    # What a recipient may know of them says less.
    public = release.manifest["audits"]
    assert [audit["measures"] for audit in public] == [["wages.persons"], ["wages.sum_wage"]]
    assert all("fewest_values" not in audit and "narrowest" not in audit for audit in public)


def test_reasons_are_read_from_their_report(
    plan: kobling.Plan,
    extracts: list[kobling.Extract],
    release_key: kobling.ReleaseKey,
    tmp_path: Path,
) -> None:
    path = tmp_path / "why.jsonl"
    release = kobling.link(plan, extracts, release_key, report=path)
    report = kobling.SuppressionReport.read(path)
    assert report.tables == release.suppression and report.audits == release.audits
    assert (report.project, report.rehearsal) == ("python-tests", False)
    assert report.ledger_entry is None and report.ledger_costs is None
    assert report.plan_digest == plan.digest
    reasons = {figure.reason for figure in report.figures if figure.measure == "persons"}
    assert reasons == {"min_persons", "complementary"}
    finnmark = next(figure for figure in report.figures if figure.reason == "min_persons")
    assert finnmark.cell == {"county": "Finnmark"} and finnmark.level == {"county": "county"}
    assert "wages, persons: complementary 1, min_persons 1" in str(report)
    html = ElementTree.fromstring(report._repr_html_())
    rows = [["".join(cell.itertext()) for cell in row] for row in html.iter("tr")]
    assert ["wages", "persons", "min_persons", "1"] in rows
    assert repr(report) == f"<SuppressionReport of python-tests, {len(report.figures)} figures>"


def test_a_report_that_is_not_whole_is_refused(
    plan: kobling.Plan,
    extracts: list[kobling.Extract],
    release_key: kobling.ReleaseKey,
    tmp_path: Path,
) -> None:
    path = tmp_path / "why.jsonl"
    kobling.link(plan, extracts, release_key, report=path)
    whole = path.read_text()
    lines = whole.splitlines(keepends=True)
    other_format = json.dumps({**json.loads(lines[0]), "format": 2}) + "\n"
    for text in (
        "",
        "{}\n",
        "[]\n",
        whole[:-1],
        "".join(lines[:-1]),
        "".join([*lines, lines[-1]]),
        "".join([other_format, *lines[1:]]),
        whole.replace('"measure"', '"measured"'),
        "Finnmark\n",
    ):
        path.write_text(text)
        with pytest.raises(kobling.FileError) as raised:
            kobling.SuppressionReport.read(path)
        assert raised.value.file == path and "Finnmark" not in str(raised.value)
        assert raised.value.__cause__ is None
    with pytest.raises(kobling.FileError, match="cannot read it: No such file"):
        kobling.SuppressionReport.read(tmp_path / "nothing")


def write(extracts: list[kobling.Extract], folder: Path) -> list[Path]:
    paths = [folder / f"{extract.source}.arrow" for extract in extracts]
    for extract, path in zip(extracts, paths, strict=True):
        extract.write(path)
    return paths


def test_an_unsafe_figure_is_shown_to_be_uncertain(
    plan: kobling.Plan,
    extracts: list[kobling.Extract],
    release_key: kobling.ReleaseKey,
    tmp_path: Path,
) -> None:
    paths = write(extracts, tmp_path)
    release = kobling.link(plan, paths, release_key)
    why = kobling.explain(
        plan,
        paths,
        release_key,
        table="wages",
        measure="persons",
        cell={"county": "Finnmark"},
    )
    assert (why.status, why.reason, why.value) == ("suppressed", "min_persons", "1")
    # Three values are possible: the true one, and two in other tables.
    assert len(why.tables) >= 2 and all(other.value != "1" for other in why.tables)
    published = {row[0]: row for row in release["wages"].text_rows()}
    for other in why.tables:
        changes = {cell.cell["county"]: int(cell.other) - int(cell.value) for cell in other.cells}
        # The total stays, and what is published stays.
        assert sum(changes.values()) == 0 and "Finnmark" in changes
        assert all(published[county or ""][2] is None for county in changes)
    assert "agrees with all that is published" in why.conclusion
    text = str(why)
    assert text.startswith("wages, persons, county = Finnmark: suppressed (min_persons); it is 1\n")
    assert f"It may be {why.tables[0].value}: table 1" in text and text.endswith("risk owner.")
    html = ElementTree.fromstring(why._repr_html_())
    head = ["".join(cell.itertext()) for cell in next(html.iter("tr"))]
    assert head == ["county", "is", "there"]
    # What is true is not shown by accident.
    assert repr(why) == "<Explanation of wages, persons: suppressed>"
    assert "county" in repr(why.tables) and "value" not in repr(why.tables)


def test_a_safe_figure_names_what_it_guards(
    plan: kobling.Plan,
    extracts: list[kobling.Extract],
    release_key: kobling.ReleaseKey,
    tmp_path: Path,
) -> None:
    report = tmp_path / "why.jsonl"
    paths = write(extracts, tmp_path)
    kobling.link(plan, paths, release_key, report=report)
    figures = kobling.SuppressionReport.read(report).figures
    guard = next(
        figure
        for figure in figures
        if figure.reason == "complementary" and figure.measure == "persons"
    )
    why = kobling.explain(
        plan, paths, release_key, table="wages", measure="persons", cell=guard.cell
    )
    assert (why.status, why.reason, why.tables) == ("suppressed", "complementary", ())
    assert why.guards == ({"county": "Finnmark"},)
    assert "It is suppressed for these, which are unsafe:\n\n  county\n  Finnmark\n" in str(why)
    total = kobling.explain(plan, paths, release_key, table="wages", measure="persons")
    assert (total.status, total.reason, total.conclusion) == ("safe", None, "It is published.")


def test_it_is_explained_as_when_it_was_made(
    plan: kobling.Plan,
    extracts: list[kobling.Extract],
    release_key: kobling.ReleaseKey,
    tmp_path: Path,
) -> None:
    paths, ledger = write(extracts, tmp_path), tmp_path / "ledger.jsonl"
    kobling.link(plan, paths, release_key, ledger=ledger, out=tmp_path / "release")
    before = ledger.read_bytes()

    def explain(entry: int | None) -> kobling.Explanation:
        return kobling.explain(
            plan,
            paths,
            release_key,
            table="wages",
            measure="persons",
            cell={"county": "Finnmark"},
            entry=entry,
            ledger=ledger,
        )

    assert explain(1).reason == "min_persons" and ledger.read_bytes() == before
    with pytest.raises(kobling.ProtectionError, match="entry"):
        explain(7)


@pytest.mark.parametrize(
    ("table", "measure", "cell", "rule"),
    [
        ("wage", "persons", None, "no table of this name"),
        ("wages", "person", None, "no measure of this name"),
        ("wages", "persons", {"town": "Oslo"}, "no dimension `town`"),
        ("wages", "persons", {"county": "Bergen"}, "no row of these categories"),
        ("wages", "persons", {"county": None}, "no row of these categories"),
        ("wages", "persons", {"county.region": "1"}, "no such level"),
    ],
)
def test_what_is_no_figure_is_refused(
    plan: kobling.Plan,
    extracts: list[kobling.Extract],
    release_key: kobling.ReleaseKey,
    table: str,
    measure: str,
    cell: dict[str, str | None] | None,
    rule: str,
) -> None:
    with pytest.raises(kobling.ProtectionError, match=rule) as raised:
        kobling.explain(plan, extracts, release_key, table=table, measure=measure, cell=cell)
    assert "Bergen" not in str(raised.value)


def test_wrong_use_is_refused_before_extracts_are_used_up(
    plan: kobling.Plan, extracts: list[kobling.Extract], release_key: kobling.ReleaseKey
) -> None:
    with pytest.raises(ValueError, match="name the ledger"):
        kobling.explain(plan, extracts, release_key, table="wages", measure="persons", entry=1)
    for cell in ("county=Oslo", {"county": 7}, {7: "Oslo"}):
        with pytest.raises(TypeError, match="cell "):
            kobling.explain(
                plan,
                extracts,
                release_key,
                table="wages",
                measure="persons",
                cell=cell,  # type: ignore[arg-type]
            )
    assert kobling.link(plan, extracts, release_key).keys() == ["wages"]
