"""Typed events as columns: one frame for each type, and a part of a log made of them.

Columns hold the units of `scalars`: instants, durations and clock times are whole microseconds (Int64), numbers and
money whole millionths (Int64), texts and enumerations String, lists List(String), truth values Boolean. A free text,
which may also be a truth value or a number, is kept as JSON. What was not recorded is null.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import polars as pl

from ethics_engine.calendars import Zone
from ethics_engine.engines.bulk.derived import with_derived
from ethics_engine.events import COVERS, Event
from ethics_engine.plan import Plan
from ethics_engine.vocabulary import ENVELOPE, Attribute, Vocabulary

KEY = ("practitioner", "client", "id", "at")
_DTYPES: Mapping[str, Any] = {
    "boolean": pl.Boolean,
    "number": pl.Int64,
    "money": pl.Int64,
    "timestamp": pl.Int64,
    "clock": pl.Int64,
    "list": pl.List(pl.String),
    "tags": pl.List(pl.String),
}


def dtype(attribute: Attribute) -> Any:
    """The Polars type of an attribute's column."""
    return _DTYPES.get(attribute.kind, pl.String)


def attributes_of(vocabulary: Vocabulary, event_type: str) -> dict[str, Attribute]:
    """The attributes that a type has columns for, the envelope first."""
    found = {name: attribute for name, attribute in ENVELOPE.items() if name != "type"}
    return found | dict(vocabulary.types[event_type].attributes)


def frames_of(events: Iterable[Event], vocabulary: Vocabulary) -> dict[str, pl.DataFrame]:
    """Typed events as a frame for each type."""
    by_type: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        by_type.setdefault(event.type, []).append(event.values)
    frames = {}
    for event_type, rows in by_type.items():
        columns = {}
        for name, attribute in attributes_of(vocabulary, event_type).items():
            values = [row.get(name) for row in rows]
            if attribute.kind == "text":
                values = [None if value is None else json.dumps(value, ensure_ascii=False) for value in values]
            elif attribute.kind in ("list", "tags"):
                values = [None if value is None else list(value) for value in values]
            columns[name] = pl.Series(name, values, dtype=dtype(attribute), strict=True)
        frames[event_type] = pl.DataFrame(list(columns.values()))
    return frames


def events_of(frames: Mapping[str, pl.DataFrame], types: Collection[str], vocabulary: Vocabulary) -> list[Event]:
    """The events of some types, made from typed columns."""
    events = []
    for event_type in types:
        frame = frames.get(event_type)
        if frame is None or not frame.height:
            continue
        texts = texts_of(vocabulary, event_type)
        columns = [(series.name, _cells(series, series.name in texts)) for series in frame.iter_columns()]
        for number in range(frame.height):
            values = {name: value for name, cells in columns if (value := cells[number]) is not None}
            values["type"] = event_type
            event = Event(values["id"], values["at"], event_type, values["practitioner"], values.get("client"), values)
            events.append(event)
    return events


def texts_of(vocabulary: Vocabulary, event_type: str) -> frozenset[str]:
    """The attributes of a type that are free text."""
    attributes = vocabulary.types[event_type].attributes.values()
    return frozenset(attribute.name for attribute in attributes if attribute.kind == "text")


def _value(series: pl.Series, text: bool) -> Callable[[Any], Any] | None:
    """How a cell of a column is made a value; None where it is one."""
    if text:
        return json.loads
    return tuple if series.dtype == pl.List(pl.String) else None


def _cells(series: pl.Series, text: bool) -> list[Any]:
    """A column as the values of events."""
    cells = series.to_list()
    made = _value(series, text)
    return cells if made is None else [None if cell is None else made(cell) for cell in cells]


def _in_order(core: pl.DataFrame) -> pl.DataFrame:
    """Rows in the order of (#prac, at, id); where the first two fit into one number, that is what is sorted."""
    at = core.get_column("at")
    first, last = at.min(), at.max()
    if not isinstance(first, int) or not isinstance(last, int):
        return core  # there are none
    span = last - first + 1
    practitioners = core.get_column("#prac").n_unique()
    if practitioners * span >= 1 << 63:
        return core.sort("#prac", "at", "id")
    place = (pl.col("#prac").cast(pl.Int64) * span + (pl.col("at") - first)).alias("#place")
    return core.with_columns(place).sort("#place", "id")


class Part:
    """The events of some practitioners at or before `as_of`, in the order of (practitioner, `at`, `id`).

    `core` has a line for each event: row (its number), type (the number of its type), prac and rel (the numbers of its
    practitioner and of its key: the client, or the practitioner's events without one), at. `frames` has the
    attributes of each type, with the derived ones that rules use, by ascending row. `coverage` holds what
    `log.covers` says, whatever its instant.
    """

    def __init__(self, frames: Mapping[str, pl.DataFrame], plan: Plan, zone: Zone, as_of: int) -> None:
        self.plan = plan
        self.coverage = _coverage(frames.get(COVERS))
        self.types = sorted(frames)
        seen = {name: frames[name].filter(pl.col("at") <= as_of) for name in self.types}
        cores = [
            frame.select(
                *KEY, pl.lit(number, pl.UInt16).alias("type"), pl.int_range(pl.len(), dtype=pl.UInt32).alias("#pos")
            )
            for number, frame in enumerate(seen.values())
        ]
        schema = {"practitioner": pl.String, "client": pl.String, "id": pl.String, "at": pl.Int64}
        empty = pl.DataFrame(schema=schema | {"type": pl.UInt16, "#pos": pl.UInt32})
        core = pl.concat(cores) if cores else empty
        names = core.get_column("practitioner").unique().sort()
        self.practitioners: list[str] = names.to_list()
        core = _in_order(core.with_columns(pl.col("practitioner").cast(pl.Enum(names)).to_physical().alias("#prac")))
        keys = core.select("#prac", "client").unique(maintain_order=True).with_row_index("#rel")
        core = core.join(keys, on=["#prac", "client"], how="left", nulls_equal=True, maintain_order="left")
        core = core.with_row_index("#row")
        starts = core.group_by("#prac", maintain_order=True).agg(pl.col("#row").first())
        self.starts: list[int] = [*starts.get_column("#row").to_list(), core.height]
        self.clients: list[str | None] = keys.get_column("client").to_list()
        self.core = core.select(
            "#row", "type", "#pos", "#prac", "#rel", "at", pl.col("client").is_not_null().alias("#placed")
        )
        self.frames: dict[str, pl.DataFrame] = {}
        for number, name in enumerate(self.types):
            order = self.core.filter(pl.col("type") == number)
            frame = seen[name][order.get_column("#pos")] if order.height else seen[name]
            added = order.select("#row", "#prac", "#rel", "#placed", pl.lit(name).alias("type"))
            self.frames[name] = pl.concat([frame, added], how="horizontal")
        self.core = self.core.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).over("type").alias("#pos"))
        self.frames = with_derived(self.frames, plan.derived, zone)
        self._keys: list[int] = keys.get_column("#prac").to_list()
        self._filled: dict[str, tuple[pl.DataFrame, list[tuple[str, Callable[[Any], Any] | None]]]] = {}
        self._columns_of: dict[tuple[str, str], tuple[pl.Series, Callable[[Any], Any] | None] | None] = {}
        # Of ten events hardly one is asked for: single values are read, which takes less than making lists of all.
        self.instants = self.core.get_column("at")
        self._rel = self.core.get_column("#rel")
        self._type = self.core.get_column("type")
        self._pos = self.core.get_column("#pos")

    def values(self, row: int) -> dict[str, Any]:
        """The values of a row's event."""
        name = self.types[self._type[row]]
        filled = self._filled.get(name)
        if filled is None:
            filled = self._filled[name] = self._columns(name)
        frame, columns = filled
        values: dict[str, Any] = {"type": name}
        for (column, made), cell in zip(columns, frame.row(self._pos[row]), strict=True):
            if cell is not None:
                values[column] = cell if made is None else made(cell)
        return values

    def cell(self, row: int, name: str) -> Any:
        """What a row's event says of one attribute; None where it says nothing."""
        key = (self.types[self._type[row]], name)
        if key not in self._columns_of:
            self._columns_of[key] = self._column(*key)
        found = self._columns_of[key]
        if found is None:
            return None
        series, made = found
        cell = series[self._pos[row]]
        return cell if cell is None or made is None else made(cell)

    def _column(self, event_type: str, name: str) -> tuple[pl.Series, Callable[[Any], Any] | None] | None:
        """An attribute of a type, and how a cell of it is made a value; None where it has no column."""
        frame = self.frames[event_type]
        if name not in frame.columns:
            return None
        series = frame.get_column(name)
        return series, _value(series, name in texts_of(self.plan.vocabulary, event_type))

    def type_of(self, row: int) -> str:
        """The type of a row's event."""
        number: int = self._type[row]
        return self.types[number]

    def at(self, row: int) -> int:
        """The instant of a row."""
        return int(self.instants[row])

    def client_of(self, row: int) -> str | None:
        """The client of a row."""
        number: int = self._rel[row]
        return self.clients[number]

    def keys_of(self, prac: int) -> dict[str | None, int]:
        """The numbers of a practitioner's keys, by client."""
        found = range(bisect_left(self._keys, prac), bisect_right(self._keys, prac))
        return {self.clients[rel]: rel for rel in found}

    def _columns(self, name: str) -> tuple[pl.DataFrame, list[tuple[str, Callable[[Any], Any] | None]]]:
        """The columns of a type, without those that are empty, and how a cell of each is made a value."""
        frame = self.frames[name]
        hidden = ("#row", "#prac", "#rel", "#placed", "type")
        frame = frame.select(
            series.name
            for series in frame.iter_columns()
            if series.name not in hidden and series.null_count() < len(series)
        )
        texts = texts_of(self.plan.vocabulary, name)
        return frame, [(series.name, _value(series, series.name in texts)) for series in frame.iter_columns()]


def _coverage(covers: pl.DataFrame | None) -> dict[str, frozenset[str]]:
    """The areas that each practitioner's log covers in full, where it says so."""
    found: dict[str, frozenset[str]] = {}
    if covers is not None:
        for practitioner, areas in covers.select("practitioner", "areas").iter_rows():
            found[practitioner] = found.get(practitioner, frozenset()) | frozenset(areas)
    return found


class RowEvent(Event):
    """The event of a row: what it says is read from its columns when it is asked for."""

    __slots__ = ("_part", "_read", "_row")

    def __init__(self, part: Part, row: int, practitioner: str, read: dict[str, Event]) -> None:
        """`read` is told of the event once its id is read."""
        self._part = part
        self._row = row
        self._read = read
        self.at = part.instants[row]
        self.practitioner = practitioner
        self.client = part.client_of(row)

    def __getattr__(self, name: str) -> Any:
        if name in ("id", "order"):
            self.id = self.order = self._part.cell(self._row, "id")
            self._read[self.id] = self
        elif name == "type":
            self.type = self._part.type_of(self._row)
        elif name == "values":
            self.values = self._part.values(self._row)
        else:
            raise AttributeError(name)
        return getattr(self, name)
