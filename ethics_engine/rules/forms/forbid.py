"""`forbid: S` (absence): every event that matches S is a finding, dated when it happened."""

from __future__ import annotations

from ethics_engine.located import Map
from ethics_engine.plan import Forbid, Form
from ethics_engine.rules.forms.base import FormModel
from ethics_engine.rules.lowering import Lowering
from ethics_engine.rules.model import Selections


class ForbidModel(FormModel):
    """`forbid: S`."""

    forbid: Selections

    def lower(self, node: Map, lowering: Lowering) -> tuple[Form, frozenset[str]]:
        """A plain selection of triggers."""
        trigger = lowering.trigger(self.forbid)
        return Forbid(trigger), trigger.types
