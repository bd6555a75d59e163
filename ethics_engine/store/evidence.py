"""Evidence that stands up: chains checked link by link, and whether all of them are there."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ethics_engine.errors import shown
from ethics_engine.scalars import parse_instant
from ethics_engine.store.chain import NOBODY, START, enrolled, is_sealed, link
from ethics_engine.store.database import Store
from ethics_engine.store.schema import about, events, practitioners


@dataclass(frozen=True, slots=True)
class Link:
    """One stored row of a chain: its content is the event as canonical JSON."""

    practitioner: str
    seq: int
    id: str
    at: int
    content: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """What a chain says of itself: how many links it has, the last one, its seal."""

    practitioner: str
    count: int
    head: str
    seal: str | None


@dataclass(frozen=True, slots=True)
class Fault:
    """The first row of a chain that is not as it was recorded, and how it differs."""

    practitioner: str
    seq: int | None
    what: str

    def __str__(self) -> str:
        row = f", row {self.seq}" if self.seq is not None else ""
        return f"{shown(self.practitioner)}{row}: {self.what}"


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked, and the first fault of each chain that has one."""

    practitioners: int
    events: int
    sealed: bool
    faults: tuple[Fault, ...]


def verify(store: Store, earlier: Mapping[str, Head] | None = None) -> Verified:
    """Check every chain of a store; `earlier` are heads of an export that it must have gone through.

    A row that was altered, removed, added or moved is a fault, and so is a head or an expected seal that is missing.
    """
    with store.reading() as connection:
        faults = [Fault("the database", None, found) for found in _damage(connection)]
        found = dict(heads(connection))
        told = connection.scalar(select(about.c.value).where(about.c.name == "roster"))
        faults += missing(found, told, store.key)
        checked = Checked(found, store.key, earlier or {})
        for row in links(connection):
            checked.take(row)
        return checked.end(faults)


def missing(heads: Collection[str], told: object, key: bytes | None, *, sealed: bool = False) -> list[Fault]:
    """Whether these chains are those of the roster; of a `sealed` one without the key their number alone is known."""
    found = enrolled(NOBODY, heads, key)
    if told == found or (sealed and key is None and str(told).split(" ")[0] == found.split(" ")[0]):
        return []
    recorded = str(told).split(" ")[0] if isinstance(told, str) else "none"
    what = f"a chain was removed or added: there are {len(heads)}, and {recorded} were recorded"
    if recorded == str(len(heads)):
        what = "a chain was replaced by another one" + ("" if key is None else ", or this is not the key")
    return [Fault("the list of practitioners", None, what)]


class Checked:
    """Chains as they are checked, row by row: those of a practitioner one after another, in order."""

    def __init__(self, heads: Mapping[str, Head], key: bytes | None, earlier: Mapping[str, Head]) -> None:
        self._heads = heads
        self._key = key
        self._earlier = earlier
        self._faults: dict[str, Fault] = {}
        self._reached: dict[str, tuple[int, str]] = {}
        self._count = 0

    def take(self, row: Link) -> None:
        """Check one row."""
        self._count += 1
        name = row.practitioner
        seq, previous = self._reached.get(name, (0, START))
        if name in self._faults:
            return
        if row.seq != seq + 1:
            self._fault(name, seq + 1, f"the row is missing; the next one there is row {row.seq}")
            return
        try:
            found = link(previous, name, row.seq, row.content)
        except UnicodeEncodeError:  # bytes that are no text
            found = None
        if found is None or found != row.hash:
            self._fault(name, row.seq, "the row is not what was recorded: it was altered, or moved from another place")
            return
        told = _differs(row)
        if told is not None:
            self._fault(name, row.seq, told)
            return
        earlier = self._earlier.get(name)
        if earlier is not None and earlier.count == row.seq and earlier.head != found:
            self._fault(name, row.seq, "the chain is another one than that of the earlier export")
            return
        self._reached[name] = row.seq, found

    def end(self, faults: Iterable[Fault] = ()) -> Verified:
        """Check the heads, once all rows were taken."""
        for name in sorted({*self._heads, *self._reached, *self._earlier}):
            if name not in self._faults:
                self._check_head(name)
        found = (*faults, *(self._faults[name] for name in sorted(self._faults)))
        return Verified(len({*self._heads, *self._reached}), self._count, self._key is not None, found)

    def _check_head(self, name: str) -> None:
        seq, found = self._reached.get(name, (0, START))
        head = self._heads.get(name)
        earlier = self._earlier.get(name)
        if head is None:
            self._fault(name, None, "the head of its chain is missing" if seq else "its chain is missing")
        elif head.count > seq:
            self._fault(name, seq + 1, f"the row is missing; the chain had {head.count} rows")
        elif head.count < seq:
            self._fault(name, head.count + 1, f"the row was added: the chain had {head.count} rows")
        elif head.head != found:
            self._fault(name, None, "the head of its chain is not that of its events: one or the other was altered")
        elif self._key is not None and not is_sealed(self._key, name, seq, found, head.seal):
            self._fault(name, None, "its seal is missing" if head.seal is None else "its seal is not that of this key")
        elif earlier is not None and earlier.count > seq:
            self._fault(name, seq + 1, f"the row is missing; the earlier export has {earlier.count} rows")

    def _fault(self, name: str, seq: int | None, what: str) -> None:
        self._faults[name] = Fault(name, seq, what)


def _differs(row: Link) -> str | None:
    """How what stands beside an event differs from it; None where it does not."""
    record = json.loads(row.content)
    if record.get("id") != row.id or record.get("practitioner") != row.practitioner:
        return "the id or the practitioner beside the event is not its own"
    if parse_instant(record.get("at", "")) != row.at:
        return "the instant beside the event is not its own"
    return None


def _damage(connection: Connection) -> list[str]:
    """What the database itself finds damaged."""
    if connection.dialect.name != "sqlite":
        return []
    told = [str(line) for (line,) in connection.exec_driver_sql("PRAGMA integrity_check(5)")]
    return [] if told == ["ok"] else told


def heads(connection: Connection) -> Iterator[tuple[str, Head]]:
    table = practitioners.c
    asked = select(table.practitioner, table.count, table.head, table.seal).order_by(table.practitioner)
    for name, count, head, sealed in connection.execute(asked):
        yield name, Head(name, count, head, sealed)


def links(connection: Connection) -> Iterator[Link]:
    table = events.c
    asked = select(table.practitioner, table.seq, table.id, table.at, table.content, table.hash)
    asked = asked.order_by(table.practitioner, table.seq).execution_options(yield_per=1000)
    for row in connection.execute(asked):
        yield Link(*row)
