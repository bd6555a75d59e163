"""Coverage and mutation: how strong the tests of rules are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ethics_engine import load_rules
from ethics_engine.cli import main
from ethics_engine.located import Lines, Map, parse_yaml
from ethics_engine.ruletests.mutants import mutants

POLICY = """
policy: mine
title: Mine
version: "1.0"
rules:
  mine.touch:
    title: Touch
    level: risk
    limit: {event: contact.touch, where: {by: practitioner}}
    to: 1
    within: 7d
    message: "It happened."
"""
STRONG = """
tests:
  - name: twice within exactly seven days
    rule: mine.touch
    events:
      - {at: "+0d 10:00", type: contact.touch, kind: hug, by: practitioner}
      - {at: "+7d 10:00", type: contact.touch, kind: hug, by: practitioner}
    expect: [{rule: mine.touch, level: risk, trigger: e2}]
  - name: a second later
    rule: mine.touch
    events:
      - {at: "+0d 10:00", type: contact.touch, kind: hug, by: practitioner}
      - {at: "+7d 10:00:01", type: contact.touch, kind: hug, by: practitioner}
    expect: []
  - name: by the client
    rule: mine.touch
    events:
      - {at: "+0d 10:00", type: contact.touch, kind: hug, by: practitioner}
      - {at: "+1d 10:00", type: contact.touch, kind: hug, by: client}
    expect: []
"""


def rule(text: str) -> Map:
    node = parse_yaml(text, "rule.yaml", Lines())
    return node


def changes(text: str) -> set[str]:
    return {mutant.change for mutant in mutants(rule("title: A\nlevel: risk\nmessage: m\n" + text))}


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("forbid: contact.touch", "level risk to notice"),
        ("forbid: {event: contact.touch, where: {by: client}}", "condition on `by` dropped"),
        ("forbid: {event: contact.touch, where: {by: client}}", "condition on `by` negated"),
        ("forbid: {event: session.held, where: {minutes: {ge: 60}}}", "`minutes` ge 60 to gt"),
        ("forbid: {event: session.held, where: {minutes: {ge: 60}}}", "`minutes` 60 to 59"),
        ("forbid: {event: contact.touch, where: {kind: [hug, hold]}}", "`kind` without hold"),
        ("forbid: {event: contact.touch, where: {any: [{by: client}, {by: other}]}}", "alternative 2 of `any` dropped"),
        ("forbid: {event: contact.touch, where: {not: {by: client}}}", "condition on `not` dropped"),
        ("limit: contact.touch\nto: 2\nwithin: 7d", "`to` 2 to 3"),
        ("limit: contact.touch\nto: 2\nwithin: 7d", "`within` 7d a second shorter"),
        ("forbid: {event: contact.touch, nth: 2}", "`nth` 2 to 1"),
        ("forbid: contact.touch\nunless: {by: client}", "`unless` removed"),
        ("forbid: contact.touch\nduring: therapy", "`during` removed"),
        ("forbid: contact.touch\nexcused_by: {event: incident.documented, within: 7d}", "`excused_by` removed"),
        ("require: a\nafter: b\nwithin: 7d\nwaived_by: c", "`waived_by` removed"),
        ("forbid: [contact.touch, contact.social]", "`forbid` without `contact.social`"),
        ("expect: a\nas: b\nmatch: {minutes: {le: session_minutes}}", "matched `minutes` le to lt"),
        ("expect: a\nas: b\nmatch: {fee: {eq: fee, tolerance: 0.01}}", "`tolerance` 0.01 to 0.02"),
    ],
)
def test_each_kind_of_wrong_is_done(text: str, change: str) -> None:
    assert change in changes(text)


def test_a_mutant_leaves_the_rule_itself_alone() -> None:
    node = rule("title: A\nlevel: risk\nmessage: m\nlimit: contact.touch\nto: 2\nwithin: 7d")
    before = json.dumps(node)
    assert len([mutant for mutant in mutants(node) if json.dumps(mutant.node) == before]) == 0
    assert json.dumps(node) == before


def run(folder: Path, tests: str, *options: str) -> tuple[int, str]:
    (folder / "rules").mkdir()
    (folder / "rules" / "mine.yaml").write_text(POLICY, encoding="utf-8")
    (folder / "fixtures" / "rules").mkdir(parents=True)
    (folder / "fixtures" / "rules" / "mine.yaml").write_text(tests, encoding="utf-8")
    result = CliRunner().invoke(main, ["rules", "test", str(folder / "rules"), *options])
    return result.exit_code, result.stdout


def test_strong_tests_cover_the_rule_and_notice_every_mutant(tmp_path: Path) -> None:
    code, text = run(tmp_path, STRONG, "--coverage", "--mutate", "--fail-under", "100")
    assert code == 0
    assert text.splitlines()[-3:] == [
        "100.0 % of 7 mutants noticed",
        "100.0 % of 1 rules covered",
        "3 passed, 0 failed",
    ]


def test_weak_tests_leave_survivors_that_are_listed(tmp_path: Path) -> None:
    weak = STRONG[: STRONG.index("  - name: a second later")]
    code, text = run(tmp_path, weak, "--mutate")
    assert code == 0
    assert "not noticed by any test: mine.touch: `within` 7d a second longer" in text


def test_coverage_under_the_wanted_one_fails(tmp_path: Path) -> None:
    only_fires = STRONG[: STRONG.index("  - name: a second later")]
    code, text = run(tmp_path, only_fires, "--fail-under", "100")
    assert (code, "not covered" in text) == (1, True)


def test_a_failing_test_is_shown_with_its_place_and_difference(tmp_path: Path) -> None:
    code, text = run(tmp_path, STRONG.replace("trigger: e2", "trigger: e1"))
    assert code == 1
    assert "failed: twice within exactly seven days" in text
    assert "missing finding: rule mine.touch, level risk, trigger e1" in text
    assert "unexpected finding: rule mine.touch" in text


def test_results_as_json_hold_coverage_and_survivors(tmp_path: Path) -> None:
    _, text = run(tmp_path, STRONG, "--coverage", "--mutate", "--format", "json")
    data = json.loads(text)
    assert (data["passed"], data["failed"]) == (3, 0)
    counts = {"fired": 1, "clear": 2, "excused": 0, "waived": 0, "untold": 0, "pending": 0}
    assert data["coverage"]["rules"][0] == {"rule": "mine.touch", "covered": True, **counts}
    assert data["mutation"] == {"mutants": 7, "percent": 100.0, "survivors": []}


def test_results_as_junit_hold_the_failure(tmp_path: Path) -> None:
    from xml.etree import ElementTree

    _, text = run(tmp_path, STRONG.replace("trigger: e2", "trigger: e1"), "--format", "junit")
    root = ElementTree.fromstring(text)
    assert (root.get("tests"), root.get("failures")) == ("3", "1")
    assert root.find(".//failure") is not None


def test_every_shipped_rule_is_covered() -> None:
    result = CliRunner().invoke(main, ["rules", "test", "--fail-under", "100", "--format", "json"])
    coverage = json.loads(result.stdout)["coverage"]
    assert [each["rule"] for each in coverage["rules"] if not each["covered"]] == []
    assert len(coverage["rules"]) == len(load_rules().plan().rules)
