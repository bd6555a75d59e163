"""Names for names: keyed ones that a key gives again and again, and numbered ones that mean nothing outside one report.

A kind (`practitioner`, `client`, `event`, `id`) goes into every pseudonym, so that a client who is called like a
practitioner is not seen to be.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from typing import Protocol

from ethics_engine.errors import ConfigError, EventError

LEAST_KEY = 32
"""Bytes of a key: the output of SHA-256, below which RFC 2104 (section 3) advises against."""
_LEAST_DIFFERENT = 8  # different bytes in a key: 32 random ones have fewer about once in 10^28
_DIGITS = 20  # hexadecimal: 80 bits, so that two of a million names coincide about once in 10^12 logs


class Names(Protocol):
    """What gives a value of a kind its pseudonym: `KIND-…`, equal for equal values alone."""

    def name(self, kind: str, *values: str) -> str:
        """The pseudonym of a value; the last of `values` is the value itself, those before say whose it is."""


class Keyed:
    """Pseudonyms by HMAC-SHA-256: the same key gives the same ones, and nobody without it can tell whose they are.

    Raises:
        ConfigError: the key is empty, too short, or one byte repeated.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < LEAST_KEY:
            size = "is empty" if not key else f"has {len(key)} bytes"
            raise ConfigError(f"the key {size}; it needs at least {LEAST_KEY} random ones")
        if len(set(key)) < _LEAST_DIFFERENT:
            raise ConfigError(f"the key is hardly random: it has {len(set(key))} different bytes")
        self._key = key
        self._given: dict[tuple[str, ...], str] = {}
        self._taken: dict[str, tuple[str, ...]] = {}

    def __repr__(self) -> str:
        return "Keyed()"  # a key is never shown

    def name(self, kind: str, *values: str) -> str:
        """The kind, and 80 bits in hexadecimal digits.

        Raises:
            EventError: two values come to the same pseudonym (once in 10^12 logs of a million names).
        """
        asked = (kind, *values)
        found = self._given.get(asked)
        if found is None:
            found = f"{kind}-{self.digest(*asked).hex()[:_DIGITS]}"
            if self._taken.setdefault(found, asked) != asked:
                raise EventError(f"two names come to the pseudonym `{found}`; take another key")
            self._given[asked] = found
        return found

    def digest(self, *parts: str) -> bytes:
        """The 32 bytes that the key makes of some texts, which are kept apart as the members of a JSON list are."""
        text = json.dumps(parts, ensure_ascii=True, separators=(",", ":"))
        return hmac.digest(self._key, text.encode("ascii"), hashlib.sha256)


class Numbered:
    """Pseudonyms by number, from 1 for each kind, in the order in which they are asked for."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, ...], str] = {}
        self._counts: Counter[str] = Counter()

    def name(self, kind: str, *values: str) -> str:
        """The kind and its next number, or the one that the value has already."""
        asked = (kind, *values)
        found = self._given.get(asked)
        if found is None:
            self._counts[kind] += 1
            found = self._given[asked] = f"{kind}-{self._counts[kind]}"
        return found
