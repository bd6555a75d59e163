"""NDJSON: one event a line, read with bounded memory whatever the length of a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ethics_engine.logs.units import UNIT_LIMIT, Unit, too_long

BOM = b"\xef\xbb\xbf"
_PIECE = 1 << 16


def read_lines(stream: BinaryIO) -> Iterator[Unit]:
    """The lines of a stream that are not blank; a byte order mark at its start is skipped."""
    readline = stream.readline
    number = 0
    while raw := readline(UNIT_LIMIT + 2):
        number += 1
        if number == 1 and raw.startswith(BOM):
            raw = raw[len(BOM) :]
        line = raw.rstrip(b"\r\n")
        if len(line) > UNIT_LIMIT:
            size = len(line) if raw.endswith(b"\n") else len(raw) + skip_line(stream)
            yield too_long(number, 1, line, size)
        elif line and not line.isspace():
            yield Unit(number, 1, line)


def skip_line(stream: BinaryIO) -> int:
    """Read to the end of the line without holding it; the number of bytes read."""
    size = 0
    while piece := stream.readline(_PIECE):
        size += len(piece)
        if piece.endswith(b"\n"):
            break
    return size
