"""How the forms that look at a whole key judge it: recurrence, and quota. They yield their triggers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ethics_engine.engines.keys import of_client
from ethics_engine.engines.ledger import Entries
from ethics_engine.engines.outcomes import Breach, Duty, Outcome, Uncovered, Unrecorded
from ethics_engine.engines.sides import EARLIEST, SideTests
from ethics_engine.engines.states import Span as Stretch
from ethics_engine.engines.states import stretches, without
from ethics_engine.events import Event
from ethics_engine.messages import Instant, Period, Span
from ethics_engine.plan import Measure, Quota, Recurrence, Rule, Variant
from ethics_engine.scalars import MICRO, number_out


class WholeKeys(SideTests):
    """Judges the keys of one practitioner's ledger at one `as_of`."""

    def recurrence(
        self, form: Recurrence, rule: Rule, variant: Variant, client: str | None
    ) -> Iterator[tuple[Event, Outcome]]:
        """The stretches of a key that are too long, or on the way to it, with the events that start them."""
        for stretch in self.stretches(form, rule, variant, client, longer_than=form.every):
            due = stretch.start + form.every
            self.changes_at(stretch.start)
            self.changes_at(stretch.end)
            self.changes_at(due + 1)
            values = {"since": Instant(stretch.start), "every": Span(form.every)}
            outcome: Outcome | None = None
            if min(stretch.known_until, self.as_of) > due:
                outcome = Breach(due, values=values)
            elif stretch.start <= self.as_of and (stretch.end > self.as_of or stretch.end > due):
                outcome = Duty(due, values)  # not yet past, or it is not known whether the activity went on so long
            if outcome is not None:
                uncovered = self.ledger.uncovered(form.answer.areas) | self.unseen(variant)
                yield of_client(stretch.begun_by, client), Uncovered(uncovered) if uncovered else outcome

    def stretches(
        self, form: Recurrence, rule: Rule, variant: Variant, client: str | None, longer_than: int = -1
    ) -> Iterator[Stretch]:
        """The stretches of a key without an answer, in order; those answered in time only where they are asked for."""
        if form.activity is not None:
            spans = self.active(form.activity, rule, client, form.gap)
        else:
            assert form.state is not None
            timeline = self.timeline(form.state, client)
            spans = [] if timeline is None else timeline.spans()
        for number in variant.not_during:
            blocking = self.timeline(number, client)
            spans = without(spans, [] if blocking is None else blocking.spans())
        answers = self.ledger.entries(form.answer, rule.per, client, None)
        for span in spans:
            yield from stretches(span, answers, self.as_of, longer_than)

    def quota(
        self, form: Quota, rule: Rule, client: str | None, supposed: Sequence[Event] = ()
    ) -> Iterator[tuple[Event, Outcome]]:
        """The calendar periods of a key that hold a trigger and too little of the answer.

        With `supposed` the periods are those of these events, where no certain trigger stands in them.
        """
        certain = self.ledger.of_key(form.trigger, rule.per, client)
        answers = self.ledger.entries(form.answer, rule.per, client, None)
        firsts: dict[int, Event] = {}
        start = end = EARLIEST
        for event in certain:
            if event.at >= end:  # they come in order: the calendar is asked once a period
                start, end = self.zone.period(event.at, form.period)
            first = firsts.setdefault(start, event)
            if first.at == event.at:
                firsts[start] = event
        if supposed:
            triggers = [event for event in supposed if self.zone.period(event.at, form.period)[0] not in firsts]
        else:
            triggers = list(firsts.values())
        for event in triggers:
            outcome = self.period(form, event, answers)
            if outcome is not None:
                yield event, outcome

    def period(self, form: Quota, event: Event, answers: Entries) -> Outcome | None:
        """What comes of the period around its first trigger."""
        start, end = self.zone.period(event.at, form.period)
        within = answers.between(start, end - 1)
        got, mixed = self.got(form, within)
        if got >= form.need:
            return None
        uncovered = self.ledger.uncovered(form.answer.areas)
        if uncovered:
            return Uncovered(uncovered)
        period = Period.starting(self.zone.date(start), form.period)
        values = {"got": number_out(got), "needed": number_out(form.need), "period": period}
        self.changes_at(end)
        if self.as_of < end:
            return Duty(end, values)
        if mixed:
            return Unrecorded(frozenset({"currency"}))
        before = answers.last_before(start)
        return Breach(end, (*(() if before is None else (before,)), *within), values)

    def got(self, form: Quota, within: Sequence[Event]) -> tuple[int, bool]:
        """How much of the answer some events come to (millionths), and whether they have more in another currency.

        Where the practice's currency is not known, it is the one that there is most of.
        """
        measure = form.measure
        if measure.kind == "count":
            return len(within) * MICRO, False
        if not measure.money:
            return sum_of(measure, within), False
        sums: dict[str | None, int] = {}
        for event in within:
            if amount := event.values.get(measure.attribute or ""):
                currency = event.values.get("currency", self.plan.currency)
                sums[currency] = sums.get(currency, 0) + amount
        unknown = sums.pop(None, 0)
        if self.plan.currency is None:
            return max(sums.values(), default=0) + unknown, len(sums) > 1
        own = sums.pop(self.plan.currency, 0)
        return own, bool(sums)


def sum_of(measure: Measure, window: Sequence[Event]) -> int:
    """The sum of an attribute (millionths); an event that lacks it adds nothing."""
    return sum(one.values.get(measure.attribute or "", 0) for one in window)
