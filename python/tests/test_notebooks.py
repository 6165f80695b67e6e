"""The examples as notebooks: executed, and looked at in a browser as their readers do."""

from __future__ import annotations

import html
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples/python"
NOTEBOOKS = ["rehearsal.py", "polars_pipeline.py"]

for _needed in ("jupytext", "nbconvert", "ipykernel", "vl_convert"):
    if importlib.util.find_spec(_needed) is None:
        pytest.skip(f"{_needed} is not here to execute notebooks", allow_module_level=True)

#: Executes a script in percent form as a notebook, and writes it as a page.
EXECUTE = """
import sys, jupytext, nbformat
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor
script, page = sys.argv[1:]
notebook = jupytext.read(script, fmt="py:percent")
assert len(notebook.cells) > 8
ExecutePreprocessor(timeout=300, kernel_name="python3").preprocess(notebook)
exporter = HTMLExporter(template_name="classic")
html, _ = exporter.from_notebook_node(notebook)
open(page, "w", encoding="utf-8").write(html)
"""

#: What a reader sees: of things that are there, those that have a size and are not hidden.
LOOK = """
<script>
window.addEventListener("load", () => {
  const seen = (query) => [...document.querySelectorAll(query)].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility === "visible";
  });
  const found = {
    marked: seen('td[title="suppressed"]').map((cell) => [
      cell.innerText, getComputedStyle(cell).backgroundColor]),
    indents: [...new Set(seen("td").map((cell) => getComputedStyle(cell).paddingLeft))],
    pictures: seen("svg").map((svg) => [
      svg.getBoundingClientRect().width, svg.getBoundingClientRect().height,
      svg.querySelectorAll('[aria-roledescription="point"]').length, svg.textContent]),
    bars: seen("td > div").map((bar) => bar.getBoundingClientRect().width),
    text: document.body.innerText,
  };
  const said = document.createElement("pre");
  said.id = "seen";
  said.textContent = JSON.stringify(found);
  document.body.replaceChildren(said);
});
</script>
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    for name in NOTEBOOKS:
        made[name] = folder / f"{name}.html"
        command = [sys.executable, "-c", EXECUTE, str(EXAMPLES / name), str(made[name])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=folder)
        assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="module")
def browser() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found is not None:
            return found
    pytest.skip("there is no Chromium here to look at notebooks with")


def seen(browser: str, page: Path) -> dict[str, Any]:
    """What a reader of `page` sees."""
    looked = page.with_suffix(".looked.html")
    looked.write_text(page.read_text(encoding="utf-8") + LOOK, encoding="utf-8")
    command = [
        browser,
        "--headless",
        # Root of a container has no sandbox to begin.
        *(["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []),
        "--disable-gpu",
        "--disable-dev-shm-usage",
        # What is shown needs nothing from elsewhere.
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={page.parent / 'profile'}",
        "--virtual-time-budget=20000",
        "--window-size=1200,3000",
        "--dump-dom",
        looked.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    text = done.stdout.partition('<pre id="seen">')[2].partition("</pre>")[0]
    assert text, done.stdout[-2000:]
    read: dict[str, Any] = json.loads(html.unescape(text))
    return read


def test_a_rehearsal_is_seen(pages: dict[str, Path], browser: str) -> None:
    found = seen(browser, pages["rehearsal.py"])
    # Suppressed cells are marked, and not by their text alone.
    assert found["marked"]
    assert {text for text, _ in found["marked"]} == {"·"}
    assert all(colour.startswith("rgba(136, 136, 136") for _, colour in found["marked"])
    # Levels are indented: of a total not, of a region once, of a municipality twice.
    indents = sorted(float(indent.removesuffix("px")) for indent in found["indents"])
    assert len(indents) >= 3 and indents[-1] > indents[0]
    # The picture has a point for each method that fits, and says what its axes are.
    ((width, height, points, text),) = found["pictures"]
    assert width > 200 and height > 200 and points >= 4
    for words in ("Risk against utility", "% published", "suppress", "residents, persons"):
        assert words in text
    assert any(bar > 50 for bar in found["bars"])
    for words in (
        "persons with an income, by county",
        "Ledger of ",
        "Why figures of",
        "match rates by population.sex",
        "It may be",
        "rows read",
    ):
        assert words in found["text"], words
    assert "Traceback" not in found["text"]


def test_a_pipeline_is_seen(pages: dict[str, Path], browser: str) -> None:
    found = seen(browser, pages["polars_pipeline.py"])
    assert "tax: " in found["text"] and "rows read" in found["text"]
    assert any(bar > 50 for bar in found["bars"]) and "Traceback" not in found["text"]
