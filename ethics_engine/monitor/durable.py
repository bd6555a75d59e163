"""Events kept in a store: memory is a cache of it, brought up to date under a lock before anything is judged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TypeVar

from ethics_engine.engines.said import Item, Place
from ethics_engine.engines.standing import Standing
from ethics_engine.errors import ConfigError, EventError, shown
from ethics_engine.events import Event
from ethics_engine.findings import CannotTell, Finding, Obligation
from ethics_engine.logs.records import plain_record
from ethics_engine.monitor.cache import Cache, Cached
from ethics_engine.monitor.changes import Changes, Difference
from ethics_engine.monitor.intake import Given, taken
from ethics_engine.monitor.keeping import Account, Known, Only, account_of, count_of, fresh_of, reached
from ethics_engine.monitor.practice import Bench
from ethics_engine.monitor.rows import (
    findings_from,
    judged_by,
    obligations_from,
    place_name,
    rows_of,
    untold_from,
)
from ethics_engine.store import Practice, State, Store, Transaction
from ethics_engine.store.chain import canonical
from ethics_engine.store.transaction import damage_told

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Recorded:
    """Those events of a practitioner that were asked for and that the store holds."""

    given: Mapping[str, Event]


class Durable:
    """Keeps the practitioners of one store."""

    def __init__(self, bench: Bench, store: str, key: bytes | None, wait: float | None, cached: int) -> None:
        """Open a store; where other rules judged it last, judge it anew. `cached` events are kept in memory."""
        self._bench = bench
        self._cache = Cache(cached)
        plan = bench.plan
        self._digest = bench.rules.in_use().digest
        self._judged_by, self._described = judged_by(bench.rules.in_use(), plan.timezone, plan.currency)
        self._store = Store(store, key, wait)
        try:
            self.rejudged = self._open()
        except BaseException:
            self._store.close()
            raise

    def as_of(self) -> int | None:
        """The latest instant of all events, or how far time was let pass."""
        with self._store.view() as record:
            return record.state().as_of

    def close(self) -> None:
        """Let go of everything."""
        self._cache.clear()
        self._store.close()

    def change(self, given: list[Given], to: int | None) -> Changes:
        """Take events and let time pass to an instant: all of it, or (where it raises) nothing."""
        contents = {(event.practitioner, event.id): canonical(plain_record(record)) for event, record in given}
        with self._recording() as (record, unsure):
            record.join()
            held = record.lock({event.practitioner for event, _ in given})
            state = self._state(record)
            fresh, duplicate = fresh_of(given, self._known(record, held, given))
            as_of = reached(state.as_of, to, fresh)
            if as_of is None or (not fresh and to is None):
                return Changes(state.as_of, duplicate=duplicate)
            if to is not None and to == as_of and to != state.as_of:
                record.tell("as_of", str(to))
            touched = {name: held[name] for name in fresh}
            if state.wakes(as_of):
                touched = record.lock_woken(as_of, wait=not held) | touched
            difference = Difference()
            for name in sorted(touched):
                own = [event for event, _ in fresh.get(name, {}).values()]
                standing = self._caught_up(record, touched[name])
                record.append(touched[name], [(event.id, event.at, contents[name, event.id]) for event in own])
                self._settle(record, touched[name], standing, own, as_of, difference, unsure)
            return difference.changes(as_of, count_of(fresh), duplicate)

    # --- what is asked ------------------------------------------------------------------------------------------

    def all(self) -> tuple[int | None, list[Account]]:
        """The instant judged as of, and every practitioner, by name; those not here are read one by one."""

        def accounts(record: Transaction, as_of: int | None) -> tuple[int | None, list[Account]]:
            found = []
            for practice in record.all().values():
                standing = self._caught_up(record, practice)
                found.append(account_of(standing, self._bench.rule_ids))
                self._cache.offer(practice.practitioner, Cached(standing, practice.count, practice.head))
            return as_of, found

        return self._seen(accounts)

    def findings(self, only: Only) -> list[Finding]:
        """The findings that are reported, as they were written down."""
        said = self._seen(lambda record, _: [*record.said(self._judged_by, "finding", **asdict(only))])
        with damage_told():
            return findings_from(content for _, content in said)

    def obligations(self, only: Only) -> tuple[int | None, list[Obligation]]:
        """The instant judged as of, and the open obligations, as they were written down."""
        as_of, said = self._seen(
            lambda record, as_of: (as_of, [*record.said(self._judged_by, "obligation", **asdict(only))])
        )
        with damage_told():
            return as_of, obligations_from(content for _, content in said)

    def cannot_tell(self, only: Only) -> list[CannotTell]:
        """What could not be told, as it was written down."""
        said = self._seen(lambda record, _: [*record.said(self._judged_by, "cannot_tell", **asdict(only))])
        with damage_told():
            return [*untold_from(self._bench.engine, said)]

    def _seen(self, ask: Callable[[Transaction, int | None], Answer]) -> Answer:
        """What is asked of the store as it stands at one moment, with everyone judged as of that moment."""
        with self._store.view() as record:
            state = self._state(record)
            if not state.wakes(state.as_of):
                return ask(record, state.as_of)
        with self._recording() as (record, unsure):  # a writer has left out those that another one had locked
            record.open_alone()
            state = self._state(record)
            if state.as_of is not None:
                for practice in record.lock_woken(state.as_of, wait=True).values():
                    standing = self._caught_up(record, practice)
                    self._settle(record, practice, standing, [], state.as_of, Difference(), unsure)
            return ask(record, state.as_of)

    # --- the cache ----------------------------------------------------------------------------------------------

    @contextmanager
    def _recording(self) -> Iterator[tuple[Transaction, set[str]]]:
        """A transaction, and the names of those whose judgement in memory holds only if it is committed."""
        unsure: set[str] = set()
        try:
            with self._store.transaction() as record:
                yield record, unsure
        except BaseException:
            for name in unsure:
                self._cache.take(name)
            raise

    def _known(self, record: Transaction, held: Mapping[str, Practice], given: Iterable[Given]) -> dict[str, Known]:
        """What is known of the practitioners that events are given of: those of the events that were recorded."""
        asked: dict[str, list[str]] = {name: [] for name, practice in held.items() if practice.count}
        for event, _ in given:
            if event.practitioner in asked:
                asked[event.practitioner].append(event.id)
        known: dict[str, Known] = {}
        for name, ids in asked.items():
            cached = self._cache.peek(name)
            if cached is not None and (cached.count, cached.head) == (held[name].count, held[name].head):
                known[name] = cached.standing
            else:
                found = record.recorded(name, ids)
                known[name] = Recorded({one: self._stored(name, content) for one, content in found.items()})
        return known

    def _caught_up(self, record: Transaction, practice: Practice) -> Standing:
        """A practitioner as it is in the store, judged as of the same instant; taken out of the cache."""
        cached = self._cache.take(practice.practitioner)
        if cached is None or cached.count > practice.count:
            cached = Cached(self._bench.standing(practice.practitioner))
        standing = cached.standing
        contents: list[str] = []
        if (cached.count, cached.head) != (practice.count, practice.head):
            contents = record.events(practice, cached.count, cached.head)
        if practice.as_of is not None and (contents or standing.as_of < practice.as_of):
            events = [self._stored(practice.practitioner, content) for content in contents]
            self._bench.settle(standing, events, practice.as_of)
        return standing

    def _put(self, practice: Practice, standing: Standing) -> None:
        """Keep a practitioner that is as it is in the store."""
        self._cache.put(practice.practitioner, Cached(standing, practice.count, practice.head))

    def _stored(self, practitioner: str, content: str) -> Event:
        try:
            return taken(json.loads(content, parse_float=Decimal), self._bench.rules.vocabulary)[0]
        except EventError as error:
            raise ConfigError(
                f"an event of {shown(practitioner)} in the store is none of these rules' vocabulary: {error}"
            ) from error

    def _settle(
        self,
        record: Transaction,
        practice: Practice,
        standing: Standing,
        events: list[Event],
        as_of: int,
        difference: Difference,
        unsure: set[str],
    ) -> None:
        """Judge what is touched, and write it."""
        touched = self._bench.settle(standing, events, as_of)
        for place, before in touched.items():
            difference.judgement(before, standing.items(place))
        self._write(record, practice.practitioner, standing, touched)
        record.keep(practice, as_of, standing.wake)
        unsure.add(practice.practitioner)
        self._put(practice, standing)

    def _write(
        self, record: Transaction, name: str, standing: Standing, touched: Mapping[Place, tuple[Item, ...]]
    ) -> None:
        changed = [place for place, before in touched.items() if _verdicts(before) != _verdicts(standing.items(place))]
        gone = [place_name(place) for place in changed if touched[place]]
        rows = [row for place in changed for row in rows_of(standing, place)]
        if gone or rows:
            record.say(self._judged_by, name, gone, rows)

    # --- rules --------------------------------------------------------------------------------------------------

    def _open(self) -> Changes | None:
        """Judge the store by these rules where others judged it last; what that changed, None where it is the same."""
        with self._recording() as (record, unsure):
            record.open_alone()
            state = record.state()
            if state.judged_by == self._judged_by:
                return None
            record.describe_rules(self._judged_by, self._digest, self._described)
            if state.judged_by is None:
                return None
            difference = Difference()
            for name, practice in record.lock_all().items():
                standing = self._caught_up(record, practice)
                assert state.as_of is not None
                self._bench.settle(standing, [], state.as_of)
                now = [item.verdict for _, item in standing.all_items()]
                with damage_told():
                    said = record.said(state.judged_by, "finding", practitioner=name)
                    found = findings_from(content for _, content in said)
                    said = record.said(state.judged_by, "obligation", practitioner=name)
                    duties = obligations_from(content for _, content in said)
                reported = [one for one in now if isinstance(one, Finding) and one.level != "none"]
                difference.findings(found, reported)
                difference.obligations(duties, [one for one in now if isinstance(one, Obligation)])
                rows = [row for place in standing.places() for row in rows_of(standing, place)]
                record.say_all(self._judged_by, name, rows)
                record.keep(practice, state.as_of, standing.wake)
                unsure.add(name)
                self._put(practice, standing)
            return difference.changes(state.as_of)

    def _state(self, record: Transaction) -> State:
        """What holds for the whole store; raises ConfigError where other rules judge it now."""
        state = record.state()
        if state.judged_by != self._judged_by:
            raise ConfigError(
                "the store is judged by other rules now, another process has opened it with them; open it again to "
                "judge it by these"
            )
        return state


def _verdicts(items: Iterable[Item]) -> list[object]:
    """What is said, and of which triggers: some verdicts do not name theirs."""
    return [(item.trigger.id, item.verdict) for item in items]
