"""What `explain` names as a finding's basis, given alone as a log, gives the same finding: for every fixture."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from ethics_engine import Finding, RuleSet, load_rules
from ethics_engine.amendments import apply
from ethics_engine.api import inquire
from ethics_engine.engines.live import LiveEvaluator
from ethics_engine.explaining import Explanation, Inquiry
from ethics_engine.explaining.finding import Telling
from ethics_engine.logs import read_log
from ethics_engine.ruletests import reading, running

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "fixtures"
POLICIES = sorted(path.stem for path in (FIXTURES / "rules").glob("*.yaml"))
CASES = sorted(path.name.removesuffix(".expected.json") for path in (FIXTURES / "cases").glob("*.expected.json"))
YEARS = sorted(path.stem for path in (FIXTURES / "years").glob("*.ndjson"))

BY_ABSENCE = {
    "intimacy.former-partner-as-client-again": "an exception reads a finding that the earlier sessions keep away",
}
"""Rules whose findings rest on events that keep another finding away: those are added, not named by a step."""


@cache
def rules() -> RuleSet:
    return load_rules(ROOT / "rules")


@cache
def runner() -> running.Runner:
    return running.Runner(rules(), [ROOT / "rules"])


@cache
def rule_tests() -> list[reading.RuleTest]:
    return reading.read_tests(reading.test_files([FIXTURES / "rules"]), rules())


_EVALUATORS: dict[tuple[int, str, str | None], LiveEvaluator] = {}


def evaluator(test: reading.RuleTest) -> LiveEvaluator:
    """The evaluator of a test's profile, parameters, zone and currency, made once for each."""
    found, model = runner().rule_set(test), test.model
    key = id(found), model.timezone, model.currency
    if key not in _EVALUATORS:
        _EVALUATORS[key] = LiveEvaluator(found.plan(model.timezone, model.currency), "python")
    return _EVALUATORS[key]


@cache
def inquiries(policy: str) -> list[tuple[Inquiry, list[Finding]]]:
    """Each rule test of a policy that expects findings, judged, with the findings of its rule."""
    made = []
    for test in rule_tests():
        if test.file.stem == policy and test.model.expect:
            asked = Inquiry(evaluator(test), test.events, test.as_of)
            found = [one for one in asked.findings().values() if test.model.rule in (None, one.rule)]
            made.append((asked, [one for one in found if one.level != "none"]))
    return made


def reproduced(asked: Inquiry, explanation: Explanation) -> bool:
    """Whether the basis, given alone as a log and judged as of the same instant, gives the finding again."""
    finding = explanation.finding
    alone = [event for event in asked.read[finding.practitioner] if event.id in explanation.basis]
    events, _ = apply(alone, asked.plan.vocabulary, asked.as_of)
    again = {one.id: one for one in asked.evaluator.judge(events, asked.as_of).findings}
    return finding.id in again and again[finding.id].status == finding.status


def unexplained(asked: Inquiry, findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """The findings whose basis does not hold them up, or was not named by the steps."""
    telling = Telling(asked)
    faults = []
    for finding in findings:
        explanation = telling.told(finding)
        if not set(finding.events) <= set(explanation.basis):
            faults.append((finding.rule, "its evidence is not in its basis"))
        if not reproduced(asked, explanation):
            faults.append((finding.rule, "its basis does not give it"))
        if explanation.filled_up and finding.rule not in BY_ABSENCE:
            faults.append((finding.rule, "its steps do not name its basis"))
    return faults


@pytest.mark.parametrize("policy", POLICIES)
def test_the_basis_of_each_finding_of_the_rule_tests_gives_it_again(policy: str) -> None:
    faults = {fault for asked, findings in inquiries(policy) for fault in unexplained(asked, findings)}

    assert faults == set()


@pytest.mark.parametrize("name", CASES)
def test_the_basis_of_each_finding_of_the_cases_gives_it_again(name: str) -> None:
    expected = json.loads((FIXTURES / "cases" / f"{name}.expected.json").read_text(encoding="utf-8"))
    log = read_log(FIXTURES / "cases" / f"{name}.ndjson", rules().vocabulary)
    asked = inquire(log, rules(), as_of=expected["as_of"], timezone=expected["timezone"], matcher="python")

    assert unexplained(asked, [one for one in asked.findings().values() if one.level != "none"]) == []


@pytest.mark.parametrize("name", YEARS)
def test_the_basis_of_each_finding_of_the_years_gives_it_again(name: str) -> None:
    log = read_log(FIXTURES / "years" / f"{name}.ndjson", rules().vocabulary)
    asked = inquire(log, rules(), timezone="Europe/Berlin", currency="EUR", matcher="python")

    assert unexplained(asked, [one for one in asked.findings().values() if one.level != "none"]) == []


def test_the_property_speaks_of_many_findings() -> None:
    assert sum(len(findings) for policy in POLICIES for _, findings in inquiries(policy)) > 1000
