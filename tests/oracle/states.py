"""States: declared in the vocabulary or in a policy, opened and closed by events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .record import Event, World
from .selections import Key, answers, areas_of, latest
from .values import duration

State = Mapping[str, Any]


def key_of(state: State, client: str | None) -> Key | None:
    """The key of a state for a client. A relationship state has none where there is no client."""
    if state.get("per", "relationship") == "practitioner":
        return Key("practitioner")
    return None if client is None else Key("relationship", client)


def openings(state: State, client: str | None, world: World) -> list[Event]:
    key = key_of(state, client)
    return [] if key is None else answers(state["opened_by"], None, key, world)


def closings(state: State, client: str | None, world: World) -> list[Event]:
    key = key_of(state, client)
    return [] if key is None or "closed_by" not in state else answers(state["closed_by"], None, key, world)


def lapse(state: State, opening: Event, world: World) -> datetime | None:
    """When an opening lapses. A state lapses only where the log covers the areas of its opening events."""
    if world.covers(areas_of(state["opened_by"], world)):
        return None
    ends = [opening.at + duration(state["lapses_after"])] if "lapses_after" in state else []
    if "lapses_at" in state and state["lapses_at"] in opening.values:
        ends.append(opening.values[state["lapses_at"]])
    return min(ends, default=None)


def opened(state: State, client: str | None, t: datetime, world: World) -> tuple[Event | None, Event | None]:
    """The latest of the opening and closing events at or before `t`: (the opening one, None), or (None, the closing
    one); of simultaneous ones, the opening one."""
    before = [x for x in openings(state, client, world) if x.at <= t]
    after = [x for x in closings(state, client, world) if x.at <= t]
    opening, closing = latest(before), latest(after)
    if opening is not None and (closing is None or closing.at <= opening.at):
        return opening, None
    return None, closing


def is_open(state: State, client: str | None, t: datetime, world: World) -> bool:
    """Whether the state is open at `t`: at the instant of its lapse it has lapsed."""
    opening, _ = opened(state, client, t, world)
    if opening is None:
        return False
    end = lapse(state, opening, world)
    return end is None or t < end


def ended(state: State, client: str | None, t: datetime, world: World) -> datetime | None:
    """When the state, not open at `t`, ended: at that closing event, or at the opening event's lapse. What never
    opened never ended."""
    opening, closing = opened(state, client, t, world)
    if opening is not None:
        return lapse(state, opening, world)
    if closing is not None and any(x.at <= closing.at for x in openings(state, client, world)):
        return closing.at
    return None


def turning_points(state: State, client: str | None, world: World) -> set[datetime]:
    """Every instant at which the state may open or end."""
    lapses = {lapse(state, x, world) for x in openings(state, client, world)} - {None}
    return {
        *(x.at for x in openings(state, client, world)),
        *(x.at for x in closings(state, client, world)),
        *(end for end in lapses if end is not None),
    }


def began(state: State, client: str | None, t: datetime, world: World) -> list[Event]:
    """The events that open the state at `t`."""
    return [x for x in openings(state, client, world) if x.at == t]


def ended_by(state: State, client: str | None, t: datetime, world: World) -> list[Event]:
    """The events by which the state ends at `t`: its closing events then, or the opening event that lapses."""
    opening, _ = opened(state, client, t, world)
    if opening is not None:
        return [opening]
    return [x for x in closings(state, client, world) if x.at == t]
