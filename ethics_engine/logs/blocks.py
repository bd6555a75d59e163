"""Text logs in blocks of whole lines or rows, for a reader that takes many at once.

What the blocks of a log hold, and the units that come alone, are the units that `lines` and `table` cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from ethics_engine.errors import EthicsEngineError
from ethics_engine.logs.lines import BOM, is_too_long, long_line, skip_line
from ethics_engine.logs.sources import FileSource, is_table
from ethics_engine.logs.table import Table, read_tables
from ethics_engine.logs.units import UNIT_LIMIT, Unit

BLOCK = 16_000_000
"""Bytes of text that are read at once."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of NDJSON; `line` is the number of the first."""

    line: int
    data: bytes


def blocks(name: str, size: int = BLOCK) -> Iterator[Block | Table | Unit]:
    """The lines or rows of a file, about `size` bytes together, and a unit for each line that passes the limit.

    Raises:
        EventError: the file cannot be read to its end, or is a table without a right header.
    """
    with FileSource(name).opened() as stream:
        yield from read_tables(stream, size) if is_table(name) else read_blocks(stream, size)


def read_blocks(stream: BinaryIO, size: int) -> Iterator[Block | Unit]:
    """The lines of a stream of NDJSON in blocks; a byte order mark at its start is skipped."""
    number = 1
    data = stream.read(size + len(BOM)).removeprefix(BOM)
    while data:
        long = b""
        if not data.endswith(b"\n"):
            whole, feed, start = data.rpartition(b"\n")
            line = start + stream.readline(UNIT_LIMIT + 2)
            if is_too_long(line[: UNIT_LIMIT + 2]):
                data, long = whole + feed, line
            else:
                data = whole + feed + line
        if data:
            yield Block(number, data)
            number += data.count(b"\n")
        if long:
            yield long_line(number, long, skip_line(stream, long))
            number += 1
        data = stream.read(size)


def estimated(names: Iterable[str]) -> int:
    """About how many lines some files have, by how each begins; 0 for what cannot be read."""
    lines = 0
    for name in names:
        with suppress(EthicsEngineError, OSError):
            start, share = FileSource(name).beginning()
            lines += int((start.count(b"\n") + (not start.endswith(b"\n"))) / max(share, 1e-9))
    return lines
