"""What cannot be told: events of which it is unknown whether they trigger, and the lines that say what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ethics_engine.conditions import compares_currency, unknowable_attributes, unknowns
from ethics_engine.engines.ledger import Ledger
from ethics_engine.engines.outcomes import Breach, Outcome, Uncovered, Unrecorded
from ethics_engine.engines.verdicts import Verdicts
from ethics_engine.events import Event
from ethics_engine.findings import CannotTell, Finding, Obligation
from ethics_engine.plan import FINDING, Plan, Source


class Doubtful(NamedTuple):
    """The attributes whose absence can make a trigger of one type unknown, and whether another currency can."""

    names: frozenset[str]
    currency: bool


def doubts_of(plan: Plan, source: Source) -> dict[str, Doubtful]:
    """What can make the triggers of a source unknown, by type; numbered selections know their events."""
    table: dict[str, Doubtful] = {}
    for member in source.members:
        if member.nth is not None:
            continue
        for event_type, condition in plan.picks[member.pick].conditions.items():
            names, currency = table.get(event_type, (frozenset[str](), False))
            names |= unknowable_attributes(condition)
            currency = currency or compares_currency(condition)
            if (names or currency) and event_type != FINDING:
                table[event_type] = Doubtful(names, currency)
    return table


def lacking(ledger: Ledger, doubts: Mapping[str, Doubtful]) -> list[Event]:
    """The events that lack an attribute that a condition asks for, or may have another currency."""
    found: dict[int, Event] = {}
    for event_type, (names, currency) in doubts.items():
        if currency:
            found.update((id(event), event) for event in ledger.by_type.get(event_type, ()))
            continue
        for name in names:
            found.update((id(event), event) for event in ledger.lacking(event_type, name))
    return list(found.values())


def missing_of(plan: Plan, source: Source, event: Event) -> frozenset[str]:
    """The attributes that make an event's being a trigger unknown; empty where it is not unknown."""
    found: set[str] = set()
    for member in source.members:
        condition = plan.picks[member.pick].conditions.get(event.type)
        if condition is not None and member.nth is None:
            holds, names = unknowns(condition, event.values)
            if holds:
                return frozenset()
            found.update(names)
    return frozenset(found)


def unknown_as(outcome: Outcome | None, missing: frozenset[str]) -> Unrecorded | None:
    """What cannot be told of an event that would come to an outcome if it were a trigger, as these are missing."""
    if isinstance(outcome, Unrecorded):
        return Unrecorded(missing | outcome.attributes)
    return Unrecorded(missing) if isinstance(outcome, Breach) else None


class Untold:
    """What could not be told of triggers, by rule."""

    def __init__(self) -> None:
        self._attributes: dict[tuple[str, str], set[str]] = {}  # the triggers, by rule and missing attribute
        self._areas: dict[str, tuple[set[str], set[str]]] = {}  # areas and triggers, by rule

    def add(self, rule: str, trigger: str, said: Finding | Obligation | Outcome) -> None:
        """Gather what was said of the trigger of a rule, both by their ids, where it says what is missing."""
        if isinstance(said, Unrecorded):
            for name in said.attributes:
                self._attributes.setdefault((rule, name), set()).add(trigger)
        elif isinstance(said, Uncovered):
            areas, triggers = self._areas.setdefault(rule, (set(), set()))
            areas.update(said.areas)
            triggers.add(trigger)

    def lacks(self, rule: str, trigger: str) -> bool:
        """Whether a trigger lacks an attribute that decides about it."""
        return any(name == rule and trigger in triggers for (name, _), triggers in self._attributes.items())

    def lines(self, plan: Plan, verdicts: Verdicts, practitioner: str) -> list[CannotTell]:
        """A line for each rule and what is missing for it, with the number of triggers."""
        missing = {(rule, f"attribute {name}"): triggers for (rule, name), triggers in self._attributes.items()}
        for rule, (areas, triggers) in self._areas.items():
            missing[rule, f"area {', '.join(sorted(areas))}"] = triggers
        return [
            verdicts.untold(plan.rules[rule], practitioner, what, len(triggers))
            for (rule, what), triggers in missing.items()
        ]
