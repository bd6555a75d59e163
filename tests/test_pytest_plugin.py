"""The pytest plugin collects the same test files as `rules test`."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

POLICY = """
policy: mine
title: Mine
version: "1.0"
rules:
  mine.touch: {title: Touch, level: risk, forbid: contact.touch, message: "It happened."}
"""
TESTS = """
tests:
  - name: a touch is found
    rule: mine.touch
    events: [{at: "+0d 10:00", type: contact.touch, kind: hug, by: client}]
    expect: [{rule: mine.touch, level: %s}]
"""


def project(pytester: pytest.Pytester, tests: str, name: str = "mine") -> pytest.RunResult:
    pytester.makefile(".yaml", **{"rules/mine": POLICY, f"fixtures/rules/{name}": tests})
    pytester.makeini("[pytest]\naddopts = -p ethics_engine.ruletests.pytest_plugin\n")
    return pytester.runpytest_subprocess("fixtures/rules")


@pytest.fixture(autouse=True)
def folders(pytester: pytest.Pytester) -> None:
    pytester.mkdir("rules")
    (pytester.path / "fixtures" / "rules").mkdir(parents=True)


def test_a_rule_test_that_holds_passes(pytester: pytest.Pytester) -> None:
    project(pytester, TESTS % "risk").assert_outcomes(passed=1)


def test_a_rule_test_that_fails_shows_its_place_and_its_differences(pytester: pytest.Pytester) -> None:
    result = project(pytester, TESTS % "notice")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*mine.yaml:2:11: a touch is found*", "*missing finding: rule mine.touch, level notice*"]
    )


def test_a_misnamed_test_file_is_an_error_and_no_skip(pytester: pytest.Pytester) -> None:
    result = project(pytester, TESTS % "risk", name="minee")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*unknown policy `minee`*"])


def test_an_empty_test_file_is_an_error_and_no_skip(pytester: pytest.Pytester) -> None:
    project(pytester, "tests: []\n").assert_outcomes(errors=1)
