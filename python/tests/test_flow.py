"""The whole flow, from registers to a release, in memory and by files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import polars as pl
import pytest

import kobling


def test_rows_become_a_protected_table(
    plan: kobling.Plan, extracts: list[kobling.Extract], release_key: kobling.ReleaseKey
) -> None:
    release = kobling.link(plan, extracts, release_key)
    assert list(release) == release.keys() == ["wages"] and len(release) == 1
    assert "wages" in release and "other" not in release and 7 not in release
    table = release["wages"]
    assert (table.name, len(table)) == ("wages", 4)
    rows = {row["county"]: row for row in pl.DataFrame(table).to_dicts()}
    # One person alone is not shown; without margins nothing is there to subtract from.
    assert rows["Finnmark"]["persons"] is None
    assert rows["Finnmark"]["persons_status"] == "suppressed"
    assert rows["Oslo"]["persons"] == 35 and rows["<i>Agder</i>"]["persons"] == 20
    assert release.manifest["plan"]["project"]["id"] == "python-tests"
    assert release.manifest["tables"][0]["name"] == "wages" == table.record["name"]
    assert release.suppression["wages"]["persons"] == {"min_persons": 1}
    with pytest.raises(KeyError, match="it has wages"):
        release["wage"]


def test_what_became_of_every_row(extracts: list[kobling.Extract]) -> None:
    report = extracts[1].report
    assert report.rows_read == 58
    assert (report.rows_kept, report.rows_filtered, report.rows_quarantined) == (56, 1, 1)
    assert report.quarantine == {"missing": 1}
    assert report.columns == {"wage": kobling.ValueCounts(used=56, missing=0, unreadable=0)}
    assert report.key_check == extracts[1].key_check == extracts[0].key_check
    assert "58 rows read" in str(report) and "quarantined 1 (missing 1)" in str(report)
    assert extracts[1].rows == len(extracts[1]) == 56


def test_an_extract_is_used_up(
    plan: kobling.Plan, extracts: list[kobling.Extract], release_key: kobling.ReleaseKey
) -> None:
    population, tax = extracts
    kobling.link(plan, extracts, release_key)
    for again in (
        lambda: kobling.link(plan, [population, tax], release_key),
        lambda: population.write("never.arrow"),
        population.to_bytes,
        lambda: population.content,
        lambda: pl.DataFrame(population),
    ):
        with pytest.raises(kobling.ConsumedError, match="was linked already") as raised:
            again()
        assert raised.value.source == "population"
    assert not Path("never.arrow").exists()
    # What it was is still known, and holds no row.
    assert population.rows == 61 and population.report.rows_kept == 61


def test_where_one_is_used_up_no_other_is(
    plan: kobling.Plan, extracts: list[kobling.Extract], release_key: kobling.ReleaseKey
) -> None:
    population, tax = extracts
    with pytest.raises(kobling.ConsumedError):
        kobling.link(plan, [population, tax, tax], release_key)
    with pytest.raises(TypeError):
        kobling.link(plan, [population, tax, 7], release_key)  # type: ignore[list-item]
    with pytest.raises(TypeError, match="is a list, and this is one path"):
        kobling.link(plan, "tax.arrow", release_key)
    assert kobling.link(plan, [population, tax], release_key).keys() == ["wages"]


@pytest.mark.parametrize("name", ["tax.arrow", "tax.parquet", "tax"])
def test_an_extract_is_written_and_read(
    plan: kobling.Plan,
    extracts: list[kobling.Extract],
    release_key: kobling.ReleaseKey,
    tmp_path: Path,
    name: str,
) -> None:
    population, tax = extracts
    path = tmp_path / name
    parts = None if "." in name else 4
    tax.write(path, parts=parts)
    again = kobling.Extract.read(plan, path)
    assert again.content == tax.content
    assert again.report.rows_read == tax.report.rows_read
    with pytest.raises(kobling.FileError, match="exists already") as raised:
        tax.write(path, parts=parts)
    assert raised.value.file == path
    assert kobling.Extract.from_bytes(plan, tax.to_bytes()).content == tax.content
    assert kobling.link(plan, [population, path], release_key).keys() == ["wages"]


def test_an_extract_has_an_ending_or_parts(extracts: list[kobling.Extract], tmp_path: Path) -> None:
    with pytest.raises(kobling.FileError, match="`.arrow` or `.parquet`"):
        extracts[0].write(tmp_path / "population")
    with pytest.raises(kobling.FileError, match="has no ending"):
        extracts[0].write(tmp_path / "population.arrow", parts=4)
    assert list(tmp_path.iterdir()) == []


def test_within_little_memory_it_is_the_same(
    plan: kobling.Plan, domain_key: kobling.DomainKey, tax: pl.DataFrame, tmp_path: Path
) -> None:
    bounded = kobling.pseudonymise(plan, "tax", tax, domain_key, memory=1 << 20, folder=tmp_path)
    assert bounded.content == kobling.pseudonymise(plan, "tax", tax, domain_key).content


def test_a_release_is_written(
    plan: kobling.Plan,
    extracts: list[kobling.Extract],
    release_key: kobling.ReleaseKey,
    tmp_path: Path,
) -> None:
    release = kobling.link(plan, extracts, release_key)
    folder = tmp_path / "release"
    release.write(folder)
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["manifest.json", "wages.arrow", "wages.csv", "wages.parquet"]
    assert json.loads((folder / "manifest.json").read_text()) == release.manifest
    with (folder / "wages.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == release["wages"].columns
    texts = [[cell or "" for cell in row] for row in release["wages"].text_rows()]
    assert rows == texts
    with pytest.raises(kobling.FileError, match="exists already"):
        release.write(folder)
    with pytest.raises(ValueError, match="arrow, parquet or csv"):
        release.write(tmp_path / "other", formats=["xlsx"])
    release.write(tmp_path / "other", formats=["csv"])
    assert not (tmp_path / "other" / "wages.arrow").exists()


def test_a_ledger_gets_an_entry_and_a_report(
    plan: kobling.Plan,
    extracts: list[kobling.Extract],
    release_key: kobling.ReleaseKey,
    tmp_path: Path,
) -> None:
    paths: list[Path] = []
    for extract in extracts:
        paths.append(tmp_path / f"{extract.source}.arrow")
        extract.write(paths[-1])
    ledger, out = tmp_path / "ledger.jsonl", tmp_path / "release"
    release = kobling.link(plan, paths, release_key, ledger=ledger, out=out, formats=["csv"])
    assert release.manifest["ledger"]["entry"] == 1
    assert (out / "wages.csv").exists() and not (out / "wages.arrow").exists()
    report = (tmp_path / "ledger.report-1.jsonl").read_text().splitlines()
    assert json.loads(report[0])["tables"] == release.suppression
    # A file in the way is noticed before anything is in the ledger.
    with pytest.raises(kobling.FileError, match="exists already"):
        kobling.link(plan, paths, release_key, ledger=ledger, out=out)
    with pytest.raises(kobling.FileError, match="not for the recipient"):
        other = tmp_path / "other"
        kobling.link(plan, paths, release_key, ledger=ledger, out=other, report=other / "why")
    with pytest.raises(kobling.FileError, match="a file of the ledger"):
        kobling.link(plan, paths, release_key, ledger=ledger, report=ledger)
    assert not (tmp_path / "other").exists()
    second = kobling.link(plan, paths, release_key, ledger=ledger, report=tmp_path / "why.jsonl")
    assert second.manifest["ledger"]["entry"] == 2
    assert (tmp_path / "why.jsonl").exists()
    # Another's ledger is none.
    with pytest.raises(kobling.LedgerError) as raised:
        kobling.link(plan, paths, kobling.ReleaseKey.generate(), ledger=ledger)
    assert raised.value.file is not None


def test_methods_are_compared(
    plan: kobling.Plan, extracts: list[kobling.Extract], release_key: kobling.ReleaseKey
) -> None:
    methods = kobling.compare(plan, extracts, release_key)
    suppress = next(method for method in methods if method["method"] == "suppress")
    measures = suppress["tables"][0]["measures"]
    persons = next(measure for measure in measures if measure["measure"] == "persons")
    assert persons["cells"] == 4 and persons["unsafe_cells"] == 1
    assert persons["unsafe_published"] == 0
    with pytest.raises(kobling.ConsumedError):
        kobling.compare(plan, extracts, release_key)


def test_a_plan_is_rehearsed(
    plan: kobling.Plan, population: pl.DataFrame, tax: pl.DataFrame
) -> None:
    release = kobling.rehearse(plan, {"population": population, "tax": tax.lazy()})
    assert release.manifest["rehearsal"] is True and "rehearsal" in repr(release)
    with pytest.raises(kobling.LinkageError):
        kobling.rehearse(plan, {"population": population})


def test_identifiers_are_reported(plan: kobling.Plan, tax: pl.DataFrame) -> None:
    exact = kobling.identifier_report(plan, "tax", tax, exact=True)
    assert (exact["rows"], exact["missing"], exact["filtered"]) == (58, 1, 1)
    rounded = kobling.identifier_report(plan, "tax", tax)
    assert rounded["rows"] == 60 and rounded["missing"] is None


def test_registers_of_nobody_are_rehearsed(synthetic: Path) -> None:
    plan = kobling.Plan.read(synthetic / "plan.toml")
    registers = {source: synthetic / f"{source}.parquet" for source in plan.sources}
    release = kobling.rehearse(plan, registers)
    assert sorted(release) == ["income", "movers"]
    with pytest.raises(kobling.FileError, match="exists already"):
        kobling.synthesise(synthetic, persons=10)
    with pytest.raises(kobling.SynthesisError):
        kobling.synthesise(synthetic / "more", persons=10**12)
