"""What a judgement says now: of one trigger, of the stretches of one key, of one calendar period."""

from __future__ import annotations

from collections.abc import Iterator

from ethics_engine.engines.marking import Marking
from ethics_engine.engines.roles import Share
from ethics_engine.engines.said import Item, Place
from ethics_engine.engines.untold import missing_of, unknown_as
from ethics_engine.events import Event
from ethics_engine.plan import FINDING, Quota, Recurrence


class Saying(Marking):
    """Makes single judgements of one practitioner's ledger."""

    def _items(self, share: Share, place: Place) -> tuple[Item, ...]:
        _, client, about = place
        if share.kind is Recurrence:
            return tuple(self._of_key(share, client))
        if isinstance(about, int):
            return tuple(self._of_period(share, client, about))
        assert about is not None
        found = self.ledger.find(about)
        if found is None:
            return ()
        event, picks = found
        return self._of_trigger(share, event) if self._is_trigger(share, event, picks) else self._of_doubt(share, event)

    def _of_trigger(self, share: Share, event: Event) -> tuple[Item, ...]:
        rule, variant = share.rule, share.variant
        outcome = self.judge.judge(variant.form, rule, event)
        if outcome is None:
            return ()
        added = self.judge.considered(rule, variant, event)
        verdict = None if added is None else self.case.verdict(rule, variant, event, outcome, added)
        return () if verdict is None else (Item(event, verdict),)

    def _of_doubt(self, share: Share, event: Event) -> tuple[Item, ...]:
        """What is said of an event that may be unknown as a trigger."""
        if share.trigger is None or event.type == FINDING:
            return ()
        missing = missing_of(self.engine.plan, share.trigger, event)
        verdict = self.case.supposed(share.rule, share.variant, event, missing) if missing else None
        return () if verdict is None else (Item(event, verdict),)

    def _is_trigger(self, share: Share, event: Event, picks: tuple[int, ...]) -> bool:
        if not share.plain.isdisjoint(picks):
            return True
        return any(
            member.pick in picks and self.ledger.numbering.is_nth(member, share.rule.per, event)
            for member in share.numbered
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
            missing = missing_of(self.engine.plan, form.trigger, event)
            outcome = self.judge.period(form, event, answers) if missing else None
            untold = unknown_as(outcome, missing)
            if untold is not None and self.judge.considered(rule, variant, event) is not None:
                yield Item(event, untold)
