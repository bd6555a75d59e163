"""The JSON Schemas: editors complete the shipped rules by them, and broken ones are marked."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from ethics_engine import load_rules
from ethics_engine.rules.event_schema import events_schema
from ethics_engine.rules.schema import rules_schema

ROOT = Path(__file__).parents[1]
POLICIES = sorted(path for path in (ROOT / "rules").glob("*.yaml") if path.stem != "vocabulary")
FORMLESS = {"title": "A rule", "level": "risk", "message": "It happened."}
RULE = {**FORMLESS, "forbid": "contact.touch"}


@cache
def rules_validator() -> Draft202012Validator:
    schema = rules_schema(load_rules())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@cache
def events_validator() -> Draft202012Validator:
    schema = events_schema(load_rules())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def policy(**rule: Any) -> dict[str, Any]:
    return holding({**copy.deepcopy(RULE), **rule})


def holding(rule: dict[str, Any]) -> dict[str, Any]:
    return {"policy": "mine", "title": "Mine", "version": "1.0", "rules": {"mine.rule": rule}}


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_every_shipped_policy_is_valid(path: Path) -> None:
    tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert [error.message for error in rules_validator().iter_errors(tree)] == []


def test_a_plain_rule_is_valid() -> None:
    assert rules_validator().is_valid(policy())


@pytest.mark.parametrize(
    ("what", "broken"),
    [
        ("an unknown key", policy(withn="30d")),
        ("an unknown level", policy(level="grave")),
        ("an unknown event type", policy(forbid="contact.tuch")),
        ("an attribute that no type has", policy(forbid={"event": "contact.touch", "where": {"knd": "hug"}})),
        ("an attribute of another type", policy(forbid={"event": "contact.touch", "where": {"tone": "sexual"}})),
        ("a value outside an enumeration", policy(forbid={"event": "contact.touch", "where": {"kind": "kiss"}})),
        ("a wrong comparison", policy(forbid={"event": "contact.touch", "where": {"consent": {"lt": 1}}})),
        ("two forms", policy(limit="contact.touch", to=1, within="7d")),
        ("no form", holding(FORMLESS)),
        ("a duration without a unit", holding({**FORMLESS, "limit": "contact.touch", "to": 1, "within": 7})),
        ("no title of the policy", {"policy": "mine", "version": "1.0", "rules": {}}),
    ],
)
def test_a_broken_rule_is_marked(what: str, broken: dict[str, Any]) -> None:
    assert not rules_validator().is_valid(broken), what


def lines() -> list[dict[str, Any]]:
    files = sorted((ROOT / "fixtures" / "cases").glob("*.ndjson"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def test_every_event_of_the_cases_is_valid() -> None:
    assert [(each["id"], error.message) for each in lines() for error in events_validator().iter_errors(each)] == []


@pytest.mark.parametrize(
    "change",
    [{"consent": "yes"}, {"kind": "kiss"}, {"client": None}, {"knd": "hug"}, {"by": None}, {"type": "contact.tuch"}],
)
def test_a_broken_event_is_marked(change: dict[str, Any]) -> None:
    touch = next(each for each in lines() if each["type"] == "contact.touch")
    assert not events_validator().is_valid({**touch, **change})


def test_a_private_attribute_is_let_through() -> None:
    assert events_validator().is_valid({**lines()[0], "x_room": 7})
