"""The README's example runs as it is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import kobling

HERE = Path(__file__).parents[1]


def test_the_first_page_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(HERE.parent)
    (block,) = re.findall(r"```python\n(.*?)```", Path("README.md").read_text(), re.DOTALL)
    exec(block, {})
    said = capsys.readouterr().out
    assert said.startswith("mortality: Adults eligible for follow-up, and deaths among them\n")
    assert "… and 36 more" in said


def test_the_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (HERE / "README.md").read_text()
    example = text.split("<!-- example:begin -->")[1].split("<!-- example:end -->")[0]
    blocks = re.findall(r"```python\n(.*?)```", example, re.DOTALL)
    assert len(blocks) == 4
    names: dict[str, Any] = {}
    exec("\n".join(blocks), names)
    said = capsys.readouterr().out
    assert "looked up: tax; rows without a match are dropped" in said
    assert "tax: 5000 rows read" in said
    (shown,) = re.findall(r"```text\n(.*?)```", example, re.DOTALL)
    assert shown in said
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "domain.key",
        "ledger.jsonl",
        "ledger.jsonl.head",
        "ledger.jsonl.lock",
        "ledger.report-1.jsonl",
        "linkage.key",
        "population.arrow",
        "release",
        "release.key",
        "tax.arrow",
    ]
    of_data_base = text.split("<!-- database:begin -->")[1].split("<!-- database:end -->")[0]
    wanted = kobling.pseudonymise(names["plan"], "tax", names["tax"], names["domain_key"])
    (block,) = re.findall(r"```python\n(.*?)```", of_data_base, re.DOTALL)
    exec(block, names)
    assert names["extract"].to_bytes() == wanted.to_bytes()
