"""`require: R, after: S, within: W` (response): a duty from S on; a finding, dated `t + W`, where no R answered in
time.

`waived_by` ends the duty; with `earlier_counts` an R before the trigger answers too. `within` may come from the terms
in force.
"""

from __future__ import annotations

from typing import ClassVar

from ethics_engine.located import Map
from ethics_engine.plan import Form, Response
from ethics_engine.rules.fields import Flag, Raw
from ethics_engine.rules.forms.base import FormModel
from ethics_engine.rules.lowering import Lowering
from ethics_engine.rules.model import Selections
from ethics_engine.scalars import parse_duration


class ResponseModel(FormModel):
    """`require: R, after: S, within: W`."""

    values: ClassVar[tuple[str, ...]] = ("due", "within")

    require: Selections
    after: Selections
    within: Raw
    waived_by: Selections | None = None
    earlier_counts: Flag = False

    def lower(self, node: Map, lowering: Lowering) -> tuple[Form, frozenset[str]] | None:
        """A deadline for each trigger."""
        trigger = lowering.trigger(self.after)
        answer = lowering.source(self.require, trigger.types)
        waived_by = None if self.waived_by is None else lowering.source(self.waived_by, trigger.types)
        within = lowering.bound("within", self.within, trigger.types, parse_duration, "a duration")
        if within is None:
            return None
        return Response(trigger, answer, within, waived_by, self.earlier_counts), trigger.types
