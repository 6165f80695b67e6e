"""Ledgers: lines, chain and head; and what an entry keeps of a table of one register."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from decimal import Decimal
from typing import Any

from . import cells, keys

MAC = ',"mac":"'
Entry = dict[str, Any]


def mac(release_key: bytes, kind: str, line: str) -> str:
    """The MAC that a line has to have."""
    fields = line[: line.rindex(MAC)]
    seal = keys.derive(release_key, "ledger")
    return keys.mac(seal, kind.encode() + b"\0" + fields.encode()).hex()


def sealed(release_key: bytes, kind: str, line: str) -> Entry:
    """What a line says, whose MAC is that of the key."""
    held: Entry = json.loads(line)
    assert list(held)[-1] == "mac" and line.endswith(f'{MAC}{held["mac"]}"}}\n')
    assert held["mac"] == mac(release_key, kind, line)
    return held


def digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()


def followed(release_key: bytes, lines: list[str], head: str) -> list[Entry]:
    """The entries of a ledger whose chain holds."""
    entries, before = [], "0" * 64
    for number, line in enumerate(lines, 1):
        entry = sealed(release_key, "entry", line)
        assert (entry["number"], entry["before"]) == (number, before)
        entries.append(entry)
        before = digest(line)
    said = sealed(release_key, "head", head)
    assert said["format"] == 1 and said["key"] == keys.key_check(release_key).hex()
    assert (said["entries"], said["last"]) == (len(lines), before)
    assert all(entry["project"] == said["project"] for entry in entries)
    return entries


def persons(given: Entry) -> dict[str, list[tuple[cells.RecordKey, int | None]]]:
    """By area, the record key and the wage of each person of the vectors' register."""
    domain_key, release_key = (bytes.fromhex(given[key]) for key in ("domain_key", "release_key"))
    areas = defaultdict(list)
    for row in given["register"].splitlines()[1:]:
        number, area, wage = row.split(",")
        pseudonym = keys.pseudonym(domain_key, "number", number.encode())
        record = cells.record_key(release_key, pseudonym)
        areas[area].append((record, int(Decimal(wage) * 100) if wage else None))
    return areas


def cell(given: Entry, entry: Entry, found: Entry) -> Entry:
    """What a cell of an entry has to be, as far as it follows from who is in it."""
    release_key = bytes.fromhex(given["release_key"])
    areas = persons(given)
    named = areas["north"], areas["south"], areas["west"], areas["east"]
    place = {"north": 0, "south": 1, "west": 2, "other": 3}
    at = found["at"][0]
    members = sum(named, []) if at == "total" else named[place[at["own"]]]
    records = [record for record, _ in members]
    wages = [(record, wage) for record, wage in members if wage is not None]
    rows = cells.rows_fingerprint([(record, 1) for record in records])
    published = [isinstance(figure, dict) for figure in found["figures"]]
    values = cells.values_fingerprint(wages)
    made: Entry = {
        "rows": rows,
        "fingerprints": [cells.persons_fingerprint(rows), values],
        "persons": len(records) if any(published) else None,
        "sketch": cells.persons_sketch(records) if any(published) else None,
        "alone": [
            cells.alone(release_key, held[0]) if len(held) == 1 else None
            for held in (records, [record for record, _ in wages])
        ],
    }
    assert cells.padded_persons(release_key, found["padded"], rows) == len(records)
    total = sum(wage for _, wage in wages)
    shown = [len(records), total]
    for is_published, figure, exact in zip(published, found["figures"], shown, strict=True):
        assert not is_published or figure == {"published": str(exact)}
    if published[1]:
        largest = max(abs(wage) for _, wage in wages)
        sketch = cells.contributions_sketch(wages)
        exponent = max(largest - 1, 0).bit_length()
        made["contributions"] = [None, {"sketch": sketch, "largest": exponent}]
    unsafe = found["unsafe_sums"][1]
    if unsafe is not None:
        padded = (unsafe["value"], unsafe["level"])
        plan_digest = entry["release"]["plan_digest"]
        value, level = cells.padded_sum(release_key, padded, rows, values, plan_digest)
        assert value == total and level > 0
    return {**found, **made}


def verified(given: Entry) -> Entry:
    """The vectors, with digests and whatever follows from the register as it has to be."""
    release_key = bytes.fromhex(given["release_key"])
    entries = followed(release_key, given["lines"], given["head"])
    for entry in entries:
        (table,) = entry["release"]["tables"]
        made = [cell(given, entry, found) for found in table["cells"]]
        assert made == table["cells"]
        assert table["population"] == made[-1]["rows"]
        held = [quantity["fingerprint"] for quantity in table["quantities"]]
        assert held == made[-1]["fingerprints"]
    return {**given, "digests": [digest(line) for line in given["lines"]]}
