"""Which types and attributes the rules of a plan speak of: nobody asks for anything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from ethics_engine.amendments import WAIVER
from ethics_engine.engines.bulk.columns import attributes_of
from ethics_engine.engines.derived import SESSION, count_sessions
from ethics_engine.engines.keys import states_of
from ethics_engine.events import COVERS
from ethics_engine.messages import Placeholder
from ethics_engine.plan import FINDING, Plan, Recurrence, Source

_NAMES = ("attribute", "reference", "lapses_at")  # fields of a plan's parts that name an attribute
_ALWAYS = ("practitioner", "client", "id", "at", "currency")
_DERIVED_FROM = {"recorded_after_days": "recorded_at", "announced_days": "announced_at"}


def asked_of(plan: Plan) -> dict[str, frozenset[str]]:
    """The attributes that rules ask for of each type of event that they ask for, and what the engine itself reads."""
    spoken = _spoken(plan)
    return {
        name: frozenset(attributes_of(plan.vocabulary, name)) & spoken
        for name in _types(plan)
        if name in plan.vocabulary.types and name != FINDING
    }


def _spoken(plan: Plan) -> set[str]:
    """The attributes that conditions, comparisons and sentences name, of whatever type."""
    names = {*_ALWAYS, *_named(plan.picks), *_named(plan.sources), *_named(plan.states), *_named(plan.rules)}
    names.update(_DERIVED_FROM[name] for names in plan.derived.values() for name in names if name in _DERIVED_FROM)
    for event_type in (WAIVER, COVERS):
        names.update(plan.vocabulary.types[event_type].attributes)
    return names


def _types(plan: Plan) -> set[str]:
    """The types that some rule asks for."""
    forms = [variant.form for rule in plan.rules.values() for variant in rule.variants]
    if any(isinstance(form, Recurrence) for form in forms):
        return {*plan.vocabulary.types}  # one may be judged for every relationship, which any event shows
    asked = {name for rule in plan.rules.values() for source in _sources(rule) for name in source.types}
    for number in {each for rule in plan.rules.values() for variant in rule.variants for each in states_of(variant)}:
        state = plan.states[number]
        asked.update(state.opened_by.types, () if state.closed_by is None else state.closed_by.types)
    return asked | {WAIVER, COVERS} | ({SESSION} if count_sessions(plan.derived) else set())


def _sources(part: Any) -> Iterator[Source]:
    """Every source that stands somewhere in a part of a plan."""
    return (each for each in _within(part) if isinstance(each, Source))


def _named(part: Any) -> Iterator[str]:
    """Every attribute that is named somewhere in a part of a plan."""
    for each in _within(part):
        if isinstance(each, Placeholder):
            yield each.name
            continue
        for field in fields(each):
            value = getattr(each, field.name)
            if field.name in _NAMES and isinstance(value, str):
                yield value
            elif field.name == "same":
                yield from _texts(value)


def _within(part: Any) -> Iterator[Any]:
    """A part of a plan, and every one that stands within it."""
    if isinstance(part, Mapping):
        part = [*part.values()]
    if isinstance(part, (tuple, list)):
        for each in part:
            yield from _within(each)
    elif is_dataclass(part):
        yield part
        for field in fields(part):
            yield from _within(getattr(part, field.name))


def _texts(names: Any) -> Iterator[str]:
    """The attributes of a `same`: names, or pairs of them."""
    for name in names:
        if isinstance(name, str):
            yield name
        else:
            yield from _texts(name)
