"""One practitioner's judgement as it stands: an event that comes changes what it touches, and the rest stays.

What a rule makes of one trigger (of one stretch, of one calendar period) is a *judgement of its own*, kept with the
first later `as_of` at which it may be another. An event that comes is put into the ledger; the roles of its selections
tell which of these judgements it can decide about; those are made anew, stratum by stratum, and findings that come, go
or change are events for the rules of later strata.

Amendments, withdrawals and `log.covers` may touch everything: there all of it is judged anew.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

from ethics_engine.amendments import WAIVER, Correction, Ineffective, apply, corrections, waivers_of_no_rule
from ethics_engine.engines.derived import SESSION, sessions_of, with_names
from ethics_engine.engines.growing import Anchor, GrowingLedger, anchor_of
from ethics_engine.engines.judging import Judge
from ethics_engine.engines.live import Case, Judgement, LiveEvaluator, Verdict, coverage
from ethics_engine.engines.outcomes import Breach, Uncovered, Unrecorded
from ethics_engine.engines.roles import NO_DOUBTS, Parts, Reach, Roles, Share
from ethics_engine.engines.sides import EARLIEST
from ethics_engine.engines.states import FOREVER
from ethics_engine.events import AMENDED, COVERS, WITHDRAWN, Event
from ethics_engine.findings import CannotTell, Finding, Obligation
from ethics_engine.plan import FINDING, Quota, Recurrence

_TOUCH_ALL = frozenset({AMENDED, WITHDRAWN, COVERS})

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
    """One judgement: what it says, and the first later `as_of` at which it may say something else."""

    items: tuple[Item, ...]
    wake: int


class Standing:
    """Judges one practitioner's events as they come. An exception leaves it unusable: make another one.

    Where more than `few` events come after one, what it decides about is looked for rule by rule, otherwise event by
    event; the judgement is the same.
    """

    few = 64

    def __init__(self, engine: LiveEvaluator, parts: Parts, practitioner: str) -> None:
        self.engine = engine
        self.plan = engine.plan
        self.parts = parts
        self.practitioner = practitioner
        self.given: dict[str, Event] = {}
        self.as_of = EARLIEST
        self.ineffective: list[Ineffective] = []
        self.corrections: list[Correction] = []
        self._of_sessions = any(not names.isdisjoint(_OF_SESSIONS) for names in self.plan.derived.values())
        self._findings_count_sessions = not _OF_SESSIONS.isdisjoint(self.plan.derived.get(FINDING, frozenset()))
        self._missing_targets: set[str] = set()
        self._touched: dict[Place, tuple[Item, ...]] = {}
        self._start(None)

    def _start(self, covered: frozenset[str] | None) -> None:
        self.ledger = GrowingLedger(self.plan, self.practitioner, covered)
        self.judge = Judge(self.plan, self.ledger, self.engine.zone, self.as_of)
        self.case = Case(self.engine, self.practitioner, self.ledger, self.judge, self.as_of, Judgement())
        self.held: list[dict[str | None, dict[About, Held]]] = [{} for _ in self.parts.shares]
        self._sessions: dict[str | None, list[int]] = {}
        self._wakes: list[tuple[int, int, Place]] = []
        self._pushed = 0
        self._due: list[dict[Place, None]] = [{} for _ in self.plan.strata]

    # --- events and time ----------------------------------------------------------------------------------------

    def settle(self, fresh: Sequence[Event], as_of: int) -> Mapping[Place, tuple[Item, ...]]:
        """Take events that were not given before, and judge as of an instant that is no earlier than the last one.

        Returns the judgements that were made anew and say something, or did: with what they said before.
        """
        self._touched = {}
        self.as_of = self.judge.as_of = self.case.as_of = as_of
        self.judge.forget_activities()
        ordered = sorted(fresh, key=lambda event: (event.at, event.order)) if len(fresh) > 1 else fresh
        anew = not self.given and len(fresh) > 1
        for event in ordered:
            anew = anew or self._touches_all(event)
            self.given[event.id] = event
        if anew:
            self._judge_all()
        else:
            for event in ordered:
                self._enter(event)
            self._wake()
            self._judge_due()
        return self._touched

    @property
    def wake(self) -> int:
        """The first later `as_of` at which something may be judged otherwise."""
        return self._wakes[0][0] if self._wakes else FOREVER

    def _touches_all(self, event: Event) -> bool:
        if event.type in _TOUCH_ALL or event.id in self._missing_targets:
            return True
        return event.type == SESSION and event.at <= self.ledger.last and self._findings_count_sessions

    def _judge_all(self) -> None:
        before = self.held
        given = list(self.given.values())
        seen, self.ineffective = apply(given, self.plan.vocabulary, self.as_of)
        self.corrections = corrections(given, seen, self.ineffective)
        self._missing_targets = {one.target for one in self.ineffective}
        self._start(coverage(seen))
        current = sorted((event for event in seen if event.at <= self.as_of), key=lambda event: (event.at, event.order))
        if self._of_sessions:
            self._sessions = sessions_of(event for event in current if event.type == SESSION)
        for event in current:
            self.ledger.enter(*self._classified(event))
        self.case.waivers = self.ledger.by_type.get(WAIVER, [])
        for share in self.parts.shares:
            self._mark_range(share, None, EARLIEST, FOREVER, everyone=True)
        self._judge_due()
        for number, keys in enumerate(before):
            for client, judgements in keys.items():
                for about, held in judgements.items():
                    self._touched[number, client, about] = held.items

    def _classified(self, event: Event) -> tuple[Event, tuple[int, ...]]:
        names = self.plan.derived.get(event.type)
        if names:
            event = with_names(event, names, self.engine.zone, self._sessions.get(event.client, ()))
        return event, tuple(self.engine.matcher.match(event.type, event.values))

    def _enter(self, event: Event) -> None:
        if self._of_sessions and event.type == SESSION:
            insort(self._sessions.setdefault(event.client, []), event.at)
        known = event.client is None or event.client in self.ledger.clients
        event, picks = self._classified(event)
        last, shifted = self.ledger.enter(event, picks)
        roles = self.parts.roles(picks)
        self._change_states(roles, event, last=last)
        if event.type == WAIVER:
            self._waive(event)
        if not known:
            for share in self.parts.shares:
                if share.kind is Recurrence and share.rule.per == "relationship":
                    self._mark(share, event.client, None)
        self._mark_doubts(event)
        self._mark_roles(roles, event, last=last, shifted=shifted)
        if event.type == SESSION and not last and self._of_sessions:
            self._count_anew(event)

    def _count_anew(self, session: Event) -> None:
        """Derive anew what a session that came late decides about: attributes of later events of its client."""
        for old in [one for one in self.ledger.since(session.at) if one.client == session.client]:
            names = self.plan.derived.get(old.type, frozenset())
            if old is session or old.type == FINDING or _OF_SESSIONS.isdisjoint(names):
                continue
            event, picks = self._classified(old)
            if event.values == old.values:
                continue
            found = self.ledger.find(anchor_of(old))
            assert found is not None
            self.ledger.leave(old, found[1])
            _, shifted = self.ledger.enter(event, picks)
            for one, own, leaves in ((old, found[1], True), (event, picks, False)):
                roles = self.parts.roles(own)
                self._change_states(roles, one, last=False)
                self._mark_doubts(one)
                self._mark_roles(roles, one, last=False, shifted=leaves or shifted, leaves=leaves)

    def _change_states(self, roles: Roles, event: Event, *, last: bool) -> None:
        for number, opens in roles.states:
            state = self.plan.states[number]
            client = event.client if state.per == "relationship" else None
            sources = (state.opened_by, state.closed_by)
            numbered = any(member.nth for source in sources if source is not None for member in source.members)
            if numbered or (client is None and state.per == "relationship"):
                self.judge.forget(number)
            elif last:
                self.judge.take(number, client, event, opens=opens)
            else:
                self.judge.forget(number, client)

    def _waive(self, waiver: Event) -> None:
        self.case.waivers = self.ledger.by_type[WAIVER]
        for share in self.parts.of_rule.get(waiver.values["rule"], ()):
            self._mark_range(share, None, waiver.at, waiver.values["expires_at"], everyone=True, held_alone=True)

    # --- which judgements are made anew -------------------------------------------------------------------------

    def _mark(self, share: Share, client: str | None, about: About) -> None:
        self._due[share.stratum][share.number, client, about] = None

    def _mark_doubts(self, event: Event) -> None:
        for share in self.parts.doubts.get(event.type, NO_DOUBTS).of(event):
            self._mark_trigger(share, event)

    def _mark_trigger(self, share: Share, event: Event) -> None:
        by_client = share.rule.per == "relationship"
        if by_client and event.client is None:
            return
        client = event.client if by_client else None
        if share.kind is Quota:
            self._mark(share, client, self._period(share, event.at))
        else:
            self._mark(share, client, anchor_of(event))

    def _mark_roles(self, roles: Roles, event: Event, *, last: bool, shifted: bool, leaves: bool = False) -> None:
        for share in roles.triggers:
            self._mark_trigger(share, event)
        for reach in roles.earlier:
            if reach.shifts and shifted:
                self._mark_reach(reach, event, EARLIEST, FOREVER)
            else:
                start = EARLIEST if reach.span is None else event.at - reach.span
                self._mark_reach(reach, event, start, event.at, held_alone=not leaves)
        if not last:
            self._mark_later(roles.later, event, shifted=shifted)
        for share, prolongs in roles.stretches:
            for client in self._clients(share, event):
                if leaves or not prolongs or not self._goes_on(share, client, event, last=last):
                    self._mark(share, client, None)
        for share, triggers in roles.periods:
            for client in self._clients(share, event):
                self._mark_period(share, client, event, triggers=triggers and not leaves, shifted=shifted)

    def _mark_later(self, reaches: Sequence[Reach], event: Event, *, shifted: bool) -> None:
        """Mark the judgements of later triggers that an event decides about: by trigger where few come after it."""
        after = self.ledger.since(event.at)
        if len(after) > self.few or (shifted and any(reach.shifts for reach in reaches)):
            for reach in reaches:
                end = FOREVER if reach.span is None else event.at + reach.span
                self._mark_reach(reach, event, EARLIEST if reach.shifts and shifted else event.at, end)
            return
        for reach in reaches:
            if reach.share.kind in (Recurrence, Quota):
                self._mark_reach(reach, event, event.at, FOREVER)
        touched = {reach.share for reach in reaches}
        everyone = {share for share in touched if share.rule.per == "practitioner" or event.client is None}
        everyone.update(reach.share for reach in reaches if reach.everyone)
        for one in after:
            found = self.ledger.find(anchor_of(one))
            assert found is not None
            own = touched if one.client == event.client else everyone
            for share in (*self.parts.roles(found[1]).triggers, *self.parts.doubts.get(one.type, NO_DOUBTS).of(one)):
                if share in own:
                    self._mark_trigger(share, one)

    def _mark_period(self, share: Share, client: str | None, event: Event, *, triggers: bool, shifted: bool) -> None:
        if shifted:
            self._mark_range(share, client, EARLIEST, FOREVER)
            return
        start = self._period(share, event.at)
        if triggers and self._began(share, client, event, start):
            return
        self._mark(share, client, start)
        for about in self.held[share.number].get(client, _NOTHING):
            if isinstance(about, int) and about > start:  # it may name what came before
                self._mark(share, client, about)

    def _mark_reach(self, reach: Reach, event: Event, start: int, end: int, *, held_alone: bool = False) -> None:
        everyone = reach.everyone or event.client is None
        self._mark_range(reach.share, event.client, start, end, everyone=everyone, held_alone=held_alone)

    def _mark_range(
        self,
        share: Share,
        client: str | None,
        start: int,
        end: int,
        *,
        everyone: bool = False,
        held_alone: bool = False,
    ) -> None:
        """Mark the judgements of the triggers in `[start, end]`, or those alone that say something now."""
        by_client = share.rule.per == "relationship"
        if share.kind is Recurrence:
            for one in ([client] if by_client else [None]) if not everyone else self.case.keys(share.rule):
                self._mark(share, one, None)
            return
        keys = self.held[share.number]
        clients = ([*keys] if everyone else [client]) if by_client else [None]
        for one in clients:
            for about, held in keys.get(one, _NOTHING).items():
                if share.kind is Quota or any(start <= item.trigger.at <= end for item in held.items):
                    self._mark(share, one, about)
        if held_alone:
            return
        assert share.trigger is not None
        for one in self.case.keys(share.rule) if by_client and everyone else clients:
            for event in self.ledger.key_entries(share.trigger, share.rule.per, one).between(start, end):
                self._mark_trigger(share, event)
        for event in self._doubtful(share, start, end):
            if everyone or not by_client or event.client == client:
                self._mark_trigger(share, event)

    def _doubtful(self, share: Share, start: int, end: int) -> Iterator[Event]:
        """The events of `[start, end]` that may be unknown as triggers."""
        for event_type, (names, currency) in self.engine.doubts(share.trigger).items() if share.trigger else ():
            for event in self.ledger.typed_between(event_type, start, end):
                if currency or any(name not in event.values for name in names):
                    yield event

    def _clients(self, share: Share, event: Event) -> Sequence[str | None]:
        """The keys of a rule that an event belongs to where it answers."""
        if share.rule.per == "practitioner":
            return (None,)
        return (event.client,) if event.client is not None else self.case.keys(share.rule)

    def _goes_on(self, share: Share, client: str | None, event: Event, *, last: bool) -> bool:
        """Whether an event prolongs what was going on until then anyway, and what is due is not past."""
        form = share.variant.form
        assert isinstance(form, Recurrence)
        if event.at < self.as_of:  # it may have been over as of then
            return False
        if form.activity is not None:
            active = self.ledger.counted(form.activity, share.rule.per, client, None)
            before = active.last_before(event.at)
            if before is None or event.at - before.at > form.gap or active.times[-1] > event.at:
                return False
        else:
            assert form.state is not None
            timeline = self.judge.timeline(form.state, client)
            change = None if timeline is None else timeline.latest(event.at - 1)
            if not last or change is None or not change.opens or change.lapse <= event.at:
                return False
        held = self.held[share.number].get(client, _NOTHING).get(None)
        items = () if held is None else held.items
        return not any(isinstance(item.verdict, Obligation) and item.verdict.due < self.as_of for item in items)

    def _began(self, share: Share, client: str | None, event: Event, start: int) -> bool:
        """Whether a calendar period held a trigger before this one."""
        assert share.trigger is not None
        earlier = self.ledger.key_entries(share.trigger, share.rule.per, client).last_before(event.at)
        return earlier is not None and earlier.at >= start

    def _period(self, share: Share, at: int) -> int:
        form = share.variant.form
        assert isinstance(form, Quota)
        return self.engine.zone.period(at, form.period)[0]

    def _wake(self) -> None:
        while self._wakes and self._wakes[0][0] <= self.as_of:
            wake, _, (number, client, about) = heappop(self._wakes)
            held = self.held[number].get(client, _NOTHING).get(about)
            if held is not None and held.wake == wake:
                self._mark(self.parts.shares[number], client, about)

    # --- judging ------------------------------------------------------------------------------------------------

    def _judge_due(self) -> None:
        for due in self._due:
            if not due:
                continue
            changed: list[tuple[Share, tuple[Item, ...], tuple[Item, ...]]] = []
            for place in due:
                share = self.parts.shares[place[0]]
                self.judge.wake = FOREVER
                items = self._items(share, place)
                before = self._hold(place, items, self.judge.wake)
                if before or items:
                    changed.append((share, before, items))
            due.clear()
            if changed:
                self._give_back(changed)

    def _items(self, share: Share, place: Place) -> tuple[Item, ...]:
        _, client, about = place
        if share.kind is Recurrence:
            return tuple(self._of_key(share, client))
        if isinstance(about, int):
            return tuple(self._of_period(share, client, about))
        assert about is not None
        return self._of_trigger(share, about)

    def _of_trigger(self, share: Share, about: Anchor) -> tuple[Item, ...]:
        rule, variant = share.rule, share.variant
        found = self.ledger.find(about)
        if found is None or share.trigger is None:
            return ()
        event, picks = found
        if self._is_trigger(share, event, picks):
            outcome = self.judge.judge(variant.form, rule, event)
            if outcome is None:
                return ()
            added = self.judge.considered(rule, variant, event)
            verdict = None if added is None else self.case.verdict(rule, variant, event, outcome, added)
        else:
            missing = self.case.missing(share.trigger, event) if event.type != FINDING else None
            verdict = self.case.supposed(rule, variant, event, missing) if missing else None
        return () if verdict is None else (Item(event, verdict),)

    def _is_trigger(self, share: Share, event: Event, picks: tuple[int, ...]) -> bool:
        if not share.plain.isdisjoint(picks):
            return True
        return any(
            member.pick in picks and self.ledger.is_nth(member, share.rule.per, event) for member in share.numbered
        )

    def _of_key(self, share: Share, client: str | None) -> Iterator[Item]:
        rule, variant = share.rule, share.variant
        assert isinstance(variant.form, Recurrence)
        for trigger, outcome in self.judge.recurrence(variant.form, rule, variant, client):
            added = self.judge.considered(rule, variant, trigger)
            verdict = None if added is None else self.case.verdict(rule, variant, trigger, outcome, added)
            if verdict is not None:
                yield Item(trigger, verdict)

    def _of_period(self, share: Share, client: str | None, start: int) -> Iterator[Item]:
        rule, variant = share.rule, share.variant
        form = variant.form
        assert isinstance(form, Quota)
        end = self.engine.zone.period(start, form.period)[1]
        certain = self.ledger.key_entries(form.trigger, rule.per, client).between(start, end - 1)
        answers = self.ledger.entries(form.answer, rule.per, client, None)
        if certain:
            trigger = [event for event in certain if event.at == certain[0].at][-1]
            outcome = self.judge.period(form, trigger, answers)
            added = None if outcome is None else self.judge.considered(rule, variant, trigger)
            if outcome is not None and added is not None:
                verdict = self.case.verdict(rule, variant, trigger, outcome, added)
                if verdict is not None:
                    yield Item(trigger, verdict)
            return
        for event in self._doubtful(share, start, end - 1):
            if rule.per == "relationship" and event.client != client:
                continue
            missing = self.case.missing(form.trigger, event)
            outcome = self.judge.period(form, event, answers) if missing else None
            if isinstance(outcome, Breach) and self.judge.considered(rule, variant, event) is not None:
                yield Item(event, Unrecorded(missing))

    def _hold(self, place: Place, items: tuple[Item, ...], wake: int) -> tuple[Item, ...]:
        """Keep what a judgement says now; what it said before."""
        number, client, about = place
        keys = self.held[number]
        old = keys.get(client, _NOTHING).get(about)
        if old is None and not items and wake == FOREVER:
            return ()
        before: tuple[Item, ...] = () if old is None else old.items
        if items or wake < FOREVER:
            keys.setdefault(client, {})[about] = Held(items, wake)
            if wake < FOREVER:
                self._pushed += 1
                heappush(self._wakes, (wake, self._pushed, place))
        elif old is not None:
            del keys[client][about]
        if items or before:
            self._touched.setdefault(place, before)
        return before

    def _give_back(self, changed: Iterable[tuple[Share, tuple[Item, ...], tuple[Item, ...]]]) -> None:
        """Findings of a stratum that came, went or changed, as events for the rules of later ones."""
        moved: list[tuple[Event, tuple[int, ...], bool, bool]] = []
        for share, old, new in changed:
            gone = [(item, item.verdict) for item in old if isinstance(item.verdict, Finding)]
            come = [(item, item.verdict) for item in new if isinstance(item.verdict, Finding)]
            if [finding for _, finding in gone] == [finding for _, finding in come]:
                for (was, _), (now, _) in zip(gone, come, strict=True):
                    now.event, now.picks = was.event, was.picks
                continue
            for item, finding in gone:
                if self.case.findings.get(finding.id) is finding:
                    del self.case.findings[finding.id]
                if item.event is not None:
                    self.ledger.leave(item.event, item.picks)
                    moved.append((item.event, item.picks, True, True))
            for item, finding in come:
                self.case.findings[finding.id] = finding
                if share.stratum + 1 < len(self.plan.strata):
                    event, picks = self._classified(self.engine.verdicts.as_event(finding, item.trigger))
                    if picks:
                        item.event, item.picks = event, picks
                        _, shifted = self.ledger.enter(event, picks)
                        moved.append((event, picks, shifted, False))
        for event, picks, shifted, leaves in moved:
            roles = self.parts.roles(picks)
            self._change_states(roles, event, last=False)
            self._mark_roles(roles, event, last=False, shifted=shifted, leaves=leaves)

    # --- what follows -------------------------------------------------------------------------------------------

    def items(self, place: Place) -> tuple[Item, ...]:
        """What a judgement says."""
        number, client, about = place
        held = self.held[number].get(client, _NOTHING).get(about)
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
        untold: dict[tuple[str, str], set[str]] = {}
        areas: dict[str, set[str]] = {}
        uncovered: dict[str, set[str]] = {}
        for share, item in self.all_items():
            if isinstance(item.verdict, Unrecorded):
                for name in item.verdict.attributes:
                    untold.setdefault((share.rule.id, f"attribute {name}"), set()).add(item.trigger.id)
            elif isinstance(item.verdict, Uncovered):
                areas.setdefault(share.rule.id, set()).update(item.verdict.areas)
                uncovered.setdefault(share.rule.id, set()).add(item.trigger.id)
        for rule, triggers in uncovered.items():
            untold[rule, f"area {', '.join(sorted(areas[rule]))}"] = triggers
        return [
            self.engine.verdicts.untold(self.plan.rules[rule], self.practitioner, missing, len(triggers))
            for (rule, missing), triggers in untold.items()
        ]

    def without_effect(self, rules: Iterable[str]) -> list[Ineffective]:
        """The amendments, withdrawals and waivers that have no effect."""
        return self.ineffective + waivers_of_no_rule(self.case.waivers, {*rules}, self.as_of)


_OF_SESSIONS = frozenset({"session_number", "days_since_session"})
_NOTHING: Mapping[About, Any] = {}
