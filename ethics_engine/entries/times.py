"""Plain times, as a person says them, read exactly or refused.

    now                        today 9:00            yesterday 17:30        tomorrow 9:00
    20 minutes ago             2 hours ago           3 days ago 10:00       in 2 weeks 10:00
    monday 10:00               last monday 10:00     next monday 10:00
    2026-03-02 14:00           2 March 2026 14:00    2026-03-02T14:00:00+01:00

A time of day is `14:00` or `2:00 pm`; `at` may stand before it. Where what is read has already happened, a weekday is
the last one whose time is past; elsewhere it needs `last` (before today) or `next` (after today). A local time that the
clocks skipped, or showed twice, is refused with what to write instead: nothing is guessed.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from ethics_engine.calendars import WEEKDAYS, Zone
from ethics_engine.errors import did_you_mean, shown
from ethics_engine.scalars import HOUR, MAX_INSTANT, MIN_INSTANT, MINUTE, format_instant, parse_instant

EXAMPLES = "such as `yesterday 17:30`, `monday 10:00`, `3 days ago 10:00`, `2026-03-02 14:00` or `now`"

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_CLOCK = re.compile(r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?(?::(?P<second>\d\d))? ?(?P<half>am|pm)?", re.ASCII)
_AT_END = re.compile(rf"(?:^(?:at )?|(?P<day>.*?)(?:,? at |,? |t)){_CLOCK.pattern}", re.ASCII).fullmatch
_SINCE = re.compile(r"(?P<count>\d{1,5}|an?) (?P<unit>min|minutes?|h|hours?) ago", re.ASCII).fullmatch
_DAYS = re.compile(r"(?:(?P<ago>\d{1,6}|a) (?P<past>days?|weeks?) ago|in (?P<count>\d{1,6}|a) (?P<unit>days?|weeks?))")
_ISO_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII).fullmatch
_DAY_OF_MONTH = re.compile(r"(\d{1,2})\.? ([a-z]+),? (\d{4})", re.ASCII).fullmatch
_SLASHED = re.compile(r"\d{1,4}[./]\d{1,2}[./]\d{1,4}.*", re.ASCII).fullmatch
_UNSEPARATED = re.compile(r"(?P<day>.*[a-z\d]) (?P<hour>\d{1,2})(?P<half>am|pm)?", re.ASCII).fullmatch


def parse_time(text: str, zone: Zone | None, now: int, *, past: bool) -> int:
    """A plain time as an instant in microseconds since the epoch.

    `now` is the present instant; `past` says that what is read has already happened. `zone` is the practice's; where
    it is not known (None), `now`, `… minutes ago` and instants with an offset are read alone.

    Raises:
        ValueError: in words for whoever wrote it, with what to write instead.
    """
    said = " ".join(text.split()).lower()
    if said == "now":
        return now
    if since := _SINCE(said):
        count = 1 if since["count"].startswith("a") else int(since["count"])
        return now - count * (MINUTE if since["unit"].startswith("m") else HOUR)
    try:
        return parse_instant(text.strip())
    except ValueError as error:
        if re.search(r"\d[Tt:]\d.*([Zz]|[+-]\d\d:?\d\d)$", text.strip()):
            raise ValueError(str(error)) from None
    if zone is None:
        raise ValueError(f"{shown(text)} needs a time zone: set `timezone:` in ethics.yaml, or give --timezone")
    found = _AT_END(said)
    if found is None or not (found["minute"] or found["half"]):
        raise ValueError(_no_clock(text, said, zone, now))
    clock = _clock(found, text)
    today = zone.date(now)
    day = _day(found["day"] or "today", text, today, past=past)
    if isinstance(day, str):  # a bare weekday: the last one whose time is past
        back = (today.weekday() - WEEKDAYS.index(day)) % 7
        if back == 0 and clock > zone.local(now).time().replace(tzinfo=None):
            back = 7
        day = _moved(today, -back, text)
    return _instant(datetime.combine(day, clock), zone)


def format_time(us: int, zone: Zone | None) -> str:
    """An instant as a log writes it, with the zone's own offset: `2026-03-02T14:00:00+01:00`."""
    if zone is None:
        return format_instant(us)
    local = zone.local(us)
    offset = local.utcoffset() or timedelta()
    if offset % timedelta(minutes=1) or not MIN_INSTANT + 24 * HOUR < us < MAX_INSTANT - 24 * HOUR:
        return format_instant(us)  # an offset of seconds, as long ago, cannot be written
    return local.isoformat()


def _clock(found: re.Match[str], text: str) -> time:
    hour, minute, second = int(found["hour"]), int(found["minute"] or 0), int(found["second"] or 0)
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(f"{shown(text)}: with am or pm the hour is 1 to 12")
        hour = hour % 12 + (12 if found["half"] == "pm" else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"{shown(text)} has no time of day between 0:00 and 23:59")
    return time(hour, minute, second)


def _day(said: str, text: str, today: date, *, past: bool) -> date | str:
    """The day that is said; the name of a bare weekday where it is the time that tells which."""
    fixed = {"today": 0, "yesterday": -1, "the day before yesterday": -2, "tomorrow": 1}
    if said in fixed:
        return _moved(today, fixed[said], text)
    first, _, rest = said.removeprefix("on ").partition(" ")
    if first in WEEKDAYS and not rest:
        if past:
            return first
        raise ValueError(f"{shown(text)}: which {first.capitalize()}? write `last {first}` or `next {first}`")
    if first in ("last", "next") and rest in WEEKDAYS:
        ahead = (WEEKDAYS.index(rest) - today.weekday()) % 7
        return _moved(today, (ahead or 7) if first == "next" else ahead - 7, text)
    if counted := _DAYS.fullmatch(said):
        number, unit = counted["ago"] or counted["count"], counted["past"] or counted["unit"]
        days = (1 if number == "a" else int(number)) * (7 if unit.startswith("week") else 1)
        return _moved(today, -days if counted["ago"] else days, text)
    if iso := _ISO_DAY(said):
        return _date(int(iso[1]), int(iso[2]), int(iso[3]), text)
    if named := _DAY_OF_MONTH(said):
        months = [month for month in _MONTHS if len(named[2]) >= 3 and month.startswith(named[2])]
        if len(months) == 1:
            return _date(int(named[3]), _MONTHS.index(months[0]) + 1, int(named[1]), text)
    if _SLASHED(said):
        raise ValueError(f"{shown(text)}: day and month could be taken for each other; write `2026-03-02 14:00`")
    word, known = rest if first in ("last", "next") else first, [*WEEKDAYS, "today", "yesterday", "tomorrow"]
    hint = did_you_mean(word, known) if word not in known else None
    raise ValueError(f"{shown(text)} is not a time {EXAMPLES}" + (f"; {hint}" if hint else ""))


def _no_clock(text: str, said: str, zone: Zone, now: int) -> str:
    """What is wrong with a text that does not end in a time of day."""
    if found := _UNSEPARATED(said):
        return f"{shown(text)}: write the time of day with minutes, `{found['hour']}:00`"
    try:
        _day(said, text, zone.date(now), past=True)
    except ValueError as error:
        return str(error)
    return f"{shown(text)} has no time of day; write `{said} 10:00`"


def _date(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"there is no such date as that of {shown(text)}") from None


def _moved(day: date, days: int, text: str) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise ValueError(f"{shown(text)} is too far away") from None


def _instant(local: datetime, zone: Zone) -> int:
    """The one instant of a local time."""
    instants = zone.instants(local)
    if len(instants) == 1:
        return instants[0]
    words = f"{local:%H:%M} on {local.date()}"
    if not instants:
        raise ValueError(f"{words} was never shown by a clock in {zone.name}: the clocks were set forward over it")
    first, second = (format_time(instant, zone) for instant in instants)
    raise ValueError(
        f"{words} was shown twice in {zone.name}, when the clocks were set back: "
        f"write `{first}` for the first time or `{second}` for the second"
    )
