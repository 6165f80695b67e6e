"""What kobling makes is as `FORMATS.md` has it, from registers to what is released."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from reference import cells, keys, ledger, sealed
from reference.vectors import read

import kobling

LEDGER: dict[str, Any] = read("ledger")
RELEASE_KEY = bytes.fromhex(LEDGER["release_key"])
DOMAIN_KEY = bytes.fromhex(LEDGER["domain_key"])

#: A perturbation table, as the R package ptable writes it, and its rows here.
TABLE = """i,j,p,v,p_int_lb,p_int_ub,type
0,0,1,0,0,1,all
1,0,0.5,-1,0,0.5,all
1,2,0.5,1,0.5,1,all
2,0,0.25,-2,0,0.25,all
2,2,0.5,0,0.25,0.75,all
2,4,0.25,2,0.75,1,all
"""
ROWS = {1: [(-1, 0.5), (1, 0.5)], 2: [(-2, 0.25), (0, 0.5), (2, 0.25)]}


def key_file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.touch(mode=0o600)
    path.write_text(text)
    return path


@pytest.fixture
def release_key(tmp_path: Path) -> kobling.ReleaseKey:
    return kobling.ReleaseKey.read(key_file(tmp_path, "release.key", LEDGER["release_key_file"]))


@pytest.fixture
def domain_key(tmp_path: Path) -> kobling.DomainKey:
    return kobling.DomainKey.read(key_file(tmp_path, "domain.key", LEDGER["domain_key_file"]))


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "register.csv"
    path.write_text(LEDGER["register"])
    return path


def test_a_ledger_holds_what_is_defined(
    tmp_path: Path,
    release_key: kobling.ReleaseKey,
    domain_key: kobling.DomainKey,
    register: Path,
) -> None:
    plan, path = kobling.Plan.parse(LEDGER["plan"]), tmp_path / "ledger.jsonl"
    for _ in range(2):
        made = kobling.pseudonymise(plan, "people", register, domain_key)
        release = kobling.link(plan, [made], release_key, ledger=path)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    head = Path(f"{path}.head").read_text(encoding="utf-8")
    digests = ledger.verified({**LEDGER, "lines": lines, "head": head})["digests"]
    assert release.manifest["ledger"] == {"entry": 2, "digest": digests[1]}


def test_a_manifest_shows_counts_as_defined(
    release_key: kobling.ReleaseKey, domain_key: kobling.DomainKey, register: Path
) -> None:
    plan = kobling.Plan.parse(LEDGER["plan"])
    made = kobling.pseudonymise(plan, "people", register, domain_key)
    (said,) = kobling.link(plan, [made], release_key).manifest["inputs"]

    def shown(*what: str, rows: int) -> int | None:
        return cells.shown_count(RELEASE_KEY, ["people", *what], rows)

    assert said["rows"] == shown("rows", rows=40)
    assert said["rows_read"] == shown("rows_read", rows=40)
    assert said["rows_filtered"] == 0
    assert said["columns"]["wage"]["used"] == shown("wage", "used", rows=36)
    assert said["columns"]["wage"]["missing"] == shown("wage", "missing", rows=4)


def test_cell_keys_decide_the_noise_as_defined(
    tmp_path: Path, release_key: kobling.ReleaseKey, domain_key: kobling.DomainKey
) -> None:
    start = LEDGER["plan"].index("measures")
    text = LEDGER["plan"][:start].replace('rows = "one"', 'rows = "many"')
    lines = [line for line in text.splitlines() if not line.startswith("columns.wage")]
    lines += ["measures = [{ persons = true }, { rows = true }]", "margins = true"]
    lines += ['protect = { min_persons = 3, method = "cell-key" }']
    plan = kobling.Plan.parse("\n".join(lines))
    areas = ["north", "south", "west", "other"]
    rows = [(n, areas[n % 7 % 4]) for n in range(1, 60) for _ in range(n % 3 + 1)]
    frame = pl.DataFrame({"nr": [n for n, _ in rows], "area": [area for _, area in rows]})
    (tmp_path / "counts.csv").write_text(TABLE)
    perturbation = tmp_path / "perturbation.toml"
    perturbation.write_text('[counts]\ntable = "counts.csv"\n')
    made = kobling.pseudonymise(plan, "people", frame, domain_key)
    kobling.link(plan, [made], release_key, perturbation=perturbation, out=tmp_path / "release")

    def noisy(what: str, persons: set[int], count: int) -> int:
        pseudonyms = (keys.pseudonym(DOMAIN_KEY, "number", str(n).encode()) for n in persons)
        noise = [cells.record_key(RELEASE_KEY, each).noise for each in pseudonyms]
        key = cells.cell_key(RELEASE_KEY, what, noise, count)
        return count + cells.deviation(ROWS[min(count, 2)], key)

    seen: Counter[int] = Counter()
    with (tmp_path / "release/wages.csv").open(encoding="utf-8") as file:
        for cell in csv.DictReader(file):
            own = [n for n, area in rows if cell["area"] in ("", area)]
            persons = set(own)
            assert int(cell["persons"]) == noisy("persons", persons, len(persons))
            assert int(cell["rows"]) == noisy("rows", persons, len(own))
            seen[int(cell["rows"]) - len(own)] += 1
            seen[int(cell["persons"]) - len(persons)] += 1
    assert seen.total() == 10 and len(seen) > 1


def test_a_sealed_part_is_opened_by_the_release_key(
    tmp_path: Path,
    release_key: kobling.ReleaseKey,
    domain_key: kobling.DomainKey,
    register: Path,
) -> None:
    plan, out = kobling.Plan.parse(LEDGER["plan"]), tmp_path / "part.sealed"
    made = kobling.pseudonymise(plan, "people", register, domain_key)
    content = made.content
    kobling.link_part(plan, [made], release_key, part=1, of=2, out=out)
    header, held = sealed.part(RELEASE_KEY, out.read_bytes())
    assert header["format"] == 1 and header["part"] == "1/2"
    assert header["plan"] == plan.digest and header["version"] == kobling.__version__
    assert header["release_key_check"] == release_key.check
    assert header["extracts"] == [["people", content]]
    assert held
    with pytest.raises(AssertionError):
        sealed.part(DOMAIN_KEY, out.read_bytes())


def test_the_cipher_is_that_of_its_draft() -> None:
    """draft-irtf-cfrg-xchacha-03, appendix A.3.1."""
    nonce = bytes(range(0x40, 0x58))
    additional = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
    text = bytes.fromhex(
        "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
        "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
        "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
        "21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780a"
        "cf49"
    )
    opened = sealed.opened(bytes(range(0x80, 0xA0)), nonce, text, additional)
    assert opened.startswith(b"Ladies and Gentlemen of the class of '99")
