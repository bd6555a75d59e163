"""Rows of a part by key and by stretch, and what a source asks of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from ethics_engine.events import Event
from ethics_engine.plan import FINDING, Source


class Rows:
    """Some rows of a part with their instants, found by key (`rel`) and by stretch of rows (a practitioner's)."""

    def __init__(self, frame: pl.DataFrame) -> None:
        """`frame` has #row (ascending), #rel and at."""
        self._frame = frame

    def between(self, start: int, end: int) -> tuple[Sequence[int], list[int]]:
        """The rows of `[start, end)`, with their instants."""
        rows, instants = self._all
        own = slice(bisect_left(rows, start), bisect_left(rows, end))
        return rows[own], instants[own]

    @cached_property
    def _all(self) -> tuple[list[int], list[int]]:
        return self._frame.get_column("#row").to_list(), self._frame.get_column("at").to_list()

    @cached_property
    def keys(self) -> Mapping[int, slice]:
        """The keys that have rows, and where they stand among those in the order of the keys."""
        place = self._frame.select((pl.col("#rel").cast(pl.UInt64) * (1 << 32)) + pl.col("#row")).to_series()
        ordered = self._frame[place.arg_sort()]
        self._rows: list[int] = ordered.get_column("#row").to_list()
        self._instants: list[int] = ordered.get_column("at").to_list()
        found = {}
        start = 0
        for key, length in ordered.group_by("#rel", maintain_order=True).len().iter_rows():
            found[key] = slice(start, start + length)
            start += length
        return found

    def of_key(self, rel: int) -> tuple[Sequence[int], list[int]]:
        """The rows of a key that has some, with their instants, in order."""
        own = self.keys[rel]
        return self._rows[own], self._instants[own]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a source asks of columns: `plain` picks, and `alike` ones of which some attributes must be the trigger's.

    Of the latter each has its pick, the names of the attributes, and the names that the trigger has for them.
    """

    plain: tuple[int, ...]
    alike: tuple[tuple[int, tuple[str, ...], tuple[str, ...]], ...]


class Shapes:
    """The shapes of a plan's sources."""

    def __init__(self) -> None:
        self._known: dict[int, Shape | None] = {}

    def of(self, source: Source) -> Shape | None:
        """The shape of a source; None where findings are among its events, or the k-th of some."""
        if source.number not in self._known:
            self._known[source.number] = self._made(source)
        return self._known[source.number]

    def _made(self, source: Source) -> Shape | None:
        if FINDING in source.types or any(member.nth is not None for member in source.members):
            return None
        plain = tuple([member.pick for member in source.members if not member.same])
        alike = []
        for member in source.members:
            if member.same:
                theirs, mine = zip(*member.same, strict=True)
                alike.append((member.pick, theirs, mine))
        return Shape(plain, tuple(alike))


def values_wanted(names: Sequence[str], trigger: Event | None) -> tuple[Any, ...] | None:
    """What attributes must be for a trigger; None where one of them may be anything."""
    values = [None if trigger is None else trigger.values.get(name) for name in names]
    return None if None in values else tuple(values)
