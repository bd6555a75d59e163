"""Conditions: two values for findings, three (Kleene's) for *cannot tell*."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .record import NEVER_UNKNOWN, Event, World, differ
from .values import read

Truth = tuple[bool | None, frozenset[str]]  # true, false or unknown; what is missing where it is unknown

FALSE: Truth = (False, frozenset())
TRUE: Truth = (True, frozenset())
ORDER = {
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}


def holds(condition: Mapping[str, Any], event: Event, world: World) -> bool:
    """Two values: a test on a missing attribute is false, whatever the operator."""
    return truth(condition, event, world)[0] is True


def truth(condition: Mapping[str, Any], event: Event, world: World) -> Truth:
    """Three values: a test on a missing attribute is unknown. `not` is an exception: it negates the plain false."""
    parts: list[Truth] = []
    for name, test in condition.items():
        if name == "any":
            parts.append(either([truth(one, event, world) for one in test]))
        elif name == "not":
            parts.append(FALSE if holds(test, event, world) else TRUE)
        elif isinstance(test, Mapping):
            parts += [tested(event, name, operator, written, world) for operator, written in test.items()]
        elif isinstance(test, list):
            parts.append(tested(event, name, "in", test, world))
        else:
            parts.append(tested(event, name, "eq", test, world))
    return both(parts)


def both(parts: list[Truth]) -> Truth:
    if any(value is False for value, _ in parts):
        return FALSE
    if any(value is None for value, _ in parts):
        return None, frozenset().union(*(missing for value, missing in parts if value is None))
    return TRUE


def either(parts: list[Truth]) -> Truth:
    if any(value is True for value, _ in parts):
        return TRUE
    if any(value is None for value, _ in parts):
        return None, frozenset().union(*(missing for value, missing in parts if value is None))
    return FALSE


def tested(event: Event, name: str, operator: str, written: Any, world: World) -> Truth:
    """One test on one attribute."""
    kind = event.kinds.get(name)
    value = event.values.get(name)
    if operator == "missing":
        return TRUE if (value is None) == read("boolean", written) else FALSE
    if kind is None:
        return FALSE  # an attribute that the type does not declare is never unknown
    if value is None and name == "currency":
        value = world.currency  # a missing currency is the practice's
    if value is None:
        recorded = event.type == "finding" or name in NEVER_UNKNOWN  # Decision: a finding is no record
        return FALSE if recorded else (None, frozenset({name}))
    if kind == "money" and differ(world.currency_of(event), world.currency):
        return None, frozenset({"currency"})  # an amount in a rule has the practice's currency
    return TRUE if compare(kind, value, operator, written) else FALSE


def compare(kind: str, value: Any, operator: str, written: Any) -> bool:
    """Whether a value passes a test written in a rule."""
    many = written if isinstance(written, list) else [written]
    scalar = "string" if kind in ("enum", "list", "tags") else kind
    wanted = [read(scalar, one) for one in many]
    if operator in ORDER:
        return bool(ORDER[operator](value, wanted[0]))
    has = value if kind in ("list", "tags") else {value}
    if operator == "contains_all":
        return set(wanted) <= set(has)
    one_of = bool(set(wanted) & set(has))
    return one_of if operator in ("eq", "in", "contains") else not one_of
