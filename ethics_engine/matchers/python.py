"""The plain Python matcher: one closure for each distinct condition of an event type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ethics_engine.conditions import FALSE, TRUE, All, Condition, Predicate, Test, predicate, simplified

_Numbered = tuple[Predicate, list[int]]


@dataclass
class _Closures:
    """The conditions of one event type.

    `always` are the numbers of those that always hold. Many conditions want one attribute, `guard`, to be one of a few
    texts: `guarded` has them by what they want it to be, so that the others need not be asked; `tested` has the rest.
    """

    always: list[int]
    tested: list[_Numbered] = field(default_factory=list)
    guard: str = ""
    guarded: dict[str, list[_Numbered]] = field(default_factory=dict)


class PythonMatcher:
    """Evaluates each distinct condition of an event's type; plain truth and falsehood are settled before."""

    name = "python"

    def __init__(self, conditions: Mapping[str, Sequence[tuple[int, Condition]]]) -> None:
        self._types = {event_type: _closures(numbered) for event_type, numbered in conditions.items()}

    def match(self, event_type: str, values: Mapping[str, Any]) -> Sequence[int]:
        """The numbers of the conditions that hold, ascending."""
        closures = self._types.get(event_type)
        if closures is None:
            return ()
        found = [*closures.always]
        for holds, numbers in closures.tested:
            if holds(values):
                found += numbers
        if closures.guard:
            for holds, numbers in closures.guarded.get(values.get(closures.guard, ""), ()):
                if holds(values):
                    found += numbers
        found.sort()
        return found


def _closures(numbered: Sequence[tuple[int, Condition]]) -> _Closures:
    distinct: dict[Condition, list[int]] = {}
    for number, condition in numbered:
        distinct.setdefault(simplified(condition), []).append(number)
    closures = _Closures(distinct.pop(TRUE, []))
    distinct.pop(FALSE, None)
    wanted = {condition: _wanted(condition) for condition in distinct}
    texts_of: dict[str, set[str]] = {}
    for names in wanted.values():
        for name, texts in names.items():
            texts_of.setdefault(name, set()).update(texts)
    closures.guard = max(texts_of, key=lambda name: len(texts_of[name]), default="")  # it tells most of them apart
    for condition, numbers in distinct.items():
        closure = predicate(condition), numbers
        if closures.guard not in wanted[condition]:
            closures.tested.append(closure)
        for text in wanted[condition].get(closures.guard, ()):
            closures.guarded.setdefault(text, []).append(closure)
    return closures


def _wanted(condition: Condition) -> dict[str, frozenset[str]]:
    """The attributes that must be one of some texts for a condition to hold."""
    match condition:
        case Test(name, "eq", str(text), currency=None):
            return {name: frozenset({text})}
        case Test(name, "in", texts, currency=None) if all(isinstance(text, str) for text in texts):
            return {name: frozenset(texts)}
        case All(items):
            return {name: texts for item in items for name, texts in _wanted(item).items()}
    return {}
