"""Runs in parts, and what files say of themselves."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import kobling


@pytest.fixture
def files(extracts: list[kobling.Extract], tmp_path: Path) -> list[Path]:
    population, tax = tmp_path / "population.arrow", tmp_path / "tax"
    extracts[0].write(population)
    extracts[1].write(tax, parts=8)
    return [population, tax]


def test_parts_make_the_same_release(
    plan: kobling.Plan, files: list[Path], release_key: kobling.ReleaseKey, tmp_path: Path
) -> None:
    sealed = [tmp_path / f"part-{part}.sealed" for part in range(3)]
    for part, out in enumerate(sealed):
        kobling.link_part(plan, files, release_key, part=part, of=3, out=out)
    with pytest.raises(kobling.FileError, match="exists already"):
        kobling.link_part(plan, files, release_key, part=0, of=3, out=sealed[0])
    whole = kobling.link(plan, files, release_key)["wages"]
    merged = kobling.merge(plan, reversed(sealed), release_key, out=tmp_path / "release")
    assert pl.DataFrame(merged["wages"]).equals(pl.DataFrame(whole))
    assert (tmp_path / "release" / "wages.csv").exists()
    with pytest.raises(kobling.Error):
        kobling.merge(plan, sealed[:2], release_key)
    with pytest.raises(kobling.Error):
        kobling.merge(plan, [*sealed, sealed[0]], release_key)
    with pytest.raises(kobling.Error):
        kobling.merge(plan, sealed, kobling.ReleaseKey.generate())
    with pytest.raises(kobling.Error):
        kobling.link_part(plan, files, release_key, part=3, of=3, out=tmp_path / "no.sealed")
    assert not (tmp_path / "no.sealed").exists()


def test_a_part_of_extracts_in_memory_is_the_same(
    plan: kobling.Plan,
    extracts: list[kobling.Extract],
    release_key: kobling.ReleaseKey,
    files: list[Path],
    tmp_path: Path,
) -> None:
    sealed = [tmp_path / "a.sealed", tmp_path / "b.sealed"]
    kobling.link_part(plan, extracts, release_key, part=0, of=2, out=sealed[0])
    with pytest.raises(kobling.ConsumedError):
        kobling.link_part(plan, extracts, release_key, part=1, of=2, out=sealed[1])
    kobling.link_part(plan, files, release_key, part=1, of=2, out=sealed[1])
    assert pl.DataFrame(kobling.merge(plan, sealed, release_key)["wages"]).height == 4


def test_histories_are_linked_in_parts(synthetic: Path, tmp_path: Path) -> None:
    plan = kobling.Plan.read(synthetic / "plan.toml").rehearsal()
    key, release_key = kobling.LinkageKey.generate(), kobling.ReleaseKey.generate()
    files = []
    for source in plan.sources:
        register = synthetic / f"{source}.parquet"
        files.append(tmp_path / f"{source}.arrow")
        kobling.pseudonymise(plan, source, register, key.domain_key(plan)).write(files[-1])
    sealed = [tmp_path / "0.sealed", tmp_path / "1.sealed"]
    for part, out in enumerate(sealed):
        kobling.link_part(plan, files, release_key, part=part, of=2, out=out)
    merged = kobling.merge(plan, sealed, release_key)
    whole = kobling.link(plan, files, release_key)
    for table in plan.tables:
        assert pl.DataFrame(merged[table]).equals(pl.DataFrame(whole[table]))


def test_a_file_says_what_it_is(
    plan: kobling.Plan, files: list[Path], release_key: kobling.ReleaseKey, tmp_path: Path
) -> None:
    for path, rows in zip(files, (61, 56), strict=True):
        said = kobling.inspect(path)
        assert (said["kind"], said["rows"]) == ("extract", rows)
        assert next(iter(said["columns"])) == "pseudonym"
    kobling.link(plan, files, release_key, out=tmp_path / "release")
    said = kobling.inspect(tmp_path / "release" / "wages.parquet")
    assert (said["kind"], said["rows"]) == ("release", 4)
    (tmp_path / "other.arrow").write_bytes(b"nothing")
    with pytest.raises(kobling.ExtractError) as raised:
        kobling.inspect(tmp_path / "other.arrow")
    assert raised.value.file == tmp_path / "other.arrow"
