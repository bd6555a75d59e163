"""The events of one practitioner as rules ask for them: by selection, by relationship, by what must be the same.

Everything is in the order of (`at`, `id`). Tables are built when a rule first asks for them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

from ethics_engine.events import Event
from ethics_engine.plan import FINDING, Member, Plan, Same, Scope, Source

_Key = tuple[str | None, tuple[Any, ...]]  # client (None under a practitioner key), values of `same`

_Table = tuple[dict[_Key, "Entries"], dict[tuple[Any, ...], "Entries"]]  # of one key, and of every key


class Entries:
    """Some events of one key, in order, with their instants beside them for bisection."""

    __slots__ = ("events", "times")

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self.times = [event.at for event in events]

    def last(self, at: int, but: Event | None = None) -> Event | None:
        """The latest event at or before an instant, other than `but`; of simultaneous ones the greatest id."""
        index = bisect_right(self.times, at) - 1
        if index >= 0 and but is not None and self.events[index].id == but.id:
            index -= 1
        return self.events[index] if index >= 0 else None

    def last_before(self, at: int, but: Event | None = None) -> Event | None:
        """The latest event strictly before an instant."""
        index = bisect_left(self.times, at) - 1
        if index >= 0 and but is not None and self.events[index].id == but.id:
            index -= 1
        return self.events[index] if index >= 0 else None

    def between(self, start: int, end: int) -> Sequence[Event]:
        """The events of `[start, end]`, both ends included."""
        return self.events[bisect_left(self.times, start) : bisect_right(self.times, end)]

    def first_between(self, start: int, end: int, but: Event | None = None) -> Event | None:
        """The earliest event of `[start, end]`, other than `but`."""
        index = bisect_left(self.times, start)
        if index < len(self.events) and but is not None and self.events[index].id == but.id:
            index += 1
        return self.events[index] if index < len(self.events) and self.times[index] <= end else None

    def count_between(self, start: int, end: int) -> int:
        """How many events there are in `[start, end]`."""
        return bisect_right(self.times, end) - bisect_left(self.times, start)


NOTHING = Entries(())


def _order(event: Event) -> tuple[int, str]:
    return event.at, event.id


def in_order(events: Iterable[Event]) -> list[Event]:
    """The events in the order of (`at`, `id`), each once."""
    return sorted({id(event): event for event in events}.values(), key=_order)


class Ledger:
    """One practitioner's events, classified by the matcher.

    `coverage` holds the areas that the log covers in full; None where it says nothing, so all are.
    """

    def __init__(self, plan: Plan, practitioner: str, coverage: frozenset[str] | None) -> None:
        self.plan = plan
        self.practitioner = practitioner
        self.coverage = coverage
        self.by_id: dict[str, Event] = {}
        self.by_type: dict[str, list[Event]] = {}
        self.by_pick: dict[int, list[Event]] = {}
        self.clients: set[str] = set()
        self._groups: dict[tuple[int, Scope, tuple[str, ...]], dict[_Key, Entries]] = {}
        self._tables: dict[tuple[int, Scope, bool, Same], _Table] = {}
        self._entries: dict[tuple[Any, ...], Entries] = {}

    def add(self, event: Event, picks: Iterable[int]) -> None:
        """Put an event in; events come in order (findings: in order among themselves)."""
        self.by_id[event.id] = event
        self.by_type.setdefault(event.type, []).append(event)
        if event.client is not None:
            self.clients.add(event.client)
        for pick in picks:
            self.by_pick.setdefault(pick, []).append(event)

    def settle(self) -> None:
        """Put the events of each pick in order, after findings were added to them."""
        for events in self.by_pick.values():
            if len(events) > 1 and events[-1].type == FINDING:
                events.sort(key=_order)

    def uncovered(self, areas: frozenset[str]) -> frozenset[str]:
        """Those of the areas that the log does not cover in full."""
        return frozenset() if self.coverage is None else areas - self.coverage

    def triggers(self, source: Source, per: Scope) -> list[Event]:
        """The events that trigger: under a relationship key only those with a client."""
        events = [event for member in source.members for event in self._kept(member, per, counted=True)]
        return in_order(events) if len(source.members) > 1 else events

    def entries(self, source: Source, per: Scope, client: str | None, trigger: Event | None) -> Entries:
        """The events that can answer a trigger: of its client and without a client, the same where `same` says so."""
        return self._lookup(source, per, client, trigger, counted=False)

    def counted(self, source: Source, per: Scope, client: str | None, trigger: Event | None) -> Entries:
        """The events that count or are steps for a trigger: under a relationship key none without a client."""
        return self._lookup(source, per, client, trigger, counted=True)

    def alike(self, source: Source, per: Scope, client: str | None, names: tuple[str, ...], trigger: Event) -> Entries:
        """The events of the trigger's own source and key that have the same values of some attributes."""
        values = tuple(trigger.values.get(name) for name in names)
        key: _Key = (client if per == "relationship" else None, values)
        if None in values:
            return NOTHING
        group = (source.number, per, names)
        if group not in self._groups:
            self._groups[group] = self._group(self.triggers(source, per), per, names)
        return self._groups[group].get(key, NOTHING)

    def _group(self, events: Iterable[Event], per: Scope, names: tuple[str, ...]) -> dict[_Key, Entries]:
        groups: dict[_Key, list[Event]] = {}
        for event in events:
            values = tuple(event.values.get(name) for name in names)
            if None not in values:
                groups.setdefault((event.client if per == "relationship" else None, values), []).append(event)
        return {key: Entries(group) for key, group in groups.items()}

    def _lookup(
        self, source: Source, per: Scope, client: str | None, trigger: Event | None, *, counted: bool
    ) -> Entries:
        scope = client if per == "relationship" else None
        wanted: list[tuple[Same, tuple[Any, ...]]] = []
        for same in dict.fromkeys(member.same for member in source.members):
            values = tuple(trigger.values.get(mine) for _, mine in same) if trigger is not None else ()
            if None not in values:
                wanted.append((same, values))
        key = (source.number, per, counted, scope, *wanted)
        found = self._entries.get(key)
        if found is None:
            parts = [self._part(source, per, counted, scope, same, values) for same, values in wanted]
            found = NOTHING if not parts else parts[0] if len(parts) == 1 else _union(parts)
            self._entries[key] = found
        return found

    def _part(
        self, source: Source, per: Scope, counted: bool, client: str | None, same: Same, values: tuple[Any, ...]
    ) -> Entries:
        table_key = (source.number, per, counted, same)
        if table_key not in self._tables:
            self._tables[table_key] = self._table(source, per, counted, same)
        own, common = self._tables[table_key]
        mine = own.get((client, values), NOTHING)
        shared = common.get(values, NOTHING)
        if not shared.events:
            return mine
        return _union([mine, shared]) if mine.events else shared

    def _table(self, source: Source, per: Scope, counted: bool, same: Same) -> _Table:
        """The events of a source by key and `same`; those without a client apart, as they belong to every key."""
        own: dict[_Key, list[Event]] = {}
        common: dict[tuple[Any, ...], list[Event]] = {}
        names = tuple(theirs for theirs, _ in same)
        for member in source.members:
            if member.same != same:
                continue
            if member.nth is not None and per == "relationship" and not counted:
                for client in self.clients:
                    for event in self._ranked(self._with_common(member, client), member):
                        _file(own, (client, _values(event, names)), event)
                continue
            for event in self._kept(member, per, counted=counted):
                values = _values(event, names)
                if per == "practitioner":
                    _file(own, (None, values), event)
                elif event.client is not None:
                    _file(own, (event.client, values), event)
                else:
                    common.setdefault(values, []).append(event)
        return (
            {key: Entries(in_order(events)) for key, events in own.items() if None not in key[1]},
            {key: Entries(in_order(events)) for key, events in common.items() if None not in key},
        )

    def _kept(self, member: Member, per: Scope, *, counted: bool) -> list[Event]:
        """A member's events, without those that belong to no key, and only the k-th ones where it says so."""
        events = self.by_pick.get(member.pick, [])
        if per == "relationship" and counted:
            events = [event for event in events if event.client is not None]
        if member.nth is None:
            return events
        if per == "practitioner":
            return self._ranked(events, member)
        clients: dict[str | None, list[Event]] = {}
        for event in events:
            clients.setdefault(event.client, []).append(event)
        return in_order(event for group in clients.values() for event in self._ranked(group, member))

    def _with_common(self, member: Member, client: str) -> list[Event]:
        return [event for event in self.by_pick.get(member.pick, []) if event.client in (None, client)]

    def peers(self, member: Member, per: Scope, client: str | None, event: Event, *, counted: bool) -> list[Event]:
        """The events among which `nth` numbers an event: of one key, with its values of `same`, in order."""
        names = tuple(theirs for theirs, _ in member.same)
        events = self.by_pick.get(member.pick, [])
        if per == "relationship":
            events = [one for one in events if one.client == client or (one.client is None and not counted)]
        return [one for one in events if _values(one, names) == _values(event, names)]

    def _ranked(self, events: Iterable[Event], member: Member) -> list[Event]:
        """The k-th of the events for each value of `same`."""
        names = tuple(theirs for theirs, _ in member.same)
        groups: dict[tuple[Any, ...], list[Event]] = {}
        for event in events:
            groups.setdefault(_values(event, names), []).append(event)
        assert member.nth is not None
        return in_order(group[member.nth - 1] for group in groups.values() if len(group) >= member.nth)


def _values(event: Event, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(event.values.get(name) for name in names)


def _file(table: dict[_Key, list[Event]], key: _Key, event: Event) -> None:
    table.setdefault(key, []).append(event)


def _union(parts: Sequence[Entries]) -> Entries:
    return Entries(in_order(event for part in parts for event in part.events))
