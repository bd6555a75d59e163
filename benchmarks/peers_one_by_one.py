"""The six reference rules in durable-rules, CLIPS and Drools, fed one event after another: for `monitor.py`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent / "reference")]


def by_hand(name: str, file: Path, last: int) -> Iterator[float]:
    """The seconds that a peer takes for each event of a log, written to `file`; `last` of them count, at the end.

    CLIPS, which takes a practitioner's events apart from all others, is given no more practitioners than it needs.
    """
    if name == "clips":
        yield from _clips(file, last)
        return
    from copies import copies
    from features import facts
    from lines import read

    read_log, written = read(str(file)), copies(6)
    ask = _durable(written) if name == "durable" else _drools(written)
    for events in read_log.practitioners.values():
        start = time.perf_counter()
        for event, fact in facts(events, written, read_log.last):
            ask(event, fact)
            now = time.perf_counter()
            yield now - start
            start = now


def _durable(written: Any) -> Callable[[Any, Any], None]:
    import in_durable
    import orjson

    handles = in_durable.rulesets(written)

    def ask(event: Any, fact: Any) -> None:
        text = orjson.dumps({"sid": 1, "id": 1, **fact}).decode()
        for handle in handles[event.type]:
            in_durable.fired(handle, text)

    return ask


def _drools(written: Any) -> Callable[[Any, Any], None]:
    import in_drools
    from drools.ruleset import Rule, Ruleset

    named = [(copy.rule, in_drools.condition(form, copy)) for form, each in written.items() for copy in each]
    action = {"Action": {"action": "none", "action_args": {}}}
    rules = [{"Rule": {"name": name, "condition": test, "actions": [action]}} for name, test in named]
    definition = {"name": "reference", "match_multiple_rules": True, "rules": rules}
    ruleset = Ruleset(name="reference", serialized_ruleset=json.dumps(definition))
    for name, _ in named:
        ruleset.add_rule(Rule(name, lambda _: None))
    return lambda event, fact: ruleset.assert_event(json.dumps({"type": event.type, **fact}))


def _clips(file: Path, last: int) -> Iterator[float]:
    import clips
    import in_clips
    from copies import copies
    from lines import read

    log = read(str(file))
    environment = clips.Environment()
    environment.define_function(lambda *_: None, name="found")
    for part in in_clips.TEMPLATES.strip().splitlines():
        environment.build(part)
    for form, each in copies(6).items():
        for copy in each:
            environment.build(in_clips.defined(form, copy))
    templates = {template.name: template for template in environment.templates()}
    practitioners = [*log.practitioners.values()]
    while len(practitioners) > 1 and sum(map(len, practitioners[1:])) >= 2 * last:
        del practitioners[0]
    for events in practitioners:
        environment.reset()
        templates["log"].assert_fact(last=log.last)
        for event in events:
            start = time.perf_counter()
            name, slots = in_clips.told(event)
            templates[name].assert_fact(**slots)
            environment.run()
            yield time.perf_counter() - start
