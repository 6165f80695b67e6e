"""Keys: they go by their files, and by nothing else."""

from __future__ import annotations

import copy
import pickle
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import PLAN

import kobling


def secret(path: Path) -> str:
    """The key in a key file."""
    line = next(line for line in path.read_text().splitlines() if line.startswith("key = "))
    return line.removeprefix("key = ")


def test_a_key_is_neither_shown_nor_copied(
    linkage_key: kobling.LinkageKey,
    domain_key: kobling.DomainKey,
    release_key: kobling.ReleaseKey,
    tmp_path: Path,
) -> None:
    keys: list[Any] = [linkage_key, domain_key, release_key]
    for number, key in enumerate(keys):
        path = tmp_path / f"{number}.key"
        key.write(path)
        hidden = secret(path)
        assert len(hidden) == 64
        shown = f"{key!r}{key!s}{key:}{vars(type(key))}{[getattr(key, n) for n in dir(key)]}"
        assert hidden not in shown and hidden[:16] not in shown
        assert hidden.upper() not in shown
        copies: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy, pickle.dumps]
        for copied in copies:
            with pytest.raises(TypeError, match="neither pickled nor copied"):
                copied(key)
        with pytest.raises(AttributeError):
            key.secret = 1
        with pytest.raises(TypeError):
            type(key)()
        assert not hasattr(key, "__dict__")
    assert repr(linkage_key) == "<LinkageKey>"
    assert repr(domain_key) == f"<DomainKey of python-tests/1, key check {domain_key.check}>"
    assert linkage_key != kobling.LinkageKey.generate()


def test_keys_go_by_files(
    plan: kobling.Plan,
    linkage_key: kobling.LinkageKey,
    domain_key: kobling.DomainKey,
    release_key: kobling.ReleaseKey,
    tmp_path: Path,
) -> None:
    domain_key.write(tmp_path / "domain.key")
    read = kobling.DomainKey.read(tmp_path / "domain.key")
    assert (read.check, read.project, read.epoch) == (domain_key.check, "python-tests", 1)
    linkage_key.write(str(tmp_path / "linkage.key"))
    again = kobling.LinkageKey.read(str(tmp_path / "linkage.key"))
    assert again.domain_key(plan).check == domain_key.check
    release_key.write(tmp_path / "release.key")
    assert kobling.ReleaseKey.read(tmp_path / "release.key").check == release_key.check
    assert stat.S_IMODE((tmp_path / "domain.key").stat().st_mode) == 0o600
    with pytest.raises(kobling.WrongKeyError, match="move the old key away") as raised:
        domain_key.write(tmp_path / "domain.key")
    assert raised.value.file == tmp_path / "domain.key"


def test_a_wrong_key_file_is_refused_and_not_quoted(
    domain_key: kobling.DomainKey, tmp_path: Path
) -> None:
    path = tmp_path / "domain.key"
    domain_key.write(path)
    hidden = secret(path)
    with pytest.raises(kobling.WrongKeyError) as raised:
        kobling.ReleaseKey.read(path)
    assert hidden not in str(raised.value) + repr(raised.value.__dict__)
    path.write_text(path.read_text().replace(hidden, hidden[::-1]))
    with pytest.raises(kobling.WrongKeyError) as raised:
        kobling.DomainKey.read(path)
    assert hidden[::-1] not in str(raised.value) + repr(raised.value.__dict__)
    path.chmod(0o644)
    with pytest.raises(kobling.WrongKeyError) as raised:
        kobling.DomainKey.read(path)
    assert raised.value.file == path and raised.value.help is not None
    with pytest.raises(kobling.FileError):
        kobling.DomainKey.read(tmp_path / "none.key")


def test_a_key_of_another_project_is_refused_before_a_row_is_read(
    plan: kobling.Plan, linkage_key: kobling.LinkageKey, tmp_path: Path
) -> None:
    other = kobling.Plan.parse(PLAN.replace("python-tests", "other-project"))
    key = linkage_key.domain_key(other)
    with pytest.raises(kobling.WrongKeyError, match="other-project/1") as raised:
        kobling.pseudonymise(plan, "tax", tmp_path / "none.csv", key)
    assert "python-tests/1" in str(raised.value)


def test_extracts_of_two_keys_are_not_linked(
    plan: kobling.Plan,
    domain_key: kobling.DomainKey,
    release_key: kobling.ReleaseKey,
    population: pl.DataFrame,
    tax: pl.DataFrame,
) -> None:
    other = kobling.LinkageKey.generate().domain_key(plan)
    extracts = [
        kobling.pseudonymise(plan, "population", population, domain_key),
        kobling.pseudonymise(plan, "tax", tax, other),
    ]
    with pytest.raises(kobling.ExtractError) as raised:
        kobling.link(plan, extracts, release_key)
    assert domain_key.check in str(raised.value) and other.check in str(raised.value)


def test_a_key_of_another_kind_is_a_type_error(
    plan: kobling.Plan,
    linkage_key: kobling.LinkageKey,
    domain_key: kobling.DomainKey,
    extracts: list[kobling.Extract],
    tax: pl.DataFrame,
) -> None:
    with pytest.raises(TypeError):
        kobling.pseudonymise(plan, "tax", tax, linkage_key)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        kobling.link(plan, extracts, domain_key)  # type: ignore[arg-type]
    assert extracts[0].content
