"""An NDJSON log read for the peers that take one event after another: what their rules speak of, by practitioner.

No rule crosses a practitioner, so an engine is given one practitioner's events at a time, in order of (`at`, `id`).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import NamedTuple

import orjson

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TYPES = frozenset(
    {
        "agreement.made",
        "contact.social",
        "contact.touch",
        "invoice.issued",
        "payment.received",
        "session.held",
        "session.moved",
    }
)


class Event(NamedTuple):
    """One event; `at` in microseconds since 1970. An attribute that was not recorded is none, but for `other`."""

    at: int
    id: str
    type: str
    client: str
    framework: bool | None
    consent: bool | None
    by: str | None
    other: str  # `with`: whom a social contact was with
    invoice: str | None
    amount: float | None  # of an invoice or a payment
    fee: float | None


class Log(NamedTuple):
    """The events by practitioner, and the latest instant of the whole log (-1 where it has no events)."""

    practitioners: dict[str, list[Event]]
    last: int


def microseconds(at: datetime) -> int:
    """Since 1970, exact."""
    between = at - EPOCH
    return (between.days * 86_400 + between.seconds) * 1_000_000 + between.microseconds


def read(path: str) -> Log:
    """The log of a file, sorted."""
    found: defaultdict[str, list[Event]] = defaultdict(list)
    last, instant, loads = -1, datetime.fromisoformat, orjson.loads
    with open(path, "rb") as file:
        for line in file:
            record = loads(line)
            at = microseconds(instant(record["at"]))
            last = max(last, at)
            if record["type"] not in TYPES:
                continue
            told = record.get
            found[record["practitioner"]].append(
                Event(
                    at, record["id"], record["type"], record["client"], told("framework"), told("consent"), told("by"),
                    told("with", "client"), told("invoice"), told("amount"), told("fee"),
                )
            )  # fmt: skip
    for events in found.values():
        events.sort(key=lambda event: event[:2])
    return Log(dict(found), last)
