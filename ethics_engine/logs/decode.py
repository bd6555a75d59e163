"""One unit of JSON text to a record, strictly, or what is wrong with it and where.

Stricter than JSON libraries are: UTF-8 only, no NaN or Infinity, no key twice, at most 32 levels. Decimal
numbers arrive as `Decimal`, exactly as written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NoReturn

from ethics_engine.errors import shown
from ethics_engine.logs.units import Problem

DEEPEST = 32
OBJECT = 'one JSON object, such as `{"id": …}`'

_BLANK = re.compile(r"[ \t\r\n]*").match
_OUTSIDE_TEXT = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_SAID = (
    ("Expecting property name", "expected a name in double quotes here"),
    ("Expecting ':'", "expected `:` after the name"),
    ("Expecting ','", "expected `,` or the end of the object here"),
    ("Expecting value", "expected a value here"),
    ("Unterminated string", "the text that begins here is not closed"),
    ("Invalid control character", "a control character stands inside quotes"),
    ("Invalid \\", "there is no such escape"),
    ("Extra data", "something follows the event"),
    ("Illegal trailing comma", "nothing follows the comma"),
)


class Refused(Exception):
    """A unit is no record; `problem` tells why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _NotFinite(ValueError):
    pass


class _TwiceGiven(ValueError):
    pass


def decode(raw: bytes) -> dict[str, Any]:
    """The record that a unit's bytes hold; raises Refused."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise Refused(not_utf8(raw, error)) from None
    if text.count("[") + text.count("{") > DEEPEST and (offset := _too_deep(text)) is not None:
        message = f"this event is nested more than {DEEPEST} levels deep"
        raise Refused(Problem("too-deep", message, f"at most {DEEPEST} levels", "more", offset=offset))
    try:
        record = _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise Refused(_broken(text, error)) from None
    except _TwiceGiven as error:
        raise Refused(_twice(text, str(error))) from None
    except _NotFinite as error:
        raise Refused(_not_finite(text, str(error))) from None
    except (ValueError, InvalidOperation):
        message = "this event holds a number of too many digits"
        raise Refused(Problem("too-many-digits", message, "a number below 10^12", "a longer one")) from None
    if type(record) is not dict:
        raise Refused(_no_object(record, text))
    return record


def keys(text: str) -> Iterator[tuple[str, int, int]]:
    """The keys of the object that a text holds, as far as it can be read: name, offset and width of each."""
    at = _end_of_blank(text, 0)
    if text[at : at + 1] != "{":
        return
    while text[at : at + 1] in ("{", ","):
        begin = _end_of_blank(text, at + 1)
        if text[begin : begin + 1] != '"':
            return
        try:
            name, end = scanstring(text, begin + 1)
            yield name, begin, end - begin
            colon = _end_of_blank(text, end)
            _, end = _lenient.raw_decode(text, _end_of_blank(text, colon + 1))
        except (ValueError, RecursionError):
            return
        at = _end_of_blank(text, end)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _TwiceGiven(name)
            seen.add(name)
    return record


def _refuse_constant(word: str) -> NoReturn:
    raise _NotFinite(word)


_decoder = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=Decimal, parse_constant=_refuse_constant, strict=True
)
_lenient = json.JSONDecoder(parse_float=str, parse_int=str)


def _end_of_blank(text: str, at: int) -> int:
    found = _BLANK(text, at)
    return found.end() if found else at


def not_utf8(raw: bytes, error: UnicodeDecodeError) -> Problem:
    """What is wrong with bytes that are not UTF-8."""
    offset = len(raw[: error.start].decode())
    hint = "it looks like UTF-16; save the log as UTF-8" if looks_like_utf16(raw) else "save the log as UTF-8"
    seen = f"the byte 0x{raw[error.start]:02x}"
    return Problem("invalid-utf-8", f"{seen} is not UTF-8", "UTF-8", seen, offset=offset, hint=hint)


def looks_like_utf16(raw: bytes) -> bool:
    """Whether bytes begin with a mark of UTF-16, or have a NUL beside nearly every character."""
    return raw.startswith((b"\xff\xfe", b"\xfe\xff")) or raw.count(b"\0") * 3 > len(raw)


def _broken(text: str, error: json.JSONDecodeError) -> Problem:
    said = next((words for start, words in _SAID if error.msg.startswith(start)), "this is not JSON")
    at = min(error.pos, len(text))
    hint = None
    before = text[:at].rstrip(" \t\r\n")
    if text[at : at + 1] in ("}", "]") and before.endswith(","):
        at, said = len(before) - 1, "nothing follows the comma"  # as Python says it from 3.13 on
    if at < len(text) and text[at] == "\0":
        return Problem("nul-byte", "a NUL byte stands here", "JSON", "a NUL byte", offset=at)
    if text[at:].isspace() or at == len(text):
        seen = "the end"
        said = "it ends in the middle of the event"
    else:
        seen = shown(text[at : at + 20])
    if error.msg.startswith("Extra data") and text[at] == "{":
        hint = "write one event a line"
    if text[at : at + 1] == "'":
        hint = "JSON wants double quotes"
    return Problem("broken-json", f"broken JSON: {said}", "JSON", seen, offset=at, hint=hint)


def _twice(text: str, name: str) -> Problem:
    places = [(offset, width) for key, offset, width in keys(text) if key == name]
    offset, width = places[1] if len(places) > 1 else (None, 1)
    message = f"{shown(name)} is given twice"
    return Problem("duplicate-key", message, "each name once", "it twice", name, offset, width)


def _not_finite(text: str, word: str) -> Problem:
    found = next(((n, o, w) for n, o, w in keys(text) if _value_is(text, o + w, word)), None)
    field, offset, width = found or (None, None, 1)
    return Problem("not-finite", f"{shown(word)} is not a number", "a number", shown(word), field, offset, width)


def _value_is(text: str, at: int, word: str) -> bool:
    return text.startswith(word, _end_of_blank(text, _end_of_blank(text, at) + 1))


def _no_object(record: Any, text: str) -> Problem:
    hint = "an array of events belongs in a `.json` file" if isinstance(record, list) else None
    seen = "an array" if isinstance(record, list) else shown(text.strip()[:40])
    return Problem("not-an-object", f"an event is {OBJECT}, not {seen}", OBJECT, seen, offset=0, hint=hint)


def _too_deep(text: str) -> int | None:
    """Where the nesting passes the limit, or None; brackets inside quotes do not count."""
    depth = 0
    for found in _OUTSIDE_TEXT.finditer(text):
        mark = found[0]
        if mark in "[{":
            depth += 1
            if depth > DEEPEST:
                return found.start()
        elif mark in "]}":
            depth -= 1
    return None
