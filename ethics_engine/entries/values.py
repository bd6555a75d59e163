"""Values as a person writes them (`yes`, `90.50`, `yesterday 17:30`, `goals, tasks`), as the log's JSON has them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ethics_engine.calendars import Zone
from ethics_engine.entries.times import format_time, parse_time
from ethics_engine.errors import did_you_mean, shown
from ethics_engine.faults import value_fault
from ethics_engine.scalars import format_clock, parse_clock, parse_instant, parse_number
from ethics_engine.values import read_value
from ethics_engine.vocabulary import Attribute

YES, NO = ("yes", "y", "true"), ("no", "n", "false")

_CLOCK = re.compile(r"(\d{1,2})(?::(\d\d))? ?(am|pm)?", re.ASCII).fullmatch
_COMMA = re.compile(r"[+-]?\d+,\d{1,2}", re.ASCII).fullmatch
_HAPPENED = frozenset({"at", "recorded_at", "announced_at"})
"""Times that lie behind by what they mean; the others may lie ahead (the start of a session, the end of a leave)."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, and the practice's time zone (None where it is not known): what plain times are read by."""

    now: int
    zone: Zone | None


def value_of(attribute: Attribute, text: str, moment: Moment) -> Any:
    """What is written, as the JSON value of an attribute: a text, a truth value, an int or Decimal, or a list of texts.

    Raises:
        ValueError: in words for whoever wrote it.
    """
    said = text.strip()
    match attribute.kind:
        case "boolean":
            return _yes_or_no(said)
        case "number" | "money":
            value: Any = _number(said)
        case "timestamp":
            return _time(attribute, said, moment)
        case "clock":
            return _clock_time(said)
        case "enum":
            return _member(attribute, said)
        case "list":
            parts = [part for part in re.split(r"\s*[,;]\s*", said) if part]
            if not parts:
                raise ValueError(f"expected at least one of {', '.join(attribute.values)}")
            return list(dict.fromkeys(_member(attribute, part) for part in parts))
        case "text":
            value = text
        case _:
            value = said
    try:
        read_value(attribute, value)
    except ValueError:
        fault = value_fault(attribute, value)
        raise ValueError(f"{fault.message}; {fault.hint}" if fault.hint else fault.message) from None
    return value


def in_words(attribute: Attribute, value: Any, zone: Zone | None) -> str:
    """A JSON value as it is shown to whoever wrote it; not yet inert."""
    match attribute.kind:
        case "boolean":
            return "yes" if value else "no"
        case "list":
            return ", ".join(str(member).replace("_", " ") for member in value)
        case "enum":
            return str(value).replace("_", " ")
        case "timestamp" if zone is not None:
            local = zone.local(parse_instant(value))
            seconds = f":{local:%S}" if local.second else ""
            return f"{local:%A} {local.day} {local:%B} {local.year}, {local:%H:%M}{seconds} ({zone.name})"
        case "number" | "money":
            return format(value, "f") if isinstance(value, Decimal) else str(value)
    return str(value)


def _yes_or_no(said: str) -> bool:
    if said.lower() in YES:
        return True
    if said.lower() in NO:
        return False
    raise ValueError(f"{shown(said)} is neither `yes` nor `no`")


def _number(said: str) -> int | Decimal:
    if _COMMA(said):
        raise ValueError(f"{shown(said)}: write a point, `{said.replace(',', '.')}`")
    parse_number(said)
    value = Decimal(said)
    return int(value) if value == value.to_integral_value() else value


def _time(attribute: Attribute, said: str, moment: Moment) -> str:
    past = attribute.name in _HAPPENED
    instant = parse_time(said, moment.zone, moment.now, past=past)
    if past and instant > moment.now:
        what = f"{shown(said)} lies ahead, and `{attribute.name}` is when something happened"
        raise ValueError(f"{what}; what is arranged has a time of its own, such as `starts_at`")
    return format_time(instant, moment.zone)


def _clock_time(said: str) -> str:
    found = _CLOCK(said.lower())
    if found is None or not (found[2] or found[3]):
        return format_clock(parse_clock(said))
    hour = int(found[1])
    if found[3]:
        if not 1 <= hour <= 12:
            raise ValueError(f"{shown(said)}: with am or pm the hour is 1 to 12")
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    return format_clock(parse_clock(f"{hour:02}:{found[2] or '00'}"))


def _member(attribute: Attribute, said: str) -> str:
    plain = re.sub(r"[\s-]+", "_", said.lower())
    if plain in attribute.values:
        return plain
    hint = did_you_mean(plain, attribute.values)
    fault = f"{shown(said)} is not one of {', '.join(attribute.values)}"
    raise ValueError(f"{fault}; {hint}" if hint else fault)
