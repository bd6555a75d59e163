"""Attributes that follow from others: local time, the session's number, days from one date to another.

Only those that some rule uses are worked out. Numbers are millionths; days are cut toward zero to six decimals.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ethics_engine.calendars import Zone
from ethics_engine.events import Event
from ethics_engine.scalars import DAY, MICRO

SESSION = "session.held"


def with_derived(events: Sequence[Event], derived: Mapping[str, frozenset[str]], zone: Zone) -> list[Event]:
    """The events of one practitioner with the derived attributes that rules use; no event is changed in place."""
    sessions: dict[str | None, list[int]] = {}
    if any(not names.isdisjoint(_OF_SESSIONS) for names in derived.values()):
        for event in events:
            if event.type == SESSION:
                sessions.setdefault(event.client, []).append(event.at)
    for times in sessions.values():
        times.sort()
    return [
        with_names(event, names, zone, sessions.get(event.client, ())) if (names := derived.get(event.type)) else event
        for event in events
    ]


_OF_SESSIONS = frozenset({"session_number", "days_since_session"})


def with_names(event: Event, names: Iterable[str], zone: Zone, sessions: Sequence[int]) -> Event:
    """One event with some derived attributes; `sessions` are the instants of its client's sessions, in order."""
    values = dict(event.values)
    for name in names:
        value = _derive(name, event, zone, sessions)
        if value is not None:
            values[name] = value
    return Event(event.id, event.at, event.type, event.practitioner, event.client, values)


def _derive(name: str, event: Event, zone: Zone, sessions: Sequence[int]) -> Any:
    match name:
        case "local_weekday":
            return zone.weekday(event.at)
        case "local_time":
            return zone.time_of_day(event.at)
        case "local_hour":
            return zone.hour(event.at) * MICRO
        case "local_date":
            return zone.date(event.at).isoformat()
        case "recorded_after_days":
            return _days(event.at, event.values.get("recorded_at"))
        case "announced_days":
            return _days(event.values.get("announced_at"), event.at)
    if event.client is None:
        return None
    held = bisect_right(sessions, event.at)
    if name == "session_number":
        return held * MICRO
    own = 1 if event.type == SESSION else 0
    return _days(sessions[held - 1 - own], event.at) if held > own else None


def _days(start: int | None, end: int | None) -> int | None:
    """From one instant to another in days (millionths), cut toward zero."""
    if start is None or end is None:
        return None
    apart = end - start
    days = abs(apart) * MICRO // DAY
    return days if apart >= 0 else -days
