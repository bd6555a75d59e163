"""The set of events that a practice's record holds at `as_of`: amended, typed, with derived attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from .values import DAY, MICROSECOND, Calendar, EventType, instant, read

ENVELOPE = {
    "id": "string",
    "at": "timestamp",
    "type": "string",
    "practitioner": "string",
    "client": "string",
    "recorded_at": "timestamp",
    "source": "enum",
}
SOURCES = ("practitioner", "system", "client", "third_party")
LOCAL = {"local_weekday": "enum", "local_time": "clock", "local_hour": "number", "local_date": "string"}
RELATION = {"session_number": "number", "days_since_session": "number"}
NEVER_UNKNOWN = {*LOCAL, *RELATION}  # Decision: their absence says something, it is no missing record

Raw = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Event:
    """An event, or a finding as an event. `kinds`: the kind of every attribute that its type declares."""

    id: str
    at: datetime
    type: str
    practitioner: str
    client: str | None
    values: Mapping[str, Any]
    kinds: Mapping[str, str]
    rests_on: tuple[Event, ...] = ()  # of a finding: its events, its trigger first
    rank: tuple[Any, ...] = ()  # of a finding: its place among those of its moment

    @property
    def order(self) -> tuple[Any, ...]:
        """The order of time; at one moment that of ids, and findings after all else.

        Decision: of findings the later trigger is the greater, then the greater rule; ids of findings decide nothing.
        """
        return (self.at, 1, self.rank) if self.rank else (self.at, 0, self.id)

    @property
    def evidence(self) -> tuple[Event, ...]:
        """What stands for it in a finding's evidence: of a finding the events of that finding."""
        return self.rests_on or (self,)


@dataclass(eq=False)
class World:
    """What is known of one practitioner: no rule looks across practitioners."""

    events: list[Event]  # grows by the findings, stratum by stratum
    clients: list[str]
    types: Mapping[str, EventType]
    covered: frozenset[str] | None  # areas; None: all
    as_of: datetime
    calendar: Calendar
    currency: str | None

    def currency_of(self, event: Event) -> str | None:
        """A missing currency is the practice's."""
        named: str | None = event.values.get("currency", self.currency)
        return named

    def covers(self, areas: set[str]) -> set[str]:
        """The areas among these that the log does not cover."""
        return set() if self.covered is None else areas - self.covered


def differ(one: str | None, other: str | None) -> bool:
    """Whether two currencies differ. Decision: what is not known differs from nothing."""
    return one is not None and other is not None and one != other


def changes(amendment: Raw) -> dict[str, Any]:
    own = {*ENVELOPE, "target", "amend_reason"}
    return {
        key: value
        for key, value in amendment.items()
        if key not in own and value is not None and not key.startswith(("x_", "x-"))
    }


def accepted(amendment: Raw, target: Raw, types: Mapping[str, EventType]) -> bool:
    """Whether the vocabulary takes the result of an amendment. Decision: one refused attribute refuses it all."""
    attributes = types[target["type"]].attributes
    try:
        return all(
            key in attributes and attributes[key].read(value) is not None for key, value in changes(amendment).items()
        )
    except ValueError:
        return False


def amended(raws: Sequence[Raw], types: Mapping[str, EventType], as_of: datetime) -> list[dict[str, Any]]:
    """One practitioner's events after amendments and withdrawals. Later ones than `as_of` are not seen; `log.covers`
    is read whatever its `at`."""
    seen = [raw for raw in raws if instant(raw["at"]) <= as_of]
    read_ = [raw for raw in raws if raw in seen or raw["type"] == "log.covers"]
    result = []
    for raw in read_:
        aimed = [x for x in seen if x.get("target") == raw["id"] and not raw["type"].startswith("event.")]
        if any(x["type"] == "event.withdrawn" for x in aimed):
            continue
        amendments = [x for x in aimed if x["type"] == "event.amended" and accepted(x, raw, types)]
        now = dict(raw)
        for amendment in sorted(amendments, key=lambda x: (instant(x["at"]), x["id"])):
            now.update(changes(amendment))
        result.append(now)
    return result


def typed(raw: Raw, types: Mapping[str, EventType], calendar: Calendar) -> Event:
    """A line of the log with its values; an attribute with a default takes it where it is missing."""
    own = types[raw["type"]]
    kinds = {key: kind for key, kind in ENVELOPE.items() if key != "client" or own.client != "no"}
    kinds |= {key: attribute.kind for key, attribute in own.attributes.items()}
    kinds |= LOCAL | {"recorded_after_days": "number"} | ({} if own.client == "no" else RELATION)
    kinds |= {"announced_days": "number"} if raw["type"] == "agreement.made" else {}
    values = {key: read(kind, raw[key], SOURCES) for key, kind in ENVELOPE.items() if raw.get(key) is not None}
    for key, attribute in own.attributes.items():
        if raw.get(key) is not None:
            values[key] = attribute.read(raw[key])
        elif attribute.default is not None:
            values[key] = attribute.default
    values |= calendar.derived(values["at"])
    return Event(raw["id"], values["at"], raw["type"], raw["practitioner"], raw.get("client"), values, kinds)


def days(start: datetime, end: datetime) -> Fraction:
    """Exact days. Decision: cut toward zero to six decimals."""
    exact = Fraction((end - start) // MICROSECOND, DAY // MICROSECOND)
    return Fraction(int(exact * 10**6), 10**6)


def with_derived(event: Event, events: Sequence[Event]) -> Event:
    """The event with the attributes that the record as a whole gives it."""
    values = dict(event.values)
    if event.client is not None:
        held = [x for x in events if x.type == "session.held" and x.client == event.client and x.at <= event.at]
        values["session_number"] = Fraction(len(held))
        before = [x.at for x in held if x is not event]
        if before:
            values["days_since_session"] = days(max(before), event.at)
    if "recorded_at" in values:
        values["recorded_after_days"] = days(event.at, values["recorded_at"])
    if event.type == "agreement.made" and "announced_at" in values:
        values["announced_days"] = days(values["announced_at"], event.at)
    return Event(event.id, event.at, event.type, event.practitioner, event.client, values, event.kinds)


def known(
    raws: Sequence[Raw],
    types: Mapping[str, EventType],
    *,
    as_of: datetime,
    calendar: Calendar,
    currency: str | None,
) -> World:
    """The world of one practitioner."""
    lines = [typed(raw, types, calendar) for raw in amended(raws, types, as_of)]
    covers = [x.values["areas"] for x in lines if x.type == "log.covers"]
    seen = [x for x in lines if x.at <= as_of]
    return World(
        events=[with_derived(x, seen) for x in seen],
        clients=sorted({x.client for x in seen if x.client is not None}),
        types=types,
        covered=frozenset().union(*covers) if covers else None,
        as_of=as_of,
        calendar=calendar,
        currency=currency,
    )
