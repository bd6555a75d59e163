"""Words that the reports for people share: dates, counts, clauses, and data made inert."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from ethics_engine.amendments import NO_SUCH_RULE, Ineffective
from ethics_engine.calendars import Zone
from ethics_engine.errors import printable
from ethics_engine.findings import Finding, Override, Report
from ethics_engine.messages import Instant, shown
from ethics_engine.scalars import DAY, HOUR

LEVEL_MEANINGS = {
    "violation": "what the code of ethics forbids",
    "risk": "a pattern or a circumstance that asks for attention",
    "notice": "a small crossing, worth a line in the notes",
}

NO_VERDICT = "Each says what the log shows, and is a reason to look, not a verdict."

UNCHECKED_CLAUSES = "A clause with a question mark is cited for what it says; its number was not checked again."

_STATEMENT = re.compile(r"S(\d{1,4})")


def inert(text: str) -> str:
    """One line of text in which nothing can move a cursor, change a colour or turn the reading direction."""
    if text.isascii() and text.isprintable():
        return text
    spaced = "".join(" " if unicodedata.category(char) == "Zs" else char for char in " ".join(text.split()))
    return printable(spaced)


def date_in_words(at: int, zone: Zone) -> str:
    """`2 March 2026`, in the practice's time zone."""
    return shown(Instant(at), "date", zone)


def moment_in_words(at: int, zone: Zone) -> str:
    """`2 March 2026, 10:00`, in the practice's time zone."""
    return shown(Instant(at), "datetime", zone)


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 line`, `2 lines`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def clauses(cites: Sequence[str]) -> str:
    """`apa-2017 3.04, 3.05; seed S27` from `apa-2017:3.04`, `apa-2017:3.05`, `seed:S27`."""
    by_code: dict[str, list[str]] = {}
    for cite in cites:
        code, _, clause = cite.partition(":")
        by_code.setdefault(code, []).append(clause)
    return inert("; ".join(f"{code} {', '.join(_runs(found))}".rstrip() for code, found in by_code.items()))


def _runs(clauses: Sequence[str]) -> list[str]:
    """Three and more statements in a row as one: `S27-S44`."""
    told = []
    for _, run in groupby(enumerate(clauses), key=_place):
        found = [clause for _, clause in run]
        told += [f"{found[0]}-{found[-1]}"] if len(found) > 2 else found
    return told


def _place(numbered: tuple[int, str]) -> int | str:
    """What the statements of one run have in common; a clause that is no statement is a run of its own."""
    place, clause = numbered
    statement = _STATEMENT.fullmatch(clause)
    return clause if statement is None else int(statement[1]) - place


def unchecked_clauses(findings: Iterable[Finding]) -> bool:
    """Whether a cited clause is marked as one whose number was not checked again."""
    return any(cite.endswith("?") for finding in findings for cite in finding.cites)


def span(first: int, last: int, zone: Zone) -> str:
    """`2 March 2026 to 5 May 2026`, or one date where both are the same."""
    start, end = date_in_words(first, zone), date_in_words(last, zone)
    return start if start == end else f"{start} to {end}"


def days(instants: Iterable[int], zone: Zone) -> str:
    """Many dates in few words: `10, 20 April 2025; 7 January 2026`."""
    by_month: dict[str, dict[str, None]] = {}
    for at in sorted(instants):
        day, _, month = date_in_words(at, zone).partition(" ")
        by_month.setdefault(month, {})[day] = None
    return "; ".join(f"{', '.join(found)} {month}" for month, found in by_month.items())


def time_left(due: int, as_of: int) -> str:
    """How long there is until `due`: `in 3 days`, `in 5 hours`, `past`."""
    left = due - as_of
    if left < 0:
        return "past"
    if left >= 2 * DAY:
        return f"in {left // DAY} days"
    if left >= 2 * HOUR:
        return f"in {left // HOUR} hours"
    return "within two hours"


def setting(value: Any) -> str:
    """A parameter's value as it would be written: `48h`, `true`, `[card, cash]`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(setting(one) for one in value)}]"
    return inert(str(value))


def override(one: Override) -> str:
    """What differs from the rules that ship: `touch.note_within is 1h here, 48h as shipped (set by ethics.yaml)`."""
    rule = one.parameter.removesuffix(" enabled")
    if rule != one.parameter:
        return f"{inert(rule)} is not judged here (set by {inert(one.source)})"
    said = f"{inert(one.parameter)} is {setting(one.value)} here, {setting(one.default)} as shipped"
    return f"{said} (set by {inert(one.source)})"


def overview(report: Report, zone: Zone, zone_hint: str = "") -> list[str]:
    """What the log is and what was found, in a few sentences; `zone_hint` stands beside the name of the zone."""
    log, counts = report.log, report.summary()
    said = []
    if log.accepted == 0:
        said.append(f"The log holds no event that could be read ({counted(log.read, 'line')}): nothing was judged.")
    elif log.first is not None and log.last is not None:
        judged = log.as_of is not None and not log.nothing_seen
        as_of = f", judged as of {moment_in_words(log.as_of, zone)}" if judged and log.as_of is not None else ""
        events = counted(log.accepted, "event")
        head = f"{events}, {span(log.first, log.last, zone)}{as_of} ({inert(zone.name)}{zone_hint})."
        if judged and log.unseen:
            later = "is later than that and was" if log.unseen == 1 else "are later than that and were"
            head += f" {log.unseen:,} of them {later} not seen."
        said.append(head)
    concerns = concerns_by_level(finding for finding in report.findings if finding.status == "open")
    if concerns:
        found, told = sum(counts[level] for level in LEVEL_MEANINGS), sum(concerns.values())
        in_all = f", a rule counted once for each client ({counted(found, 'finding')} in all)" if found > told else ""
        said.append(f"Open: {in_words(concerns)}{in_all}.")
    elif log.nothing_seen and log.as_of is not None:
        moment = moment_in_words(log.as_of, zone)
        said.append(f"No event lies at or before {moment}, the moment to judge as of: nothing was judged.")
    elif log.accepted:
        said.append("Nothing that is open was found. What the log does not hold was not judged.")
    beside = [
        (counts["excused"] + counts["waived"], "finding excused or waived", "findings excused or waived"),
        (len(report.obligations), "duty still open", "duties still open"),
        (counts["cannot_tell"], "thing that could not be told", "things that could not be told"),
        (log.rejected, "line rejected", "lines rejected"),
    ]
    if aside := [counted(number, one, many) for number, one, many in beside if number]:
        said.append(f"Also: {listed(aside)}.")
    if report.hidden:
        left_out = counted(report.hidden, "finding is", "findings are")
        said.append(f"{left_out} left out by the filters given; all were judged.")
    return said


def concerns_by_level(findings: Iterable[Finding]) -> dict[str, int]:
    """How many concerns there are of each level, the gravest first.

    A concern is what one rule finds with one client (or in a practice as a whole), however often it finds it.
    """
    concerns = {
        (finding.practitioner, finding.client if finding.per == "relationship" else None, finding.rule): finding.level
        for finding in findings
    }
    levels = list(concerns.values())
    return {level: levels.count(level) for level in LEVEL_MEANINGS if level in levels}


def in_words(counts: Mapping[str, int]) -> str:
    """`2 violations, 3 risks and 1 notice`."""
    return listed([counted(number, level) for level, number in counts.items()])


def without_effect(one: Ineffective) -> str:
    """An amendment, a withdrawal or a waiver that came to nothing, and why."""
    event, target = inert(one.event_id), inert(one.target)
    if one.reason == NO_SUCH_RULE:
        return f"{event} has no effect: a waiver names `{target}`, which is no rule of the policies in use"
    return f"{event} has no effect on {target}: {inert(one.reason)}"


def account(report: Report) -> str:
    """Every line of the log, accounted for."""
    log = report.log
    return (
        f"{counted(log.read, 'line')} read: {log.accepted:,} accepted, {counted(log.duplicate, 'duplicate')}, "
        f"{log.rejected:,} rejected."
    )
