"""The tables, and their version.

`events` is append-only. `verdicts` holds what was said of them under each rule set that judged them; those of earlier
rule sets stay as they were.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    inspect,
    select,
)
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from ethics_engine.errors import ConfigError
from ethics_engine.store.chain import NOBODY

VERSION = 2
"""Of the tables below; the first had no roster. A store of another version is refused in words when it is opened."""

metadata = MetaData()
_NAME = String().with_variant(String(collation="C"), "postgresql")  # in the order of Python and of SQLite everywhere

about = Table(
    "ethics_engine",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)
"""What holds for the whole store: `version`, `sealed`, `roster` (see `chain`), `judged_by` (the rule set in use),
`as_of` (how far time was let pass, in microseconds since the epoch)."""

practitioners = Table(
    "practitioners",
    metadata,
    Column("practitioner", _NAME, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("head", String(64), nullable=False),
    Column("seal", String(64)),
    Column("last", BigInteger, index=True),
    Column("as_of", BigInteger),
    Column("wake", BigInteger, nullable=False, index=True),
)
"""One row a chain: its length, its last link, its seal; the latest instant of its events, the instant they were judged
as of, and the first later one at which they may be judged otherwise."""

events = Table(
    "events",
    metadata,
    Column("practitioner", _NAME, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("id", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Index("event_ids", "practitioner", "id", unique=True),
)

rule_sets = Table(
    "rule_sets",
    metadata,
    Column("judged_by", String(64), primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("digest", String, nullable=False),
    Column("description", Text, nullable=False),
)
"""The rule sets that judged the store, in the order in which they came; `judged_by` also tells zones and currencies
apart."""

verdicts = Table(
    "verdicts",
    metadata,
    Column("judged_by", String(64), primary_key=True),
    Column("practitioner", _NAME, primary_key=True),
    Column("place", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("client", String),
    Column("level", String),
    Column("status", String),
    Column("at", BigInteger),
    Column("content", Text, nullable=False),
)
"""`kind` is finding, obligation or cannot_tell; `at` the date of a finding and the due time of an obligation."""


_LATER = "use the ethics-engine that made it, or a later one"
_OPENING = 0x657468696373  # "ethics"


def open_alone(connection: Connection) -> None:
    """Wait until no other process is opening the store or writing to it; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_OPENING})")


def join(connection: Connection) -> None:
    """Wait until no other process is opening the store: those that write do not wait for each other here."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock_shared({_OPENING})")


def prepare(connection: Connection) -> bool:
    """Make the tables where there are none; whether they were made now.

    Raises:
        ConfigError: the store is of another version, or the database holds something else.
    """
    found = inspect(connection)
    if found.has_table(about.name):
        check(connection)
        return False
    taken = [table.name for table in metadata.sorted_tables if found.has_table(table.name)]
    if taken:
        raise ConfigError(f"the database has a table `{taken[0]}` of something else; give the store one of its own")
    metadata.create_all(connection)
    connection.execute(about.insert().values(name="version", value=str(VERSION)))
    connection.execute(about.insert().values(name="roster", value=NOBODY))
    return True


def check(connection: Connection) -> None:
    """Raises ConfigError where there is no store, or one of another version."""
    if not inspect(connection).has_table(about.name):
        raise ConfigError("the database holds no store of ethics-engine")
    version = connection.scalar(select(about.c.value).where(about.c.name == "version"))
    if version != str(VERSION):
        older = version is not None and version.isdecimal() and int(version) < VERSION
        raise ConfigError(
            f"the store is of version {version}, and this ethics-engine reads version {VERSION}; "
            + ("export it with the one that made it, and make a new one of its events" if older else _LATER)
        )


def insert_into(connection: Connection, table: Table):  # type: ignore[no-untyped-def]
    """An insert that can say what to do on a conflict."""
    return (insert_postgresql if connection.dialect.name == "postgresql" else insert_sqlite)(table)
