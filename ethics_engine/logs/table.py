"""CSV: a header of attributes, then one event a line (RFC 4180), read with bounded memory.

An empty cell is an absent attribute, and the members of a list are parted by semicolons. A cell is read by the kind of
its attribute: a number, `true` or `false`, a list, or text; what does not read so is refused as it would be in NDJSON.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, BinaryIO

from ethics_engine.errors import EventError, did_you_mean, shown
from ethics_engine.events import AMENDED
from ethics_engine.logs.decode import not_utf8
from ethics_engine.logs.lines import BOM
from ethics_engine.logs.units import UNIT_LIMIT, Problem, Unit, too_long
from ethics_engine.vocabulary import ENVELOPE, Attribute, Vocabulary

LONGEST_HEADER = 2_000
"""Columns of a table: our own limit, against hostile files."""
_NEEDED = tuple(name for name, attribute in ENVELOPE.items() if attribute.required)
_NUMBER = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?", re.ASCII).fullmatch
_WORDS = {"true": True, "false": False}
_CELL = re.compile(r'"(?:[^"]|"")*"|[^,"\r\n]*')


class Cells(dict[str, str]):
    """The cells of a row that are not empty, by attribute; `columns` are all the names of the header, in order."""

    def __init__(self, cells: Mapping[str, str], columns: tuple[str, ...]) -> None:
        super().__init__(cells)
        self.columns = columns


def read_table(stream: BinaryIO) -> Iterator[Unit]:
    """The rows of a table; a row that runs over several lines has the number of the first.

    Raises:
        EventError: the header is not one: a name twice or empty, or one that every event needs is not there.
    """
    columns: tuple[str, ...] | None = None
    for line, raw in _rows(stream):
        if len(raw) > UNIT_LIMIT:
            yield too_long(line, 1, raw, len(raw))
            continue
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            problem = not_utf8(raw, error)
            if columns is None:
                raise EventError(f"line {line}: {problem.message}") from None
            yield Unit(line, 1, raw, problem=problem)
            continue
        cells = _split(text)
        if columns is None:
            columns = _header(cells, text, line)
            continue
        if cells is None or len(cells) != len(columns):
            yield Unit(line, 1, raw, problem=_shape(cells, columns))
            continue
        found = {name: cell for name, cell in zip(columns, cells, strict=True) if cell}
        yield Unit(line, 1, raw, Cells(found, columns))


def _rows(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Rows that are not blank, each with the number of its first line: a line end inside quotes is part of a row."""
    number = start = 0
    held = b""
    while raw := stream.readline(UNIT_LIMIT + 2):
        number += 1
        if number == 1:
            raw = raw.removeprefix(BOM)
        if not held:
            start = number
        held += raw
        if len(held) <= UNIT_LIMIT and held.count(b'"') % 2:
            continue
        row, held = held.rstrip(b"\r\n"), b""
        if row and not row.isspace():
            yield start, row
    if held:
        yield start, held.rstrip(b"\r\n")


def _split(text: str) -> list[str] | None:
    """The cells of a row; None where its quotes are broken."""
    try:
        rows = list(csv.reader([text], strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _header(cells: list[str] | None, text: str, line: int) -> tuple[str, ...]:
    if cells is None:
        raise EventError(f"line {line}: the quotes of the header are broken")
    names = [cell.strip() for cell in cells]
    if len(names) > LONGEST_HEADER:
        raise EventError(f"line {line}: the header has {len(names):,} columns; the limit is {LONGEST_HEADER:,}")
    for number, name in enumerate(names, 1):
        if not name:
            raise EventError(f"line {line}: column {number} of the header has no name")
        if name in names[: number - 1]:
            raise EventError(f"line {line}: the header has {shown(name)} twice")
    for name in _NEEDED:
        if name not in names:
            hint = did_you_mean(name, names)
            said = f"line {line}: the header has no {shown(name)}, which every event needs"
            raise EventError(said + (f"; {hint}" if hint else f"; it is {shown(text[:100])}"))
    return tuple(names)


def _shape(cells: list[str] | None, columns: tuple[str, ...]) -> Problem:
    if cells is None:
        hint = "a quote inside a cell is written twice, and the cell stands in quotes"
        return Problem("broken-csv", "broken CSV: the quotes do not match", "CSV", "an odd quote", hint=hint)
    wanted = f"{len(columns)} cells, as in the header"
    return Problem(
        "wrong-cells", f"this row has {len(cells)} cells; the header has {len(columns)}", wanted, str(len(cells))
    )


def record_of(cells: Cells, vocabulary: Vocabulary) -> dict[str, Any]:
    """The record that NDJSON would hold: each cell by the kind of its attribute."""
    name = cells.get("type", "")
    event_type = vocabulary.types.get(name)
    own: Mapping[str, Attribute] = {} if event_type is None else event_type.attributes
    return {
        column: _value(cell, own.get(column) or ENVELOPE.get(column) or _of_any(column, name, vocabulary))
        for column, cell in cells.items()
    }


def _of_any(column: str, name: str, vocabulary: Vocabulary) -> Attribute | None:
    """What an amendment changes: the attribute of that name, where every type that has one agrees on its kind."""
    if name != AMENDED:
        return None
    found = [each.attributes[column] for each in vocabulary.types.values() if column in each.attributes]
    return found[0] if found and all(each.kind == found[0].kind for each in found) else None


def _value(cell: str, attribute: Attribute | None) -> Any:
    match attribute.kind if attribute is not None else "string":
        case "boolean":
            return _WORDS.get(cell, cell)
        case "number" | "money":
            return Decimal(cell) if _NUMBER(cell) else cell
        case "list":
            return [part.strip() for part in cell.split(";") if part.strip()]
    return cell


def places(raw: bytes, columns: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    """Where the cell of each column stands in a row: offset and width, in characters."""
    text = raw.decode(errors="backslashreplace")
    found: dict[str, tuple[int, int]] = {}
    at = 0
    for name in columns:
        cell = _CELL.match(text, at)
        if cell is None:
            break
        found[name] = (at, max(1, cell.end() - at))
        at = cell.end() + 1
    return found
