"""The basis of a finding: the events that, given alone as a log and judged as of the same instant, give it again.

The steps of an explanation name what a finding rests on; what those events themselves rest on is added here: earlier
ones of a numbered selection, sessions that derived attributes count, amendments, what the log covers, and the basis
of findings. The basis is then judged alone; should the finding not come again, related events are added until it does.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

from ethics_engine.amendments import apply
from ethics_engine.conditions import tests
from ethics_engine.engines.derived import SESSION
from ethics_engine.engines.live import Case
from ethics_engine.events import COVERS, Event
from ethics_engine.explaining.inquiry import Ground, Inquiry
from ethics_engine.plan import (
    Forbid,
    Limit,
    Member,
    Pair,
    Plan,
    Recurrence,
    Rule,
    SinceState,
    Source,
    State,
    Terms,
    UnlessCondition,
    Variant,
)

_MOST_TRIED = 100
_NUMBER, _DAYS = "session_number", "days_since_session"


def basis(inquiry: Inquiry, ground: Ground, named: Iterable[Event]) -> tuple[tuple[str, ...], bool]:
    """The ids of the events that a finding rests on, in time order, and whether related ones had to be added.

    `named` are the events of the log that the steps rest on, none of them a finding.
    """
    case = inquiry.case(ground.finding.practitioner)
    gathered = _Gathering(inquiry, case, ground)
    for event in named:
        gathered.add(event)
    if gathered.reproduces():
        return gathered.ids(), False
    before = set(gathered.found)
    for events in gathered.related():
        for event in events:
            gathered.add(event)
        if gathered.reproduces():
            break
    gathered.tighten(before)
    return gathered.ids(), True


class _Gathering:
    """Events gathered with all that they rest on."""

    def __init__(self, inquiry: Inquiry, case: Case, ground: Ground) -> None:
        self.inquiry = inquiry
        self.case = case
        self.ground = ground
        self.plan = inquiry.plan
        self.found: dict[str, Event] = {}
        parts = list(_parts(self.plan, ground.variant))
        self.sources = [part for part in parts if isinstance(part, Source)]
        self.numbered = [
            (member, per)
            for owner, per in _owners(self.plan, ground.rule, ground.variant)
            for part in _walk(owner)
            if isinstance(part, Member) and part.nth is not None
            for member in [part]
        ]
        self.read = _names_read(self.plan, ground.rule, parts)
        if not isinstance(ground.variant.form, Forbid | Limit) or _states(self.plan, ground.variant):
            for event in case.ledger.by_type.get(COVERS, []) or _coverage(inquiry, case.practitioner):
                self.add(event)

    def ids(self) -> tuple[str, ...]:
        """The ids, in time order."""
        return tuple(event.id for event in sorted(self.found.values(), key=lambda event: (event.at, event.order)))

    def add(self, event: Event) -> None:
        """Put an event in, and what it rests on."""
        if event.id in self.found:
            return
        self.found[event.id] = event
        for one in self._under(event):
            self.add(one)

    def _under(self, event: Event) -> Iterator[Event]:
        yield from self.inquiry.changes(event)
        ledger = self.case.ledger
        for member, per in self.numbered:
            if any(one.id == event.id for one in ledger.by_pick.get(member.pick, ())):
                client = event.client or self.ground.finding.client
                for one in ledger.peers(member, per, client, event, counted=False):
                    if (one.at, one.order) < (event.at, event.order):
                        yield one
        names = self.read.get(event.type, set()) & {_NUMBER, _DAYS}
        if names and event.client is not None:
            held = [one for one in ledger.by_type.get(SESSION, []) if one.client == event.client and one.at <= event.at]
            others = [one for one in held if one.id != event.id]
            yield from others if _NUMBER in names else others[-1:]

    def related(self) -> Iterator[list[Event]]:
        """More and more events: an event of the client, what the rule's selections match, everything."""
        client = self.ground.finding.client
        own = [event for event in self.inquiry.read[self.case.practitioner] if event.at <= self.inquiry.as_of]
        yield [event for event in own if client is not None and event.client == client][:1]
        picks = {member.pick for source in self.sources for member in source.members}
        matched = {event.id for pick in picks for event in self.case.ledger.by_pick.get(pick, ())}
        yield [event for event in own if event.id in matched and event.client in (None, client)]
        yield own

    def tighten(self, kept: set[str]) -> None:
        """Leave out again, one by one, what was added beyond `kept` and is not needed."""
        added = [name for name in self.found if name not in kept]
        for name in added if len(added) <= _MOST_TRIED else ():
            event = self.found.pop(name)
            if not self.reproduces():
                self.found[name] = event

    def reproduces(self) -> bool:
        """Whether the events alone give the finding again, with its status."""
        finding, as_of = self.ground.finding, self.inquiry.as_of
        alone = [event for event in self.inquiry.read[self.case.practitioner] if event.id in self.found]
        events, _ = apply(alone, self.plan.vocabulary, as_of)
        again = self.inquiry.evaluator.case(self.case.practitioner, events, as_of).findings.get(finding.id)
        return again is not None and (again.at, again.status) == (finding.at, finding.status)


def _coverage(inquiry: Inquiry, practitioner: str) -> list[Event]:
    return [event for event in inquiry.read[practitioner] if event.type == COVERS]


def _states(plan: Plan, variant: Variant) -> list[State]:
    """The states that a rule asks about."""
    numbers = [*variant.not_during, *(one.state for one in variant.since if isinstance(one, SinceState))]
    numbers += [] if variant.during is None else [variant.during]
    if isinstance(variant.form, Recurrence) and variant.form.state is not None:
        numbers.append(variant.form.state)
    return [plan.states[number] for number in numbers]


def _owners(plan: Plan, rule: Rule, variant: Variant) -> list[tuple[Any, Any]]:
    """What holds selections, each with the key that they are numbered in."""
    return [(variant, rule.per), *((state, state.per) for state in _states(plan, variant))]


def _parts(plan: Plan, variant: Variant) -> Iterator[Any]:
    yield from _walk(variant)
    for state in _states(plan, variant):
        yield from _walk(state)


def _walk(node: Any) -> Iterator[Any]:
    """A piece of the plan and every piece in it."""
    if isinstance(node, tuple):
        for item in node:
            yield from _walk(item)
    elif dataclasses.is_dataclass(node):
        yield node
        for each in dataclasses.fields(node):
            yield from _walk(getattr(node, each.name))


def _names_read(plan: Plan, rule: Rule, parts: Iterable[Any]) -> dict[str, set[str]]:
    """The attributes that a rule reads, by event type."""
    read: dict[str, set[str]] = {}
    types: set[str] = set()
    everywhere = {gap.name for gap in rule.wording.message.placeholders()}
    for part in parts:
        match part:
            case Source():
                types |= part.types
                everywhere.update(name for member in part.members for pair in member.same for name in pair)
                for member in part.members:
                    for event_type, condition in plan.picks[member.pick].conditions.items():
                        read.setdefault(event_type, set()).update(test.attribute for test in tests(condition))
            case UnlessCondition():
                for event_type, condition in part.conditions.items():
                    read.setdefault(event_type, set()).update(test.attribute for test in tests(condition))
            case Pair():
                everywhere |= {part.attribute, part.reference}
            case Terms():
                everywhere.add(part.attribute)
            case Limit():
                everywhere |= {*part.same, *((part.measure.attribute,) if part.measure.attribute else ())}
    for event_type in types:
        read.setdefault(event_type, set()).update(everywhere)
    return read
