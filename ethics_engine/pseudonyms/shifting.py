"""A shift in time by whole weeks of the practice's calendar: weekdays and clock times stay what they were.

One shift serves a whole log. Rules read the clients of a practitioner together, and duties are judged as of the latest
event of all: who moved one of them against another would change what is found.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ethics_engine.calendars import Zone
from ethics_engine.errors import EventError
from ethics_engine.pseudonyms.names import Keyed
from ethics_engine.scalars import MAX_INSTANT, MIN_INSTANT, format_instant

MOST_WEEKS = 52
"""Weeks that a shift moves a log at most, to either side: about a year, so that a season tells nothing."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def weeks_of(names: Keyed) -> int:
    """The weeks that a key shifts by: from 1 to `MOST_WEEKS`, earlier or later."""
    number = int.from_bytes(names.digest("shift")[:8], "big") % (2 * MOST_WEEKS)
    return number - MOST_WEEKS if number < MOST_WEEKS else number - MOST_WEEKS + 1


class Shift:
    """Moves instants by whole weeks of local time; `by` holds every distance (microseconds) that it has moved one."""

    def __init__(self, zone: Zone, weeks: int) -> None:
        self.weeks = weeks
        self.by: set[int] = set()
        self._zone = zone
        self._info = ZoneInfo(zone.name)
        self._delta = timedelta(weeks=weeks)

    def moved(self, at: int) -> int:
        """The instant at which clocks show the same time on the same weekday, some weeks away.

        Where clocks skip that time, it is the instant as far after the skip; where they show it twice, it is the first
        unless the original was a second one.

        Raises:
            EventError: it would be before the year 1 or after the year 9999.
        """
        if not self.weeks:
            return at
        try:
            local = self._zone.local(at).replace(tzinfo=None) + self._delta
            fold = self._zone.local(at).fold
            moved = (local.replace(tzinfo=self._info, fold=fold).astimezone(UTC) - _EPOCH) // _MICROSECOND
        except OverflowError:
            moved = MAX_INSTANT + 1
        if not MIN_INSTANT <= moved <= MAX_INSTANT:
            raise EventError(f"{format_instant(at)} cannot be moved by {self.weeks} weeks: no calendar reaches so far")
        self.by.add(moved - at)
        return moved
