"""The types that the package states: complete, and those that it has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mypy")
PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def check(*command: str, cwd: Path) -> None:
    # A cache of its own: the checkout is left as it is.
    environment = {**os.environ, "MYPY_CACHE_DIR": str(cwd / "cache")}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_types_are_complete(tmp_path: Path) -> None:
    check("mypy", "--config-file", str(PYPROJECT), "--strict", "-p", "kobling", cwd=tmp_path)


def test_these_tests_use_them(tmp_path: Path) -> None:
    tests = [str(path) for path in Path(__file__).parent.glob("*.py")]
    check("mypy", "--config-file", str(PYPROJECT), "--strict", *tests, cwd=tmp_path)


def test_stubs_say_what_is_there(tmp_path: Path) -> None:
    check("mypy.stubtest", "--mypy-config-file", str(PYPROJECT), "kobling", cwd=tmp_path)
