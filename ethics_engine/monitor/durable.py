"""Events kept in a store: memory is a cache of it, brought up to date under a lock before anything is judged."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal

from ethics_engine.engines.said import Item, Place
from ethics_engine.engines.standing import Standing
from ethics_engine.errors import ConfigError, EventError, shown
from ethics_engine.events import Event
from ethics_engine.findings import Finding, Obligation
from ethics_engine.monitor.changes import Changes, Difference
from ethics_engine.monitor.intake import Given, taken
from ethics_engine.monitor.keeping import fresh_of, latest
from ethics_engine.monitor.practice import Bench
from ethics_engine.monitor.rows import findings_from, judged_by, obligations_from, place_name, rows_of
from ethics_engine.store import Practice, Store, Transaction
from ethics_engine.store.chain import START, canonical


class Cached:
    """A practitioner in memory, with how far its chain was read."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.count = 0
        self.head = START


class Durable:
    """Keeps the practitioners of one store."""

    def __init__(self, bench: Bench, store: str, key: bytes | None, wait: float | None) -> None:
        """Open a store; where other rules judged it last, judge it anew."""
        self._bench = bench
        self._cache: dict[str, Cached] = {}
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
        with self._store.reading() as connection:
            return Transaction(connection).as_of()

    def close(self) -> None:
        """Let go of everything."""
        self._cache = {}
        self._store.close()

    def change(self, given: list[Given], to: int | None) -> Changes:
        """Take events and let time pass to an instant: all of it, or (where it raises) nothing."""
        contents = {(event.practitioner, event.id): canonical(record) for event, record in given}
        with self._recording() as (record, touched):
            record.join()
            self._check_rules(record)
            names = sorted({event.practitioner for event, _ in given})
            held = record.lock(names) if names else {}
            known = {name: self._caught_up(record, practice, touched) for name, practice in held.items()}
            fresh, duplicate = fresh_of(given, known)
            instants = [event.at for own in fresh.values() for event, _ in own.values()]
            before = record.as_of()
            as_of = latest(before, to, *instants)
            if as_of is None or (not instants and to is None):
                return Changes(before, duplicate=duplicate)
            if to is not None and to == as_of and to != before:
                record.tell("as_of", str(to))
            for name, practice in record.lock_woken(as_of, wait=not names).items():
                if name not in held:
                    held[name] = practice
                    known[name] = self._caught_up(record, practice, touched)
            difference = Difference()
            for name in sorted(held):
                own = fresh.get(name, {})
                rows = [(event.id, event.at, contents[name, event.id]) for event, _ in own.values()]
                record.append(held[name], rows)
                self._settle(record, held[name], known[name], [event for event, _ in own.values()], as_of, difference)
            return difference.changes(as_of, len(instants), duplicate)

    def all(self) -> tuple[int | None, Mapping[str, Standing]]:
        """The instant judged as of, and every practitioner by name."""
        with self._recording() as (record, touched):
            record.join()
            self._check_rules(record)
            held = record.lock_all()
            as_of = record.as_of()
            known = {name: self._caught_up(record, practice, touched) for name, practice in held.items()}
            for name, standing in known.items():
                if as_of is not None and standing.wake <= as_of:
                    self._settle(record, held[name], standing, [], as_of, Difference())
            return as_of, known

    # --- the cache ----------------------------------------------------------------------------------------------

    @contextmanager
    def _recording(self) -> Iterator[tuple[Transaction, set[str]]]:
        """A transaction; where it fails, the practitioners that it touched are forgotten and read again."""
        touched: set[str] = set()
        try:
            with self._store.transaction() as record:
                yield record, touched
        except BaseException:
            for name in touched:
                self._cache.pop(name, None)
            raise

    def _caught_up(self, record: Transaction, practice: Practice, touched: set[str]) -> Standing:
        """A practitioner as it is in the store, judged as of the same instant; it is locked."""
        name = practice.practitioner
        touched.add(name)
        cached = self._cache.get(name)
        if cached is None or cached.count > practice.count:
            cached = self._cache[name] = Cached(self._bench.standing(name))
        contents: list[str] = []
        if cached.count < practice.count or cached.head != practice.head:
            contents = record.events(practice, cached.count, cached.head)
        if practice.as_of is not None and (contents or cached.standing.as_of < practice.as_of):
            self._bench.settle(cached.standing, [self._stored(practice, one) for one in contents], practice.as_of)
        cached.count, cached.head = practice.count, practice.head
        return cached.standing

    def _stored(self, practice: Practice, content: str) -> Event:
        try:
            return taken(json.loads(content, parse_float=Decimal), self._bench.rules.vocabulary)[0]
        except EventError as error:
            raise ConfigError(
                f"an event of {shown(practice.practitioner)} in the store is none of these rules' vocabulary: {error}"
            ) from error

    def _settle(
        self,
        record: Transaction,
        practice: Practice,
        standing: Standing,
        events: list[Event],
        as_of: int,
        difference: Difference,
    ) -> None:
        """Judge what is touched, and write it."""
        touched = self._bench.settle(standing, events, as_of)
        for place, before in touched.items():
            difference.judgement(before, standing.items(place))
        self._write(record, practice.practitioner, standing, touched)
        record.keep(practice, as_of, standing.wake)
        cached = self._cache[practice.practitioner]
        cached.count, cached.head = practice.count, practice.head

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
        with self._recording() as (record, touched):
            record.open_alone()
            last = record.told("judged_by")
            if last == self._judged_by:
                return None
            record.describe_rules(self._judged_by, self._digest, self._described)
            if last is None:
                return None
            held = record.lock_all()
            as_of = record.as_of()
            difference = Difference()
            for name, practice in held.items():
                standing = self._caught_up(record, practice, touched)
                assert as_of is not None
                self._bench.settle(standing, [], as_of)
                now = [item.verdict for _, item in standing.all_items()]
                difference.findings(
                    findings_from(record.said(last, name, "finding")),
                    [one for one in now if isinstance(one, Finding) and one.level != "none"],
                )
                difference.obligations(
                    obligations_from(record.said(last, name, "obligation")),
                    [one for one in now if isinstance(one, Obligation)],
                )
                rows = [row for place in standing.places() for row in rows_of(standing, place)]
                record.say_all(self._judged_by, name, rows)
                record.keep(practice, as_of, standing.wake)
            return difference.changes(as_of)

    def _check_rules(self, record: Transaction) -> None:
        if record.told("judged_by") != self._judged_by:
            raise ConfigError(
                "the store is judged by other rules now, another process has opened it with them; open it again to "
                "judge it by these"
            )


def _verdicts(items: Iterable[Item]) -> list[object]:
    return [item.verdict for item in items]
