"""Around a form: side tests on the trigger, excuses, waivers, parameters, coverage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from .conditions import holds
from .forms import Case, Rule
from .record import Event, World
from .selections import Key, answers, areas_of, latest
from .states import State, ended, is_open
from .stretches import states_of
from .values import Calendar, duration, instant, later_by_years, read


def resolved(node: Any, parameters: Mapping[str, Any], t: datetime, calendar: Calendar) -> Any:
    """A rule with every `${name}` replaced by the parameter's value at `t`."""
    if isinstance(node, Mapping):
        return {key: resolved(value, parameters, t, calendar) for key, value in node.items()}
    if isinstance(node, list):
        return [resolved(value, parameters, t, calendar) for value in node]
    named = re.fullmatch(r"\$\{(.+)\}", node) if isinstance(node, str) else None
    return node if named is None else parameter(parameters[named[1]], t, calendar)


def parameter(written: Any, t: datetime, calendar: Calendar) -> Any:
    """The value of a parameter at `t`: plain, with a reason, or dated (the entry without `from` is the base;
    Decision: without one, the earliest was in force from ever)."""
    if isinstance(written, list) and all(isinstance(entry, Mapping) for entry in written):
        dated = [entry for entry in written if "from" in entry and since_date(entry["from"], calendar) <= t]
        if dated:
            return max(dated, key=lambda entry: since_date(entry["from"], calendar))["value"]
        base = [entry for entry in written if "from" not in entry]
        return (base or sorted(written, key=lambda entry: since_date(entry["from"], calendar)))[0]["value"]
    return written["value"] if isinstance(written, Mapping) else written


def since_date(written: str, calendar: Calendar) -> datetime:
    """An instant, or the first instant of a local date."""
    return instant(written) if "T" in written else calendar.midnight(date.fromisoformat(written))


def about(rule: Mapping[str, Any], e: Event, key: Key) -> str | None:
    """Whom a finding is about: the relationship's client; under a practitioner key the trigger's, where the form looks
    at that one event alone, and nobody where it adds up over several."""
    adds_up = any(name in rule for name in ("limit", "sequence", "every", "each"))
    return key.client if key.client is not None or adds_up else e.client


def applies(case: Case, key: Key, world: World) -> tuple[bool, tuple[Event, ...]]:
    """The side tests, all on the trigger alone; and what of them is evidence."""
    rule, e = case.rule, case.trigger
    client = key.client or e.client
    stretched = "every" in rule  # its states make the stretches, they test no trigger
    ok = effective(rule, e.at, world) and not any(
        excepted(one, e, key, world) for one in as_list(rule.get("unless", []))
    )
    if not stretched:
        ok = ok and all(is_open(rule["states"][n], client, e.at, world) for n in states_of(rule, "during"))
        ok = ok and not any(is_open(rule["states"][n], client, e.at, world) for n in states_of(rule, "not_during"))
    evidence: tuple[Event, ...] = ()
    for since in as_list(rule.get("since", [])):
        if "state" in since:
            ok = ok and since_state(since["within"], rule["states"][since["state"]], client, e.at, world)
        else:
            near = [
                a
                for a in answers(since, e, key, world)
                if a.at <= e.at and no_longer_ago(since["within"], a.at, e.at, world)
            ]
            a = latest(near)
            ok = ok and a is not None
            evidence += (a,) if a else ()
    return ok, evidence


def as_list(written: Any) -> list[Any]:
    return written if isinstance(written, list) else [written]


def effective(rule: Rule, t: datetime, world: World) -> bool:
    """Only triggers dated inside are judged, `until` exclusive."""
    dates = rule.get("effective", {})
    return not ("from" in dates and t < since_date(dates["from"], world.calendar)) and not (
        "until" in dates and t >= since_date(dates["until"], world.calendar)
    )


def excepted(unless: Mapping[str, Any], e: Event, key: Key, world: World) -> bool:
    """`unless`: a condition on `e`, or a selection that occurred in `[t-W, t]`."""
    if not ("event" in unless and "within" in unless):  # `event` is an attribute of some types
        return holds(unless, e, world)
    return any(
        x.at <= e.at and (unless["within"] == "ever" or e.at - duration(unless["within"]) <= x.at)
        for x in answers(unless, e, key, world)
    )


def since_state(within: str, state: State, client: str | None, t: datetime, world: World) -> bool:
    """The state is not open, and ended no longer ago. `2y` is calendar years on local dates."""
    if is_open(state, client, t, world):
        return False
    end = ended(state, client, t, world)
    if end is None:
        return False
    return no_longer_ago(within, end, t, world)


def no_longer_ago(within: str, then: datetime, t: datetime, world: World) -> bool:
    """Whether it was not too long before `t`. `2y` is calendar years on local dates."""
    if within == "ever":
        return True
    if within.endswith("y"):
        last = later_by_years(world.calendar.local(then).date(), int(within[:-1]))
        return world.calendar.local(t).date() <= last
    return t - then <= duration(within)


def uncovered(rule: Rule, world: World) -> set[str]:
    """The areas from whose silence the rule infers something and that the log does not cover."""
    areas = areas_of(rule["require"], world) if "require" in rule else set()
    for name in states_of(rule, "not_during"):
        areas |= areas_of(rule["states"][name]["opened_by"], world)
    return world.covers(areas)


def status_of(rule_id: str, case: Case, key: Key, world: World) -> tuple[str, tuple[Event, ...]]:
    """`open`, `excused` (with the excusing event) or `waived`; excused wins; nothing touches an absolute rule.

    Decision: of several excusing events, the earliest (`at`, then `id`) is evidence.
    """
    rule, e = case.rule, case.trigger
    if read("boolean", rule.get("absolute", False)):
        return "open", ()
    excuses = [
        x
        for excuse in as_list(rule.get("excused_by", []))
        for x in answers(excuse, e, key, world)
        if excuse["within"] == "ever" or abs(x.at - e.at) <= duration(excuse["within"])
    ]
    if excuses:
        return "excused", (min(excuses, key=lambda x: x.order),)
    waivers = [
        w
        for w in world.events
        if w.type == "waiver.granted"
        and w.values["rule"] == rule_id
        and w.client in (None, about(case.rule, case.trigger, key))
        and w.at <= e.at <= w.values["expires_at"]
    ]
    return ("waived" if waivers else "open"), ()
