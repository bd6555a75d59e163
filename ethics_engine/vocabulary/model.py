"""Event types and their attributes as plain data, and what every event has besides its own attributes.

Values are typed as in `scalars`: numbers and money are micro-units, timestamps and clock times microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from ethics_engine.calendars import WEEKDAYS
from ethics_engine.errors import did_you_mean, shown
from ethics_engine.scalars import parse_boolean, parse_clock, parse_instant, parse_number

KINDS = ("string", "text", "number", "money", "boolean", "timestamp", "clock", "enum", "list")
CLIENT = ("yes", "may", "no")
LEVELS = ("violation", "risk", "notice", "none")
STATUSES = ("open", "excused", "waived")
SOURCES = ("practitioner", "system", "client", "third_party")
FINDING = "finding"
AREAS = "areas"  # the enumeration of all areas, which no file declares itself

_NEVER_MATCHED = re.compile(r"finding|event\..*|log\..*|waiver\..*").fullmatch
_RESERVED = re.compile(r"finding(\..*)?|event\..*|log\..*").fullmatch
_LONGEST_STRING = 1000
_SPLIT = re.compile(r"\s*[,;]\s*")


def typed(kind: str, text: str) -> Any:
    """A single value of a kind, written as text, as a typed value; raises ValueError in words."""
    match kind:
        case "number" | "money":
            return parse_number(text)
        case "boolean":
            return parse_boolean(text)
        case "timestamp":
            return parse_instant(text)
        case "clock":
            return parse_clock(text)
    return str(text)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a type; `default`, `minimum` and `maximum` are typed values, None where absent."""

    name: str
    kind: str
    values: tuple[str, ...] = ()
    required: bool = False
    default: Any = None
    description: str = ""
    minimum: int | None = None
    maximum: int | None = None

    def read(self, text: str) -> Any:
        """A value written as text (in a rule, a command, a CSV file) as a typed value; raises ValueError.

        The members of a list are parted by commas or semicolons.
        """
        match self.kind:
            case "enum":
                return self._member(text)
            case "list":
                return tuple(sorted({self._member(part) for part in _SPLIT.split(text.strip()) if part}))
            case "string" if not 0 < len(text) <= _LONGEST_STRING:
                raise ValueError(f"expected 1 to {_LONGEST_STRING} characters")
        return typed(self.kind, text)

    def _member(self, text: str) -> str:
        if text in self.values:
            return str(text)
        hint = did_you_mean(text, self.values)
        fault = f"{shown(text)} is not one of {', '.join(self.values)}"
        raise ValueError(f"{fault}; {hint}" if hint else fault)


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of event: its area, whether it has a client ("yes", "may", "no"), and its own attributes."""

    name: str
    area: str
    client: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    description: str = ""


def _named(attributes: Iterable[Attribute]) -> dict[str, Attribute]:
    return {attribute.name: attribute for attribute in attributes}


ENVELOPE: Mapping[str, Attribute] = _named(
    [
        Attribute("id", "string", required=True, description="unique for its practitioner"),
        Attribute("at", "timestamp", required=True, description="the instant it happened"),
        Attribute("type", "string", required=True, description="a type of the vocabulary"),
        Attribute("practitioner", "string", required=True),
        Attribute("client", "string", description="where the type says so"),
        Attribute("recorded_at", "timestamp", description="when it was written down"),
        Attribute("source", "enum", SOURCES),
    ]
)
DERIVED: Mapping[str, Attribute] = _named(
    [
        Attribute("local_weekday", "enum", WEEKDAYS, description="weekday of `at` in the practice's zone"),
        Attribute("local_time", "clock", description="clock time of `at` in the practice's zone"),
        Attribute("local_hour", "number", description="hour of `at` in the practice's zone, 0 to 23"),
        Attribute("local_date", "string", description="date of `at` in the practice's zone, YYYY-MM-DD"),
        Attribute("recorded_after_days", "number", description="days from `at` to `recorded_at`"),
    ]
)
DERIVED_OF_CLIENTS: Mapping[str, Attribute] = _named(
    [
        Attribute("session_number", "number", description="sessions held with this client until then"),
        Attribute("days_since_session", "number", description="days from the session before"),
    ]
)
DERIVED_OF_AGREEMENTS: Mapping[str, Attribute] = _named(
    [Attribute("announced_days", "number", description="days from `announced_at` to `at`")]
)
FINDING_TYPE = EventType(
    FINDING,
    "",
    "may",
    _named(
        [
            Attribute("rule", "string", required=True),
            Attribute("policy", "string", required=True),
            Attribute("level", "enum", LEVELS, required=True),
            Attribute("family", "tags"),
            Attribute("status", "enum", STATUSES, required=True),
            Attribute("type", "string", required=True, description="the type of its trigger"),
        ]
    ),
    "what a rule found; made by the engine, never read from a log",
)


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """All types, states and enumerations. `states` are located YAML nodes, read where rules are read.

    `sources` are the names and versions of the vocabularies read, in order.
    """

    types: Mapping[str, EventType]
    states: Mapping[str, Any] = field(default_factory=dict)
    enumerations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    areas: tuple[str, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()

    def attribute(self, type_name: str, name: str) -> Attribute | None:
        """What a condition on events of a type may call `name` (own, envelope or derived), or None."""
        event_type = self.types.get(type_name)
        if event_type is None:
            return None
        found = event_type.attributes.get(name) or ENVELOPE.get(name) or DERIVED.get(name)
        if found is None and event_type.client != "no":
            found = DERIVED_OF_CLIENTS.get(name)
        if found is None and type_name == "agreement.made":
            found = DERIVED_OF_AGREEMENTS.get(name)
        return found

    def attribute_names(self, type_name: str) -> list[str]:
        """Every name that `attribute` knows for a type, sorted."""
        own = self.types[type_name].attributes if type_name in self.types else {}
        names = {*own, *ENVELOPE, *DERIVED, *DERIVED_OF_CLIENTS, *DERIVED_OF_AGREEMENTS}
        return sorted(name for name in names if self.attribute(type_name, name) is not None)

    def matching(self, pattern: str) -> list[str]:
        """The type names that a pattern (`contact.*`) matches, sorted; a plain name matches itself alone.

        A pattern never matches `finding`, `event.*`, `log.*` or `waiver.*`; those are named in full.
        """
        if not is_pattern(pattern):
            return [pattern] if pattern in self.types else []
        names = sorted(self.types)
        return [name for name in names if fnmatchcase(name, pattern) and not _NEVER_MATCHED(name)]


def is_pattern(text: str) -> bool:
    """Whether an event name in a selection is a pattern."""
    return any(char in text for char in "*?[")


def is_reserved(type_name: str) -> bool:
    """Whether a type belongs to the engine, so that no further vocabulary may add it."""
    return _RESERVED(type_name) is not None
