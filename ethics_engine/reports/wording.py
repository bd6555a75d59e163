"""Words that the reports for people share: dates, counts, clauses, and data made inert."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from ethics_engine.calendars import Zone
from ethics_engine.errors import printable
from ethics_engine.findings import Report
from ethics_engine.messages import Instant, shown
from ethics_engine.scalars import DAY, HOUR

LEVEL_MEANINGS = {
    "violation": "what the code of ethics forbids",
    "risk": "a pattern or a circumstance that asks for attention",
    "notice": "a small crossing, worth a line in the notes",
}


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
    return inert("; ".join(f"{code} {', '.join(found)}".rstrip() for code, found in by_code.items()))


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


def overview(report: Report, zone: Zone) -> list[str]:
    """What the log is and what was found, in a few sentences."""
    log, counts = report.log, report.summary()
    said = []
    if log.accepted == 0:
        said.append(f"The log holds no event that could be read ({counted(log.read, 'line')}): nothing was judged.")
    elif log.first is not None and log.last is not None:
        as_of = f", judged as of {moment_in_words(log.as_of, zone)}" if log.as_of is not None else ""
        events = counted(log.accepted, "event")
        said.append(f"{events}, {span(log.first, log.last, zone)}{as_of} ({inert(zone.name)}).")
    if found := [_found(report, level) for level in LEVEL_MEANINGS if counts[level]]:
        said.append(f"Open: {listed(found)}.")
    elif log.accepted:
        said.append("Nothing that is open was found. What the log does not hold was not judged.")
    beside = [
        (counts["excused"] + counts["waived"], "excused or waived", "excused or waived"),
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


def _found(report: Report, level: str) -> str:
    """`3 violations by 2 rules`, or `2 violations` where each is of a rule of its own."""
    found = [finding.rule for finding in report.findings if finding.status == "open" and finding.level == level]
    rules = len(set(found))
    return counted(len(found), level) + (f" by {counted(rules, 'rule')}" if rules < len(found) else "")


def account(report: Report) -> str:
    """Every line of the log, accounted for."""
    log = report.log
    return (
        f"{counted(log.read, 'line')} read: {log.accepted:,} accepted, {counted(log.duplicate, 'duplicate')}, "
        f"{log.rejected:,} rejected."
    )
