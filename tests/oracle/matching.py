"""`match`: where a reference event and a trigger disagree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from .conditions import ORDER
from .record import NEVER_UNKNOWN, Event, World, differ
from .values import DAY, duration, read

OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "in")


def disagreements(match: Mapping[str, Any], e: Event, a: Event | None, world: World) -> tuple[bool, frozenset[str]]:
    """Whether one pair disagrees, and what is missing of those that cannot be compared."""
    pairs = [
        compared(name, test, e, a, world)
        for name, tests in match.items()
        for test in (tests if isinstance(tests, list) else [tests])
    ]
    return any(agrees is False for agrees, _ in pairs), frozenset().union(*(lacks for _, lacks in pairs))


def compared(name: str, written: Any, e: Event, a: Event | None, world: World) -> tuple[bool | None, frozenset[str]]:
    """One pair: whether it agrees; None, and what it lacks, where it cannot be compared. Without an `a` and without a
    default it lacks nothing: there is nothing to agree with."""
    test = written if isinstance(written, Mapping) else {"eq": written}
    operator = next(one for one in OPERATORS if one in test)
    theirs = test[operator]
    kind = e.kinds.get(name)
    mine = e.values.get(name)
    reference = None if a is None else a.values.get(theirs)
    if a is None and "default" not in test:
        return None, frozenset()
    if a is not None and theirs in a.values:
        currency = world.currency_of(a) if a.kinds[theirs] == "money" else None
    else:
        currency = world.currency
        if "default" in test and kind is not None:
            reference = read("string" if kind == "enum" else kind, test["default"])
    if mine is None or reference is None:
        lacks = {name} if mine is None and kind is not None else set()
        if reference is None and "default" not in test and a is not None and theirs in a.kinds:
            lacks |= {theirs}
        return None, frozenset(lacks - NEVER_UNKNOWN)
    if kind == "money" and differ(world.currency_of(e), currency):
        return None, frozenset({"currency"})
    if kind in ("number", "money"):
        reference = reference * read("number", test.get("factor", 1)) + read("number", test.get("offset", 0))
    return agreement(str(kind), operator, mine, reference, test.get("tolerance")), frozenset()


def agreement(kind: str, operator: str, mine: Any, reference: Any, tolerance: Any) -> bool:
    """Whether a value stands to its reference as the operator says; clock times are circular for `eq`."""
    if operator == "in":
        return mine in reference
    if operator in ORDER:
        return bool(ORDER[operator](mine, reference))
    if operator == "eq" and tolerance is not None:
        apart = abs(mine - reference)
        if kind == "clock":
            apart = min(apart % DAY, DAY - apart % DAY)
        allowed: Any = duration(tolerance) if isinstance(apart, timedelta) else read("number", tolerance)
        return bool(apart <= allowed)
    return bool((mine == reference) == (operator == "eq"))
