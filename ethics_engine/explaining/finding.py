"""`explain`: one finding step by step, and the events that it rests on."""

from __future__ import annotations

from ethics_engine.engines.live import Case
from ethics_engine.events import Event
from ethics_engine.explaining.basis import basis
from ethics_engine.explaining.forms import Questions
from ethics_engine.explaining.inquiry import Ground, Inquiry
from ethics_engine.explaining.model import Explanation, Point, Step
from ethics_engine.explaining.periods import Periods
from ethics_engine.explaining.sides import Sides
from ethics_engine.explaining.triggers import Triggers
from ethics_engine.explaining.words import counted
from ethics_engine.findings import Finding
from ethics_engine.plan import FINDING, Forbid, Nearby, Quota, Recurrence


def explain(inquiry: Inquiry, name: str) -> Explanation:
    """The finding of an id, or of the beginning of one, explained.

    Raises:
        ConfigError: there is no such finding, or several.
    """
    return Telling(inquiry).told(inquiry.finding(name))


class Telling:
    """Explains the findings of one inquiry, and keeps what several of them rest on."""

    def __init__(self, inquiry: Inquiry) -> None:
        self.inquiry = inquiry
        self.words = inquiry.words
        self._steps: dict[str, tuple[Step, ...]] = {}
        self._bases: dict[str, tuple[tuple[str, ...], bool]] = {}

    def told(self, finding: Finding) -> Explanation:
        """A finding of this inquiry explained."""
        steps = self.steps(finding)
        ids, filled_up = self._basis(finding)
        rule = self.inquiry.plan.rules[finding.rule]
        return Explanation(
            finding=finding,
            absolute=rule.absolute,
            steps=steps,
            rests_on=tuple(sorted(self._findings(finding), key=lambda one: one.order)),
            basis=ids,
            as_of=self.inquiry.as_of,
            timezone=self.inquiry.plan.timezone,
            filled_up=filled_up,
        )

    def _points(self, finding: Finding) -> list[Event]:
        """What the steps of a finding rest on: events, and findings as events."""
        return [event for step in self.steps(finding) for point in step.points for event in point.rests_on]

    def _findings(self, finding: Finding) -> list[Finding]:
        """The findings that a finding rests on."""
        known = self.inquiry.case(finding.practitioner).findings
        ids = dict.fromkeys(event.id for event in self._points(finding) if event.type == FINDING)
        return [known[name] for name in ids]

    def _basis(self, finding: Finding) -> tuple[tuple[str, ...], bool]:
        """The ids of the events that a finding rests on, those of the findings that it rests on among them."""
        if finding.id not in self._bases:
            read = {event.id: event for event in self.inquiry.read[finding.practitioner]}
            known = self.inquiry.case(finding.practitioner).ledger.by_id
            names = [*finding.events, *(name for one in self._findings(finding) for name in self._basis(one)[0])]
            named = [known.get(name, read[name]) for name in names]
            named += [event for event in self._points(finding) if event.type != FINDING]
            self._bases[finding.id] = basis(self.inquiry, self.inquiry.ground(finding), named)
        return self._bases[finding.id]

    def steps(self, finding: Finding) -> tuple[Step, ...]:
        """Everything that was asked on the way to a finding."""
        if finding.id not in self._steps:
            ground = self.inquiry.ground(finding)
            case = self.inquiry.case(finding.practitioner)
            self._steps[finding.id] = tuple(self._asked(ground, case))
        return self._steps[finding.id]

    def _asked(self, ground: Ground, case: Case) -> list[Step]:
        rule, variant, trigger = ground.rule, ground.variant, ground.trigger
        form = variant.form
        steps = [self._trigger(trigger)]
        if not isinstance(form, Recurrence):
            steps.append(Triggers(self.words, case, rule).step(form.trigger, trigger))
        sides = Sides(self.words, case, rule)
        _, in_force = sides.effective(trigger)
        steps += [] if in_force is None else [in_force]
        steps += list(sides.steps(variant, trigger))
        client = ground.finding.client if rule.per == "relationship" else None
        if isinstance(form, Recurrence):
            periods = Periods(self.words, case, rule, variant)
            stretch = periods.stretch(form, client, trigger, ground.breach.at)
            assert stretch is not None
            steps.append(periods.every(form, client, stretch, ground.breach))
        elif isinstance(form, Quota):
            steps.append(Periods(self.words, case, rule, variant).each(form, client, trigger, ground.breach))
        elif not isinstance(form, Forbid):
            steps.append(Questions(self.words, case, rule).ask(form, trigger, ground.breach))
        steps.append(self._settled(ground, case))
        return steps

    def _trigger(self, trigger: Event) -> Step:
        """What the log says of the trigger."""
        client = "" if trigger.client is None else f", client {trigger.client}"
        points = [Point(f"{self.words.event(trigger)}{client}.", {}, (trigger.id,), (trigger,))]
        noted, assumed = self.words.attributes(trigger)
        points += [Point(f"{name}: {value}", {name: value}, (trigger.id,)) for name, value in noted.items()]
        if assumed:
            said = ", ".join(f"{name}: {value}" for name, value in assumed.items())
            points.append(Point(f"As usual, where nothing else is noted: {said}", assumed, (trigger.id,)))
        for change in self.inquiry.changes(trigger):
            points.append(Point(f"It was amended by {self.words.event(change)}.", {}, (change.id,), (change,)))
        return Step("trigger", "What happened", tuple(points))

    def _settled(self, ground: Ground, case: Case) -> Step:
        """What excuses or waives the finding, or could have."""
        rule, trigger = ground.rule, ground.trigger
        heading = "What could excuse it"
        if rule.absolute:
            said = "Nothing excuses or waives it: the rule is absolute."
            return Step("absolute", heading, (Point(said, {"status": ground.finding.status}),))
        excuse = case.judge_.excuse(rule, ground.variant, trigger)
        if excuse is not None:
            said = f"It is excused by {self.words.event(excuse)}."
            return Step("excused_by", heading, (Point(said, {"status": "excused"}, (excuse.id,), (excuse,)),))
        waiver = case.waiver(rule, trigger)
        if waiver is not None:
            told, _ = self.words.attributes(waiver)
            said = (
                f"It is waived by {self.words.event(waiver)}: {told['reason']}; approved by {told['approver']}, "
                f"until {told['expires_at']}."
            )
            return Step("waiver", heading, (Point(said, {"status": "waived"}, (waiver.id,), (waiver,)),))
        points = [Point(self._excuse(one, trigger)) for one in ground.variant.excused_by]
        points.append(Point("No waiver of the rule covers the moment.", {"status": "open"}))
        return Step("excused_by", heading, tuple(points))

    def _excuse(self, excuse: Nearby, trigger: Event) -> str:
        source = self.words.source(excuse.source, trigger)
        within = (
            "at any time" if excuse.within is None else f"within {self.words.length(excuse.within)} before or after"
        )
        return f"{source}, {within}: none in the log."


def one_line(finding: Finding, moment: str) -> str:
    """A finding in one line, for a list of those that another one rests on."""
    events = counted(len(finding.events), "event")
    return f"{finding.id}: {finding.title} ({finding.rule}), {finding.level}, {finding.status}, {moment}, {events}"
