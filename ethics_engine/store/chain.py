"""The chain of a practitioner's events: each link holds the digest of the one before, so that no row can be altered,
taken out or moved without breaking it.

A roster tells which chains there are, so that none can be taken out whole: their number, and the sum (modulo 2**256) of
a digest of each practitioner, which with a key is an HMAC.

A link is the SHA-256 (FIPS 180-4) of canonical JSON (RFC 8785) of `event`, `practitioner`, `previous` (the link
before, 64 zeros for the first) and `seq` (from 1). A seal is an HMAC-SHA-256 (RFC 2104) of the head under a key that
the store does not hold.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

import rfc8785

from ethics_engine.errors import Diagnostic, EventError, shown

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
START = "0" * 64
"""What the first link holds for the one before it."""

NOBODY = f"0 {START}"
"""The roster of a store without practitioners."""

written = json.JSONEncoder(ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")).encode
"""JSON that is canonical where nothing in it is written otherwise by RFC 8785 (see `_is_plain`); ten times faster."""


def canonical(record: Mapping[str, Any]) -> str:
    """A record as canonical JSON.

    Raises:
        EventError: a value has no exact form there: a number beyond a double, an object that JSON does not know.
    """
    exact = {name: _exact(name, value) for name, value in record.items()}
    try:
        text = written(exact) if all(_is_plain(*pair) for pair in exact.items()) else rfc8785.dumps(exact).decode()
        text.encode()
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise _inexact(f"the event {shown(record.get('id'))} cannot be recorded exactly: {error}") from None
    if "\\u0000" in text and _NUL.search(text):
        raise _inexact(f"the event {shown(record.get('id'))} holds a NUL character, which databases refuse")
    return text


def _exact(name: str, value: Any) -> Any:
    if isinstance(value, Decimal):
        if not value.is_finite() or value.adjusted() > _DIGITS:
            raise _inexact(f"{shown(name)}: {value} cannot be recorded exactly; no double holds it")
        near = int(value) if value == value.to_integral_value() else float(value)
        if Decimal(repr(near)) != value:
            raise _inexact(f"{shown(name)}: {value} cannot be recorded exactly; it has more digits than a double holds")
        return near
    return list(value) if isinstance(value, tuple) else value


def _is_plain(name: object, value: object) -> bool:
    """Whether Python writes a field as RFC 8785 does: it may sort other names otherwise, and write other numbers so."""
    if type(name) is not str or not name.isascii():
        return False
    if type(value) is int:
        return abs(value) < _EXACT
    if type(value) is float:
        return 1e-4 <= abs(value) < 1e16 and not value.is_integer()  # where neither writes an exponent
    if type(value) is list:
        return all(type(one) is str for one in value)
    return value is None or type(value) in (str, bool)


_EXACT = 2**53
_DIGITS = 16  # before the point: a whole number with more of them is beyond 2**53


def _inexact(message: str) -> EventError:
    return EventError([Diagnostic("inexact", message)])


def link(previous: str, practitioner: str, seq: int, content: str) -> str:
    """The digest of one row (64 hexadecimal digits); `content` is the event as canonical JSON.

    Raises:
        UnicodeEncodeError: it holds what is no text.
    """
    name = encode_basestring(practitioner)
    row = f'{{"event":{content},"practitioner":{name},"previous":"{previous}","seq":{seq}}}'
    return hashlib.sha256(row.encode()).hexdigest()


def seal(key: bytes, practitioner: str, count: int, head: str) -> str:
    """The seal of a chain of `count` events that ends in `head` (64 hexadecimal digits)."""
    row = rfc8785.dumps({"count": count, "head": head, "practitioner": practitioner})
    return hmac.new(key, row, hashlib.sha256).hexdigest()


def is_sealed(key: bytes, practitioner: str, count: int, head: str, given: str | None) -> bool:
    """Whether a seal is there and is the right one."""
    expected = seal(key, practitioner, count, head)
    return given is not None and hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))


def enrolled(roster: str, practitioners: Iterable[str], key: bytes | None) -> str:
    """A roster with some more practitioners: their number, and the sum of their digests (64 hexadecimal digits)."""
    number, total = int(roster.split()[0]), int(roster.split()[1], 16)
    for name in practitioners:
        row = b"practitioner " + name.encode("utf-8", "surrogatepass")
        digest = hashlib.sha256(row) if key is None else hmac.new(key, row, hashlib.sha256)
        number, total = number + 1, (total + int(digest.hexdigest(), 16)) % (1 << 256)
    return f"{number} {total:064x}"
