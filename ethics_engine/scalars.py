"""Scalars of rules and logs: what is written, and the exact value it stands for.

Instants are microseconds since the Unix epoch in UTC, durations and clock times are microseconds, numbers are
micro-units (value times 10^6): all are `int`, so sums and comparisons are exact. Every parser raises
`ValueError` with a lower-case message for the user.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from functools import lru_cache

from ethics_engine.errors import shown

MICRO = 10**6  # micro-units of one
SECOND = 10**6  # microseconds
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR  # a day is 24 hours, whatever the clocks do
LONGEST_DURATION = 36_525 * DAY  # a hundred years
NUMBER_BOUND = 10**12  # numbers stay below it, so that micro-units fit 64 bits

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_EPOCH_DAY = _EPOCH.toordinal()
MIN_INSTANT = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
MAX_INSTANT = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII).fullmatch
_TIME = re.compile(
    r"[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,6})0*)?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))", re.ASCII
).fullmatch
_LOOSE_INSTANT = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)(?:(?P<sep>[Tt ])(?P<time>\d\d:\d\d(?::\d\d(?P<fraction>[.,]\d+)?)?)"
    r"(?P<offset>[Zz]|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
).fullmatch
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII).fullmatch
_DURATION = re.compile(r"(\d{1,12})(w|d|h|min|s)", re.ASCII).fullmatch
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6}))?)?", re.ASCII).fullmatch
_UNITS = {"w": 7 * DAY, "d": DAY, "h": HOUR, "min": MINUTE, "s": SECOND}
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, Overflow])
_SIXTH = Decimal("0.000001")


def parse_instant(text: str) -> int:
    """RFC 3339 with an offset ("2026-03-02T10:00:00+01:00") to microseconds since the epoch.

    Raises ValueError for anything else (no offset, an impossible date, more than six decimals of a second), and
    TypeError for what is no text.
    """
    if not isinstance(text, str):
        raise TypeError
    midnight = _midnight(text[:10])
    since = _since_midnight(text[10:]) if len(text) <= _LONGEST_KEPT else _since_midnight.__wrapped__(text[10:])
    if midnight is None or since is None:
        raise ValueError(_instant_fault(text))
    instant = midnight + since
    if not MIN_INSTANT <= instant <= MAX_INSTANT:
        raise ValueError(f"the year of {shown(text)} is out of range")
    return instant


@lru_cache(maxsize=20_000)  # half a century
def _midnight(text: str) -> int | None:
    """The midnight in UTC that a date begins with; None for what is no date."""
    try:
        return None if _DATE(text) is None else (date.fromisoformat(text).toordinal() - _EPOCH_DAY) * DAY
    except ValueError:
        return None


_LONGEST_KEPT = 40  # characters: a longer text, with zeros after the microseconds or no instant at all, is not kept


@lru_cache(maxsize=20_000)
def _since_midnight(text: str) -> int | None:
    """A time of day with an offset (`T10:00:00+01:00`), from midnight in UTC; None for anything else."""
    found = _TIME(text)
    if found is None:
        return None
    hour, minute, second, fraction, sign, offset_hour, offset_minute = found.groups()
    since = int(hour) * HOUR + int(minute) * MINUTE + int(second) * SECOND + int((fraction or "").ljust(6, "0"))
    offset = 0 if sign is None else int(offset_hour) * HOUR + int(offset_minute) * MINUTE
    return since + offset if sign == "-" else since - offset


def _instant_fault(text: str) -> str:
    """What is wrong with a text that is no strict RFC 3339 instant."""
    found = _LOOSE_INSTANT(text)
    if found is None:
        return f"{shown(text)} is not a time such as `2026-03-02T10:00:00+01:00`"
    if found["time"] is None:
        return f"{shown(text)} is a date without a time of day"
    if found["offset"] is None:
        return f"{shown(text)} has no offset from UTC; add `Z` or one such as `+01:00`"
    if found["sep"] == " ":
        return f"{shown(text)} needs a `T` between the date and the time"
    if len(found["fraction"] or "") > 7:
        return f"{shown(text)} is finer than a microsecond"
    if _midnight(text[:10]) is None:
        return f"there is no such date as {shown(text[:10])}"
    if found["time"][6:8] == "60":
        return f"{shown(text)} has a leap second, which is not kept; write the second before it"
    if found["time"].count(":") < 2:
        return f"{shown(text)} has no seconds"
    return f"{shown(text)} is not a time such as `2026-03-02T10:00:00+01:00`"


def format_instant(us: int) -> str:
    """Microseconds since the epoch as "2026-03-02T09:00:00Z"; a fraction only where there is one.

    Instants before year 1 or after year 9999 are shown as the first or last one that can be written.
    """
    day, time = divmod(min(max(us, MIN_INSTANT), MAX_INSTANT), DAY)
    second, fraction = divmod(time, SECOND)
    part = f".{fraction:06d}".rstrip("0") if fraction else ""
    return f"{_day(day)}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}{part}Z"


@lru_cache(maxsize=1 << 14)
def _day(number: int) -> str:
    """A day since the epoch, as `2026-03-02`."""
    return date.fromordinal(_EPOCH_DAY + number).isoformat()


def parse_number(value: str | int | float | Decimal) -> int:
    """A decimal number to micro-units; at most six decimals, below 10^12 in size.

    A float is taken as it is written (its shortest decimal). Raises ValueError, for a truth value too.
    """
    if type(value) is int:
        if -NUMBER_BOUND < value < NUMBER_BOUND:
            return value * MICRO
        raise ValueError(f"{shown(value)} is too large a number")
    if isinstance(value, bool):
        raise ValueError(f"{shown(value)} is not a number")
    if isinstance(value, str):
        if len(value) > 100 or _NUMBER(value) is None:
            raise ValueError(f"{shown(value)} is not a number")
        exact = Decimal(value)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{shown(value)} is not a finite number")
        exact = Decimal(float.__repr__(value))  # NumPy's floats write their type too
    elif isinstance(value, (int, Decimal)):
        exact = Decimal(value)
    else:
        raise ValueError(f"{shown(value)} is not a number")
    if not exact.is_finite():
        raise ValueError(f"{shown(value)} is not a finite number")
    if exact and exact.adjusted() >= 12:
        raise ValueError(f"{shown(value)} is too large a number")
    try:
        return int(_EXACT.multiply(_EXACT.quantize(exact, _SIXTH), MICRO))
    except (Inexact, InvalidOperation):
        raise ValueError(f"{shown(value)} has more than six decimals") from None


def number_out(micro: int) -> int | float:
    """Micro-units as a plain number: an int where it is whole, else a float."""
    whole, rest = divmod(micro, MICRO)
    return whole if rest == 0 else micro / MICRO


def parse_duration(text: str) -> int:
    """A length such as "90d", "48h", "15min", "30s" or "2w" to microseconds; at most 36525 days."""
    found = _DURATION(text)
    if found is None:
        raise ValueError(_duration_fault(text))
    length = int(found[1]) * _UNITS[found[2]]
    if length > LONGEST_DURATION:
        raise ValueError(f"{shown(text)} is longer than a hundred years (36525d)")
    return length


def _duration_fault(text: str) -> str:
    """What is wrong with a text that is no duration."""
    if re.fullmatch(r"\d+y", text, re.ASCII):
        return f"{shown(text)}: calendar years stand only in `since`; write days, such as `365d`"
    if re.fullmatch(r"\d+m", text, re.ASCII):
        return f"{shown(text)} is not a duration; write `{text[:40]}in` for minutes"
    if re.fullmatch(r"\d+", text, re.ASCII):
        return f"{shown(text)} has no unit; write one of `s`, `min`, `h`, `d`, `w` after it"
    return f"{shown(text)} is not a duration such as `90d`, `48h`, `15min`, `30s` or `2w`"


def format_duration(us: int) -> str:
    """Microseconds in the largest unit that leaves no rest: "90d", "36h", "15min", "30s"."""
    sign = "-" if us < 0 else ""
    size = abs(us)
    if size == 0:
        return "0s"
    for unit in ("d", "h", "min", "s"):
        count, rest = divmod(size, _UNITS[unit])
        if rest == 0:
            return f"{sign}{count}{unit}"
    whole, rest = divmod(size, SECOND)
    return f"{sign}{whole}.{rest:06d}".rstrip("0") + "s"


def parse_clock(text: str) -> int:
    """A clock time ("17:30", "17:30:15") to microseconds since midnight."""
    found = _CLOCK(text)
    if found is None:
        raise ValueError(f"{shown(text)} is not a time of day such as `17:30`")
    hours, minutes, seconds, fraction = found.groups()
    micros = int((fraction or "").ljust(6, "0"))
    return int(hours) * HOUR + int(minutes) * MINUTE + int(seconds or 0) * SECOND + micros


def format_clock(us: int) -> str:
    """Microseconds since midnight as "17:30"; seconds only where there are some."""
    hours, rest = divmod(us, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    seconds, micros = divmod(rest, SECOND)
    text = f"{hours:02d}:{minutes:02d}"
    if seconds or micros:
        text += f":{seconds:02d}"
    return f"{text}.{micros:06d}".rstrip("0") if micros else text


def parse_boolean(text: str) -> bool:
    """`true` or `false`, nothing else."""
    if text == "true":
        return True
    if text == "false":
        return False
    raise ValueError(f"{shown(text)} is neither `true` nor `false`")
