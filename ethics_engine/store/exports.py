"""An export: the log of a store, and what is needed to verify and judge it without the store."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from ethics_engine.errors import ConfigError, EventError, StoreError, shown
from ethics_engine.scalars import format_instant, parse_instant
from ethics_engine.store.chain import START, canonical, link
from ethics_engine.store.database import Store
from ethics_engine.store.evidence import Checked, Fault, Head, Link, Verified, heads, links, missing, verify
from ethics_engine.store.schema import about, practitioners, rule_sets

EVENTS = "events.ndjson"
CHAINS = "chains.json"


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
        found = dict(heads(connection))
        count = 0
        with _new_file(folder / EVENTS) as file:
            reached: dict[str, tuple[int, str]] = {}
            for row in links(connection):
                file.write(row.content + "\n")
                reached[row.practitioner] = row.seq, row.hash
                count += 1
        if {name: (head.count, head.head) for name, head in found.items() if head.count} != reached:
            raise StoreError("the store changed while it was exported; export it again", temporary=True)
        described = _described(connection) | {
            "roster": connection.scalar(select(about.c.value).where(about.c.name == "roster")),
            "chains": [
                {"practitioner": head.practitioner, "count": head.count, "head": head.head, "seal": head.seal}
                for head in found.values()
            ],
        }
        with _new_file(folder / CHAINS) as file:
            file.write(json.dumps(described, indent=1, sort_keys=True) + "\n")
    return Verified(len(found), count, verified.sealed, ())


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
    return _told_by(folder)[0]


def _told_by(folder: Path) -> tuple[dict[str, Head], object, bool]:
    """What an export says of itself: the heads, the roster, and whether it is sealed."""
    try:
        told = json.loads((folder / CHAINS).read_text(encoding="utf-8"))
        found = {one["practitioner"]: _head(**one) for one in told["chains"]}
        return found, told["roster"], told["sealed"] is True
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
    found, roster, sealed = _told_by(folder)
    checked = Checked(found, key, earlier or {})
    faults = missing(found, roster, key, sealed=sealed)
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
