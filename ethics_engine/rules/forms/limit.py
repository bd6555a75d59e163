"""`limit: S, to: n, within: W` (bounded existence): a finding for each S that makes more than n of them in `[t-W, t]`.

`of` counts otherwise: `{sum: attribute}`, `{distinct: attribute}`, `{share_of: S2, least: k}`. `same: [attribute]`
counts apart for each value. `to` may come from the terms in force.
"""

from __future__ import annotations

from typing import ClassVar

from ethics_engine.located import Map
from ethics_engine.plan import Form, Limit, Measure
from ethics_engine.rules.fields import Duration, Located, Name, Raw, SameMap, Whole
from ethics_engine.rules.forms.base import FormModel
from ethics_engine.rules.lowering import Lowering
from ethics_engine.rules.model import Selections
from ethics_engine.scalars import parse_number


class Of(Located):
    """How the events are counted."""

    sum: Name | None = None
    distinct: Name | None = None
    share_of: Selections | None = None
    least: Whole | None = None


class LimitModel(FormModel):
    """`limit: S, to: n, within: W`."""

    values: ClassVar[tuple[str, ...]] = ("allowed", "within")

    limit: Selections
    to: Raw
    within: Duration
    of: Of | None = None
    same: SameMap = None

    def message_values(self, node: Map) -> tuple[str, ...]:
        """The measure's own name, with what is allowed and the window."""
        if self.of is None:
            return ("count", *self.values)
        return ("sum" if self.of.sum else "distinct" if self.of.distinct else "share", *self.values)

    def lower(self, node: Map, lowering: Lowering) -> tuple[Form, frozenset[str]] | None:
        """A measure over a window that ends at the trigger."""
        trigger = lowering.trigger(self.limit)
        measure = Measure("count") if self.of is None else self._measure(node, trigger.types, lowering)
        same = self._same(trigger.types, lowering)
        to = lowering.bound("to", self.to, trigger.types, parse_number, "a number")
        if to is None or measure is None:
            return None
        return Limit(trigger, to, self.within, measure, same), trigger.types

    def _measure(self, node: Map, types: frozenset[str], lowering: Lowering) -> Measure | None:
        of = self.of
        assert of is not None
        named = [name for name in ("sum", "distinct", "share_of") if getattr(of, name) is not None]
        if len(named) != 1 or (of.least is not None) != (named == ["share_of"]):
            message = "`of` expects `{sum: attribute}`, `{distinct: attribute}` or `{share_of: events, least: n}`"
            lowering.complaints.add(node.key_marks["of"], "wrong-value", message)
            return None
        if of.sum is not None:
            return Measure("sum", of.sum, money=lowering.numeric(of.sum, types, node["of"]["sum"]))
        if of.distinct is not None:
            place = node["of"]["distinct"]
            kind = lowering.attribute_kind(of.distinct, types, place)
            lowering.nameable(of.distinct, {kind} if kind else (), place.mark)
            return Measure("distinct", of.distinct)
        base = lowering.source(of.share_of or [], types)
        return Measure("share", base=base, least=of.least or 0)

    def _same(self, types: frozenset[str], lowering: Lowering) -> tuple[str, ...]:
        if self.same is None:
            return ()
        for theirs, mine in self.same.items():
            if theirs != mine:
                lowering.complaints.add(mine, "same", "in a `limit`, `same` compares an attribute with itself")
            place = self.same.key_marks[theirs]
            kind = lowering.attribute_kind(theirs, types, place)
            lowering.nameable(theirs, {kind} if kind else (), place)
        return tuple(sorted(str(name) for name in self.same))
