"""The verdict on a log: every rule, stratum by stratum, on every practitioner."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from .around import about, applies, as_list, resolved, status_of, uncovered
from .forms import (
    Case,
    Resolve,
    after,
    before,
    each,
    expect,
    forbid,
    limit,
    sequence,
    trigger_selection,
    triggers,
)
from .record import LOCAL, Event, World, known
from .selections import Key, types_of
from .stretches import every
from .values import Calendar, instant, vocabulary_types

FORMS = {
    "forbid": forbid,
    "limit": limit,
    "expect": expect,
    "sequence": sequence,
    "before": before,
    "after": after,
}
FINDING_KINDS = {
    "id": "string",
    "at": "timestamp",
    "practitioner": "string",
    "client": "string",
    "rule": "string",
    "policy": "string",
    "level": "string",
    "status": "string",
    "type": "string",
    "family": "tags",
    **LOCAL,
}


class Finding(NamedTuple):
    at: datetime
    practitioner: str
    client: str | None
    rule: str
    id: str
    policy: str
    level: str
    status: str
    events: tuple[str, ...]


class Obligation(NamedTuple):
    due: datetime
    rule: str
    practitioner: str
    client: str | None
    trigger: str


class CannotTell(NamedTuple):
    rule: str
    practitioner: str
    missing: str  # `attribute consent` or `area supervision, touch`
    events: int


class Verdict(NamedTuple):
    """Sorted; times are datetimes in UTC."""

    findings: list[Finding]
    obligations: list[Obligation]
    cannot_tell: list[CannotTell]


@dataclass(frozen=True)
class Judged:
    """A rule as it is written, with its policy."""

    id: str
    rule: Mapping[str, Any]
    policy: str
    parameters: Mapping[str, Any]
    states: Mapping[str, Mapping[str, Any]]

    @property
    def facts(self) -> dict[str, frozenset[str]]:
        """What is known of every finding of the rule before any is made."""
        return {
            "rule": frozenset({self.id}),
            "policy": frozenset({self.policy}),
            "level": frozenset({self.rule["level"]}),
            "family": frozenset(as_list(self.rule.get("family", []))),
        }


def judge(
    rules: Mapping[str, Any],
    events: Sequence[Mapping[str, Any]],
    vocabulary: Mapping[str, Any],
    *,
    as_of: str | None = None,
    timezone: str = "UTC",
    currency: str | None = None,
) -> Verdict:
    """What the rules find in a log. `as_of` is the latest `at` of the whole log unless it is given."""
    verdict = Verdict([], [], [])
    if not events and as_of is None:
        return verdict
    end = instant(as_of) if as_of is not None else max(instant(raw["at"]) for raw in events)
    calendar = Calendar(ZoneInfo(timezone))
    ordered = strata(written_rules(rules, vocabulary))
    for practitioner in sorted({raw["practitioner"] for raw in events}):
        world = known(
            [raw for raw in events if raw["practitioner"] == practitioner],
            vocabulary_types(vocabulary),
            as_of=end,
            calendar=calendar,
            currency=currency,
        )
        for rule in ordered:
            conclude(rule, practitioner, world, verdict)
    return Verdict(
        sorted(verdict.findings, key=lambda x: (x.at, x.practitioner, x.client or "", x.rule, x.id)),
        sorted(verdict.obligations, key=lambda x: (x.due, x.rule, x.practitioner, x.client or "", x.trigger)),
        sorted(verdict.cannot_tell),
    )


def written_rules(rules: Mapping[str, Any], vocabulary: Mapping[str, Any]) -> list[Judged]:
    parameters = {
        f"{policy['policy']}.{name}": value
        for policy in rules["policies"]
        for name, value in policy.get("parameters", {}).items()
    }
    states = dict(vocabulary.get("states", {}))
    for policy in rules["policies"]:
        states |= qualified(policy.get("states", {}), policy["policy"])
    return [
        Judged(name, rule, policy["policy"], parameters | policy.get("parameters", {}), states)
        for policy in rules["policies"]
        for name, rule in policy["rules"].items()
    ]


def qualified(node: Any, policy: str) -> Any:
    """A part of a policy with its parameters named in full, as a rule of any policy may name its states."""
    if isinstance(node, Mapping):
        return {key: qualified(value, policy) for key, value in node.items()}
    if isinstance(node, list):
        return [qualified(value, policy) for value in node]
    return re.sub(r"^\$\{([^.]+)\}$", rf"${{{policy}.\1}}", node) if isinstance(node, str) else node


def conclude(judged: Judged, practitioner: str, world: World, verdict: Verdict) -> None:
    """Judge one rule on one practitioner; its findings become events of the world."""

    @cache
    def resolve(t: datetime) -> Mapping[str, Any]:
        whole = {**judged.rule, "states": judged.states}
        return dict(resolved(whole, judged.parameters, t, world.calendar))

    unsaid: dict[str, set[str]] = {}  # what is missing: the ids of the triggers
    made: list[Event] = []
    for key in keys(resolve(world.as_of), world):
        for case in cases(resolve, key, world):
            ok, since = applies(case, key, world)
            if not ok:
                continue
            dark = uncovered(case.rule, world)
            if case.unknown:
                for name in case.unknown if case.breached and not dark else ():
                    unsaid.setdefault(f"attribute {name}", set()).add(case.trigger.id)
            elif dark:
                unsaid.setdefault("area " + ", ".join(sorted(dark)), set()).add(case.trigger.id)
            elif case.breached:
                made.append(find(judged, key, case, since, world))
            elif judged.rule["level"] != "none":
                e = case.trigger
                verdict.obligations.append(
                    Obligation(case.at, judged.id, practitioner, about(case.rule, e, key), e.evidence[0].id)
                )
    world.events += made
    verdict.cannot_tell.extend(CannotTell(judged.id, practitioner, what, len(n)) for what, n in unsaid.items())
    if judged.rule["level"] != "none":
        verdict.findings.extend(shown(x, judged) for x in made)


def cases(resolve: Resolve, key: Key, world: World) -> Iterator[Case]:
    """What the form of a rule says of one key, side tests apart."""
    written = resolve(world.as_of)
    if "every" in written:
        yield from every(resolve, key, world)
    elif "each" in written:
        yield from each(resolve, key, world)
    else:
        form = next(FORMS[name] for name in FORMS if name in written)
        for e, rule, missing in triggers(resolve, key, world):
            yield from form(e, rule, missing, key, world)


def keys(rule: Mapping[str, Any], world: World) -> list[Key]:
    """The keys of a rule: a relationship by default where every trigger type always has a client."""
    per = rule.get("per")
    if per is None:
        types = types_of(trigger_selection(rule), world)
        always = all(name != "finding" and world.types[name].client == "yes" for name in types)
        per = "relationship" if always else "practitioner"
    if per == "practitioner":
        return [Key("practitioner")]
    return [Key("relationship", client) for client in world.clients]


def digest(rule: str, key: Key, practitioner: str, trigger: str) -> str:
    """The id of a finding."""
    said = json.dumps([rule, practitioner, key.client, trigger], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()[:20]


def find(judged: Judged, key: Key, case: Case, since: tuple[Event, ...], world: World) -> Event:
    """A finding, as the event that it is."""
    e = case.trigger
    client = about(case.rule, e, key)
    status, excuse = status_of(judged.id, case, key, world)
    rest = {x for own in (e, *case.evidence, *since, *excuse) for x in own.evidence}
    first = e.evidence[0]
    values: dict[str, Any] = {
        "id": digest(judged.id, key, e.practitioner, e.id),
        "at": case.at,
        "practitioner": e.practitioner,
        "rule": judged.id,
        "policy": judged.policy,
        "level": judged.rule["level"],
        "status": status,
        "type": e.type,
        **world.calendar.derived(case.at),
    }
    if client is not None:
        values["client"] = client
    if judged.facts["family"]:
        values["family"] = judged.facts["family"]
    return Event(
        values["id"],
        case.at,
        "finding",
        e.practitioner,
        client,
        values,
        FINDING_KINDS,
        (first, *sorted(rest - {first}, key=lambda x: (x.at, x.id))),
        (e.order, judged.id, client or ""),
    )


def shown(x: Event, judged: Judged) -> Finding:
    level, status = x.values["level"], x.values["status"]
    events = tuple(one.id for one in x.rests_on)
    return Finding(x.at, x.practitioner, x.client, judged.id, x.id, judged.policy, level, status, events)


def strata(rules: list[Judged]) -> list[Judged]:
    """The rules in an order in which each that reads findings comes after every rule whose findings it may match."""
    ordered: list[Judged] = []
    while len(ordered) < len(rules):
        waiting = [rule for rule in rules if rule not in ordered]
        ready = [
            rule
            for rule in waiting
            if not any(possible(where, other) for where in read_findings(rule) for other in waiting)
        ]
        if not ready:
            raise ValueError("rules about findings in a cycle")
        ordered += ready
    return ordered


def read_findings(judged: Judged) -> list[Mapping[str, Any]]:
    """The conditions under which a rule, or a state that it names, reads findings."""
    named = {n for key in ("during", "not_during") for n in as_list(judged.rule.get(key, []))}
    named |= {since["state"] for since in as_list(judged.rule.get("since", [])) if "state" in since}
    return [where for part in (judged.rule, *(judged.states[n] for n in named)) for where in walked(part)]


def walked(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every condition on findings in a part of a rule."""
    if node == "finding":
        yield {}
    elif isinstance(node, list):
        for one in node:
            yield from walked(one)
    elif isinstance(node, Mapping):
        if "finding" in as_list(node.get("event")):
            yield node.get("where", {})
        for key, value in node.items():
            if key not in ("event", "where"):
                yield from walked(value)


def possible(condition: Mapping[str, Any], other: Judged) -> bool:
    """Whether a finding of the other rule may meet a condition: only its plain tests on the rule, policy, level and
    family can tell before a finding is made."""
    for name, test in condition.items():
        if name == "any" and not any(possible(one, other) for one in test):
            return False
        if name in other.facts:
            tests = test if isinstance(test, Mapping) else {"in": test}
            for operator, written in tests.items():
                wanted = set(as_list(written))
                if operator in ("in", "contains") and not wanted & other.facts[name]:
                    return False
    return True
