"""`require: R, before: S` (precedence): a finding where no R happened at or before S, or within `within` before it."""

from __future__ import annotations

from ethics_engine.located import Map
from ethics_engine.plan import Form, Precedence
from ethics_engine.rules.fields import Duration
from ethics_engine.rules.forms.base import FormModel
from ethics_engine.rules.lowering import Lowering
from ethics_engine.rules.model import Selections


class PrecedenceModel(FormModel):
    """`require: R, before: S`, perhaps `within: W`."""

    require: Selections
    before: Selections
    within: Duration | None = None

    def lower(self, node: Map, lowering: Lowering) -> tuple[Form, frozenset[str]]:
        """A look at the past of the trigger."""
        trigger = lowering.trigger(self.before)
        answer = lowering.source(self.require, trigger.types)
        return Precedence(trigger, answer, self.within), trigger.types
