"""Whose findings they are: the key that a trigger belongs to, and the client that its finding is about."""

from __future__ import annotations

from ethics_engine.events import Event
from ethics_engine.plan import Expectation, Forbid, Precedence, Recurrence, Response, Rule, SinceState, Source, Variant


def trigger_of(variant: Variant) -> Source | None:
    """The source of a form's triggers; None for a recurrence, whose stretches have none of their own."""
    return None if isinstance(variant.form, Recurrence) else variant.form.trigger


def states_beside(variant: Variant) -> set[int]:
    """The states that a variant looks at beside the one that must be open."""
    return {*variant.not_during, *(since.state for since in variant.since if isinstance(since, SinceState))}


def states_of(variant: Variant) -> set[int]:
    """Every state that a variant looks at."""
    found = states_beside(variant)
    if variant.during is not None:
        found.add(variant.during)
    if isinstance(variant.form, Recurrence) and variant.form.state is not None:
        found.add(variant.form.state)
    return found


def key_of(rule: Rule, event: Event) -> str | None:
    """The client of the key that a trigger belongs to."""
    return event.client if rule.per == "relationship" else None


def client_of(rule: Rule, event: Event) -> str | None:
    """The client that a finding of a trigger is about.

    Under a practitioner key it is the trigger's where the rule looks at that one event, and nobody where it adds up.
    """
    if rule.per == "relationship" or isinstance(rule.variants[0].form, _ALONE):
        return event.client
    return None


_ALONE = (Forbid, Precedence, Response, Expectation)


def of_client(event: Event, client: str | None) -> Event:
    """An event as the trigger of one relationship, whose stretch it starts though it has no client, or another."""
    if client is None or event.client == client:
        return event
    return Event(event.id, event.at, event.type, event.practitioner, client, event.values, event.order)
