"""What a written value means, by the kind that the vocabulary gives its attribute.

number, money: Fraction; boolean: bool; timestamp: datetime in UTC; clock: timedelta since midnight;
list, tags: frozenset of text; string, text, enum: text. All are exact.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
UNITS = {"w": 7 * DAY, "d": DAY, "h": DAY / 24, "min": DAY / 1440, "s": DAY / 86400}


def instant(text: str) -> datetime:
    """RFC 3339 with an offset; a time without one is refused."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without an offset")
    return moment.astimezone(UTC)


def duration(text: str) -> timedelta:
    """`90d`, `48h`, `15min`, `30s`, `2w`: exact; a day is 24 hours."""
    written = re.fullmatch(r"(\d+)(w|d|h|min|s)", str(text))
    if written is None:
        raise ValueError(f"not a duration: {text}")
    return int(written[1]) * UNITS[written[2]]


def number(written: Any) -> Fraction:
    """A decimal with at most six places."""
    value = Fraction(str(written))  # "True" is none
    if (value * 10**6).denominator != 1 or abs(value) >= 10**12:
        raise ValueError("more than six places, or too large")
    return value


def clock(text: str) -> timedelta:
    """A time of day: `17:30`, `17:30:15`."""
    moment = datetime.fromisoformat(f"2000-01-01T{text}")
    return moment - datetime(2000, 1, 1)


def boolean(written: Any) -> bool:
    if written in (True, "true"):
        return True
    if written in (False, "false"):
        return False
    raise ValueError("neither true nor false")


def text(written: Any) -> str:
    if not isinstance(written, str) or not written:
        raise ValueError("not a text")
    return written


def read(kind: str, written: Any, values: Collection[str] = ()) -> Any:
    """The value that a text of a rule or a JSON value of a log stands for. Raises ValueError where it is none."""
    if kind in ("number", "money"):
        return number(written)
    if kind == "boolean":
        return boolean(written)
    if kind == "timestamp":
        return instant(text(written))
    if kind == "clock":
        return clock(text(written))
    if kind == "list":
        if not isinstance(written, list):
            raise ValueError("not a list")
        return frozenset(read("enum", one, values) for one in written)
    if kind == "enum" and written not in values:
        raise ValueError("not one of the values")
    return written if kind == "text" else text(written)


@dataclass(frozen=True)
class Calendar:
    """What speaks of a weekday, a clock time or a calendar period, read in the practice's time zone."""

    zone: ZoneInfo

    def local(self, t: datetime) -> datetime:
        return t.astimezone(self.zone)

    def midnight(self, day: date) -> datetime:
        """The instant at which a local day begins."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)

    def derived(self, t: datetime) -> dict[str, Any]:
        """local_weekday, local_time, local_hour, local_date of an instant."""
        local = self.local(t)
        wall = local.replace(tzinfo=None)
        return {
            "local_weekday": ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")[
                local.weekday()
            ],
            "local_time": wall - datetime(wall.year, wall.month, wall.day),
            "local_hour": Fraction(local.hour),
            "local_date": local.date().isoformat(),
        }

    def period(self, t: datetime, unit: str) -> tuple[datetime, datetime]:
        """The first instant of the calendar period that holds `t`, and of the next. Weeks start on Monday."""
        day = self.local(t).date()
        if unit == "week":
            first = day - day.weekday() * DAY
            return self.midnight(first), self.midnight(first + 7 * DAY)
        months = {"month": 1, "quarter": 3, "year": 12}[unit]
        month = (day.month - 1) // months * months  # counted from 0
        after = month + months
        return (
            self.midnight(date(day.year, month + 1, 1)),
            self.midnight(date(day.year + after // 12, after % 12 + 1, 1)),
        )


def later_by_years(day: date, years: int) -> date:
    """Calendar years on: 29 Feb becomes 28 Feb where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


@dataclass(frozen=True)
class Attribute:
    """One attribute of a type. `default` is a typed value or None."""

    kind: str
    values: tuple[str, ...] = ()
    default: Any = None
    least: Fraction | None = None
    most: Fraction | None = None

    def read(self, written: Any) -> Any:
        """The typed value. Raises ValueError where the vocabulary refuses it."""
        value = read(self.kind, written, self.values)
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            raise ValueError("out of bounds")
        return value


@dataclass(frozen=True)
class EventType:
    area: str
    client: str  # yes, may, no
    attributes: Mapping[str, Attribute]


def vocabulary_types(vocabulary: Mapping[str, Any]) -> dict[str, EventType]:
    """The types of a vocabulary in the shape of `rules/vocabulary.yaml`."""
    named = {"areas": list(vocabulary["areas"]), **vocabulary.get("enumerations", {})}

    def attribute(written: str | Mapping[str, Any]) -> Attribute:
        spec = {"type": written} if isinstance(written, str) else written
        values = spec.get("values", ())
        allowed = tuple(named[values] if isinstance(values, str) else values)
        bounds = {name: number(spec[name]) if name in spec else None for name in ("min", "max")}
        default = read(spec["type"], spec["default"], allowed) if "default" in spec else None
        return Attribute(spec["type"], allowed, default, bounds["min"], bounds["max"])

    return {
        name: EventType(
            area,
            str(spec["client"]),
            {key: attribute(own) for key, own in (spec.get("attributes") or {}).items()},
        )
        for area, types in vocabulary["areas"].items()
        for name, spec in types.items()
    }
