"""The sentences of findings: plain placeholders, nothing that could reach into an object.

`{kind}` is an attribute of the trigger or a value of the finding; `{at:date}` formats an instant in the practice's time
zone (`date`, `time`, `datetime`, `weekday`), and `{share:percent}` a share as a percentage; `{{` and `}}` are literal
braces. What was not recorded reads so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ethics_engine.calendars import Zone
from ethics_engine.scalars import DAY, HOUR, MINUTE, SECOND, format_clock, number_out

FORMATS = ("date", "time", "datetime", "weekday", "percent")
NOT_RECORDED = "not recorded"

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_PLACEHOLDER = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::([a-z]+))?")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


_WEEKDAYS = frozenset(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))


class Instant(int):
    """Microseconds since the epoch, as a value that a sentence shows as a date."""


class Span(int):
    """Microseconds, as a value that a sentence shows as a length of time ("56 days")."""

    def words(self) -> str:
        """The length in the largest unit that has no remainder."""
        for name, unit in (("day", DAY), ("hour", HOUR), ("minute", MINUTE), ("second", SECOND)):
            if self % unit == 0:
                count = self // unit
                return f"{count} {name}" if count == 1 else f"{count} {name}s"
        return f"{int(self) / SECOND:g} seconds"


class Period(str):
    """The first day of a calendar period (`2025-11-01`), as a value that a sentence shows as that period."""

    unit: str

    @classmethod
    def starting(cls, day: date, unit: str) -> Period:
        """The week, month, quarter or year (`unit`) that starts on a day."""
        period = cls(day.isoformat())
        period.unit = unit
        return period

    def words(self) -> str:
        """`November 2025`, `the week of 3 November 2025`, `the fourth quarter of 2025`, `2025`."""
        day = date.fromisoformat(self)
        match self.unit:
            case "week":
                return f"the week of {day.day} {_MONTHS[day.month - 1]} {day.year}"
            case "quarter":
                return f"the {('first', 'second', 'third', 'fourth')[day.month // 3]} quarter of {day.year}"
            case "year":
                return str(day.year)
        return f"{_MONTHS[day.month - 1]} {day.year}"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A named gap of a template, with its format ('' where none is given)."""

    name: str
    format: str


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence with gaps."""

    pieces: tuple[str | Placeholder, ...]

    def placeholders(self) -> Iterator[Placeholder]:
        """The gaps, in order."""
        return (piece for piece in self.pieces if isinstance(piece, Placeholder))

    def fill(self, values: Mapping[str, Any], zone: Zone) -> str:
        """The sentence with its gaps filled from typed values."""
        return "".join(
            [
                piece if isinstance(piece, str) else shown(values.get(piece.name), piece.format, zone)
                for piece in self.pieces
            ]
        )


def parse_template(text: str) -> Template:
    """Read a template; raises ValueError (user-readable) for a stray brace or an unknown format."""
    pieces: list[str | Placeholder] = []
    end = 0
    for match in _PIECE.finditer(text):
        pieces.append(text[end : match.start()])
        end = match.end()
        if match.group() in ("{{", "}}"):
            pieces.append(match.group()[0])
            continue
        inner = _PLACEHOLDER.fullmatch(match.group(1) or "")
        if inner is None:
            raise ValueError(f"`{match.group()}` is not a placeholder; write a brace itself as `{{{{`")
        name, style = inner.group(1), inner.group(2) or ""
        if style and style not in FORMATS:
            raise ValueError(f"unknown format `{style}`; known are {', '.join(FORMATS)}")
        pieces.append(Placeholder(name, style))
    pieces.append(text[end:])
    return Template(tuple(piece for piece in pieces if piece != ""))


def shown(value: Any, style: str, zone: Zone) -> str:
    """A typed value in words; an instant in the practice's time zone, a share (of 1) as `percent` with one decimal."""
    if value is None:
        return NOT_RECORDED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Instant):
        return _instant(value, style or "date", zone)
    if isinstance(value, (Span, Period)):
        return value.words()
    if style == "percent" and isinstance(value, (int, float)):
        return f"{value * 100:.1f}".removesuffix(".0") + " %"
    if isinstance(value, tuple):
        return ", ".join(word.replace("_", " ") for word in value)
    return value.capitalize() if value in _WEEKDAYS else str(value)


def worded(value: Any, kind: str) -> Any:
    """A typed attribute value as a sentence takes it: instants marked, numbers plain, enumerations in words."""
    match kind:
        case "timestamp":
            return Instant(value)
        case "number" | "money":
            return number_out(value)
        case "clock":
            return format_clock(value)
        case "enum":
            return str(value).replace("_", " ")
    return value


def _instant(value: int, style: str, zone: Zone) -> str:
    local = zone.local(value)
    if style == "weekday":
        return f"{local:%A}"
    time = f"{local.hour:02}:{local.minute:02}"
    if style == "time":
        return time
    day = f"{local.day} {_MONTHS[local.month - 1]} {local.year}"
    return day if style == "date" else f"{day}, {time}"
