"""Which judgements an event decides about: those are made anew, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ethics_engine.engines.growing import GrowingLedger, anchor_of
from ethics_engine.engines.judging import Judge
from ethics_engine.engines.live import Case
from ethics_engine.engines.roles import NO_DOUBTS, Reach, Roles, Share
from ethics_engine.engines.said import NOTHING, About, Place, Table
from ethics_engine.engines.sides import EARLIEST
from ethics_engine.engines.states import FOREVER
from ethics_engine.events import Event
from ethics_engine.findings import Obligation
from ethics_engine.plan import Quota, Recurrence, Same


class Marking(Table):
    """Marks judgements as due to be made anew, stratum by stratum.

    Where more than `few` events come after one, what it decides about is looked for rule by rule, otherwise event by
    event; the judgement is the same.
    """

    few = 64
    as_of: int
    ledger: GrowingLedger
    judge: Judge
    case: Case
    _due: list[dict[Place, Event | None]]
    """By stratum, with the trigger where it is known to be one."""

    def _mark(self, share: Share, client: str | None, about: About, trigger: Event | None = None) -> None:
        self._due[share.stratum][share.number, client, about] = trigger

    def _mark_doubts(self, event: Event) -> None:
        for share in self.parts.doubts.get(event.type, NO_DOUBTS).of(event):
            self._mark_trigger(share, event)

    def _mark_trigger(self, share: Share, event: Event, *, certain: bool = False) -> None:
        by_client = share.rule.per == "relationship"
        if by_client and event.client is None:
            return
        client = event.client if by_client else None
        if share.kind is Quota:
            self._mark(share, client, self._period(share, event.at))
        else:
            self._mark(share, client, anchor_of(event), event if certain else None)

    def _mark_roles(self, roles: Roles, event: Event, *, last: bool, shifted: bool, leaves: bool = False) -> None:
        for share in roles.triggers if leaves else roles.plain:
            self._mark_trigger(share, event, certain=not leaves)
        for member, per, shares in () if leaves else roles.numbered:
            for share in shares.get(self.ledger.numbering.number_of(member, per, event), ()):
                self._mark_trigger(share, event)
        for reach in roles.earlier:
            if reach.shifts and shifted:
                self._mark_reach(reach, event, EARLIEST, FOREVER)
            else:
                start = EARLIEST if reach.span is None else event.at - reach.span
                if leaves or reach.share.kind is Recurrence:
                    self._mark_reach(reach, event, start, event.at)
                else:
                    self._mark_held(reach, event, start)
        if roles.later and not last:
            self._mark_later(roles, event, shifted=shifted)
        for share, prolongs, everyone in roles.stretches:
            for client in self._clients(share, event, everyone=everyone):
                if leaves or not prolongs or not self._goes_on(share, client, event, last=last):
                    self._mark(share, client, None)
        for share, triggers in roles.periods:
            for client in self._clients(share, event):
                self._mark_period(share, client, event, triggers=triggers and not leaves, shifted=shifted)

    def _mark_later(self, roles: Roles, event: Event, *, shifted: bool) -> None:
        """Mark the judgements of later triggers that an event decides about: by trigger where few come after it."""
        after = self.ledger.since(event.at)
        if len(after) > self.few or (shifted and roles.shifts):
            for reach in roles.later:
                end = FOREVER if reach.span is None else event.at + reach.span
                self._mark_reach(reach, event, EARLIEST if reach.shifts and shifted else event.at, end)
            return
        for reach in roles.later_keys:
            self._mark_reach(reach, event, event.at, FOREVER)
        for one in after:
            if one is event:
                continue
            found = self.ledger.find(anchor_of(one))
            assert found is not None
            everyone = event.client is None or one.client == event.client
            own = roles.later_shares if everyone else roles.later_of_all
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
        for about in self.of_key(share, client):
            if isinstance(about, int) and about > start:  # it may name what came before
                self._mark(share, client, about)

    def _mark_held(self, reach: Reach, event: Event, start: int) -> None:
        """Mark the judgements that say something of triggers in `[start, event.at]` that an event may answer."""
        share, keys = reach.share, self.held[reach.share.number]
        if not keys:
            return
        clients: Iterable[str | None] = (None,)
        if share.rule.per == "relationship":
            clients = [*keys] if reach.everyone or event.client is None else (event.client,)
        for client in clients:
            for about, held in keys.get(client, NOTHING).items():
                for item in held.items:
                    trigger = item.trigger
                    if share.kind is Quota or (start <= trigger.at <= event.at and _same(reach.same, trigger, event)):
                        self._mark(share, client, about)
                        break

    def _mark_reach(self, reach: Reach, event: Event, start: int, end: int) -> None:
        everyone = reach.everyone or event.client is None
        self._mark_range(reach.share, event.client, start, end, everyone=everyone)

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
            for about, held in keys.get(one, NOTHING).items():
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

    def _clients(self, share: Share, event: Event, *, everyone: bool = False) -> Sequence[str | None]:
        """The keys of a rule that an event belongs to where it answers."""
        if share.rule.per == "practitioner":
            return (None,)
        return self.case.keys(share.rule) if everyone or event.client is None else (event.client,)

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
            now = None if timeline is None else timeline.latest(event.at)
            if not last or change is None or not change.opens or change.lapse <= event.at:
                return False
            if now is None or not now.opens or now.lapse < change.lapse:
                return False
        held = self.of_key(share, client).get(None)
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


def _same(names: Same, trigger: Event, event: Event) -> bool:
    """Whether an event has the values of a trigger that must be the same."""
    return not names or all(trigger.values.get(mine) == event.values.get(theirs) for theirs, mine in names)
