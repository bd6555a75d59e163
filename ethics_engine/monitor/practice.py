"""The practitioners that a monitor knows, each with a judgement that stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ethics_engine.engines.live import LiveEvaluator
from ethics_engine.engines.roles import Parts
from ethics_engine.engines.said import Item, Place
from ethics_engine.engines.standing import Standing
from ethics_engine.events import Event
from ethics_engine.memory import collection_paused
from ethics_engine.rules.rule_set import RuleSet


class Bench:
    """Judges practitioners by one rule set, in one zone and currency."""

    def __init__(self, rules: RuleSet, timezone: str | None, currency: str | None, matcher: str | None) -> None:
        self.rules = rules
        self.plan = rules.plan(timezone, currency)
        self.engine = LiveEvaluator(self.plan, matcher)
        self.rule_ids = frozenset(source.id for source in rules.sources)
        self._parts = Parts(self.engine)

    def standing(self, practitioner: str, events: Iterable[Event] = (), as_of: int | None = None) -> Standing:
        """A practitioner with events that were observed before."""
        standing = Standing(self.engine, self._parts, practitioner)
        given = list(events)
        if given:
            self.settle(standing, given, max(event.at for event in given) if as_of is None else as_of)
        return standing

    def settle(self, standing: Standing, fresh: Sequence[Event], as_of: int) -> Mapping[Place, tuple[Item, ...]]:
        """Let a practitioner's judgement take fresh events, and time pass until `as_of`."""
        if len(fresh) < _MANY:
            return standing.settle(fresh, as_of)
        with collection_paused():
            return standing.settle(fresh, as_of)


_MANY = 100
