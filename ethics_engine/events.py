"""Events: one raw record, typed by the vocabulary, or every fault that it has.

No file is known here: whoever read the record says where it stood. A JSON `null` is an absent attribute, and so is an
empty free text. An attribute whose name begins with `x_` or `x-` is accepted and never judged: it does not become a
value.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ethics_engine.errors import did_you_mean, shown
from ethics_engine.faults import Fault, refused, value_fault
from ethics_engine.values import amendment, parser
from ethics_engine.vocabulary import ENVELOPE, FINDING, Attribute, EventType, Vocabulary

__all__ = ["AMENDED", "COVERS", "WITHDRAWN", "Event", "Fault", "refused", "type_event", "typed_event"]

AMENDED = "event.amended"
WITHDRAWN = "event.withdrawn"
COVERS = "log.covers"

_PRIVATE = ("x_", "x-")
_MOST_SUGGESTED = 100  # faults of one record; beyond them no near name is looked for


class Event:
    """One typed event. `values` holds everything that a condition may test: envelope and attributes.

    `order` decides between events of one instant, where one must be chosen: its id, unless it is told otherwise.
    """

    __slots__ = ("at", "client", "id", "order", "practitioner", "type", "values")

    def __init__(
        self,
        id: str,
        at: int,
        type: str,
        practitioner: str,
        client: str | None,
        values: dict[str, Any],
        order: str | None = None,
    ) -> None:
        self.id = id
        self.at = at
        self.type = type
        self.practitioner = practitioner
        self.client = client
        self.values = values
        self.order = id if order is None else order

    def __repr__(self) -> str:
        return f"Event({self.practitioner!r}, {self.id!r}, {self.type!r}, {self.at!r})"

    def same_content(self, other: Event) -> bool:
        """Whether both say the same, value for value; `true` is not the number one."""
        if self.values != other.values:
            return False
        return all(type(value) is type(other.values[name]) for name, value in self.values.items())

    def content(self) -> frozenset[tuple[str, str, Any]]:
        """What the event says, to be looked up: equal where `same_content` holds."""
        return frozenset(
            (name, type(value).__name__, tuple(value) if isinstance(value, list) else value)
            for name, value in self.values.items()
        )


def type_event(raw: Mapping[str, Any], vocabulary: Vocabulary) -> Event | list[Fault]:
    """A record as a typed event, or all of its faults.

    Numbers arrive as int, Decimal or float; `raw` is not changed.
    """
    return typed_event(raw, vocabulary) or _faults(raw, vocabulary)


def typed_event(raw: Mapping[str, Any], vocabulary: Vocabulary) -> Event | None:
    """A record as a typed event; None where it has faults, which `type_event` tells."""
    plan = _plan_of(raw, vocabulary)
    if plan is None:
        return None
    values = plan.defaults.copy()
    parsers = plan.parsers
    for key, given in raw.items():
        try:
            value = parsers[key](given)
        except (KeyError, ValueError, TypeError):
            if given is None or (key not in parsers and _is_private(key)):
                continue
            if not (plan.open and key not in parsers):
                return None
            try:
                value = amendment(key, given)
            except ValueError:
                return None
        if value is not None:
            values[key] = value
    if not plan.required <= values.keys():
        return None
    return Event(values["id"], values["at"], values["type"], values["practitioner"], values.get("client"), values)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the records of one type are read: a parser for each field, defaults, and what must be there."""

    type: EventType
    parsers: dict[str, Callable[[Any], Any]]
    attributes: dict[str, Attribute]
    defaults: dict[str, Any]
    required: frozenset[str]
    open: bool  # further attributes of any name are kept: an amendment


@functools.lru_cache(maxsize=8)
def _plans(vocabulary: Vocabulary) -> dict[str, _Plan]:
    """The plan of each type that a log may hold; vocabularies are told apart by identity."""
    return {name: _plan(found) for name, found in vocabulary.types.items() if name != FINDING}


def _plan_of(raw: Mapping[str, Any], vocabulary: Vocabulary) -> _Plan | None:
    """How a record is read; None where its type is missing or unknown."""
    name = raw.get("type")
    return _plans(vocabulary).get(name) if isinstance(name, str) else None


def _plan(event_type: EventType) -> _Plan:
    attributes = {**ENVELOPE, **event_type.attributes}
    if event_type.client == "no":
        del attributes["client"]
    required = {name for name, attribute in attributes.items() if attribute.required}
    if event_type.client == "yes":
        required.add("client")
    parsers = {name: parser(attribute) for name, attribute in attributes.items()}
    parsers["type"] = {event_type.name: event_type.name}.__getitem__
    return _Plan(
        type=event_type,
        parsers=parsers,
        attributes=attributes,
        defaults={name: found.default for name, found in attributes.items() if found.default is not None},
        required=frozenset(required),
        open=event_type.name == AMENDED,
    )


def _is_private(key: Any) -> bool:
    return isinstance(key, str) and key.startswith(_PRIVATE)


def _faults(raw: Mapping[str, Any], vocabulary: Vocabulary) -> list[Fault]:
    """Every fault of a record, in the order of its fields; what is missing comes last."""
    plan = _plan_of(raw, vocabulary)
    if plan is None:
        return _untyped(raw, vocabulary)
    faults = []
    present = set()
    for key, given in raw.items():
        if given is None or (key not in plan.parsers and _is_private(key)):
            continue
        attribute = plan.attributes.get(key)
        try:
            value = plan.parsers[key](given) if attribute is not None else amendment(key, given)
        except (KeyError, TypeError, ValueError):
            value = None
            if attribute is not None:
                faults.append(value_fault(attribute, given))
                present.add(key)
                continue
            if plan.open:
                faults.append(Fault(str(key), "a value that an attribute can have", shown(given)))
                continue
        if value is not None:
            present.add(key)
        if attribute is None and not plan.open:
            faults.append(_unknown_attribute(str(key), given, plan, suggest=len(faults) < _MOST_SUGGESTED))
    for key in plan.attributes:
        if key in plan.required and key not in present:
            faults.append(Fault(key, f"`{plan.type.name}` needs it", "nothing", code="missing-attribute"))
    return faults


def _unknown_attribute(key: str, given: Any, plan: _Plan, suggest: bool) -> Fault:
    name = plan.type.name
    if key == "client":
        return Fault(key, f"`{name}` has no client", shown(given), code="no-client")
    hint = did_you_mean(key, plan.attributes) if suggest else None
    hint = hint or "a name of your own begins with `x_`"
    return Fault(key, f"an attribute of `{name}`", shown(given), hint, "unknown-attribute")


def _untyped(raw: Mapping[str, Any], vocabulary: Vocabulary) -> list[Fault]:
    """The faults of a record whose type is missing or unknown: those of the envelope."""
    faults = []
    for key, attribute in ENVELOPE.items():
        given = raw.get(key)
        if given is None:
            if attribute.required:
                faults.append(Fault(key, "every event needs it", "nothing", code="missing-attribute"))
            continue
        try:
            parser(attribute)(given)
        except (KeyError, TypeError, ValueError):
            faults.append(value_fault(attribute, given))
            continue
        if key == "type":
            hint = did_you_mean(given, [known for known in vocabulary.types if known != FINDING])
            if given == FINDING:
                hint = "findings are made by the engine, never read"
            faults.append(Fault(key, "a type of the vocabulary", shown(given), hint, "unknown-type"))
    return faults
