"""What a user of durable-rules would write by hand for the single-event conditions of the rules: the peer of a matcher.

Each condition of the plan becomes a rule of a ruleset of its event type, spelled in durable-rules' own operators, and
each event a fact in JSON. Its C module is used as it can be used safely: one fixed `sid`, assert the fact, run the
actions, retract the fact. Conditions that hold for every event of their type need no rule. Lists become a field for
each member.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ethics_engine.conditions import FALSE, TRUE, All, AnyOf, Condition, Not, Test, simplified
from ethics_engine.events import Event
from ethics_engine.plan import Plan

Written = dict[str, Any]
Numbered = dict[str, list[tuple[int, Condition]]]

MOST_RULES = 50  # of one ruleset; a fact may have 64 matches open
MOST_GATES = 14  # `$and` and `$or` of one rule; the 16th is an error
_COMPARED = {"lt": "$lt", "le": "$lte", "gt": "$gt", "ge": "$gte", "eq": "", "ne": "$neq"}
_OPPOSITE = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt", "eq": "ne", "ne": "eq"}
_FACT = '{"sid":1,"id":1}'


def numbered_conditions(plan: Plan) -> Numbered:
    """The conditions of a plan by event type, each with the number of its pick."""
    conditions: Numbered = {}
    for pick in plan.picks:
        for event_type, condition in pick.conditions.items():
            conditions.setdefault(event_type, []).append((pick.number, condition))
    return conditions


class ByHand:
    """Rulesets by event type; `left_out` counts conditions that are too large to be written as one rule."""

    def __init__(self, engine: Any, conditions: Numbered) -> None:
        self.engine = engine
        self.rules = self.left_out = 0
        self.handles: dict[str, list[int]] = {}
        for event_type, numbered in conditions.items():
            rules = self._rules(event_type, numbered)
            parts = [rules[start : start + MOST_RULES] for start in range(0, len(rules), MOST_RULES)]
            for number, part in enumerate(parts):
                definition = {f"r{index}": {"all": [{"m": rule}]} for index, rule in enumerate(part)}
                definition["ready"] = {"all": [{"m": {"ready": 1}}]}
                handle = engine.create_ruleset(f"{event_type} {number}", json.dumps(definition))
                self._fire(handle, '{"sid":1,"id":1,"ready":1}')
                self.handles.setdefault(event_type, []).append(handle)

    def _rules(self, event_type: str, numbered: Sequence[tuple[int, Condition]]) -> list[Written]:
        rules = []
        for condition in dict.fromkeys(simplified(condition) for _, condition in numbered):
            if condition in (TRUE, FALSE):
                continue
            rule = {"$and": [{"type": event_type}, written(condition)]}
            if _gates(rule) > MOST_GATES:
                self.left_out += 1
                continue
            rules.append(rule)
        self.rules += len(rules)
        return rules

    def feed(self, events: Iterable[Event]) -> int:
        """Feed events one by one; how many conditions held."""
        found = 0
        for event in events:
            handles = self.handles.get(event.type)
            if handles is None:
                continue
            text = fact(event.values)
            for handle in handles:
                found += self._fire(handle, text)
        return found

    def _fire(self, handle: int, text: str) -> int:
        engine = self.engine
        answer, state = engine.assert_fact(handle, text)
        if answer == 1:  # no rule matches
            return 0
        fired = set()
        _, message = engine.start_action_for_state(handle, state)
        while message is not None:
            fired.add(message[: message.index(":")])
            message = engine.complete_and_start_action(handle, state)
        engine.retract_fact(handle, _FACT)
        return len(fired)


def fact(values: Mapping[str, Any]) -> str:
    """An event's values as a fact."""
    told: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, tuple):
            told.update((f"{name} has {member}", True) for member in value)
        else:
            told[name] = value
    told["sid"] = told["id"] = 1
    return json.dumps(told)


def written(condition: Condition, holds: bool = True) -> Written:
    """A condition (or, without `holds`, its opposite) in durable-rules' operators."""
    match condition:
        case Test():
            return _written_test(condition, holds)
        case Not(item):
            return written(item, not holds)
        case All(items):
            return _gate("$and" if holds else "$or", [written(item, holds) for item in items])
        case AnyOf(items):
            return _gate("$or" if holds else "$and", [written(item, holds) for item in items])


def _written_test(test: Test, holds: bool) -> Written:
    name, constant = test.attribute, test.constant
    present, absent = {"$ex": {name: 1}}, {"$nex": {name: 1}}
    match test.operator:
        case "missing":
            return absent if constant is holds else present
        case "in" | "not_in":
            operator = "eq" if (test.operator == "in") is holds else "ne"
            each = [_compared(operator, name, one) for one in constant]
            whole = _gate("$or" if operator == "eq" else "$and", each)
        case "contains" | "contains_all":
            has = [{f"{name} has {one}": True} if holds else {"$nex": {f"{name} has {one}": 1}} for one in constant]
            return _gate("$or" if (test.operator == "contains") is holds else "$and", has)
        case operator:
            whole = _compared(operator if holds else _OPPOSITE[operator], name, constant)
    return whole if holds else _gate("$or", [absent, whole])


def _compared(operator: str, name: str, constant: Any) -> Written:
    return {_COMPARED[operator]: {name: constant}} if _COMPARED[operator] else {name: constant}


def _gate(operator: str, items: list[Written]) -> Written:
    return items[0] if len(items) == 1 else {operator: items}


def _gates(rule: Written) -> int:
    inner = [item for value in rule.values() if isinstance(value, list) for item in value]
    return sum(key in ("$and", "$or") for key in rule) + sum(map(_gates, inner))
