"""Derived attributes as columns: the same whole numbers as `engines.derived` gives for one event."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from ethics_engine.calendars import WEEKDAYS, Zone
from ethics_engine.engines.derived import OF_SESSIONS, SESSION, count_sessions
from ethics_engine.scalars import DAY, HOUR, MICRO, MINUTE, SECOND

_LOCAL = ("local_weekday", "local_time", "local_hour", "local_date")


def with_derived(
    frames: Mapping[str, pl.DataFrame], derived: Mapping[str, frozenset[str]], zone: Zone
) -> dict[str, pl.DataFrame]:
    """The frames of a part with the derived attributes that rules use of each type."""
    sessions = _sessions(frames.get(SESSION)) if count_sessions(derived) else None
    return {
        name: _with_names(frame, name, names, zone, sessions) if (names := derived.get(name)) else frame
        for name, frame in frames.items()
    }


def _with_names(
    frame: pl.DataFrame, name: str, names: frozenset[str], zone: Zone, sessions: pl.DataFrame | None
) -> pl.DataFrame:
    added = []
    if "recorded_after_days" in names:
        added.append(_days(pl.col("at"), pl.col("recorded_at")).alias("recorded_after_days"))
    if "announced_days" in names and "announced_at" in frame.columns:
        added.append(_days(pl.col("announced_at"), pl.col("at")).alias("announced_days"))
    frame = frame.with_columns(added) if added else frame
    local = [each for each in _LOCAL if each in names]
    if local:
        frame = _with_local(frame, local, zone)
    if not names.isdisjoint(OF_SESSIONS):
        frame = _with_sessions(frame, name, names, sessions)
    return frame


def _days(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """From one instant to another in days (millionths), cut toward zero, without leaving 64 bits."""
    apart = (end - start).abs()
    whole = apart // DAY
    rest = (apart % DAY) * MICRO // DAY
    days = whole * MICRO + rest
    return pl.when(end >= start).then(days).otherwise(-days)


def _with_local(frame: pl.DataFrame, names: list[str], zone: Zone) -> pl.DataFrame:
    """Local time by the offset of each day; on a day that changes it, by that of each instant.

    A day with one offset at both of its ends has no other in between: in the tz database no zone changes its clocks
    twice within a day (UTC).
    """
    day = pl.col("at") // DAY
    edges = {each: _offsets(zone, each) for each in (frame.get_column("at") // DAY).unique().to_list()}
    changing = [each for each, (start, end) in edges.items() if start != end]
    offsets = day.replace_strict(list(edges), [start for start, _ in edges.values()], return_dtype=pl.Int64)
    if changing:
        on_those = day.is_in(changing)
        instants = frame.filter(on_those).get_column("at").unique().to_list()
        exact = [_offset(zone, at) for at in instants]
        each_instant = pl.col("at").replace_strict(instants, exact, default=None, return_dtype=pl.Int64)
        offsets = pl.when(on_those).then(each_instant).otherwise(offsets)
    frame = frame.with_columns(offsets.alias("#offset"))
    wall = pl.col("at") + pl.col("#offset")
    clock = wall - (wall // DAY) * DAY
    day = wall // DAY
    made = {
        "local_weekday": ((day + 3) - ((day + 3) // 7) * 7).replace_strict(
            list(range(7)), list(WEEKDAYS), return_dtype=pl.String
        ),
        "local_time": clock,
        "local_hour": clock // HOUR * MICRO,
        "local_date": pl.from_epoch(day.cast(pl.Int32), time_unit="d").dt.strftime("%Y-%m-%d"),
    }
    return frame.with_columns(made[name].alias(name) for name in names).drop("#offset")


@lru_cache(maxsize=1 << 16)
def _offsets(zone: Zone, day: int) -> tuple[int, int]:
    """The offsets at both ends of a day of UTC."""
    return _offset(zone, day * DAY), _offset(zone, (day + 1) * DAY - 1)


def _offset(zone: Zone, at: int) -> int:
    """From UTC to the wall clock, in microseconds, as `Zone.local` reads it."""
    local = zone.local(at)
    seen = zone.date(at).toordinal() - 719_163
    return seen * DAY + local.hour * HOUR + local.minute * MINUTE + local.second * SECOND + local.microsecond - at


def _sessions(held: pl.DataFrame | None) -> pl.DataFrame | None:
    """For each relationship and instant with a session: how many there were until then, and how many at it."""
    if held is None or not held.height:
        return None
    return (
        held.select("#rel", "at")
        .with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("#rel").alias("#held"))
        .group_by("#rel", "at", maintain_order=True)
        .agg(pl.col("#held").max(), pl.len().cast(pl.Int64).alias("#together"))
        .with_columns(pl.col("at").alias("#last"), pl.col("at").shift(1).over("#rel").alias("#before"))
    )


def _with_sessions(
    frame: pl.DataFrame, name: str, names: frozenset[str], sessions: pl.DataFrame | None
) -> pl.DataFrame:
    placed = pl.col("#placed")
    if sessions is None:
        number = pl.when(placed).then(pl.lit(0, pl.Int64)).otherwise(None)
        since = pl.lit(None, pl.Int64)
    else:
        frame = frame.join_asof(sessions, on="at", by="#rel", strategy="backward", check_sortedness=False)
        number = pl.when(placed).then(pl.col("#held").fill_null(0) * MICRO).otherwise(None)
        last = pl.col("#last")
        if name == SESSION:  # the session before: one of the same instant, or of the instant before
            last = pl.when(pl.col("#together") > 1).then(pl.col("#last")).otherwise(pl.col("#before"))
        since = pl.when(placed).then(_days(last, pl.col("at"))).otherwise(None)
    wanted = []
    if "session_number" in names:
        wanted.append(number.alias("session_number"))
    if "days_since_session" in names:
        wanted.append(since.alias("days_since_session"))
    frame = frame.with_columns(wanted)
    return frame.drop("#held", "#together", "#last", "#before", strict=False)
