"""The question that each form asks about one trigger, with what the log holds to answer it.

Nothing is judged here: the windows, measures, terms and comparisons are those of `engines/judging.py`, asked again.
A step holds where the rule finds. The forms that look at stretches and periods are in `periods.py`.
"""

from __future__ import annotations

from fractions import Fraction
from functools import singledispatchmethod
from typing import Any

from ethics_engine.engines.live import Case
from ethics_engine.engines.outcomes import Breach, Outcome
from ethics_engine.engines.states import FOREVER
from ethics_engine.events import Event
from ethics_engine.explaining.comparison import compared
from ethics_engine.explaining.model import Point, Step
from ethics_engine.explaining.words import Words, apart, counted, ids, number
from ethics_engine.plan import Chain, Expectation, Forbid, Limit, Precedence, Response, Rule, Terms
from ethics_engine.scalars import MICRO, format_instant, number_out

EARLIEST = -FOREVER


class Questions:
    """Asks the question of one rule's form."""

    def __init__(self, words: Words, case: Case, rule: Rule) -> None:
        self.words = words
        self.case = case
        self.judge = case.judge_
        self.rule = rule

    @singledispatchmethod
    def ask(self, form: Any, event: Event, outcome: Outcome | None) -> Step:
        """What was asked about a trigger, and how it came out."""
        raise TypeError(f"no such form: {type(form).__name__}")

    @ask.register
    def _forbid(self, form: Forbid, event: Event, outcome: Outcome | None) -> Step:
        return Step("forbid", "What the rule says", (Point("Each such event is a finding."),))

    # Answers before and after

    @ask.register
    def _precedence(self, form: Precedence, event: Event, outcome: Outcome | None) -> Step:
        end = self.words.moment(event.at)
        span = f"at any time up to {end}"
        if form.within is not None:
            length = self.words.length(form.within)
            span = f"from {self.words.moment(event.at - form.within)} to {end} ({length})"
        looked = Point(f"Looked for: {self.words.source(form.answer, event)}, {span}.")
        last = self.judge.latest(form.answer, self.rule, event)
        if last is None:
            found = Point("Nothing of that kind is in the log before.")
        elif outcome is None:
            said = f"It was there: {self.words.event(last)}, {_away(event, last)}."
            found = Point(said, {"answered_by": last.id}, (last.id,))
        else:
            said = f"The nearest earlier one is {self.words.event(last)}, {_away(event, last)}"
            over = "" if form.within is None else f", {apart(event.at - last.at - form.within)} too early"
            found = Point(f"{said}{over}.", {"nearest": last.id}, (last.id,))
        first, second = (found, looked) if outcome is None else (looked, found)
        return self._asked("before", "What had to come before", outcome, first, second)

    @ask.register
    def _response(self, form: Response, event: Event, outcome: Outcome | None) -> Step:
        heading = "What had to come after"
        terms = () if isinstance(form.within, int) else (self._terms(form.within, event),)
        within = form.within if isinstance(form.within, int) else self.judge.days(form.within, self.rule, event)
        if within is None:
            said = "The terms in force name no time for it, so there is nothing to be late for."
            return self._asked("within", heading, outcome, *terms, Point(said))
        due = event.at + within
        counts = "; an earlier one counts too" if form.earlier_counts else ""
        said = (
            f"It would have been answered by {self.words.source(form.answer, event)}, by {self.words.moment(due)} "
            f"({self.words.length(within)} after){counts}."
        )
        values = {"due": format_instant(due), "within": self.words.length(within)}
        points = [*terms, Point(said, values)]
        ledger, start = self.case.ledger, EARLIEST if form.earlier_counts else event.at
        answers = ledger.entries(form.answer, self.rule.per, event.client, event)
        answer = answers.first_between(start, due, event)
        if answer is not None:
            said = f"It was answered in time by {self.words.event(answer)}, {_away(event, answer)}."
            points.insert(0, Point(said, {"answered_by": answer.id}, (answer.id,)))
            return self._asked("within", heading, outcome, *points)
        points.append(self._late(answers.first_between(due + 1, FOREVER, event), due))
        if form.waived_by is not None:
            waivers = ledger.entries(form.waived_by, self.rule.per, event.client, event)
            ended = waivers.first_between(event.at, due, event)
            if ended is None:
                points.append(Point(f"Nothing ended the duty: {self.words.source(form.waived_by, event)}."))
            else:
                said = f"The duty was ended by {self.words.event(ended)}, {_away(event, ended)}."
                points.insert(0, Point(said, {"ended_by": ended.id}, (ended.id,)))
        return self._asked("within", heading, outcome, *points)

    def _late(self, late: Event | None, due: int) -> Point:
        if late is None:
            return Point("No answer is in the log.")
        said = f"The nearest answer is {self.words.event(late)}, {apart(late.at - due)} after it was due."
        return Point(said, {"nearest": late.id}, (late.id,))

    def _terms(self, terms: Terms, event: Event) -> Point:
        found = self.judge.latest(terms.source, self.rule, event)
        if found is None and terms.default is None:
            return Point(f"No terms are in force: there is no {self.words.source(terms.source, event)} before.")
        if found is not None and terms.attribute not in found.values and terms.default is None:
            return Point(f"{self.words.event(found)} does not say {terms.attribute}.", {}, (found.id,))
        rests = () if found is None else (found,)
        return Point(f"The terms in force: {self.words.terms(terms, found)}.", {}, ids(rests), rests)

    # Counting

    @ask.register
    def _limit(self, form: Limit, event: Event, outcome: Outcome | None) -> Step:
        heading = "What was counted"
        if missing := [name for name in form.same if name not in event.values]:
            said = f"{missing[0]} is not recorded, so the event cannot be counted with others like it."
            return Step("limit", heading, (Point(said, {"missing": missing}),), holds=False, tells=False)
        start = event.at - form.within
        own = self.case.ledger.alike(form.trigger, self.rule.per, event.client, form.same, event)
        window = own.between(start, event.at)
        if form.measure.money:
            window = self.judge.in_its_currency(window, event)
        points = [] if isinstance(form.to, int) else [self._terms(form.to, event)]
        allowed, _ = self.judge.bound(form, self.rule, event)
        points += [self._counted(form, one) for one in window]
        if form.measure.base is not None:
            points.append(self._base(form, event, start))
        measured = self.judge.measured(form.measure, self.rule, event, window, form.same, start)
        alike = "".join(f", {name} {self.words.value(event.type, name, event.values[name])}" for name in form.same)
        span = f"in the {self.words.length(form.within)} from {self.words.moment(start)} on{alike}"
        said = f"{self._measured(form, measured, len(window))} {span}; {_allowed(allowed)}."
        values = {
            form.measure.kind: None if measured is None else number_out(int(measured * MICRO)),
            "allowed": None if allowed is None else number_out(int(allowed * MICRO)),
        }
        return self._asked("limit", heading, outcome, Point(said, values), *points)

    def _counted(self, form: Limit, one: Event) -> Point:
        said = self.words.event(one)
        name = form.measure.attribute
        if name is not None:
            said += f"; {name}: {self.words.value(one.type, name, one.values.get(name))}"
        return Point(said, {}, (one.id,), (one,))

    def _base(self, form: Limit, event: Event, start: int) -> Point:
        """The events that a share is a share of."""
        assert form.measure.base is not None
        base = self.case.ledger.counted(form.measure.base, self.rule.per, event.client, event).between(start, event.at)
        same = [one for one in base if all(one.values.get(name) == event.values[name] for name in form.same)]
        least = f"; it is judged from {form.measure.least} on" if form.measure.least else ""
        said = f"They are a share of {counted(len(same), 'event')} ({self.words.source(form.measure.base)}){least}."
        return Point(said, {"of": len(same), "least": form.measure.least}, ids(same), tuple(same))

    def _measured(self, form: Limit, measured: Fraction | None, events: int) -> str:
        kind, name = form.measure.kind, form.measure.attribute
        if measured is None:
            return f"{counted(events, 'event')}, too few of the whole to judge a share,"
        match kind:
            case "sum":
                return f"Counted: {name} {number(measured)} in sum"
            case "distinct":
                return f"Counted: {number(measured)} different {'value' if measured == 1 else 'values'} of {name}"
            case "share":
                return f"Counted: a share of {number(measured)}"
        return f"Counted: {number(measured)}"

    # Agreement with something else

    @ask.register
    def _expectation(self, form: Expectation, event: Event, outcome: Outcome | None) -> Step:
        heading = "What was compared"
        reference = event if form.reference is None else self.judge.latest(form.reference, self.rule, event)
        if form.reference is None:
            against = Point("Compared with what the event itself says.")
        elif reference is None:
            against = Point(f"There is no {self.words.source(form.reference, event)} before, to compare with.")
        else:
            said = f"Compared with {self.words.event(reference)}, {_away(event, reference)}."
            against = Point(said, {"reference": reference.id}, (reference.id,), (reference,))
        told = [pair for pair in form.pairs if reference is not None or pair.default is not None]
        pairs = [compared(self.words, self.judge, pair, event, reference) for pair in told]
        return self._asked("expect", heading, outcome, against, *pairs)

    # Steps

    @ask.register
    def _chain(self, form: Chain, event: Event, outcome: Outcome | None) -> Step:
        heading = "The steps"
        steps = self.judge.steps(form, self.rule, event)
        missing = len(form.earlier) - len(steps)
        points = []
        if missing:
            source = self.words.source(form.earlier[missing - 1], event)
            before = steps[0] if steps else event
            said = f"Step {missing} is missing: there is no {source} before {self.words.event(before)}."
            points.append(Point(said, {"missing_step": missing}, (before.id,)))
        for position, step in enumerate([*steps, event], missing + 1):
            said = f"Step {position}: {self.words.event(step)}."
            points.append(Point(said, {"step": position}, (step.id,), (step,)))
        if steps and not missing:
            took = event.at - steps[0].at
            said = f"From the first to the last step: {apart(took)}, of at most {self.words.length(form.within)}"
            over = f"; {apart(took - form.within)} too long" if took > form.within else ""
            points.insert(0, Point(f"{said}{over}.", {"within": self.words.length(form.within)}))
        return self._asked("sequence", heading, outcome, *points)

    def _asked(self, part: str, heading: str, outcome: Outcome | None, *points: Point) -> Step:
        return Step(part, heading, points, holds=isinstance(outcome, Breach))


def _allowed(allowed: Fraction | None) -> str:
    return "the terms in force name no bound" if allowed is None else f"allowed: {number(allowed)}"


def _away(event: Event, other: Event) -> str:
    if other.at == event.at:
        return "at the same moment"
    return f"{apart(event.at - other.at)} {'before' if other.at < event.at else 'after'}"
