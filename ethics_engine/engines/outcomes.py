"""What comes of judging one trigger by one rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ethics_engine.events import Event


@dataclass(frozen=True, slots=True)
class Breach:
    """The rule did not hold: dated, with further evidence and the values that decided it."""

    at: int
    evidence: tuple[Event, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Duty:
    """Something is due and its end is not yet past."""

    due: int
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A matched pair lacks a side, or amounts differ in currency."""

    attributes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Uncovered:
    """No answer, but the log does not cover every area where it would stand."""

    areas: frozenset[str]


Outcome = Breach | Duty | Unrecorded | Uncovered
