"""Rows that come bit by bit, are read once, or are kept in other forms than one by one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import arro3.core
import polars as pl
import pyarrow as pa
import pytest
from test_frames import extract, whole

import kobling


def test_a_lazy_frame_comes_in_batches(
    plan: kobling.Plan, domain_key: kobling.DomainKey, tmp_path: Path
) -> None:
    frame = pl.DataFrame({"id": range(300_000)}).with_columns(county=pl.lit("Oslo"))
    frame.write_parquet(tmp_path / "r.parquet", row_group_size=50_000)
    read: list[int] = []

    def see(progress: kobling.Progress) -> None:
        if progress.step == "read":
            read.append(progress.done)

    batches: list[int] = []

    def count(series: pl.Series) -> pl.Series:
        batches.append(len(series))
        return series

    lazy = pl.scan_parquet(tmp_path / "r.parquet").with_columns(
        pl.col("county").map_batches(count, return_dtype=pl.String, is_elementwise=True)
    )
    wanted = extract(plan, "population", frame, domain_key)
    made = kobling.pseudonymise(plan, "population", lazy, domain_key, progress=see)
    assert made.to_bytes() == wanted
    assert sum(batches) == 300_000
    assert max(batches) < 300_000
    # Within little memory, too.
    bounded = kobling.pseudonymise(plan, "population", lazy, domain_key, memory=1, folder=tmp_path)
    assert bounded.to_bytes() == wanted


def test_older_polars_computes_a_lazy_frame_at_once(
    plan: kobling.Plan,
    domain_key: kobling.DomainKey,
    population: pl.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = extract(plan, "population", population, domain_key)
    # There, a query that fails gives batches up to where it does, and says nothing.
    monkeypatch.setattr(pl, "__version__", "1.38.1")
    monkeypatch.delattr(pl.LazyFrame, "collect_batches", raising=False)
    assert extract(plan, "population", population.lazy(), domain_key) == wanted
    lazy = pl.LazyFrame({"id": ["01019012345x"], "county": ["Oslo"]})
    lazy = lazy.with_columns(pl.col("id").cast(pl.Int64))
    with pytest.raises(kobling.RowsError, match="polars cannot compute") as raised:
        extract(plan, "population", lazy, domain_key)
    assert "01019012345" not in whole(raised.value)


def test_a_lazy_frame_that_fails_half_way_is_no_shorter_register(
    plan: kobling.Plan, domain_key: kobling.DomainKey, tmp_path: Path
) -> None:
    numbers = [str(number) for number in range(300_000)]
    numbers[-1] = "01019012345x"
    frame = pl.DataFrame({"id": numbers, "county": ["Oslo"] * 300_000})
    frame.write_parquet(tmp_path / "r.parquet", row_group_size=50_000)
    lazy = pl.scan_parquet(tmp_path / "r.parquet").with_columns(pl.col("id").cast(pl.Int64))
    with pytest.raises(kobling.RowsError, match="polars cannot compute") as raised:
        extract(plan, "population", lazy, domain_key)
    assert "01019012345" not in whole(raised.value)


def test_a_stream_is_not_held_in_memory(
    plan: kobling.Plan, domain_key: kobling.DomainKey, tmp_path: Path
) -> None:
    schema = pa.schema({"id": pa.int64(), "county": pa.string()})
    held: list[int] = []
    begun = pa.total_allocated_bytes()

    def batches() -> Iterator[pa.RecordBatch]:
        for n in range(60):
            held.append(pa.total_allocated_bytes() - begun)
            ids = pa.array(range(n * 20_000, (n + 1) * 20_000))
            yield pa.record_batch({"id": ids, "county": ["Oslo"] * 20_000}, schema=schema)

    reader = pa.RecordBatchReader.from_batches(schema, batches())
    made = kobling.pseudonymise(
        plan, "population", reader, domain_key, memory=1 << 20, folder=tmp_path
    )
    assert made.rows == 1_200_000
    # Of 60 batches of some 400 kB each.
    assert max(held) < 20_000_000, max(held)


def test_a_reader_is_read_on_one_thread(
    plan: kobling.Plan, domain_key: kobling.DomainKey, population: pl.DataFrame
) -> None:
    table = population.to_arrow()
    threads: set[int] = set()

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in table.to_batches(max_chunksize=3):
            threads.add(threading.get_ident())
            yield batch

    reader = pa.RecordBatchReader.from_batches(table.schema, batches())
    wanted = extract(plan, "population", population, domain_key)
    assert extract(plan, "population", reader, domain_key) == wanted
    assert len(threads) == 1


READERS: dict[str, Callable[[pa.Table], Any]] = {
    "pyarrow": lambda table: table.to_reader(max_chunksize=9),
    "arro3": lambda table: arro3.core.Table.from_arrow(table).to_reader(),
}


@pytest.mark.parametrize("kind", READERS)
def test_a_reader_that_was_read_is_no_empty_register(
    plan: kobling.Plan, domain_key: kobling.DomainKey, population: pl.DataFrame, kind: str
) -> None:
    reader = READERS[kind](population.to_arrow())
    extract(plan, "population", reader, domain_key)
    with pytest.raises(kobling.RowsError) as raised:
        extract(plan, "population", reader, domain_key)
    if kind == "pyarrow":
        assert "was read before" in raised.value.rule
        assert raised.value.help is not None and "read_all()" in raised.value.help
        reader = READERS[kind](population.to_arrow())
        reader.read_all()
        with pytest.raises(kobling.RowsError, match="was read before"):
            extract(plan, "population", reader, domain_key)


def test_dictionaries_and_runs_are_what_is_in_them(
    plan: kobling.Plan, domain_key: kobling.DomainKey, population: pl.DataFrame, tax: pl.DataFrame
) -> None:
    table = population.select("id", "county").to_arrow()
    ids, counties = pa.array(table["id"].to_pylist()), pa.array(table["county"].to_pylist())
    wanted = extract(plan, "population", population, domain_key)
    for coded in (
        {"id": ids.dictionary_encode(), "county": counties.dictionary_encode()},
        {"id": ids, "county": pa.compute.run_end_encode(counties)},
        {"id": pa.compute.run_end_encode(ids), "county": counties},
    ):
        frame = pa.table(coded)
        assert extract(plan, "population", frame, domain_key) == wanted
        assert extract(plan, "population", frame.slice(0, 40), domain_key) == extract(
            plan, "population", population[:40], domain_key
        )
        tail = extract(plan, "population", population[7:], domain_key)
        assert extract(plan, "population", frame.slice(7), domain_key) == tail
    # Numbers and missing values of a column, and what a filter looks at.
    wages = pa.array([*tax["wage"].to_list()[:-1], None])
    frame = pa.table(
        {
            "id": pa.array(tax["id"].to_list()).dictionary_encode(),
            "year": pa.compute.run_end_encode(pa.array(tax["year"].to_list(), pa.int16())),
            "wage": wages.cast(pa.float64()).dictionary_encode(),
        }
    )
    plain = pa.table({"id": tax["id"].to_list(), "year": tax["year"].to_list(), "wage": wages})
    assert extract(plan, "tax", frame, domain_key) == extract(plan, "tax", plain, domain_key)
    # What is not read by itself is not read in runs.
    lists = pa.table({"id": ids, "county": pa.compute.run_end_encode(counties)})
    times = pa.array([1] * 61, pa.time32("s"))
    lists = lists.set_column(1, "county", pa.compute.run_end_encode(times))
    with pytest.raises(kobling.RowsError, match="Time32, which is not read"):
        extract(plan, "population", lists, domain_key)


def test_a_column_that_is_misspelt_is_guessed(
    plan: kobling.Plan, domain_key: kobling.DomainKey, population: pl.DataFrame
) -> None:
    frame = population.rename({"county": "County"})
    odd = frame.with_columns(pl.Series("odd", [object()] * 61, dtype=pl.Object))
    for given in (
        frame,
        odd,
        frame.lazy(),
        frame.to_pandas(),
        frame.to_arrow(),
        arro3.core.Table.from_arrow(frame.to_arrow()),
    ):
        with pytest.raises(kobling.RowsError, match="no such column") as raised:
            extract(plan, "population", given, domain_key)
        assert raised.value.column == "county"
        assert raised.value.help == 'did you mean "County"?', type(given)


def test_a_report_needs_identifiers_only(
    plan: kobling.Plan, population: pl.DataFrame, tax: pl.DataFrame
) -> None:
    ids = population.select("id")
    for given in (ids, ids.lazy(), ids.to_pandas(), ids.to_arrow(), ids.to_arrow().to_reader()):
        report = kobling.identifier_report(plan, "population", given, exact=True)
        assert report["distinct"] == 61
    # And what a filter looks at.
    report = kobling.identifier_report(plan, "tax", tax.select("id", "year"), exact=True)
    assert (report["filtered"], report["missing"]) == (1, 1)
    with pytest.raises(kobling.RowsError, match="no such column") as raised:
        kobling.identifier_report(plan, "tax", tax.select("id"), exact=True)
    assert raised.value.column == "year"
