"""What stands beside every form: states, `since`, exceptions and excuses, asked of a trigger."""

from __future__ import annotations

from ethics_engine.calendars import Zone, add_years
from ethics_engine.conditions import Predicate, predicate
from ethics_engine.engines.ledger import Ledger
from ethics_engine.engines.states import FOREVER, Activity, Span, Timeline
from ethics_engine.events import Event
from ethics_engine.plan import (
    Nearby,
    Plan,
    Recurrence,
    Rule,
    Scope,
    SinceEvent,
    SinceState,
    Source,
    State,
    UnlessCondition,
    Variant,
    Years,
)

EARLIEST = -FOREVER
_NO_AREAS: frozenset[str] = frozenset()


class SideTests:
    """Asks the side tests of one practitioner's ledger at one `as_of`."""

    def __init__(self, plan: Plan, ledger: Ledger, zone: Zone, as_of: int) -> None:
        self.plan = plan
        self.ledger = ledger
        self.zone = zone
        self.as_of = as_of
        self.wake = FOREVER
        """The first later `as_of` at which the same events may be judged otherwise."""
        self._timelines: dict[tuple[int, str | None], Timeline] = {}
        self._activities: dict[tuple[int, Scope, str | None, int], Activity] = {}
        self._exceptions: dict[int, Predicate] = {}  # by the id of the plan's condition

    def changes_at(self, instant: int) -> None:
        """Note that what was judged may be otherwise from an `as_of` on; one that is past already says nothing."""
        if self.as_of < instant < self.wake:
            self.wake = instant

    def timeline(self, number: int, client: str | None) -> Timeline | None:
        """A state of the trigger's key; None for a relationship state without a client."""
        state = self.plan.states[number]
        if state.per == "relationship" and client is None:
            return None
        key = (number, client if state.per == "relationship" else None)
        if key not in self._timelines:
            self._timelines[key] = self.made(state, key[1])
        return self._timelines[key]

    def made(self, state: State, client: str | None) -> Timeline:
        """A state of one key, looked up in the ledger."""
        return Timeline(state, self.ledger, client)

    def take(self, number: int, client: str | None, event: Event, *, opens: bool) -> None:
        """Let a state take an event, where it was looked up already; one that is not its latest has it forgotten."""
        timeline = self._timelines.get((number, client))
        if timeline is None:
            return
        if timeline.times and timeline.times[-1] >= event.at:
            del self._timelines[number, client]
        else:
            timeline.take(self.plan.states[number], event, opens=opens)

    def forget(self, number: int, client: str | None = None) -> None:
        """Look a state up anew when it is next asked for: that of a client, or everybody's."""
        if client is not None:
            self._timelines.pop((number, client), None)
            return
        for key in [key for key in self._timelines if key[0] == number]:
            del self._timelines[key]

    def active(self, source: Source, rule: Rule, client: str | None, gap: int) -> list[Span]:
        """The spans of an activity of a key."""
        entries = self.ledger.counted(source, rule.per, client, None)
        asked = (source.number, rule.per, client, gap)
        known = self._activities.get(asked)
        if known is None or not known.is_of(entries):
            known = self._activities[asked] = Activity(entries, gap)
        if entries.times:
            self.changes_at(entries.times[-1] + gap + 1)
        return known.spans(self.as_of)

    def is_open(self, number: int, event: Event) -> bool:
        """Whether a state is open at a trigger."""
        timeline = self.timeline(number, event.client)
        return timeline is not None and timeline.is_open(event.at)

    def considered(self, rule: Rule, variant: Variant, event: Event) -> tuple[Event, ...] | None:
        """The evidence that the side tests add, or None where the rule does not speak of this trigger.

        States of `during` and `not_during` are not asked for a recurrence, whose stretches they cut already.
        """
        if not variant.judges(event.at):
            return None
        if not isinstance(variant.form, Recurrence):
            if variant.during is not None and not self.is_open(variant.during, event):
                return None
            if variant.not_during and any(self.is_open(number, event) for number in variant.not_during):
                return None
        evidence: list[Event] = []
        for since in variant.since:
            if isinstance(since, SinceState):
                if not self.ended_within(since, event):
                    return None
                continue
            found = self.since_event(rule, since, event)
            if found is None:
                return None
            evidence.append(found)
        if variant.unless and any(self.excepted(rule, each, event) for each in variant.unless):
            return None
        return tuple(evidence)

    def unseen(self, variant: Variant) -> frozenset[str]:
        """The areas whose absence `not_during` would be inferred from, where the log does not cover them."""
        if self.ledger.coverage is None or not variant.not_during:
            return _NO_AREAS
        opened = (self.plan.states[number].opened_by.areas for number in variant.not_during)
        return self.ledger.uncovered(_NO_AREAS.union(*opened))

    def since_event(self, rule: Rule, since: SinceEvent, event: Event) -> Event | None:
        """The event that a `since` asks for; None where there is none recent enough."""
        found = self.ledger.entries(since.source, rule.per, event.client, event).last(event.at, event)
        return found if found is not None and self._reaches(found.at, event.at, since.within) else None

    def ended_within(self, since: SinceState, event: Event) -> bool:
        """Whether a state is not open at a trigger and ended recently enough."""
        timeline = self.timeline(since.state, event.client)
        ended = None if timeline is None else timeline.ended(event.at)
        return ended is not None and self._reaches(ended, event.at, since.within)

    def _reaches(self, start: int, end: int, within: int | Years | None) -> bool:
        if within is None:
            return True
        if isinstance(within, Years):
            return self.zone.date(end) <= add_years(self.zone.date(start), within.years)
        return end - start <= within

    def excepted(self, rule: Rule, unless: UnlessCondition | Nearby, event: Event) -> bool:
        """Whether an exception applies to a trigger."""
        if isinstance(unless, UnlessCondition):
            condition = unless.conditions.get(event.type)
            if condition is None:
                return False
            holds = self._exceptions.get(id(condition))
            if holds is None:
                holds = self._exceptions[id(condition)] = predicate(condition)
            return holds(event.values)
        found = self.ledger.entries(unless.source, rule.per, event.client, event).last(event.at, event)
        return found is not None and (unless.within is None or event.at - found.at <= unless.within)

    def excuse(self, rule: Rule, variant: Variant, event: Event) -> Event | None:
        """The earliest event that excuses a finding of this trigger."""
        if rule.absolute:
            return None
        found: list[Event] = []
        for excuse in variant.excused_by:
            entries = self.ledger.entries(excuse.source, rule.per, event.client, event)
            start = EARLIEST if excuse.within is None else event.at - excuse.within
            end = FOREVER if excuse.within is None else event.at + excuse.within
            first = entries.first_between(start, end, event)
            found.extend(() if first is None else (first,))
        return min(found, key=lambda one: (one.at, one.order), default=None)
