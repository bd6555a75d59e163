"""Matchers: which of an event type's conditions hold for an event.

Two stand behind one interface and are held to the same answers: `durable` asks durable-rules, `python`
evaluates closures. A matcher knows nothing of time, keys or rules: it is given numbered conditions and one
event's values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ethics_engine.conditions import Condition
from ethics_engine.errors import ConfigError, Diagnostic, did_you_mean, shown
from ethics_engine.matchers.durable import DurableMatcher, load_engine
from ethics_engine.matchers.python import PythonMatcher

Numbered = Mapping[str, Sequence[tuple[int, Condition]]]  # the conditions of each event type

NAMES = ("durable", "python")


class Matcher(Protocol):
    """Finds the conditions that hold for an event."""

    @property
    def name(self) -> str:
        """`durable` or `python`."""

    def match(self, event_type: str, values: Mapping[str, Any]) -> Sequence[int]:
        """The numbers of the conditions of this event type that hold, ascending; none for an unknown type."""


def available() -> tuple[str, ...]:
    """The matchers that work here, the preferred one first."""
    return NAMES if load_engine() is not None else NAMES[1:]


def default_name() -> str:
    """The matcher used where none is asked for: `durable` where it can be imported, else `python`."""
    return available()[0]


def build_matcher(conditions: Numbered, name: str | None = None) -> Matcher:
    """A matcher of the numbered conditions of each event type; a number stands once with a type.

    Raises:
        ConfigError: no matcher has this name, durable-rules cannot be imported, or a condition is too large.
    """
    chosen = default_name() if name is None else name
    if not isinstance(chosen, str):
        raise ConfigError(f"matcher: expected one of {', '.join(NAMES)}, got {shown(chosen)}", field="matcher")
    if chosen == "python":
        return PythonMatcher(conditions)
    if chosen == "durable":
        return DurableMatcher(conditions)
    hint = did_you_mean(chosen, NAMES) or f"choose one of {', '.join(NAMES)}"
    raise ConfigError([Diagnostic("unknown-matcher", f"unknown matcher {shown(chosen)}", hint=hint)])
