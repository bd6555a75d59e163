"""Profiles change what their codes change, and nothing else: periods, levels, numbers, clauses."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ethics_engine import RuleSet, check, load_rules
from ethics_engine.rules.loader import profile_names

PROFILES = ["seed-strict", "apa-2017", "aca-2014", "bacp-2018", "aamft-2015", "nasw-2021", "ukcp-2019"]
CODES = PROFILES[1:]


@cache
def rules(profile: str) -> RuleSet:
    return load_rules(profile=profile)


def levels(profile: str, log: list[dict[str, Any]], policy: str, as_of: str | None = None) -> list[str]:
    """The levels of the findings of one policy, in order."""
    events = [{"practitioner": "p1", "id": f"e{number}", **event} for number, event in enumerate(log)]
    report = check(events, rules(profile), as_of=as_of)
    assert report.rejected == ()
    return [finding.level for finding in report.findings if finding.policy == policy]


def after_therapy(years: int) -> list[dict[str, Any]]:
    return [
        {"at": "2015-02-02T10:00:00Z", "type": "session.held", "client": "c1", "minutes": 50},
        {
            "at": "2015-03-02T10:00:00Z",
            "type": "therapy.ended",
            "client": "c1",
            "by": "client",
            "closing_session": True,
        },
        {
            "at": f"{2015 + years}-03-02T09:00:00Z",
            "type": "contact.sexual",
            "client": "c1",
            "by": "practitioner",
            "kind": "contact",
            "with": "former_client",
        },
    ]


def test_the_seven_profiles_ship() -> None:
    assert profile_names() == sorted(PROFILES)


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("seed-strict", ["violation", "violation", "violation"]),
        ("apa-2017", ["violation", "risk", "risk"]),
        ("aca-2014", ["violation", "violation", "risk"]),
        ("bacp-2018", ["risk", "risk", "risk"]),
        ("aamft-2015", ["violation", "violation", "violation"]),
        ("nasw-2021", ["violation", "violation", "violation"]),
        ("ukcp-2019", ["risk", "risk", "risk"]),
    ],
)
def test_sexual_contact_one_three_and_six_years_after_therapy(profile: str, expected: list[str]) -> None:
    assert [levels(profile, after_therapy(years), "intimacy") for years in (1, 3, 6)] == [[each] for each in expected]


@pytest.mark.parametrize(("profile", "within", "after"), [("apa-2017", 2, 3), ("aca-2014", 5, 6)])
def test_the_period_ends_on_its_own_day(profile: str, within: int, after: int) -> None:
    last_day, next_day = after_therapy(within), after_therapy(within)
    next_day[2]["at"] = f"{2015 + within}-03-03T09:00:00Z"
    assert (levels(profile, last_day, "intimacy"), levels(profile, next_day, "intimacy")) == (["violation"], ["risk"])
    assert levels(profile, after_therapy(after), "intimacy") == ["risk"]


def social(weighed: bool) -> list[dict[str, Any]]:
    log: list[dict[str, Any]] = [
        {"at": "2026-01-05T10:00:00Z", "type": "session.held", "client": "c1", "minutes": 50},
        {
            "at": "2026-01-20T19:00:00Z",
            "type": "contact.social",
            "client": "c1",
            "by": "practitioner",
            "planned": True,
            "kind": "meal",
            "documented": weighed,
        },
    ]
    if weighed:
        log.append({"at": "2026-01-12T10:00:00Z", "type": "consultation.held", "client": "c1", "with": "supervisor"})
    return log


@pytest.mark.parametrize("profile", PROFILES)
def test_planned_social_contact_that_was_not_weighed_is_a_violation_everywhere(profile: str) -> None:
    assert levels(profile, social(weighed=False), "contact") == ["violation"]


@pytest.mark.parametrize(
    ("profile", "expected"),
    [("seed-strict", "violation"), ("aca-2014", "notice"), *((name, "risk") for name in CODES if name != "aca-2014")],
)
def test_planned_social_contact_weighed_beforehand_follows_the_code(profile: str, expected: str) -> None:
    assert levels(profile, social(weighed=True), "contact") == [expected]


@pytest.mark.parametrize(
    ("profile", "needed"),
    [("seed-strict", 90), ("bacp-2018", 90), *((name, 0) for name in CODES if name != "bacp-2018")],
)
def test_supervision_minutes_each_month_follow_the_code(profile: str, needed: int) -> None:
    def found(minutes: int) -> bool:
        log = [
            {"at": "2026-01-05T10:00:00Z", "type": "session.held", "client": "c1", "minutes": 50},
            {"at": "2026-01-15T10:00:00Z", "type": "supervision.attended", "minutes": minutes},
        ]
        events = [{"practitioner": "p1", "id": f"e{number}", **event} for number, event in enumerate(log)]
        report = check(events, rules(profile), as_of="2026-02-01T00:00:00Z")
        return any(finding.rule == "practitioner.supervision" for finding in report.findings)

    assert (found(90), found(89)) == (False, needed == 90)


@pytest.mark.parametrize("profile", CODES)
def test_a_code_shows_its_own_clauses_and_the_sources_statement(profile: str) -> None:
    cited = {clause.split(":")[0] for rule in rules(profile).plan().rules.values() for clause in rule.cites}
    assert cited <= {"seed", profile}
    assert profile in cited


@pytest.mark.parametrize("profile", PROFILES)
def test_every_override_of_a_profile_is_listed_with_its_default(profile: str) -> None:
    overrides = rules(profile).in_use().overrides
    assert (len(overrides) > 0) == (profile != "seed-strict")
    assert all(each.source == f"profile {profile}" and each.default != each.value for each in overrides)


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[1] / "rules" / "profiles").glob("*.yaml")), ids=lambda path: path.stem
)
def test_a_profile_names_only_rules_and_parameters_that_ship(path: Path) -> None:
    import yaml

    shipped = rules("seed-strict")
    known = {source.id for source in shipped.sources}
    profile = yaml.safe_load(path.read_text(encoding="utf-8"))
    named = [*(profile.get("levels") or {}), *(profile.get("disabled") or []), *(profile.get("clauses") or {})]
    assert [name for name in named if name not in known] == []
    assert [name for name in profile.get("parameters") or {} if name not in shipped.parameters] == []


def test_no_clause_is_shipped_without_its_code() -> None:
    known = {"seed", "efpa-2005", "hcpc-2024", "crpo", *CODES}
    cited = {clause for rule in rules("seed-strict").plan().rules.values() for clause in rule.cites}
    assert {clause for clause in cited if clause.split(":")[0] not in known} == set()
