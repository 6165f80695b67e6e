"""Frames of every library give the extract that files would have given; and what is wrong
with a frame is refused, without its values."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import arro3.core
import duckdb
import hypothesis.strategies as st
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pytest
from hypothesis import given, settings

import kobling

Made = Callable[[pl.DataFrame], Any]

#: How a polars frame becomes what else may be given.
FRAMES: dict[str, Made] = {
    "polars": lambda frame: frame,
    "polars, chunked": lambda frame: pl.concat([frame[:7], frame[7:]], rechunk=False),
    "polars, lazy": lambda frame: frame.lazy(),
    "pandas": lambda frame: frame.to_pandas(),
    "pandas, of pyarrow's types": lambda frame: frame.to_pandas(use_pyarrow_extension_array=True),
    "pyarrow table": lambda frame: frame.to_arrow(),
    "pyarrow batch": lambda frame: frame.rechunk().to_arrow().combine_chunks().to_batches()[0],
    "pyarrow reader": lambda frame: frame.to_arrow().to_reader(max_chunksize=5),
    "pyarrow scanner": lambda frame: pa.dataset.dataset(frame.to_arrow()).scanner().to_reader(),
    "duckdb": lambda frame: duckdb.from_arrow(frame.to_arrow()),
    "arro3 table": lambda frame: arro3.core.Table.from_arrow(frame.to_arrow()),
    "arro3 batch": lambda frame: (
        arro3.core.Table.from_arrow(frame.rechunk().to_arrow()).combine_chunks().to_batches()[0]
    ),
    "arro3 reader": lambda frame: arro3.core.Table.from_arrow(frame.to_arrow()).to_reader(),
}


def extract(plan: kobling.Plan, source: str, data: Any, key: kobling.DomainKey) -> bytes:
    return kobling.pseudonymise(plan, source, data, key).to_bytes()


@pytest.mark.parametrize("kind", FRAMES)
def test_every_frame_gives_the_bytes_that_the_file_gives(
    plan: kobling.Plan,
    domain_key: kobling.DomainKey,
    population: pl.DataFrame,
    tax: pl.DataFrame,
    tmp_path: Path,
    kind: str,
) -> None:
    for source, frame in {"population": population, "tax": tax}.items():
        path = tmp_path / f"{source}.parquet"
        frame.write_parquet(path)
        of_file = extract(plan, source, path, domain_key)
        assert extract(plan, source, FRAMES[kind](frame), domain_key) == of_file
        assert extract(plan, source, [str(path)], domain_key) == of_file


rows = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 10**12), st.integers(0, 5)),
        st.sampled_from(["Oslo", "Agder", "", "  ", "Ærø", "𝔘"]),
    ),
    max_size=30,
)


# An empty register, or one whose rows are nobody's, is to be minded, and tried here.
@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=60, deadline=None)
@given(rows=rows, as_text=st.booleans())
def test_libraries_agree_on_any_rows(rows: list[tuple[int | None, str]], as_text: bool) -> None:
    # Several rows a person are no fault here, so the plan is one that takes them.
    from conftest import PLAN

    plan = kobling.Plan.parse(PLAN.replace('rows = "one"', 'rows = "many"', 1))
    key = kobling.LinkageKey.generate().domain_key(plan)
    kind = pl.String if as_text else pl.Int64
    ids = [None if number is None else str(number) for number, _ in rows]
    frame = pl.DataFrame(
        {"id": ids, "county": [county for _, county in rows]},
        schema={"id": pl.String, "county": pl.String},
    ).with_columns(pl.col("id").cast(kind))
    made = [frame, frame.lazy(), frame.to_arrow(), duckdb.from_arrow(frame.to_arrow())]
    made.append(frame.to_pandas(use_pyarrow_extension_array=True))
    wanted: bytes | None = None
    refused: str | None = None
    try:
        wanted = extract(plan, "population", made[0], key)
    except kobling.Error as error:
        refused = str(error)
    for other in made[1:]:
        if wanted is not None:
            assert extract(plan, "population", other, key) == wanted
        else:
            with pytest.raises(kobling.Error) as raised:
                extract(plan, "population", other, key)
            assert str(raised.value) == refused


def test_only_the_columns_of_the_plan_are_taken(
    plan: kobling.Plan, domain_key: kobling.DomainKey, population: pl.DataFrame
) -> None:
    wanted = extract(plan, "population", population, domain_key)

    def never(series: pl.Series) -> pl.Series:
        raise AssertionError("a column was computed that the plan does not name")

    lazy = population.lazy().with_columns(pl.col("name").map_batches(never, return_dtype=pl.String))
    assert extract(plan, "population", lazy, domain_key) == wanted
    # These could not be handed over at all.
    objects = population.with_columns(pl.Series("odd", [object()] * 61, dtype=pl.Object))
    assert extract(plan, "population", objects, domain_key) == wanted
    frame = population.to_pandas()
    frame["odd"] = [{1}] * 61
    assert extract(plan, "population", frame, domain_key) == wanted


def test_dictionaries_may_differ_by_chunk(
    plan: kobling.Plan, domain_key: kobling.DomainKey, population: pl.DataFrame
) -> None:
    ids, counties = population["id"].to_list(), population["county"].to_list()

    def batch(rows: slice) -> pa.RecordBatch:
        county = pa.array(counties[rows]).dictionary_encode()
        return pa.record_batch({"id": pa.array(ids[rows]), "county": county})

    batches = [batch(slice(41, 61)), batch(slice(30, 41)), batch(slice(0, 30))]
    dictionaries = [batch["county"].dictionary.to_pylist() for batch in batches]
    assert dictionaries[0] != dictionaries[2]
    table = pa.Table.from_batches(batches)
    wanted = extract(plan, "population", population, domain_key)
    assert extract(plan, "population", table, domain_key) == wanted
    categorical = population.with_columns(pl.col("county").cast(pl.Categorical))
    assert extract(plan, "population", categorical, domain_key) == wanted
    assert extract(plan, "population", categorical.to_pandas(), domain_key) == wanted


def test_an_empty_frame_is_an_empty_register(
    plan: kobling.Plan, domain_key: kobling.DomainKey, population: pl.DataFrame
) -> None:
    for kind, make in FRAMES.items():
        # A batch is not made of nothing; and a reader without one may have been read before.
        if kind.endswith(("batch", "reader", "scanner")):
            continue
        with pytest.warns(UserWarning, match="the register has no rows"):
            made = kobling.pseudonymise(plan, "population", make(population.clear()), domain_key)
        assert made.rows == 0
        assert any("has no rows" in warning for warning in made.report.warnings)
    # No batch at all is no reason to believe that its columns are there.
    schema = pa.schema({"other": pa.int64()})
    reader = pa.RecordBatchReader.from_batches(schema, [])
    with pytest.raises(kobling.RowsError, match="no such column"):
        extract(plan, "population", reader, domain_key)


@pytest.mark.parametrize("kind", FRAMES)
def test_a_missing_column_is_named(
    plan: kobling.Plan, domain_key: kobling.DomainKey, population: pl.DataFrame, kind: str
) -> None:
    frame = FRAMES[kind](population.rename({"county": "kounty"}))
    with pytest.raises(kobling.RowsError, match="no such column") as raised:
        extract(plan, "population", frame, domain_key)
    error = raised.value
    assert (error.source, error.column) == ("population", "county")
    assert (error.table, error.row, error.file) == (None, None, None)
    if kind == "polars, lazy":
        assert error.help == 'did you mean "kounty"?'


def test_a_wrong_type_is_named(
    plan: kobling.Plan, domain_key: kobling.DomainKey, population: pl.DataFrame
) -> None:
    frame = population.with_columns(pl.concat_list("county").alias("county"))
    for wrong in (frame, frame.lazy(), frame.to_arrow()):
        with pytest.raises(kobling.RowsError, match="which is not read") as raised:
            extract(plan, "population", wrong, domain_key)
        assert raised.value.column == "county"
        assert raised.value.help is not None and "read as text" in raised.value.help


def test_a_column_that_is_there_twice_is_refused(
    plan: kobling.Plan, domain_key: kobling.DomainKey
) -> None:
    table = pa.table([[1, 2], ["Oslo", "Agder"], ["Agder", "Oslo"]], ["id", "county", "county"])
    for twice in (table, table.to_reader()):
        with pytest.raises(kobling.RowsError, match="twice") as raised:
            extract(plan, "population", twice, domain_key)
        assert raised.value.column == "county"


def test_a_generator_that_raises_leaves_nothing(
    plan: kobling.Plan, domain_key: kobling.DomainKey, population: pl.DataFrame
) -> None:
    table = population.to_arrow()

    def batches() -> Iterator[pa.RecordBatch]:
        yield table.to_batches()[0]
        raise ValueError("01019012345 is no number")

    reader = pa.RecordBatchReader.from_batches(table.schema, batches())
    with pytest.raises(kobling.RowsError, match="reader of the record batches failed") as raised:
        extract(plan, "population", reader, domain_key)
    assert "01019012345" not in whole(raised.value)


def whole(error: BaseException) -> str:
    """All that a log could get of an error."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(error.__dict__)


def test_what_other_libraries_say_is_not_passed_on(
    plan: kobling.Plan, domain_key: kobling.DomainKey
) -> None:
    # pyarrow quotes the value that it stumbles on.
    frame = pd.DataFrame({"id": [1, "01019012345"], "county": ["Oslo", "Oslo"]})
    with pytest.raises(pa.ArrowException, match="01019012345"):
        pa.table(frame)
    with pytest.raises(kobling.RowsError) as raised:
        extract(plan, "population", frame, domain_key)
    assert "01019012345" not in whole(raised.value)
    assert raised.value.__context__ is None and raised.value.__cause__ is None

    lazy = pl.LazyFrame({"id": ["01019012345x"], "county": ["Oslo"]})
    lazy = lazy.with_columns(pl.col("id").cast(pl.Int64))
    with pytest.raises(pl.exceptions.PolarsError, match="01019012345x"):
        lazy.collect()
    with pytest.raises(kobling.RowsError, match="polars cannot compute") as raised:
        extract(plan, "population", lazy, domain_key)
    assert "01019012345" not in whole(raised.value)
    assert raised.value.__context__ is None and raised.value.__cause__ is None

    class Broken:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise ValueError("01019012345")

    with pytest.raises(kobling.RowsError) as raised:
        extract(plan, "population", Broken(), domain_key)
    assert "01019012345" not in whole(raised.value)


def test_a_capsule_of_something_else_is_refused(
    plan: kobling.Plan, domain_key: kobling.DomainKey, population: pl.DataFrame
) -> None:
    class Other:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return population.to_arrow().schema.__arrow_c_schema__()

    with pytest.raises(kobling.RowsError):
        extract(plan, "population", Other(), domain_key)


def test_what_is_no_register_is_a_type_error(
    plan: kobling.Plan, domain_key: kobling.DomainKey
) -> None:
    for wrong in ({"id": [1]}, 7, None, [1, 2]):
        with pytest.raises(TypeError):
            extract(plan, "population", wrong, domain_key)
    with pytest.raises(kobling.RowsError):
        extract(plan, "population", [], domain_key)


def test_memory_that_is_no_text_is_not_believed(
    plan: kobling.Plan, domain_key: kobling.DomainKey
) -> None:
    # Text by its type, and no UTF-8: some library made it without a check.
    offsets = pa.array([0, 1, 3], pa.int32()).buffers()[1]
    text = pa.StringArray.from_buffers(2, offsets, pa.py_buffer(b"\xff\xfe\xfd"))
    table = pa.table({"id": [1, 2], "county": text})
    with pytest.raises(kobling.RowsError):
        extract(plan, "population", table, domain_key)


def test_files_are_refused_as_they_are_by_the_command_line(
    plan: kobling.Plan, domain_key: kobling.DomainKey, tmp_path: Path
) -> None:
    with pytest.raises(kobling.FileError) as raised:
        extract(plan, "population", tmp_path / "none.csv", domain_key)
    assert raised.value.file == tmp_path / "none.csv"
    path = tmp_path / "population.csv"
    path.write_text("id,kounty\n1,Oslo\n")
    with pytest.raises(kobling.RowsError, match="has no such column") as raised2:
        extract(plan, "population", path, domain_key)
    assert raised2.value.column == "county" and raised2.value.file == path


def test_nothing_is_computed_for_a_plan_that_may_not_run(
    domain_key: kobling.DomainKey, population: pl.DataFrame
) -> None:
    import datetime

    from conftest import PLAN

    plan = kobling.Plan.parse(PLAN).at(datetime.date(2025, 12, 31))
    computed: list[int] = []

    def count(series: pl.Series) -> pl.Series:
        computed.append(1)
        return series

    lazy = population.lazy().with_columns(
        pl.col("county").map_batches(count, return_dtype=pl.String)
    )
    with pytest.raises(kobling.NotPermittedError):
        extract(plan, "population", lazy, domain_key)
    with pytest.raises(kobling.PlanError, match="no such source"):
        extract(kobling.Plan.parse(PLAN), "populatoin", lazy, domain_key)
    assert computed == []


def test_an_extract_is_an_arrow_table(
    plan: kobling.Plan, domain_key: kobling.DomainKey, population: pl.DataFrame
) -> None:
    made = kobling.pseudonymise(plan, "population", population, domain_key)
    table = pa.table(made)
    assert table.column_names == ["pseudonym", "county"] and table.num_rows == 61
    assert table.schema.field("pseudonym").type == pa.binary(16)
    pseudonyms = table["pseudonym"].to_pylist()
    assert pseudonyms == sorted(set(pseudonyms))
    metadata = table.schema.field("pseudonym").metadata
    assert metadata[b"ARROW:extension:name"] == b"kobling.pseudonym"
