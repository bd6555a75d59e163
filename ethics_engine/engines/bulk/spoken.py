"""Which attributes the rules of a plan speak of: nobody asks an event for any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from ethics_engine.amendments import WAIVER
from ethics_engine.events import COVERS
from ethics_engine.messages import Placeholder
from ethics_engine.plan import Plan

_NAMES = ("attribute", "reference", "lapses_at")  # fields of a plan's parts that name an attribute
_ALWAYS = ("practitioner", "client", "id", "at", "currency")
_DERIVED_FROM = {"recorded_after_days": "recorded_at", "announced_days": "announced_at"}


def spoken_of(plan: Plan) -> frozenset[str]:
    """The attributes that conditions, comparisons and sentences name, and what the engine itself reads."""
    names = {*_ALWAYS, *_named(plan.picks), *_named(plan.sources), *_named(plan.states), *_named(plan.rules)}
    names.update(_DERIVED_FROM[name] for names in plan.derived.values() for name in names if name in _DERIVED_FROM)
    for event_type in (WAIVER, COVERS):
        names.update(plan.vocabulary.types[event_type].attributes)
    return frozenset(names)


def _named(part: Any) -> Iterator[str]:
    if isinstance(part, Placeholder):
        yield part.name
    elif isinstance(part, Mapping):
        for each in part.values():
            yield from _named(each)
    elif isinstance(part, (tuple, list)):
        for each in part:
            yield from _named(each)
    elif is_dataclass(part):
        for field in fields(part):
            value = getattr(part, field.name)
            if field.name in _NAMES and isinstance(value, str):
                yield value
            elif field.name == "same":
                yield from _texts(value)
            else:
                yield from _named(value)


def _texts(names: Any) -> Iterator[str]:
    """The attributes of a `same`: names, or pairs of them."""
    for name in names:
        if isinstance(name, str):
            yield name
        else:
            yield from _texts(name)
