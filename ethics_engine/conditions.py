"""Conditions: one small tree, and what it means in two values and in three.

A tree speaks of one event type: its constants are typed, its attributes are declared (see `rules/conditions.py`, which
builds it). In two values a test on a missing attribute is false, whatever the operator, except `missing`. In three
values (Kleene) it is unknown, unless the test is `missing`, or stands inside `not` (an exception), or the attribute is
one that is never unknown. Evaluators translate the tree: here to a Python function, elsewhere to a durable-rules
condition.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]
Predicate = Callable[[Values], bool]

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}

NEVER_UNKNOWN = frozenset(
    {"local_weekday", "local_time", "local_hour", "local_date", "session_number", "days_since_session"}
)
"""Derived attributes whose absence is a fact, not a gap in the record."""


@dataclass(frozen=True, slots=True)
class Test:
    """One attribute against a constant; `operator` is a comparison, `in`, `not_in`, `contains`, `contains_all` or
    `missing`.

    The constant is a typed value; a tuple of them for `in`, `not_in`, `contains` and `contains_all`; a bool for
    `missing`.
    `currency` is the currency of an amount in a rule, where the attribute is money and the practice has a currency.
    `unknowable` tells whether a missing value makes the test unknown in three values.
    """

    __test__ = False  # not a test class, whatever its name suggests to pytest

    attribute: str
    operator: str
    constant: Any
    unknowable: bool = True
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class All:
    """Every item holds; an empty one is true."""

    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one item holds; an empty one is false."""

    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The item does not hold, in two values."""

    item: Condition


Condition = Test | All | AnyOf | Not
TRUE = All(())
FALSE = AnyOf(())


def simplified(condition: Condition) -> Condition:
    """The same condition with constant parts folded away; `TRUE` and `FALSE` where nothing else is left."""
    match condition:
        case All(items):
            kept = [item for item in map(simplified, items) if item != TRUE]
            if FALSE in kept:
                return FALSE
            return kept[0] if len(kept) == 1 else All(tuple(kept))
        case AnyOf(items):
            kept = [item for item in map(simplified, items) if item != FALSE]
            if TRUE in kept:
                return TRUE
            return kept[0] if len(kept) == 1 else AnyOf(tuple(kept))
        case Not(item):
            inner = simplified(item)
            if inner == TRUE:
                return FALSE
            return TRUE if inner == FALSE else Not(inner)
    return condition


def predicate(condition: Condition) -> Predicate:
    """The condition in two values, as a function of an event's values."""
    match condition:
        case Test():
            return _test(condition)
        case All(items):
            return _all([predicate(item) for item in items])
        case AnyOf(items):
            return _any([predicate(item) for item in items])
        case Not(item):
            inner = predicate(item)
            return lambda values: not inner(values)


def _all(parts: list[Predicate]) -> Predicate:
    if not parts:
        return lambda values: True
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:
        first, second = parts
        return lambda values: first(values) and second(values)
    return lambda values: all(part(values) for part in parts)


def _any(parts: list[Predicate]) -> Predicate:
    if len(parts) == 2:
        first, second = parts
        return lambda values: first(values) or second(values)
    return lambda values: any(part(values) for part in parts)


def _test(test: Test) -> Predicate:
    name, constant, currency = test.attribute, test.constant, test.currency
    if currency is not None:
        plain = _test(Test(name, test.operator, constant))
        return lambda values: values.get("currency", currency) == currency and plain(values)
    match test.operator:
        case "missing":
            return (lambda values: name not in values) if constant else (lambda values: name in values)
        case "eq":
            return lambda values: values.get(name) == constant
        case "in":
            among = frozenset(constant)
            return lambda values: values.get(name) in among
        case "not_in":
            among = frozenset(constant)
            return lambda values: name in values and values[name] not in among
        case "contains":
            wanted = frozenset(constant)
            return lambda values: name in values and not wanted.isdisjoint(values[name])
        case "contains_all":
            wanted = frozenset(constant)
            return lambda values: name in values and wanted.issubset(values[name])
    compare = COMPARISONS[test.operator]
    return lambda values: name in values and compare(values[name], constant)


def unknowns(condition: Condition, values: Values) -> tuple[bool | None, frozenset[str]]:
    """The condition in three values, and the attributes that make it unknown (empty unless it is `None`)."""
    match condition:
        case Test():
            return _unknown_test(condition, values)
        case Not():
            return predicate(condition)(values), frozenset()
        case All(items):
            results = [unknowns(item, values) for item in items]
            if any(result is False for result, _ in results):
                return False, frozenset()
        case AnyOf(items):
            results = [unknowns(item, values) for item in items]
            if any(result is True for result, _ in results):
                return True, frozenset()
    missing = frozenset[str]().union(*(names for _, names in results))
    if missing:
        return None, missing
    return isinstance(condition, All), frozenset()


def _unknown_test(test: Test, values: Values) -> tuple[bool | None, frozenset[str]]:
    if test.operator == "missing":
        return predicate(test)(values), frozenset()
    if test.attribute not in values:
        return (None, frozenset({test.attribute})) if test.unknowable else (False, frozenset())
    if test.currency is not None and values.get("currency", test.currency) != test.currency:
        return None, frozenset({"currency"})
    return predicate(test)(values), frozenset()


def unknowable_attributes(condition: Condition) -> frozenset[str]:
    """The attributes whose absence can make the condition unknown."""
    match condition:
        case Test():
            known = condition.operator == "missing" or not condition.unknowable
            return frozenset() if known else frozenset({condition.attribute})
        case All(items) | AnyOf(items):
            return frozenset[str]().union(*(unknowable_attributes(item) for item in items))
        case Not():
            return frozenset()


def tests(condition: Condition) -> list[Test]:
    """Every test of the tree, left to right."""
    match condition:
        case Test():
            return [condition]
        case All(items) | AnyOf(items):
            return [test for item in items for test in tests(item)]
        case Not(item):
            return tests(item)


def compares_currency(condition: Condition) -> bool:
    """Whether an amount's currency can make the condition unknown."""
    return any(test.currency is not None for test in tests(condition))
