"""Registers in data bases: of each a query of the plan's columns, whose rows are streamed.

What a data base says when it fails may quote values: nothing of it is passed on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ._given import Given, missing_column, rows_error

#: What the rows of the caller's table or select go by in the query.
_ROWS = "r"

_HUSHED = "its text is not shown here, since it may quote values"


class Query:
    """A register in a data base, as a table or as a select.

    `pseudonymise` and others take it as they take a frame. They ask the data base for the
    plan's columns of the source, and for no others, and take the rows bit by bit. A national
    number may be kept as text, padded or not, as an integer or as ``numeric``: it is the same
    number, and gives the same pseudonym.

    Names are quoted, as standard SQL does, and so are written as the data base keeps them:
    PostgreSQL keeps those in lower case that were made without quotes.

    It holds nothing open, and is no context manager: a cursor is opened when its rows are
    read, and closed then, also if that fails. The connection stays the caller's. It is neither committed nor closed, and is not to be
    used by anybody else while it is read.

    Parameters
    ----------
    connection : connection
        One of an ADBC driver, such as ``adbc_driver_postgresql.dbapi.connect``; or one of
        DuckDB.
    table : str or sequence of str, optional
        The table or view; before it, separated by dots, the schema and what the schema is in.
        Where a name has a dot, a sequence of the names: ``("register", "persons.2025")``.
    select : str, optional
        In place of a table, a select that has the plan's columns and perhaps others. It
        stands in the query as a subquery, as it is written.

    Raises
    ------
    TypeError
        If the connection is of neither, or a name is no text.
    ValueError
        If there is neither a table nor a select, if there are both, or if a name is empty.

    Examples
    --------
    >>> with adbc_driver_postgresql.dbapi.connect(uri) as connection:       # doctest: +SKIP
    ...     tax = kobling.Query(connection, "register.tax")
    ...     extract = kobling.pseudonymise(plan, "tax", tax, domain_key)
    """

    def __init__(
        self,
        connection: Any,
        table: str | Sequence[str] | None = None,
        *,
        select: str | None = None,
    ) -> None:
        self._is_duckdb = _is_duckdb(connection)
        if (table is None) == (select is None):
            raise ValueError("a query is of either a table or a select: give one of them")
        self._connection = connection
        self._names = () if table is None else _names(table)
        self._select = None if select is None else _subquery(select)

    def __repr__(self) -> str:
        # A select may hold values.
        of = "a select" if self._select is not None else self._from()
        return f"<Query of {of}>"

    def _from(self) -> str:
        if self._select is not None:
            # On lines of its own: it may end in a comment.
            return f"(\n{self._select}\n)"
        return ".".join(_quoted(name) for name in self._names)

    def _sql(self, columns: Sequence[str]) -> str:
        # Each behind what it is of: a name by itself that no column has is text to SQLite.
        listed = (f"{_ROWS}.{_quoted(column)} as {_quoted(column)}" for column in columns)
        return f"select {', '.join(listed)} from {self._from()} as {_ROWS}"

    def _given(self, columns: Sequence[str], source: str) -> Given:
        """The rows of `columns`, about to be read."""
        sql = self._sql(columns)
        # Before the query: one that fails may end the transaction that both are in.
        known = self._columns_of_table()
        run = self._of_duckdb if self._is_duckdb else self._of_adbc
        given = run(sql)
        if given is not None:
            return given
        if known is None:
            known = self._columns_of_query()
        for column in columns:
            if known is not None and column not in known:
                raise missing_column(column, known, source)
        rule = "the data base refused the query"
        help = f"run {sql} by yourself" if self._select is None else "run the select by yourself"
        raise rows_error(source, rule, f"{help}, to have it say why; {_HUSHED}")

    def _of_adbc(self, sql: str) -> Given | None:
        rows = None
        try:
            cursor = self._connection.cursor()
        except Exception:
            return None
        given = Given(rows, _FAILED, stop=cursor.adbc_cancel, end=cursor.close)
        try:
            rows = cursor.execute(sql).fetch_arrow()
        except Exception:
            pass
        finally:
            # Who is interrupted leaves no open cursor either.
            if rows is None:
                given.close()
        return None if rows is None else replace(given, rows=rows)

    def _of_duckdb(self, sql: str) -> Given | None:
        try:
            relation = self._connection.sql(sql)
        except Exception:
            return None
        # It computes its first rows when it is asked for any, and then knows no Ctrl-C: so
        # who reads the others asks it, and what it has is known from a relation without rows.
        rows = iter((relation.limit(0), relation))
        return Given(rows, _FAILED, stop=self._connection.interrupt)

    def _columns_of_table(self) -> list[str] | None:
        """The names of the table's columns; `None` if they cannot be had."""
        if self._is_duckdb or not 1 <= len(self._names) <= 3:
            return None
        catalog, schema = ((None,) * 3 + self._names)[-3:-1]
        try:
            found = self._connection.adbc_get_table_schema(
                self._names[-1], catalog_filter=catalog, db_schema_filter=schema
            )
            return [str(name) for name in found.names]
        except Exception:
            return None

    def _columns_of_query(self) -> list[str] | None:
        """The names of the columns without any row of them; `None` if they cannot be had."""
        sql = f"select * from {self._from()} as {_ROWS} where 1 = 0"
        try:
            if self._is_duckdb:
                return [str(name) for name in self._connection.sql(sql).columns]
            with self._connection.cursor() as cursor:
                return [str(column[0]) for column in cursor.execute(sql).description]
        except Exception:
            return None


_FAILED = (
    "the data base failed while its rows were read",
    f"run the query by yourself, to have it say why; {_HUSHED}",
)


def of_cursor(cursor: Any, source: str) -> Given | None:
    """The rows of a cursor that was executed; `None` if it is no such thing."""
    fetch = getattr(cursor, "fetch_arrow", None) or getattr(cursor, "fetch_record_batch", None)
    if not callable(fetch):
        return None
    try:
        rows = fetch()
    except Exception:
        rows = None
    if rows is None:
        rule = "the cursor has no rows to be read"
        help = "execute its query, each time that it is given"
        raise rows_error(source, rule, help)
    stop = getattr(cursor, "adbc_cancel", None)
    return Given(rows, _FAILED, stop=stop) if callable(stop) else Given(rows, _FAILED)


def _is_duckdb(connection: Any) -> bool:
    """Whether it is DuckDB's connection; else it is one of ADBC."""
    if hasattr(connection, "adbc_get_info"):
        return False
    if hasattr(connection, "sql") and hasattr(connection, "interrupt"):
        return True
    raise TypeError(
        "connection is one of an ADBC driver, such as adbc_driver_postgresql.dbapi.connect "
        f"makes, or one of DuckDB, and not {type(connection).__name__}"
    )


def _names(table: str | Sequence[str]) -> tuple[str, ...]:
    names = tuple(table.split(".") if isinstance(table, str) else table)
    for name in names:
        if not isinstance(name, str):
            kind = type(name).__name__
            raise TypeError(f"table is a name, or a sequence of names, and has {kind}")
    if not names or not all(name.strip() and "\0" not in name for name in names):
        raise ValueError("table has a name that is empty, or that no data base takes")
    return names


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _subquery(select: str) -> str:
    if not isinstance(select, str):
        raise TypeError(f"select is the text of a query, and not {type(select).__name__}")
    select = select.strip().rstrip(";").rstrip()
    if not select:
        raise ValueError("select is empty")
    return select
