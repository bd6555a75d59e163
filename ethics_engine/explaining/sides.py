"""The side tests of a rule on one trigger: `effective`, `during`, `not_during`, `since`, `unless`."""

from __future__ import annotations

from collections.abc import Iterator

from ethics_engine.conditions import predicate
from ethics_engine.engines.live import Case
from ethics_engine.engines.states import FOREVER, Timeline
from ethics_engine.events import Event
from ethics_engine.explaining.model import Point, Step
from ethics_engine.explaining.words import Words, apart, ids
from ethics_engine.plan import FINDING, Nearby, Recurrence, Rule, SinceEvent, SinceState, UnlessCondition, Variant
from ethics_engine.scalars import format_instant

CIRCUMSTANCES = "The circumstances"
EXCEPTIONS = "The exceptions"


class Sides:
    """Asks the side tests of one rule, in the order in which they are judged."""

    def __init__(self, words: Words, case: Case, rule: Rule) -> None:
        self.words = words
        self.case = case
        self.judge = case.judge_
        self.rule = rule

    def effective(self, event: Event) -> tuple[Variant | None, Step | None]:
        """The rule as it stood at a trigger, and what is to be said where the rule has bounds in time."""
        variants = self.rule.variants
        found = next((one for one in variants if one.judges(event.at)), None)
        if found is not None:
            if len(variants) == 1 and found.start is None and found.end is None:
                return found, None
            said = f"The rule stands as it did {self._bounds(found)}."
            return found, Step("effective", "The rule in force", (Point(said, _bounds(found)),))
        starts = [one.start for one in variants if one.start is not None]
        if starts and all(one.start is not None and event.at < one.start for one in variants):
            first = min(starts)
            said = f"The rule applies from {self.words.moment(first)}, {apart(first - event.at)} after the event."
        else:
            last = max(one.end for one in variants if one.end is not None)
            said = f"The rule applied until {self.words.moment(last)}; the event is {apart(event.at - last)} later."
        return None, Step("effective", "The rule in force", (Point(said, _bounds(variants[-1])),), holds=False)

    def _bounds(self, variant: Variant) -> str:
        start = None if variant.start is None else f"from {self.words.moment(variant.start)}"
        end = None if variant.end is None else f"until {self.words.moment(variant.end)}"
        return " ".join(one for one in (start, end) if one) or "always"

    def steps(self, variant: Variant, event: Event) -> Iterator[Step]:
        """Every side test, with what was seen."""
        if not isinstance(variant.form, Recurrence):
            if variant.during is not None:
                yield self._during(variant.during, event)
            for number in variant.not_during:
                yield self._not_during(number, event)
        for since in variant.since:
            yield self._since_state(since, event) if isinstance(since, SinceState) else self._since_event(since, event)
        for unless in variant.unless:
            if isinstance(unless, Nearby):
                yield self._unless_event(unless, event)
            elif event.type in unless.conditions:
                yield self._unless_condition(unless, event)

    # States

    def state(self, number: int, event: Event) -> tuple[bool, Point]:
        """Whether a state is open at an event, and since when or until when."""
        name = self.case.plan.states[number].name
        timeline = self.judge.timeline(number, event.client)
        if timeline is None:
            return False, Point(f"The state `{name}` is one of a client, and the event names none.", {"state": name})
        change = timeline.latest(event.at)
        if change is None:
            following = next((one.event for one in timeline.changes if one.opens), None)
            said = f"The state `{name}` was not open: nothing had opened it yet"
            later = "" if following is None else f"; {self.words.event(following)} did so later"
            return False, Point(said + later + ".", {"state": name}, () if following is None else (following.id,))
        if timeline.is_open(event.at):
            return True, self._open(name, timeline, event)
        ended = timeline.ended(event.at)
        if ended is None:
            said = (
                f"The state `{name}` was not open: {self.words.event(change.event)} closes it, and nothing opened it."
            )
            return False, Point(said, {"state": name}, (change.event.id,), (change.event,))
        opening = next(one.event for one in timeline.changes if one.opens)
        ago = "at that moment" if ended == event.at else f"{apart(event.at - ended)} before"
        how = f"closed by {self.words.event(change.event)}"
        if change.opens:
            how = f"lapsed at {self.words.moment(ended)}; the last to open it was {self.words.event(change.event)}"
        values = {"state": name, "ended": self.words.moment(ended)}
        rests = tuple(dict.fromkeys((change.event, opening)))
        return False, Point(f"The state `{name}` was not open: {how}, {ago}.", values, ids(rests), rests)

    def _open(self, name: str, timeline: Timeline, event: Event) -> Point:
        span = next(one for one in timeline.spans() if one.start <= event.at < one.end)
        change = timeline.latest(event.at)
        assert change is not None
        said = f"The state `{name}` was open: since {self.words.event(span.begun_by)}"
        if change.event is not span.begun_by:
            said += f", last confirmed by {self.words.event(change.event)}"
        if change.lapse < FOREVER:
            said += f"; without another it lapses at {self.words.moment(change.lapse)}"
        named = dict.fromkeys((span.begun_by.id, change.event.id))
        return Point(said + ".", {"state": name, "since": self.words.moment(span.start)}, tuple(named), (change.event,))

    def _during(self, number: int, event: Event) -> Step:
        holds, point = self.state(number, event)
        return Step("during", CIRCUMSTANCES, (point,), holds)

    def _not_during(self, number: int, event: Event) -> Step:
        opened, point = self.state(number, event)
        return Step("not_during", CIRCUMSTANCES, (point,), not opened)

    # Since

    def _since_event(self, since: SinceEvent, event: Event) -> Step:
        found = self.judge.since_event(self.rule, since, event)
        within = f"within {self.words.length(since.within)} before"
        wanted = f"{self.words.source(since.source, event)}, {'at any time before' if since.within is None else within}"
        if found is not None:
            said = f"Asked for: {wanted}. There is {self.words.event(found)}, {_before(event, found)}."
            return Step("since", CIRCUMSTANCES, (Point(said, {"event": found.id}, (found.id,), (found,)),))
        nearest = self.judge.latest(since.source, self.rule, event)
        said = f"Asked for: {wanted}. " + self._nearest(nearest, event)
        return Step("since", CIRCUMSTANCES, (Point(said, {}, () if nearest is None else (nearest.id,)),), holds=False)

    def _nearest(self, nearest: Event | None, event: Event) -> str:
        if nearest is None:
            return "None is in the log before it."
        return f"The nearest earlier one is {self.words.event(nearest)}, {_before(event, nearest)}."

    def _since_state(self, since: SinceState, event: Event) -> Step:
        holds = self.judge.ended_within(since, event)
        _, point = self.state(since.state, event)
        asked = f"It must have ended, no longer ago than {self.words.length(since.within)}."
        if since.within is None:
            asked = "It must have ended, however long ago."
        said = Point(f"{point.said} {asked}", point.values, point.events, point.rests_on)
        return Step("since", CIRCUMSTANCES, (said,), holds)

    # Exceptions

    def _unless_condition(self, unless: UnlessCondition, event: Event) -> Step:
        condition = unless.conditions[event.type]
        applies = predicate(condition)(event.values)
        seen = [self.words.seen(event, test, negated=no) for test, no in self.words.reasons(event, condition)]
        said = f"The exception {'applies' if applies else 'does not apply'}: {'; '.join(seen)}."
        return Step("unless", EXCEPTIONS, (Point(said, {"applies": applies}, (event.id,)),), holds=not applies)

    def _unless_event(self, unless: Nearby, event: Event) -> Step:
        applies = self.judge.excepted(self.rule, unless, event)
        nearest = self.judge.latest(unless.source, self.rule, event)
        window = "at any time before" if unless.within is None else f"within {self.words.length(unless.within)} before"
        said = (
            f"The exception {'applies' if applies else 'does not apply'} "
            f"({self.words.source(unless.source, event)}, {window}). {self._nearest(nearest, event)}"
        )
        named = () if nearest is None else (nearest.id,)
        points = [Point(said, {"applies": applies}, named)]
        if not applies and FINDING in unless.source.types:
            points += [self._settled(one) for one in self._settled_findings(unless, event)]
        return Step("unless", EXCEPTIONS, tuple(points), holds=not applies)

    def _settled_findings(self, unless: Nearby, event: Event) -> list[Event]:
        """Findings that an exception would speak of, were they open."""
        start = -FOREVER if unless.within is None else event.at - unless.within
        settled = [
            one
            for one in self.case.ledger.by_type.get(FINDING, [])
            if one.values["status"] != "open" and start <= one.at <= event.at and one.id != event.id
        ]
        if self.rule.per == "relationship":
            settled = [one for one in settled if one.client in (None, event.client)]
        picks = [self.case.plan.picks[member.pick] for member in unless.source.members]
        conditions = [pick.conditions[FINDING] for pick in picks if FINDING in pick.conditions]
        return [one for one in settled if any(predicate(each)({**one.values, "status": "open"}) for each in conditions)]

    def _settled(self, finding: Event) -> Point:
        said = f"{self.words.event(finding)} would have been one, but is {finding.values['status']}."
        return Point(said[0].upper() + said[1:], {}, (finding.id,), (finding,))


def _before(event: Event, other: Event) -> str:
    return "at the same moment" if other.at == event.at else f"{apart(event.at - other.at)} before"


def _bounds(variant: Variant) -> dict[str, str | None]:

    return {
        "from": None if variant.start is None else format_instant(variant.start),
        "until": None if variant.end is None else format_instant(variant.end),
    }
