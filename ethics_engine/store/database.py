"""The database behind a store: opened, prepared, and given out one transaction at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError

from ethics_engine.errors import ConfigError, StoreError, shown
from ethics_engine.store import schema
from ethics_engine.store.transaction import Transaction

WAIT = 30.0
"""Seconds that a writer waits for another one of the same practitioner, where nothing else is said."""


class Store:
    """A store, open. Safe to share between threads; a process that is forked off opens its own connections.

    `key` seals the chains: a store that was made with a key is opened with that key alone.
    """

    def __init__(self, url: str, key: bytes | None = None, wait: float | None = None, *, make: bool = True) -> None:
        """Open a store; with `make` it is made where it is not there yet.

        Raises:
            ConfigError: the address is none, the store is of a later version, sealed without a key or the reverse.
            StoreError: the database cannot be reached, read or written.
        """
        self.url = _address(url)
        self.key = key
        self.shown = self.url.render_as_string(hide_password=True)
        self._wait = WAIT if wait is None else wait
        if not make and self.url.get_backend_name() == "sqlite":
            self.url = _there(self.url)
        self._engine = self._connect()
        self._reader = self._engine.execution_options(ethics_engine_reads=True)
        self._process = os.getpid()
        try:
            self._open(make=make)
        except BaseException:
            self.close()
            raise

    def _open(self, *, make: bool) -> None:
        with self._connected(reads=not make) as connection:
            if not make:
                schema.check(connection)
            else:
                schema.open_alone(connection)
                if schema.prepare(connection):
                    sealed = "no" if self.key is None else "yes"
                    connection.execute(schema.about.insert().values(name="sealed", value=sealed))
            self._check_key(connection)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose(close=os.getpid() == self._process)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction: committed at the end of the block, and undone where it raises.

        Raises:
            StoreError: the database cannot be reached or written, or another writer holds a practitioner too long.
        """
        with self._connected() as connection:
            transaction = Transaction(connection, self.key)
            yield transaction
            transaction.enrol()

    @contextmanager
    def view(self) -> Iterator[Transaction]:
        """A transaction that sees the store as it stands at one moment, and writes nothing; raises StoreError."""
        with self.reading() as connection:
            yield Transaction(connection, self.key)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees the store as it stands at one moment, and writes nothing; raises StoreError."""
        with self._connected(reads=True) as connection:
            yield connection

    @contextmanager
    def _connected(self, *, reads: bool = False) -> Iterator[Connection]:
        if os.getpid() != self._process:  # forked: the connections are the parent's
            self._engine.dispose(close=False)
            self._engine = self._connect()
            self._reader = self._engine.execution_options(ethics_engine_reads=True)
            self._process = os.getpid()
        engine = self._reader if reads else self._engine
        try:
            with engine.connect() as connection, connection.begin():
                if reads and engine.dialect.name == "postgresql":
                    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
                yield connection
        except DBAPIError as error:
            raise StoreError(self._told(error), temporary=self._is_temporary(error)) from error
        except SQLAlchemyError as error:
            raise StoreError(f"the store {self.shown} cannot be used: {error}") from error

    def _connect(self) -> Engine:
        try:
            if self.url.get_backend_name() == "sqlite":
                return _sqlite(self.url, self._wait)
            return _postgresql(self.url, self._wait)
        except (ImportError, NoSuchModuleError):
            raise ConfigError(
                f"the store {self.shown} needs psycopg; install it with: pip install 'ethics-engine[postgresql]'"
            ) from None

    def _check_key(self, connection: Connection) -> None:
        sealed = connection.scalar(select(schema.about.c.value).where(schema.about.c.name == "sealed")) == "yes"
        if sealed and self.key is None:
            raise ConfigError(f"the store {self.shown} is sealed; open it with the key that it was made with")
        if not sealed and self.key is not None:
            raise ConfigError(
                f"the store {self.shown} was made without a seal, so that there is none to check: a missing seal is "
                "a failure; export it, and observe the events into a store that is made with the key"
            )

    def _is_temporary(self, error: DBAPIError) -> bool:
        """Whether it passes by itself: another one writes, or (a server) it cannot be reached just now."""
        reason = str(error.orig).lower()
        if self.url.get_backend_name() == "sqlite":
            return "database is locked" in reason
        return isinstance(error, OperationalError) and not any(lasting in reason for lasting in _LASTING)

    def _told(self, error: DBAPIError) -> str:
        """What a fault of the database means to the one who called."""
        reason = " ".join(str(error.orig).split())
        said = reason.lower()
        if "database is locked" in said or "lock timeout" in said:
            return (
                f"another process writes to the same practitioner in {self.shown} and did not finish within "
                f"{self._wait:g} seconds; nothing was recorded, try again"
            )
        if any(full in said for full in _FULL):
            return f"the disk of {self.shown} is full; nothing of this call was recorded, all before it is safe"
        if any(unwritable in said for unwritable in _READ_ONLY):
            return f"the store {self.shown} cannot be written, it is read-only; nothing of this call was recorded"
        return f"the store {self.shown} cannot be used: {reason}"


_FULL = ("disk is full", "no space left")
_READ_ONLY = ("readonly", "read-only")
_LASTING = (*_FULL, *_READ_ONLY, "authentication failed", "does not exist", "no password supplied")


def _address(url: str) -> URL:
    try:
        address = make_url(url)
        url.encode()
    except (ArgumentError, ValueError, AttributeError):
        raise ConfigError(
            f"store: {shown(url)} is no address; expected one such as sqlite:///practice.db or postgresql://host/name"
        ) from None
    backend = address.get_backend_name()
    if backend == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if backend != "sqlite" or address.database in (None, "", ":memory:") or "\0" in str(address.database):
        raise ConfigError(
            f"store: {shown(url)} cannot be used; expected sqlite:///FILE or postgresql://… (without a store, events "
            "are kept in memory)"
        )
    if str(address.database).startswith("file:"):
        return address
    return address.set(database=os.path.abspath(str(address.database)))  # wherever a process goes later


def _sqlite(url: URL, wait: float) -> Engine:
    engine = create_engine(url, connect_args={"timeout": wait, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def settings(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say so
        connection.text_factory = _text  # what was damaged is read, and found
        cursor = connection.cursor()
        if "immutable" not in url.query:
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # on disk when a call returns
        cursor.execute("PRAGMA trusted_schema=OFF")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("ethics_engine_reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _there(url: URL) -> URL:
    """The address of a file that is only read, where its disk cannot be written: SQLite keeps no files beside it then.

    Raises:
        ConfigError: there is no such file, or some of it is in files beside it that only a writer takes in.
    """
    file = url.database or ""
    if not os.path.exists(file):
        raise ConfigError(f"there is no store {url}")
    if os.access(file, os.W_OK) and os.access(os.path.dirname(os.path.abspath(file)), os.W_OK):
        return url
    if os.path.exists(f"{file}-wal") and os.path.getsize(f"{file}-wal"):
        raise ConfigError(
            f"the store {url} was not closed when it was copied, and its disk cannot be written; copy {file} and "
            f"{file}-wal to one that can"
        )
    return url.set(database=f"file:{quote(os.path.abspath(file))}", query={"immutable": "1", "uri": "true"})


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _postgresql(url: URL, wait: float) -> Engine:
    waited = max(1, int(wait * 1000))  # nought would be for ever
    options = f"-c lock_timeout={waited} -c synchronous_commit=on"
    return create_engine(
        url, connect_args={"options": options, "application_name": "ethics-engine"}, pool_pre_ping=True
    )
