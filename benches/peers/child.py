"""A process of its own for each thing that is timed: clean memory, and a limit to it."""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

# Below this much free memory the machine would begin to kill processes itself.
LEAST_FREE_MIB = 1000


class DidNotFit(Exception):
    """The process was stopped before it took all memory."""


def free_mib() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) // 1024
    raise RuntimeError("no MemAvailable in /proc/meminfo")


def run(command: list[str], threads: int) -> dict:
    """Runs the command; gives what it said as JSON, and its peak memory in MiB."""
    environment = os.environ | {
        "RAYON_NUM_THREADS": str(threads),
        "POLARS_MAX_THREADS": str(threads),
        "OMP_NUM_THREADS": str(threads),
    }
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env=environment)
        stopped = False
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                process.returncode = os.waitstatus_to_exitcode(status)
                break
            if free_mib() < LEAST_FREE_MIB:
                process.kill()
                stopped = True
            time.sleep(0.2)
        if stopped or process.returncode == -9:
            raise DidNotFit
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            raise RuntimeError(f"{command}: {err.read()[-3000:]}")
        said = json.loads(out.read().splitlines()[-1])
    return said | {"peak_mib": usage.ru_maxrss // 1024}
