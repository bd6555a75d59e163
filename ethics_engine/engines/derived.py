"""Attributes that follow from others: local time, the session's number, days from one date to another.

Only those that some rule uses are worked out. Numbers are millionths; days are cut toward zero to six decimals.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ethics_engine.calendars import WEEKDAYS, Zone, clock_time
from ethics_engine.events import Event
from ethics_engine.scalars import DAY, MICRO

SESSION = "session.held"
OF_SESSIONS = frozenset({"session_number", "days_since_session"})


def with_derived(events: Sequence[Event], derived: Mapping[str, frozenset[str]], zone: Zone) -> list[Event]:
    """The events of one practitioner with the derived attributes that rules use; no event is changed in place."""
    sessions = sessions_of(event for event in events if event.type == SESSION) if count_sessions(derived) else {}
    return [
        with_names(event, names, zone, sessions.get(event.client, ())) if (names := derived.get(event.type)) else event
        for event in events
    ]


def count_sessions(derived: Mapping[str, frozenset[str]]) -> bool:
    """Whether some of the derived attributes that rules use count sessions."""
    return any(not names.isdisjoint(OF_SESSIONS) for names in derived.values())


def sessions_of(held: Iterable[Event]) -> dict[str | None, list[int]]:
    """The instants of the sessions of each client, in order."""
    sessions: dict[str | None, list[int]] = {}
    for event in held:
        sessions.setdefault(event.client, []).append(event.at)
    for times in sessions.values():
        times.sort()
    return sessions


def with_names(event: Event, names: frozenset[str], zone: Zone, sessions: Sequence[int]) -> Event:
    """One event with some derived attributes; `sessions` are the instants of its client's sessions, in order."""
    given = event.values
    values = given.copy()
    if "recorded_after_days" in names and "recorded_at" in given:
        values["recorded_after_days"] = _days(event.at, given["recorded_at"])
    if "announced_days" in names and "announced_at" in given:
        values["announced_days"] = _days(given["announced_at"], event.at)
    if not names.isdisjoint(_LOCAL):
        _add_local(values, names, zone.local(event.at))
    if event.client is not None and not names.isdisjoint(OF_SESSIONS):
        _add_of_sessions(values, names, event, sessions)
    return Event(event.id, event.at, event.type, event.practitioner, event.client, values, event.order)


_LOCAL = frozenset({"local_weekday", "local_time", "local_hour", "local_date"})


def _add_local(values: dict[str, Any], names: frozenset[str], local: datetime) -> None:
    if "local_weekday" in names:
        values["local_weekday"] = WEEKDAYS[local.weekday()]
    if "local_time" in names:
        values["local_time"] = clock_time(local)
    if "local_hour" in names:
        values["local_hour"] = local.hour * MICRO
    if "local_date" in names:
        values["local_date"] = local.date().isoformat()


def _add_of_sessions(values: dict[str, Any], names: frozenset[str], event: Event, sessions: Sequence[int]) -> None:
    held = bisect_right(sessions, event.at)
    if "session_number" in names:
        values["session_number"] = held * MICRO
    own = 1 if event.type == SESSION else 0
    if "days_since_session" in names and held > own:
        values["days_since_session"] = _days(sessions[held - 1 - own], event.at)


def _days(start: int, end: int) -> int:
    """From one instant to another in days (millionths), cut toward zero."""
    apart = end - start
    days = abs(apart) * MICRO // DAY
    return days if apart >= 0 else -days
