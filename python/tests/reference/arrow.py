"""Extracts as Arrow IPC files, written and read by pyarrow."""

from __future__ import annotations

import datetime
import decimal
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from . import extract
from .extract import Column, Header

EPOCH = datetime.date(1970, 1, 1)


def field(column: Column, header: Header) -> pa.Field:
    if column.kind == "pseudonym":
        return pa.field(column.name, pa.binary(16), nullable=False, metadata=extract.tag(header))
    types = {
        "category": pa.dictionary(pa.uint32(), pa.utf8()),
        "integer": pa.int64(),
        "decimal": pa.decimal128(18, column.scale),
        "boolean": pa.bool_(),
        "date": pa.date32(),
    }
    # A history counts no values, for none is missing.
    return pa.field(column.name, types[column.kind], nullable=bool(header.columns))


def array(column: Column) -> pa.Array:
    values: list[Any] = list(column.values)
    if column.kind == "pseudonym":
        return pa.array(values, pa.binary(16))
    if column.kind == "category":
        codes = [None if v is None else column.labels.index(v) for v in values]
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.uint32()), pa.array(column.labels))
    if column.kind == "decimal":
        exact = [None if v is None else decimal.Decimal(v).scaleb(-column.scale) for v in values]
        return pa.array(exact, pa.decimal128(18, column.scale))
    if column.kind == "date":
        return pa.array(values, pa.int32()).cast(pa.date32())
    return pa.array(values, pa.bool_() if column.kind == "boolean" else pa.int64())


def write(path: Path, header: Header, columns: Sequence[Column]) -> None:
    said = extract.metadata(header, extract.content_digest(header, columns))
    schema = pa.schema([field(column, header) for column in columns], metadata=said)
    batch = pa.record_batch([array(column) for column in columns], schema=schema)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        writer.write_batch(batch)


def column_of(field: pa.Field, chunks: pa.ChunkedArray) -> Column:
    kind = field.type
    if kind == pa.binary(16):
        return Column(field.name, "pseudonym", chunks.to_pylist())
    if pa.types.is_dictionary(kind):
        labels = chunks.chunk(0).dictionary.to_pylist()
        return Column(field.name, "category", chunks.to_pylist(), labels)
    if pa.types.is_decimal(kind):
        values = [None if v is None else int(v.scaleb(kind.scale)) for v in chunks.to_pylist()]
        return Column(field.name, "decimal", values, scale=kind.scale)
    if pa.types.is_date32(kind):
        days = [None if v is None else (v - EPOCH).days for v in chunks.to_pylist()]
        return Column(field.name, "date", days)
    name = "boolean" if pa.types.is_boolean(kind) else "integer"
    return Column(field.name, name, chunks.to_pylist())


def metadata(path: Path) -> dict[str, str]:
    """The metadata of a file's schema."""
    with pa.memory_map(str(path)) as file:
        found = pa.ipc.open_file(file).schema.metadata
    return {key.decode(): value.decode() for key, value in found.items()}


def read(path: Path) -> tuple[Header, list[Column], str]:
    """What an extract says of itself, its columns, and the content digest that it names."""
    with pa.memory_map(str(path)) as file:
        table = pa.ipc.open_file(file).read_all()
    said = metadata(path)
    first = table.schema.field(0).metadata
    tagged = json.loads(first[b"ARROW:extension:metadata"])
    assert (said["kobling.kind"], said["kobling.format"], tagged["format"]) == ("extract", "3", "3")
    assert first[b"ARROW:extension:name"] == b"kobling.pseudonym"
    header = Header(
        plan=said["kobling.plan"],
        source=said["kobling.source"],
        project=tagged["project"],
        epoch=tagged["epoch"],
        key_check=tagged["key_check"],
        rows=int(said["kobling.rows"]),
        rows_read=int(said["kobling.rows_read"]),
        quarantine=json.loads(said["kobling.quarantine"]),
        columns=json.loads(said["kobling.columns"]),
        unended=int(said["kobling.unended_files"]),
        maker=said["kobling.version"],
    )
    columns = [column_of(field, table.column(at)) for at, field in enumerate(table.schema)]
    return header, columns, said["kobling.content"]
