"""Times for property tests: a small grid of instants and the durations that lead from one of them to another, so that
ties and the exact edges of windows are common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

ZONES = ("UTC", "Europe/Berlin", "America/New_York")
DAYS = (
    date(2026, 6, 8),  # a Monday
    date(2026, 3, 27),  # Berlin's clocks go forward on the 29th; a quarter ends
    date(2026, 3, 6),  # New York's go forward on the 8th
    date(2026, 10, 23),  # Berlin's go back on the 25th
    date(2026, 10, 30),  # New York's go back on 1 November
    date(2025, 12, 27),  # a year ends
    date(2024, 2, 26),  # a leap day
)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
STEPS = tuple(timedelta(hours=hours) for hours in (0, 12, 24, 36, 48, 72, 96, 120, 168, 240, 264, 336))
LONG_STEPS = tuple(timedelta(days=days) for days in (0, 1, 28, 31, 59, 90, 365, 366, 730, 731))
JITTER = (timedelta(0),) * 8 + (timedelta(microseconds=1), timedelta(microseconds=-1), HOUR / 2, HOUR)
DURATIONS = {
    "1d": DAY,
    "2d": 2 * DAY,
    "36h": 1.5 * DAY,
    "12h": DAY / 2,
    "3d": 3 * DAY,
    "1w": 7 * DAY,
    "10d": 10 * DAY,
    "30min": HOUR / 2,
    "31d": 31 * DAY,
}
OFFSETS = (timedelta(0), timedelta(hours=2), timedelta(hours=-5), timedelta(hours=5, minutes=30))


@dataclass(frozen=True)
class Setting:
    """When and where a practice works: the first instant of its log, its time zone, its currency."""

    base: datetime
    timezone: str
    currency: str | None
    steps: tuple[timedelta, ...]
    timeless: bool = False  # whether its rules name no date and no calendar month or year

    def instants(self) -> st.SearchStrategy[datetime]:
        """Instants of the grid, or a little beside."""
        return st.builds(
            lambda step, jitter: self.base + step + jitter, st.sampled_from(self.steps), st.sampled_from(JITTER)
        )

    def written_instants(self) -> st.SearchStrategy[str]:
        """The same as text, with any offset."""
        return st.builds(written, self.instants(), st.sampled_from(OFFSETS))

    def dates(self) -> st.SearchStrategy[str]:
        """Local dates on the grid."""
        zone = ZoneInfo(self.timezone)
        return st.sampled_from(self.steps).map(lambda step: (self.base + step).astimezone(zone).date().isoformat())


def written(instant: datetime, offset: timedelta = timedelta(0)) -> str:
    """RFC 3339 with an offset."""
    return instant.astimezone(timezone(offset)).isoformat()


def settings_of_practice(timeless: bool = False) -> st.SearchStrategy[Setting]:
    """Days near a change of the clocks, the end of a period, or none of these. A timeless one has no such change."""

    def build(day: date, zone: str, local: bool, currency: str | None, steps: tuple[timedelta, ...]) -> Setting:
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone) if local else UTC)
        return Setting(midnight.astimezone(UTC), zone, currency, steps, timeless)

    return st.builds(
        build,
        st.sampled_from(DAYS),
        st.sampled_from(ZONES[:1] if timeless else ZONES),
        st.booleans(),
        st.sampled_from((None, "EUR", "USD")),
        st.sampled_from((STEPS, STEPS, STEPS, STEPS[:6], LONG_STEPS)),
    )


def durations() -> st.SearchStrategy[str]:
    """Durations as rules write them."""
    return st.sampled_from(list(DURATIONS))
