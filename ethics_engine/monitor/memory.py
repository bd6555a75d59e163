"""Events kept in memory, until the end of the process."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from heapq import heappop, heappush

from ethics_engine.engines.live import Verdict
from ethics_engine.engines.standing import Standing
from ethics_engine.engines.states import FOREVER
from ethics_engine.findings import CannotTell, Finding, Obligation
from ethics_engine.monitor.changes import Changes, Difference
from ethics_engine.monitor.intake import Given
from ethics_engine.monitor.keeping import Account, Only, account_of, count_of, fresh_of, reached
from ethics_engine.monitor.practice import Bench


class InMemory:
    """Keeps the practitioners of one monitor."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._practitioners: dict[str, Standing] = {}
        self._wakes: list[tuple[int, str]] = []  # for each practitioner the first instant at which something may change
        self._queued: dict[str, int] = {}  # that of each practitioner among them which counts
        self._as_of: int | None = None

    def as_of(self) -> int | None:
        """The latest instant of all events, or how far time was let pass."""
        return self._as_of

    def all(self) -> tuple[int | None, list[Account]]:
        """The instant judged as of, and every practitioner, by name."""
        return self._as_of, [account_of(one, self._bench.rule_ids) for one in self._held(Only())]

    def findings(self, only: Only) -> list[Finding]:
        """The findings that are reported."""
        said = self._said(only)
        return [one for one in said if isinstance(one, Finding) and one.level != "none" and only.lets_pass(one)]

    def obligations(self, only: Only) -> tuple[int | None, list[Obligation]]:
        """The instant judged as of, and the open obligations."""
        return self._as_of, [one for one in self._said(only) if isinstance(one, Obligation) and only.lets_pass(one)]

    def cannot_tell(self, only: Only) -> list[CannotTell]:
        """What could not be told."""
        return [line for standing in self._held(only) for line in standing.cannot_tell() if only.lets_pass(line)]

    def _said(self, only: Only) -> Iterator[Verdict]:
        return (item.verdict for standing in self._held(only) for _, item in standing.all_items())

    def _held(self, only: Only) -> list[Standing]:
        """The practitioners who are asked for, by name."""
        if only.practitioner is None:
            return [standing for _, standing in sorted(self._practitioners.items())]
        found = self._practitioners.get(only.practitioner)
        return [] if found is None else [found]

    def close(self) -> None:
        """Let go of everything."""
        self._practitioners = {}

    def change(self, given: list[Given], to: int | None) -> Changes:
        """Take events and let time pass to an instant: all of it, or (where it raises) nothing."""
        fresh, duplicate = fresh_of(given, self._practitioners)
        as_of = reached(self._as_of, to, fresh)
        if as_of is None or (not fresh and to is None):
            return Changes(self._as_of, duplicate=duplicate)
        difference = Difference()
        settled: list[tuple[str, Standing]] = []
        touched = self._touched(fresh, as_of)
        try:
            for name in touched:
                standing = self._practitioners.get(name)
                if standing is None:
                    standing = self._practitioners[name] = self._bench.standing(name)
                settled.append((name, standing))
                events = [event for event, _ in fresh.get(name, {}).values()]
                for place, before in self._bench.settle(standing, events, as_of).items():
                    difference.judgement(before, standing.items(place))
                self._queue(name, standing.wake)
        except BaseException:
            self._undo(settled, fresh)
            for name in touched:
                if name in self._practitioners:
                    self._queue(name, self._practitioners[name].wake)
            raise
        self._as_of = as_of
        return difference.changes(as_of, count_of(fresh), duplicate)

    def _touched(self, fresh: Collection[str], as_of: int) -> list[str]:
        """The practitioners whose events are fresh, and those whose judgement may be another by an instant."""
        if not self._wakes or self._wakes[0][0] > as_of:
            return sorted(fresh) if len(fresh) > 1 else [*fresh]
        touched = {*fresh}
        while self._wakes and self._wakes[0][0] <= as_of:
            wake, name = heappop(self._wakes)
            if self._queued.get(name) == wake:
                del self._queued[name]
                touched.add(name)
        return sorted(touched)

    def _queue(self, name: str, wake: int) -> None:
        """Have a practitioner looked at again at an instant, where that is not done before."""
        if wake < self._queued.get(name, FOREVER):
            self._queued[name] = wake
            heappush(self._wakes, (wake, name))

    def _undo(self, settled: Iterable[tuple[str, Standing]], fresh: Mapping[str, Mapping[str, Given]]) -> None:
        """Judge anew those that a call has touched, without its events."""
        for name, standing in settled:
            events = [event for event in standing.given.values() if event.id not in fresh.get(name, {})]
            del self._practitioners[name]
            if events:
                self._practitioners[name] = self._bench.standing(name, events, self._as_of)
