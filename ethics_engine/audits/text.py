"""Logs of NDJSON and CSV, cut block by block into parts on disk by a hash of the practitioner.

What the reader of columns leaves is decoded by the reader of record, which tells its practitioner; it stands in the
part of that practitioner as a line, to be read there beside what it may repeat. A line without a practitioner is
rejected whatever else there is, so it is read at once.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Any, cast
from zlib import crc32

import polars as pl

from ethics_engine.audits.kinds import TEXT
from ethics_engine.audits.lines import columns
from ethics_engine.audits.parquet import write_parts
from ethics_engine.audits.part import Judged
from ethics_engine.audits.table import table_columns
from ethics_engine.audits.typed import IDENTITY, PLACES
from ethics_engine.audits.units import text_unit
from ethics_engine.logs.blocks import Block, blocks
from ethics_engine.logs.decode import Refused, decode
from ethics_engine.logs.lines import is_too_long, long_line
from ethics_engine.logs.reader import read_units
from ethics_engine.logs.sources import FileSource, is_table
from ethics_engine.logs.table import Table, unit_of
from ethics_engine.logs.units import UNIT_LIMIT, Unit
from ethics_engine.memory import collection_paused
from ethics_engine.vocabulary import Vocabulary

_BLANK = " \t\r\x0b\x0c"
_LEFT: dict[str, Any] = {PLACES[1]: pl.UInt32} | dict.fromkeys((TEXT, *IDENTITY, "at"), pl.String)


@dataclass(frozen=True, slots=True)
class Cut:
    """What cutting a block came to: its rows, the latest instant that one of them names, and those without a part."""

    rows: int
    latest: int | None
    unplaced: Judged


@collection_paused()
def cut_block(
    number: int,
    file: int,
    given: Block | Table | Unit,
    files: Sequence[str],
    vocabulary: Vocabulary,
    parts: int,
    folder: Path,
) -> Cut:
    """Cut a block, the so-manieth of a log, into files `PART-*.parquet`; `file` is the number of its file.

    Raises:
        ConfigError: nothing can be written there.
    """
    if isinstance(given, Unit):
        return Cut(0, None, _rejected([given], file, files, vocabulary))
    if isinstance(given, Table):
        texts, lines, broken = _rows(given)
        read = table_columns(texts, lines, given.columns, vocabulary)
    else:
        texts, lines, broken = _lines(given)
        read = columns(texts, lines, vocabulary)
    placed, unplaced = _placed(read.left, given.columns if isinstance(given, Table) else None)
    frame = pl.concat([read.frame, placed], how="diagonal").with_columns(pl.lit(file, pl.UInt32).alias(PLACES[0]))
    write_parts(_numbered(frame, parts), folder, f"{file}-{number}")
    return Cut(frame.height, _latest(frame), _rejected([*broken, *unplaced], file, files, vocabulary))


def _placed(left: Sequence[tuple[int, str]], header: tuple[str, ...] | None) -> tuple[pl.DataFrame, list[Unit]]:
    """Lines that were left, with what names them, and those that name no practitioner."""
    placed, unplaced = [], []
    for line, text in left:
        unit = text_unit(line, text, header)
        record = _record(unit)
        named = [_text(record.get(name)) for name in (*IDENTITY, "at")]
        if named[0] is None:
            unplaced.append(unit)
        else:
            placed.append((line, text, *named))
    return pl.DataFrame(placed, schema=_LEFT, orient="row"), unplaced


def _record(unit: Unit) -> Mapping[str, Any]:
    """What a unit holds, as far as it can be read."""
    if unit.problem is not None:
        return {}
    if unit.record is not None:
        return unit.record
    try:
        return decode(unit.raw)
    except Refused:
        return {}


def _rows(table: Table) -> tuple[list[str], list[int], list[Unit]]:
    """The rows of a table, the lines that they begin at, and the units that are none or no text."""
    rows, lines, broken = [], [], list(table.broken)
    for line, raw in zip(table.lines, table.rows, strict=True):
        try:
            rows.append(raw.decode())
            lines.append(line)
        except UnicodeDecodeError:
            broken.append(unit_of(Unit(line, 1, raw), table.columns))
    return rows, lines, broken


def _lines(block: Block) -> tuple[list[str], list[int], list[Unit]]:
    """The lines of a block that are not blank, with their numbers, and the units that are no text of a right length."""
    try:
        text = block.data.decode().removesuffix("\n")
    except UnicodeDecodeError:
        return _one_by_one(block)
    lines = text.split("\n")
    if len(text) > UNIT_LIMIT // 4 and max(map(len, lines)) > UNIT_LIMIT // 4:  # a character has up to four bytes
        return _one_by_one(block)
    if "\r" in text:
        lines = [line.rstrip("\r") for line in lines]
    numbers = list(range(block.line, block.line + len(lines)))
    full = [bool(line.strip(_BLANK)) for line in lines]
    if all(full):
        return lines, numbers, []
    return list(compress(lines, full)), list(compress(numbers, full)), []


def _one_by_one(block: Block) -> tuple[list[str], list[int], list[Unit]]:
    lines, numbers, broken = [], [], []
    for number, raw in enumerate(io.BytesIO(block.data), block.line):
        line = raw.rstrip(b"\r\n")
        if is_too_long(raw[: UNIT_LIMIT + 2]):
            broken.append(long_line(number, raw, len(line)))
        elif line and not line.isspace():
            try:
                lines.append(line.decode())
                numbers.append(number)
            except UnicodeDecodeError:
                broken.append(Unit(number, 1, line))
    return lines, numbers, broken


def _latest(frame: pl.DataFrame) -> int | None:
    """About the latest instant that some raw rows name; what is accepted of them is not known yet."""
    if "at" not in frame.columns:
        return None
    moments = frame.get_column("at").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", strict=False)
    return cast("int | None", moments.dt.timestamp("us").max())


def _numbered(frame: pl.DataFrame, parts: int) -> pl.DataFrame:
    """Rows with the number of the part of their practitioner, which is the same in every process."""
    names = frame.get_column(IDENTITY[0]).unique()
    numbers = pl.Series("#part", [crc32(name.encode()) % parts for name in names], dtype=pl.UInt32)
    return frame.join(pl.DataFrame([names, numbers]), on=IDENTITY[0], how="left", maintain_order="left")


def _rejected(units: list[Unit], file: int, files: Sequence[str], vocabulary: Vocabulary) -> Judged:
    """The account of units that name no practitioner."""
    if not units:
        return Judged()
    units.sort(key=lambda unit: unit.line)
    sources = [FileSource(name) for name in files]
    log = read_units(sources, [(file, unit.line - 1, unit) for unit in units], vocabulary)
    return Judged(read=log.read, rejected=log.rejected)


def _text(value: Any) -> str | None:
    """A text that can be written, or None."""
    with suppress(UnicodeEncodeError):
        return value if isinstance(value, str) and value.encode() is not None else None
    return None


def names_in_text(files: Sequence[str], column: str) -> set[str]:
    """Every practitioner or client (`column`) that some files name."""
    given = re.compile(rb'"%s"\s*:\s*("[^"\\]*(?:\\.[^"\\]*)*")' % column.encode()).findall
    found: set[str] = set()
    for file in files:
        if is_table(file):
            found.update(_record(unit).get(column, "") for unit in FileSource(file).units())
            continue
        for block in blocks(file):
            for text in set(given(block.data)) if isinstance(block, Block) else ():
                with suppress(ValueError):
                    found.add(json.loads(text))
    return found
