"""The unit of a log that is accounted for: a line of NDJSON, an element of an array, a record in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

UNIT_LIMIT = 1 << 20  # bytes; a longer line or element is rejected without being held
SHOWN_OF_LONG = 1000  # bytes that are kept of one beyond the limit


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a unit; `offset` (None: all of it) and `width` count characters of its text."""

    code: str
    message: str
    expected: str
    seen: str
    field: str | None = None
    offset: int | None = None
    width: int = 1
    hint: str | None = None


class Unit(NamedTuple):
    """One unit: where it begins (from 1, columns in characters), and its bytes or its record.

    `problem` tells what was wrong already when the unit was cut out of the file.
    """

    line: int
    column: int | None
    raw: bytes
    record: Mapping[str, Any] | None = None
    problem: Problem | None = None


def too_long(line: int, column: int, start: bytes, size: int) -> Unit:
    """A unit beyond the limit, of which only the start is kept."""
    what = f"{size:,} bytes long; the limit is {UNIT_LIMIT:,}"
    expected = f"at most {UNIT_LIMIT:,} bytes"
    problem = Problem("too-long", f"this event is {what}", expected, f"{size:,} bytes")
    return Unit(line, column, start[:SHOWN_OF_LONG], problem=problem)
