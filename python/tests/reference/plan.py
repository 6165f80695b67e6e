"""The canonical form of a plan, and its digest."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

#: Keys whose values are exact numbers, which are text where they are not whole.
EXACT = {"edges", "invalid_at_most", "privacy_budget", "margin"}
EXACT |= {"percent", "p_percent", "p", "q", "rho"}

#: What is left out of which object where it is so.
SAYS_NOTHING: dict[str, dict[str, Any]] = {
    "project": {"approved": []},
    "source": {"role": "register", "keep": [], "columns": {}, "format": {}},
    "format": {"last_line": "whole"},
    "identifier": {"missing": [], "columns": [], "kinds": ["fnr", "dnr"], "control": "by-date"}
    | {"hnr_control": "as-written", "synthetic": "forbid"},
    "part": {"missing": []},
    "column": {"missing": [], "rare": "other"},
    "table": {"with": {}, "columns": {}, "where": [], "levels": {}, "base": {}},
    "base": {"where": []},
    "look-up": {"on": [], "where": []},
    "protect": {"count_interval": 3, "prefer": [], "publish": []},
    "noise": {"clip": {}},
}

#: What is added to which object where it is not written.
ADDED: dict[str, dict[str, Any]] = {
    "identifier": {"invalid": "quarantine"},
    "column": {"invalid": "fail"},
    "table": {"margins": False},
    "match_rates": {"margin": 5},
    "noise": {"cells": 1},
    "bands": {"closed": "left"},
    "sensitive": {"none": False},
}

#: What the values of a key are, by what the key is in; of a map or a list, each of its values.
INSIDE: dict[tuple[str, str], str] = {
    ("plan", "project"): "project",
    ("source", "format"): "format",
    ("source", "identifier"): "identifier",
    ("column", "bands"): "bands",
    ("column", "clip"): "clip",
    ("table", "base"): "base",
    ("table", "match_rates"): "match_rates",
    ("table", "protect"): "protect",
    ("protect", "dominance"): "dominance",
    ("protect", "noise"): "noise",
    ("protect", "prior_posterior"): "prior_posterior",
}
EACH_INSIDE: dict[tuple[str, str], str] = {
    ("plan", "source"): "source",
    ("plan", "table"): "table",
    ("source", "columns"): "column",
    ("identifier", "columns"): "part",
    ("table", "columns"): "column",
    ("table", "with"): "look-up",
    ("table", "sensitive"): "sensitive",
}


def exact(number: Any) -> int | str:
    """An exact number: whole if it is, else as text."""
    decimal = Decimal(repr(number) if isinstance(number, float) else number)
    if decimal == decimal.to_integral_value() and -(2**63) <= decimal < 2**63:
        return int(decimal)
    written = f"{decimal:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def plain(value: Any) -> Any:
    """A value in `missing` or a condition, or one that is no number."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer() and -(2.0**63) <= value < 2.0**63:
        return int(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    return value


def exact_all(value: Any) -> Any:
    if isinstance(value, list):
        return [exact(each) for each in value]
    if isinstance(value, Mapping):
        return {key: exact(each) for key, each in value.items()}
    return exact(value)


def inside(of: str, key: str, value: Any) -> Any:
    """The canonical form of what `key` is in an object that is an `of`."""
    if key in EXACT or of == "clip" or (of, key) == ("noise", "clip"):
        return exact_all(value)
    if (of, key) in INSIDE:
        return canonical(INSIDE[of, key], value)
    if (of, key) in EACH_INSIDE:
        kind = EACH_INSIDE[of, key]
        if isinstance(value, list):
            return [canonical(kind, each) for each in value]
        return {name: canonical(kind, each) for name, each in value.items()}
    if key == "valid_from" and isinstance(value, str):
        return {"column": value}
    if key == "kinds":
        return [kind for kind in ["fnr", "dnr", "hnr", "fhnr"] if kind in value]
    if key == "encoding" and value == "iso-8859-1":
        return "latin-1"
    return plain(value)


def canonical(of: str, written: Any) -> Any:
    """The canonical form of an object that is an `of`."""
    if of == "bands" and isinstance(written, list):
        written = {"edges": written}
    if of == "sensitive" and isinstance(written, str):
        written = {"name": written}
    made = {key: inside(of, key, value) for key, value in {**ADDED.get(of, {}), **written}.items()}
    nothing = SAYS_NOTHING.get(of, {})
    return {
        key: value for key, value in made.items() if key not in nothing or value != nothing[key]
    }


def float_text(number: float) -> str:
    """The shortest digits of a float, positional from 10⁻⁵ to below 10¹⁶."""
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    assert isinstance(exponent, int)
    text, e = "".join(map(str, digits)), len(digits) + exponent - 1
    if -5 <= e < 16:
        text = f"{Decimal(repr(number)):f}"
        return text if "." in text else f"{text}.0"
    return "-" * sign + text[0] + ("." + text[1:] if text[1:] else "") + f"e{e:+}"


def json_text(value: Any) -> str:
    """JSON without white space, keys sorted by their bytes."""
    if isinstance(value, dict):
        # The order of code points is that of UTF-8.
        each = (f"{json_text(key)}:{json_text(value[key])}" for key in sorted(value))
        return "{" + ",".join(each) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_text, value)) + "]"
    if isinstance(value, float):
        return float_text(value)
    return json.dumps(value, ensure_ascii=False)


def canonical_form(plan: Mapping[str, Any]) -> str:
    """The canonical form of a plan, as a reader of TOML has it."""
    return json_text(canonical("plan", plan))


def digest(form: str) -> bytes:
    return hashlib.sha256(b"kobling plan 1\0" + form.encode()).digest()


def rehearsal(plan_digest: bytes) -> bytes:
    return hashlib.sha256(b"kobling rehearsal 1\0" + plan_digest).digest()
