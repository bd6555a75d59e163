"""Lint: what is doubtful about rules that load."""

from __future__ import annotations

from pathlib import Path

import pytest

from ethics_engine import RuleSet, load_rules
from ethics_engine.rules.lint import lint

SOUND = """
policy: mine
title: Mine
version: "1.0"
parameters:
  often: {value: 2, why: "once may happen", source: default}
rules:
  mine.touch:
    title: Touch
    level: risk
    limit: {event: contact.touch, where: {by: practitioner}}
    to: ${often}
    within: 30d
    message: "It happened {count} times."
    remedy: Talk about it.
    cites: [seed:S41]
"""


def loaded(folder: Path, text: str) -> RuleSet:
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    return load_rules(folder)


def codes(rules: RuleSet, *tested: str) -> list[str]:
    return [warning.code for warning in lint(rules, tested)]


def rule(name: str, form: str, level: str = "risk", rest: str = "") -> str:
    lines = [
        f"  mine.{name}:",
        "    title: A rule",
        f"    level: {level}",
        *(f"    {line}" for line in form.splitlines()),
    ]
    lines += [
        '    message: "It happened."',
        "    remedy: Talk about it.",
        "    cites: [seed:S41]",
        *([rest] if rest else []),
    ]
    return "\n".join(lines) + "\n"


def test_a_sound_rule_has_no_warning(tmp_path: Path) -> None:
    assert codes(loaded(tmp_path, SOUND), "mine.touch") == []


@pytest.mark.parametrize("clause", ["apa 3.04", "'seed:'", "':S41'"])
def test_a_clause_names_its_code_and_its_number(clause: str, tmp_path: Path) -> None:
    assert codes(loaded(tmp_path, SOUND.replace("seed:S41", clause)), "mine.touch") == ["clause"]


def test_a_rule_that_no_profile_can_find_is_told_of(tmp_path: Path) -> None:
    assert codes(loaded(tmp_path, SOUND.replace("mine.touch:", "my.touch:")), "my.touch") == ["rule-id"]


def test_the_shipped_rules_have_no_warning() -> None:
    rules = load_rules()
    assert [warning.render() for warning in lint(rules, [source.id for source in rules.sources])] == []


def test_a_warning_has_the_place_of_its_rule(tmp_path: Path) -> None:
    [warning] = lint(loaded(tmp_path, SOUND.replace("    remedy: Talk about it.\n", "")))
    assert (warning.code, warning.line, warning.column) == ("no-remedy", 8, 3)


@pytest.mark.parametrize(
    ("code", "form"),
    [
        ("never-fires", "limit: contact.touch\nto: 6\nwithin: 7d\nof: {distinct: kind}"),
        ("never-fires", "limit: session.moved\nto: 1\nwithin: 7d\nof: {share_of: session.moved, least: 4}"),
        (
            "never-fires",
            "require: supervision.attended\neach: month\nat_least: {count: 0}\nif: session.held\nper: practitioner",
        ),
        ("never-fires", "forbid: contact.touch\nduring: therapy\nnot_during: therapy"),
        ("short-window", "limit: contact.touch\nto: 1\nwithin: 0s"),
        ("short-window", "sequence: [contact.touch, contact.social]\nwithin: 0s"),
    ],
)
def test_a_rule_that_can_never_fire_is_named(tmp_path: Path, code: str, form: str) -> None:
    rules = loaded(tmp_path, SOUND + rule("never", form))
    assert codes(rules, "mine.touch", "mine.never") == [code]


def test_a_copy_of_a_rule_is_named(tmp_path: Path) -> None:
    text = SOUND + rule("one", "forbid: contact.social") + rule("two", "forbid: {event: contact.social}")
    assert codes(loaded(tmp_path, text), "mine.touch", "mine.one", "mine.two") == ["copy"]


def test_a_rule_in_the_shadow_of_a_wider_one_is_named(tmp_path: Path) -> None:
    narrow = "forbid: {event: contact.social, where: {planned: true, by: practitioner}}"
    text = SOUND + rule("wide", "forbid: {event: contact.social, where: {planned: true}}") + rule("narrow", narrow)
    assert codes(loaded(tmp_path, text), "mine.touch", "mine.wide", "mine.narrow") == ["shadowed"]


def test_a_rule_of_another_level_is_in_no_shadow(tmp_path: Path) -> None:
    narrow = "forbid: {event: contact.social, where: {planned: true}}"
    text = SOUND + rule("wide", "forbid: contact.social") + rule("narrow", narrow, level="violation")
    assert codes(loaded(tmp_path, text), "mine.touch", "mine.wide", "mine.narrow") == []


def test_an_unused_parameter_is_named(tmp_path: Path) -> None:
    assert codes(loaded(tmp_path, SOUND.replace("${often}", "2")), "mine.touch") == ["unused-parameter"]


def test_a_parameter_without_a_reason_is_named(tmp_path: Path) -> None:
    text = SOUND.replace('{value: 2, why: "once may happen", source: default}', "2")
    assert codes(loaded(tmp_path, text), "mine.touch") == ["no-reason"]


@pytest.mark.parametrize(
    ("code", "line"), [("no-remedy", "    remedy: Talk about it.\n"), ("no-clause", "    cites: [seed:S41]\n")]
)
def test_what_readers_would_miss_is_named(tmp_path: Path, code: str, line: str) -> None:
    assert codes(loaded(tmp_path, SOUND.replace(line, "")), "mine.touch") == [code]


def test_a_rule_without_a_test_is_named(tmp_path: Path) -> None:
    assert codes(loaded(tmp_path, SOUND)) == ["no-test"]


def test_nothing_is_said_of_tests_where_none_were_read(tmp_path: Path) -> None:
    assert lint(loaded(tmp_path, SOUND), None) == []
