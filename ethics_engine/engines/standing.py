"""One practitioner's judgement as it stands: an event that comes changes what it touches, and the rest stays.

What a rule makes of one trigger (of one stretch, of one calendar period) is a *judgement of its own*, kept with the
first later `as_of` at which it may be another. An event that comes is put into the ledger; the roles of its selections
tell which of these judgements it can decide about; those are made anew, stratum by stratum, and findings that come, go
or change are events for the rules of later strata.

Amendments, withdrawals and `log.covers` may touch everything: there all of it is judged anew.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush

from ethics_engine.amendments import WAIVER, Correction, Ineffective, apply, corrections, waivers_of_no_rule
from ethics_engine.engines.derived import OF_SESSIONS, SESSION, count_sessions, sessions_of, with_names
from ethics_engine.engines.growing import GrowingLedger, anchor_of
from ethics_engine.engines.judging import Judge
from ethics_engine.engines.ledger import coverage
from ethics_engine.engines.live import Case, Judgement, LiveEvaluator
from ethics_engine.engines.roles import Parts, Roles, Share
from ethics_engine.engines.said import NOTHING, Held, Item, Place
from ethics_engine.engines.saying import Saying
from ethics_engine.engines.sides import EARLIEST
from ethics_engine.engines.states import FOREVER
from ethics_engine.events import AMENDED, COVERS, WITHDRAWN, Event
from ethics_engine.findings import Finding
from ethics_engine.plan import FINDING, Recurrence

_TOUCH_ALL = frozenset({AMENDED, WITHDRAWN, COVERS})


class Standing(Saying):
    """Judges one practitioner's events as they come. An exception leaves it unusable: make another one.

    Of more than `many` events all are judged anew where a session comes before most of them: judged one by one, what
    counts sessions takes longer.
    """

    many = 1_000

    def __init__(self, engine: LiveEvaluator, parts: Parts, practitioner: str) -> None:
        super().__init__(engine, parts, practitioner)
        self.given: dict[str, Event] = {}
        self.as_of = EARLIEST
        self.ineffective: list[Ineffective] = []
        self.corrections: list[Correction] = []
        self._of_sessions = count_sessions(self.plan.derived)
        self._findings_count_sessions = not OF_SESSIONS.isdisjoint(self.plan.derived.get(FINDING, frozenset()))
        self._missing_targets: set[str] = set()
        self._touched: dict[Place, tuple[Item, ...]] = {}
        self._start(None)

    def _start(self, covered: frozenset[str] | None) -> None:
        self.ledger = GrowingLedger(self.plan, self.practitioner, covered)
        self.judge = Judge(self.plan, self.ledger, self.engine.zone, self.as_of)
        self.case = Case(self.engine, self.practitioner, self.ledger, self.judge, self.as_of, Judgement())
        self.held = [{} for _ in self.parts.shares]
        self._sessions: dict[str | None, list[int]] = {}
        self._wakes: list[tuple[int, int, Place]] = []
        self._pushed = 0
        self._due = [{} for _ in self.plan.strata]

    # --- events and time ----------------------------------------------------------------------------------------

    def settle(self, fresh: Sequence[Event], as_of: int) -> Mapping[Place, tuple[Item, ...]]:
        """Take events that were not given before, and judge as of an instant that is no earlier than the last one.

        Returns the judgements that were made anew and say something, or did: with what they said before.
        """
        self._touched = {}
        self.as_of = self.judge.as_of = self.case.as_of = as_of
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
    def sleeps_until(self) -> int:
        """`wake`, or earlier: what is known without looking."""
        return self._wakes[0][0] if self._wakes else FOREVER

    @property
    def wake(self) -> int:
        """The first later `as_of` at which something may be judged otherwise."""
        while self._wakes:
            queued, _, place = self._wakes[0]
            number, client, about = place
            held = self.held[number].get(client, NOTHING).get(about)
            if held is not None and held.queued == queued:
                if held.wake == queued:
                    return queued
                if held.wake < FOREVER:
                    self._queue(place, held)
            heappop(self._wakes)
        return FOREVER

    def _touches_all(self, event: Event) -> bool:
        if event.type in _TOUCH_ALL or event.id in self._missing_targets:
            return True
        if event.type != SESSION or event.at > self.ledger.last:
            return False
        return self._findings_count_sessions or (self._of_sessions and self._comes_before_most(event))

    def _comes_before_most(self, session: Event) -> bool:
        """Whether a session that other events count comes so late that judging all anew takes less time."""
        number = len(self.ledger.ordered)
        return number > self.many and len(self.ledger.since(session.at)) * 2 > number

    def _judge_all(self) -> None:
        before = self.held
        given = list(self.given.values())
        seen, self.ineffective = apply(given, self.plan.vocabulary, self.as_of)
        self.corrections = corrections(given, seen, self.ineffective)
        self._missing_targets = {one.target for one in self.ineffective}
        self.ledger.release()
        self._start(coverage(seen))
        current = sorted((event for event in seen if event.at <= self.as_of), key=lambda event: (event.at, event.order))
        if self._of_sessions:
            self._sessions = sessions_of(event for event in current if event.type == SESSION)
        self.ledger.clients.update(event.client for event in current if event.client is not None)
        for event in current:
            if event.type in self.parts.asked:
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
        if event.client is not None and event.client not in self.ledger.clients:
            self.ledger.meet(event.client)
            for share in self.parts.shares:
                if share.kind is Recurrence and share.rule.per == "relationship":
                    self._mark(share, event.client, None)
        if event.type not in self.parts.asked:
            return
        event, picks = self._classified(event)
        last, shifted = self.ledger.enter(event, picks)
        roles = self.parts.roles(picks)
        if roles.states:
            self._change_states(roles, event)
        if event.type == WAIVER:
            self._waive(event)
        if event.type in self.parts.doubts:
            self._mark_doubts(event)
        if roles.any:
            self._mark_roles(roles, event, last=last, shifted=shifted)
        if event.type == SESSION and not last and self._of_sessions:
            self._count_anew(event)

    def _count_anew(self, session: Event) -> None:
        """Derive anew what a session that came late decides about: attributes of later events of its client."""
        for old in [one for one in self.ledger.since(session.at) if one.client == session.client]:
            names = self.plan.derived.get(old.type, frozenset())
            if old is session or old.type == FINDING or OF_SESSIONS.isdisjoint(names):
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
                self._change_states(roles, one, leaves=leaves)
                self._mark_doubts(one)
                self._mark_roles(roles, one, last=False, shifted=leaves or shifted, leaves=leaves)

    def _change_states(self, roles: Roles, event: Event, *, leaves: bool = False) -> None:
        for number, opens in roles.states:
            state = self.plan.states[number]
            client = event.client if state.per == "relationship" else None
            if number in self.parts.numbered_states or (client is None and state.per == "relationship"):
                self.judge.forget(number)
            elif leaves:
                self.judge.forget(number, client)
            else:
                self.judge.take(number, client, event, opens=opens)

    def _waive(self, waiver: Event) -> None:
        self.case.waivers = self.ledger.by_type[WAIVER]
        for share in self.parts.of_rule.get(waiver.values["rule"], ()):
            self._mark_range(share, None, waiver.at, waiver.values["expires_at"], everyone=True, held_alone=True)

    def _wake(self) -> None:
        while self.sleeps_until <= self.as_of and self.wake <= self.as_of:
            number, client, about = heappop(self._wakes)[2]
            self._mark(self.parts.shares[number], client, about)

    def _queue(self, place: Place, held: Held) -> None:
        """Have a judgement looked at again when it may be another."""
        held.queued = held.wake
        self._pushed += 1
        heappush(self._wakes, (held.wake, self._pushed, place))

    # --- judging ------------------------------------------------------------------------------------------------

    def _judge_due(self) -> None:
        for due in self._due:
            if not due:
                continue
            changed: list[tuple[Share, tuple[Item, ...], tuple[Item, ...]]] = []
            for place, trigger in due.items():
                share = self.parts.shares[place[0]]
                self.judge.wake = FOREVER
                items = self._items(share, place) if trigger is None else self._of_trigger(share, trigger)
                before = self._hold(place, items, self.judge.wake)
                if (before or items) and _tell_finding(before, items):
                    changed.append((share, before, items))
            due.clear()
            if changed:
                self._give_back(changed)

    def _hold(self, place: Place, items: tuple[Item, ...], wake: int) -> tuple[Item, ...]:
        """Keep what a judgement says now; what it said before."""
        number, client, about = place
        keys = self.held[number]
        old = keys.get(client, NOTHING).get(about)
        if old is None and not items and wake == FOREVER:
            return ()
        before: tuple[Item, ...] = () if old is None else old.items
        if items or wake < FOREVER:
            held = keys.setdefault(client, {})[about] = Held(items, wake, FOREVER)
            if old is not None and self.as_of < old.queued <= wake:
                held.queued = old.queued
            elif wake < FOREVER:
                self._queue(place, held)
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
            self._change_states(roles, event, leaves=leaves)
            self._mark_roles(roles, event, last=False, shifted=shifted, leaves=leaves)

    def without_effect(self, rules: Iterable[str]) -> list[Ineffective]:
        """The amendments, withdrawals and waivers that have no effect."""
        return self.ineffective + waivers_of_no_rule(self.case.waivers, {*rules}, self.as_of)


def _tell_finding(*several: tuple[Item, ...]) -> bool:
    return any(isinstance(item.verdict, Finding) for items in several for item in items)
