"""Logs for property tests: up to 25 events of up to three practitioners and clients, and events about the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from drawn_times import DAY, OFFSETS, Setting, written
from hypothesis import strategies as st
from small_vocabulary import VOCABULARY

Event = dict[str, Any]

TYPES: dict[str, dict[str, Any]] = {
    name: spec for types in VOCABULARY["areas"].values() for name, spec in types.items()
}
PRACTICE = [name for area in ("practice", "money", "care") for name in VOCABULARY["areas"][area]]
WEIGHTED = [*PRACTICE, "session.held", "session.held", "contact.touch", "session.moved", "agreement.made"]
PRACTITIONERS = ("p1", "p1", "p1", "p1", "p1", "p2", "π3")
CLIENTS = ("c1", "c1", "c1", "c1", "c2", "ç3")
IDS = [*(f"e{number}" for number in range(30)), "E9", "a", "é", "ü1", "￮", "𝒳"]
NUMBERS: dict[str, list[float]] = {
    "minutes": [50, 30, 60, 90, 50.5],
    "session_minutes": [50, 30, 60],
    "late_minutes": [0, 10],
    "notice_hours": [0, 12, 24],
    "fee": [80, 50, 80.5],
    "amount": [80, 50, 80.5, 80.01, 0.1, 0.2],
    "due_days": [1, 2, 1.5, 0, 0.000001],
    "count": [1, 2, 0.1],
}
TEXTS = {
    "invoice": ["i1", "i2"],
    "session": ["s1", "s2"],
    "currency": ["EUR", "EUR", "USD"],
    "rationale": ["because"],
    "reason": ["agreed with the board"],
    "approver": ["board", "chair"],
    "rule": ["alpha.r0", "pattern.r0"],
    "target": ["e0", "e1"],
    "amend_reason": ["a slip"],
}
CLOCKS = ["09:00", "12:00", "00:10", "23:50", "12:00:30"]
REFUSED: list[Event] = [{"minutes": "long"}, {"by": "nobody"}, {"colour": "red"}, {"amount": "dear"}]


def allowed(spec: Event) -> list[str]:
    values = spec["values"]
    return list(VOCABULARY["enumerations"][values] if isinstance(values, str) else values)


def attribute(name: str, spec: Event, setting: Setting) -> st.SearchStrategy[Any]:
    """A JSON value of an attribute."""
    kind = spec["type"]
    if kind in ("number", "money"):
        return st.sampled_from(NUMBERS[name])
    if kind == "boolean":
        return st.booleans()
    if kind == "timestamp":
        return setting.written_instants()
    if kind == "clock":
        return st.sampled_from(CLOCKS)
    if kind == "enum":
        return st.sampled_from(allowed(spec))
    if kind == "list":
        return st.lists(st.sampled_from(allowed(spec)), min_size=1, max_size=3, unique=True)
    return st.sampled_from(IDS[:8] if name == "event" else TEXTS[name])


@st.composite
def events(draw: st.DrawFn, setting: Setting, types: Sequence[str]) -> Event:
    """One event of the practice, without an id."""
    name = draw(st.sampled_from(types))
    at = draw(setting.instants())
    event: Event = {
        "at": written(at, draw(st.sampled_from(OFFSETS))),
        "type": name,
        "practitioner": draw(st.sampled_from(PRACTITIONERS)),
    }
    has_client = TYPES[name]["client"] == "yes" or (TYPES[name]["client"] == "may" and draw(st.booleans()))
    if has_client:
        event["client"] = draw(st.sampled_from(CLIENTS))
    for key, spec in TYPES[name]["attributes"].items():
        if spec.get("required") == "true" or draw(st.integers(0, 9)) >= 4:
            event[key] = draw(attribute(key, spec, setting))
    if draw(st.integers(0, 9)) >= 7:
        late = draw(st.sampled_from([timedelta(0), DAY, DAY + timedelta(microseconds=1), 3 * DAY, -DAY / 2]))
        event["recorded_at"] = written(at + late)
    if draw(st.integers(0, 9)) >= 7:
        event["source"] = draw(st.sampled_from(["practitioner", "system", "client", "third_party"]))
    return event


@st.composite
def amendments(draw: st.DrawFn, setting: Setting, targets: Sequence[Event]) -> Event:
    """An amendment or a withdrawal of one of the events, some without effect."""
    target = draw(st.sampled_from(list(targets)))
    kind = draw(st.sampled_from(["event.amended", "event.amended", "event.withdrawn"]))
    event: Event = {
        "at": draw(setting.written_instants()),
        "type": kind,
        "practitioner": target["practitioner"],
        "target": target["id"],
        "amend_reason": "a slip",
    }
    if draw(st.integers(0, 9)) >= 8:
        event |= draw(st.sampled_from([{"target": "nothing"}, {"practitioner": "p2"}]))
    if kind == "event.amended":
        declared = TYPES[target["type"]]["attributes"]
        names = draw(st.lists(st.sampled_from(sorted(declared)), max_size=2, unique=True))
        event |= {key: draw(attribute(key, declared[key], setting)) for key in names}
        if not names or draw(st.integers(0, 9)) >= 8:
            event |= draw(st.sampled_from(REFUSED))
    return event


@st.composite
def waivers(draw: st.DrawFn, setting: Setting, rule_ids: Sequence[str]) -> Event:
    """A waiver of one of the rules."""
    event: Event = {
        "at": draw(setting.written_instants()),
        "type": "waiver.granted",
        "practitioner": draw(st.sampled_from(PRACTITIONERS)),
        "rule": draw(st.sampled_from(list(rule_ids))),
        "reason": "agreed with the board",
        "approver": "board",
        "expires_at": draw(setting.written_instants()),
    }
    if draw(st.booleans()):
        event["client"] = draw(st.sampled_from(CLIENTS))
    return event


@st.composite
def coverages(draw: st.DrawFn, setting: Setting) -> Event:
    """Areas that a practitioner's log covers, mostly nearly all."""
    areas = ["practice", "money", "care", "log"]
    missing = draw(st.lists(st.sampled_from(areas), max_size=2, unique=True))
    return {
        "at": draw(setting.written_instants()),
        "type": "log.covers",
        "practitioner": draw(st.sampled_from(PRACTITIONERS)),
        "areas": [area for area in areas if area not in missing],
    }


@st.composite
def logs(
    draw: st.DrawFn,
    setting: Setting,
    rule_ids: Sequence[str],
    most: int = 25,
    types: Sequence[str] = (),
    amended: bool = True,
) -> list[Event]:
    """A log valid by the small vocabulary, with ids unique for each practitioner, in any order.

    `types`: those that the rules speak of; two events of three are of them.
    """
    size = draw(st.sampled_from(sorted({0, most // 6, most // 3, most // 2, 3 * most // 4, most}, reverse=False)))
    weighted = WEIGHTED + (2 * (1 + len(WEIGHTED) // len(types))) * list(types) if types else WEIGHTED
    shift = draw(st.integers(0, len(IDS) - 1))
    drawn = draw(st.lists(events(setting, weighted), min_size=size, max_size=size))
    log = [{"id": IDS[(7 * number + shift) % len(IDS)], **event} for number, event in enumerate(drawn)]
    about: list[Event] = []
    if draw(st.integers(0, 9)) >= 7:
        about += draw(st.lists(waivers(setting, rule_ids), min_size=1, max_size=2))
    if draw(st.integers(0, 9)) >= 7:
        about += draw(st.lists(coverages(setting), min_size=1, max_size=2))
    about = [{"id": f"x{number}", **event} for number, event in enumerate(about)]
    if amended and (log or about) and draw(st.integers(0, 9)) >= 6:
        changes = draw(st.lists(amendments(setting, [*log, *about]), min_size=1, max_size=4))
        about += [{"id": f"y{number}", **event} for number, event in enumerate(changes)]
    return [*log, *about]


@st.composite
def as_ofs(draw: st.DrawFn, setting: Setting, log: Sequence[Event]) -> str | None:
    """The instant of a report: none, or one on the grid."""
    if not log or draw(st.booleans()):
        return None
    later = draw(st.sampled_from([0, 0, 0, 7, 31, 92, 366]))
    return written(draw(setting.instants()) + later * DAY)
