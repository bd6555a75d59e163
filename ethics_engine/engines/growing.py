"""A ledger that events are put into and taken out of while its tables stand.

An event is put into the tables that it belongs to, at its place. Where it shifts the number of others (`nth`), and
where one is taken out, tables are dropped; they are made anew when a rule next asks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from ethics_engine.engines.ledger import Entries, Ledger, in_order
from ethics_engine.engines.numbering import Numbering, comes_after, instant_of, order_of, put_in_order
from ethics_engine.engines.sides import EARLIEST
from ethics_engine.events import Event
from ethics_engine.plan import FINDING, Member, Plan, Scope, Source

Anchor = str | tuple[str, str]
"""An event of the log by its id, a finding apart: nobody can give an event the id of a finding and be taken for it."""

_Name = tuple[Any, ...]  # of a table


def anchor_of(event: Event) -> Anchor:
    """How an event is found again in the ledger."""
    return (FINDING, event.id) if event.type == FINDING else event.id


class GrowingLedger(Ledger):
    """One practitioner's events; `last` is the latest instant of them all."""

    def __init__(self, plan: Plan, practitioner: str, coverage: frozenset[str] | None) -> None:
        super().__init__(plan, practitioner, coverage)
        self.last = EARLIEST
        self.ordered: list[Event] = []
        self._findings: dict[Anchor, Event] = {}
        self._picks: dict[Anchor, tuple[int, ...]] = {}
        self._feeders: dict[int, dict[_Name, Callable[[Event], None]]] = {}
        self._sources: dict[_Name, Source] = {}
        self.numbering = Numbering(self.by_pick)
        self._joined: dict[int, list[Entries]] = {}

    # --- events in and out --------------------------------------------------------------------------------------

    def enter(self, event: Event, picks: tuple[int, ...]) -> tuple[bool, bool]:
        """Put an event in; whether it is later than all others, and whether it shifted the number of others."""
        anchor = anchor_of(event)
        self._picks[anchor] = picks
        if event.type == FINDING:
            self._findings[anchor] = event
        else:
            self.by_id[event.id] = event
        last = event.at > self.last
        if last:
            self.last = event.at
        put = list.append if last else put_in_order  # later than all others, it stands at the end everywhere
        put(self.ordered, event)
        put(self.by_type.setdefault(event.type, []), event)
        shifted = False
        for pick in picks:
            put(self.by_pick.setdefault(pick, []), event)
            if pick in self.numbering:
                shifted = self._number(event, pick, last=last) or shifted
        for pick in picks:
            feeders = self._feeders.get(pick)
            if feeders:
                for feed in tuple(feeders.values()):  # one of them may have tables forgotten
                    feed(event)
        return last, shifted

    def meet(self, client: str) -> None:
        """Take note of a client; the k-th events that belong to every client are looked up anew with this one."""
        self.clients.add(client)
        of_all = [
            name
            for name, source in self._sources.items()
            if name[0] == "table"
            and name[1][1:] == ("relationship", False)
            and any(member.nth is not None for member in source.members)
        ]
        self._forget(of_all)

    def since(self, at: int) -> Sequence[Event]:
        """All events at or after an instant."""
        start = max(0, len(self.ordered) - _RECENT)
        if start and self.ordered[start].at >= at:
            start = 0
        return self.ordered[bisect_left(self.ordered, at, lo=start, key=instant_of) :]

    def find(self, anchor: Anchor) -> tuple[Event, tuple[int, ...]] | None:
        """An event and the picks that it falls under; None where it is not there."""
        picks = self._picks.get(anchor)
        if picks is None:
            return None
        return self.by_id[anchor] if isinstance(anchor, str) else self._findings[anchor], picks

    def leave(self, event: Event, picks: tuple[int, ...]) -> None:
        """Take an event out."""
        anchor = anchor_of(event)
        self._picks.pop(anchor, None)
        if event.type == FINDING:
            self._findings.pop(anchor, None)
        else:
            del self.by_id[event.id]
        for events in (self.ordered, self.by_type[event.type], *(self.by_pick[pick] for pick in picks)):
            index = bisect_left(events, order_of(event), key=order_of)
            while events[index] is not event:
                index += 1
            del events[index]
        self._drop(picks)

    def _drop(self, picks: tuple[int, ...]) -> None:
        """Forget the tables that events of some picks stand in."""
        self._forget({name for pick in picks for name in self._feeders.get(pick, ())})
        for pick in picks:
            self.numbering.drop(pick)

    def _forget(self, names: Iterable[_Name]) -> None:
        for name in names:
            for member in self._sources.pop(name).members:
                self._feeders.get(member.pick, {}).pop(name, None)
            if name[0] == "alike":
                del self._groups[name[1]]
            else:
                del self._tables[name[1]]
            self._unions.clear()
            self._joined.clear()

    def release(self) -> None:
        """Let go of what holds the ledger in a circle, so that its memory is free at once; it is of no use then."""
        self._feeders.clear()

    # --- tables, made when first asked for, that grow ------------------------------------------------------------

    def triggers(self, source: Source, per: Scope) -> list[Event]:
        """The events that trigger, looked up anew."""
        groups = [self._kept(member, per, counted=True) for member in source.members]
        return groups[0] if len(groups) == 1 else in_order(event for group in groups for event in group)

    def lacking(self, event_type: str, name: str) -> list[Event]:
        """The events of a type that have no value of an attribute, looked up anew."""
        return [event for event in self.by_type.get(event_type, ()) if name not in event.values]

    def key_entries(self, source: Source, per: Scope, client: str | None) -> Entries:
        """The triggers of one key."""
        return self._alike(source, per, ()).get((client if per == "relationship" else None, ()), _NONE)

    def typed_between(self, event_type: str, start: int, end: int) -> Sequence[Event]:
        """The events of a type in `[start, end]`."""
        events = self.by_type.get(event_type, [])
        first = bisect_left(events, start, key=instant_of)
        return events[first : bisect_right(events, end, lo=first, key=instant_of)]

    def of_key(self, source: Source, per: Scope, client: str | None) -> list[Event]:
        """The triggers of one key, in order."""
        return list(self.key_entries(source, per, client).events)

    def alike(self, source: Source, per: Scope, client: str | None, names: tuple[str, ...], trigger: Event) -> Entries:
        """The events of the trigger's own source and key that have the same values of some attributes."""
        self._alike(source, per, names)
        return super().alike(source, per, client, names, trigger)

    def _alike(self, source: Source, per: Scope, names: tuple[str, ...]) -> dict[Any, Entries]:
        group = (source.number, per, names)
        if group not in self._groups:
            self._groups[group] = self._group(self.triggers(source, per), per, names)
            for member in source.members:
                self._feed(("alike", group), source, member, self._into_group(group, member))
        return self._groups[group]

    def _made(self, asked: tuple[int, Scope, bool], source: Source) -> Any:
        tables = super()._made(asked, source)
        for member in source.members:
            self._feed(("table", asked), source, member, self._into_table(asked, member))
        return tables

    def _feed(self, name: _Name, source: Source, member: Member, feed: Callable[[Event], None]) -> None:
        feeders = self._feeders.setdefault(member.pick, {})
        already = feeders.get(name)
        feeders[name] = feed if already is None else partial(_both, already, feed)
        self._sources[name] = source
        if member.nth is not None:
            self.numbering.of(member, name[1][1])

    def _into_group(self, group: tuple[int, Scope, tuple[str, ...]], member: Member) -> Callable[[Event], None]:
        """What puts an event of a member into the groups of its source, where it belongs there."""
        _, per, names = group
        table, by_client = self._groups[group], per == "relationship"

        def file(event: Event) -> None:
            client = event.client if by_client else None
            if by_client and client is None:
                return
            if member.nth is not None and not self.numbering.is_nth(member, per, event):
                return
            values = tuple([event.values.get(name) for name in names]) if names else ()
            if None not in values:
                self._append(table, (client, values), event)

        return file

    def _into_table(self, asked: tuple[int, Scope, bool], member: Member) -> Callable[[Event], None]:
        """What puts an event of a member into the tables of its source, where it belongs there."""
        _, per, counted = asked
        by_client, names = per == "relationship", tuple(theirs for theirs, _ in member.same)
        own, common = next((own, common) for same, own, common in self._tables[asked] if same == member.same)

        def file(event: Event) -> None:
            client = event.client if by_client else None
            if by_client and client is None:
                if counted:
                    return
                if member.nth is not None:
                    self._drop((member.pick,))  # it takes a number in every relationship
                    return
            if member.nth is not None and not self.numbering.is_nth(member, per, event, counted=counted):
                return
            values = tuple([event.values.get(name) for name in names]) if names else ()
            if None in values:
                return
            if by_client and client is None:
                self._append(common, values, event)
            else:
                self._append(own, (client, values), event)

        return file

    def _append(self, table: dict[Any, Entries], key: Any, event: Event) -> None:
        entries = table.get(key)
        if entries is None:
            entries = table[key] = Entries([])
        self._extend(entries, event)

    def _extend(self, entries: Entries, event: Event) -> None:
        events: list[Event] = entries.events  # type: ignore[assignment]
        if comes_after(event, events):
            events.append(event)
            entries.times.append(event.at)
        else:
            index = bisect_right(events, order_of(event), key=order_of)
            if events[index - 1] is event:
                return
            events.insert(index, event)
            entries.times.insert(index, event.at)
        for union in self._joined.get(id(entries), ()):
            self._extend(union, event)

    def _united(self, *parts: Entries) -> Entries:
        known = len(self._unions)
        union = super()._united(*parts)
        if len(self._unions) > known:
            for part in parts:
                self._joined.setdefault(id(part), []).append(union)
        return union

    def _number(self, event: Event, pick: int, *, last: bool) -> bool:
        """Number an event that came; whether that shifts a number that a selection asks for."""
        shifted = [self._shift(pick, number) for number in self.numbering.put(event, pick, last=last)]
        return any(shifted)

    def _shift(self, pick: int, number: int) -> bool:
        """Forget the tables of selections whose number is that of an event that came among others, or a later one."""
        names = [
            name
            for name in self._feeders.get(pick, ())
            if any(
                member.pick == pick and member.nth is not None and member.nth >= number
                for member in self._sources[name].members
            )
        ]
        self._forget(names)
        return bool(names)


_NONE = Entries(())
_RECENT = 100  # so many events are looked through first


def _both(one: Callable[[Event], None], other: Callable[[Event], None], event: Event) -> None:
    one(event)
    other(event)
