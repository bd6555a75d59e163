"""The reference rules in Drools, as a peer: `python benchmarks/reference/in_drools.py LOG.ndjson [RULES]`.

Drools is reached by `drools_jpy` (Java 17 or later), in the language of conditions that its engine takes: each trigger
is an event that every rule may match and that is then gone. Windows and absences are counted in plain Python
(`features.py`). Prints the findings as `in_polars.py` does. It trusts its log.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from copies import ALWAYS, Copy, copies
from features import facts, seconds
from findings import Finding, main
from lines import microseconds, read

if "JAVA_HOME" not in os.environ and (java := shutil.which("java")):
    os.environ["JAVA_HOME"] = str(Path(java).resolve().parent.parent)  # where `drools_jpy` looks for Java

from drools.rule import Rule
from drools.ruleset import Ruleset

KINDS = {bool: "Boolean", int: "Integer", float: "Float", str: "String"}


def compared(operator: str, name: str, value: Any) -> dict[str, Any]:
    """A test of a field against a constant."""
    return {f"{operator}Expression": {"lhs": {"Event": name}, "rhs": {KINDS[type(value)]: value}}}


def joined(operator: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Tests under `And` or `Or`, two by two."""
    whole = parts[0]
    for part in parts[1:]:
        whole = {f"{operator}Expression": {"lhs": whole, "rhs": part}}
    return whole


def condition(form: int, copy: Copy) -> dict[str, Any]:
    """The test of one rule on an event."""
    event_type, tests = {
        1: ("contact.touch", [joined("Or", [compared("Equals", name, False) for name in ("framework", "consent")])]),
        2: ("contact.social", [compared("Equals", "with", "client")]),
        3: (
            "session.moved",
            [
                compared("Equals", "by", "practitioner"),
                compared("GreaterThan", f"moves{copy.window.days}", 2),
            ],
        ),
        4: ("session.held", [compared("Equals", "agreed", False)]),
        5: (
            "invoice.issued",
            [
                {"IsDefinedExpression": {"Event": "fee"}},
                {"NotEqualsExpression": {"lhs": {"Event": "amount"}, "rhs": {"Event": "fee"}}},
            ],
        ),
        6: ("invoice.issued", [compared("Equals", f"unpaid{copy.window.days}", True)]),
    }[form]
    if copy.start != ALWAYS:
        tests.append(compared("GreaterThanOrEqualTo", "at", seconds(microseconds(copy.start))))
    return {"AllCondition": [joined("And", [compared("Equals", "type", event_type), *tests])]}


def findings(path: str, rules: int = 6) -> Iterator[Finding]:
    """The findings of a log, in no order."""
    log, written = read(path), copies(rules)
    named = [(copy.rule, condition(form, copy)) for form, each in written.items() for copy in each]
    definition = {
        "name": "reference",
        "match_multiple_rules": True,
        "rules": [
            {"Rule": {"name": name, "condition": test, "actions": [{"Action": {"action": "none", "action_args": {}}}]}}
            for name, test in named
        ],
    }
    ruleset = Ruleset(name="reference", serialized_ruleset=json.dumps(definition))
    fired: list[str] = []
    for name, _ in named:
        ruleset.add_rule(Rule(name, lambda _, name=name: fired.append(name)))
    for practitioner, events in log.practitioners.items():
        for event, fact in facts(events, written, log.last):
            ruleset.assert_event(json.dumps({"type": event.type, **fact}))
            for rule in fired:
                yield rule, practitioner, event.client, event.id
            fired.clear()
    ruleset.end_session()


if __name__ == "__main__":
    main(findings)
