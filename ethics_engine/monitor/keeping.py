"""Where observed events are kept: what a monitor asks of memory and of a store alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from ethics_engine.engines.standing import Standing
from ethics_engine.monitor.changes import Changes
from ethics_engine.monitor.intake import Given, conflict


class Keeping(Protocol):
    """Keeps events and judges them."""

    def change(self, given: list[Given], to: int | None) -> Changes:
        """Take events and let time pass to an instant: all of it, or (where it raises) nothing."""

    def all(self) -> tuple[int | None, Mapping[str, Standing]]:
        """The instant judged as of, and every practitioner by name."""

    def as_of(self) -> int | None:
        """The latest instant of all events, or how far time was let pass."""

    def close(self) -> None:
        """Let go of everything."""


Fresh = dict[str, dict[str, Given]]
"""Events that were not observed before, by practitioner and id."""


def fresh_of(given: Iterable[Given], known: Mapping[str, Standing]) -> tuple[Fresh, int]:
    """The events that were not observed before, and how many were.

    Raises:
        EventError: an id is taken by another content.
    """
    fresh: Fresh = {}
    duplicate = 0
    for event, record in given:
        own = fresh.get(event.practitioner)
        standing = known.get(event.practitioner)
        same = standing.given.get(event.id) if standing is not None else None
        if own is not None and event.id in own:
            same = own[event.id][0]
        if same is None:
            fresh.setdefault(event.practitioner, {})[event.id] = event, record
        elif event.same_content(same):
            duplicate += 1
        else:
            raise conflict(event)
    return fresh, duplicate


def latest(*instants: int | None) -> int | None:
    """The latest of the instants that there are."""
    return max([instant for instant in instants if instant is not None], default=None)
