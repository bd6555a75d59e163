from __future__ import annotations

import pickle
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import refusal

from ethics_engine.calendars import PERIODS, WEEKDAYS, Zone, add_years
from ethics_engine.scalars import DAY, HOUR, MAX_INSTANT, MIN_INSTANT, MINUTE, format_instant, parse_instant

PARIS = Zone("Europe/Paris")
instants = st.integers(parse_instant("1902-01-01T00:00:00Z"), parse_instant("2100-01-01T00:00:00Z"))
zones = st.sampled_from(
    ["UTC", "Europe/Paris", "America/St_Johns", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu", "Africa/Cairo"]
)


class TestWallClocks:
    def test_the_wall_clock_jumps_when_summer_time_begins(self) -> None:
        before, after = parse_instant("2026-03-29T00:59:59Z"), parse_instant("2026-03-29T01:00:00Z")

        assert (PARIS.hour(before), PARIS.hour(after)) == (1, 3)
        assert PARIS.time_of_day(after) == 3 * HOUR

    def test_the_wall_clock_shows_an_hour_twice_when_summer_time_ends(self) -> None:
        first, second = parse_instant("2026-10-25T00:30:00Z"), parse_instant("2026-10-25T01:30:00Z")

        assert (PARIS.time_of_day(first), PARIS.time_of_day(second)) == (150 * MINUTE, 150 * MINUTE)

    def test_a_weekday_is_that_of_the_practice_not_of_utc(self) -> None:
        late = parse_instant("2026-03-01T23:30:00Z")

        assert (Zone("UTC").weekday(late), PARIS.weekday(late)) == ("sunday", "monday")
        assert PARIS.date(late) == date(2026, 3, 2)

    def test_times_at_the_ends_of_the_calendar_are_read_without_an_error(self) -> None:
        for name in ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
            for us in (MIN_INSTANT, MAX_INSTANT, MIN_INSTANT - DAY, MAX_INSTANT + 40_000 * DAY):
                zone = Zone(name)
                assert zone.weekday(us) in WEEKDAYS
                for unit in PERIODS:
                    start, end = zone.period(us, unit)
                    assert start < end


class TestMidnights:
    def test_a_day_of_the_change_to_summer_time_has_23_hours(self) -> None:
        assert PARIS.midnight(date(2026, 3, 30)) - PARIS.midnight(date(2026, 3, 29)) == 23 * HOUR

    def test_a_day_of_the_change_to_winter_time_has_25_hours(self) -> None:
        assert PARIS.midnight(date(2026, 10, 26)) - PARIS.midnight(date(2026, 10, 25)) == 25 * HOUR

    def test_where_clocks_skip_midnight_the_day_begins_with_the_skip(self) -> None:
        start = Zone("America/Sao_Paulo").midnight(date(2018, 11, 4))

        assert format_instant(start) == "2018-11-04T03:00:00Z"
        assert Zone("America/Sao_Paulo").hour(start) == 1

    def test_where_midnight_comes_twice_the_day_begins_with_the_first(self) -> None:
        assert format_instant(Zone("America/Havana").midnight(date(2026, 11, 1))) == "2026-11-01T04:00:00Z"

    def test_a_date_that_a_place_left_out_is_empty(self) -> None:
        apia = Zone("Pacific/Apia")

        assert apia.midnight(date(2011, 12, 30)) == apia.midnight(date(2011, 12, 31))

    @given(instants, zones)
    def test_the_midnight_of_an_instants_date_is_not_after_it(self, us: int, name: str) -> None:
        zone = Zone(name)

        assert zone.midnight(zone.date(us)) <= us


class TestPeriods:
    @pytest.mark.parametrize(
        ("unit", "start", "end"),
        [
            ("week", "2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z"),
            ("month", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"),
            ("quarter", "2025-12-31T23:00:00Z", "2026-03-31T22:00:00Z"),
            ("year", "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z"),
        ],
    )
    def test_a_period_runs_from_local_midnight_to_local_midnight(self, unit: str, start: str, end: str) -> None:
        period = PARIS.period(parse_instant("2026-03-29T10:00:00Z"), unit)

        assert tuple(map(format_instant, period)) == (start, end)

    @given(instants, zones, st.sampled_from(PERIODS))
    def test_an_instant_lies_in_its_period_and_the_end_begins_the_next(self, us: int, name: str, unit: str) -> None:
        zone = Zone(name)
        start, end = zone.period(us, unit)

        assert start <= us < end
        assert zone.period(start, unit) == (start, end)
        assert zone.period(end, unit)[0] == end

    def test_an_unknown_period_is_refused(self) -> None:
        with pytest.raises(ValueError, match="`decade` is not a calendar period such as `month`"):
            PARIS.period(0, "decade")


class TestYears:
    @pytest.mark.parametrize(
        ("day", "years", "expected"),
        [
            (date(2024, 2, 29), 1, date(2025, 2, 28)),
            (date(2024, 2, 29), 4, date(2028, 2, 29)),
            (date(2024, 2, 29), -1, date(2023, 2, 28)),
            (date(2026, 5, 17), 2, date(2028, 5, 17)),
            (date(2026, 5, 17), 9000, date.max),
        ],
    )
    def test_years_are_added_on_dates_and_29_february_becomes_the_28th(
        self, day: date, years: int, expected: date
    ) -> None:
        assert expected == add_years(day, years)


class TestZones:
    def test_an_unknown_zone_is_refused_with_the_nearest_one(self) -> None:
        assert refusal(Zone, "Europe/Pariss") == (
            "`Europe/Pariss` is not a time zone such as `Europe/Paris`; did you mean `Europe/Paris`?"
        )

    @pytest.mark.parametrize("name", ["", "Europe", "../etc/passwd", "/etc/localtime", "Europe/Paris\0", "a" * 5000])
    def test_no_name_reaches_a_file_outside_the_zones(self, name: str) -> None:
        with pytest.raises(ValueError, match="is not a time zone"):
            Zone(name)

    def test_zones_of_one_name_are_equal_and_travel_between_processes(self) -> None:
        assert pickle.loads(pickle.dumps(PARIS)) == Zone("Europe/Paris") != Zone("UTC")
