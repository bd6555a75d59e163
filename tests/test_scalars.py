from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import refusal

from ethics_engine.scalars import (
    DAY,
    HOUR,
    LONGEST_DURATION,
    MAX_INSTANT,
    MICRO,
    MIN_INSTANT,
    MINUTE,
    SECOND,
    format_clock,
    format_duration,
    format_instant,
    number_out,
    parse_boolean,
    parse_clock,
    parse_duration,
    parse_instant,
    parse_number,
)

instants = st.integers(MIN_INSTANT, MAX_INSTANT)


class Unsliceable(float):
    """A number that answers a slice with an error of its own, as those of NumPy do."""

    def __getitem__(self, key: Any) -> Any:
        raise IndexError("invalid index to scalar variable")


class TestInstants:
    @pytest.mark.parametrize(
        ("text", "written"),
        [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("2026-03-02T10:00:00+01:00", "2026-03-02T09:00:00Z"),
            ("2026-03-02t10:00:00z", "2026-03-02T10:00:00Z"),
            ("2026-03-02T10:00:00-00:00", "2026-03-02T10:00:00Z"),
            ("2026-03-02T23:59:59.5-08:00", "2026-03-03T07:59:59.5Z"),
            ("2026-03-02T10:00:00.123456000Z", "2026-03-02T10:00:00.123456Z"),
            ("2024-02-29T10:00:00Z", "2024-02-29T10:00:00Z"),
        ],
    )
    def test_an_instant_is_read_with_its_offset_and_written_in_utc(self, text: str, written: str) -> None:
        assert format_instant(parse_instant(text)) == written

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("2026-03-02T10:00:00", "`2026-03-02T10:00:00` has no offset from UTC; add `Z` or one such as `+01:00`"),
            ("2026-02-30T10:00:00Z", "there is no such date as `2026-02-30`"),
            ("2025-02-29T10:00:00Z", "there is no such date as `2025-02-29`"),
            ("2026-13-02T10:00:00Z", "there is no such date as `2026-13-02`"),
            ("0000-01-01T10:00:00Z", "there is no such date as `0000-01-01`"),
            ("2026-03-02", "`2026-03-02` is a date without a time of day"),
            ("2026-03-02 10:00:00Z", "`2026-03-02 10:00:00Z` needs a `T` between the date and the time"),
            ("2026-03-02T10:00Z", "`2026-03-02T10:00Z` has no seconds"),
            ("2026-03-02T10:00:00.1234567Z", "`2026-03-02T10:00:00.1234567Z` is finer than a microsecond"),
            (
                "2016-12-31T23:59:60Z",
                "`2016-12-31T23:59:60Z` has a leap second, which is not kept; write the second before it",
            ),
            ("0001-01-01T00:00:00+14:00", "the year of `0001-01-01T00:00:00+14:00` is out of range"),
            ("yesterday", "`yesterday` is not a time such as `2026-03-02T10:00:00+01:00`"),
            ("", "`` is not a time such as `2026-03-02T10:00:00+01:00`"),
        ],
    )
    def test_what_is_no_instant_is_refused_in_words(self, text: str, message: str) -> None:
        assert message == refusal(parse_instant, text)

    @pytest.mark.parametrize(
        "text",
        [
            "2026-W10-1T10:00:00Z",
            "20260302T100000Z",
            "2026-03-02T24:00:00Z",
            "2026-03-02T10:00:00+0100",
            "2026-03-02T10:00:00+25:00",
            "2026-03-02T10:00:00Z ",
            "2026-03-02T10:00:00Z\n",
            "２026-03-02T10:00:00Z",
            "2026-03-02T10:00:00,5Z",
        ],
    )
    def test_what_python_would_read_but_rfc_3339_would_not_is_refused(self, text: str) -> None:
        assert refusal(parse_instant, text)

    @given(instants)
    def test_what_is_written_is_read_back_to_the_microsecond(self, us: int) -> None:
        assert us == parse_instant(format_instant(us))

    @given(
        st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)),
        st.integers(-23 * 60 - 59, 23 * 60 + 59),
    )
    def test_any_offset_is_read_as_python_reads_it(self, moment: datetime, minutes: int) -> None:
        aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
        expected = (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)

        assert expected == parse_instant(aware.isoformat())

    def test_long_texts_are_read_and_not_kept_in_memory(self) -> None:
        tracemalloc.start()
        try:
            for number in range(40):
                text = f"2026-03-02T10:00:{number:02}.5{'0' * 1_000_000}Z"
                assert parse_instant(text) == parse_instant(f"2026-03-02T10:00:{number:02}.5Z")
                assert refusal(parse_instant, f"2026-03-02T10:00:{number:02}Z" + "x" * 1_000_000)
            assert tracemalloc.get_traced_memory()[0] < 10_000_000
        finally:
            tracemalloc.stop()

    @pytest.mark.parametrize("given", [5, 5.0, None, b"2026-03-02T10:00:00Z", [], {}, Unsliceable(1.5)])
    def test_what_is_no_text_is_refused_as_such(self, given: Any) -> None:
        with pytest.raises(TypeError):
            parse_instant(given)

    def test_an_instant_past_year_9999_is_written_as_the_last_one(self) -> None:
        assert format_instant(MAX_INSTANT + DAY) == "9999-12-31T23:59:59.999999Z"

    @given(st.text(max_size=40))
    def test_no_text_does_more_than_be_refused(self, text: str) -> None:
        for parse in (parse_instant, parse_number, parse_duration, parse_clock, parse_boolean):
            assert refusal(parse, text) != "refused without a word"


class TestNumbers:
    @pytest.mark.parametrize(
        ("given_value", "micro"),
        [
            (95, 95 * MICRO),
            ("91.25", 91_250_000),
            (91.25, 91_250_000),
            (0.1, 100_000),
            (Decimal("0.000001"), 1),
            (Decimal("1.50000000000"), 1_500_000),
            ("-3", -3 * MICRO),
            ("1e3", 1000 * MICRO),
            (Decimal("-0.0"), 0),
            (Decimal("0E+9999"), 0),
            (Decimal("999999999999.999999"), 10**18 - 1),
        ],
    )
    def test_a_number_is_exact_to_six_decimals(self, given_value: str | float | Decimal, micro: int) -> None:
        assert micro == parse_number(given_value)

    @pytest.mark.parametrize(
        ("given_value", "message"),
        [
            (True, "`true` is not a number"),
            ("95 EUR", "`95 EUR` is not a number"),
            ("1_000", "`1_000` is not a number"),
            ("٣", "`٣` is not a number"),
            ("", "`` is not a number"),
            (10**12, "`1000000000000` is too large a number"),
            (Decimal("1E+400"), "`1E+400` is too large a number"),
            pytest.param(10**5000, "`a number of many digits` is too large a number", id="5001 digits"),
            ("0.0000001", "`0.0000001` has more than six decimals"),
            (float("nan"), "`nan` is not a finite number"),
            (float("-inf"), "`-inf` is not a finite number"),
            (Decimal("sNaN"), "`sNaN` is not a finite number"),
        ],
    )
    def test_what_is_no_exact_number_is_refused_in_words(self, given_value: str | float, message: str) -> None:
        assert message == refusal(parse_number, given_value)

    def test_a_list_that_decimal_would_take_is_no_number(self) -> None:
        with pytest.raises(ValueError, match="not a number"):
            parse_number([0, [1, 2], 0])  # type: ignore[arg-type]

    @given(st.integers(-(10**18) + 1, 10**18 - 1))
    def test_a_number_written_as_a_decimal_is_read_back(self, micro: int) -> None:
        assert micro == parse_number(Decimal(micro) / MICRO)

    @given(st.integers(-(10**15), 10**15))
    def test_a_number_given_out_is_read_back(self, micro: int) -> None:
        assert micro == parse_number(number_out(micro))

    def test_a_whole_number_is_given_out_as_one(self) -> None:
        assert [repr(number_out(value)) for value in (3 * MICRO, 3_500_000, -250_000)] == ["3", "3.5", "-0.25"]


class TestDurations:
    @pytest.mark.parametrize(
        ("text", "us"),
        [("90d", 90 * DAY), ("48h", 48 * HOUR), ("15min", 15 * MINUTE), ("30s", 30 * SECOND), ("2w", 14 * DAY)],
    )
    def test_a_duration_is_exact_and_a_day_is_24_hours(self, text: str, us: int) -> None:
        assert us == parse_duration(text)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("2y", "`2y`: calendar years stand only in `since`; write days, such as `365d`"),
            ("30m", "`30m` is not a duration; write `30min` for minutes"),
            ("30", "`30` has no unit; write one of `s`, `min`, `h`, `d`, `w` after it"),
            ("36526d", "`36526d` is longer than a hundred years (36525d)"),
            ("-1d", "`-1d` is not a duration such as `90d`, `48h`, `15min`, `30s` or `2w`"),
            ("1.5h", "`1.5h` is not a duration such as `90d`, `48h`, `15min`, `30s` or `2w`"),
        ],
    )
    def test_what_is_no_duration_is_refused_in_words(self, text: str, message: str) -> None:
        assert message == refusal(parse_duration, text)

    @pytest.mark.parametrize(
        ("us", "written"),
        [
            (90 * DAY, "90d"),
            (36 * HOUR, "36h"),
            (90 * MINUTE, "90min"),
            (90 * SECOND, "90s"),
            (0, "0s"),
            (-2 * HOUR, "-2h"),
            (1_500_000, "1.5s"),
        ],
    )
    def test_a_duration_is_written_in_its_largest_whole_unit(self, us: int, written: str) -> None:
        assert written == format_duration(us)

    @given(st.integers(0, LONGEST_DURATION // SECOND))
    def test_a_duration_of_whole_seconds_is_read_back(self, seconds: int) -> None:
        assert seconds * SECOND == parse_duration(format_duration(seconds * SECOND))


class TestClocksAndTruth:
    @pytest.mark.parametrize("text", ["24:00", "7:30", "17:60", "17.30", "5pm", "17:30:15.1234567", "17:30\n"])
    def test_what_is_no_clock_time_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="is not a time of day such as `17:30`"):
            parse_clock(text)

    def test_seconds_are_written_only_where_there_are_some(self) -> None:
        written = [format_clock(parse_clock(text)) for text in ("17:30", "17:30:00", "17:30:15", "00:00:00.250")]

        assert written == ["17:30", "17:30", "17:30:15", "00:00:00.25"]

    @given(st.integers(0, DAY - 1))
    def test_a_clock_time_is_read_back(self, us: int) -> None:
        assert us == parse_clock(format_clock(us))

    def test_truth_is_true_or_false_and_nothing_else(self) -> None:
        assert (parse_boolean("true"), parse_boolean("false")) == (True, False)
        for text in ("True", "yes", "no", "1", ""):
            with pytest.raises(ValueError, match="is neither `true` nor `false`"):
                parse_boolean(text)
