"""The events of one practitioner as rules ask for them: by selection, by relationship, by what must be the same.

Everything is in the order of (`at`, `order`). Tables are built when a rule first asks for them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from ethics_engine.events import COVERS, Event
from ethics_engine.plan import FINDING, Member, Plan, Same, Scope, Source

_K = TypeVar("_K", bound=Hashable)
_Key = tuple[str | None, tuple[Any, ...]]  # client (None under a practitioner key), values of `same`

_Keyed = dict[_Key, "Entries"]
_Common = dict[tuple[Any, ...], "Entries"]  # of every key: values of `same`
_Table = tuple[Same, _Keyed, _Common]
_Asked = tuple[int, Scope, bool]  # the number of a source, and how it is asked: per what, and whether counted


class Entries:
    """Some events of one key, in order, with their instants beside them for bisection."""

    __slots__ = ("events", "times")

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self.times = [event.at for event in events]

    def __getitem__(self, index: int) -> Event:
        return self.events[index]

    def last(self, at: int, but: Event | None = None) -> Event | None:
        """The latest event at or before an instant, other than `but`; of simultaneous ones the greatest id."""
        index = bisect_right(self.times, at) - 1
        if index >= 0 and but is not None and self[index].id == but.id:
            index -= 1
        return self[index] if index >= 0 else None

    def last_before(self, at: int, but: Event | None = None) -> Event | None:
        """The latest event strictly before an instant."""
        index = bisect_left(self.times, at) - 1
        if index >= 0 and but is not None and self[index].id == but.id:
            index -= 1
        return self[index] if index >= 0 else None

    def between(self, start: int, end: int) -> Sequence[Event]:
        """The events of `[start, end]`, both ends included."""
        return self.events[bisect_left(self.times, start) : bisect_right(self.times, end)]

    def first_between(self, start: int, end: int, but: Event | None = None) -> Event | None:
        """The earliest event of `[start, end]`, other than `but`."""
        index = bisect_left(self.times, start)
        if index < len(self.times) and but is not None and self[index].id == but.id:
            index += 1
        return self[index] if index < len(self.times) and self.times[index] <= end else None

    def count_between(self, start: int, end: int) -> int:
        """How many events there are in `[start, end]`."""
        return bisect_right(self.times, end) - bisect_left(self.times, start)


NOTHING = Entries(())
_NO_AREAS: frozenset[str] = frozenset()


def _order(event: Event) -> tuple[int, str]:
    return event.at, event.order


def in_order(events: Iterable[Event]) -> list[Event]:
    """The events in the order of (`at`, `order`), each once."""
    return sorted({id(event): event for event in events}.values(), key=_order)


def _settled(groups: Mapping[_K, list[Event]], *, ordered: bool) -> dict[_K, Entries]:
    """Groups of events as entries; `ordered` groups were filed in order and once."""
    return {key: Entries(events if ordered or len(events) == 1 else in_order(events)) for key, events in groups.items()}


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
        self._triggers: dict[tuple[int, Scope], list[Event]] = {}
        self._lacking: dict[tuple[str, str], list[Event]] = {}
        self._tables: dict[_Asked, list[_Table]] = {}
        self._unions: dict[tuple[int, ...], Entries] = {}

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
        return _NO_AREAS if self.coverage is None else areas - self.coverage

    def triggers(self, source: Source, per: Scope) -> list[Event]:
        """The events that trigger: under a relationship key only those with a client."""
        key = source.number, per
        found = self._triggers.get(key)
        if found is None:
            groups = [self._kept(member, per, counted=True) for member in source.members]
            found = groups[0] if len(groups) == 1 else in_order(event for group in groups for event in group)
            self._triggers[key] = found
        return found

    def lacking(self, event_type: str, name: str) -> list[Event]:
        """The events of a type, none of them findings, that have no value of an attribute."""
        key = event_type, name
        found = self._lacking.get(key)
        if found is None:
            found = [event for event in self.by_type.get(event_type, ()) if name not in event.values]
            self._lacking[key] = found
        return found

    def entries(self, source: Source, per: Scope, client: str | None, trigger: Event | None) -> Entries:
        """The events that can answer a trigger: of its client and without a client, the same where `same` says so."""
        return self._lookup((source.number, per, False), source, client, trigger)

    def counted(self, source: Source, per: Scope, client: str | None, trigger: Event | None) -> Entries:
        """The events that count or are steps for a trigger: under a relationship key none without a client."""
        return self._lookup((source.number, per, True), source, client, trigger)

    def of_key(self, source: Source, per: Scope, client: str | None) -> list[Event]:
        """The triggers of one key, in order."""
        return [event for event in self.triggers(source, per) if per == "practitioner" or event.client == client]

    def alike(self, source: Source, per: Scope, client: str | None, names: tuple[str, ...], trigger: Event) -> Entries:
        """The events of the trigger's own source and key that have the same values of some attributes."""
        values = _values(trigger, names)
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
            values = _values(event, names)
            if None not in values:
                groups.setdefault((event.client if per == "relationship" else None, values), []).append(event)
        return {key: Entries(group) for key, group in groups.items()}

    def _lookup(self, asked: _Asked, source: Source, client: str | None, trigger: Event | None) -> Entries:
        tables = self._tables.get(asked)
        if tables is None:
            tables = self._made(asked, source)
        scope = client if asked[1] == "relationship" else None
        if len(tables) == 1:
            same, own, common = tables[0]
            if not same and not common:  # most sources
                return own.get((scope, ()), NOTHING)
            return self._part(tables[0], scope, trigger)
        return self._united(*(part for table in tables if (part := self._part(table, scope, trigger)).events))

    def _made(self, asked: _Asked, source: Source) -> list[_Table]:
        """The tables of a source, made when a rule first asks for them."""
        _, per, counted = asked
        sames = dict.fromkeys(member.same for member in source.members)
        self._tables[asked] = [(same, *self._table(source, per, counted, same)) for same in sames]
        return self._tables[asked]

    def _part(self, table: _Table, client: str | None, trigger: Event | None) -> Entries:
        """The events of a table that are the same as the trigger."""
        same, own, common = table
        values: tuple[Any, ...] = ()
        if same and trigger is not None:
            values = tuple([trigger.values.get(mine) for _, mine in same])
        mine = own.get((client, values), NOTHING)
        if not common or values not in common:
            return mine
        return self._united(mine, common[values]) if mine.events else common[values]

    def _united(self, *parts: Entries) -> Entries:
        """Several entries, which this ledger keeps, as one; made once."""
        if len(parts) < 2:
            return parts[0] if parts else NOTHING
        key = tuple(map(id, parts))
        found = self._unions.get(key)
        if found is None:
            found = self._unions[key] = Entries(in_order(event for part in parts for event in part.events))
        return found

    def _table(self, source: Source, per: Scope, counted: bool, same: Same) -> tuple[_Keyed, _Common]:
        """The events of a source by key and `same`; those without a client apart, as they belong to every key."""
        own: dict[_Key, list[Event]] = {}
        common: dict[tuple[Any, ...], list[Event]] = {}
        names = tuple(theirs for theirs, _ in same)
        for member in source.members:
            if member.same != same:
                continue
            if member.nth is not None and per == "relationship" and not counted:
                for client, events in self._with_common(member):
                    for event in self._ranked(events, member):
                        _file(own, (client, _values(event, names)), event)
                continue
            for event in self._kept(member, per, counted=counted):
                values = _values(event, names)
                if None in values:
                    continue
                if per == "practitioner":
                    _file(own, (None, values), event)
                elif event.client is not None:
                    _file(own, (event.client, values), event)
                else:
                    common.setdefault(values, []).append(event)
        ordered = len(source.members) == 1
        return _settled(own, ordered=ordered), _settled(common, ordered=ordered)

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

    def _with_common(self, member: Member) -> Iterator[tuple[str, list[Event]]]:
        """The events of a member for each client, those without a client among them."""
        common: list[Event] = []
        clients: dict[str, list[Event]] = {}
        for event in self.by_pick.get(member.pick, ()):
            (common if event.client is None else clients.setdefault(event.client, [])).append(event)
        for client in self.clients if common else clients:
            own = clients.get(client, [])
            yield client, in_order([*own, *common]) if common else own

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
        nth = member.nth
        assert nth is not None
        return in_order(group[nth - 1] for values, group in groups.items() if len(group) >= nth and None not in values)


def coverage(events: Iterable[Event]) -> frozenset[str] | None:
    """The areas that a practitioner's log covers in full; None where it says nothing."""
    declared = [event for event in events if event.type == COVERS]
    return frozenset(area for event in declared for area in event.values["areas"]) if declared else None


def _values(event: Event, names: tuple[str, ...]) -> tuple[Any, ...]:
    if not names:
        return ()
    return tuple([event.values.get(name) for name in names])


def _file(table: dict[_Key, list[Event]], key: _Key, event: Event) -> None:
    table.setdefault(key, []).append(event)
