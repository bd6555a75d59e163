"""The monitor in memory: what was observed, in any order, is judged as a batch over the same set would be."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import timedelta
from heapq import heappop, heappush
from types import TracebackType
from typing import Any

from ethics_engine.api import AsOf, moment
from ethics_engine.engines.standing import Item, Standing
from ethics_engine.engines.states import FOREVER
from ethics_engine.errors import ConfigError, shown
from ethics_engine.events import Event
from ethics_engine.findings import CannotTell, Engine, Finding, LogAccount, Obligation, Report
from ethics_engine.monitor.changes import Changes, Difference
from ethics_engine.monitor.intake import conflict, several, taken
from ethics_engine.monitor.practice import Bench
from ethics_engine.rules.loader import RuleSet, load_rules
from ethics_engine.scalars import parse_duration
from ethics_engine.version import __version__


class Monitor:
    """Observes events and tells what each changes. Safe to share between threads; no clock is read.

    `as_of` is the latest instant of all observed events, or what `advance` was given where that is later. A call that
    raises leaves everything as it was.
    """

    def __init__(
        self,
        rules: RuleSet | None = None,
        store: str | None = None,
        *,
        timezone: str | None = None,
        currency: str | None = None,
        matcher: str | None = None,
    ) -> None:
        """Raises ConfigError for a store: in this version events are kept in memory alone, until the end."""
        if store is not None:
            raise ConfigError(
                f"store: {shown(store)} cannot be used, this version keeps events in memory alone; leave `store` out"
            )
        self._bench = Bench(load_rules() if rules is None else rules, timezone, currency, matcher)
        self._practitioners: dict[str, Standing] = {}
        self._wakes: list[tuple[int, str]] = []  # for each practitioner the first instant at which something may change
        self._as_of: int | None = None
        self._lock = threading.RLock()
        self._closed = False

    def __enter__(self) -> Monitor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything; further calls raise ConfigError."""
        with self._lock:
            self._closed = True
            self._practitioners = {}

    @property
    def as_of(self) -> int | None:
        """The instant judged as of (microseconds since the epoch); None before the first event."""
        return self._as_of

    def observe(self, event: Any) -> Changes:
        """Observe one event, a mapping; the same one again changes nothing.

        Raises:
            EventError: it has faults, or its id is taken by another content.
        """
        return self.observe_many([event])

    def observe_many(self, events: Iterable[Any]) -> Changes:
        """Observe several events at once: all of them, or (on an EventError) none."""
        with self._lock:
            self._check_open()
            fresh: dict[str, dict[str, Event]] = {}
            duplicate = 0
            for record in several(events):
                event, _ = taken(record, self._bench.rules.vocabulary)
                known = self._practitioners.get(event.practitioner)
                same = fresh.get(event.practitioner, {}).get(event.id)
                if same is None and known is not None:
                    same = known.given.get(event.id)
                if same is None:
                    fresh.setdefault(event.practitioner, {})[event.id] = event
                elif event.same_content(same):
                    duplicate += 1
                else:
                    raise conflict(event)
            instants = [event.at for own in fresh.values() for event in own.values()]
            if not instants:
                return Changes(self._as_of, duplicate=duplicate)
            return self._settle(fresh, max(instants), len(instants), duplicate)

    def advance(self, to: AsOf) -> Changes:
        """Let time pass until an instant or the end of a date: what is past due becomes a finding.

        An instant that is past already changes nothing.
        """
        with self._lock:
            self._check_open()
            if to is None:
                raise ConfigError("advance: expected an instant or a date, got nothing")
            return self._settle({}, moment(to, self._bench.engine.zone), 0, 0)

    def _settle(self, fresh: dict[str, dict[str, Event]], to: int, accepted: int, duplicate: int) -> Changes:
        """Judge what is touched with the fresh events in, and only then take it over."""
        as_of = to if self._as_of is None else max(self._as_of, to)
        difference = Difference()
        for name in self._touched(fresh, as_of):
            standing = self._practitioners.get(name)
            if standing is None:
                standing = self._practitioners[name] = self._bench.standing(name)
            given = [*fresh.get(name, {}).values()]
            for place, before in self._bench.settle(standing, given, as_of).items():
                _compare(difference, before, standing.items(place))
            if standing.wake < FOREVER:
                heappush(self._wakes, (standing.wake, name))
        self._as_of = as_of
        return difference.changes(as_of, accepted, duplicate)

    def _touched(self, fresh: Iterable[str], as_of: int) -> list[str]:
        """The practitioners whose events are fresh, and those whose judgement may be another by an instant."""
        touched = {*fresh}
        while self._wakes and self._wakes[0][0] <= as_of:
            touched.add(heappop(self._wakes)[1])
        return sorted(touched) if len(touched) > 1 else [*touched]

    def findings(
        self,
        *,
        client: str | None = None,
        practitioner: str | None = None,
        rule: str | None = None,
        level: str | None = None,
        status: str | None = None,
    ) -> tuple[Finding, ...]:
        """The findings, in the order of a report; what is given narrows them."""
        found = self._seen(client, practitioner, rule, level).findings
        return tuple(one for one in found if status is None or one.status == status)

    def obligations(
        self, *, client: str | None = None, practitioner: str | None = None, rule: str | None = None
    ) -> tuple[Obligation, ...]:
        """The open obligations, by due time."""
        return self._seen(client, practitioner, rule, None).obligations

    def cannot_tell(self, *, practitioner: str | None = None, rule: str | None = None) -> tuple[CannotTell, ...]:
        """What could not be told."""
        return self._seen(None, practitioner, rule, None).cannot_tell

    def due(self, within: str | timedelta, **only: str | None) -> tuple[Obligation, ...]:
        """The open obligations due no later than a time from `as_of` (`14d`), by due time; `only` as `obligations`."""
        try:
            span = within // timedelta(microseconds=1) if isinstance(within, timedelta) else parse_duration(within)
        except (TypeError, ValueError):
            raise ConfigError(f"within: {shown(within)} is no duration; expected one such as 14d") from None
        with self._lock:
            return tuple(one for one in self.obligations(**only) if one.due <= (self._as_of or 0) + span)

    def _seen(self, client: str | None, practitioner: str | None, rule: str | None, level: str | None) -> Report:
        rules, levels = [rule] if rule is not None else [], [level] if level is not None else []
        return self.report().filtered(rules=rules, levels=levels, practitioner=practitioner, client=client)

    def report(self) -> Report:
        """The report that a check of all observed events gives as of `as_of`."""
        with self._lock:
            self._check_open()
            held = [one for _, one in sorted(self._practitioners.items())]
            instants = [event.at for one in held for event in one.given.values()]
            said = [(share, item.verdict) for one in held for share, item in one.all_items()]
            rules = self._bench.rule_ids
            return Report(
                engine=Engine(__version__, "live", self._bench.engine.matcher.name),
                rules=self._bench.rules.in_use(),
                log=LogAccount(
                    read=len(instants),
                    accepted=len(instants),
                    first=min(instants, default=None),
                    last=max(instants, default=None),
                    as_of=self._as_of,
                ),
                findings=tuple(one for _, one in said if isinstance(one, Finding) and one.level != "none"),
                obligations=tuple(one for _, one in said if isinstance(one, Obligation)),
                cannot_tell=tuple(line for one in held for line in one.cannot_tell()),
                ineffective=tuple(line for one in held for line in one.without_effect(rules)),
                corrections=tuple(line for one in held for line in one.corrections),
                timezone=self._bench.plan.timezone,
            )

    def _check_open(self) -> None:
        if self._closed:
            raise ConfigError("the monitor was closed; open a new one")


def _compare(difference: Difference, before: tuple[Item, ...], after: tuple[Item, ...]) -> None:
    """What a judgement that was made anew changes."""
    if not before and not after:
        return
    was, now = [item.verdict for item in before], [item.verdict for item in after]
    difference.findings(_reported(was), _reported(now))
    difference.obligations(_duties(was), _duties(now))


def _reported(verdicts: Iterable[Any]) -> list[Finding]:
    return [one for one in verdicts if isinstance(one, Finding) and one.level != "none"]


def _duties(verdicts: Iterable[Any]) -> list[Obligation]:
    return [one for one in verdicts if isinstance(one, Obligation)]
