"""A real PostgreSQL server on a socket of its own, from Debian's packages, for as long as the tests run."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp


def binary(name: str) -> str:
    """A program of the server's package, which Debian keeps off the path."""
    found = shutil.which(name) or next(iter(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None)
    if found is None:
        raise RuntimeError(f"{name} is not installed (Debian: postgresql)")
    return str(found)


def _as_user(*command: str) -> None:
    """Run a program of the server, which refuses to run as root."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *command], check=True, capture_output=True, cwd="/")


@contextmanager
def server() -> Iterator[str]:
    """A server that listens on a socket alone; yields the address of its database `postgres`."""
    folder = Path(mkdtemp(prefix="ethics-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    try:
        _as_user(binary("initdb"), "-D", str(data), "-U", "ethics", "-A", "trust", "-E", "UTF8", "--locale=C")
        options = f"-k {folder} -c listen_addresses='' -c max_connections=60"
        _as_user(binary("pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://ethics@/postgres?host={folder}"
        finally:
            _as_user(binary("pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
