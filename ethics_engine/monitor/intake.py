"""Events as they are handed over: typed by the vocabulary, or refused in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ethics_engine.errors import Diagnostic, EventError, shown
from ethics_engine.events import Event, type_event, typed_event
from ethics_engine.logs.records import plain_record
from ethics_engine.vocabulary import Vocabulary

Given = tuple[Event, Mapping[Any, Any]]  # typed, and as it was given


def taken(record: Any, vocabulary: Vocabulary) -> Given:
    """One event, typed.

    Raises:
        EventError: it is no mapping, or has faults; all of them are named.
    """
    if type(record) is not dict and not isinstance(record, Mapping):  # the second question takes its time
        raise EventError(f"an event is a mapping of names to values, not {shown(record)}")
    event = typed_event(record, vocabulary)
    if event is not None:  # as nearly always
        return event, record
    plain = plain_record(record)
    typed = type_event(plain, vocabulary)
    if isinstance(typed, Event):
        return typed, plain
    name = shown(plain["id"]) if plain.get("id") is not None else "without an id"
    complaints = [
        Diagnostic(fault.code or "event", f"event {name}: {fault.message}", hint=fault.hint) for fault in typed
    ]
    raise EventError(complaints, field=typed[0].field)


def several(events: Any) -> Iterable[Any]:
    """Events to observe at once; raises EventError for what is no list of them."""
    if isinstance(events, Mapping | str | bytes) or not isinstance(events, Iterable):
        raise EventError("observe_many takes several events (a list of mappings); for a single one use observe")
    return events


def conflict(event: Event) -> EventError:
    """The refusal of an id that is taken by another content."""
    message = f"{shown(event.id)} of {shown(event.practitioner)} was observed with another content"
    hint = "an event has an id of its own; to correct one, observe an `event.amended`"
    return EventError([Diagnostic("conflict", message, hint=hint)], field="id")
