"""Both sides of a matched pair, side by side."""

from __future__ import annotations

from typing import Any

from ethics_engine.engines.judging import Judge
from ethics_engine.events import Event
from ethics_engine.explaining.model import Point
from ethics_engine.explaining.words import Words, number
from ethics_engine.messages import Span
from ethics_engine.plan import Pair
from ethics_engine.scalars import MICRO

_RELATIONS = {
    "eq": "equal to",
    "ne": "not equal to",
    "lt": "less than",
    "le": "at most",
    "gt": "more than",
    "ge": "at least",
    "in": "one of",
}
_NUMERIC = ("number", "money")


def compared(words: Words, judge: Judge, pair: Pair, event: Event, reference: Event | None) -> Point:
    """One pair: what the event says, what it was to be, and whether it agrees."""
    missing: set[str] = set()
    agrees = judge.agrees(pair, event, reference, missing)
    mine = words.value(event.type, pair.attribute, event.values.get(pair.attribute))
    theirs = _theirs(words, pair, event, reference)
    if agrees is None:
        lack = f" ({', '.join(sorted(missing))} is not recorded)" if missing - {"currency"} else ""
        if "currency" in missing:
            lack = " (the amounts are in different currencies)"
        verdict = f"cannot be compared{lack}"
    else:
        verdict = "agrees" if agrees else "does not agree"
    values = {"attribute": pair.attribute, "seen": mine, "reference": pair.reference, "wanted": theirs}
    said = f"{pair.attribute}: {mine}; to be {_RELATIONS[pair.operator]} {theirs}: {verdict}."
    return Point(said, values | {"agrees": agrees}, (event.id,))


def _theirs(words: Words, pair: Pair, event: Event, reference: Event | None) -> str:
    """`65 (session_minutes 50, times 1.3)`."""
    value = pair.default if reference is None else reference.values.get(pair.reference, pair.default)
    if value is None:
        return f"{pair.reference}, not recorded"
    own = reference is not None and pair.reference in reference.values
    written = _written(words, pair, event, value)
    source = pair.reference if own else f"{pair.reference}, taken as {written} where nothing else is recorded"
    extra = []
    if pair.kind in _NUMERIC and (pair.factor != 1 or pair.offset):
        if own:
            source += f" {written}"
        extra += [f"times {number(pair.factor)}"] if pair.factor != 1 else []
        extra += [f"plus {number(pair.offset / MICRO)}"] if pair.offset > 0 else []
        extra += [f"less {number(-pair.offset / MICRO)}"] if pair.offset < 0 else []
        written = number((value * pair.factor + pair.offset) / MICRO)
    if pair.tolerance:
        amount = Span(pair.tolerance).words() if pair.kind not in _NUMERIC else number(pair.tolerance / MICRO)
        extra.append(f"give or take {amount}")
    return f"{written} ({', '.join([source, *extra])})"


def _written(words: Words, pair: Pair, event: Event, value: Any) -> str:
    """The reference's value in the words of the kind that it is compared as."""
    return ", ".join(value) if isinstance(value, tuple) else words.value(event.type, pair.attribute, value)
