"""A PostgreSQL of our own: in a folder that goes with it, on a socket that nobody else has."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: Seconds that a server is given to start or to stop.
PATIENCE = 60


class Absent(Exception):
    """Why there is no server."""


def programs() -> tuple[str, str]:
    """The programs `initdb` and `postgres`, of the newest version of Debian's or on the path."""

    def version(folder: Path) -> float:
        return float(folder.parent.name)

    folders = sorted(Path("/usr/lib/postgresql").glob("[0-9]*/bin"), key=version, reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return str(folder / "initdb"), str(folder / "postgres")
    initdb, postgres = shutil.which("initdb"), shutil.which("postgres")
    if initdb is None or postgres is None:
        raise Absent("there is no PostgreSQL here: neither initdb nor postgres is found")
    return initdb, postgres


def user() -> pwd.struct_passwd | None:
    """As whom it runs; nobody else's than ours, unless that is root, whom it refuses."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    raise Absent("PostgreSQL does not run as root, and there is no user postgres or nobody")


@contextmanager
def running() -> Iterator[str]:
    """The URI of a server that runs meanwhile; whoever asks on its socket may do anything."""
    initdb, postgres = programs()
    who = user()
    as_whom: dict[str, Any] = {}
    if who is not None:
        as_whom = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
    # Not below pytest's own folder, which is for its user only; and a socket's name is short.
    folder = tempfile.mkdtemp(prefix="kobling-")
    try:
        if who is not None:
            os.chown(folder, who.pw_uid, who.pw_gid)
        data = f"{folder}/data"
        made = subprocess.run(
            [initdb, "-D", data, "-U", "kobling", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            **as_whom,
        )
        if made.returncode != 0:
            raise Absent(f"initdb failed: {made.stderr.strip()}")
        with open(f"{folder}/log", "w") as log:
            server = subprocess.Popen(
                [postgres, "-D", data, "-k", folder, "-c", "listen_addresses=", "-F"],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **as_whom,
            )
        try:
            begun = time.monotonic()
            # The last line of the file says that it takes connections.
            while not ready(f"{data}/postmaster.pid"):
                if server.poll() is not None or time.monotonic() - begun > PATIENCE:
                    raise Absent(f"postgres does not start: {Path(folder, 'log').read_text()}")
                time.sleep(0.05)
            yield f"postgresql://kobling@/postgres?host={folder}"
        finally:
            # At once: its data are gone the next moment.
            server.send_signal(3)
            server.wait(PATIENCE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ready(path: str) -> bool:
    try:
        return Path(path).read_text().splitlines()[7].strip() == "ready"
    except (OSError, IndexError):
        return False
