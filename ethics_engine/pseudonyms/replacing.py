"""Events with pseudonyms in the place of names and identifiers, and without free text.

What holds: rules find on the new events what they find on the old ones, up to names. Equal values have equal pseudonyms
and different ones different, over all the attributes of a practitioner's events; of events at one instant the ids keep
their order, since a rule that must choose takes the greatest; what was recorded stays recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ethics_engine.amendments import apply
from ethics_engine.errors import EventError, shown
from ethics_engine.events import AMENDED, Event
from ethics_engine.pseudonyms.names import Names
from ethics_engine.pseudonyms.shifting import Shift
from ethics_engine.pseudonyms.words import Reading
from ethics_engine.scalars import format_instant, parse_instant
from ethics_engine.vocabulary import ENVELOPE, Attribute, Vocabulary

REMOVED = "removed"
"""What stands in the place of a free text."""

_OWN = frozenset({*ENVELOPE, "target", "amend_reason"})


class Pseudonymiser:
    """Gives the events of one log their pseudonyms; `events` has them, in the order of time, practitioner and id.

    Raises:
        EventError: an event's id is a word of the rules, and its order among simultaneous events would be lost.
    """

    def __init__(
        self,
        events: Sequence[Event],
        vocabulary: Vocabulary,
        reading: Reading,
        names: Names,
        shift: Shift | None = None,
    ) -> None:
        self.vocabulary = vocabulary
        self.reading = reading
        self.names = names
        self.shift = shift
        self._events = sorted(events, key=lambda event: (event.at, event.practitioner, event.id))
        self._types = {(event.practitioner, event.id): event.type for event in events}
        self._without_effect = {(one.practitioner, one.event_id) for one in apply(events, vocabulary)[1]}
        self._ids = self._ranked()
        replaced = [self._event(event) for event in self._events]
        self.events = sorted(replaced, key=lambda event: (event.at, event.practitioner, event.id))

    def practitioner(self, name: str) -> str:
        """The pseudonym of a practitioner."""
        return self.names.name("practitioner", name)

    def client(self, name: str) -> str:
        """The pseudonym of a client: the same with every practitioner."""
        return self.names.name("client", name)

    def identifier(self, practitioner: str, value: str) -> str:
        """What stands for a string of a practitioner's events: for an event's id that of the event."""
        found = self._ids.get((practitioner, value))
        if found is not None:
            return found
        return value if value in self.reading.words else self.names.name("id", practitioner, value)

    def distances(self) -> tuple[int, int]:
        """The shortest and the longest way (microseconds) that an instant was moved by; 0 without a shift."""
        return (0, 0) if self.shift is None else (min(self.shift.by, default=0), max(self.shift.by, default=0))

    def reordered(self) -> int:
        """How many instants of events have another order after the shift: it met an hour that clocks skip or repeat."""
        if self.shift is None:
            return 0
        moved: dict[str, list[int]] = {}
        for event in self._events:
            times = moved.setdefault(event.practitioner, [])
            if not times or times[-1] != event.at:
                times.append(event.at)
        found = 0
        for times in moved.values():
            new = [self.shift.moved(at) for at in times]
            found += sum(one >= other for one, other in pairwise(new))
        return found

    def _ranked(self) -> dict[tuple[str, str], str]:
        """The pseudonym of every event's id; of simultaneous ones it begins with their rank, so that they keep it."""
        groups: dict[tuple[int, str], list[str]] = {}
        for event in self._events:
            groups.setdefault((event.at, event.practitioner), []).append(event.id)
        ids: dict[tuple[str, str], str] = {}
        for (at, practitioner), group in groups.items():
            width = len(str(len(group) - 1))
            for rank, name in enumerate(group):
                if name in self.reading.words:
                    if len(group) > 1:
                        message = (
                            f"an event at {format_instant(at)} has the id {shown(name)}, which is a word of the rules"
                        )
                        raise EventError(f"{message} or of the vocabulary; give it another one")
                    ids[practitioner, name] = name
                    continue
                digits = self.names.name("id", practitioner, name).removeprefix("id-")
                order = f"{rank:0{width}d}-" if len(group) > 1 else ""
                ids[practitioner, name] = f"event-{order}{digits}"
        return ids

    def _event(self, event: Event) -> Event:
        attributes = self.vocabulary.types[event.type].attributes
        values: dict[str, Any] = {}
        for name, value in event.values.items():
            attribute = attributes.get(name) or ENVELOPE.get(name)
            if attribute is not None:
                values[name] = self._value(event.practitioner, attribute, value)
        if event.type == AMENDED and (event.practitioner, event.id) not in self._without_effect:
            target = self._types[event.practitioner, event.values["target"]]
            changed = self.vocabulary.types[target].attributes
            given = {name: value for name, value in event.values.items() if name not in _OWN}
            values |= {name: self._given(event.practitioner, changed[name], value) for name, value in given.items()}
        return Event(values["id"], values["at"], event.type, values["practitioner"], values.get("client"), values)

    def _value(self, practitioner: str, attribute: Attribute, value: Any) -> Any:
        """A typed value as it stands afterwards."""
        match attribute.kind:
            case "timestamp":
                return value if self.shift is None else self.shift.moved(value)
            case "text":
                return self._text(practitioner, attribute, value)
            case "string":
                return self._string(practitioner, attribute, value)
        return value

    def _given(self, practitioner: str, attribute: Attribute, value: Any) -> Any:
        """A value of an amendment, which is held as it was written, as it stands afterwards."""
        if attribute.kind == "timestamp":
            return format_instant(self._value(practitioner, attribute, parse_instant(value)))
        return self._value(practitioner, attribute, value)

    def _string(self, practitioner: str, attribute: Attribute, value: str) -> str:
        match attribute.name:
            case "practitioner":
                return self.practitioner(value)
            case "client":
                return self.client(value)
            case "type" | "currency":
                return value
        return self.identifier(practitioner, value)

    def _text(self, practitioner: str, attribute: Attribute, value: Any) -> Any:
        """A truth value stays; a text is removed, and has a pseudonym where rules compare it with another."""
        if isinstance(value, bool):
            return value
        if attribute.name not in self.reading.texts:
            return REMOVED
        written = value if isinstance(value, str) else f"\0{value}"  # a number, which is not the text of its digits
        return self.identifier(practitioner, written)
