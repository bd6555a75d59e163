"""What every form offers: its trigger and its lowering."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from ethics_engine.located import Map
from ethics_engine.plan import Form
from ethics_engine.rules.lowering import Lowering
from ethics_engine.rules.model import RuleModel


class FormModel(RuleModel, ABC):
    """A rule of one form."""

    values: ClassVar[tuple[str, ...]] = ()
    names_key: ClassVar[bool] = False

    @abstractmethod
    def lower(self, node: Map, lowering: Lowering) -> tuple[Form, frozenset[str]] | None:
        """The form as plan data, and the event types that its trigger can have; None after a complaint."""

    def message_values(self, node: Map) -> tuple[str, ...]:
        """The names of the values that the form's findings carry, for use in messages."""
        return self.values
