"""What the figures were made on, with what, and by whom."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

BIAS = [
    "kobling's author wrote both sides: the queries of the peers are as their documentation "
    "advises, and not tuned by those who make them.",
    "For kobling: at rest, its extracts are sorted by pseudonym. The agency did that, once; its "
    "time is in the cold and whole cases, not in the cases at rest. The variants called "
    "“sorted” give the peers the same order.",
    "For kobling: pseudonyms are uniform, and it relies on that. The peers join any key.",
    "For the peers: loading DuckDB's tables and polars' frames is not timed at rest.",
    "For the peers: of all variants of a tool, the fastest stands for it; of kobling there is one.",
    "For the peers: they count rows where kobling counts distinct persons (the same here), check "
    "no key for being there twice, and keep no contributors for disclosure rules.",
    "For the peers: in the whole cases they check no control digit and no file, and are not asked "
    "to get their files onto the disk before they go on.",
    "The data are made up and uniform, categories are short, nothing is missing, and the tables "
    "are small. With skew, wide rows or many cells figures are others.",
]


def text(path: str, key: str) -> str:
    try:
        for line in Path(path).read_text().splitlines():
            if line.startswith(key):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return "unknown"


def said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def facts() -> dict:
    """The machine, the versions and the state of the checkout."""
    memory = text("/proc/meminfo", "MemTotal")
    gib = f"{int(memory.split()[0]) / 2**20:.0f} GiB" if memory[0].isdigit() else memory
    changed = said("git", "status", "--porcelain", "--", "src", "Cargo.toml", "Cargo.lock")
    return {
        "machine": {
            "processor": text("/proc/cpuinfo", "model name"),
            "cores": os.cpu_count(),
            "memory": gib,
            "kernel": f"{platform.system()} {platform.release()}",
        },
        "versions": {
            "rustc": said("rustc", "--version").removeprefix("rustc "),
            "Python": platform.python_version(),
            "DuckDB": version("duckdb"),
            "polars": version("polars"),
            "pandas": version("pandas"),
            "pyarrow": version("pyarrow"),
        },
        "commit": said("git", "rev-parse", "--short", "HEAD")
        + (", with changes" if changed != "unknown" else ""),
    }


def load() -> float:
    """Processes that want a core, on average over the last minute."""
    return os.getloadavg()[0]
