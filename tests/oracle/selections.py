"""Selections and keys: which events a rule speaks of, and which of them belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from .conditions import holds, truth
from .record import Event, World

HIDDEN = ("event.", "log.", "waiver.")  # a pattern never matches these, nor findings


@dataclass(frozen=True)
class Key:
    """`per: relationship` (the practitioner and `client`) or `per: practitioner` (client is None)."""

    per: str
    client: str | None = None

    def counts(self, event: Event) -> bool:
        """Whether an event belongs to the key where it would trigger or be counted."""
        return self.per == "practitioner" or event.client == self.client

    def answers(self, event: Event) -> bool:
        """Whether it does where it answers, waives, excuses, or opens or closes a state: without a client it belongs
        to every relationship."""
        return self.counts(event) or event.client is None


def members(selection: Any) -> list[Mapping[str, Any]]:
    """A selection as the list of selections whose union it is, each a mapping with a list of types or patterns."""
    if isinstance(selection, list):
        return [member for one in selection for member in members(one)]
    if isinstance(selection, str):
        return [{"event": [selection]}]
    event = selection["event"]
    return [{**selection, "event": event if isinstance(event, list) else [event]}]


def names(member: Mapping[str, Any], type_name: str) -> bool:
    """Whether a member of a selection speaks of a type, by name or by pattern."""
    return any(
        type_name == written
        or (
            ("*" in written or "?" in written)
            and type_name != "finding"
            and not type_name.startswith(HIDDEN)
            and fnmatchcase(type_name, written)
        )
        for written in member["event"]
    )


def types_of(selection: Any, world: World) -> set[str]:
    """The types of the vocabulary (and `finding`) that a selection speaks of."""
    return {name for name in (*world.types, "finding") if any(names(member, name) for member in members(selection))}


def areas_of(selection: Any, world: World) -> set[str]:
    """The areas of the events that a selection speaks of; a finding has none."""
    return {world.types[name].area for name in types_of(selection, world) if name != "finding"}


def names_status(condition: Any) -> bool:
    if isinstance(condition, list):
        return any(names_status(one) for one in condition)
    return isinstance(condition, Mapping) and (
        "status" in condition or any(names_status(condition.get(key)) for key in ("any", "not"))
    )


def speaks_of(member: Mapping[str, Any], event: Event) -> bool:
    """Whether the type fits; only open findings count unless the rule names `status` (Decision: in that selection)."""
    if not names(member, event.type):
        return False
    return event.type != "finding" or names_status(member.get("where", {})) or event.values["status"] == "open"


def pairs_of(member: Mapping[str, Any]) -> dict[str, str]:
    """`same` as {their attribute: trigger's attribute}."""
    same = member.get("same", {})
    return dict(same) if isinstance(same, Mapping) else {name: name for name in same}


def keeps(member: Mapping[str, Any], event: Event, key: Key, world: World, *, answering: bool) -> bool:
    """Whether one selection keeps an event of the key. `nth: k`: only the k-th that matches, in the order of
    (`at`, `id`), for each key and for each value of the attributes in `same` (Decision: none where one is missing)."""
    belongs = key.answers if answering else key.counts

    def matches(x: Event) -> bool:
        return belongs(x) and speaks_of(member, x) and holds(member.get("where", {}), x, world)

    if not matches(event):
        return False
    if "nth" not in member:
        return True
    alike = list(pairs_of(member))
    if any(name not in event.values for name in alike):
        return False
    rank = [
        x
        for x in world.events
        if matches(x) and all(x.values.get(name) == event.values[name] for name in alike) and x.order <= event.order
    ]
    return len(rank) == int(member["nth"])


def selected(selection: Any, event: Event, key: Key, world: World) -> bool:
    """Whether an event matches where it would trigger or be counted."""
    return any(keeps(member, event, key, world, answering=False) for member in members(selection))


def unknown(selection: Any, event: Event, key: Key, world: World) -> frozenset[str]:
    """What is missing where an event is not selected in two values but unknown in three. Selections with `nth` give
    none. Empty: nothing is."""
    if selected(selection, event, key, world) or not key.counts(event):
        return frozenset()
    lacking: frozenset[str] = frozenset()
    for member in members(selection):
        if "nth" not in member and speaks_of(member, event):
            value, missing = truth(member.get("where", {}), event, world)
            lacking |= missing if value is None else frozenset()
    return lacking


def answers(selection: Any, trigger: Event | None, key: Key, world: World) -> list[Event]:
    """The events of the key that a selection keeps for a trigger. An event never answers itself. Without a trigger,
    `same` says nothing."""
    return [
        x
        for x in world.events
        if x is not trigger
        and any(
            keeps(member, x, key, world, answering=True) and (trigger is None or alike(member, x, trigger))
            for member in members(selection)
        )
    ]


def alike(member: Mapping[str, Any], x: Event, trigger: Event) -> bool:
    """`same` narrows the key: {their_attribute: trigger_attribute}."""
    return all(
        theirs in x.values and mine in trigger.values and x.values[theirs] == trigger.values[mine]
        for theirs, mine in pairs_of(member).items()
    )


def latest(events: list[Event]) -> Event | None:
    """The latest event; of simultaneous ones, the greatest id."""
    return max(events, key=lambda x: x.order, default=None)
