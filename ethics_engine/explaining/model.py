"""What an explanation says, as plain data: points under the terms of a rule, and the events that they rest on.

`said` is a sentence for people; `values` what it says in figures, as a report writes them; `events` the ids that it
names. Instants are microseconds since the epoch; in the data for JSON they are RFC 3339 in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ethics_engine.events import Event
from ethics_engine.findings import Finding
from ethics_engine.scalars import format_instant


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was looked at; `rests_on` are the events without which it would not be so."""

    said: str
    values: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    rests_on: tuple[Event, ...] = field(default=(), repr=False)

    def data(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"said": self.said, "values": dict(self.values), "events": list(self.events)}


@dataclass(frozen=True, slots=True)
class Step:
    """What was looked at under one term of a rule; `holds` tells whether the rule still speaks of the event after it.

    `part` is that term as a rule spells it, and `tells` is False where the log does not say enough.
    """

    part: str
    heading: str
    points: tuple[Point, ...]
    holds: bool = True
    tells: bool = True

    def data(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"term": self.part, "heading": self.heading, "points": [point.data() for point in self.points]}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A finding step by step.

    `basis` are the ids of the events that it rests on: given alone as a log, judged as of the same instant, they give
    the same finding; `filled_up` tells that the steps did not name all of them, and related events were added.
    """

    finding: Finding
    absolute: bool
    steps: tuple[Step, ...]
    rests_on: tuple[Finding, ...]
    basis: tuple[str, ...]
    as_of: int
    timezone: str
    filled_up: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Why a rule did not find an event, or that it did.

    `outcome` is `not found`, `cannot tell`, `pending` or `found`; `step` the first part of the rule that did not hold
    (for a finding or a duty: the form), `held` the parts before it that did.
    """

    rule: str
    title: str
    event: str
    practitioner: str
    client: str | None
    outcome: str
    step: Step
    held: tuple[Step, ...]
    as_of: int
    timezone: str
    finding: Finding | None = None
    due: int | None = None


def answer_data(answer: Answer) -> dict[str, Any]:
    """An answer as JSON has it."""
    finding = answer.finding
    return {
        "rule": answer.rule,
        "title": answer.title,
        "event": answer.event,
        "practitioner": answer.practitioner,
        "client": answer.client,
        "outcome": answer.outcome,
        "part": answer.step.part,
        "points": [point.data() for point in answer.step.points],
        "held": [step.data() for step in answer.held],
        "finding": None if finding is None else {"id": finding.id, "status": finding.status, "level": finding.level},
        "due": None if answer.due is None else format_instant(answer.due),
        "as_of": format_instant(answer.as_of),
    }
