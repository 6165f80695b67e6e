"""The ledger as an object: what it says of releases, and what it refuses."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

import kobling


@pytest.fixture
def files(extracts: list[kobling.Extract], tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{extract.source}.arrow" for extract in extracts]
    for extract, path in zip(extracts, paths, strict=True):
        extract.write(path)
    return paths


def release(
    plan: kobling.Plan, files: list[Path], key: kobling.ReleaseKey, ledger: Path
) -> kobling.Release:
    out = ledger.parent / f"release-{len(list(ledger.parent.iterdir()))}"
    return kobling.link(plan, files, key, ledger=ledger, out=out, formats=["csv"])


def test_it_has_every_release(
    plan: kobling.Plan,
    files: list[Path],
    extracts: list[kobling.Extract],
    release_key: kobling.ReleaseKey,
    tmp_path: Path,
) -> None:
    path = tmp_path / "ledger.jsonl"
    releases = [release(plan, files, release_key, path) for _ in range(2)]
    ledger = kobling.Ledger.read(path, plan, release_key)
    assert len(ledger) == 2 and list(ledger) == list(ledger.entries) and ledger[1].number == 2
    assert (ledger.path, ledger.project, ledger.rho) == (path, "python-tests", 0.0)
    for entry, made in zip(ledger, releases, strict=True):
        manifest = made.manifest
        assert manifest["ledger"] == {"entry": entry.number, "digest": entry.digest}
        assert (entry.plan_digest, entry.epoch, entry.project) == (plan.digest, 1, "python-tests")
        made_at = datetime.datetime.fromisoformat(manifest["made_at"].replace("Z", "+00:00"))
        assert entry.made_at == made_at and entry.made_at.tzinfo is not None
        assert entry.extracts == {extract.source: extract.content for extract in extracts}
        (table,) = entry.tables
        assert (table.name, table.base) == ("wages", "population")
        assert table.dimensions == ("county",) and table.method.startswith("suppress")
        assert sorted(table.measures) == ["persons", "sum_wage"]
    assert kobling.Ledger.read(path, plan, release_key) == ledger


def test_what_it_shows_has_no_figure_and_no_key(
    plan: kobling.Plan, files: list[Path], release_key: kobling.ReleaseKey, tmp_path: Path
) -> None:
    path = tmp_path / "ledger.jsonl"
    release(plan, files, release_key, path)
    ledger = kobling.Ledger.read(path, plan, release_key)
    assert repr(ledger) == "<Ledger of python-tests, 1 entry>"
    assert "epoch 1  wages" in str(ledger)
    html = ElementTree.fromstring(ledger._repr_html_())
    head, row = [["".join(cell.itertext()) for cell in row] for row in html.iter("tr")]
    assert head == ["entry", "made at (UTC)", "epoch", "tables", "plan"]
    assert row[0] == "1" and row[3] == "wages" and plan.digest.startswith(row[4])
    shown = f"{ledger!r}{ledger}{ledger.entries!r}{ledger._repr_html_()}"
    assert "Oslo" not in shown and "4095" not in shown
    key_file = tmp_path / "release.key"
    release_key.write(key_file)
    key = key_file.read_text().partition("key = ")[2].partition("\n")[0]
    assert len(key) == 64 and key not in shown


def test_the_chain_is_verified_again(
    plan: kobling.Plan, files: list[Path], release_key: kobling.ReleaseKey, tmp_path: Path
) -> None:
    path, head = tmp_path / "ledger.jsonl", tmp_path / "ledger.jsonl.head"
    release(plan, files, release_key, path)
    copies = [shutil.copy2(file, tmp_path / f"{file.name}.copy") for file in (path, head)]
    ledger = kobling.Ledger.read(path, plan, release_key)
    release(plan, files, release_key, path)
    # New entries are what it is for.
    ledger.verify()
    two = kobling.Ledger.read(path, plan, release_key)
    for copy, file in zip(copies, (path, head), strict=True):
        shutil.copy2(copy, file)
    ledger.verify()
    with pytest.raises(kobling.LedgerError, match="was put back") as raised:
        two.verify()
    assert raised.value.file == path
    path.write_bytes(path.read_bytes().replace(b'"made_at":"2', b'"made_at":"3', 1))
    with pytest.raises(kobling.LedgerError, match="entry 1 was changed"):
        ledger.verify()
    path.unlink()
    with pytest.raises(kobling.LedgerError, match="was cut"):
        ledger.verify()
    head.unlink()
    with pytest.raises(kobling.FileError, match="there is no ledger"):
        ledger.verify()


def test_what_is_no_ledger_of_this_project_is_refused(
    plan: kobling.Plan, files: list[Path], release_key: kobling.ReleaseKey, tmp_path: Path
) -> None:
    path = tmp_path / "ledger.jsonl"
    with pytest.raises(kobling.FileError, match="there is no ledger") as raised:
        kobling.Ledger.read(path, plan, release_key)
    assert raised.value.file == path and not list(tmp_path.glob("ledger*"))
    release(plan, files, release_key, path)
    with pytest.raises(kobling.LedgerError, match="is of the release key"):
        kobling.Ledger.read(path, plan, kobling.ReleaseKey.generate())
    with pytest.raises(kobling.LedgerError, match="another project"):
        kobling.Ledger.read(path, plan.rehearsal(), release_key)
    with pytest.raises(kobling.LedgerError, match="has no head"):
        kobling.Ledger.read(files[0], plan, release_key)
    with pytest.raises(TypeError, match="path is a path"):
        kobling.Ledger.read(7, plan, release_key)  # type: ignore[arg-type]
