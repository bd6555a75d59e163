"""The forms that look at a whole key: stretches without an answer (`every`) and calendar periods (`each`)."""

from __future__ import annotations

from collections.abc import Sequence

from ethics_engine.engines.live import Case
from ethics_engine.engines.outcomes import Breach, Outcome
from ethics_engine.engines.states import FOREVER
from ethics_engine.engines.states import Span as Stretch
from ethics_engine.events import Event
from ethics_engine.explaining.model import Point, Step
from ethics_engine.explaining.words import Words, apart, ids
from ethics_engine.plan import Quota, Recurrence, Rule, Variant
from ethics_engine.scalars import format_instant, number_out


class Periods:
    """Asks the questions of one rule that looks at stretches or periods."""

    def __init__(self, words: Words, case: Case, rule: Rule, variant: Variant) -> None:
        self.words = words
        self.case = case
        self.judge = case.judge_
        self.rule = rule
        self.variant = variant

    # Stretches

    def stretch(self, form: Recurrence, client: str | None, event: Event, due: int | None = None) -> Stretch | None:
        """The stretch that an event begins (the one with this due time), or the one that it falls in."""
        found = list(self.judge.stretches(form, self.rule, self.variant, client))
        begun = [one for one in found if one.begun_by.id == event.id and due in (None, one.start + form.every)]
        return next(iter(begun), next((one for one in found if one.start <= event.at < one.end), None))

    def every(self, form: Recurrence, client: str | None, stretch: Stretch, outcome: Outcome | None) -> Step:
        """A stretch: what began it, how long it lasted, what would have ended it."""
        words, until = self.words, min(stretch.known_until, self.judge.as_of)
        due = stretch.start + form.every
        points = [
            Point(
                f"The stretch began with {words.event(stretch.begun_by)} at {words.moment(stretch.start)}.",
                {"since": format_instant(stretch.start)},
                (stretch.begun_by.id,),
                (stretch.begun_by,),
            ),
            self._goes_on(form, client, stretch, due),
            *(point for number in self.variant.not_during for point in self._blocks(number, client, stretch)),
            Point(
                f"Looked for, at least every {words.length(form.every)}: {words.source(form.answer)}.",
                {"every": words.length(form.every), "due": format_instant(due)},
            ),
        ]
        answers = self.case.ledger.entries(form.answer, self.rule.per, client, None)
        following = answers.first_between(stretch.start + 1, FOREVER)
        length = apart(until - stretch.start)
        if isinstance(outcome, Breach):
            said = f"It was due by {words.moment(due)}; the stretch without one lasted {length} at least."
        else:
            said = f"The stretch lasted {length}; {words.length(form.every)} are allowed, until {words.moment(due)}."
        points.insert(len(points) if isinstance(outcome, Breach) else 0, Point(said, {"lasted": length}))
        if following is not None:
            points.append(Point(f"The next one is {words.event(following)}.", {"next": following.id}, (following.id,)))
        else:
            points.append(Point("No later one is in the log."))
        return Step("every", "The stretch", tuple(points), holds=isinstance(outcome, Breach))

    def _goes_on(self, form: Recurrence, client: str | None, stretch: Stretch, due: int) -> Point:
        """What kept the state, or the activity, going from before the stretch until the answer was due."""
        if form.activity is not None:
            active = self.case.ledger.counted(form.activity, self.rule.per, client, None)
            kept = _links(active.events, stretch.start, min(due, stretch.known_until), form.gap)
            said = f"The activity goes on while no more than {self.words.length(form.gap)} lie between its events"
            said += f" ({self.words.source(form.activity)})."
            return Point(said, {"gap": self.words.length(form.gap)}, ids(kept), tuple(kept))
        assert form.state is not None
        kept = list(dict.fromkeys(self._keeps_open(form.state, client, stretch, due)))
        name = self.case.plan.states[form.state].name
        named = ", ".join(self.words.event(one) for one in kept)
        return Point(f"The state `{name}` was open: {named}.", {"state": name}, ids(kept), tuple(kept))

    def _blocks(self, number: int, client: str | None, stretch: Stretch) -> list[Point]:
        """What opened and closed a state of `not_during` last, before the stretch."""
        timeline = self.judge.timeline(number, client)
        before = [] if timeline is None else [one for one in timeline.changes if one.at <= stretch.start]
        opening = next((one for one in reversed(before) if one.opens), None)
        if opening is None:
            return []
        events = tuple(dict.fromkeys((opening.event, before[-1].event)))
        name = self.case.plan.states[number].name
        named = ", then ".join(self.words.event(one) for one in events)
        said = f"Times of the state `{name}` are left out; the last before was that of {named}."
        return [Point(said, {"left_out": name}, ids(events), events)]

    def _keeps_open(self, number: int, client: str | None, stretch: Stretch, due: int) -> list[Event]:
        """The openings that keep a state from lapsing from the stretch's start until the answer was due."""
        timeline = self.judge.timeline(number, client)
        if timeline is None:
            return []
        openings = [one for one in timeline.changes if one.opens]
        earlier = timeline.latest(stretch.start - 1)
        current = earlier if earlier is not None and earlier.opens and earlier.lapse > stretch.start else None
        kept = [] if current is None else [current]
        reach = stretch.start if current is None else current.lapse
        end = min(due, self.judge.as_of)
        while reach <= end:
            following = [one for one in openings if one.at <= reach and one.lapse > reach]
            if not following:
                break
            kept.append(max(following, key=lambda one: one.at))
            reach = kept[-1].lapse
        return [one.event for one in kept]

    # Calendar periods

    def each(self, form: Quota, client: str | None, event: Event, outcome: Outcome | None) -> Step:
        """A calendar period: its bounds, its first trigger, what was counted."""
        words, ledger = self.words, self.case.ledger
        start, end = self.judge.zone.period(event.at, form.period)
        triggers = ledger.counted(form.trigger, self.rule.per, client, None).between(start, end - 1)
        first = max((one for one in triggers if one.at == triggers[0].at), key=lambda one: one.order, default=event)
        within = ledger.entries(form.answer, self.rule.per, client, None).between(start, end - 1)
        (got, mixed), name = self.judge.got(form, within), form.measure.attribute
        what = "" if name is None else f" {name}"
        values = {"got": number_out(got), "needed": number_out(form.need), "period": words.zone.date(start).isoformat()}
        over = "over" if self.judge.as_of >= end else "not over yet"
        points = [
            Point(
                f"The {form.period} from {words.moment(start)} to {words.moment(end)} is {over}; it is judged because "
                f"it holds {words.event(first)}.",
                {"from": format_instant(start), "until": format_instant(end)},
                (first.id,),
                (first,),
            ),
            Point(
                f"Counted: {number_out(got)}{what} of {number_out(form.need)} needed ({words.source(form.answer)}).",
                values,
            ),
        ]
        if mixed:
            points.append(Point("Amounts in another currency are not added: of them it cannot be told."))
        for one in within:
            value = "" if name is None else f"; {name}: {words.value(one.type, name, one.values.get(name))}"
            points.append(Point(words.event(one) + value, {}, (one.id,), (one,)))
        return Step("each", "The period", tuple(points), holds=isinstance(outcome, Breach))


def _links(events: Sequence[Event], start: int, until: int, gap: int) -> list[Event]:
    """As few events as show that an activity went on from `start` beyond `until`, none further apart than `gap`."""
    current = next((one for one in reversed(events) if one.at < start), None)
    if current is None or start - current.at > gap:
        current = next((one for one in events if one.at >= start), None)
    links = [] if current is None else [current]
    while current is not None and current.at <= until:
        following = [one for one in events if current.at < one.at <= current.at + gap]
        current = following[-1] if following else None
        links += [] if current is None else [current]
    return links
