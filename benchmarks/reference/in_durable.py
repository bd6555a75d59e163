"""The reference rules in durable-rules, as a peer: `python benchmarks/reference/in_durable.py LOG.ndjson [RULES]`.

Its C module is used as it can be used safely: one ruleset for each event type (and each fifty rules), one fixed `sid`,
assert the fact, run the actions, retract the fact; never its `Host`, `post`, or timers. Windows and absences are
counted in plain Python (`features.py`). Prints the findings as `in_polars.py` does. It trusts its log.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import durable_rules_engine as engine
import orjson
from copies import ALWAYS, Copy, copies
from features import facts, seconds
from findings import Finding, main
from lines import microseconds, read

MOST_RULES = 50  # of one ruleset; a fact may have 64 matches open
NOT_HANDLED = 1  # the engine's answer to a fact that no rule matches
FACT = '{"sid":1,"id":1}'
TYPES = {
    1: "contact.touch",
    2: "contact.social",
    3: "session.moved",
    4: "session.held",
    5: "invoice.issued",
    6: "invoice.issued",
}


def condition(form: int, copy: Copy) -> dict[str, Any]:
    """The test of one rule on a fact, in durable-rules' own operators."""
    tests: list[dict[str, Any]] = {
        1: [{"$or": [{"framework": False}, {"consent": False}]}],
        2: [{"with": "client"}],
        3: [{"by": "practitioner"}, {"$gt": {f"moves{copy.window.days}": 2}}],
        4: [{"agreed": False}],
        5: [{"$ex": {"fee": 1}}, {"$neq": {"amount": {"$m": "fee"}}}],
        6: [{f"unpaid{copy.window.days}": True}],
    }[form]
    if copy.start != ALWAYS:
        tests.append({"$gte": {"at": seconds(microseconds(copy.start))}})
    return tests[0] if len(tests) == 1 else {"$and": tests}


def rulesets(rules: dict[int, list[Copy]]) -> dict[str, list[int]]:
    """Handles of the rulesets, by event type."""
    conditions: dict[str, dict[str, dict[str, Any]]] = {}
    for form, each in rules.items():
        for copy in each:
            conditions.setdefault(TYPES[form], {})[copy.rule] = condition(form, copy)
    handles: dict[str, list[int]] = {}
    for event_type, named in conditions.items():
        entries = list(named.items())
        for start in range(0, len(entries), MOST_RULES):
            definition = {name: {"all": [{"m": test}]} for name, test in entries[start : start + MOST_RULES]}
            definition["ready"] = {"all": [{"m": {"ready": 1}}]}
            handle = engine.create_ruleset(f"{event_type} {start}", json.dumps(definition))
            fired(handle, '{"sid":1,"id":1,"ready":1}')  # a context that never ran an action cannot be freed
            handles.setdefault(event_type, []).append(handle)
    return handles


def fired(handle: int, fact: str) -> set[str]:
    """The rules that match a fact; one with two alternatives that both hold fires twice."""
    answer, state = engine.assert_fact(handle, fact)
    if answer == NOT_HANDLED:
        return set()
    if answer != 0:
        raise RuntimeError(f"durable-rules answered {answer} to {fact}")
    names = set()
    _, message = engine.start_action_for_state(handle, state)
    while message is not None:
        names.add(message[2 : message.index('"', 2)])  # {"reference.r1":{"m":{...}}}
        message = engine.complete_and_start_action(handle, state)
    engine.retract_fact(handle, FACT)
    return names


def findings(path: str, rules: int = 6) -> Iterator[Finding]:
    """The findings of a log, in no order."""
    log, written = read(path), copies(rules)
    handles = rulesets(written)
    for practitioner, events in log.practitioners.items():
        for event, fact in facts(events, written, log.last):
            text = orjson.dumps({"sid": 1, "id": 1, **fact}).decode()
            for handle in handles[event.type]:
                for rule in fired(handle, text):
                    yield rule, practitioner, event.client, event.id


if __name__ == "__main__":
    main(findings)
