"""The practitioners of a store that are kept in memory: those last used, as far as they fit."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from ethics_engine.engines.standing import Standing
from ethics_engine.store.chain import START

EVENTS = 100_000
"""How many events are kept in memory, where nothing else is said: some 300 to 400 MB with all the shipped rules."""


@dataclass(frozen=True, slots=True)
class Cached:
    """A practitioner in memory, with how far its chain was read."""

    standing: Standing
    count: int = 0
    head: str = START


class Cache:
    """Practitioners by name, the least recently used first; whole ones are let go where all hold too many events.

    The one that was put last is kept, whatever it holds.
    """

    def __init__(self, most: int) -> None:
        """`most` is a number of events."""
        self._most = most
        self._held: OrderedDict[str, Cached] = OrderedDict()
        self._events = 0

    def peek(self, name: str) -> Cached | None:
        """A practitioner, where it is here."""
        return self._held.get(name)

    def take(self, name: str) -> Cached | None:
        """A practitioner, taken out: what fails on the way to the next `put` leaves nothing half done here."""
        cached = self._held.pop(name, None)
        if cached is not None:
            self._events -= cached.count
        return cached

    def put(self, name: str, cached: Cached) -> None:
        """Keep a practitioner (that was taken out, if it was here), as the one last used."""
        self._held[name] = cached
        self._events += cached.count
        while self._events > self._most and len(self._held) > 1:
            _, gone = self._held.popitem(last=False)
            self._events -= gone.count
            gone.standing.ledger.release()

    def offer(self, name: str, cached: Cached) -> None:
        """Keep a practitioner (that was taken out, if it was here) where there is room, and let no other one go."""
        if not self._held or self._events + cached.count <= self._most:
            self.put(name, cached)
        else:
            cached.standing.ledger.release()

    def clear(self) -> None:
        """Let go of all."""
        self._held.clear()
        self._events = 0
