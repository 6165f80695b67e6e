"""The golden vectors, by `FORMATS.md` in Python and by kobling; Rust checks them, too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import PLAN, read_toml
from reference import arrow, extract, plan
from reference.vectors import OF_FILE, extract as extract_of, read

import kobling

VECTORS = read("pseudonyms")
DOMAINS: list[dict[str, Any]] = VECTORS["domains"]
PSEUDONYMS: list[dict[str, str]] = VECTORS["pseudonyms_of_first_domain"]
COMPOSITES: list[dict[str, Any]] = VECTORS["composites_of_first_domain"]
EXTRACTS = read("extracts")

#: Runs the reference where there is neither kobling nor anything that is installed.
ALONE = """
import runpy, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in {*sys.stdlib_module_names, "reference"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
sys.path.insert(0, sys.argv.pop())
runpy.run_module("reference", run_name="__main__")
"""


def private(folder: Path, text: str) -> Path:
    path = folder / "a.key"
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def test_definitions_give_the_vectors() -> None:
    command = [sys.executable, "-I", "-W", "error", "-c", ALONE, str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"as they should be: {', '.join(OF_FILE)}\n"


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: f"{domain['epoch']}")
def test_kobling_derives_the_vectors(domain: dict[str, Any], tmp_path: Path) -> None:
    linkage_key = kobling.LinkageKey.read(private(tmp_path, VECTORS["linkage_key"]["key_file"]))
    text = PLAN.replace('"python-tests"', f'"{domain["project"]}"')
    text = text.replace("epoch = 1", f"epoch = {domain['epoch']}")
    key = linkage_key.domain_key(kobling.Plan.parse(text))
    assert key.check == domain["key_check"]
    key.write(tmp_path / "domain.key")
    assert (tmp_path / "domain.key").read_text() == domain["key_file"]


def test_kobling_reads_the_release_key(tmp_path: Path) -> None:
    release_key = kobling.ReleaseKey.read(private(tmp_path, VECTORS["release_key"]["key_file"]))
    assert release_key.check == VECTORS["release_key"]["key_check"]


def pseudonym(identifier: str, row: dict[str, str], folder: Path) -> str:
    """The pseudonym that kobling gives to the one row of a register."""
    text = PLAN.replace('"python-tests"', f'"{DOMAINS[0]["project"]}"')
    given = 'identifier = { column = "id", type = "number" }'
    plan = kobling.Plan.parse(text.replace(given, f"identifier = {identifier}"))
    key = kobling.DomainKey.read(private(folder, DOMAINS[0]["key_file"]))
    rows = pl.DataFrame({**row, "county": "Oslo"})
    extract = kobling.pseudonymise(plan, "population", rows, key)
    assert extract.report.rows_quarantined == 0
    (made,) = pl.DataFrame(extract)["pseudonym"].ext.storage()
    return bytes(made).hex()


@pytest.mark.parametrize("vector", PSEUDONYMS, ids=lambda vector: vector["type"])
def test_kobling_makes_the_pseudonyms(vector: dict[str, str], tmp_path: Path) -> None:
    synthetic = ', synthetic = "allow"' if vector["type"] == "no-fnr" else ""
    identifier = f'{{ column = "id", type = "{vector["type"]}"{synthetic} }}'
    assert pseudonym(identifier, {"id": vector["written"]}, tmp_path) == vector["pseudonym"]


@pytest.mark.parametrize("vector", COMPOSITES, ids=lambda vector: f"{len(vector['parts'])} parts")
def test_kobling_makes_the_pseudonyms_of_several_columns(
    vector: dict[str, Any], tmp_path: Path
) -> None:
    parts = list(enumerate(vector["parts"]))
    columns = (f'{{ column = "{at}", type = "{part["type"]}" }}' for at, part in parts)
    row = {str(at): part["written"] for at, part in parts}
    made = pseudonym(f"{{ columns = [{', '.join(columns)}] }}", row, tmp_path)
    assert made == vector["pseudonym"]


@pytest.mark.parametrize("vector", read("plans")["plans"], ids=lambda vector: vector["digest"][:8])
def test_kobling_digests_the_plans(vector: dict[str, str]) -> None:
    assert kobling.Plan.parse(vector["toml"]).digest == vector["digest"]


@pytest.mark.parametrize("name", ["nhanes", "oulad", "pseudopeople"])
def test_the_examples_have_the_digest_of_the_definition(name: str) -> None:
    path = Path(__file__).parents[2] / "examples" / name / "plan.toml"
    form = plan.canonical_form(read_toml(path.read_text()))
    assert kobling.Plan.read(path).digest == plan.digest(form).hex()


@pytest.fixture
def domain_key(tmp_path: Path) -> kobling.DomainKey:
    return kobling.DomainKey.read(private(tmp_path, EXTRACTS["domain_key_file"]))


@pytest.mark.parametrize("vector", EXTRACTS["extracts"], ids=lambda vector: vector["source"])
def test_kobling_reads_an_extract_that_others_made(vector: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "extract.arrow"
    header, columns = extract_of(EXTRACTS, vector)
    arrow.write(path, header, columns)
    read = kobling.Extract.read(kobling.Plan.parse(EXTRACTS["plan"]), path)
    assert read.content == vector["content"]
    read.write(tmp_path / "again.arrow")
    assert arrow.read(tmp_path / "again.arrow") == (header, columns, vector["content"])


@pytest.mark.parametrize("vector", EXTRACTS["extracts"][:2], ids=lambda vector: vector["source"])
def test_others_read_an_extract_that_kobling_made(
    vector: dict[str, Any], tmp_path: Path, domain_key: kobling.DomainKey
) -> None:
    register = tmp_path / "register.csv"
    register.write_text(vector["register"])
    plan = kobling.Plan.parse(EXTRACTS["plan"])
    made = kobling.pseudonymise(plan, vector["source"], register, domain_key)
    made.write(tmp_path / "extract.arrow")
    header, columns, content = arrow.read(tmp_path / "extract.arrow")
    expected = extract_of(
        EXTRACTS, {**vector, "header": {**vector["header"], "version": header.maker}}
    )
    assert (header, columns) == expected
    assert content == made.content == extract.content_digest(header, columns)


def test_parts_are_cut_and_digested_as_defined(
    tmp_path: Path, domain_key: kobling.DomainKey
) -> None:
    vector = EXTRACTS["extracts"][0]
    register = tmp_path / "register.csv"
    register.write_text(vector["register"])
    plan = kobling.Plan.parse(EXTRACTS["plan"])
    made = kobling.pseudonymise(plan, vector["source"], register, domain_key)
    made.write(tmp_path / "parts", parts=3)
    rows = 0
    for part in range(3):
        path = tmp_path / f"parts/part-{part:03}-of-003.arrow"
        header, columns, content = arrow.read(path)
        own = [labelled(column) for column in columns]
        said = arrow.metadata(path)
        assert said["kobling.part"] == f"{part}/3" and content == made.content
        assert said["kobling.part_content"] == extract.content_digest(header, own)
        assert all(extract.in_part(each, part, 3) for each in columns[0].values)
        rows += len(columns[0].values)
    assert rows == len(vector["rows"])


def labelled(column: extract.Column) -> extract.Column:
    """The column with those of its labels that it has; but all that there can be of bands."""
    if column.kind != "category" or column.name == "band":
        return column
    held = {value for value in column.values if value is not None}
    labels = sorted(held, key=lambda label: str(label).encode())
    return extract.Column(column.name, column.kind, column.values, labels)
