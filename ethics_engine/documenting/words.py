"""A rule in sentences: selections, conditions and what stands around a rule. The forms are in `forms`.

The sentences are Markdown. They are made from the rule as written, so that a number is said with its parameter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ethics_engine.documenting.markdown import code, inline
from ethics_engine.located import Map, Seq, Text
from ethics_engine.messages import Span
from ethics_engine.rules.parameters import Parameter, names_in
from ethics_engine.scalars import parse_duration

_OPERATORS = {
    "eq": "is",
    "ne": "is other than",
    "lt": "is below",
    "le": "is at most",
    "gt": "is above",
    "ge": "is at least",
    "in": "is",
    "not_in": "is none of",
    "contains": "includes",
    "contains_all": "includes all of",
}
_PLAIN = re.compile(r"-?[A-Za-z0-9](?:[A-Za-z0-9 .:-]*[A-Za-z0-9])?")
_ORDINALS = {1: "first", 2: "second", 3: "third"}


class Words:
    """Says the parts of the rules of one policy.

    `linked` turns a rule id into a link to its page; a name that is no rule's stays as it is.
    """

    def __init__(self, policy: str, parameters: Mapping[str, Parameter], linked: Callable[[str], str]) -> None:
        self.policy = policy
        self.parameters = parameters
        self.linked = linked

    def parameter(self, name: str) -> Parameter:
        """The parameter that a rule of the policy calls by this name."""
        return self.parameters[name if "." in name else f"{self.policy}.{name}"]

    def value(self, node: Any, say: Callable[[str], str] = lambda text: word(text)) -> str:
        """A value as text; one that a parameter sets, with the parameter's name."""
        found = names_in(node) if isinstance(node, Text) else []
        if not found:
            return self._plain(node, say)
        name = found[0][0]
        values = listed([self._plain(entry.value, say) for entry in self.parameter(name).entries], "then")
        return f"{values} ({code(name)})"

    def _plain(self, node: Any, say: Callable[[str], str]) -> str:
        return listed([say(str(item)) for item in node], "or") if isinstance(node, Seq) else say(str(node))

    def duration(self, node: Any) -> str:
        """A length of time: `30 days`, `2 years`, `30 days` with the parameter that sets it."""
        return self.value(node, length)

    def selections(self, node: Any, trigger: bool = False) -> str:
        """The events of a selection, in any of its spellings; `trigger`: they are what is judged."""
        parts = [self.selection(item, trigger) for item in (node if isinstance(node, Seq) else [node])]
        return "; or ".join(parts) if any(" where " in part for part in parts) else listed(parts, "or")

    def selection(self, node: Any, trigger: bool = False) -> str:
        """The events of one selection."""
        if isinstance(node, Text):
            return _event(node)
        event, same = node["event"], node.get("same")
        names = listed([_event(item) for item in (event if isinstance(event, Seq) else [event])], "or")
        where: Map = node.get("where") or Map()
        if event == "finding" and "status" not in where:
            names = "open " + names
        said = ("" if trigger else self._same(same)) + (f" where {self.condition(where)}" if where else "")
        if "nth" in node:
            number = self.value(node["nth"])
            ordinal = _ORDINALS.get(int(number), f"{number}th") if number.isdigit() else f"one numbered {number}"
            apart = f" for each {listed(map(code, same), 'and')}" if same else ""
            said += f" (only the {ordinal}{apart})"
        return names + said

    def _same(self, node: Any) -> str:
        if node is None:
            return ""
        pairs = {item: item for item in node} if isinstance(node, Seq) else dict(node)
        equal = [code(theirs) for theirs, mine in pairs.items() if theirs == mine]
        other = [
            f"its {code(theirs)} is the judged event's {code(mine)}" for theirs, mine in pairs.items() if theirs != mine
        ]
        said = f" with the same {listed(equal, 'and')}" if equal else ""
        return said + (f" ({listed(other, 'and')})" if other else "")

    def condition(self, where: Mapping[str, Any]) -> str:
        """A condition: every test of it must hold."""
        if list(where) == ["any"]:
            return self._any(where["any"])
        return listed([self._entry(key, node) for key, node in where.items()], "and")

    def _any(self, node: Any) -> str:
        return " or ".join(self.condition(item) for item in node)

    def _entry(self, key: str, node: Any) -> str:
        if key == "any":
            return f"({self._any(node)})"
        if key == "not":
            return f"not ({self.condition(node)})"
        if not isinstance(node, Map):
            return f"{code(key)} is {self._operand(key, node)}"
        return (
            f"{code(key)} {listed([self._test(key, operator, operand) for operator, operand in node.items()], 'and')}"
        )

    def _test(self, key: str, operator: str, operand: Any) -> str:
        if operator == "missing":
            return "is not recorded" if operand == "true" else "is recorded"
        return f"{_OPERATORS[operator]} {self._operand(key, operand)}"

    def _operand(self, key: str, node: Any) -> str:
        return self.value(node, self.linked if key == "rule" else word)

    def terms(self, node: Map, unit: str = "") -> str:
        """A value from the terms in force."""
        said = f"the {code(node['attribute'])}{unit} of the latest {self.selections(node['of'])}{self.scaled(node)}"
        return said + (f" ({self.value(node['default'])} where it does not say)" if "default" in node else "")

    def scaled(self, node: Map) -> str:
        """The factor and the offset of a reference."""
        said = f" times {self.value(node['factor'])}" if "factor" in node else ""
        if "offset" in node:
            offset = self.value(node["offset"])
            said += f" minus {offset[1:]}" if offset.startswith("-") else f" plus {offset}"
        return said

    def circumstances(self, rule: Map) -> list[str]:
        """When a rule looks at all: its side tests, a sentence each."""
        said = []
        if "during" in rule and "every" not in rule:
            said.append(f"Only while the state {code(rule['during'])} is open.")
        if "not_during" in rule:
            states = listed([code(name) for name in _several(rule["not_during"])], "or")
            said.append(f"Not while the state {states} is open.")
        for clause in _several(rule.get("since", [])):
            said.append(self._since(clause))
        if "effective" in rule:
            bounds = {"from": "from", "until": "before"}
            dates = [
                f"{word} {inline(rule['effective'][key])}" for key, word in bounds.items() if key in rule["effective"]
            ]
            said.append(f"Only for events dated {' and '.join(dates)}.")
        return said

    def _since(self, clause: Map) -> str:
        ever = clause["within"] == "ever"
        span = "" if ever else f" no longer than {self.duration(clause['within'])} ago"
        if "state" in clause:
            return f"Only after the state {code(clause['state'])} has ended,{span or ' however long ago'}."
        return f"Only after {self.selection(clause)},{span or ' however long ago'}."

    def exceptions(self, rule: Map) -> list[str]:
        """What keeps the rule from finding, and what excuses what it finds, a sentence each."""
        said = []
        for one in _several(rule.get("unless", [])):
            if "event" in one and "within" in one:
                span = "at any time" if one["within"] == "ever" else f"within {self.duration(one['within'])}"
                said.append(f"No finding where, {span} before, there is {self.selection(one)}.")
            else:
                said.append(f"No finding where {self.condition(one)}.")
        if "waived_by" in rule:
            said.append(f"The duty ends, without a finding, with {self.selections(rule['waived_by'])}.")
        for one in _several(rule.get("excused_by", [])):
            span = (
                "at any time" if one["within"] == "ever" else f"within {self.duration(one['within'])} before or after"
            )
            said.append(f"Excused, and kept on record as excused, by {self.selection(one)}, {span}.")
        if rule.get("absolute") == "true":
            said.append("Absolute: nothing excuses it, and no waiver can be granted.")
        return said

    def state(self, node: Map) -> str:
        """What opens and what closes a state."""
        said = f"opens with {self.selections(node['opened_by'])}"
        if "closed_by" in node:
            said += f"; closes with {self.selections(node['closed_by'])}"
        if "lapses_after" in node:
            said += f"; lapses {self.duration(node['lapses_after'])} after the latest event that opens it"
        if "lapses_at" in node:
            said += f"; lapses at the time in {code(node['lapses_at'])}"
        return said + (". Kept for each practitioner." if node.get("per") == "practitioner" else ".")


def length(text: str) -> str:
    """A length of time in words; text that is none, as it is."""
    if text.endswith("y") and text[:-1].isdigit():
        return "1 year" if text == "1y" else f"{text[:-1]} years"
    try:
        return Span(parse_duration(text)).words()
    except ValueError:
        return inline(text)


def word(text: str) -> str:
    """A value as it is; in code letters where Markdown could read something into it."""
    return text if _PLAIN.fullmatch(text) else code(text)


def listed(parts: Iterable[str], last: str) -> str:
    """`a`, `a or b`, `a, b or c`."""
    parts = list(parts)
    return "".join(parts) if len(parts) < 2 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def _event(name: str) -> str:
    return "an event of any type" if name == "*" else code(name)


def _several(node: Any) -> list[Any]:
    return list(node) if isinstance(node, Seq | list) else [node]
