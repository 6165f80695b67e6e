"""The golden vectors, by Python's own hashes and by kobling; Rust checks them, too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import reference
from conftest import PLAN

import kobling

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "tests/vectors/pseudonyms.json").read_text()
)
DOMAINS: list[dict[str, Any]] = VECTORS["domains"]
PSEUDONYMS: list[dict[str, str]] = VECTORS["pseudonyms_of_first_domain"]


def key_file(folder: Path, text: str) -> Path:
    path = folder / "a.key"
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def test_definitions_give_the_vectors() -> None:
    linkage_key = bytes.fromhex(VECTORS["linkage_key"]["key"])
    assert reference.key_file("linkage", linkage_key) == VECTORS["linkage_key"]["key_file"]
    release_key = bytes.fromhex(VECTORS["release_key"]["key"])
    assert reference.key_file("release", release_key) == VECTORS["release_key"]["key_file"]
    assert reference.key_check(release_key).hex() == VECTORS["release_key"]["key_check"]
    for domain in DOMAINS:
        of = (domain["project"], domain["epoch"])
        key = reference.domain_key(linkage_key, *of)
        assert key.hex() == domain["key"]
        assert reference.key_check(key).hex() == domain["key_check"]
        assert reference.key_file("domain", key, of) == domain["key_file"]
    key = bytes.fromhex(DOMAINS[0]["key"])
    for vector in PSEUDONYMS:
        made = reference.pseudonym(key, vector["type"], vector["canonical"])
        assert made.hex() == vector["pseudonym"]


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: f"{domain['epoch']}")
def test_kobling_derives_the_vectors(domain: dict[str, Any], tmp_path: Path) -> None:
    linkage_key = kobling.LinkageKey.read(key_file(tmp_path, VECTORS["linkage_key"]["key_file"]))
    text = PLAN.replace('"python-tests"', f'"{domain["project"]}"')
    text = text.replace("epoch = 1", f"epoch = {domain['epoch']}")
    key = linkage_key.domain_key(kobling.Plan.parse(text))
    assert key.check == domain["key_check"]
    key.write(tmp_path / "domain.key")
    assert (tmp_path / "domain.key").read_text() == domain["key_file"]


def test_kobling_reads_the_release_key(tmp_path: Path) -> None:
    release_key = kobling.ReleaseKey.read(key_file(tmp_path, VECTORS["release_key"]["key_file"]))
    assert release_key.check == VECTORS["release_key"]["key_check"]


@pytest.mark.parametrize("vector", PSEUDONYMS, ids=lambda vector: vector["type"])
def test_kobling_makes_the_pseudonyms(vector: dict[str, str], tmp_path: Path) -> None:
    kind = vector["type"]
    synthetic = ', synthetic = "allow"' if kind == "no-fnr" else ""
    text = PLAN.replace('"python-tests"', f'"{DOMAINS[0]["project"]}"')
    text = text.replace('type = "number" }', f'type = "{kind}"{synthetic} }}')
    plan = kobling.Plan.parse(text)
    key = kobling.DomainKey.read(key_file(tmp_path, DOMAINS[0]["key_file"]))
    rows = pl.DataFrame({"id": [vector["written"]], "county": ["Oslo"]})
    extract = kobling.pseudonymise(plan, "population", rows, key)
    assert extract.report.rows_quarantined == 0
    made = pl.DataFrame(extract)["pseudonym"].ext.storage()
    assert [pseudonym.hex() for pseudonym in made] == [vector["pseudonym"]]
