"""The plain Python matcher: one closure for each distinct condition of an event type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ethics_engine.conditions import FALSE, TRUE, Condition, Predicate, predicate, simplified


class PythonMatcher:
    """Evaluates each distinct condition of an event's type; plain truth and falsehood are settled before."""

    name = "python"

    def __init__(self, conditions: Mapping[str, Sequence[tuple[int, Condition]]]) -> None:
        self._types = {event_type: _closures(numbered) for event_type, numbered in conditions.items()}

    def match(self, event_type: str, values: Mapping[str, Any]) -> Sequence[int]:
        """The numbers of the conditions that hold, ascending."""
        if event_type not in self._types:
            return ()
        always, tested = self._types[event_type]
        found = [*always]
        for holds, numbers in tested:
            if holds(values):
                found += numbers
        found.sort()
        return found


def _closures(
    numbered: Sequence[tuple[int, Condition]],
) -> tuple[list[int], list[tuple[Predicate, list[int]]]]:
    """The numbers that always hold, and the others under the one closure of their condition."""
    distinct: dict[Condition, list[int]] = {}
    for number, condition in numbered:
        distinct.setdefault(simplified(condition), []).append(number)
    always = distinct.pop(TRUE, [])
    distinct.pop(FALSE, None)
    return always, [(predicate(condition), numbers) for condition, numbers in distinct.items()]
