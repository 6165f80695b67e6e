"""What the golden vectors are by this implementation, each file's results from what they are of.

`python3 -m reference`, in the folder of these tests, compares them with what is written; with
`KOBLING_WRITE=1` it writes them anew.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import cells, identifiers, keys, ledger, plan
from .extract import Column, Header, content_digest, sorted_rows

FOLDER = Path(__file__).parents[3] / "tests/vectors"

Vectors = dict[str, Any]


def read(name: str) -> Vectors:
    found: Vectors = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def pseudonyms(given: Vectors) -> Vectors:
    linkage_key = bytes.fromhex(given["linkage_key"]["key"])
    release_key = bytes.fromhex(given["release_key"]["key"])
    first = keys.domain_key(
        linkage_key, given["domains"][0]["project"], given["domains"][0]["epoch"]
    )

    def domain(project: str, epoch: int) -> Vectors:
        key = keys.domain_key(linkage_key, project, epoch)
        return {
            "project": project,
            "epoch": epoch,
            "key_file": keys.key_file("domain", key, (project, epoch)),
            "key": key.hex(),
            "key_check": keys.key_check(key).hex(),
        }

    def single(kind: str, written: str) -> Vectors:
        form = identifiers.canonical(kind, written)
        made = keys.pseudonym(first, kind, form.encode())
        return {"type": kind, "written": written, "canonical": form, "pseudonym": made.hex()}

    def several(parts: list[Vectors]) -> Vectors:
        forms = [(part["type"], identifiers.canonical(**named(part))) for part in parts]
        name, form = keys.composite(forms)
        texts = [text for _, text in forms]
        named_parts = [{**part, "canonical": text} for part, text in zip(parts, texts, strict=True)]
        return {"parts": named_parts, "pseudonym": keys.pseudonym(first, name, form).hex()}

    def named(part: Vectors) -> dict[str, str]:
        return {"kind": part["type"], "written": part["written"]}

    return {
        "linkage_key": {
            "key_file": keys.key_file("linkage", linkage_key),
            "key": linkage_key.hex(),
        },
        "release_key": {
            "key_file": keys.key_file("release", release_key),
            "key": release_key.hex(),
            "key_check": keys.key_check(release_key).hex(),
        },
        "domains": [domain(each["project"], each["epoch"]) for each in given["domains"]],
        "pseudonyms_of_first_domain": [
            single(**named(each)) for each in given["pseudonyms_of_first_domain"]
        ],
        "composites_of_first_domain": [
            several(each["parts"]) for each in given["composites_of_first_domain"]
        ],
    }


def plans(given: Vectors) -> Vectors:
    def each(vector: Vectors) -> Vectors:
        canonical = of_toml(vector)
        digest = plan.digest(canonical)
        digests = {"digest": digest.hex(), "rehearsal": plan.rehearsal(digest).hex()}
        return {"toml": vector["toml"], "canonical": canonical, **digests}

    return {"plans": [each(vector) for vector in given["plans"]]}


def of_toml(vector: Vectors) -> str:
    """The canonical form of a plan; as it is given where this Python reads no TOML."""
    if sys.version_info >= (3, 11):
        import tomllib

        return plan.canonical_form(tomllib.loads(vector["toml"]))
    found: str = vector["canonical"]
    return found


def rows(extract: Vectors) -> list[list[Any]]:
    """The rows of an extract before they are pseudonymised: a canonical identifier, and values."""
    if "generated" in extract:
        persons = range(1, extract["generated"] + 1)
        return [[str(n), None if n % 3 == 0 else 7 * n] for n in persons]
    found: list[list[Any]] = extract["rows"]
    return found


def extract(given: Vectors, vector: Vectors) -> tuple[Header, list[Column]]:
    """An extract of the vectors: what it says of itself, and its sorted columns."""
    key = bytes.fromhex(given["domain_key"])
    columns = []
    values_of = zip(*rows(vector), strict=True)
    for declared, values in zip(vector["columns"], values_of, strict=True):
        kind = declared["type"]
        if kind == "pseudonym":
            values = tuple(keys.pseudonym(key, "number", form.encode()) for form in values)
        columns.append(
            Column(
                declared["name"],
                kind,
                values,
                declared.get("labels", ()),
                declared.get("scale", 0),
            )
        )
    said = vector["header"]
    header = Header(
        plan=given["plan_digest"],
        source=vector["source"],
        project=given["project"],
        epoch=given["epoch"],
        key_check=given["key_check"],
        rows=len(columns[0].values),
        rows_read=said["rows_read"],
        quarantine=said["quarantine"],
        columns=said["columns"],
        unended=said["unended_files"],
        maker=said["version"],
    )
    return header, sorted_rows(columns)


def extracts(given: Vectors) -> Vectors:
    key = bytes.fromhex(given["domain_key"])
    digest = plan.digest(of_toml({"toml": given["plan"], "canonical": ""})).hex()
    made = {
        **given,
        "plan_digest": digest if sys.version_info >= (3, 11) else given["plan_digest"],
        "key_check": keys.key_check(key).hex(),
        "domain_key_file": keys.key_file("domain", key, (given["project"], given["epoch"])),
    }

    def each(vector: Vectors) -> Vectors:
        return {**vector, "content": content_digest(*extract(made, vector))}

    return {**made, "extracts": [each(vector) for vector in given["extracts"]]}


def cell_vectors(given: Vectors) -> Vectors:
    release_key = bytes.fromhex(given["release_key"])
    pseudonyms = [bytes.fromhex(person["pseudonym"]) for person in given["persons"]]
    records = [cells.record_key(release_key, pseudonym) for pseudonym in pseudonyms]

    def person(pseudonym: bytes, record: cells.RecordKey) -> Vectors:
        return {
            "pseudonym": pseudonym.hex(),
            "noise": f"{record.noise:016x}",
            "fingerprint": f"{record.fingerprint:016x}",
            "check": f"{record.check([]):016x}",
            "check_1": f"{record.check([1]):016x}",
        }

    def cell(vector: Vectors) -> Vectors:
        halves = [records[at].noise for at in vector["persons"]]
        key = cells.cell_key(release_key, vector["what"], halves, vector["count"])
        return {**vector, "key": f"{key:016x}"}

    row = [(noise, probability) for noise, probability in given["perturbation_row"]]

    def deviation(vector: Vectors) -> Vectors:
        return {"key": vector["key"], "deviation": cells.deviation(row, int(vector["key"], 16))}

    def shown(vector: Vectors) -> Vectors:
        count = cells.shown_count(release_key, vector["what"], vector["rows"])
        return {"what": vector["what"], "rows": vector["rows"], "shown": count}

    return {
        "release_key": release_key.hex(),
        "release_key_file": keys.key_file("release", release_key),
        "persons": [person(*each) for each in zip(pseudonyms, records, strict=True)],
        "cell_keys": [cell(vector) for vector in given["cell_keys"]],
        "perturbation_row": given["perturbation_row"],
        "deviations": [deviation(vector) for vector in given["deviations"]],
        "shown_counts": [shown(vector) for vector in given["shown_counts"]],
    }


#: What each file is by this implementation, from what is in it.
OF_FILE: dict[str, Callable[[Vectors], Vectors]] = {
    "pseudonyms": pseudonyms,
    "plans": plans,
    "extracts": extracts,
    "cells": cell_vectors,
    "ledger": ledger.verified,
}


def check() -> list[str]:
    """The names of the files that are otherwise, each written anew if that is asked for."""
    differing = []
    for name, of in OF_FILE.items():
        given = read(name)
        made = of(given)
        if made != given and os.environ.get("KOBLING_WRITE"):
            text = json.dumps(made, ensure_ascii=False, indent=2) + "\n"
            (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
        elif made != given:
            differing.append(name)
    return differing
