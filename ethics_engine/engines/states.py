"""States over time: when they are open, when they ended, and the stretches that recurrence rules look at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ethics_engine.engines.ledger import Entries, Ledger
from ethics_engine.events import Event
from ethics_engine.plan import State

FOREVER = 1 << 62  # later than any instant


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time `[start, end)`, the events that began and ended it, and how far it is known to have gone on."""

    start: int
    end: int
    begun_by: Event
    ended_by: Event | None
    known_until: int


@dataclass(frozen=True, slots=True)
class Change:
    """An opening or a closing of a state; an opening lapses at `lapse`, if nothing happens before.

    `last` is the opening that the lapse is reckoned from, where it is another one than `event`.
    """

    at: int
    event: Event
    opens: bool
    lapse: int
    last: Event | None = None


class Timeline:
    """One state of one key: its openings and closings in order, one for each instant (an opening wins)."""

    def __init__(self, state: State, ledger: Ledger, client: str | None) -> None:
        lapses = self._lapses = not ledger.uncovered(state.opened_by.areas)
        changes: dict[int, Change] = {}
        if state.closed_by is not None:
            for event in ledger.entries(state.closed_by, state.per, client, None).events:
                changes[event.at] = Change(event.at, event, opens=False, lapse=FOREVER)
        for event in ledger.entries(state.opened_by, state.per, client, None).events:
            changes[event.at] = Change(event.at, event, opens=True, lapse=_lapse(state, event) if lapses else FOREVER)
        self.settle([changes[at] for at in sorted(changes)])

    def settle(self, changes: list[Change]) -> None:
        """Take openings and closings in order, no two of one instant."""
        self.changes = changes
        self.times = [change.at for change in self.changes]
        self._spans: list[Span] | None = None
        self._over: list[Span] = []  # the stretches before the change that is the last one
        self._passed = 0  # so many changes were looked at for them
        self._begun: Change | None = None  # what began the stretch that goes on after those
        self.first_opening = next((change.at for change in self.changes if change.opens), FOREVER)

    def take(self, state: State, event: Event, *, opens: bool) -> None:
        """Take an opening or closing that is later than all others."""
        lapse = _lapse(state, event) if opens and self._lapses else FOREVER
        self.changes.append(Change(event.at, event, opens, lapse))
        self.times.append(event.at)
        self._spans = None
        if opens and self.first_opening == FOREVER:
            self.first_opening = event.at

    def latest(self, at: int) -> Change | None:
        """The latest opening or closing at or before an instant."""
        index = bisect_right(self.times, at) - 1
        return self.changes[index] if index >= 0 else None

    def is_open(self, at: int) -> bool:
        """Whether the state is open at an instant."""
        change = self.latest(at)
        return change is not None and change.opens and at < change.lapse

    def ended(self, at: int) -> int | None:
        """When the state ended, asked at an instant; None while it is open or where it never opened."""
        change = self.latest(at)
        if change is None:
            return None
        if change.opens:
            return change.lapse if change.lapse <= at else None
        return change.at if self.first_opening < change.at else None

    def spans(self) -> list[Span]:
        """The stretches in which the state is open, in order."""
        if self._spans is None:
            while self._passed + 1 < len(self.changes):
                change, following = self.changes[self._passed : self._passed + 2]
                self._begun = self._pass(change, following, self._over)
                self._passed += 1
            self._spans = [*self._over]
            if self.changes:
                self._pass(self.changes[-1], None, self._spans)
        return self._spans

    def _pass(self, change: Change, following: Change | None, spans: list[Span]) -> Change | None:
        """Look at an opening or closing and what follows; a stretch that ends between them is put among `spans`.

        Returns what began the stretch that goes on.
        """
        if not change.opens:
            return None
        begun = self._begun or change
        if following is not None and following.opens and change.lapse >= following.at:
            return begun
        lapse = max(change.lapse, change.at)  # one that had lapsed before it came ends what was open until then
        ends = min(lapse, FOREVER if following is None else following.at)
        closing = following.event if following is not None and ends == following.at and not following.opens else None
        if ends > begun.at:
            ended_by = closing or ((change.last or change.event) if ends < FOREVER else None)
            spans.append(Span(begun.at, ends, begun.event, ended_by, ends))
        return None


def _lapse(state: State, event: Event) -> int:
    if state.lapses_after is not None:
        return event.at + state.lapses_after
    if state.lapses_at is not None:
        lapse: int = event.values.get(state.lapses_at, FOREVER)
        return lapse
    return FOREVER


class Activity:
    """The spans in which events are no further apart than `gap`; they may grow in number, at their end."""

    def __init__(self, active: Entries, gap: int) -> None:
        self._active = active
        self._gap = gap
        self._over: list[Span] = []  # the spans before the last one
        self._start = 0  # the event that starts the last one
        self._seen = 0  # so many events were looked at
        self._last: Event | None = None  # the last of them

    def is_of(self, active: Entries) -> bool:
        """Whether these are the events that were looked at, with none but later ones beside them."""
        return self._active is active and (self._last is None or active[self._seen - 1] is self._last)

    def spans(self, as_of: int) -> list[Span]:
        """The spans in order; the last may go on while the gap has not passed."""
        times = self._active.times
        if not times:
            return []
        for index in range(max(self._seen, 1), len(times)):
            if times[index] - times[index - 1] > self._gap:
                self._over.append(self._span(index - 1, goes_on=False))
                self._start = index
        self._seen = len(times)
        self._last = self._active[-1]
        return [*self._over, self._span(len(times) - 1, goes_on=as_of <= times[-1] + self._gap)]

    def _span(self, last: int, *, goes_on: bool) -> Span:
        active, times = self._active, self._active.times
        first = active[bisect_right(times, times[self._start]) - 1]  # of simultaneous ones that of the greatest id
        end = FOREVER if goes_on else times[last]
        return Span(times[self._start], end, first, None if goes_on else active[last], times[last])


def without(spans: Sequence[Span], holes: Sequence[Span]) -> list[Span]:
    """The spans less the holes; a piece after a hole is begun by the event that ended the hole."""
    for hole in holes:
        pieces: list[Span] = []
        for span in spans:
            if hole.end == span.start:
                pieces.append(replace(span, begun_by=_latest(span.begun_by, hole.ended_by)))
                continue
            if hole.end < span.start or hole.start >= span.end:
                pieces.append(span)
                continue
            if hole.start > span.start:
                known = min(span.known_until, hole.start)
                pieces.append(Span(span.start, hole.start, span.begun_by, hole.begun_by, known))
            if hole.end < span.end:
                begun_by = hole.ended_by or span.begun_by
                pieces.append(Span(hole.end, span.end, begun_by, span.ended_by, span.known_until))
        spans = pieces
    return list(spans)


def _latest(event: Event, other: Event | None) -> Event:
    """The later of two events; of simultaneous ones the one of the greatest id."""
    return event if other is None or (event.at, event.order) > (other.at, other.order) else other


def stretches(span: Span, answers: Entries, as_of: int, longer_than: int = -1) -> list[Span]:
    """A span cut at its answers: each stretch is begun by the span's own beginning or by an answer.

    Stretches that an answer ended by `as_of`, and that are not `longer_than` so many microseconds, are left out.
    """
    times = answers.times
    end = min(span.end, as_of + 1)
    cuts: list[Span] = []
    begun = -1  # the answer that began the stretch, the last of simultaneous ones; -1 for what began the span
    start = span.start
    for index in range(bisect_left(times, span.start), bisect_left(times, end)):
        at = times[index]
        if at > start and at - start > longer_than:
            cuts.append(Span(start, at, _begun(span, answers, begun), answers[index], min(at, span.known_until)))
        begun, start = index, at
    cuts.append(Span(start, span.end, _begun(span, answers, begun), span.ended_by, span.known_until))
    return cuts


def _begun(span: Span, answers: Entries, index: int) -> Event:
    """What began a stretch: an answer, and at the span's own beginning the one of the greatest id."""
    if index < 0:
        return span.begun_by
    return answers[index] if answers.times[index] > span.start else _latest(span.begun_by, answers[index])
