"""The header of a table: the names of its columns, or all that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ethics_engine.errors import shown, suggest
from ethics_engine.logs.cells import odd_row, spans, split
from ethics_engine.logs.decode import Refused, decode, looks_like_utf16, not_utf8
from ethics_engine.logs.units import Problem, Unit
from ethics_engine.vocabulary import ENVELOPE

LONGEST_HEADER = 2_000
"""Columns of a table: our own limit, against hostile files."""
_NEEDED = tuple(name for name, attribute in ENVELOPE.items() if attribute.required)
_COMMAS = "cells are parted by commas"
_OTHERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE).fullmatch


class NoHeader(Exception):
    """The first row of a table, `unit`, is no header; `problems` tell why."""

    def __init__(self, unit: Unit, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.unit = unit
        self.problems = problems


def columns_of(row: Unit) -> tuple[str, ...]:
    """What the first row of a table names; empty last cells, as spreadsheets leave them, are columns without a name.

    Raises:
        NoHeader: it cannot be read, has a name twice or empty, or lacks one that every event needs.
    """
    text = row.raw.decode(errors="backslashreplace")
    unreadable = _unreadable(row)
    names = [] if unreadable else [cell.strip() for cell in split(text)]
    missing = [name for name in _NEEDED if name not in names]
    if missing and (parted := _parted_otherwise(text)):
        raise NoHeader(row, [parted])
    if unreadable:
        raise NoHeader(row, [replace(unreadable, message=f"the header cannot be read: {unreadable.message}")])
    if len(names) > LONGEST_HEADER:
        message = f"the header has {len(names):,} columns; the limit is {LONGEST_HEADER:,}"
        raise NoHeader(row, [_wrong(message)])
    problems = [*_unnamed_or_twice(names, text), *_missing(missing, names, text)]
    if problems:
        raise NoHeader(row, problems)
    return tuple(names)


def no_table(units: Iterator[Unit]) -> Iterator[Unit]:
    """The units of standard input; where the first is the header of a table, its fault says that none is read there."""
    first = next(units, None)
    if first is None:
        return
    if first.problem is None and _looks_like_header(first.raw):
        try:
            decode(first.raw)
        except Refused as error:
            hint = "standard input is NDJSON or a JSON array; a table is read from a file whose name ends in `.csv`"
            first = first._replace(problem=replace(error.problem, hint=hint))
    yield first
    yield from units


def _looks_like_header(raw: bytes) -> bool:
    """Whether a line has two names or more that every event needs, among its cells."""
    cells = {cell.strip().strip('"').lower() for cell in re.split("[,;\t]", raw.decode(errors="backslashreplace"))}
    return len(cells & {*_NEEDED}) > 1


def _unreadable(row: Unit) -> Problem | None:
    """What keeps a row from being cut into cells."""
    if row.problem is not None:
        long_for_want_of_ends = row.problem.code == "too-long" and b'"' not in row.raw and b"\r" in row.raw
        return odd_row(row.raw) if long_for_want_of_ends else row.problem
    try:
        row.raw.decode()
    except UnicodeDecodeError as error:
        return not_utf8(row.raw, error)
    return odd_row(row.raw) if looks_like_utf16(row.raw) else None


def _parted_otherwise(text: str) -> Problem | None:
    """The cells of a header are parted by something else, or its line tells a spreadsheet by what."""
    if found := _SEPARATOR_LINE(text.strip()):
        message = f"the header has no names: this line tells a spreadsheet that cells are parted by {shown(found[1])}"
        hint = "take this line out" if found[1] == "," else f"{_COMMAS}: take this line out and save the table so"
        return _wrong(message, 0, len(text), hint)
    for mark, marks in _OTHERS.items():
        names = {part.strip().strip('"').lower() for part in text.split(mark)}
        if len(names & {*_NEEDED}) > 1:
            hint = f"{_COMMAS}: save the table so, as CSV in UTF-8"
            return _wrong(f"the cells of the header are parted by {marks}", text.index(mark), 1, hint)
    return None


def _unnamed_or_twice(names: Sequence[str], text: str) -> list[Problem]:
    problems = []
    seen: set[str] = set()
    last = max((number for number, name in enumerate(names, 1) if name), default=0)
    for number, (name, (offset, width)) in enumerate(zip(names, spans(text), strict=True), 1):
        if not name and number < last:
            hint = "name it, or take the column out"
            problems.append(_wrong(f"column {number} of the header has no name", offset, width, hint))
        elif name and name in seen:
            problems.append(_wrong(f"the header has {shown(name)} twice", offset, width))
        seen.add(name)
    return problems


def _missing(missing: Sequence[str], names: Sequence[str], text: str) -> list[Problem]:
    """Names that every event needs and the header lacks: each where it seems to be misspelt, the others together."""
    problems, lost = [], []
    places = list(spans(text))
    others = {name for name in names if name not in ENVELOPE}
    for name in missing:
        near = suggest(name, others)
        if near is None:
            lost.append(name)
            continue
        others.discard(near)
        lower = f"{shown(near)} should be {shown(name)}, in lower case"
        hint = lower if near.lower() == name else f"did you mean {shown(name)}?"
        problems.append(_wrong(_lacks([name]), *places[names.index(near)], hint))
    return [*problems, _wrong(_lacks(lost), hint="the first line names the columns")] if lost else problems


def _lacks(names: Sequence[str]) -> str:
    return f"the header has no {' and no '.join(map(shown, names))}, which every event needs"


def _wrong(message: str, offset: int | None = None, width: int = 1, hint: str | None = None) -> Problem:
    return Problem("wrong-header", message, "a header", "another one", offset=offset, width=max(width, 1), hint=hint)
