"""A JSON array of events, cut into its elements with bounded memory.

The cutter knows only quotes, brackets and commas: an element that is broken inside is rejected alone, and the
next one is read. What is wrong with the array itself (not closed, nothing between two commas, something after
its end) is a rejected unit of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from ethics_engine.logs.lines import BOM, read_lines
from ethics_engine.logs.units import SHOWN_OF_LONG, UNIT_LIMIT, Problem, Unit, too_long

_CHUNK = 1 << 16
_OUTSIDE = re.compile(rb'["\[\]{},]').search
_INSIDE = re.compile(rb'["\\]').search
_CONTINUATION = bytes(range(0x80, 0xC0))  # the bytes of UTF-8 that begin no character
_BLANK = b" \t\r\n"


def read_json(stream: Any) -> Iterator[Unit]:
    """The elements of an array; a stream that does not begin with `[` is read line by line.

    `stream` is binary and can `peek`.
    """
    start: bytes = stream.peek(_CHUNK)
    before = len(start) - len(start.removeprefix(BOM).lstrip(_BLANK))
    if start[before : before + 1] == b"[":
        return _Cutter(stream, stream.read(before + 1).removeprefix(BOM)).units()
    return read_lines(stream)


class _Cutter:
    """Where in the array the reading stands: the position, and the element so far."""

    def __init__(self, stream: BinaryIO, opening: bytes) -> None:
        self.stream = stream
        self.line, self.column = 1, 1  # of the next byte
        self.element = bytearray()
        self.size = 0  # of the element, held or not
        self.start: tuple[int, int] | None = None  # of its first byte that is not blank
        self._move(opening)

    def units(self) -> Iterator[Unit]:
        """The units of the array, in order."""
        depth = commas = 0
        in_text = escaped = False
        while chunk := self.stream.read(_CHUNK):
            begin, at = 0, int(escaped)  # what is not taken yet, and where to look on
            escaped = False
            while found := (_INSIDE if in_text else _OUTSIDE)(chunk, at):
                at, mark = found.end(), found[0]
                if mark == b"\\":
                    escaped = at == len(chunk)
                    at += 1
                elif mark == b'"':
                    in_text = not in_text
                elif mark in b"[{":
                    depth += 1
                elif mark in b"]}" and (depth or mark == b"}"):
                    depth = max(depth - 1, 0)  # a stray brace belongs to the element
                elif depth == 0:
                    self._take(chunk[begin : at - 1])
                    yield from self._element(empty_is_fine=mark == b"]" and commas == 0)
                    self._move(mark)
                    begin, commas = at, commas + 1
                    if mark == b"]":
                        yield from self._after(chunk[at:])
                        return
            self._take(chunk[begin:])
        yield from self._element(empty_is_fine=True)
        expected = "`]` at the end of the array"
        message = "the array is not closed: the file is cut off, or a quote or bracket before is not closed"
        problem = Problem("array-not-closed", message, expected, "the end of the file", offset=0)
        yield Unit(self.line, self.column, b"", problem=problem)

    def _take(self, piece: bytes) -> None:
        """Add a piece to the element, held up to the limit."""
        if self.start is None:
            piece, blank = piece.lstrip(_BLANK), piece
            self._move(blank[: len(blank) - len(piece)])
            if not piece:
                return
            self.start = (self.line, self.column)
        self.size += len(piece)
        if len(self.element) <= UNIT_LIMIT:
            self.element += piece[: UNIT_LIMIT + 1]
        self._move(piece)

    def _element(self, empty_is_fine: bool) -> Iterator[Unit]:
        """The element that ends here, if there is one."""
        raw, size, start = bytes(self.element).rstrip(_BLANK), self.size, self.start
        self.element, self.size, self.start = bytearray(), 0, None
        if start is not None and len(raw) > UNIT_LIMIT:
            yield too_long(*start, raw, size)
        elif start is not None:
            yield Unit(*start, raw)
        elif not empty_is_fine:
            message = "there is no event between two commas, or after the last one"
            problem = Problem("empty-element", message, "an event", "nothing", offset=0)
            yield Unit(self.line, self.column, b"", problem=problem)

    def _after(self, piece: bytes) -> Iterator[Unit]:
        """What follows the array, as one unit, unless it is blank."""
        while True:
            self._take(piece)
            if not (piece := self.stream.read(_CHUNK)):
                break
        if self.start is not None:
            message = "something follows the end of the array"
            problem = Problem("after-the-array", message, "the end of the file", "more text", offset=0)
            yield Unit(*self.start, bytes(self.element[:SHOWN_OF_LONG]), problem=problem)

    def _move(self, piece: bytes) -> None:
        """Advance line and column past a piece."""
        lines = piece.count(b"\n")
        if lines:
            self.line += lines
            self.column = 1
            piece = piece[piece.rfind(b"\n") + 1 :]
        self.column += len(piece.translate(None, _CONTINUATION))
