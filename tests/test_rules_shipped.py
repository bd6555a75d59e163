"""The words of the shipped rules: what a finding and an open duty say to the one who reads them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from ethics_engine import check, load_rules
from ethics_engine.plan import Quota, Recurrence, Response, Rule

DUTIES = (Response, Recurrence, Quota)
LONGEST = 130  # characters of a duty, as it is written


@cache
def every() -> dict[str, Rule]:
    """The rules that ship, by id."""
    return dict(load_rules().plan().rules)


@cache
def shipped() -> dict[str, Rule]:
    """The reported ones, by id."""
    return {name: rule for name, rule in every().items() if rule.level != "none"}


def makes_duties(rule: Rule) -> bool:
    return any(isinstance(variant.form, DUTIES) for variant in rule.variants)


def words(rule: Rule, key: str) -> str:
    """The fixed words of a sentence, each gap as `…`."""
    template = getattr(rule.wording, key)
    return "" if template is None else "".join(piece if isinstance(piece, str) else "…" for piece in template.pieces)


DUTIFUL = [name for name, rule in shipped().items() if makes_duties(rule)]


def test_some_rules_make_duties_and_some_do_not() -> None:
    assert 30 <= len(DUTIFUL) < len(shipped()) / 2


@pytest.mark.parametrize("name", DUTIFUL)
class TestDuty:
    def test_every_rule_that_makes_duties_says_what_is_to_be_done(self, name: str) -> None:
        assert shipped()[name].wording.duty is not None

    def test_it_is_one_calm_sentence(self, name: str) -> None:
        said = words(shipped()[name], "duty")

        assert re.fullmatch(r"[A-Z][^.!?]*\.", said)
        assert len(said) <= LONGEST

    def test_it_does_not_speak_of_what_was_not_done(self, name: str) -> None:
        said = words(shipped()[name], "duty").lower()

        assert (
            re.search(r"\b(missed|missing|late|overdue|failed|must|should|not)\b", said.replace("missed session", ""))
            is None
        )


@pytest.mark.parametrize("name", sorted(set(shipped()) - set(DUTIFUL)))
def test_a_rule_that_makes_no_duties_has_no_sentence_for_them(name: str) -> None:
    assert shipped()[name].wording.duty is None


@pytest.mark.parametrize("name", sorted(shipped()))
class TestSentences:
    def test_message_is_whole_sentences(self, name: str) -> None:
        said = words(shipped()[name], "message")

        assert re.match(r"[A-Z…0-9]", said)
        assert said.endswith(".")

    def test_says_why_it_matters_and_what_comes_next(self, name: str) -> None:
        rule = shipped()[name]

        assert rule.why.endswith(".")
        assert rule.wording.remedy.endswith((".", "?"))

    def test_no_duration_is_left_in_its_short_form(self, name: str) -> None:
        assert re.search(r"\b\d+(d|h|min|s|w)\b", words(shipped()[name], "message")) is None


@pytest.mark.parametrize("name", sorted(every()))
def test_what_people_read_of_a_rule_names_no_rule_by_its_id(name: str) -> None:
    rule = every()[name]
    said = " ".join((rule.title, rule.why, rule.wording.remedy, words(rule, "message"), words(rule, "duty")))

    assert "`" not in said
    assert [other for other in every() if other in said] == []


def test_terms_are_asked_for_before_the_session_that_may_come_earlier_than_the_day_they_are_due() -> None:
    day = {"type": "session.held", "practitioner": "p1", "client": "c1", "minutes": 50}
    log = [day | {"id": f"e{number}", "at": f"2026-03-0{number}T10:00:00Z"} for number in (1, 2)]
    told = {duty.rule: duty.message for duty in check(log, load_rules()).obligations}

    assert (
        told["agreement.missing-by-date"]
        == "Agree on the terms with this client, before session 4 at the latest, and record them."
    )


def test_an_open_duty_is_told_in_the_words_of_its_rule() -> None:
    log = [
        {
            "id": "e1",
            "at": "2026-03-02T10:00:00Z",
            "type": "session.held",
            "practitioner": "p1",
            "client": "c1",
            "minutes": 50,
        },
        {"id": "e2", "at": "2026-03-03T10:00:00Z", "type": "supervision.attended", "practitioner": "p1", "minutes": 60},
    ]
    told = {duty.rule: duty.message for duty in check(log, load_rules()).obligations}

    assert told["record.session-without-note"] == "Write the note of the session on 2 March 2026."
    assert (
        told["practitioner.supervision"]
        == "Attend supervision in March 2026: 90 minutes are asked for, 60 are on record."
    )


def test_work_beyond_competence_without_a_named_client_is_not_said_to_lack_a_referral_that_is_on_record() -> None:
    log = [
        {
            "id": "e1",
            "at": "2026-03-02T10:00:00Z",
            "type": "reflection.recorded",
            "practitioner": "p1",
            "theme": "beyond_competence",
            "rating": 3,
        },
        {"id": "e2", "at": "2026-03-03T10:00:00Z", "type": "referral.made", "practitioner": "p1", "client": "c1"},
    ]
    told = {found.rule: found.message for found in check(log, load_rules(), as_of="2026-04-01T10:00:00Z").findings}

    assert told["practitioner.beyond-competence"] == (
        "The reflection of 2 March 2026 says that the work goes beyond what the practitioner feels able to do; by "
        "16 March 2026 the log records no supervision or consultation, and no referral of a client whom it names."
    )


def test_a_present_of_less_than_nothing_hides_no_other() -> None:
    present = {"type": "gift.given", "practitioner": "p1", "client": "c1"}
    log = [
        present | {"id": "e1", "at": "2026-03-02T10:00:00Z", "value": -100},
        present | {"id": "e2", "at": "2026-03-03T10:00:00Z", "value": 150},
    ]
    report = check(log, load_rules())

    assert [line.message for line in report.rejected] == ["`value` should be a number of 0 or more, not `-100`"]
    assert "gift.to-client-large" in {found.rule for found in report.findings}


def test_many_missing_notes_are_told_in_percent_of_the_sessions_held_even_where_these_have_become_few() -> None:
    """Seven notes fell due by the 97th day, in ninety days; five sessions were held in these."""
    first = datetime(2026, 1, 5, 10, tzinfo=UTC)
    days = [0, 1, 2, 3, 4, 5, 90, 91, 92, 93, 94]
    log = [
        {
            "id": f"e{day}",
            "at": (first + timedelta(days=day)).isoformat(),
            "type": "session.held",
            "practitioner": "p1",
            "client": "c1",
            "minutes": 50,
        }
        for day in days
    ]
    report = check(log, load_rules(), as_of="2026-06-01T10:00:00Z")
    told = {found.events[0]: found.message for found in report.findings if found.rule == "record.notes-missing"}

    assert told["e90"] == (
        "Within 90 days notes that were due were not written in time for as many as 140 % of the sessions held; "
        "more than 20 % is worth acting on."
    )


@pytest.mark.parametrize("name", sorted(every()))
def test_no_share_is_told_as_a_decimal(name: str) -> None:
    gaps = every()[name].wording.message.placeholders()

    assert [gap.name for gap in gaps if gap.name == "share" and gap.format != "percent"] == []
