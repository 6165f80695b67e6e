"""Registers in data bases: whatever a number is kept as, and nothing but the plan's columns."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from signal import SIGINT, raise_signal
from typing import Any

import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import duckdb
import polars as pl
import pytest
from server import Absent, running
from test_frames import extract, whole

import kobling


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    try:
        with running() as uri:
            yield uri
    except Absent as reason:
        pytest.skip(str(reason))


@pytest.fixture
def postgresql(server: str) -> Iterator[Any]:
    """A connection to a data base that is rolled back."""
    with adbc_driver_postgresql.dbapi.connect(server) as connection:
        yield connection


@pytest.fixture
def sqlite() -> Iterator[Any]:
    with adbc_driver_sqlite.dbapi.connect(":memory:") as connection:
        yield connection


@pytest.fixture
def duck() -> Iterator[Any]:
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture(params=["postgresql", "sqlite", "duck"])
def connection(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def run(connection: Any, *statements: str) -> None:
    for statement in statements:
        if isinstance(connection, duckdb.DuckDBPyConnection):
            connection.execute(statement)
        else:
            with connection.cursor() as cursor:
                cursor.execute(statement)


def name_of(connection: Any) -> str:
    if isinstance(connection, duckdb.DuckDBPyConnection):
        return "duckdb"
    return str(connection.adbc_get_info()["vendor_name"]).lower()


def literal(value: object) -> str:
    return "null" if value is None else "'" + str(value).replace("'", "''") + "'"


def fill(connection: Any, table: str, columns: dict[str, str], frame: pl.DataFrame) -> None:
    """A table of these columns, each with its type, and the rows of `frame` in it."""
    quoted = {name.replace('"', '""'): kind for name, kind in columns.items()}
    declared = ", ".join(f'"{name}" {kind}' for name, kind in quoted.items())
    rows = frame.select(pl.selectors.by_name(*columns)).rows()
    values = ", ".join("(" + ", ".join(map(literal, row)) + ")" for row in rows)
    run(connection, f"create table {table} ({declared})", f"insert into {table} values {values}")


NUMBERS = ["bigint", "char(11)", "char(15)", "text", "varchar(20)", "numeric(11, 0)", "numeric"]


@pytest.mark.parametrize("kind", NUMBERS)
def test_a_national_number_is_itself_whatever_it_is_kept_as(
    synthetic: Path, linkage_key: kobling.LinkageKey, connection: Any, kind: str
) -> None:
    plan = kobling.Plan.read(synthetic / "plan.toml").rehearsal()
    key = linkage_key.domain_key(plan)
    tax = pl.read_parquet(synthetic / "tax.parquet").head(400)
    # Where a number is kept as one, the zero that it begins with is lost.
    assert tax["fnr"].str.starts_with("0").any()
    if kind == "numeric" and isinstance(connection, duckdb.DuckDBPyConnection):
        kind = "numeric(38, 3)"
    fill(connection, "tax", {"fnr": kind, "year": "integer", "income": "bigint"}, tax)
    query = kobling.Query(connection, "tax")
    assert extract(plan, "tax", query, key) == extract(plan, "tax", tax, key)


def test_a_data_base_gives_the_bytes_that_a_frame_gives(
    plan: kobling.Plan,
    domain_key: kobling.DomainKey,
    population: pl.DataFrame,
    tax: pl.DataFrame,
    connection: Any,
) -> None:
    columns = {"name": "text", "county": "text", "id": "bigint"}
    fill(connection, "persons", columns, population)
    fill(connection, "tax", {"id": "numeric(11)", "year": "smallint", "wage": "integer"}, tax)
    registers = {
        "population": kobling.Query(connection, "persons"),
        "tax": kobling.Query(connection, select="select * from tax where wage > 0 -- all"),
    }
    for source, frame in {"population": population, "tax": tax}.items():
        wanted = extract(plan, source, frame, domain_key)
        # Each time that it is given it is asked anew.
        assert extract(plan, source, registers[source], domain_key) == wanted
        assert extract(plan, source, registers[source], domain_key) == wanted
    release = kobling.rehearse(plan, registers)
    assert release["wages"].to_polars()["persons"].to_list()[0] == 35


def test_only_the_columns_of_the_plan_stand_in_the_query(
    plan: kobling.Plan,
    domain_key: kobling.DomainKey,
    population: pl.DataFrame,
    postgresql: Any,
    sqlite: Any,
    duck: Any,
) -> None:
    wanted = extract(plan, "population", population, domain_key)
    columns = {"id": "bigint", "county": "text", "name": "text"}
    # Who may read these columns and no others can make the extract.
    fill(postgresql, "persons", columns, population)
    run(
        postgresql,
        "create role reader",
        "grant select (id, county) on persons to reader",
        "set local role reader",
    )
    assert extract(plan, "population", kobling.Query(postgresql, "persons"), domain_key) == wanted
    # Where another column is looked at, these fail.
    fails = {sqlite: "json(name)", duck: "error(name)"}
    for connection, failing in fails.items():
        fill(connection, "persons", columns, population)
        run(connection, f"create view v as select id, county, {failing} as name from persons")
        query = kobling.Query(connection, "v")
        assert extract(plan, "population", query, domain_key) == wanted
        query = kobling.Query(connection, select=f"select *, {failing} as other from persons")
        assert extract(plan, "population", query, domain_key) == wanted
    # A report looks at identifiers only.
    run(sqlite, "create table ids as select id from persons")
    report = kobling.identifier_report(plan, "population", kobling.Query(sqlite, "ids"), exact=True)
    assert report["distinct"] == 61


def test_names_are_quoted(
    domain_key: kobling.DomainKey, population: pl.DataFrame, connection: Any
) -> None:
    from conftest import PLAN

    odd = 'Id"; drop table x; --'
    plan = kobling.Plan.parse(PLAN.replace('column = "id"', f"column = '{odd}'"))
    frame = population.rename({"id": odd})
    run(connection, "create table x (id bigint)")
    fill(connection, '"Per""sons.2025"', {odd: "bigint", "county": "text"}, frame)
    query = kobling.Query(connection, ['Per"sons.2025'])
    wanted = extract(plan, "population", frame, domain_key)
    assert extract(plan, "population", query, domain_key) == wanted
    run(connection, "select id from x")
    schema = "public" if name_of(connection) == "postgresql" else "main"
    query = kobling.Query(connection, (schema, 'Per"sons.2025'))
    assert extract(plan, "population", query, domain_key) == wanted
    assert repr(query) == f'<Query of "{schema}"."Per""sons.2025">'


def test_a_schema_stands_before_the_dot(
    plan: kobling.Plan, domain_key: kobling.DomainKey, population: pl.DataFrame, postgresql: Any
) -> None:
    run(postgresql, "create schema register")
    fill(postgresql, "register.persons", {"id": "bigint", "county": "text"}, population)
    query = kobling.Query(postgresql, "register.persons")
    assert repr(query) == '<Query of "register"."persons">'
    wanted = extract(plan, "population", population, domain_key)
    assert extract(plan, "population", query, domain_key) == wanted


def test_a_missing_column_is_missing(
    plan: kobling.Plan, domain_key: kobling.DomainKey, population: pl.DataFrame, connection: Any
) -> None:
    # SQLite takes a quoted name that no column has for text: it would be everybody's county.
    frame = population.rename({"county": "kounty"})
    fill(connection, "persons", {"id": "bigint", "kounty": "text"}, frame)
    with pytest.raises(kobling.RowsError, match="no such column") as raised:
        extract(plan, "population", kobling.Query(connection, "persons"), domain_key)
    assert raised.value.column == "county" and raised.value.help == 'did you mean "kounty"?'
    assert raised.value.__context__ is None


def test_a_refused_query_is_shown_without_what_the_data_base_says(
    plan: kobling.Plan, domain_key: kobling.DomainKey, connection: Any
) -> None:
    name = name_of(connection)
    with pytest.raises(kobling.RowsError, match="refused the query") as raised:
        extract(plan, "population", kobling.Query(connection, "nowhere"), domain_key)
    said = 'select r."county" as "county", r."id" as "id" from "nowhere" as r'
    assert said in str(raised.value)
    if name == "postgresql":
        connection.rollback()
    select = "select '01019012345' as id, county from nowhere"
    with pytest.raises(kobling.RowsError, match="refused the query") as raised:
        extract(plan, "population", kobling.Query(connection, select=select), domain_key)
    assert "01019012345" not in whole(raised.value)
    assert raised.value.__context__ is None and raised.value.__cause__ is None
    assert "01019012345" not in repr(kobling.Query(connection, select=select))


def test_a_data_base_that_fails_half_way_leaves_nothing(
    plan: kobling.Plan, domain_key: kobling.DomainKey, connection: Any
) -> None:
    rows = {
        "postgresql": "select n::text || case n when 90000 then '-01019012345' else '' end as t"
        " from generate_series(1, 100000) as n",
        "sqlite": "with recursive n(t) as (select 1 union all select t + 1 from n"
        " where t < 100000) select case t when 90000 then '01019012345x' else t end as t from n",
        "duckdb": "select n::text || case n when 90000 then '-01019012345' else '' end as t"
        " from range(1, 100000) as r(n)",
    }
    name = name_of(connection)
    cast = "t" if name == "sqlite" else "cast(t as bigint)"
    # A semicolon at the end is no part of a subquery.
    select = f"select {cast} as id, 'Oslo' as county from ({rows[name]}) as q; "
    query = kobling.Query(connection, select=select)
    with pytest.raises(kobling.RowsError, match="failed while its rows were read") as raised:
        extract(plan, "population", query, domain_key)
    assert "01019012345" not in whole(raised.value)
    # The connection is there for what comes next.
    if name == "postgresql":
        connection.rollback()
    run(connection, "select 1")


def test_a_cursor_that_was_executed_is_a_register(
    plan: kobling.Plan,
    domain_key: kobling.DomainKey,
    population: pl.DataFrame,
    postgresql: Any,
    sqlite: Any,
) -> None:
    wanted = extract(plan, "population", population, domain_key)
    for connection in (postgresql, sqlite):
        columns = {"id": "char(9)", "county": "text", "name": "text"}
        fill(connection, "persons", columns, population)
        with connection.cursor() as cursor:
            with pytest.raises(kobling.RowsError, match="cursor has no rows") as raised:
                extract(plan, "population", cursor, domain_key)
            assert raised.value.help is not None and "execute" in raised.value.help
            cursor.execute("select * from persons")
            assert extract(plan, "population", cursor, domain_key) == wanted
            # What was read is not there a second time, and is no empty register.
            with pytest.raises(kobling.RowsError, match="cursor has no rows"):
                extract(plan, "population", cursor, domain_key)
            cursor.execute("select * from persons")
            reader = cursor.fetch_record_batch()
            assert extract(plan, "population", reader, domain_key) == wanted


def test_a_table_without_rows_is_an_empty_register(
    plan: kobling.Plan, domain_key: kobling.DomainKey, connection: Any
) -> None:
    run(connection, "create table persons (id bigint, county text)")
    with pytest.warns(UserWarning, match="the register has no rows"):
        extract(plan, "population", kobling.Query(connection, "persons"), domain_key)


def test_what_is_no_query_is_refused(sqlite: Any) -> None:
    import sqlite3

    with sqlite3.connect(":memory:") as other, pytest.raises(TypeError, match="ADBC"):
        kobling.Query(other, "persons")
    other.close()
    wrong: list[dict[str, Any]] = [
        {},
        {"table": "a", "select": "select 1"},
        {"table": ""},
        {"table": "a..b"},
        {"table": []},
        {"table": ["a\0"]},
        {"select": " ;"},
    ]
    for arguments in wrong:
        with pytest.raises(ValueError):
            kobling.Query(sqlite, **arguments)
    wrong = [{"table": 1}, {"table": [b"a"]}, {"select": b"select 1"}]
    for arguments in wrong:
        with pytest.raises(TypeError):
            kobling.Query(sqlite, **arguments)


SLOW = {
    "postgresql": "select n as id, 'Oslo' as county, pg_sleep(n / 1000) from"
    " generate_series(1, 1000000) as n",
    # More rows than anybody waits for, of which the plan keeps none.
    "duck": "select a.range as id, 'Oslo' as county from range(3000000) as a,"
    " range(3000000) as b where hash(a.range, b.range) = 1",
}


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as on Unix")
@pytest.mark.parametrize("name", SLOW)
def test_a_query_that_takes_long_is_left_on_ctrl_c(
    plan: kobling.Plan,
    domain_key: kobling.DomainKey,
    request: pytest.FixtureRequest,
    name: str,
) -> None:
    connection = request.getfixturevalue(name)
    pressed: list[float] = []

    def press() -> None:
        time.sleep(0.7)
        pressed.append(time.perf_counter())
        raise_signal(SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    query = kobling.Query(connection, select=SLOW[name])
    with pytest.raises(KeyboardInterrupt):
        kobling.pseudonymise(plan, "population", query, domain_key)
    took = time.perf_counter() - pressed[0]
    thread.join()
    assert took < 2, took
    # The query is at its end, too, and not only out of sight.
    if name == "postgresql":
        connection.rollback()
    run(connection, "select 1")
