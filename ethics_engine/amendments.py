"""Amendments: the events of a log as they stand after `event.amended` and `event.withdrawn`.

For each attribute the latest amendment (`at`, then `id`) wins; any withdrawal removes its target. Neither
reaches another `event.*`, nor the envelope. One without a target, or with a result the vocabulary refuses,
has no effect and is listed. Amendments and withdrawals stay in the record, and so among the events.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from ethics_engine.errors import shown
from ethics_engine.events import AMENDED, COVERS, WITHDRAWN, Event
from ethics_engine.values import read_value
from ethics_engine.vocabulary import ENVELOPE, Vocabulary

_OWN = frozenset({*ENVELOPE, "target", "amend_reason"})

WAIVER = "waiver.granted"

NO_SUCH_RULE = "names a rule that there is none of"
"""Why a waiver has no effect; its target is then the name of the rule."""


@dataclass(frozen=True, slots=True)
class Ineffective:
    """An amendment, a withdrawal or a waiver without effect, and why."""

    event_id: str
    target: str
    practitioner: str
    reason: str


@dataclass(frozen=True, slots=True)
class Correction:
    """An amendment or withdrawal that had an effect: `kind` is `amended` or `withdrawn`, `at` its own instant."""

    event_id: str
    target: str
    practitioner: str
    kind: str
    at: int
    reason: str
    target_type: str


def corrections(read: Iterable[Event], seen: Iterable[Event], ineffective: Collection[Ineffective]) -> list[Correction]:
    """The amendments and withdrawals among the events `seen` that had an effect; `read` holds their targets."""
    without = {(one.practitioner, one.event_id) for one in ineffective}
    changes = {
        (event.practitioner, event.id): event
        for event in seen
        if event.type in (AMENDED, WITHDRAWN) and (event.practitioner, event.id) not in without
    }
    wanted = {(change.practitioner, change.values["target"]) for change in changes.values()}
    types = {key: event.type for event in read if (key := (event.practitioner, event.id)) in wanted} if wanted else {}
    return [
        Correction(
            event_id=change.id,
            target=change.values["target"],
            practitioner=change.practitioner,
            kind="withdrawn" if change.type == WITHDRAWN else "amended",
            at=change.at,
            reason=change.values["amend_reason"],
            target_type=types[change.practitioner, change.values["target"]],
        )
        for change in changes.values()
    ]


def waivers_of_no_rule(seen: Iterable[Event], rules: Collection[str], as_of: int) -> list[Ineffective]:
    """The waivers at or before an instant that name none of the rules."""
    return [
        Ineffective(event.id, event.values["rule"], event.practitioner, NO_SUCH_RULE)
        for event in seen
        if event.type == WAIVER and event.at <= as_of and event.values["rule"] not in rules
    ]


def apply(
    events: Iterable[Event], vocabulary: Vocabulary, as_of: int | None = None
) -> tuple[list[Event], list[Ineffective]]:
    """The events at or before `as_of` (all without one) after their amendments, in the order given.

    `log.covers` is kept whatever its instant. No event is changed in place: an amended one is a new one. What
    had no effect comes in the order of (`practitioner`, `at`, `id`).
    """
    seen = [event for event in events if as_of is None or event.at <= as_of or event.type == COVERS]
    changes = [event for event in seen if event.type in (AMENDED, WITHDRAWN)]
    if not changes:
        return seen, []
    changes.sort(key=lambda event: (event.practitioner, event.at, event.id))
    wanted = {(change.practitioner, change.values["target"]) for change in changes}
    targets = {key: event for event in seen if (key := (event.practitioner, event.id)) in wanted}
    ineffective = []
    withdrawn: set[tuple[str, str]] = set()
    amended: dict[tuple[str, str], dict[str, Any]] = {}
    for change in changes:
        key = (change.practitioner, change.values["target"])
        values, reason = _effect(change, targets.get(key), vocabulary)
        if reason is not None:
            ineffective.append(Ineffective(change.id, key[1], change.practitioner, reason))
        elif change.type == WITHDRAWN:
            withdrawn.add(key)
        else:
            amended.setdefault(key, {}).update(values)
    result = []
    for event in seen:
        key = (event.practitioner, event.id)
        if key in withdrawn:
            continue
        result.append(_with(event, amended[key]) if key in amended else event)
    return result, ineffective


def _effect(change: Event, target: Event | None, vocabulary: Vocabulary) -> tuple[dict[str, Any], str | None]:
    """The typed values that a change gives its target, or why it has no effect."""
    if target is None:
        return {}, f"there is no event {shown(change.values['target'])} of this practitioner"
    if target.type.startswith("event."):
        return {}, f"its target is an {shown(target.type)}, which is never amended or withdrawn"
    if change.type == WITHDRAWN:
        return {}, None
    attributes = vocabulary.types[target.type].attributes
    values = {}
    for name, given in sorted(change.values.items()):  # of several faults the same is told, however they are written
        if name in _OWN:
            continue
        attribute = attributes.get(name)
        if attribute is None:
            return {}, f"{shown(name)} is not an attribute of `{target.type}`"
        try:
            value = read_value(attribute, given)
        except ValueError as error:
            return {}, str(error)
        if value is None:
            return {}, f"{shown(name)} would be empty"
        values[name] = value
    return values, None if values else "it changes no attribute"


def _with(event: Event, values: dict[str, Any]) -> Event:
    changed = {**event.values, **values}
    return Event(event.id, event.at, event.type, event.practitioner, event.client, changed)
