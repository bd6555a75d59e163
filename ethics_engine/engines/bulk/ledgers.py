"""One practitioner's columns, answering as a ledger does: an event is made where a judgement asks for it.

What a relationship rule asks stays within the client and the practitioner's events without one, so each client has a
ledger of its own; a practitioner rule has the whole.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ethics_engine.calendars import Zone
from ethics_engine.engines.bulk.columns import Part, RowEvent
from ethics_engine.engines.bulk.rows import Rows, Shape, Shapes, values_wanted
from ethics_engine.engines.ledger import Entries, Ledger
from ethics_engine.events import Event
from ethics_engine.plan import Plan, Source
from ethics_engine.plan import Scope as Per

_FEW = 10  # rows that are looked up one by one


class Lazy(dict[Any, list[Event]]):
    """Lists of events by pick or by type, each made when it is asked for; findings are added to what is there."""

    def __init__(self, make: Any) -> None:
        self._make = make

    def __missing__(self, key: Any) -> list[Event]:
        found: list[Event] = self._make(key)
        self[key] = found
        return found

    def get(self, key: Any, default: Any = None) -> Any:
        return self[key]

    def setdefault(self, key: Any, default: Any = None) -> Any:
        return self[key]


class Scope(Ledger):
    """The ledger of one client (with the events that have none), or of the whole practitioner."""

    def __init__(self, practice: Practice, client: str | None, rels: Sequence[int] | None) -> None:
        super().__init__(practice.plan, practice.name, practice.coverage)
        self.practice = practice
        self.by_id = practice.by_id
        self.by_pick = Lazy(self._of_pick)
        self.by_type = Lazy(self._of_type)
        self.clients = set(practice.clients) if rels is None else {client} if client is not None else set()
        self.client = client
        self._rels = rels
        self._simple: dict[tuple[tuple[int, Per, bool], tuple[Any, ...]], Entries] = {}

    def _lookup(
        self, asked: tuple[int, Per, bool], source: Source, client: str | None, trigger: Event | None
    ) -> Entries:
        shape = self.practice.shapes.of(source)
        if shape is None:
            return super()._lookup(asked, source, client, trigger)
        wanted = tuple([values_wanted(mine, trigger) for _, _, mine in shape.alike]) if shape.alike else ()
        found = self._simple.get((asked, wanted))
        if found is None:
            found = self._simple[asked, wanted] = self._entries(shape, wanted, counted=asked[2])
        return found

    def _entries(self, shape: Shape, wanted: Iterable[tuple[Any, ...] | None], *, counted: bool) -> Entries:
        chosen = [self._chosen(shape.plain, counted=counted)] if shape.plain else []
        for (pick, theirs, _), values in zip(shape.alike, wanted, strict=True):
            if values is not None:
                rows = self._alike(self._chosen((pick,), counted=counted)[0], theirs, values)
                chosen.append((rows, self._instants(rows)))
        if len(chosen) == 1:
            return RowEntries(self.practice, *chosen[0])
        united = sorted({row for rows, _ in chosen for row in rows})
        return RowEntries(self.practice, united, self._instants(united))

    def _instants(self, rows: Sequence[int]) -> list[int]:
        instants = self.practice.part.instants
        return instants[rows].to_list() if len(rows) > _FEW else [instants[row] for row in rows]

    def _alike(self, rows: Sequence[int], names: Sequence[str], wanted: tuple[Any, ...]) -> list[int]:
        """Those of some rows that have the wanted values."""
        cell = self.practice.part.cell
        if len(names) == 1:
            (name,), (value,) = names, wanted
            return [row for row in rows if cell(row, name) == value]
        return [row for row in rows if tuple([cell(row, name) for name in names]) == wanted]

    def _chosen(self, picks: tuple[int, ...], *, counted: bool = False) -> tuple[Sequence[int], list[int]]:
        """The rows of some picks that belong to this ledger, with their instants; what counts has a client."""
        return self._own(self.practice.picks[picks], counted=counted)

    def _own(self, rows: Rows, *, counted: bool = False) -> tuple[Sequence[int], list[int]]:
        if self._rels is None:
            return rows.between(self.practice.start, self.practice.end)
        rels = self._rels[: self.client is not None] if counted else self._rels
        found = [rel for rel in rels if rel in rows.keys]
        if len(found) < 2:
            return rows.of_key(found[0]) if found else ((), [])
        united = sorted([row for rel in found for row in rows.of_key(rel)[0]])
        return united, self._instants(united)

    def _of_pick(self, pick: int) -> list[Event]:
        return self._events(self.practice.picks[pick,])

    def _of_type(self, name: str) -> list[Event]:
        rows = self.practice.types(name)
        return [] if rows is None else self._events(rows)

    def _events(self, rows: Rows) -> list[Event]:
        event = self.practice.event
        return [event(row) for row in self._own(rows)[0]]


class RowEntries(Entries):
    """Some rows of one key in order; an event is made where it is asked for."""

    __slots__ = ("_made", "_practice", "_rows")

    def __init__(self, practice: Practice, rows: Sequence[int], times: list[int]) -> None:
        self._practice = practice
        self._rows = rows
        self._made: Sequence[Event] | None = None
        self.times = times

    @property
    def events(self) -> Sequence[Event]:  # type: ignore[override]
        if self._made is None:
            self._made = [self._practice.event(row) for row in self._rows]
        return self._made

    def __getitem__(self, index: int) -> Event:
        return self._practice.event(self._rows[index])

    def between(self, start: int, end: int) -> Sequence[Event]:
        rows = self._rows[bisect_left(self.times, start) : bisect_right(self.times, end)]
        return [self._practice.event(row) for row in rows]


class Practice:
    """One practitioner of a part: the scopes in which rules ask, and the events made so far."""

    def __init__(
        self,
        part: Part,
        number: int,
        picks: Mapping[tuple[int, ...], Rows],
        types: Mapping[str, Rows],
        shapes: Shapes,
        zone: Zone,
    ) -> None:
        self.part = part
        self.number = number
        self.plan: Plan = part.plan
        self.name = part.practitioners[number]
        self.start, self.end = part.starts[number], part.starts[number + 1]
        self.coverage = part.coverage.get(self.name)
        self.picks = picks
        self._types = types
        self.shapes = shapes
        self.by_id: dict[str, Event] = {}  # those that were read, as every evidence is
        self.zone = zone
        self.rels = part.keys_of(number)
        self.clients = [client for client in self.rels if client is not None]
        self.whole = Scope(self, None, None)
        self._scopes: dict[str | None, Scope] = {}
        self._events: dict[int, Event] = {}
        self._given: list[tuple[Event, tuple[int, ...]]] = []

    def types(self, name: str) -> Rows | None:
        return self._types.get(name)

    def event(self, row: int) -> Event:
        """The event of a row: the same object each time."""
        found = self._events.get(row)
        if found is None:
            found = self._events[row] = RowEvent(self.part, row, self.name, self.by_id)
        return found

    def scope(self, client: str | None) -> Scope:
        """The ledger of a client's key."""
        found = self._scopes.get(client)
        if found is None:
            rels = [rel for each in (client, None) if (rel := self.rels.get(each)) is not None]
            found = self._scopes[client] = Scope(self, client, list(dict.fromkeys(rels)))
            for event, picks in self._given:
                if event.client is None or event.client == client:
                    found.add(event, picks)
            found.settle()
        return found

    def give(self, event: Event, picks: Iterable[int]) -> None:
        """Put a finding into every ledger that it belongs to."""
        chosen = tuple(picks)
        self._given.append((event, chosen))
        self.whole.add(event, chosen)
        scopes = self._scopes.values() if event.client is None else filter(None, [self._scopes.get(event.client)])
        for scope in scopes:
            scope.add(event, chosen)

    def release(self) -> None:
        """Let go of all that was made: ledgers and events hold each other, and nobody looks for cycles meanwhile."""
        for scope in (self.whole, *self._scopes.values()):
            vars(scope).clear()
        self.by_id.clear()
        vars(self).clear()

    def settle(self) -> None:
        """Put the events of each pick in order, after findings were given."""
        for scope in (self.whole, *self._scopes.values()):
            scope.settle()
