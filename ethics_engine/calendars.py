"""Weekdays, clock times and calendar periods, read in a practice's time zone with its daylight saving.

Instants are microseconds since the Unix epoch in UTC (see `scalars`). Only what speaks of a weekday, a clock
time or a calendar period is read here; everything else compares instants.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from datetime import date as Date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from ethics_engine.errors import did_you_mean, shown
from ethics_engine.scalars import DAY, HOUR, MAX_INSTANT, MIN_INSTANT, MINUTE, SECOND

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PERIODS = ("week", "month", "quarter", "year")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_EARLIEST, _LATEST = MIN_INSTANT + DAY, MAX_INSTANT - DAY  # nearer to the ends local time cannot be written


class Zone:
    """The time zone of a practice, by its IANA name ("Europe/Paris"); ValueError for an unknown one."""

    __slots__ = ("_info", "name")

    def __init__(self, name: str = "UTC") -> None:
        try:
            self._info = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError, TypeError):
            hint = did_you_mean(str(name), available_timezones())
            fault = f"{shown(name)} is not a time zone such as `Europe/Paris`"
            raise ValueError(f"{fault}; {hint}" if hint else fault) from None
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Zone) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"Zone({self.name!r})"

    def __reduce__(self) -> tuple[type[Zone], tuple[str]]:
        return (Zone, (self.name,))

    def local(self, us: int) -> datetime:
        """The local date and time at an instant, with its offset."""
        within = us if _EARLIEST <= us <= _LATEST else min(max(us, _EARLIEST), _LATEST)
        return (_EPOCH + timedelta(microseconds=within)).astimezone(self._info)

    def weekday(self, us: int) -> str:
        """The local weekday: "monday" to "sunday"."""
        return WEEKDAYS[self.local(us).weekday()]

    def time_of_day(self, us: int) -> int:
        """What a wall clock shows, in microseconds since midnight."""
        return clock_time(self.local(us))

    def hour(self, us: int) -> int:
        """The hour that a wall clock shows, 0 to 23."""
        return self.local(us).hour

    def date(self, us: int) -> Date:
        """The local calendar date."""
        return self.local(us).date()

    def midnight(self, day: Date) -> int:
        """The first instant of a local date; where clocks skip midnight, the instant of the skip."""
        start = datetime(day.year, day.month, day.day)
        offset = start.replace(tzinfo=self._info).utcoffset() or timedelta()
        return (start - _NAIVE_EPOCH) // _MICROSECOND - offset // _MICROSECOND

    def instants(self, local: datetime) -> tuple[int, ...]:
        """The instants at which a wall clock shows a local time (without an offset), in order.

        One as a rule; none where the clocks are set forward over it, two where they are set back over it.
        """
        found = set()
        for fold in (0, 1):
            offset = local.replace(tzinfo=self._info, fold=fold).utcoffset() or timedelta()
            instant = (local.replace(fold=0) - _NAIVE_EPOCH) // _MICROSECOND - offset // _MICROSECOND
            if self.local(instant).replace(tzinfo=None, fold=0) == local.replace(fold=0):
                found.add(instant)
        return tuple(sorted(found))

    def period(self, us: int, unit: str) -> tuple[int, int]:
        """The calendar week (from Monday), month, quarter or year around an instant: [start, end)."""
        first, following = _period_dates(self.date(us), unit)
        end = MAX_INSTANT if following is None else self.midnight(following)
        return self.midnight(first), end


def clock_time(local: datetime) -> int:
    """What a wall clock shows at a local time, in microseconds since midnight."""
    return local.hour * HOUR + local.minute * MINUTE + local.second * SECOND + local.microsecond


def add_years(day: Date, years: int) -> Date:
    """The same date some years later; 29 February becomes the 28th where the year has none."""
    year = day.year + years
    if year > Date.max.year:
        return Date.max
    if year < Date.min.year:
        return Date.min
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def _period_dates(day: Date, unit: str) -> tuple[Date, Date | None]:
    """The first date of the period around a date and of the next one (None past year 9999)."""
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7) if monday <= Date.max - timedelta(days=7) else None
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit)
    if months is None:
        raise ValueError(f"{shown(unit)} is not a calendar period such as `month`")
    start = (day.month - 1) // months * months + 1
    year, month = (day.year, start + months) if start + months <= 12 else (day.year + 1, 1)
    return Date(day.year, start, 1), Date(year, month, 1) if year <= Date.max.year else None
