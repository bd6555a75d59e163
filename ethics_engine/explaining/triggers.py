"""Whether an event is one that a rule looks at: its type, the conditions of the selection, which one of them it is."""

from __future__ import annotations

from ethics_engine.conditions import predicate, unknowns
from ethics_engine.engines.live import Case
from ethics_engine.events import Event
from ethics_engine.explaining.model import Point, Step
from ethics_engine.explaining.words import Words, counted, ids
from ethics_engine.plan import FINDING, Member, Rule, Source

CONDITIONS = "What the rule looks at"


class Triggers:
    """Asks whether an event falls under the selection of one rule."""

    def __init__(self, words: Words, case: Case, rule: Rule) -> None:
        self.words = words
        self.plan = words.plan
        self.case = case
        self.rule = rule

    def step(self, source: Source, event: Event) -> Step:
        """The selection asked of an event: under the member that it falls under, or the one it comes nearest to."""
        members = [one for one in source.members if event.type in self.plan.picks[one.pick].conditions]
        if not members:
            return self._of_another_type(source, event)
        steps = [self._member(one, event) for one in members]
        return next((step for step in steps if step.holds), min(steps, key=lambda step: _distance(step)))

    def _of_another_type(self, source: Source, event: Event) -> Step:
        if event.type in source.types:
            said = (
                f"{event.type} has not the attributes that the rule asks for; it looks for {self.words.source(source)}."
            )
        else:
            said = f"It is {self._type(event)}; the rule looks for {self.words.source(source)}."
        return Step(
            "type", CONDITIONS, (Point(said, {"type": event.type, "wanted": sorted(source.types)}),), holds=False
        )

    def _type(self, event: Event) -> str:
        return "a finding" if event.type == FINDING else event.type

    def _member(self, member: Member, event: Event) -> Step:
        condition = self.plan.picks[member.pick].conditions[event.type]
        holds = predicate(condition)(event.values)
        points = []
        for test, negated in self.words.reasons(event, condition):
            values = {"attribute": test.attribute, "seen": _plain(self.words, event, test.attribute)}
            wanted = ("not " if negated else "") + self.words.wanted(event.type, test)
            said = self.words.seen(event, test, negated=negated)
            points.append(Point(said, values | {"wanted": wanted}, (event.id,), (event,)))
        if not holds:
            unknown, missing = unknowns(condition, event.values)
            if unknown is None and member.nth is None:
                return self._unrecorded(missing, points)
            return Step("where", CONDITIONS, tuple(points), holds=False)
        if self.rule.per == "relationship" and event.client is None:
            said = "The rule is judged for each client, and the event names none."
            return Step("per", "The client", (Point(said, {"per": self.rule.per}, (event.id,)),), holds=False)
        if member.nth is not None:
            return self._numbered(member, member.nth, event, points)
        if not points:
            what = self._type(event)
            points.append(Point(f"Every {what.removeprefix('a ')} is looked at.", {"type": event.type}, (event.id,)))
        return Step("where", CONDITIONS, tuple(points))

    def _unrecorded(self, missing: frozenset[str], points: list[Point]) -> Step:
        names = ", ".join(sorted(missing))
        said = f"Whether the rule speaks of it cannot be told: {names} is not recorded."
        if missing == {"currency"}:
            said = "Whether the rule speaks of it cannot be told: the amount is in another currency than the rule's."
        first = Point(said, {"missing": sorted(missing)}, points[0].events if points else ())
        return Step("attribute", CONDITIONS, (first, *points), holds=False, tells=False)

    def _numbered(self, member: Member, nth: int, event: Event, points: list[Point]) -> Step:
        """Which one of its kind the event is, and whether the rule asks for that one."""
        peers = self.case.ledger.peers(member, self.rule.per, event.client, event, counted=True)
        which = next(number for number, one in enumerate(peers, 1) if one.id == event.id)
        earlier = peers[: which - 1]
        kind = event.type + (" of this client" if self.rule.per == "relationship" else "")
        kind += "".join(f", of the same {theirs}" for theirs, _ in member.same)
        said = f"It is number {which} of these ({kind}); the rule looks at number {nth} alone."
        if which == nth:
            before = f", after {', '.join(ids(earlier))}" if earlier else ""
            said = f"It is number {which} of these ({kind}){before}, the one that the rule looks at."
        values = {"number": which, "wanted": nth, "of": counted(len(peers), "event")}
        point = Point(said, values, ids([*earlier, event]), (*earlier, event))
        return Step("nth" if which != nth else "where", CONDITIONS, (*points, point), holds=which == nth)


def _distance(step: Step) -> tuple[bool, bool, int]:
    """How far a selection is from an event: one that cannot be told or is off by its number alone is nearest."""
    return step.part not in ("nth", "per"), step.tells, len(step.points)


def _plain(words: Words, event: Event, name: str) -> str | None:
    value = event.values.get(name)
    return None if value is None else words.value(event.type, name, value)
