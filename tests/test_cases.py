"""The five shipped cases: what a sound audit finds in them, and what it must not flag."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ethics_engine import Finding, Report, check, load_rules

CASES = Path(__file__).parents[1] / "fixtures" / "cases"
NAMES = sorted(path.name.removesuffix(".expected.json") for path in CASES.glob("*.expected.json"))
GRAVITY = {"none": 0, "notice": 1, "risk": 2, "violation": 3}


@cache
def case(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((CASES / f"{name}.expected.json").read_text(encoding="utf-8"))
    return data


@cache
def judged(name: str) -> Report:
    expected = case(name)
    return check(CASES / f"{name}.ndjson", load_rules(), as_of=expected["as_of"], timezone=expected["timezone"])


def rests_on(events: tuple[str, ...], event: str) -> bool:
    """Whether one of the events is this one, or belongs to it (`e4-b` belongs to `e4`)."""
    return any(each == event or each.startswith(f"{event}-") for each in events)


def open_findings(name: str) -> list[Finding]:
    return [finding for finding in judged(name).findings if finding.status == "open"]


def expectations(key: str) -> list[Any]:
    return [
        pytest.param(name, each, id=f"{name}: {each['what'][:60]}")
        for name in NAMES
        for each in case(name)[key]
        if each.get("must", True)
    ]


def test_the_five_cases_are_there() -> None:
    assert len(NAMES) == 5


@pytest.mark.parametrize("name", NAMES)
def test_every_line_of_a_case_is_accepted(name: str) -> None:
    account = judged(name).log
    assert (account.read, account.duplicate, account.rejected) == (account.accepted, 0, 0)


@pytest.mark.parametrize(("name", "expected"), expectations("expected"))
def test_what_a_sound_audit_finds_is_found(name: str, expected: dict[str, Any]) -> None:
    accepted = [finding for finding in open_findings(name) if finding.level in expected["accept_levels"]]
    met = [event for event in expected["on"] if any(rests_on(finding.events, event) for finding in accepted)]
    needed = 1 if len(expected["on"]) <= 4 else (len(expected["on"]) + 1) // 2
    assert len(met) >= needed


@pytest.mark.parametrize(("name", "spared"), expectations("must_not_flag"))
def test_what_must_not_be_flagged_is_not(name: str, spared: dict[str, Any]) -> None:
    flagged = [
        (finding.rule, finding.events[0])
        for finding in open_findings(name)
        if GRAVITY[finding.level] > GRAVITY[spared["max_level"]]
        and any(rests_on(finding.events[:1], event) for event in spared["on"])
    ]
    assert flagged == []


@pytest.mark.parametrize("name", [name for name in NAMES if "overall_max_level" in case(name)])
def test_a_sound_case_has_nothing_above_its_level(name: str) -> None:
    highest = GRAVITY[case(name)["overall_max_level"]]
    assert [finding.rule for finding in open_findings(name) if GRAVITY[finding.level] > highest] == []
