"""The lines of a text log that are left to the reader of record, as its units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ethics_engine.logs.sources import FileSource, is_table
from ethics_engine.logs.table import read_header, unit_of
from ethics_engine.logs.units import Unit


def text_units(rows: Iterable[tuple[int, int, str]], files: Sequence[str]) -> list[tuple[int, int, Unit]]:
    """Units of rows: the number of a file, that of a line, and the line, or the row of CSV that begins there."""
    headers: dict[int, tuple[str, ...] | None] = {}
    units = []
    for file, line, text in rows:
        if file not in headers:
            headers[file] = _header(files[file]) if is_table(files[file]) else None
        units.append((file, line - 1, text_unit(line, text, headers[file])))
    return units


def text_unit(line: int, text: str, columns: tuple[str, ...] | None) -> Unit:
    """A line of NDJSON, or a row of a table with such columns."""
    unit = Unit(line, 1, text.encode())
    return unit if columns is None else unit_of(unit, columns)


def _header(name: str) -> tuple[str, ...]:
    with FileSource(name).opened() as stream:
        return read_header(stream) or ()
