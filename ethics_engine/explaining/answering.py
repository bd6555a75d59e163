"""How an answer is made: by what came of a trigger, or by the part of a rule that did not hold."""

from __future__ import annotations

from collections.abc import Sequence

from ethics_engine.engines.keys import key_of
from ethics_engine.engines.live import Case
from ethics_engine.engines.outcomes import Breach, Duty, Outcome, Uncovered, Unrecorded
from ethics_engine.events import Event
from ethics_engine.explaining.inquiry import Inquiry
from ethics_engine.explaining.model import Answer, Point, Step
from ethics_engine.explaining.sides import Sides
from ethics_engine.explaining.words import apart
from ethics_engine.findings import Finding, finding_id
from ethics_engine.plan import Rule, Variant

NOT_FOUND, CANNOT_TELL, PENDING, FOUND = "not found", "cannot tell", "pending", "found"


class Answering:
    """Makes answers about one rule."""

    def __init__(self, inquiry: Inquiry, rule: Rule) -> None:
        self.inquiry = inquiry
        self.rule = rule
        self.words = inquiry.words

    def no_trigger(self, case: Case, event: Event, step: Step) -> Answer:
        """The answer for an event that the rule does not look at, as far as the log tells."""
        if step.tells:
            return self.made(event, NOT_FOUND, step, [])
        if case.untold.lacks(self.rule.id, event.id):
            return self.made(event, CANNOT_TELL, step, [])
        said = Point("Whatever it was, another part of the rule would not have held.")
        return self.made(event, NOT_FOUND, Step("where", step.heading, (*step.points[1:], said), holds=False), [])

    def side(self, sides: Sides, variant: Variant, event: Event, held: list[Step]) -> Answer | None:
        """The answer where a side test did not hold; those that did are put into `held`."""
        for side in sides.steps(variant, event):
            if not side.holds:
                return self.made(event, NOT_FOUND, side, held)
            held.append(side)
        return None

    def came_to(
        self, case: Case, variant: Variant, event: Event, outcome: Outcome | None, question: Step, held: list[Step]
    ) -> Answer:
        """The answer by what came of a trigger."""
        areas = case.judge_.unseen(variant) | (outcome.areas if isinstance(outcome, Uncovered) else frozenset())
        if isinstance(outcome, Unrecorded):
            names = ", ".join(sorted(outcome.attributes))
            said = f"It cannot be told: {names} is not recorded."
            if outcome.attributes == {"currency"}:
                said = "It cannot be told: the amounts are in different currencies."
            first = Point(said, {"missing": sorted(outcome.attributes)}, (event.id,))
            return self.made(event, CANNOT_TELL, _led(question, "attribute", first), held)
        if areas and outcome is not None:
            said = f"It cannot be told: the log does not cover {', '.join(sorted(areas))} in full."
            return self.made(event, CANNOT_TELL, _led(question, "area", Point(said, {"areas": sorted(areas)})), held)
        if isinstance(outcome, Duty):
            left = outcome.due - self.inquiry.as_of
            said = f"It is not due until {self.words.moment(outcome.due)}, {apart(left)} after the moment of judging."
            if left < 0:
                due = self.words.moment(outcome.due)
                said = f"It was due by {due}; it counts once the log shows that the work went on."
            return self.made(event, PENDING, _led(question, question.part, Point(said)), held, due=outcome.due)
        name = finding_id(self.rule.id, event.practitioner, key_of(self.rule, event), event.id)
        finding = case.findings.get(name)
        if isinstance(outcome, Breach) and finding is not None:
            said = f"Finding {finding.id}, {finding.status}, dated {self.words.moment(finding.at)}."
            if finding.level == "none":
                said += " Findings of this rule feed other rules and are not reported."
            return self.made(event, FOUND, _led(question, question.part, Point(said)), held, finding=finding)
        return self.made(event, NOT_FOUND, question, held)

    def made(
        self,
        event: Event,
        outcome: str,
        step: Step,
        held: Sequence[Step],
        *,
        finding: Finding | None = None,
        due: int | None = None,
    ) -> Answer:
        """An answer about an event: the step that decided, and those that held before."""
        return Answer(
            rule=self.rule.id,
            title=self.rule.title,
            event=event.id,
            practitioner=event.practitioner,
            client=event.client,
            outcome=outcome,
            step=step,
            held=tuple(held),
            as_of=self.inquiry.as_of,
            timezone=self.inquiry.plan.timezone,
            finding=finding,
            due=due,
        )


def _led(step: Step, part: str, first: Point) -> Step:
    """A step with a sentence before the others, under its own part of the rule."""
    return Step(part, step.heading, (first, *step.points), step.holds, step.tells)
