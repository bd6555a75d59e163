"""An entry in the making: an event that a person writes down by hand, checked as the log's reader will read it."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from ethics_engine.entries.values import Moment, value_of
from ethics_engine.errors import Diagnostic, EventError, did_you_mean, shown
from ethics_engine.events import AMENDED, Event, refused, type_event
from ethics_engine.layout import as_json
from ethics_engine.logs.decode import Refused, decode
from ethics_engine.logs.lines import read_lines
from ethics_engine.scalars import format_instant, parse_instant
from ethics_engine.vocabulary import ENVELOPE, Attribute, EventType, Vocabulary

_PRIVATE = "x_"
_BEGINS = {
    "session.scheduled": "session",
    "invoice.issued": "invoice",
    "refund.requested": "request",
    "mistake.recognised": "mistake",
    "complaint.received": "complaint",
}
"""Types that begin something which later events name, and the attribute that gives it its name."""


class Entry:
    """An event of one type that is being written down; `values` are the JSON values given so far."""

    def __init__(
        self, event_type: EventType, vocabulary: Vocabulary, practitioner: str, moment: Moment, log: Iterable[Event]
    ) -> None:
        self.type = event_type
        self.vocabulary = vocabulary
        self.practitioner = practitioner
        self.moment = moment
        self.log = [event for event in log if event.practitioner == practitioner]
        self.values: dict[str, Any] = {}

    def attributes(self) -> dict[str, Attribute]:
        """All that can be said, in the order in which it is asked; of an amendment, what its target has too."""
        names = ["client"] if self.type.client != "no" else []
        found = {name: ENVELOPE[name] for name in [*names, "at"]} | dict(self.type.attributes)
        if self.type.name == AMENDED and (target := self.event(self.values.get("target"))) is not None:
            changed = self.vocabulary.types[target.type].attributes
            found |= {name: _optional(each) for name, each in changed.items() if name not in found}
        return found

    def event(self, id: Any) -> Event | None:
        """The practitioner's event of an id."""
        return next((event for event in self.log if event.id == id), None)

    def put(self, name: str, text: str) -> None:
        """Say the value of an attribute, as a person writes it.

        Raises:
            ValueError: there is no such attribute, it was said already, or the value does not fit.
        """
        known = {**self.attributes(), **{each: ENVELOPE[each] for each in ("id", "recorded_at", "source")}}
        attribute = known.get(name)
        if self.type.name == AMENDED:
            self._check_amending(name, text, known)
        if name in self.values:
            raise ValueError(f"`{name}` is given twice")
        if attribute is not None:
            self.values[name] = value_of(attribute, text, self.moment)
        elif name.startswith(_PRIVATE):
            self.values[name] = text
        else:
            hint = did_you_mean(name, known) or f"it has {', '.join(known)}"
            raise ValueError(f"{shown(name)} is not an attribute of `{self.type.name}`; {hint}")

    def _check_amending(self, name: str, text: str, known: Collection[str]) -> None:
        """Refuse to amend what is never amended, and an event that there is none of.

        Raises:
            ValueError: in words for whoever wrote it.
        """
        given = self.values.get("target")
        target = self.event(given)
        if name == "type" or (name == "client" and target is not None and text.strip() != target.client):
            what = f"`{name}` is never amended; withdraw the event with `event.withdrawn`"
            raise ValueError(f"{what} and write it anew")
        if given is not None and target is None and name not in known and not name.startswith(_PRIVATE):
            hint = did_you_mean(given, [event.id for event in self.log])
            what = f"the log has no event {shown(given)}, whose {shown(name)} could change"
            raise ValueError(f"{what}; {hint}" if hint else what)

    def needed(self, attribute: Attribute) -> bool:
        """Whether an attribute has to be said; a client does where the type has one."""
        return attribute.required or (attribute.name == "client" and self.type.client == "yes")

    def missing(self) -> list[Attribute]:
        """What has to be said and was not."""
        return [each for name, each in self.attributes().items() if self.needed(each) and name not in self.values]

    def open(self) -> list[Attribute]:
        """What may be said besides, and was not; the client of an amended event stays, and is no choice."""
        fixed = {"client"} if self.type.name == AMENDED else set()
        said = self.values.keys() | fixed
        return [each for name, each in self.attributes().items() if not self.needed(each) and name not in said]

    def suggestion(self, attribute: Attribute) -> str | None:
        """A name for what this type of event begins, that nothing in the log has yet: `session-2026-03-02`."""
        if _BEGINS.get(self.type.name) != attribute.name or "at" not in self.values:
            return None
        taken = {event.values.get(attribute.name) for event in self.log}
        name = f"{attribute.name}-{self.day()}"
        further = (f"{name}-{number}" for number in range(2, len(taken) + 3))
        return next(each for each in (name, *further) if each not in taken)

    def day(self) -> str:
        """The local date of the event, `2026-03-02`."""
        instant = parse_instant(self.values["at"])
        zone = self.moment.zone
        return zone.date(instant).isoformat() if zone is not None else format_instant(instant)[:10]

    def new_id(self, chance: str, taken: Collection[str] = ()) -> str:
        """An id that no event of the practitioner has, nor is in `taken`: the day and some chance characters."""
        held = {event.id for event in self.log} | set(taken)
        base = f"{self.day()}-{chance}"
        return (
            base
            if base not in held
            else next(name for number in range(2, len(held) + 3) if (name := f"{base}-{number}") not in held)
        )

    def record(self, id: str) -> dict[str, Any]:
        """The event as the log has it; `recorded_at` is now, where it was not said, and the practitioner its source."""
        said = self.values
        head = {"id": said.get("id", id), "at": said.get("at"), "type": self.type.name}
        head |= {"practitioner": self.practitioner, "client": said.get("client")}
        own = {name: value for name, value in said.items() if name not in ENVELOPE}
        recorded = said.get("recorded_at", format_instant(self.moment.now))
        record = head | own | {"recorded_at": recorded, "source": said.get("source", "practitioner")}
        return {name: value for name, value in record.items() if value is not None}


def line_of(record: Mapping[str, Any]) -> bytes:
    """A record as a line of a log: one line whatever is in it, and nothing in it that a terminal would obey."""
    fields = (f"{as_json(name)}: {_literal(value)}" for name, value in record.items())
    return f"{{{', '.join(fields)}}}\n".encode("utf-8", "backslashreplace")


def read_back(line: bytes, vocabulary: Vocabulary) -> Event:
    """The event that the log's reader finds in a line.

    Raises:
        EventError: it would reject the line; all that is wrong is named.
    """
    unit, *others = read_lines(io.BytesIO(line))
    if others:
        raise EventError("an event is one line")
    if unit.problem is not None:
        raise EventError([Diagnostic(unit.problem.code, unit.problem.message)])
    try:
        found = type_event(decode(unit.raw), vocabulary)
    except Refused as error:
        raise EventError([Diagnostic(error.problem.code, error.problem.message, hint=error.problem.hint)]) from None
    if not isinstance(found, Event):
        raise refused(found)
    return found


def _literal(value: Any) -> str:
    return format(value, "f") if isinstance(value, Decimal) else as_json(value)


def _optional(attribute: Attribute) -> Attribute:
    """An attribute of an amended event, as one that the amendment may name or not."""
    return Attribute(
        attribute.name,
        attribute.kind,
        attribute.values,
        description=attribute.description,
        minimum=attribute.minimum,
        maximum=attribute.maximum,
    )
