"""Evidence that stands up: the chains of a store or of an export checked link by link, and the export itself."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from ethics_engine.errors import ConfigError, EventError, StoreError, shown
from ethics_engine.scalars import format_instant, parse_instant
from ethics_engine.store.chain import START, canonical, is_sealed, link
from ethics_engine.store.database import Store
from ethics_engine.store.schema import about, events, practitioners, rule_sets

EVENTS = "events.ndjson"
CHAINS = "chains.json"


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
        checked = Checked(dict(_heads(connection)), store.key, earlier or {})
        for row in _links(connection):
            checked.take(row)
        return checked.end(faults)


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


def _heads(connection: Connection) -> Iterator[tuple[str, Head]]:
    table = practitioners.c
    asked = select(table.practitioner, table.count, table.head, table.seal).order_by(table.practitioner)
    for name, count, head, sealed in connection.execute(asked):
        yield name, Head(name, count, head, sealed)


def _links(connection: Connection) -> Iterator[Link]:
    table = events.c
    asked = select(table.practitioner, table.seq, table.id, table.at, table.content, table.hash)
    asked = asked.order_by(table.practitioner, table.seq).execution_options(yield_per=1000)
    for row in connection.execute(asked):
        yield Link(*row)


# --- an export: the log, and what is needed to verify and judge it without the store ------------------------------


def export(store: Store, folder: Path) -> Verified:
    """Write the log of a store (`events.ndjson`) and its chains (`chains.json`) into a new folder, once they hold.

    Raises:
        StoreError: a chain does not hold; nothing was written.
        ConfigError: the folder is there already, or cannot be made.
    """
    verified = verify(store)
    if verified.faults:
        raise StoreError(f"the store does not hold, nothing was exported: {verified.faults[0]}")
    try:
        folder.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        raise ConfigError(f"{folder} is there already; name a folder that is not") from None
    except OSError as error:
        raise ConfigError(f"{folder} cannot be made: {error.strerror}") from error
    with store.reading() as connection:
        heads = dict(_heads(connection))
        count = 0
        with _new_file(folder / EVENTS) as file:
            reached: dict[str, tuple[int, str]] = {}
            for row in _links(connection):
                file.write(row.content + "\n")
                reached[row.practitioner] = row.seq, row.hash
                count += 1
        if {name: (head.count, head.head) for name, head in heads.items() if head.count} != reached:
            raise StoreError("the store changed while it was exported; export it again", temporary=True)
        described = _described(connection) | {
            "chains": [
                {"practitioner": head.practitioner, "count": head.count, "head": head.head, "seal": head.seal}
                for head in heads.values()
            ]
        }
        with _new_file(folder / CHAINS) as file:
            file.write(json.dumps(described, indent=1, sort_keys=True) + "\n")
    return Verified(len(heads), count, verified.sealed, ())


def _described(connection: Connection) -> dict[str, Any]:
    rows = connection.execute(select(about.c.name, about.c.value))
    told: dict[str, str] = {row.name: row.value for row in rows}
    by = select(rule_sets.c.description).where(rule_sets.c.judged_by == told.get("judged_by"))
    rules = connection.scalar(by)
    last = connection.scalar(select(practitioners.c.last).order_by(practitioners.c.last.desc()).limit(1))
    instants = [int(instant) for instant in (last, told.get("as_of")) if instant is not None]
    return {
        "format": 1,
        "sealed": told.get("sealed") == "yes",
        "as_of": format_instant(max(instants)) if instants else None,
        "rules": None if rules is None else json.loads(rules),
    }


def _new_file(path: Path) -> Any:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="\n")


def heads_of(folder: Path) -> dict[str, Head]:
    """The heads of an export.

    Raises:
        ConfigError: the folder holds no export.
    """
    try:
        told = json.loads((folder / CHAINS).read_text(encoding="utf-8"))
        return {one["practitioner"]: _head(**one) for one in told["chains"]}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{shown(str(folder))} holds no export: {CHAINS} cannot be read: {_why(error)}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigError(f"{shown(str(folder))} holds no export: {CHAINS} is not as an export has it") from error


def _head(practitioner: Any, count: Any, head: Any, seal: Any) -> Head:
    """A head as it stands in an export; raises TypeError where a value is of another type."""
    texts = isinstance(practitioner, str) and isinstance(head, str) and isinstance(seal, str | None)
    if texts and type(count) is int:
        return Head(practitioner, count, head, seal)
    raise TypeError(f"the chain of {shown(practitioner)} is not told as an export tells it")


def verify_export(folder: Path, key: bytes | None = None, earlier: Mapping[str, Head] | None = None) -> Verified:
    """Check an export without its store: the events make up the chains whose heads stand beside them."""
    heads = heads_of(folder)
    checked = Checked(heads, key, earlier or {})
    faults = []
    reached: dict[str, tuple[int, str]] = {}
    try:
        with open(folder / EVENTS, encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    row = _line(line.rstrip("\n"), reached)
                except (ValueError, KeyError, TypeError, AttributeError, RecursionError, EventError):
                    faults.append(Fault(EVENTS, number, "the line is no event"))
                    continue
                checked.take(row)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{shown(str(folder / EVENTS))} cannot be read: {_why(error)}") from error
    return checked.end(faults)


def _why(error: OSError | UnicodeDecodeError) -> str:
    """Why a file cannot be read, in words."""
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error.strerror).lower()


def _line(line: str, reached: dict[str, tuple[int, str]]) -> Link:
    """A line of an export as the next link of its chain."""
    record = json.loads(line)
    name = record["practitioner"]
    if canonical(record) != line:
        raise ValueError("not canonical")
    seq, previous = reached.get(name, (0, START))
    found = link(previous, name, seq + 1, line)
    reached[name] = seq + 1, found
    return Link(name, seq + 1, record["id"], parse_instant(record["at"]), line, found)
