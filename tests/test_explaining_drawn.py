"""Whatever the rules and the log, explanations say what the evaluator says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from strategies import Situation, situations

from ethics_engine.api import inquire
from ethics_engine.engines.keys import trigger_of
from ethics_engine.explaining import Inquiry, why_not
from ethics_engine.explaining.finding import Telling
from ethics_engine.logs import read_log
from ethics_engine.plan import FINDING, Quota, Recurrence, Rule


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("explained")


def asked_of(situation: Situation, folder: Path) -> Inquiry:
    rules = situation.load(folder)
    return inquire(read_log(situation.log, rules.vocabulary), rules, as_of=situation.as_of, matcher="python")


FEWER = settings(max_examples=settings().max_examples // 2)
"""Each situation asks as many questions as it has rules times events."""


@FEWER
@given(situation=situations())
def test_the_basis_of_every_finding_gives_it_again(situation: Situation, folder: Path) -> None:
    rules = situation.load(folder)
    asked = inquire(read_log(situation.log, rules.vocabulary), rules, as_of=situation.as_of, matcher="python")
    telling = Telling(asked)
    for finding in asked.findings().values():
        explanation = telling.told(finding)
        alone = [event for event in situation.log if event["id"] in explanation.basis]
        alone = [event for event in alone if event["practitioner"] == finding.practitioner]
        again = inquire(read_log(alone, rules.vocabulary), rules, as_of=asked.as_of, matcher="python").findings()

        assert finding.id in again
        assert again[finding.id].status == finding.status


def looks_at_one_event(rule: Rule) -> bool:
    """Whether each finding of a rule is about one event of the log, its trigger."""
    sources = [trigger_of(variant) for variant in rule.variants]
    alone = not any(isinstance(variant.form, Quota | Recurrence) for variant in rule.variants)
    return alone and all(source is not None and FINDING not in source.types for source in sources)


@FEWER
@given(situation=situations())
def test_why_not_says_of_every_event_what_the_evaluator_says(situation: Situation, folder: Path) -> None:
    asked = asked_of(situation, folder)
    for practitioner in asked.read:
        case = asked.case(practitioner)
        triggers = {(one.rule, one.events[0]) for one in case.findings.values()}
        due = {(one.rule, one.events[0]) for one in case.judgement.obligations}
        for rule in asked.plan.rules.values():
            for event in asked.read[practitioner]:
                answer = why_not(asked, rule.id, event.id, practitioner)
                pair = rule.id, event.id

                assert pair not in triggers or answer.outcome == "found"
                assert pair not in due or answer.outcome in ("pending", "found")
                assert not case.untold.lacks(*pair) or answer.outcome in ("cannot tell", "found")
                if looks_at_one_event(rule):
                    assert (answer.outcome == "found") == (pair in triggers)
                    assert answer.outcome != "pending" or pair in due or rule.level == "none"
