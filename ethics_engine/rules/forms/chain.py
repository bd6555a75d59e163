"""`sequence: [S1, …, Sk], within: W` (chain): the steps happened in rising time, the last one is the trigger."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator

from ethics_engine.located import Map, Seq
from ethics_engine.plan import Chain, Form
from ethics_engine.rules.fields import Duration
from ethics_engine.rules.forms.base import FormModel
from ethics_engine.rules.lowering import Lowering
from ethics_engine.rules.model import Selections


def _steps(node: Any) -> Any:
    if not isinstance(node, Seq) or len(node) < 2:
        raise ValueError("expected a list of two steps or more")
    return list(node)


class ChainModel(FormModel):
    """`sequence: [S1, …, Sk], within: W`."""

    values: ClassVar[tuple[str, ...]] = ("first", "within")

    sequence: Annotated[list[Selections], BeforeValidator(_steps)]
    within: Duration

    def lower(self, node: Map, lowering: Lowering) -> tuple[Form, frozenset[str]]:
        """The last step triggers; the earlier ones are looked for backwards."""
        trigger = lowering.trigger(self.sequence[-1])
        earlier = tuple(lowering.source(step, trigger.types) for step in self.sequence[:-1])
        return Chain(trigger, earlier, self.within), trigger.types
