"""`why-not`: the first part of a rule that did not hold for an event, and how far off it was."""

from __future__ import annotations

from ethics_engine.engines.keys import trigger_of
from ethics_engine.engines.live import Case
from ethics_engine.engines.outcomes import Breach, Duty, Outcome
from ethics_engine.errors import ConfigError, did_you_mean, shown
from ethics_engine.events import AMENDED, WITHDRAWN, Event
from ethics_engine.explaining.answering import FOUND, NOT_FOUND, Answering
from ethics_engine.explaining.forms import Questions
from ethics_engine.explaining.inquiry import SHORTEST_PREFIX, Inquiry
from ethics_engine.explaining.model import Answer, Point, Step
from ethics_engine.explaining.periods import Periods
from ethics_engine.explaining.sides import Sides
from ethics_engine.explaining.triggers import CONDITIONS, Triggers
from ethics_engine.explaining.words import apart
from ethics_engine.findings import Finding
from ethics_engine.plan import FINDING, Quota, Recurrence, Variant


def why_not(inquiry: Inquiry, rule: str, event: str, practitioner: str | None = None) -> Answer:
    """Why a rule did not find an event; for a rule about findings `event` may be a finding's id too.

    Raises:
        ConfigError: there is no such rule or event, or several practitioners have an event of that id.
    """
    known = inquiry.plan.rules
    if rule not in known:
        hint = did_you_mean(rule, known)
        raise ConfigError(f"there is no rule {shown(rule)} in force" + (f"; {hint}" if hint else ""))
    return _Search(inquiry, known[rule]).answer(event, practitioner)


class _Search(Answering):
    """Goes through the parts of a rule, one after another."""

    def answer(self, name: str, practitioner: str | None) -> Answer:
        finding = self._finding(name, practitioner)
        if finding is not None:
            case = self.inquiry.case(finding.practitioner)
            return self._nearest(case, [case.ledger.by_id[finding.id]], finding.id)
        event = self.inquiry.named(name, practitioner)
        gone = self._gone(event)
        if gone is not None:
            return self.made(event, NOT_FOUND, gone, [])
        case = self.inquiry.case(event.practitioner)
        events = [case.ledger.by_id[event.id]]
        if self._about_findings():
            own = [one for one in case.findings.values() if one.events[0] == event.id]
            events += [case.ledger.by_id[one.id] for one in own if one.id in case.ledger.by_id]
        return self._nearest(case, events, event.id)

    def _about_findings(self) -> bool:
        sources = (trigger_of(variant) for variant in self.rule.variants)
        return any(source is not None and FINDING in source.types for source in sources)

    def _finding(self, name: str, practitioner: str | None) -> Finding | None:
        """The finding that a name stands for, where the rule reads findings and no event has that name."""
        if not self._about_findings() or len(name) < SHORTEST_PREFIX:
            return None
        if any(event.id == name for events in self.inquiry.read.values() for event in events):
            return None
        found = [
            one
            for key, one in self.inquiry.findings().items()
            if key.startswith(name.lower()) and practitioner in (None, one.practitioner)
        ]
        if len(found) != 1:
            return None
        if found[0].id not in self.inquiry.case(found[0].practitioner).ledger.by_id:
            raise ConfigError(f"the finding {shown(found[0].id)} ({found[0].rule}) is not read by any rule")
        return found[0]

    def _gone(self, event: Event) -> Step | None:
        """Where an event is not judged at all."""
        as_of = self.inquiry.as_of
        if event.at > as_of:
            late = f"{apart(event.at - as_of)} after the moment of judging, {self.words.moment(as_of)}"
            said = f"It happened at {self.words.moment(event.at)}, {late}; it was not seen."
            return Step("as_of", "The log", (Point(said, {}, (event.id,)),), holds=False)
        if event.type not in (AMENDED, WITHDRAWN):
            for change in self.inquiry.changes(event):
                if change.type == WITHDRAWN:
                    said = f"It was withdrawn by {self.words.event(change)}."
                    return Step("withdrawn", "The log", (Point(said, {}, (event.id, change.id)),), holds=False)
        return None

    # The parts of the rule, one after another

    def _nearest(self, case: Case, events: list[Event], name: str) -> Answer:
        """The answer for the event that came furthest through the rule."""
        answers = [self._answer(case, event) for event in events]
        best = max(answers, key=lambda one: (one.outcome == FOUND, one.outcome != NOT_FOUND, len(one.held)))
        return best

    def _answer(self, case: Case, event: Event) -> Answer:
        rule = self.rule
        sides = Sides(self.words, case, rule)
        variant, in_force = sides.effective(event)
        shape = rule.variants[0] if variant is None else variant
        if isinstance(shape.form, Recurrence | Quota):
            return self._of_period(case, event, shape)
        held: list[Step] = []
        step = Triggers(self.words, case, rule).step(shape.form.trigger, event)
        if not step.holds:
            return self.no_trigger(case, event, step)
        held.append(step)
        if variant is None:
            assert in_force is not None
            return self.made(event, NOT_FOUND, in_force, held)
        failed = self.side(sides, variant, event, held)
        if failed is not None:
            return failed
        outcome = case.judge_.judge(variant.form, rule, event)
        question = Questions(self.words, case, rule).ask(variant.form, event, outcome)
        return self.came_to(case, variant, event, outcome, question, held)

    # Rules that look at stretches and periods

    def _of_period(self, case: Case, event: Event, variant: Variant) -> Answer:
        form = variant.form
        if isinstance(form, Quota):
            step = Triggers(self.words, case, self.rule).step(form.trigger, event)
            if not step.holds:
                return self.no_trigger(case, event, step)
            return self._of_quota(case, event, variant, form, step)
        assert isinstance(form, Recurrence)
        keys = self._keys(case, event)
        if not keys:
            said = "The rule is judged for each client, and the log knows none."
            return self.made(event, NOT_FOUND, Step("per", "The client", (Point(said),), holds=False), [])
        answers = [self._of_recurrence(case, event, variant, form, client) for client in keys]
        return max(answers, key=lambda one: (one.outcome == FOUND, one.outcome != NOT_FOUND, len(one.held)))

    def _keys(self, case: Case, event: Event) -> list[str | None]:
        """The keys that an event belongs to: an event without a client belongs to every client's."""
        if self.rule.per == "practitioner":
            return [None]
        return [event.client] if event.client is not None else [*sorted(case.ledger.clients)]

    def _of_recurrence(
        self,
        case: Case,
        event: Event,
        variant: Variant,
        form: Recurrence,
        client: str | None,
        *,
        retried: bool = False,
    ) -> Answer:
        periods = Periods(self.words, case, self.rule, variant)
        outcomes = list(case.judge_.recurrence(form, self.rule, variant, client))
        breaches = {outcome.at for one, outcome in outcomes if one.id == event.id and isinstance(outcome, Breach)}
        stretch = periods.stretch(form, client, event, min(breaches, default=None))
        if stretch is None:
            return self.made(event, NOT_FOUND, self._outside(case, event, variant, form, client), [])
        due = stretch.start + form.every
        begun = ((one, each) for one, each in outcomes if one.id == stretch.begun_by.id and _dated(each, due))
        trigger, outcome = next(begun, (stretch.begun_by, None))
        step = periods.every(form, client, stretch, outcome)
        sides = Sides(self.words, case, self.rule)
        own, in_force = sides.effective(trigger)
        if own is not variant:
            if own is not None and isinstance(own.form, Recurrence) and not retried:
                return self._of_recurrence(case, event, own, own.form, client, retried=True)  # as the rule stood then
            return self.made(event, NOT_FOUND, in_force or step, [step])
        held: list[Step] = []
        failed = self.side(sides, variant, trigger, held)
        if failed is not None:
            return self.made(event, NOT_FOUND, failed.step, failed.held)
        answer = self.came_to(case, variant, trigger, outcome, step, held)
        return self.made(event, answer.outcome, answer.step, held, finding=answer.finding, due=answer.due)

    def _outside(self, case: Case, event: Event, variant: Variant, form: Recurrence, client: str | None) -> Step:
        """Where an event falls in no stretch of a recurrence."""
        if form.state is not None:
            sides = Sides(self.words, case, self.rule)
            asked = Event(event.id, event.at, event.type, event.practitioner, client, event.values, event.order)
            opened, point = sides.state(form.state, asked)
            if not opened:
                return Step("during", "The circumstances", (point,), holds=False)
            for number in variant.not_during:
                opened, point = sides.state(number, asked)
                if opened:
                    return Step("not_during", "The circumstances", (point,), holds=False)
        source = "" if form.activity is None else f" ({self.words.source(form.activity)})"
        said = f"It falls in no stretch of the activity{source}, with gaps of at most {self.words.length(form.gap)}."
        return Step("while_active", CONDITIONS, (Point(said, {}, (event.id,)),), holds=False)

    def _of_quota(self, case: Case, event: Event, variant: Variant, form: Quota, step: Step) -> Answer:
        client = event.client if self.rule.per == "relationship" else None
        held = [step]
        start, _ = case.judge_.zone.period(event.at, form.period)
        trigger, outcome = next(
            (
                (one, each)
                for one, each in case.judge_.quota(form, self.rule, client)
                if case.judge_.zone.period(one.at, form.period)[0] == start
            ),
            (event, None),
        )
        sides = Sides(self.words, case, self.rule)
        own, in_force = sides.effective(trigger)
        if own is not variant:
            if own is not None and isinstance(own.form, Quota) and trigger.id != event.id:
                return self._of_quota(case, trigger, own, own.form, step)  # as the rule stood at the period's first
            return self.made(event, NOT_FOUND, in_force or step, held)
        failed = self.side(sides, variant, trigger, held)
        if failed is not None:
            return self.made(event, NOT_FOUND, failed.step, held)
        question = Periods(self.words, case, self.rule, variant).each(form, client, trigger, outcome)
        answer = self.came_to(case, variant, trigger, outcome, question, held)
        return self.made(event, answer.outcome, answer.step, held, finding=answer.finding, due=answer.due)


def _dated(outcome: Outcome, due: int) -> bool:
    match outcome:
        case Breach():
            return outcome.at == due
        case Duty():
            return outcome.due == due
    return True
