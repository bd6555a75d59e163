"""`require: R, each: month, at_least: …, if: S` (quota): in every calendar period that holds an S, enough of R.

Periods are local and half open; the trigger is the period's first S; the finding is dated at the next period's start.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ethics_engine.located import Map
from ethics_engine.plan import Form, Measure, Quota
from ethics_engine.rules.fields import Located, Name, Number, Period
from ethics_engine.rules.forms.base import FormModel
from ethics_engine.rules.lowering import Lowering
from ethics_engine.rules.model import Selections


class AtLeast(Located):
    """`{sum: attribute, of: n}` or `{count: n}`."""

    sum: Name | None = None
    of: Number | None = None
    count: Number | None = None


class QuotaModel(FormModel):
    """`require: R, each: PERIOD, at_least: …, if: S`."""

    values: ClassVar[tuple[str, ...]] = ("got", "needed", "period")
    names_key: ClassVar[bool] = True

    require: Selections
    each: Period
    at_least: AtLeast
    if_: Selections = Field(alias="if")

    def lower(self, node: Map, lowering: Lowering) -> tuple[Form, frozenset[str]] | None:
        """A count or sum for each calendar period."""
        trigger = lowering.trigger(self.if_)
        answer = lowering.source(self.require, None)
        wanted = self.at_least
        if wanted.count is not None and wanted.sum is None and wanted.of is None:
            return Quota(trigger, answer, self.each, Measure("count"), wanted.count), trigger.types
        if wanted.sum is None or wanted.of is None or wanted.count is not None:
            message = "`at_least` expects `{count: n}` or `{sum: attribute, of: n}`"
            lowering.complaints.add(node.key_marks["at_least"], "wrong-value", message)
            return None
        money = lowering.numeric(wanted.sum, answer.types, node["at_least"]["sum"])
        return Quota(trigger, answer, self.each, Measure("sum", wanted.sum, money=money), wanted.of), trigger.types
