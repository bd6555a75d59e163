"""What is said of one practitioner: a table of judgements, each with the instant from which it may be another.

What a rule makes of one trigger (of one stretch, of one calendar period) is a judgement of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ethics_engine.engines.growing import Anchor
from ethics_engine.engines.live import LiveEvaluator, Verdict
from ethics_engine.engines.roles import Parts, Share
from ethics_engine.engines.untold import Untold
from ethics_engine.events import Event
from ethics_engine.findings import CannotTell

About = Anchor | int | None
"""What a judgement is about: a trigger, the first instant of a period; None for the stretches of a key."""

Place = tuple[int, str | None, About]
"""A judgement: the number of its share, the client of its key, what it is about."""


@dataclass(slots=True)
class Item:
    """What is said of a trigger, and for a finding the event that other rules read, with the picks it falls under."""

    trigger: Event
    verdict: Verdict
    event: Event | None = None
    picks: tuple[int, ...] = ()


@dataclass(slots=True)
class Held:
    """One judgement: what it says, and the first later `as_of` at which it may say something else.

    `queued` is the `as_of` at which it is looked at again: `wake`, or earlier.
    """

    items: tuple[Item, ...]
    wake: int
    queued: int


class Table:
    """The judgements of one practitioner."""

    def __init__(self, engine: LiveEvaluator, parts: Parts, practitioner: str) -> None:
        self.engine = engine
        self.plan = engine.plan
        self.parts = parts
        self.practitioner = practitioner
        self.held: list[dict[str | None, dict[About, Held]]] = []

    def of_key(self, share: Share, client: str | None) -> Mapping[About, Held]:
        """The judgements of a rule for one key."""
        return self.held[share.number].get(client, NOTHING)

    def items(self, place: Place) -> tuple[Item, ...]:
        """What a judgement says."""
        number, client, about = place
        held = self.held[number].get(client, NOTHING).get(about)
        return () if held is None else held.items

    def places(self) -> Iterator[Place]:
        """Every judgement that is held."""
        for number, keys in enumerate(self.held):
            for client, judgements in keys.items():
                for about in judgements:
                    yield number, client, about

    def all_items(self) -> Iterator[tuple[Share, Item]]:
        """Everything that is said."""
        for share, keys in zip(self.parts.shares, self.held, strict=True):
            for judgements in keys.values():
                for held in judgements.values():
                    for item in held.items:
                        yield share, item

    def cannot_tell(self) -> list[CannotTell]:
        """The lines of what cannot be told."""
        untold = Untold()
        for share, item in self.all_items():
            untold.add(share.rule.id, item.trigger.id, item.verdict)
        return untold.lines(self.plan, self.engine.verdicts, self.practitioner)


NOTHING: Mapping[About, Any] = {}
