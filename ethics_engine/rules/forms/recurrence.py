"""`require: R, every: W, during: STATE` (bounded recurrence): no stretch of the open state longer than W without an R.

Instead of a state, `while_active: {event, gap}`: the spans in which such events are no further apart than `gap`. The
stretch's trigger is the event that starts it; the finding is dated at its start plus W.
"""

from __future__ import annotations

from typing import ClassVar

from ethics_engine.located import Map, find
from ethics_engine.plan import Form, Recurrence, Source
from ethics_engine.rules.fields import Duration
from ethics_engine.rules.forms.base import FormModel
from ethics_engine.rules.lowering import Lowering
from ethics_engine.rules.model import Selection, Selections


class Activity(Selection):
    """`while_active: {event, where, gap}`."""

    gap: Duration


class RecurrenceModel(FormModel):
    """`require: R, every: W` with `during` or `while_active`."""

    values: ClassVar[tuple[str, ...]] = ("since", "every")
    names_key: ClassVar[bool] = True

    require: Selections
    every: Duration
    while_active: Activity | None = None

    def lower(self, node: Map, lowering: Lowering) -> tuple[Form, frozenset[str]] | None:
        """Stretches of a state or an activity."""
        answer = lowering.source(self.require, None)
        types = set(answer.types)
        state: int | None = None
        activity: Source | None = None
        gap = 0
        if ("while_active" in node) == ("during" in node):
            message = "`every` needs either `during` or `while_active`"
            lowering.complaints.add(node.key_marks["every"], "missing-key", message)
            return None
        if self.while_active is not None:
            activity = lowering.source([self.while_active], None)
            gap = self.while_active.gap
            types |= activity.types
        elif self.during is None:
            return None  # what was wrong with it has been said
        else:
            declared = lowering.state(self.during, node["during"])
            if declared is None:
                return None
            state = declared.number
            types |= declared.opened_by.types
            if declared.per == "relationship" and self.per == "practitioner":
                message = f"the state `{self.during}` is kept for each relationship, so the rule must be too"
                lowering.complaints.add(node["during"], "scope", message, "write `per: relationship`")
                return None
        for name in self.not_during:
            blocking = lowering.states.get(name)
            if blocking is not None and blocking.per == "relationship" and self.per == "practitioner":
                message = f"the state `{name}` is kept for each relationship, so the rule must be too"
                place = find(node["not_during"], name)
                lowering.complaints.add(place or node["not_during"], "scope", message, "write `per: relationship`")
            elif blocking is not None:
                types |= blocking.opened_by.types | (blocking.closed_by.types if blocking.closed_by else frozenset())
        return Recurrence(answer, self.every, state, activity, gap), frozenset(types)
