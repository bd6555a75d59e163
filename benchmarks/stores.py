"""Databases for the benchmark of the monitor: one that was observed into is copied for each run."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests")]

from postgresql import binary, server  # noqa: E402


class Database(Protocol):
    """Where stores lie; `prepared` is the address of the one that is copied."""

    prepared: str

    def copied(self) -> str:
        """A copy of it, at the same address each time."""


class SQLite:
    """Files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._file, self._copy = folder / "prepared.db", folder / "copy.db"
        self.prepared = f"sqlite:///{self._file}"

    def copied(self) -> str:
        for left in self._copy.parent.glob(f"{self._copy.name}*"):
            left.unlink()
        shutil.copyfile(self._file, self._copy)
        with self._copy.open("rb") as file:
            os.fsync(file.fileno())  # so that no run waits for it
        return f"sqlite:///{self._copy}"


class PostgreSQL:
    """Databases of a server."""

    def __init__(self, base: str) -> None:
        self._base = base
        self.prepared = self._named("prepared")
        self._ask('CREATE DATABASE "prepared"')

    def copied(self) -> str:
        self._ask('DROP DATABASE IF EXISTS "copy"')
        self._ask('CREATE DATABASE "copy" TEMPLATE "prepared"')
        self._ask("CHECKPOINT")
        return self._named("copy")

    def _named(self, name: str) -> str:
        return self._base.replace("/postgres?", f"/{name}?")

    def _ask(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self._base, autocommit=True) as connection:
            connection.execute(statement.encode())


def left_out() -> str:
    """Why there is no PostgreSQL here; empty where there is."""
    if importlib.util.find_spec("psycopg") is None:
        return "psycopg is not installed"
    try:
        binary("initdb")
    except RuntimeError as error:
        return str(error)
    return ""


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, Database]]:
    """SQLite, and a real PostgreSQL server where it is installed, as it is after `initdb`: it waits for the disk."""
    sqlite = SQLite(folder)
    if left_out():
        yield {"sqlite": sqlite}
        return
    with server() as base:
        yield {"sqlite": sqlite, "postgresql": PostgreSQL(base)}
