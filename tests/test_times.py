"""Plain times are read exactly, in the practice's time zone, or refused with what to write instead."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ethics_engine.calendars import Zone
from ethics_engine.entries.times import format_time, parse_time
from ethics_engine.scalars import parse_instant

BERLIN = Zone("Europe/Berlin")
NOW = parse_instant("2026-11-23T10:30:00+01:00")  # a Monday


def read(text: str, *, past: bool = True) -> str:
    return format_time(parse_time(text, BERLIN, NOW, past=past), BERLIN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2026-11-23T10:30:00+01:00"),
        ("9:00", "2026-11-23T09:00:00+01:00"),
        ("at 9:00", "2026-11-23T09:00:00+01:00"),
        ("Today  at 9:05", "2026-11-23T09:05:00+01:00"),
        ("yesterday 17:30", "2026-11-22T17:30:00+01:00"),
        ("the day before yesterday 8:00", "2026-11-21T08:00:00+01:00"),
        ("tomorrow 8:00", "2026-11-24T08:00:00+01:00"),
        ("20 minutes ago", "2026-11-23T10:10:00+01:00"),
        ("an hour ago", "2026-11-23T09:30:00+01:00"),
        ("3 days ago 10:00", "2026-11-20T10:00:00+01:00"),
        ("a week ago at 10:00", "2026-11-16T10:00:00+01:00"),
        ("in 2 weeks 10:00", "2026-12-07T10:00:00+01:00"),
        ("monday 10:00", "2026-11-23T10:00:00+01:00"),
        ("monday 11:00", "2026-11-16T11:00:00+01:00"),
        ("tuesday 9:00", "2026-11-17T09:00:00+01:00"),
        ("last monday 9:00", "2026-11-16T09:00:00+01:00"),
        ("next monday 9:00", "2026-11-30T09:00:00+01:00"),
        ("2026-03-02 14:00", "2026-03-02T14:00:00+01:00"),
        ("2026-07-02T14:00", "2026-07-02T14:00:00+02:00"),
        ("2 July 2026 2:00 pm", "2026-07-02T14:00:00+02:00"),
        ("2 jul 2026, 12am", "2026-07-02T00:00:00+02:00"),
        ("2026-07-02T14:00:00Z", "2026-07-02T16:00:00+02:00"),
    ],
)
def test_a_plain_time_is_one_instant(text: str, expected: str) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "is not a time such as"),
        ("soon", "is not a time such as"),
        ("moday 10:00", "did you mean `monday`?"),
        ("yesterday", "`yesterday` has no time of day; write `yesterday 10:00`"),
        ("yesterday 17", "write the time of day with minutes, `17:00`"),
        ("25:00", "no time of day between 0:00 and 23:59"),
        ("9:60", "no time of day between 0:00 and 23:59"),
        ("today 13 pm", "with am or pm the hour is 1 to 12"),
        ("2026-02-30 10:00", "there is no such date"),
        ("02/03/2026 10:00", "day and month could be taken for each other"),
        ("2.3.2026 10:00", "day and month could be taken for each other"),
        ("999999 weeks ago 10:00", "is too far away"),
        ("2026-03-02T14:00+01:00", "has no seconds"),
        ("2026-03-02 10:00 \x1b[2J", "\\x1b[2j"),
    ],
)
def test_what_is_not_exact_is_refused_in_words(text: str, part: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the part is asserted below
        read(text)
    assert part.lower() in str(caught.value).lower()
    assert "\x1b" not in str(caught.value)


def test_a_time_that_the_clocks_skipped_is_refused() -> None:
    with pytest.raises(ValueError, match="02:30 on 2026-03-29 was never shown by a clock in Europe/Berlin"):
        read("2026-03-29 02:30")


def test_a_time_that_was_shown_twice_is_refused_with_both_instants() -> None:
    with pytest.raises(ValueError, match="shown twice") as caught:
        read("2026-10-25 02:30")
    assert "`2026-10-25T02:30:00+02:00` for the first time" in str(caught.value)
    assert "`2026-10-25T02:30:00+01:00` for the second" in str(caught.value)


def test_a_bare_weekday_is_refused_where_the_time_may_lie_ahead() -> None:
    with pytest.raises(ValueError, match="write `last friday` or `next friday`"):
        read("friday 10:00", past=False)


def test_without_a_zone_only_what_needs_none_is_read() -> None:
    assert parse_time("now", None, NOW, past=True) == NOW
    assert parse_time("2026-11-23T10:30:00+01:00", None, NOW, past=True) == NOW
    with pytest.raises(ValueError, match="needs a time zone"):
        parse_time("today 9:00", None, NOW, past=True)


@settings(deadline=None)
@given(
    local=st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1)).map(
        lambda one: one.replace(second=0, microsecond=0)
    ),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
)
def test_a_local_time_is_read_as_the_instant_at_which_a_clock_shows_it(local: datetime, zone: str) -> None:
    place = Zone(zone)
    instants = place.instants(local)
    for instant in instants:
        assert place.local(instant).replace(tzinfo=None, fold=0) == local
    if len(instants) == 1:
        assert parse_time(f"{local:%Y-%m-%d %H:%M}", place, NOW, past=True) == instants[0]
        assert parse_instant(format_time(instants[0], place)) == instants[0]
    else:
        with pytest.raises(ValueError, match="shown"):
            parse_time(f"{local:%Y-%m-%d %H:%M}", place, NOW, past=True)


@settings(deadline=None)
@given(st.integers(0, 60 * 24 * 20), st.sampled_from(["monday", "wednesday", "sunday"]))
def test_a_bare_weekday_is_the_last_one_whose_time_is_past(minutes: int, weekday: str) -> None:
    now = NOW + minutes * 60 * 10**6
    instant = parse_time(f"{weekday} 10:00", BERLIN, now, past=True)
    local = BERLIN.local(instant)
    assert (f"{local:%A}".lower(), local.hour, local.minute) == (weekday, 10, 0)
    assert timedelta() <= BERLIN.local(now) - local < timedelta(days=7)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_a_time_or_refused_in_words_that_move_no_cursor(text: str) -> None:
    try:
        parse_time(text, BERLIN, NOW, past=True)
        said = "a time"
    except ValueError as error:
        said = str(error)

    assert said
    assert said.isprintable()
