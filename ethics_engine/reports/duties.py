"""Open duties in words: what is to be done, by when, and for whom.

The reports for people (text, markdown) write what is arranged here. A duty of a rule that repeats itself ("review the
agreement with this client") is told once for all clients; what is due later is told in a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ethics_engine.calendars import Zone
from ethics_engine.findings import Obligation, Report
from ethics_engine.reports.wording import date_in_words, inert, listed, moment_in_words, time_left
from ethics_engine.scalars import DAY

SOON = 31 * DAY
"""Duties that are due by then are told in full, later ones in a line."""

NONE_MISSED = "None of this counts as missed."

_PERHAPS_OVER = "past; open as long as the log does not show whether the work went on"


def soon_and_later(report: Report) -> tuple[Sequence[Obligation], Sequence[Obligation]]:
    """The open duties, by due time: those to be told in full, and the rest."""
    as_of = report.log.as_of
    soon = [duty for duty in report.obligations if as_of is None or duty.due - as_of <= SOON]
    return soon, report.obligations[len(soon) :]


def due_in_words(duty: Obligation, report: Report, zone: Zone, several: bool) -> str:
    """`By 13 January 2026, 10:00 (in 18 days), client c7`; a due midnight is the end of the day before."""
    if zone.time_of_day(duty.due) == 0:
        when = f"By the end of {date_in_words(duty.due - 1, zone)}"
    else:
        when = f"By {moment_in_words(duty.due, zone)}"
    left = "" if report.log.as_of is None else time_left(duty.due, report.log.as_of)
    if left:
        when += f" ({_PERHAPS_OVER if left == 'past' else left})"
    return ", ".join([when, *whom(duty, several)])


def rests_on(duty: Obligation) -> str:
    """`practitioner.complaint-unanswered, from event k05-171`."""
    events = [inert(event) for event in duty.events]
    what = "event" if len(events) == 1 else "events"
    return f"{inert(duty.rule)}, from {what} {listed(events)}" if events else inert(duty.rule)


def in_lines(duties: Iterable[Obligation], zone: Zone, several: bool) -> Iterator[str]:
    """`Review the agreement with this client (agreement.not-reviewed): 26 February 2026, client k07; …`."""
    alike: dict[tuple[str, str], list[Obligation]] = {}
    for duty in duties:
        alike.setdefault((duty.rule, duty.message), []).append(duty)
    for (rule, message), found in alike.items():
        yield f"{inert(message).removesuffix('.')} ({inert(rule)}): {_when(found, zone, several)}"


def _when(duties: Iterable[Obligation], zone: Zone, several: bool) -> str:
    """The days on which duties are due, each with those whom they concern."""
    by_day: dict[str, list[Obligation]] = {}
    for duty in duties:
        by_day.setdefault(date_in_words(duty.due - 1, zone), []).append(duty)
    said = []
    for day, found in by_day.items():
        if len(found) > 1 and not several:
            said.append(f"{day}, clients {listed([inert(str(duty.client)) for duty in found])}")
        else:
            said.extend(", ".join([day, *whom(duty, several)]) for duty in found)
    return "; ".join(said)


def whom(duty: Obligation, several: bool) -> list[str]:
    """Whom a duty concerns: `client c7`, and whose it is where there are several practitioners."""
    names = [inert(duty.practitioner)] if several else []
    if duty.client is not None and duty.per == "relationship":
        names.insert(0, f"client {inert(duty.client)}")
    return names
