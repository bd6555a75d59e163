"""The monitor: what was observed, in any order, is judged as a batch over the same set would be."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ethics_engine.api import AsOf, moment
from ethics_engine.errors import ConfigError, shown
from ethics_engine.findings import CannotTell, Engine, Finding, LogAccount, Obligation, Report
from ethics_engine.monitor.changes import Changes
from ethics_engine.monitor.intake import Given, several, taken
from ethics_engine.monitor.keeping import Keeping, Only
from ethics_engine.monitor.memory import InMemory
from ethics_engine.monitor.practice import Bench
from ethics_engine.rules.loader import load_rules
from ethics_engine.rules.rule_set import RuleSet
from ethics_engine.scalars import parse_duration
from ethics_engine.version import __version__

if TYPE_CHECKING:
    from ethics_engine.monitor.durable import Durable


_LONGEST_WAIT = 86_400  # seconds: a day


class Monitor:
    """Observes events and tells what each changes. Safe to share between threads; no clock is read.

    With a `store` (`sqlite:///FILE` or `postgresql://…`) events and what follows from them are on disk when a call
    returns, one transaction a call, and several processes may observe at once; without one they are kept in memory.
    `key` seals the chains of events of a store that is made with it. `wait` is how many seconds a call waits for
    another process that writes to the same practitioner (30 where it is not given). `cached` is how many events of a
    store are kept in memory (100,000 where it is not given): the practitioners last used, whole ones, and one at least;
    others are read and judged again when they are needed.

    `as_of` is the latest instant of all observed events, or what `advance` was given where that is later. A call that
    raises leaves everything as it was.
    """

    rejudged: Changes | None = None
    """What other rules changed, where the store was last judged by others than these; None otherwise."""

    def __init__(
        self,
        rules: RuleSet | None = None,
        store: str | None = None,
        *,
        timezone: str | None = None,
        currency: str | None = None,
        matcher: str | None = None,
        key: bytes | None = None,
        wait: float | None = None,
        cached: int | None = None,
    ) -> None:
        """Raises ConfigError or StoreError where the store cannot be opened."""
        rules = load_rules() if rules is None else rules
        if not isinstance(rules, RuleSet):
            raise ConfigError("rules: expected what `load_rules` returns", field="rules")
        if key is not None and not (isinstance(key, bytes) and key):
            raise ConfigError("key: expected bytes, one at least", field="key")
        if wait is not None and not (isinstance(wait, int | float) and 0 <= wait <= _LONGEST_WAIT):
            raise ConfigError(f"wait: expected a number of seconds from 0 to {_LONGEST_WAIT:,}", field="wait")
        self._bench = Bench(rules, timezone, currency, matcher)
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._closed = False
        self._keeping: Keeping
        if store is None:
            if key is not None:
                raise ConfigError("key: there is no chain to seal without a store", field="key")
            if cached is not None:
                raise ConfigError("cached: without a store all events are kept in memory", field="cached")
            self._keeping = InMemory(self._bench)
        else:
            durable = _durable(self._bench, store, key, wait, cached)
            self.rejudged = durable.rejudged
            self._keeping = durable

    def __enter__(self) -> Monitor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of everything; further calls raise ConfigError."""
        with self._own():
            self._closed = True
            self._keeping.close()

    @property
    def as_of(self) -> int | None:
        """The instant judged as of (microseconds since the epoch); None before the first event."""
        with self._own():
            self._check_open()
            return self._keeping.as_of()

    def observe(self, event: Any) -> Changes:
        """Observe one event, a mapping; the same one again changes nothing.

        Raises:
            EventError: it has faults, or its id is taken by another content.
            StoreError: it could not be recorded.
        """
        return self._change([taken(event, self._bench.rules.vocabulary)], None)

    def observe_many(self, events: Iterable[Any]) -> Changes:
        """Observe several events at once: all of them, or (on an error) none."""
        vocabulary = self._bench.rules.vocabulary
        given = [taken(record, vocabulary) for record in several(events)]
        return self._change(given, None)

    def advance(self, to: AsOf) -> Changes:
        """Let time pass until an instant or the end of a date: what is past due becomes a finding.

        An instant that is past already changes nothing.
        """
        if to is None:
            raise ConfigError("to: expected an instant or a date, got nothing", field="to")
        return self._change([], moment(to, self._bench.engine.zone, "to"))

    def _change(self, given: list[Given], to: int | None) -> Changes:
        with self._own():
            self._check_open()
            return self._keeping.change(given, to)

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
        with self._own():
            self._check_open()
            found = self._keeping.findings(Only(practitioner, client, rule, level, status))
        return tuple(sorted(found, key=lambda one: one.order))

    def obligations(
        self, *, client: str | None = None, practitioner: str | None = None, rule: str | None = None
    ) -> tuple[Obligation, ...]:
        """The open obligations, by due time."""
        return self._obligations(client, practitioner, rule)[1]

    def cannot_tell(self, *, practitioner: str | None = None, rule: str | None = None) -> tuple[CannotTell, ...]:
        """What could not be told."""
        with self._own():
            self._check_open()
            found = self._keeping.cannot_tell(Only(practitioner, rule=rule))
        return tuple(sorted(found, key=lambda one: one.order))

    def due(
        self,
        within: str | timedelta,
        *,
        client: str | None = None,
        practitioner: str | None = None,
        rule: str | None = None,
    ) -> tuple[Obligation, ...]:
        """The open obligations due no later than a time from `as_of` (`14d`), by due time."""
        try:
            span = within // timedelta(microseconds=1) if isinstance(within, timedelta) else parse_duration(within)
        except (TypeError, ValueError):
            wanted = "expected one such as 14d"
            raise ConfigError(f"within: {shown(within)} is no duration; {wanted}", field="within") from None
        as_of, found = self._obligations(client, practitioner, rule)
        return tuple(one for one in found if one.due <= (as_of or 0) + span)

    def _obligations(
        self, client: str | None, practitioner: str | None, rule: str | None
    ) -> tuple[int | None, tuple[Obligation, ...]]:
        with self._own():
            self._check_open()
            as_of, found = self._keeping.obligations(Only(practitioner, client, rule))
        return as_of, tuple(sorted(found, key=lambda one: one.order))

    def report(self) -> Report:
        """The report that a check of all observed events gives as of `as_of`."""
        with self._own():
            self._check_open()
            as_of, accounts = self._keeping.all()
        return Report(
            engine=Engine(__version__, "live", self._bench.engine.matcher.name),
            rules=self._bench.rules.in_use(),
            log=LogAccount(
                read=sum(one.events for one in accounts),
                accepted=sum(one.events for one in accounts),
                first=min((one.first for one in accounts), default=None),
                last=max((one.last for one in accounts), default=None),
                as_of=as_of,
            ),
            findings=tuple(line for one in accounts for line in one.findings),
            obligations=tuple(line for one in accounts for line in one.obligations),
            cannot_tell=tuple(line for one in accounts for line in one.cannot_tell),
            ineffective=tuple(line for one in accounts for line in one.ineffective),
            corrections=tuple(line for one in accounts for line in one.corrections),
            timezone=self._bench.plan.timezone,
        )

    def _own(self) -> threading.RLock:
        """The lock of this process: one that was forked off while another thread held it would never get it."""
        if os.getpid() != self._process:
            self._lock = threading.RLock()
            self._process = os.getpid()
        return self._lock

    def _check_open(self) -> None:
        if self._closed:
            raise ConfigError("the monitor was closed; open a new one")


def _durable(bench: Bench, store: str, key: bytes | None, wait: float | None, cached: int | None) -> Durable:
    from ethics_engine.monitor.cache import EVENTS
    from ethics_engine.monitor.durable import Durable  # SQLAlchemy is imported where a store is asked for

    if cached is not None and (isinstance(cached, bool) or not isinstance(cached, int) or cached < 0):
        raise ConfigError(f"cached: {shown(cached)} is no number of events", field="cached")
    return Durable(bench, store, key, wait, EVENTS if cached is None else cached)
