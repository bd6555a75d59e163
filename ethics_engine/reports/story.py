"""How a report is told to people: by relationship, gravest first, with what repeats folded into one.

The reports for people (text, markdown) write what is arranged here; they decide nothing themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ethics_engine.calendars import Zone
from ethics_engine.findings import LEVELS, CannotTell, Finding, Obligation, Report
from ethics_engine.reports.wording import (
    concerns_by_level,
    counted,
    date_in_words,
    days,
    in_words,
    inert,
    listed,
    moment_in_words,
    span,
)
from ethics_engine.scalars import parse_instant

MOST_CORRECTIONS = 10
"""Corrections of the log that are listed; the data formats have them all."""

CORRECTED = "Entries that were corrected"

MOST_NAMED = 12
"""Occasions of one rule that are told with their events; of more the days are told (the data formats have it all)."""

LONG_STORY = 4
"""Concerns in one relationship from which on it is first told in order of time, before each is told in full."""

IN_ORDER_OF_TIME = "In order of time, by when each was first found."

RECORDED_AS = {
    "recorded_after_days": "recorded_at",
    "announced_days": "announced_at",
}
"""Attributes that the engine derives, with what is to be recorded so that it can."""

_ATTRIBUTES = "Not recorded on some events, or on what they are compared with (an agreement, for instance):"
_RECORD_THEM = (
    "Record these from now on, with the event or with what it is compared with; an `event.amended` adds them to what "
    "is already in the log."
)
_SET_CURRENCY = " For amounts, `currency` in ethics.yaml says it once for all."
_AREAS = "Not said to be in the log in full, so that what is absent from it proves nothing:"
_COVER_THEM = "Where the log does hold everything of an area, a `log.covers` event says so."


@dataclass(frozen=True, slots=True)
class Fold:
    """Findings of one rule in one relationship, in order of time; one finding is a fold of one."""

    findings: tuple[Finding, ...]

    @property
    def latest(self) -> Finding:
        return self.findings[-1]

    def occasions(self) -> list[tuple[Finding, int]]:
        """One finding for each trigger, with the number of findings that it led to."""
        by_trigger: dict[tuple[str, ...], list[Finding]] = {}
        for finding in self.findings:
            by_trigger.setdefault((str(finding.at), *finding.events[:1]), []).append(finding)
        return [(found[0], len(found)) for found in by_trigger.values()]

    def often(self) -> str:
        """`3 times`, or `5 findings on 2 occasions` where an event led to several."""
        number, occasions = len(self.findings), len(self.occasions())
        if number == occasions:
            return "twice" if number == 2 else counted(number, "time")
        return f"{counted(number, 'finding')} on {counted(occasions, 'occasion')}"

    def dates(self, zone: Zone, named: Callable[[Finding], str]) -> str:
        """When it happened, each time with the event `named`; where that would be long, the days alone."""
        occasions = self.occasions()
        if len(occasions) > MOST_NAMED:
            return days((finding.at for finding, _ in occasions), zone)
        return "; ".join(
            f"{date_in_words(finding.at, zone)} ({named(finding)}" + (f", {number} findings)" if number > 1 else ")")
            for finding, number in occasions
        )

    def named(self) -> str:
        """`Touch without the client's consent (violation, twice)`."""
        latest = self.latest
        times = f", {self.often()}" if len(self.findings) > 1 else ""
        return f"{inert(latest.title or latest.rule)} ({latest.level}{times})"

    def settled_by(self, zone: Zone) -> str:
        """`excused by event d1`, `waived by the board until 5 May 2026, 10:00 (shift work)`, or both."""
        excuses: dict[str, None] = {}
        said: dict[str, None] = {}
        for finding in self.findings:
            values = finding.values
            if finding.status == "excused" and "excused_by" in values:
                excuses[inert(str(values["excused_by"]))] = None
            elif finding.status == "waived" and "waiver" in values:
                until = moment_in_words(parse_instant(values["waived_until"]), zone)
                reason = inert(str(values["waiver_reason"]))
                said[f"waived by {inert(str(values['approver']))} until {until} ({reason})"] = None
            else:
                said[finding.status] = None
        if len(excuses) > MOST_NAMED:
            said[f"excused by {counted(len(excuses), 'event')}"] = None
        elif excuses:
            said[f"excused by {'event' if len(excuses) == 1 else 'events'} {listed(list(excuses))}"] = None
        return listed(sorted(said))

    @property
    def gravity(self) -> tuple[int, int, str]:
        return (LEVELS.index(self.latest.level), self.findings[0].at, self.latest.rule)


@dataclass(frozen=True, slots=True)
class Group:
    """What is found in one relationship, or (without a client) in a practice as a whole."""

    practitioner: str
    client: str | None
    folds: tuple[Fold, ...]

    def counts(self, zone: Zone) -> str:
        """`2 violations and 1 notice, 2 March 2026 to 5 May 2026`: what one rule finds again counts once."""
        findings = [finding for fold in self.folds for finding in fold.findings]
        instants = [finding.at for finding in findings]
        return f"{in_words(concerns_by_level(findings))}, {span(min(instants), max(instants), zone)}"

    @property
    def is_long(self) -> bool:
        """Whether it is first told in order of time."""
        return len(self.folds) >= LONG_STORY

    def unfolded(self, zone: Zone) -> list[tuple[str, str]]:
        """How it went: for each day on which something was found for the first time, what that was."""
        by_day: dict[str, list[Fold]] = {}
        for fold in sorted(self.folds, key=lambda fold: fold.findings[0].at):
            by_day.setdefault(date_in_words(fold.findings[0].at, zone), []).append(fold)
        return [(day, "; ".join(fold.named() for fold in folds)) for day, folds in by_day.items()]

    def heading(self, several: bool) -> str:
        """Whom it is about; practitioners are named where the report speaks of several."""
        if self.client is not None:
            return f"Client {inert(self.client)}" + (f", with {inert(self.practitioner)}" if several else "")
        return f"The practice of {inert(self.practitioner)} as a whole" if several else "Your practice as a whole"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A piece of missing information, with what it keeps from being judged."""

    practitioner: str
    missing: str
    rules: tuple[CannotTell, ...]


@dataclass(frozen=True, slots=True)
class Unknowns:
    """What is missing in one of the two ways, what that means and how it can be mended."""

    meaning: str
    remedy: str
    pieces: tuple[Unknown, ...]


def groups(findings: Iterable[Finding]) -> list[Group]:
    """The findings by practitioner and relationship, the gravest relationship first, the practice as a whole last."""
    by_key: dict[tuple[str, str | None], dict[str, list[Finding]]] = {}
    for finding in findings:
        client = finding.client if finding.per == "relationship" else None
        rules = by_key.setdefault((finding.practitioner, client), {})
        rules.setdefault(finding.rule, []).append(finding)
    told = [
        Group(practitioner, client, tuple(sorted(map(Fold, map(tuple, rules.values())), key=lambda fold: fold.gravity)))
        for (practitioner, client), rules in by_key.items()
    ]
    return sorted(told, key=_group_order)


def _group_order(group: Group) -> tuple[str, bool, int, str]:
    return (group.practitioner, group.client is None, group.folds[0].gravity[0], group.client or "")


def several_practitioners(report: Report) -> bool:
    """Whether practitioners must be named to be told apart."""
    told: list[Finding | Obligation | CannotTell] = [*report.findings, *report.obligations, *report.cannot_tell]
    return len({item.practitioner for item in told}) > 1


def corrections(report: Report, zone: Zone) -> tuple[str, list[str]]:
    """What was corrected in the log: a sentence about all of it, and a line for each correction, the earliest first."""
    kinds = [one.kind for one in report.corrections]
    counts = [f"{kinds.count(kind):,} {kind}" for kind in ("amended", "withdrawn") if kind in kinds]
    said = f"{listed(counts)}."
    if "amended" in kinds:
        said += " What was amended was judged as it now stands."
    if "withdrawn" in kinds:
        said += " What was withdrawn was not judged."
    several = several_practitioners(report) or len({one.practitioner for one in report.corrections}) > 1
    lines = []
    for one in report.corrections[:MOST_CORRECTIONS]:
        whom = f", {inert(one.practitioner)}" if several else ""
        entry = f"{inert(one.target)} ({inert(one.target_type)}{whom})"
        lines.append(f"{date_in_words(one.at, zone)}: {entry} {one.kind} by {inert(one.event_id)}: {inert(one.reason)}")
    if len(kinds) > MOST_CORRECTIONS:
        lines.append(f"… and {len(kinds) - MOST_CORRECTIONS:,} more.")
    return said, lines


def open_findings(report: Report) -> list[Finding]:
    """What asks for attention."""
    return [finding for finding in report.findings if finding.status == "open"]


def settled_findings(report: Report) -> list[Finding]:
    """What a documented reason excuses or a waiver covers."""
    return [finding for finding in report.findings if finding.status != "open"]


def unknowns(report: Report) -> list[Unknowns]:
    """What could not be told: for want of an attribute, and for want of an area that the log covers."""
    by_missing: dict[tuple[bool, str, str], list[CannotTell]] = {}
    for line in report.cannot_tell:
        kind, _, name = line.missing.partition(" ")
        wanted = RECORDED_AS.get(name, name)
        by_missing.setdefault((kind == "area", wanted, line.practitioner), []).append(line)
    told = []
    for area, meaning, remedy in ((False, _ATTRIBUTES, _RECORD_THEM), (True, _AREAS, _COVER_THEM)):
        pieces = tuple(
            Unknown(practitioner, missing, tuple(lines))
            for (is_area, missing, practitioner), lines in sorted(by_missing.items(), key=lambda entry: entry[0])
            if is_area is area
        )
        if any(piece.missing == "currency" for piece in pieces):
            remedy += _SET_CURRENCY
        if pieces:
            told.append(Unknowns(meaning, remedy, pieces))
    return told


def rule_and_events(line: CannotTell) -> str:
    """`Touch without consent (touch.without-consent, 3 events)`."""
    rule = f"{inert(line.rule)}, {counted(line.events, 'event')}"
    return f"{inert(line.title)} ({rule})" if line.title else rule
