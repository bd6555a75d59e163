"""The events of practitioners in memory, and what follows from them as of an instant.

A practitioner is judged anew when an event of theirs came, or when time has passed an instant from which the same
events may be judged otherwise (`Judge.wake`); in between the last judgement stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ethics_engine.amendments import Correction, Ineffective, apply, corrections, waivers_of_no_rule
from ethics_engine.engines.live import Case, Judgement, LiveEvaluator
from ethics_engine.events import Event
from ethics_engine.findings import CannotTell, Finding, Obligation
from ethics_engine.matchers import Matcher
from ethics_engine.memory import collection_paused
from ethics_engine.rules.loader import RuleSet


class Remembering:
    """A matcher that is asked again only where an event's values have changed."""

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher
        self._known: dict[tuple[str, str], tuple[Mapping[str, Any], Sequence[int]]] = {}

    @property
    def name(self) -> str:
        """That of the matcher behind it."""
        return self.matcher.name

    def match(self, event_type: str, values: Mapping[str, Any]) -> Sequence[int]:
        """The numbers of the conditions that hold, ascending."""
        key = values["practitioner"], values["id"]
        known = self._known.get(key)
        if known is not None and known[0] == values:
            return known[1]
        picks = self.matcher.match(event_type, values)
        self._known[key] = values, picks
        return picks


class Judged:
    """What follows from one practitioner's events at one `as_of`; the same until `wake`."""

    __slots__ = ("as_of", "cannot_tell", "corrections", "findings", "ineffective", "obligations", "wake")

    def __init__(self, as_of: int, wake: int) -> None:
        self.as_of = as_of
        self.wake = wake
        self.findings: list[Finding] = []
        self.obligations: list[Obligation] = []
        self.cannot_tell: list[CannotTell] = []
        self.ineffective: list[Ineffective] = []
        self.corrections: list[Correction] = []

    def stands(self, as_of: int) -> bool:
        """Whether nothing else follows as of another instant."""
        return self.as_of <= as_of < self.wake


class Practitioner:
    """The events of one practitioner by id, and what follows from them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.events: dict[str, Event] = {}
        self.judged: Judged | None = None


class Bench:
    """Judges practitioners by one rule set, in one zone and currency."""

    def __init__(self, rules: RuleSet, timezone: str | None, currency: str | None, matcher: str | None) -> None:
        self.rules = rules
        self.plan = rules.plan(timezone, currency)
        self.engine = LiveEvaluator(self.plan, matcher)
        self.engine.matcher = Remembering(self.engine.matcher)
        self._rule_ids = {source.id for source in rules.sources}

    @collection_paused()
    def judge(self, events: Iterable[Event], practitioner: str, as_of: int) -> Judged:
        """Judge all the events of one practitioner, amendments not applied, as a check of the whole log would."""
        given = list(events)
        seen, ineffective = apply(given, self.rules.vocabulary, as_of)
        judgement = Judgement()
        case = Case.of_events(self.engine, practitioner, seen, as_of, judgement)
        case.judge()
        judged = Judged(as_of, case.judge_.wake)
        judged.findings = judgement.findings
        judged.obligations = judgement.obligations
        judged.cannot_tell = judgement.cannot_tell
        judged.corrections = corrections(given, seen, ineffective)
        judged.ineffective = ineffective + waivers_of_no_rule(seen, self._rule_ids, as_of)
        return judged
