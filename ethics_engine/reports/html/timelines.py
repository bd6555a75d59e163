"""Timelines: what happened in each relationship, what was found and what is due, on one axis of time.

How many are drawn is bounded, the gravest relationships first, so that a page stays small; the rest is told in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ethics_engine.calendars import Zone
from ethics_engine.findings import Finding, Happening, Obligation, Report
from ethics_engine.reports.story import groups
from ethics_engine.reports.wording import counted, date_in_words, listed, span

MOST_MARKS = 5000
"""Events and findings drawn on one page."""
MOST_DRAWN = 40
"""Relationships drawn on one page."""
MOST_PRACTITIONERS = 9
"""Practitioners up to whom timelines are drawn; of more the rates are compared instead."""

MOVES = ("session.moved", "session.cancelled", "session.missed")
LANES = ("Sessions", "Moved or missed", "Contacts", "Other events", "Violations", "Risks", "Notices", "Duties due")
LANE_OF_LEVEL = {"violation": "Violations", "risk": "Risks", "notice": "Notices"}

PRECURSORS = {
    "P1": "touch outside a framework",
    "P2": "personal disclosure",
    "P3": "longer sessions",
    "P4": "moved to the evening",
    "P5": "fees waived unexplained",
    "P6": "private or social places",
    "P7": "planned outside contact",
    "P8": "personal or late messages",
    "P9": "gifts",
    "P10": "special treatment",
    "P11": "secrecy",
    "P12": "private transactions",
}
"""The kinds of early sign that rules name in `family` (Simon 1989, 1995; Gutheil & Gabbard 1993)."""

_KIND = re.compile(r"P(?:[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Gathering:
    """The first open finding of a kind of early sign; `number` counts the kinds seen until then."""

    at: int
    kind: str
    number: int

    @property
    def words(self) -> str:
        return PRECURSORS[self.kind]


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is drawn of one relationship; `found` are places in the report's findings."""

    practitioner: str
    client: str
    happenings: tuple[Happening, ...]
    found: tuple[tuple[int, Finding], ...]
    duties: tuple[Obligation, ...]
    gathering: tuple[Gathering, ...]

    def lane(self, happening: Happening) -> str:
        """The lane of an event: sessions, moves, contacts, or the rest."""
        if happening.type == "session.held":
            return "Sessions"
        if happening.type in MOVES:
            return "Moved or missed"
        return "Contacts" if happening.type.startswith("contact.") else "Other events"

    def in_words(self, zone: Zone) -> str:
        """What the picture shows, for those who do not see it."""
        lanes = [self.lane(one) for one in self.happenings]
        levels = [finding.level for _, finding in self.found]
        said = [
            counted(lanes.count("Sessions"), "session"),
            counted(lanes.count("Moved or missed"), "session moved or missed", "sessions moved or missed"),
            counted(lanes.count("Contacts"), "contact"),
            *(counted(levels.count(level), level) for level in LANE_OF_LEVEL),
            counted(len(self.duties), "duty due", "duties due"),
        ]
        instants = [one.at for one in self.happenings] + [finding.at for _, finding in self.found]
        when = f", {span(min(instants), max(instants), zone)}" if instants else ""
        return f"Timeline of client {self.client}{when}: {listed(said)}."


def gathered(findings: Iterable[Finding]) -> tuple[Gathering, ...]:
    """The kinds of early sign among open findings, each at its first, in order of time."""
    first: dict[str, int] = {}
    for finding in sorted(findings, key=lambda one: one.order):
        if finding.status == "open":
            for family in finding.families:
                if _KIND.fullmatch(family):
                    first.setdefault(family, finding.at)
    return tuple(Gathering(at, kind, number) for number, (kind, at) in enumerate(first.items(), 1))


def timelines(report: Report) -> tuple[Sequence[Timeline], int]:
    """The timelines to draw, and how many relationships with findings are left out."""
    by_key: dict[tuple[str, str], list[Happening]] = {}
    for one in report.happenings:
        if one.client is not None:
            by_key.setdefault((one.practitioner, one.client), []).append(one)
    found: dict[tuple[str, str], list[tuple[int, Finding]]] = {}
    for number, finding in enumerate(report.findings):
        if finding.client is not None:
            found.setdefault((finding.practitioner, finding.client), []).append((number, finding))
    told = [(one.practitioner, one.client) for one in groups(report.findings) if one.client is not None]
    grave = list(dict.fromkeys((practitioner, str(client)) for practitioner, client in told))
    wanted = list(dict.fromkeys([*grave, *sorted(by_key)])) if by_key else []
    if len({practitioner for practitioner, _ in wanted}) > MOST_PRACTITIONERS:
        return (), len(wanted)
    drawn: list[Timeline] = []
    marks = 0
    for key in wanted:
        happenings, of_key = by_key.get(key, []), found.get(key, [])
        marks += len(happenings) + len(of_key)
        if len(drawn) == MOST_DRAWN or (marks > MOST_MARKS and drawn):
            break
        duties = tuple(duty for duty in report.obligations if (duty.practitioner, duty.client) == key)
        signs = gathered(finding for _, finding in of_key)
        drawn.append(Timeline(*key, tuple(happenings), tuple(of_key), duties, signs))
    return drawn, len(wanted) - len(drawn)


def gathering_in_words(timeline: Timeline, zone: Zone) -> list[str]:
    """`3 March 2026: longer sessions (P3)`, for each kind of early sign."""
    return [f"{date_in_words(one.at, zone)}: {one.words} ({one.kind})" for one in timeline.gathering]
