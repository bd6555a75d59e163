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
            yield long_line(number, raw, skip_line(stream, raw))
        elif line and not line.isspace():
            yield Unit(number, 1, line)


def is_too_long(raw: bytes) -> bool:
    """Whether a line passes the limit, by its first `UNIT_LIMIT + 2` bytes: room for its end, or the whole of it."""
    return len(raw.rstrip(b"\r\n")) > UNIT_LIMIT or (len(raw) == UNIT_LIMIT + 2 and not raw.endswith(b"\n"))


def long_line(number: int, start: bytes, size: int) -> Unit:
    """A line that passes the limit, by its start and its bytes in all, its end not counted."""
    return too_long(number, 1, start[: UNIT_LIMIT + 2].rstrip(b"\r\n"), size)


def skip_line(stream: BinaryIO, start: bytes) -> int:
    """Read to the end of a line that has begun with `start`, without holding it; its bytes, its end not counted."""
    size = ends = 0  # `ends`: of the size, what would be the end of the line if nothing followed
    piece = start
    while piece:
        size += len(piece)
        text = len(piece.rstrip(b"\r\n"))
        ends = len(piece) - text + (0 if text else ends)
        piece = b"" if piece.endswith(b"\n") else stream.readline(_PIECE)
    return size - ends
