"""The sentences of findings: templates, and values in words."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from bad_files import rule

from ethics_engine import check, load_rules
from ethics_engine.calendars import Zone
from ethics_engine.messages import Instant, Period, Span, parse_template, shown
from ethics_engine.scalars import DAY, HOUR, parse_instant

BERLIN = Zone("Europe/Berlin")


class TestTemplate:
    def test_gaps_are_filled_from_values(self) -> None:
        template = parse_template("Touch on {at:date} ({kind}).")

        said = template.fill({"at": Instant(parse_instant("2026-03-02T23:30:00Z")), "kind": "hug"}, BERLIN)
        assert said == "Touch on 3 March 2026 (hug)."

    def test_what_was_not_recorded_reads_so(self) -> None:
        assert parse_template("{kind}").fill({}, BERLIN) == "not recorded"

    def test_two_braces_are_one(self) -> None:
        assert parse_template("{{kind}}").fill({"kind": "hug"}, BERLIN) == "{kind}"

    @pytest.mark.parametrize(
        ("style", "said"),
        [
            ("", "3 March 2026"),
            (":date", "3 March 2026"),
            (":time", "00:30"),
            (":datetime", "3 March 2026, 00:30"),
            (":weekday", "Tuesday"),
        ],
    )
    def test_an_instant_is_told_in_the_zone_of_the_practice(self, style: str, said: str) -> None:
        at = Instant(parse_instant("2026-03-02T23:30:00Z"))

        assert parse_template(f"{{at{style}}}").fill({"at": at}, BERLIN) == said

    @pytest.mark.parametrize(
        ("share", "said"),
        [
            (0.235294, "23.5 %"),
            (0.2, "20 %"),
            (1, "100 %"),
            (0, "0 %"),
            (1.4, "140 %"),
            (0.29, "29 %"),
            (123456.789, "12345678.9 %"),
        ],
    )
    def test_a_share_is_told_in_percent(self, share: float, said: str) -> None:
        assert parse_template("{share:percent}").fill({"share": share}, BERLIN) == said

    def test_only_numbers_are_told_in_percent(self) -> None:
        assert parse_template("{kind:percent}").fill({"kind": "hug"}, BERLIN) == "hug"

    def test_the_gaps_of_a_template_are_known(self) -> None:
        gaps = parse_template("{at:date} {{x}} {kind}").placeholders()

        assert [(gap.name, gap.format) for gap in gaps] == [("at", "date"), ("kind", "")]

    def test_a_value_is_never_read_as_a_template(self) -> None:
        assert parse_template("{kind}").fill({"kind": "{at}"}, BERLIN) == "{at}"

    @pytest.mark.parametrize("text", ["{", "}", "{kind", "{at:month}", "{kind.name}", "{}"])
    def test_what_is_no_placeholder_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"placeholder|format"):
            parse_template(text)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "not recorded"),
        (True, "yes"),
        (("own_need", "model"), "own need, model"),
        (Span(56 * DAY), "56 days"),
        (Span(DAY), "1 day"),
        (Span(36 * HOUR), "36 hours"),
        (Span(HOUR), "1 hour"),
        ("thursday", "Thursday"),
        (3, "3"),
    ],
)
def test_a_value_in_words(value: object, said: str) -> None:
    assert shown(value, "", BERLIN) == said


class TestPeriod:
    @pytest.mark.parametrize(
        ("day", "unit", "said"),
        [
            (date(2025, 11, 1), "month", "November 2025"),
            (date(2025, 11, 3), "week", "the week of 3 November 2025"),
            (date(2025, 1, 1), "quarter", "the first quarter of 2025"),
            (date(2025, 4, 1), "quarter", "the second quarter of 2025"),
            (date(2025, 7, 1), "quarter", "the third quarter of 2025"),
            (date(2025, 10, 1), "quarter", "the fourth quarter of 2025"),
            (date(2025, 1, 1), "year", "2025"),
        ],
    )
    def test_is_told_by_its_name(self, day: date, unit: str, said: str) -> None:
        assert shown(Period.starting(day, unit), "", BERLIN) == said

    def test_is_its_first_day_in_data(self) -> None:
        assert json.dumps(Period.starting(date(2025, 11, 1), "month")) == '"2025-11-01"'


def test_a_value_of_before_is_told_beside_the_one_of_the_same_name(tmp_path: Path) -> None:
    text = """
    expect: alliance.measured
    as: alliance.measured
    match: {score_percent: {gt: score_percent, offset: -12.5}}
    """
    files = rule(text)
    (tmp_path / "care.yaml").write_text(
        str(files["care.yaml"]).replace("On {at:date}.", "From {score_percent_before} to {score_percent}.")
    )
    log = [
        {"id": f"e{day}", "at": f"2026-03-0{day}T10:00:00Z", "type": "alliance.measured", "practitioner": "p1"}
        | {"client": "c1", "instrument": "srs", "score_percent": score}
        for day, score in ((1, 90), (2, 60))
    ]
    (found,) = check(log, load_rules(tmp_path)).findings

    assert found.message == "From 90 to 60."
    assert found.values == {"score_percent_before": 90, "score_percent": 60}
