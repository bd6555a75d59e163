"""`require: R, every: W`: stretches of an open state, or of an activity, that hold no R."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from .forms import Case, Resolve, Rule
from .record import Event, World
from .selections import Key, answers, latest, selected
from .states import State, began, ended_by, is_open, turning_points
from .values import duration


@dataclass(frozen=True)
class Segment:
    """A time `[start, end)` in which the duty runs, with the events that start it. `end` is None where it still runs
    at `as_of`. `sure`: until when it is known to run; None: for as long as it lasts."""

    start: datetime
    end: datetime | None
    by: list[Event]
    sure: datetime | None = None


def states_of(rule: Rule, name: str) -> list[str]:
    written = rule.get(name, [])
    return written if isinstance(written, list) else [written]


def every(resolve: Resolve, key: Key, world: World) -> Iterator[Case]:
    """The stretches of each day's rule that begin on its day: parameters are read at the trigger."""
    rules: list[Rule] = []
    for e in world.events:
        if resolve(e.at) not in rules:
            rules.append(resolve(e.at))
    for rule in rules:
        for case in stretches(rule, key, world):
            if resolve(case.trigger.at) == rule:
                yield case


def stretches(rule: Rule, key: Key, world: World) -> Iterator[Case]:
    """One finding for each stretch longer than W that holds no `r`; its trigger is the event that starts the stretch
    (of simultaneous ones the greatest id), its date the start plus W.

    A stretch ends at the next `r`, with its segment, or at `as_of`. Where it is not known whether an activity goes on,
    the duty stays an obligation, even past due.
    """
    within = duration(rule["every"])
    required = answers(rule["require"], None, key, world)
    for segment in segments(rule, key, world):
        inside = [
            r for r in required if segment.start <= r.at <= world.as_of and (segment.end is None or r.at < segment.end)
        ]
        for start in sorted({segment.start, *(r.at for r in inside)}):
            trigger = latest([r for r in inside if r.at == start] + (segment.by if start == segment.start else []))
            assert trigger is not None, "a stretch starts by an event"
            end = min((r.at for r in inside if r.at > start), default=segment.end)
            last = world.as_of if end is None else end
            sure = last if segment.sure is None else min(last, segment.sure)
            if sure - start > within:
                yield Case(trigger, rule, start + within)
            elif end is None or last - start > within:
                yield Case(trigger, rule, start + within, breached=False)


def segments(rule: Rule, key: Key, world: World) -> list[Segment]:
    """The times in which the duty runs: of the open state, or of the activity, less any `not_during` state."""
    if "while_active" in rule:
        spans = activity(rule, key, world)
    else:
        spans = openness(rule["states"][rule["during"]], key, world)
    resting = [rule["states"][name] for name in states_of(rule, "not_during")]
    return [piece for span in spans for piece in less(span, resting, key, world)]


def openness(state: State, key: Key, world: World) -> list[Segment]:
    """The times in which a state is open: between two neighbouring turning points nothing changes."""
    points = sorted(turning_points(state, key.client, world))
    found = []
    for before, start in pairwise([None, *points]):
        if start is None or not is_open(state, key.client, start, world):
            continue
        if before is not None and is_open(state, key.client, before, world):
            continue
        closed = [p for p in points if start < p <= world.as_of and not is_open(state, key.client, p, world)]
        by = began(state, key.client, start, world)
        found.append(Segment(start, min(closed, default=None), by))
    return found


def activity(rule: Rule, key: Key, world: World) -> list[Segment]:
    """The spans in which active events are no further apart than `gap`. The last one may go on until `gap` has passed
    since its last event. Decision: active events are counted, so one without a client belongs to no relationship."""
    gap = duration(rule["while_active"]["gap"])
    active = [x for x in world.events if selected(rule["while_active"], x, key, world)]
    times = sorted({x.at for x in active})
    found = []
    for start in times:
        if any(t < start <= t + gap for t in times):
            continue
        broken = [t for t in times if t >= start and not any(t < u <= t + gap for u in times)]
        last = min(broken)
        goes_on = world.as_of <= last + gap
        by = [x for x in active if x.at == start]
        found.append(Segment(start, None if goes_on else last, by, sure=last))
    return found


def less(span: Segment, states: list[State], key: Key, world: World) -> list[Segment]:
    """A span cut by the states in which the duty rests; a piece after such a state starts by what ended the state."""

    def rests(t: datetime) -> bool:
        return any(is_open(state, key.client, t, world) for state in states)

    points = sorted(
        {
            span.start,
            *(
                p
                for state in states
                for p in turning_points(state, key.client, world)
                if span.start < p <= world.as_of and (span.end is None or p < span.end)
            ),
        }
    )
    pieces = []
    for before, start in pairwise([None, *points]):
        if start is None or rests(start) or (before is not None and not rests(before)):
            continue
        end = min((p for p in points if p > start and rests(p)), default=span.end)
        by = list(span.by) if start == span.start else []
        for state in states:
            earlier = [p for p in turning_points(state, key.client, world) if p < start]
            if earlier and is_open(state, key.client, max(earlier), world):
                by += ended_by(state, key.client, start, world)
        pieces.append(Segment(start, end, by, span.sure))
    return pieces
