"""Typed events as lines of NDJSON, exactly: what is read from them again is equal, value for value."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from typing import Any

from ethics_engine.events import Event
from ethics_engine.scalars import MICRO, format_clock, format_instant
from ethics_engine.vocabulary import ENVELOPE, Attribute, Vocabulary

ENDINGS = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
"""The endings of the logs that can be written."""


def ndjson(events: Iterable[Event], vocabulary: Vocabulary) -> bytes:
    """The events, one a line, as UTF-8: the same bytes for the same events in the same order."""
    return "".join(line(event, vocabulary) + "\n" for event in events).encode("utf-8")


def gzipped(data: bytes) -> bytes:
    """The data compressed with gzip; without a date in it, so that the same data gives the same bytes."""
    return gzip.compress(data, mtime=0)


def line(event: Event, vocabulary: Vocabulary) -> str:
    """One event as a JSON object; an amendment's new values stand as they were written."""
    own = vocabulary.types[event.type].attributes
    values = event.values
    names = [name for name in ENVELOPE if name in values]
    names += sorted(name for name in values if name not in ENVELOPE)
    pairs = [f"{_text(name)}: {_written(ENVELOPE.get(name) or own.get(name), values[name])}" for name in names]
    return f"{{{', '.join(pairs)}}}"


def _written(attribute: Attribute | None, value: Any) -> str:
    match attribute.kind if attribute is not None else "":
        case "timestamp":
            return _text(format_instant(value))
        case "clock":
            return _text(format_clock(value))
        case "number" | "money":
            return _number(value)
    return _text(list(value) if isinstance(value, tuple) else value)


def _number(micro: int) -> str:
    """Micro-units as a decimal number, with all of its digits."""
    whole, rest = divmod(abs(micro), MICRO)
    sign = "-" if micro < 0 else ""
    return f"{sign}{whole}.{rest:06d}".rstrip("0") if rest else f"{sign}{whole}"


_text = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
