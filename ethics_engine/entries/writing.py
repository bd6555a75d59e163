"""Entries to the end of a log: read back before they are written, under ids that nothing in the log has."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ethics_engine.entries.entry import line_of, read_back
from ethics_engine.errors import EventError, shown
from ethics_engine.events import Event
from ethics_engine.logs.append import append
from ethics_engine.logs.decode import Refused, decode
from ethics_engine.logs.lines import read_lines
from ethics_engine.vocabulary import Vocabulary

Records = Callable[[frozenset[str]], Sequence[Mapping[str, Any]]]


def write(path: Path, since: int, vocabulary: Vocabulary, records: Records) -> list[Event]:
    """Write records as lines, all in one piece; the events that they are.

    `records` gives them, once the log is locked, for the ids that others have taken after its first `since` bytes.

    Raises:
        EventError: the log's reader would reject one, its id is taken, or the log cannot be written.
    """
    events: list[Event] = []

    def lines(added: bytes) -> bytes:
        taken = frozenset(_ids(added))
        written = [line_of(record) for record in records(taken)]
        events.extend(read_back(line, vocabulary) for line in written)
        for event in events:
            if event.id in taken:
                what = f"somebody else has just written an event {shown(event.id)}"
                raise EventError(f"{what}; nothing was written, try again", file=str(path))
        return b"".join(written)

    append(path, since, lines)
    return events


def _ids(added: bytes) -> Iterator[str]:
    """The ids in some lines, as far as they can be read."""
    for unit in read_lines(io.BytesIO(added)):
        try:
            record = decode(unit.raw)
        except Refused:
            continue
        if isinstance(id := record.get("id"), str):
            yield id
