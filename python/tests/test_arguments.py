"""What is no argument is refused by its name, with what it would have to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import kobling


def test_memory_is_a_number_of_bytes(
    plan: kobling.Plan, domain_key: kobling.DomainKey, tax: pl.DataFrame, tmp_path: Path
) -> None:
    def within(memory: Any) -> kobling.Extract:
        return kobling.pseudonymise(plan, "tax", tax, domain_key, memory=memory, folder=tmp_path)

    for wrong in (0, -1, -(2**70)):
        with pytest.raises(ValueError, match="memory is a number of bytes, and at least 1"):
            within(wrong)
    for other in (True, False, 1.5, "1", b"1"):
        with pytest.raises(TypeError, match="memory is a number of bytes, an int of at least 1"):
            within(other)
    for right in (1, np.int64(1 << 20), 2**64, 2**200, None):
        assert within(right).rows == 56


def test_a_path_is_text(
    plan: kobling.Plan,
    domain_key: kobling.DomainKey,
    release_key: kobling.ReleaseKey,
    extracts: list[kobling.Extract],
    tax: pl.DataFrame,
) -> None:
    def link(**arguments: Any) -> kobling.Release:
        return kobling.link(plan, extracts, release_key, **arguments)

    for argument in ("out", "ledger", "perturbation", "report"):
        with pytest.raises(
            TypeError, match=f"{argument} is a path, as str or os.PathLike"
        ) as raised:
            link(**{argument: b"x"})
        assert "and not bytes" in str(raised.value)
    with pytest.raises(TypeError, match="out is a path"):
        link(out=7)
    with pytest.raises(TypeError, match="each of extracts is a path.*not DataFrame"):
        kobling.link(plan, [tax], release_key)  # type: ignore[list-item]
    wrong: Any = b"x"
    with pytest.raises(TypeError, match="out is a path"):
        kobling.link_part(plan, [], release_key, part=0, of=1, out=wrong)
    with pytest.raises(TypeError, match="folder is a path"):
        kobling.pseudonymise(plan, "tax", tax, domain_key, memory=1, folder=wrong)
    with pytest.raises(TypeError, match="folder is a path"):
        kobling.synthesise(wrong, persons=10)
    with pytest.raises(TypeError, match="path is a path"):
        kobling.inspect(wrong)
    # Nothing was used up by what was refused.
    assert link()["wages"] is not None


def test_a_rehearsal_takes_its_registers_by_source(plan: kobling.Plan, tax: pl.DataFrame) -> None:
    wrong: Any
    for wrong in ([tax], tax, "tax.parquet", [("tax", tax)]):
        with pytest.raises(TypeError, match="registers is a mapping of sources") as raised:
            kobling.rehearse(plan, wrong)
        assert '{"population": …, "tax": …}' in str(raised.value)


def test_a_rehearsal_warns_where_it_is_called(
    plan: kobling.Plan, population: pl.DataFrame, tax: pl.DataFrame
) -> None:
    with pytest.warns(UserWarning) as warned:
        kobling.rehearse(plan, {"population": population, "tax": tax.clear()})
    assert {warning.filename for warning in warned} == {__file__}
