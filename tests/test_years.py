"""The two shipped years: what a sound practice is spared, and what is said, and when, where the frame gives way."""

from __future__ import annotations

import runpy
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ethics_engine import Finding, Report, check, load_rules
from ethics_engine.cli import main
from ethics_engine.config import read_settings
from ethics_engine.scalars import DAY, parse_instant

YEARS = Path(__file__).parent.parent / "fixtures" / "years"
EARLY_WARNINGS = ("pattern.precursors", "pattern.precursors-half-year", "pattern.precursors-urgent")

# The rules of the drifting year, as they first appear: with the client k05, then in the practice as a whole.
STORY = {
    "spring, small things": [
        "session.overrun",
        "focus.drifted",
        "focus.own-need",
        "payment.waived-unexplained-session",
        "pattern.precursors",
        "payment.waived-unexplained",
        "contact.outside-terms",
        "contact.personal-message",
        "pattern.precursors-half-year",
        "pattern.precursors-urgent",
        "schedule.evening-drift",
        "schedule.unstable",
        "focus.own-need-repeated",
    ],
    "summer, habits, and the first touch": [
        "contact.off-hours",
        "contact.personal-messages",
        "schedule.off-slot",
        "session.overrun-repeated",
        "schedule.off-slot-often",
        "gift.to-client",
        "agreement.not-reviewed",
        "payment.waived-repeatedly",
        "touch.outside-framework",
        "touch.without-consent",
        "contact.affectionate",
        "contact.volume",
        "contact.online",
        "session.overrun-extreme",
    ],
    "autumn, outside the room, and in secret": [
        "contact.social-invitation",
        "contact.social",
        "roles.treatment-continued",
        "gift.to-client-repeated-sum",
        "pattern.precursors-urgent-secrecy",
        "secrecy.requested",
        "focus.intimate-disclosure",
        "record.session-without-note",
        "session.private-place",
        "gift.to-client-large",
        "gift.to-client-repeated",
        "pattern.dealings",
        "intimacy.romantic-current",
    ],
}
PRACTICE = [
    "practitioner.no-wellbeing-check",
    "practitioner.boundary-not-brought",
    "reflection.over_involved",
    "practitioner.no-supervision",
    "practitioner.supervision",
    "reflection.not-taken-to-supervision",
    "pattern.alone-in-trouble-impaired",
    "pattern.alone-in-trouble",
    "practitioner.impaired",
    "practitioner.supervision-repeated",
    "reflection.none",
    "practitioner.impaired-repeatedly",
]


@cache
def judged(name: str, as_of: str | None = None) -> Report:
    """A year, judged by the shipped rules with the practice's own settings."""
    settings = read_settings(YEARS / "ethics.yaml")
    log = YEARS / f"{name}.ndjson"
    return check(log, load_rules(), as_of=as_of, timezone=settings.timezone, currency=settings.currency)


@cache
def generator() -> dict[str, Any]:
    sys.path.insert(0, str(YEARS))
    try:
        return runpy.run_path(str(YEARS / "generate.py"))
    finally:
        sys.path.remove(str(YEARS))


def between_two(report: Report, client: str) -> list[Finding]:
    """What is found in one relationship; the rest is about the practice as a whole."""
    return [found for found in report.findings if found.per == "relationship" and found.client == client]


def first_appearances(findings: list[Finding]) -> list[str]:
    return list(dict.fromkeys(found.rule for found in findings))


def first(rule: str) -> int:
    return min(found.at for found in judged("drifting-year").findings if found.rule == rule)


@pytest.mark.parametrize("name", ["sound-year", "drifting-year"])
class TestBothYears:
    def test_the_generator_gives_the_same_bytes_again(self, name: str) -> None:
        told = generator()[name.replace("-", "_")]

        assert told().encode() == (YEARS / f"{name}.ndjson").read_bytes()

    def test_every_line_is_accepted_and_every_amendment_has_its_effect(self, name: str) -> None:
        report = judged(name)

        assert (report.log.rejected, report.log.duplicate) == (0, 0)
        assert report.ineffective == ()

    def test_hardly_anything_is_left_untold(self, name: str) -> None:
        assert {line.rule for line in judged(name).cannot_tell} <= {"session.cut-short"}


class TestTheSoundYear:
    def test_it_has_no_violation_and_no_risk_excused_or_not(self) -> None:
        grave = [found for found in judged("sound-year").findings if found.level != "notice"]

        assert grave == []

    def test_its_notices_are_few_and_each_is_of_another_kind_or_client(self) -> None:
        noticed = [(found.rule, found.client) for found in judged("sound-year").findings if found.status == "open"]

        assert noticed == [
            ("session.overrun", "c02"),
            ("payment.overdue", "c10"),
            ("focus.drifted", "c04"),
        ]

    def test_what_was_documented_or_talked_about_is_excused_and_shift_work_is_waived(self) -> None:
        settled = {(found.rule, found.status) for found in judged("sound-year").findings if found.status != "open"}

        assert settled == {
            ("touch.client-initiated", "excused"),
            ("payment.waived-unexplained-session", "excused"),
            ("alliance.low", "excused"),
            ("outcome.worse", "excused"),
            ("record.session-without-note", "excused"),
            ("schedule.off-slot", "waived"),
        }

    def test_the_command_passes_even_where_it_is_to_fail_on_a_risk(self) -> None:
        log, settings = YEARS / "sound-year.ndjson", YEARS / "ethics.yaml"
        result = CliRunner().invoke(main, ["check", str(log), "--config", str(settings), "--fail-on", "risk"])

        assert result.exit_code == 0


class TestTheDriftingYear:
    def test_the_story_with_one_client_unfolds_in_order(self) -> None:
        told = first_appearances(between_two(judged("drifting-year"), "k05"))

        assert told == [rule for season in STORY.values() for rule in season]

    def test_the_practice_as_a_whole_loses_its_supports_in_order(self) -> None:
        whole = [found for found in judged("drifting-year").findings if found.per == "practitioner"]

        assert first_appearances(whole) == PRACTICE

    def test_with_the_other_seven_clients_there_is_no_violation_and_no_risk(self) -> None:
        report = judged("drifting-year")
        others = {f"k{number:02}" for number in range(1, 9)} - {"k05"}
        found = {(one.rule, one.level) for client in others for one in between_two(report, client)}

        assert found == {("alliance.low", "notice")}

    def test_early_warnings_come_months_before_the_first_violation_and_half_a_year_before_intimacy(self) -> None:
        violations = [found.at for found in judged("drifting-year").findings if found.level == "violation"]

        assert max(map(first, EARLY_WARNINGS)) + 75 * DAY < min(violations)
        assert max(map(first, EARLY_WARNINGS)) + 183 * DAY < first("intimacy.romantic-current")
        assert first("pattern.precursors") < parse_instant("2025-04-11T00:00:00+02:00")

    def test_a_check_at_the_end_of_june_warns_and_finds_no_violation_yet(self) -> None:
        report = judged("drifting-year", "2025-06-30T23:59:00+02:00")

        assert report.summary()["violation"] == 0
        assert set(EARLY_WARNINGS) <= {found.rule for found in report.findings}

    def test_the_command_fails(self) -> None:
        log, settings = YEARS / "drifting-year.ndjson", YEARS / "ethics.yaml"
        result = CliRunner().invoke(main, ["check", str(log), "--config", str(settings)])

        assert result.exit_code == 1
