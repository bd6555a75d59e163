"""Where observed events are kept: what a monitor asks of memory and of a store alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ethics_engine.amendments import Correction, Ineffective
from ethics_engine.engines.standing import Standing
from ethics_engine.errors import ConfigError, shown
from ethics_engine.events import Event
from ethics_engine.faults import unwritable
from ethics_engine.findings import CannotTell, Finding, Obligation
from ethics_engine.monitor.changes import Changes
from ethics_engine.monitor.intake import Given, conflict


@dataclass(frozen=True, slots=True)
class Only:
    """What narrows the findings, obligations and lines that are asked for; None lets all pass."""

    practitioner: str | None = None
    client: str | None = None
    rule: str | None = None
    level: str | None = None
    status: str | None = None

    def __post_init__(self) -> None:
        """Raises ConfigError where what is given is no text."""
        for name in self.__slots__:
            given = getattr(self, name)
            if given is not None and (not isinstance(given, str) or unwritable(given)):
                raise ConfigError(f"{name}: expected a text, got {shown(given)}", field=name)

    def lets_pass(self, item: Finding | Obligation | CannotTell) -> bool:
        """Whether an item is among what was asked for; each is asked for what it has."""
        if self.practitioner not in (None, item.practitioner) or self.rule not in (None, item.rule):
            return False
        if isinstance(item, CannotTell):
            return True
        if self.client not in (None, item.client):
            return False
        return isinstance(item, Obligation) or (self.level in (None, item.level) and self.status in (None, item.status))


@dataclass(frozen=True, slots=True)
class Account:
    """What a report tells of one practitioner: how many events, from when to when, and what follows from them."""

    events: int
    first: int
    last: int
    findings: tuple[Finding, ...]
    obligations: tuple[Obligation, ...]
    cannot_tell: tuple[CannotTell, ...]
    ineffective: tuple[Ineffective, ...]
    corrections: tuple[Correction, ...]


def account_of(standing: Standing, rules: Iterable[str]) -> Account:
    """What a report tells of a practitioner who has events; `rules` are the ids of all rules."""
    instants = [event.at for event in standing.given.values()]
    said = [item.verdict for _, item in standing.all_items()]
    return Account(
        len(instants),
        min(instants),
        max(instants),
        tuple(one for one in said if isinstance(one, Finding) and one.level != "none"),
        tuple(one for one in said if isinstance(one, Obligation)),
        tuple(standing.cannot_tell()),
        tuple(standing.without_effect(rules)),
        tuple(standing.corrections),
    )


class Keeping(Protocol):
    """Keeps events and judges them."""

    def change(self, given: list[Given], to: int | None) -> Changes:
        """Take events and let time pass to an instant: all of it, or (where it raises) nothing."""

    def all(self) -> tuple[int | None, list[Account]]:
        """The instant judged as of, and every practitioner, by name."""

    def findings(self, only: Only) -> list[Finding]:
        """The findings that are reported."""

    def obligations(self, only: Only) -> tuple[int | None, list[Obligation]]:
        """The instant judged as of, and the open obligations; they have neither level nor status to be asked for."""

    def cannot_tell(self, only: Only) -> list[CannotTell]:
        """What could not be told; it has no client to be asked for, nor level nor status."""

    def as_of(self) -> int | None:
        """The latest instant of all events, or how far time was let pass."""

    def close(self) -> None:
        """Let go of everything."""


Fresh = dict[str, dict[str, Given]]
"""Events that were not observed before, by practitioner and id."""


class Known(Protocol):
    """A practitioner of whom events were observed."""

    @property
    def given(self) -> Mapping[str, Event]:
        """The events, by id."""


def fresh_of(given: Iterable[Given], known: Mapping[str, Known]) -> tuple[Fresh, int]:
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


def reached(as_of: int | None, to: int | None, fresh: Fresh) -> int | None:
    """How far time has come with events: the latest of their instants, of `as_of` and of `to`."""
    if as_of is None or (to is not None and to > as_of):
        as_of = to
    for own in fresh.values():
        for event, _ in own.values():
            if as_of is None or event.at > as_of:
                as_of = event.at
    return as_of


def count_of(fresh: Fresh) -> int:
    """How many events there are."""
    return sum(map(len, fresh.values()))
