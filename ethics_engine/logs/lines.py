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
            raw += b"" if raw.endswith(b"\n") else readline(len(BOM))
        line = raw.rstrip(b"\r\n")
        if is_too_long(raw):
            yield long_line(number, raw, 0 if raw.endswith(b"\n") else skip_line(stream))
        elif line and not line.isspace():
            yield Unit(number, 1, line)


def is_too_long(raw: bytes) -> bool:
    """Whether a line passes the limit, by its first `UNIT_LIMIT + 2` bytes: room for its end, or the whole of it."""
    return len(raw.rstrip(b"\r\n")) > UNIT_LIMIT or (len(raw) == UNIT_LIMIT + 2 and not raw.endswith(b"\n"))


def long_line(number: int, start: bytes, rest: int) -> Unit:
    """A line that passes the limit, by its start and the bytes that follow."""
    line = start[: UNIT_LIMIT + 2].rstrip(b"\r\n")
    ends = not rest and start.endswith(b"\n") and len(start) <= UNIT_LIMIT + 2
    return too_long(number, 1, line, len(line) if ends else len(start) + rest)


def skip_line(stream: BinaryIO) -> int:
    """Read to the end of the line without holding it; the number of bytes read."""
    size = 0
    while piece := stream.readline(_PIECE):
        size += len(piece)
        if piece.endswith(b"\n"):
            break
    return size
