"""Events kept in memory, until the end of the process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush

from ethics_engine.engines.live import Verdict
from ethics_engine.engines.standing import Standing
from ethics_engine.engines.states import FOREVER
from ethics_engine.events import Event
from ethics_engine.findings import CannotTell, Finding, Obligation
from ethics_engine.interrupts import interrupts_held
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
        self._aside: dict[str, list[Event]] = {}  # of those who are to be judged anew, as a call failed

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
        self._take_back()
        if only.practitioner is None:
            return [standing for _, standing in sorted(self._practitioners.items())]
        found = self._practitioners.get(only.practitioner)
        return [] if found is None else [found]

    def close(self) -> None:
        """Let go of everything."""
        self._practitioners = {}
        self._aside = {}

    def change(self, given: list[Given], to: int | None) -> Changes:
        """Take events and let time pass to an instant: all of it, or (where it raises) nothing."""
        self._take_back()
        as_of: int | None
        touched: dict[str, Sequence[Event]]
        if len(given) == 1 and to is None and self._is_fresh(event := given[0][0]):
            accepted, duplicate = 1, 0
            as_of = event.at if self._as_of is None else max(event.at, self._as_of)
            touched = {event.practitioner: (event,)}
        else:
            fresh, duplicate = fresh_of(given, self._practitioners)
            accepted = count_of(fresh)
            as_of = reached(self._as_of, to, fresh)
            if as_of is None or (not fresh and to is None):
                return Changes(self._as_of, duplicate=duplicate)
            touched = {name: [event for event, _ in own.values()] for name, own in fresh.items()}
        for name in self._woken(as_of):
            touched.setdefault(name, ())
        difference = self._settle(touched, as_of)
        self._as_of = as_of
        return difference.changes(as_of, accepted, duplicate)

    def _is_fresh(self, event: Event) -> bool:
        standing = self._practitioners.get(event.practitioner)
        return standing is None or event.id not in standing.given

    def _settle(self, touched: Mapping[str, Sequence[Event]], as_of: int) -> Difference:
        """Let practitioners' judgements take their events, and time pass; what that changed."""
        difference = Difference()
        settled: list[str] = []
        try:
            for name, events in touched.items():
                standing = self._practitioners.get(name)
                if standing is None:
                    standing = self._practitioners[name] = self._bench.standing(name)
                settled.append(name)
                for place, before in self._bench.settle(standing, events, as_of).items():
                    difference.judgement(before, standing.items(place))
                if standing.sleeps_until < self._queued.get(name, FOREVER):
                    self._queue(name, standing.wake)
        except BaseException:
            self._undo(settled, touched)
            raise
        return difference

    def _woken(self, as_of: int) -> list[str]:
        """The practitioners whose judgement may be another by an instant; they are to be queued again."""
        woken = []
        while self._wakes and self._wakes[0][0] <= as_of:
            queued, name = heappop(self._wakes)
            if self._queued.get(name) == queued:
                del self._queued[name]
                wake = self._practitioners[name].wake
                if wake <= as_of:
                    woken.append(name)
                else:
                    self._queue(name, wake)
        return woken

    def _queue(self, name: str, wake: int) -> None:
        """Have a practitioner looked at again at an instant, where that is not done before."""
        if wake < self._queued.get(name, FOREVER):
            self._queued[name] = wake
            heappush(self._wakes, (wake, name))

    def _undo(self, settled: Iterable[str], touched: Mapping[str, Iterable[Event]]) -> None:
        """Forget events whose call failed: those whose judgement took them are put aside, and judged anew.

        Where that fails too, as in the call's own circumstances it may, it is done before anything is next asked.
        """
        with interrupts_held():
            for name in settled:
                gone = {event.id for event in touched[name]}
                self._aside[name] = [one for one in self._practitioners[name].given.values() if one.id not in gone]
                del self._practitioners[name]
                self._queued.pop(name, None)
            for name in touched:
                if name in self._practitioners:
                    self._queue(name, self._practitioners[name].wake)
        self._take_back()

    def _take_back(self) -> None:
        """Judge anew those who were put aside."""
        for name, events in [*self._aside.items()]:
            if events:
                standing = self._bench.standing(name, events, self._as_of)
                self._practitioners[name] = standing
                self._queue(name, standing.wake)
            del self._aside[name]
