"""Logs of NDJSON, cut block by block into parts on disk by a hash of the practitioner.

What the reader of columns leaves is decoded by the reader of record, which tells its practitioner; it stands in the
part of that practitioner as a line, to be read there beside what it may repeat. A line without a practitioner is
rejected whatever else there is, so it is read at once.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Any, cast
from zlib import crc32

import polars as pl

from ethics_engine.audits.lines import TEXT, columns
from ethics_engine.audits.parquet import write_parts
from ethics_engine.audits.part import Judged
from ethics_engine.audits.typed import IDENTITY, PLACES
from ethics_engine.logs.blocks import Block, blocks
from ethics_engine.logs.decode import Refused, decode
from ethics_engine.logs.lines import is_too_long, long_line
from ethics_engine.logs.reader import read_units
from ethics_engine.logs.sources import FileSource
from ethics_engine.logs.units import UNIT_LIMIT, Unit
from ethics_engine.memory import collection_paused
from ethics_engine.scalars import parse_instant
from ethics_engine.vocabulary import Vocabulary

_BLANK = " \t\r\x0b\x0c"
_LEFT: dict[str, Any] = {PLACES[1]: pl.UInt32, TEXT: pl.String} | dict.fromkeys(IDENTITY, pl.String)


@dataclass(frozen=True, slots=True)
class Cut:
    """What cutting a block came to: its rows, the latest instant that one of them names, and those without a part."""

    rows: int
    latest: int | None
    unplaced: Judged


@collection_paused()
def cut_block(
    file: int, given: Block | Unit, files: Sequence[str], vocabulary: Vocabulary, parts: int, folder: Path
) -> Cut:
    """Cut a block of a file into files `PART-*.parquet`.

    Raises:
        ConfigError: nothing can be written there.
    """
    if isinstance(given, Unit):
        return Cut(0, None, _rejected([given], file, files, vocabulary))
    lines, numbers, broken = _lines(given)
    read = columns(lines, numbers, vocabulary)
    placed: list[tuple[int, str, str, str | None]] = []
    latest = _latest(read.frame)
    for number, text in read.left:
        try:
            record = decode(text.encode())
        except Refused:
            record = {}
        practitioner, own = _text(record.get(IDENTITY[0])), _text(record.get(IDENTITY[1]))
        if practitioner is None:
            broken.append(Unit(number, 1, text.encode()))
            continue
        placed.append((number, text, practitioner, own))
        with suppress(ValueError, TypeError):
            latest = max(parse_instant(record["at"]), latest or 0) if "at" in record else latest
    left = pl.DataFrame(placed, schema=_LEFT, orient="row")
    frame = pl.concat([read.frame, left], how="diagonal")
    frame = _numbered(frame.with_columns(pl.lit(file, pl.UInt32).alias(PLACES[0])), parts)
    write_parts(frame, folder, f"{file}-{given.line}")
    return Cut(frame.height, latest, _rejected(broken, file, files, vocabulary))


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
            broken.append(long_line(number, raw, 0))
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
    given = re.compile(rb'"%s"\s*:\s*("(?:[^"\\]|\\.)*")' % column.encode())
    found: set[str] = set()
    for file in files:
        for block in blocks(file):
            for text in set(given.findall(block.data)) if isinstance(block, Block) else ():
                with suppress(ValueError):
                    found.add(json.loads(text))
    return found
