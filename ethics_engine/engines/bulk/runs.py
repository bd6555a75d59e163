"""States whose openings follow each other before any has lapsed, as the sessions of a therapy do."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import sub

from ethics_engine.engines.ledger import Ledger
from ethics_engine.engines.states import FOREVER, Change, Timeline
from ethics_engine.plan import State


class RunTimeline(Timeline):
    """A timeline that holds one opening for each run of openings that follow each other before any has lapsed.

    It answers as one that holds all of them: within a run the state is open, and it lapses when the last one does.
    """

    def __init__(self, state: State, ledger: Ledger, client: str | None) -> None:
        opened = ledger.entries(state.opened_by, state.per, client, None)
        closed = None if state.closed_by is None else ledger.entries(state.closed_by, state.per, client, None)
        lasts = FOREVER if state.lapses_after is None or ledger.uncovered(state.opened_by.areas) else state.lapses_after
        closings = {} if closed is None else {at: closed[index] for index, at in enumerate(closed.times)}
        for at in closings.keys() & set(opened.times):
            del closings[at]  # of simultaneous ones the opening counts
        times = opened.times
        ends = [*sorted(closings), FOREVER]
        changes: list[Change] = []
        start, end = 0, 0  # of the run, and of the closings before it
        for last in _ends_of_runs(times, lasts, ends):
            while ends[end] < times[start]:
                changes.append(Change(ends[end], closings[ends[end]], opens=False, lapse=FOREVER))
                end += 1
            first = opened[bisect_right(times, times[start]) - 1]
            lapse = min(times[last] + lasts, FOREVER)
            changes.append(Change(times[start], first, opens=True, lapse=lapse, last=opened[last]))
            start = last + 1
        changes.extend(Change(at, closings[at], opens=False, lapse=FOREVER) for at in ends[end:-1])
        self.settle(changes)


def _ends_of_runs(times: Sequence[int], lasts: int, ends: Sequence[int]) -> Iterator[int]:
    """The index of the last opening of each run; `ends` are the instants of closings, with one after all others."""
    if not times:
        return
    end = bisect_left(ends, times[0])
    if ends[end] <= times[-1] or max(map(sub, times[1:], times), default=0) > lasts:
        for index in range(1, len(times)):
            while ends[end] < times[index - 1]:
                end += 1
            if times[index] > times[index - 1] + lasts or times[index] >= ends[end]:
                yield index - 1
    yield len(times) - 1
