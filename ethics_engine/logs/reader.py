"""Reading a log: every unit is accepted, a duplicate, or rejected; nothing is lost.

A log is a set. Units of one practitioner with one id and one typed content are one event: the first is
accepted, the rest are duplicates. With different contents all of them are rejected, whichever came first. What
is malformed conflicts with nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ethics_engine.errors import shown
from ethics_engine.events import Event, type_event
from ethics_engine.logs.decode import Refused, decode
from ethics_engine.logs.records import plain_record
from ethics_engine.logs.rejects import RejectedLine, placed, places_of, rejected
from ethics_engine.logs.sources import Source, raw_of, sources_of
from ethics_engine.logs.table import Cells, in_cells, record_of
from ethics_engine.logs.units import Problem, Unit
from ethics_engine.memory import collection_paused
from ethics_engine.vocabulary import Vocabulary


@dataclass
class Log:
    """What was read. `read` = `accepted` + `duplicate` + the number of `rejected` lines.

    `events` are typed, in the order read, amendments not applied. `files` are the names of the sources.
    """

    events: list[Event] = field(default_factory=list)
    read: int = 0
    duplicate: int = 0
    rejected: list[RejectedLine] = field(default_factory=list)
    files: tuple[str, ...] = ()
    _places: dict[tuple[str, str], tuple[str, int]] | None = None
    _source: array[int] = field(default_factory=lambda: array("L"))
    _line: array[int] = field(default_factory=lambda: array("Q"))

    @property
    def accepted(self) -> int:
        """The number of accepted events."""
        return len(self.events)

    @property
    def lines(self) -> dict[tuple[str, str], tuple[str, int]]:
        """The file and line of each accepted event, by practitioner and id."""
        if self._places is None:
            self._places = {
                (event.practitioner, event.id): (self.files[source], line)
                for event, source, line in zip(self.events, self._source, self._line, strict=True)
            }
        return self._places


@collection_paused()
def read_log(sources: Any, vocabulary: Vocabulary) -> Log:
    """Read a log: a path, `-`, a folder, a glob, several of these, dicts, a DataFrame or an Arrow table.

    Raises EventError where a source cannot be read at all; a line that is wrong is rejected, the rest is read.
    """
    reading = _Reading(vocabulary)
    for source in sources_of(sources):
        reading.read(source)
    return reading.finished()


def read_units(sources: Sequence[Source], units: Iterable[tuple[int, int, Unit]], vocabulary: Vocabulary) -> Log:
    """Read some units of some sources: the number of the source, that of the unit within it (from 0), and the unit.

    What they are is decided among them alone: whoever leaves units out knows that they share no id with these.
    """
    reading = _Reading(vocabulary)
    reading.sources.extend(sources)
    for source, number, unit in units:
        reading.take(unit, source, number, keep=True)
    return reading.finished()


class _Place(NamedTuple):
    """Where a unit stands, and which of the contents given under its id it has."""

    source: int
    number: int  # of the unit within its source, from 0
    line: int
    content: int


class _Conflict(NamedTuple):
    """Different contents under one id, and every place that they stand at."""

    contents: dict[Any, int]  # the number of each
    places: list[_Place]


class _Reading:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.sources: list[Source] = []
        self.read_units = 0
        self.events: list[Event | None] = []  # None where a conflict showed later
        self.at_source, self.at_number, self.at_line = array("L"), array("Q"), array("Q")
        self.index: dict[str, dict[str, int]] = {}  # practitioner, id: where in `events`
        self.duplicates: dict[int, list[_Place]] = {}
        self.conflicts: dict[tuple[str, str], _Conflict] = {}
        self.kept: dict[tuple[int, int], Unit] = {}  # units of sources that cannot be read again
        self.rejected: list[tuple[int, int, RejectedLine]] = []

    def read(self, source: Source) -> None:
        """Read one source to its end."""
        self.sources.append(source)
        number = len(self.sources) - 1
        for count, unit in enumerate(source.units()):
            self.take(unit, number, count, keep=not source.again)

    def take(self, unit: Unit, source: int, number: int, *, keep: bool) -> None:
        """Read one unit of a source; `keep` it where the source cannot, or need not, be read again."""
        self.read_units += 1
        event = self._event(unit, source, number)
        if event is None:
            return
        if keep:
            self.kept[source, number] = unit
        self._account(event, source, number, unit.line)

    def _event(self, unit: Unit, source: int, number: int) -> Event | None:
        """The event of a unit; None where it is rejected."""
        if unit.problem is not None:
            self._reject(unit, source, number, [unit.problem])
            return None
        try:
            record = self._record(unit)
        except Refused as error:
            self._reject(unit, source, number, [error.problem])
            return None
        typed = type_event(record, self.vocabulary)
        if isinstance(typed, Event):
            return typed
        faults = in_cells(typed, unit.record, self.vocabulary) if isinstance(unit.record, Cells) else typed
        self._reject(unit, source, number, placed(unit, faults))
        return None

    def _record(self, unit: Unit) -> Mapping[str, Any]:
        if unit.record is None:
            return decode(unit.raw)
        if isinstance(unit.record, Cells):
            return record_of(unit.record, self.vocabulary)
        return _in_memory(unit.record)

    def _reject(self, unit: Unit, source: int, number: int, problems: list[Problem]) -> None:
        if unit.record is not None and not isinstance(unit.record, Cells):
            unit = unit._replace(raw=raw_of(unit.record))
        self.rejected.append((source, number, rejected(self.sources[source].name, unit, problems)))

    def _account(self, event: Event, source: int, number: int, line: int) -> None:
        """Count a well-formed event as accepted, a duplicate, or in conflict."""
        of_practitioner = self.index.setdefault(event.practitioner, {})
        at = of_practitioner.setdefault(event.id, len(self.events))
        if at == len(self.events):
            self.events.append(event)
            self.at_source.append(source)
            self.at_number.append(number)
            self.at_line.append(line)
            return
        first = self.events[at]
        if first is not None:
            if event.same_content(first):
                self.duplicates.setdefault(at, []).append(_Place(source, number, line, 0))
                return
            self.events[at] = None
            place = _Place(self.at_source[at], self.at_number[at], self.at_line[at], 0)
            places = [place, *self.duplicates.pop(at, [])]
            self.conflicts[event.practitioner, event.id] = _Conflict({first.content(): 0}, places)
        contents, places = self.conflicts[event.practitioner, event.id]
        content = contents.setdefault(event.content(), len(contents))
        places.append(_Place(source, number, line, content))

    def finished(self) -> Log:
        """The log, once every source is read."""
        self._reject_conflicts()
        self.rejected.sort(key=lambda entry: entry[:2])
        kept = [number for number, event in enumerate(self.events) if event is not None]
        return Log(
            events=[event for event in self.events if event is not None],
            read=self.read_units,
            duplicate=sum(map(len, self.duplicates.values())),
            rejected=[line for _, _, line in self.rejected],
            files=tuple(source.name for source in self.sources),
            _source=array("L", [self.at_source[number] for number in kept]),
            _line=array("Q", [self.at_line[number] for number in kept]),
        )

    def _reject_conflicts(self) -> None:
        if not self.conflicts:
            return
        units = self._units_of({place[:2] for found in self.conflicts.values() for place in found.places})
        for (practitioner, event_id), (_, places) in self.conflicts.items():
            another = next(place for place in places if place.content != places[0].content)
            for place in places:
                other = places[0] if place.content != places[0].content else another
                there = f"{self.sources[other.source].name}:{other.line}"
                unit = units.get(place[:2], Unit(place.line, 1, b""))
                offset, width = places_of(unit).get("id", (None, 1))
                problem = Problem(
                    code="conflict",
                    message=f"{shown(event_id)} of {shown(practitioner)} has another content at {there}",
                    expected="one content for each id",
                    seen=f"another one at {there}",
                    field="id",
                    offset=offset,
                    width=width,
                    hint="an event has an id of its own; to correct one, write an `event.amended`",
                )
                self._reject(unit, place.source, place.number, [problem])

    def _units_of(self, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], Unit]:
        """The units at some places, read again from their files where they were not kept."""
        found = {place: self.kept[place] for place in wanted if place in self.kept}
        for number in {source for source, _ in wanted}:
            missing = wanted - found.keys()
            if self.sources[number].again and any(source == number for source, _ in missing):
                units = enumerate(self.sources[number].units())
                found.update({(number, k): unit for k, unit in units if (number, k) in wanted})
        return found


def _in_memory(record: Any) -> Mapping[str, Any]:
    """A record in memory with plain values; raises Refused where it is none."""
    if not isinstance(record, Mapping):
        seen = shown(record)
        message = f"an event is a mapping of names to values, not {seen}"
        raise Refused(Problem("not-an-object", message, "a mapping of names to values", seen))
    return plain_record(record)
