"""CSV: a header of attributes, then one event a line (RFC 4180), read with bounded memory.

An empty cell is an absent attribute, and the members of a list are parted by semicolons. A cell is read by the kind of
its attribute: a number, `true` or `false` (`TRUE` and `True` too, as spreadsheets write it), a list, or text; what does
not read so is refused as it would be in NDJSON. The last columns may be empty throughout, their names too.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, BinaryIO

from ethics_engine.errors import shown
from ethics_engine.events import AMENDED
from ethics_engine.faults import Fault
from ethics_engine.logs.cells import odd_row, spans, split
from ethics_engine.logs.decode import not_utf8
from ethics_engine.logs.header import columns_of
from ethics_engine.logs.lines import BOM, is_too_long, skip_line
from ethics_engine.logs.units import UNIT_LIMIT, Problem, Unit, too_long
from ethics_engine.vocabulary import ENVELOPE, Attribute, Vocabulary

_NUMBER = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?", re.ASCII).fullmatch
TRUTH = {"true": True, "TRUE": True, "True": True, "false": False, "FALSE": False, "False": False}
"""Truth values by the words of a cell: JSON's own, and those of spreadsheets and programs."""
_QUOTED, _PLAIN = rb'"[^"]*+(?:""[^"]*+)*+"', rb'[^,"\r\n]*+'
_CELLS = rb"(?:(?:" + _QUOTED + rb"|" + _PLAIN + rb"),)*+"
_WHOLE = re.compile(_CELLS + rb"(?:" + _QUOTED + rb"|" + _PLAIN + rb")[\r\n]*").fullmatch
_OPEN = re.compile(_CELLS + rb'"[^"]*+(?:""[^"]*+)*+').fullmatch
_TO_CLOSING = re.compile(rb'[^"]*+(?:""[^"]*+)*+"').match


class Cells(dict[str, str]):
    """The cells of a row that are not empty, by attribute; `columns` are all the names of the header, in order.

    The last columns may have no name.
    """

    def __init__(self, cells: Mapping[str, str], columns: tuple[str, ...]) -> None:
        super().__init__(cells)
        self.columns = columns


@dataclass(frozen=True, slots=True)
class Table:
    """Some rows of a table, none of which is blank, with the lines that they begin at, and units that are no rows."""

    columns: tuple[str, ...]
    lines: list[int]
    rows: list[bytes]
    broken: list[Unit]


def read_table(stream: BinaryIO) -> Iterator[Unit]:
    """The rows of a table; a row that runs over several lines has the number of the first.

    Raises:
        NoHeader: the first row is no header.
    """
    rows = _rows(stream)
    columns = _columns(rows)
    if columns is not None:
        yield from (unit_of(row, columns) for row in rows)


def read_header(stream: BinaryIO) -> tuple[str, ...] | None:
    """The columns of a table; raises NoHeader as `read_table` does."""
    return _columns(_rows(stream))


def read_tables(stream: BinaryIO, size: int) -> Iterator[Table]:
    """The rows of a table, some together; raises NoHeader as `read_table` does."""
    rows = _rows(stream)
    columns = _columns(rows)
    held = Table(columns or (), [], [], [])
    taken = 0
    for row in rows:
        if row.problem is None:
            held.lines.append(row.line)
            held.rows.append(row.raw)
        else:
            held.broken.append(row)
        taken += len(row.raw)
        if taken >= size:
            yield held
            held, taken = Table(held.columns, [], [], []), 0
    if taken:
        yield held


def _columns(rows: Iterator[Unit]) -> tuple[str, ...] | None:
    """What the first row names; None where there is none."""
    row = next(rows, None)
    return None if row is None else columns_of(row)


def unit_of(row: Unit, columns: tuple[str, ...]) -> Unit:
    """A row as a unit: its cells, or what is wrong with it."""
    if row.problem is not None:
        return row
    try:
        cells = split(row.raw.decode())
    except UnicodeDecodeError as error:
        return row._replace(problem=not_utf8(row.raw, error))
    if len(cells) != len(columns):
        return row._replace(problem=_shape(cells, columns))
    if not columns[-1] and any(map(str.strip, cells[columns.index("") :])):
        return row._replace(problem=_nameless(cells, columns, row.raw))
    return row._replace(
        record=Cells({name: cell for name, cell in zip(columns, cells, strict=True) if name and cell}, columns)
    )


def _rows(stream: BinaryIO) -> Iterator[Unit]:
    """Rows that are not blank: a line end inside quotes is part of a row, which has the number of its first line.

    A row that its quotes do not hold together, or that passes the limit, costs its first line alone: reading goes on
    with the next one.
    """
    lines = _lines(stream)
    again: deque[Unit] = deque()  # lines to be read once more, as they do not belong to a row
    held: list[Unit] = []  # the lines of a row that is open
    size = 0
    while True:
        line = again.popleft() if again else next(lines, None)
        if line is not None and line.problem is None:
            form = _form(line.raw, inside=bool(held))
            if form is None and not held:
                yield _broken(line)
                continue
            if form is not None:
                held.append(line)
                size += len(line.raw)
                if not form:
                    raw = b"".join([each.raw for each in held]).rstrip(b"\r\n")
                    yield from () if raw.isspace() or not raw else (Unit(held[0].line, 1, raw),)
                    held, size = [], 0
                    continue
                if size <= UNIT_LIMIT:
                    continue
                line = None  # it is held already
        if held:
            yield _broken(held[0])
            again.extendleft(reversed([*held[1:], *([] if line is None else [line])]))
            held, size = [], 0
        elif line is None:
            return
        else:
            yield line


def _lines(stream: BinaryIO) -> Iterator[Unit]:
    """The lines of a stream with their ends; of one beyond the limit only the start, with what is wrong with it."""
    number = 0
    while raw := stream.readline(UNIT_LIMIT + 2):
        number += 1
        if number == 1:
            raw = raw.removeprefix(BOM)
        content = raw.rstrip(b"\r\n")
        if is_too_long(raw):
            yield too_long(number, 1, content, skip_line(stream, raw))
        else:
            yield Unit(number, 1, raw)


def _form(raw: bytes, inside: bool) -> bool | None:
    """Whether a row is open after a line, which begins `inside` of quotes or not; None where its quotes are wrong."""
    start = 0
    if inside:
        closing = _TO_CLOSING(raw)
        if closing is None:
            return True
        start = closing.end()
        if raw[start : start + 1] not in (b",", b"\r", b"\n", b""):
            return None
        if raw[start : start + 1] != b",":
            return False if not raw[start:].strip(b"\r\n") else None
        start += 1
    if _WHOLE(raw, start):
        return False
    return True if _OPEN(raw, start) else None


def _broken(line: Unit) -> Unit:
    raw = line.raw.rstrip(b"\r\n")
    return Unit(line.line, 1, raw, problem=odd_row(raw))


def _shape(cells: list[str], columns: tuple[str, ...]) -> Problem:
    message = f"this row has {len(cells)} cells; the header has {len(columns)}"
    return Problem("wrong-cells", message, f"{len(columns)} cells, as in the header", str(len(cells)))


def _nameless(cells: list[str], columns: tuple[str, ...], raw: bytes) -> Problem:
    number, cell = next((at, cell) for at, cell in enumerate(cells) if not columns[at] and cell.strip())
    offset, width = list(spans(raw.decode()))[number]
    message = f"{shown(cell)} stands in column {number + 1}, which has no name"
    hint = "name the column in the header, or take the value out"
    return Problem("no-column", message, "an empty cell", shown(cell), offset=offset, width=width, hint=hint)


def record_of(cells: Cells, vocabulary: Vocabulary) -> dict[str, Any]:
    """The record that NDJSON would hold: each cell by the kind of its attribute."""
    attribute_of = _attributes(cells, vocabulary)
    return {column: _value(cell, attribute_of(column)) for column, cell in cells.items()}


def in_cells(faults: Iterable[Fault], cells: Cells, vocabulary: Vocabulary) -> list[Fault]:
    """The faults of a row's record with the hints that a table wants: no quotes are to be left out of it."""
    attribute_of = _attributes(cells, vocabulary)
    found = []
    for fault in faults:
        attribute = attribute_of(fault.field) if fault.field in cells else None
        match attribute.kind if attribute is not None else "":
            case "boolean" if fault.hint is not None:
                fault = replace(fault, hint=fault.hint.removesuffix(" without quotes"))
            case "list" if "," in cells[fault.field]:
                fault = replace(fault, hint="members are parted by `;`, not by commas")
        found.append(fault)
    return found


def _attributes(cells: Cells, vocabulary: Vocabulary) -> Callable[[str], Attribute | None]:
    """What the columns of a row are attributes of: its type, every event, or what an amendment changes."""
    name = cells.get("type", "")
    event_type = vocabulary.types.get(name)
    own: Mapping[str, Attribute] = {} if event_type is None else event_type.attributes
    return lambda column: own.get(column) or ENVELOPE.get(column) or _of_any(column, name, vocabulary)


def _of_any(column: str, name: str, vocabulary: Vocabulary) -> Attribute | None:
    """What an amendment changes: the attribute of that name, where every type that has one agrees on its kind."""
    if name != AMENDED:
        return None
    found = [each.attributes[column] for each in vocabulary.types.values() if column in each.attributes]
    return found[0] if found and all(each.kind == found[0].kind for each in found) else None


def _value(cell: str, attribute: Attribute | None) -> Any:
    match attribute.kind if attribute is not None else "string":
        case "boolean":
            return TRUTH.get(cell, cell)
        case "number" | "money":
            return Decimal(cell) if _NUMBER(cell) else cell
        case "list":
            return [part.strip() for part in cell.split(";") if part.strip()]
    return cell


def places(raw: bytes, columns: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    """Where the cell of each column stands in a row: offset and width, in characters."""
    text = raw.decode(errors="backslashreplace")
    return {name: (at, max(1, width)) for name, (at, width) in zip(columns, spans(text), strict=False)}
