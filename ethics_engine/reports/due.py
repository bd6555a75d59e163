"""What is due next: open obligations alone, by due time, in words, as JSON, as a table or as a calendar (RFC 5545)."""

from __future__ import annotations

import hashlib
import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ethics_engine.calendars import Zone
from ethics_engine.errors import ConfigError
from ethics_engine.findings import Obligation, Report
from ethics_engine.layout import as_json, obligation_data
from ethics_engine.reports import Page
from ethics_engine.reports import csv as table
from ethics_engine.reports.duties import NONE_MISSED, due_in_words, rests_on, whom
from ethics_engine.reports.story import several_practitioners
from ethics_engine.reports.wording import inert, moment_in_words
from ethics_engine.scalars import format_instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NARROWEST = 40  # columns
_REMINDED = timedelta(days=-1)


def upcoming(report: Report, within: int | None) -> Report:
    """The same report with nothing but the obligations due no later than `within` microseconds after `as_of`."""
    as_of = report.log.as_of
    duties = report.obligations
    if within is not None and as_of is not None:
        duties = tuple(duty for duty in duties if duty.due <= as_of + within)
    return replace(report, findings=(), cannot_tell=(), obligations=duties, hidden=0)


def render_due(report: Report, format: str, page: Page) -> str:
    """The obligations of a report in one of `DUE_FORMATS`, ending in a line end.

    Raises:
        ConfigError: a calendar was asked for and icalendar is not installed.
    """
    return DUE_FORMATS[format](report, page)


def _text(report: Report, page: Page) -> str:
    zone = Zone(report.timezone)
    as_of = report.log.as_of
    head = "Due next" if as_of is None else f"Due next, as of {moment_in_words(as_of, zone)} ({report.timezone})"
    if not report.obligations:
        return f"{head}\n\nNothing is due in this time.\n"
    several = several_practitioners(report)
    said = [head, NONE_MISSED]
    for duty in report.obligations:
        words = due_in_words(duty, report, zone, several)
        told = [_wrapped(each, page) for each in (inert(duty.message), f"Rule: {rests_on(duty)}")]
        said.append("\n".join([words, *told]))
    return "\n\n".join(said) + "\n"


def _wrapped(text: str, page: Page) -> str:
    """A paragraph, two columns in, its further lines two more."""
    width = max(page.width, _NARROWEST)
    lines = textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
    return "\n".join(lines)


def _json(report: Report, page: Page) -> str:
    as_of = report.log.as_of
    data = {
        "as_of": None if as_of is None else format_instant(as_of),
        "obligations": [obligation_data(duty) for duty in report.obligations],
    }
    return as_json(data, indent=2) + "\n"


def _calendar(report: Report, page: Page) -> str:
    try:
        from icalendar import Alarm, Calendar, Event
    except ImportError:
        raise ConfigError("a calendar needs icalendar: pip install 'ethics-engine[calendar]'") from None
    calendar = Calendar()
    calendar.add("prodid", "-//ethics-engine//duties//EN")
    calendar.add("version", "2.0")
    several = several_practitioners(report)
    for duty in report.obligations:
        concerned = ", ".join(whom(duty, several))
        summary = inert(duty.message) + (f" ({concerned})" if concerned else "")
        event = Event()
        event.add("uid", f"{_digest(duty)}@ethics-engine")
        event.add("dtstamp", _moment(report.log.as_of or duty.due))
        event.add("dtstart", _moment(duty.due))
        event.add("summary", summary)
        event.add("description", inert(f"{duty.title} ({rests_on(duty)})"))
        event.add("transp", "TRANSPARENT")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", _REMINDED)
        event.add_component(alarm)
        calendar.add_component(event)
    text: str = calendar.to_ical().decode()
    return text


def _digest(duty: Obligation) -> str:
    """What names a duty in a calendar: the same whenever the same log is asked, so that none is entered twice."""
    key: Sequence[str | None] = [duty.rule, duty.practitioner, duty.client, *duty.events[:1], str(duty.due)]
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()[:32]


def _moment(us: int) -> datetime:
    return (_EPOCH + timedelta(microseconds=us)).replace(microsecond=0)


DUE_FORMATS: Mapping[str, Callable[[Report, Page], str]] = {
    "text": _text,
    "json": _json,
    "csv": table.render,
    "ics": _calendar,
}
