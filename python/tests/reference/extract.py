"""Extracts: their layout as Arrow, and their content digest."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: Rows of a block.
BLOCK = 1 << 16

#: Bytes of a value, little-endian.
WIDTHS = {"integer": 8, "date": 4, "decimal": 16, "boolean": 1, "category": 4}


@dataclass(frozen=True)
class Column:
    """A column and its values: of pseudonyms bytes, of categories their labels, of others numbers."""

    name: str
    kind: str
    values: Sequence[Any]
    labels: Sequence[str] = ()
    scale: int = 0


@dataclass(frozen=True)
class Header:
    """What an extract says of itself."""

    plan: str
    source: str
    project: str
    epoch: int
    key_check: str
    rows: int
    rows_read: int
    quarantine: dict[str, int]
    columns: dict[str, dict[str, int]]
    unended: int
    maker: str

    def digested(self) -> str:
        domain = [self.project, self.epoch, self.key_check, self.rows, self.rows_read]
        columns = {name: counts(self.columns[name]) for name in sorted(self.columns)}
        quarantine = dict(sorted(self.quarantine.items()))
        counted = [quarantine, columns, self.unended]
        return json_text([domain, [self.plan, self.source, counted, self.maker]])


def counts(values: dict[str, int]) -> dict[str, int]:
    return {what: values[what] for what in ("used", "missing", "unreadable")}


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def labels_digest(labels: Sequence[str]) -> bytes:
    texts = [label.encode() for label in labels]
    return hashlib.sha256(b"".join(struct.pack("<Q", len(t)) + t for t in texts)).digest()


def leaf(column: Column, values: Sequence[Any]) -> bytes:
    missing = [value is None for value in values]
    marks = bytes(missing) if any(missing) else b"\0"
    if column.kind == "pseudonym":
        held = b"".join(values)
    else:
        place = {label: at for at, label in enumerate(column.labels)}
        numbers = (
            place[value] if column.labels and value is not None else value for value in values
        )
        width = WIDTHS[column.kind]
        held = b"".join(int(n or 0).to_bytes(width, "little", signed=width != 1) for n in numbers)
    return hashlib.sha256(struct.pack("<Q", len(values)) + marks + held).digest()


def content_digest(header: Header, columns: Sequence[Column]) -> str:
    whole = hashlib.sha256(b"kobling content 2\0")
    whole.update(hashlib.sha256(header.digested().encode()).digest())
    for column in columns:
        whole.update(labels_digest(column.labels))
    for start in range(0, len(columns[0].values), BLOCK):
        for column in columns:
            whole.update(leaf(column, column.values[start : start + BLOCK]))
    return whole.hexdigest()


def sorted_rows(columns: Sequence[Column]) -> list[Column]:
    """The rows in order: what is missing first, categories by the place of their label."""

    def rank(column: Column, value: Any) -> tuple[bool, Any]:
        if value is None:
            return (False, 0)
        return (True, column.labels.index(value) if column.labels else value)

    ranks = [[rank(column, value) for value in column.values] for column in columns]
    order = sorted(range(len(columns[0].values)), key=lambda row: [ranked[row] for ranked in ranks])
    return [
        Column(c.name, c.kind, [c.values[row] for row in order], c.labels, c.scale) for c in columns
    ]


def metadata(header: Header, content: str) -> dict[str, str]:
    """The metadata of an extract's schema."""
    return {
        "kobling.kind": "extract",
        "kobling.format": "3",
        "kobling.plan": header.plan,
        "kobling.source": header.source,
        "kobling.rows": str(header.rows),
        "kobling.rows_read": str(header.rows_read),
        "kobling.quarantine": json_text(header.quarantine),
        "kobling.columns": json_text(header.columns),
        "kobling.unended_files": str(header.unended),
        "kobling.version": header.maker,
        "kobling.content": content,
    }


def tag(header: Header) -> dict[str, str]:
    """The metadata of a field of pseudonyms."""
    said = {"format": "3", "project": header.project, "epoch": header.epoch}
    said["key_check"] = header.key_check
    return {
        "ARROW:extension:name": "kobling.pseudonym",
        "ARROW:extension:metadata": json_text(said),
    }


def in_part(pseudonym: bytes, part: int, of: int) -> bool:
    first = int.from_bytes(pseudonym[:8], "big")
    return part * 2**64 // of <= first < (part + 1) * 2**64 // of
