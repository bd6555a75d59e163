"""`markdown`: the report for people, to be put into a document or an issue. Data is escaped: it stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ethics_engine.calendars import Zone
from ethics_engine.findings import Report
from ethics_engine.reports import Page
from ethics_engine.reports.duties import NONE_MISSED, due_in_words, rests_on
from ethics_engine.reports.story import (
    CORRECTED,
    IN_ORDER_OF_TIME,
    Fold,
    corrections,
    groups,
    open_findings,
    rule_and_events,
    settled_findings,
    several_practitioners,
    unknowns,
)
from ethics_engine.reports.wording import (
    UNCHECKED_CLAUSES,
    account,
    clauses,
    counted,
    inert,
    override,
    overview,
    unchecked_clauses,
    without_effect,
)

_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~$])")
_START = re.compile(r"^([#+=-]|\d+(?=[.)]))")


def escaped(text: str) -> str:
    """Data as text that Markdown shows as it is: no markup, no link, no mention, one line."""
    text = _SPECIAL.sub(r"\\\1", inert(text))
    text = text.replace("@", "&#64;").replace("://", "&#58;//").replace("www.", "www&#46;")
    return _START.sub(lambda start: f"{start[1]}\\" if start[1].isdigit() else f"\\{start[1]}", text)


def render(report: Report, page: Page) -> str:
    """The report as CommonMark; the page changes nothing."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    zone, several = Zone(report.timezone), several_practitioners(report)
    yield "# Ethics check"
    yield from (f"\n{escaped(line)}" for line in overview(report, zone))
    told = groups(open_findings(report))
    if len(told) > 1:
        yield ""
        yield from (f"- {escaped(group.heading(several))}: {group.counts(zone)}" for group in told)
    for group in told:
        yield f"\n## {escaped(group.heading(several))}\n"
        if group.is_long:
            yield f"{IN_ORDER_OF_TIME}\n"
            yield from (f"- {day}: {escaped(named)}" for day, named in group.unfolded(zone))
            yield "\nThe gravest first.\n"
        for fold in group.folds:
            yield from _fold(fold, zone)
    settled = [(group, fold) for group in groups(settled_findings(report)) for fold in group.folds]
    if settled:
        yield "\n## Excused or waived\n"
        for group, fold in settled:
            how = escaped(fold.settled_by(zone))
            yield f"- {escaped(group.heading(several))}: {_name(fold)}: {how}; {_dates(fold, zone)}"
    if report.obligations:
        yield "\n## Still to do\n"
        yield f"{NONE_MISSED}\n"
        for duty in report.obligations:
            yield f"- {escaped(due_in_words(duty, report, zone, several))}: {escaped(duty.message)}"
            yield f"  - Rule: {escaped(rests_on(duty))}"
    if report.cannot_tell:
        yield "\n## What could not be told"
        for way in unknowns(report):
            yield f"\n{escaped(way.meaning)}\n"
            for piece in way.pieces:
                yield f"- {escaped(piece.missing)}" + (f" ({escaped(piece.practitioner)})" if several else "")
                yield from (f"  - {escaped(rule_and_events(line))}" for line in piece.rules)
            yield f"\n{escaped(way.remedy)}"
    if report.corrections:
        said, lines = corrections(report, zone)
        yield f"\n## {CORRECTED}\n\n{escaped(said)}\n"
        yield from (f"- {escaped(line)}" for line in lines)
    yield "\n## How it was judged\n"
    yield f"- {escaped(account(report))}"
    yield from (f"  - {escaped(without_effect(one))}" for one in report.ineffective)
    for policy in report.rules.policies:
        yield f"- {escaped(f'{policy.policy} {policy.version}')}, {counted(policy.rules, 'rule')}"
    if report.rules.profile:
        yield f"- Profile: {escaped(report.rules.profile)}"
    if unchecked_clauses(report.findings):
        yield f"- {UNCHECKED_CLAUSES}"
    yield from (f"- {escaped(override(one))}" for one in report.rules.overrides)
    yield f"- {escaped(f'ethics-engine {report.engine.version}, rules {report.rules.digest}')}"


def _name(fold: Fold) -> str:
    return f"{escaped(fold.latest.title or fold.latest.rule)} ({escaped(fold.latest.rule)})"


def _dates(fold: Fold, zone: Zone) -> str:
    return fold.dates(zone, lambda finding: ", ".join(map(escaped, finding.events)))


def _fold(fold: Fold, zone: Zone) -> Iterator[str]:
    latest, many = fold.latest, len(fold.findings) > 1
    yield f"- **{latest.level.capitalize()}:** {_name(fold)}" + (f", {fold.often()}" if many else "")
    yield f"  - {'Most recently: ' if many else ''}{escaped(latest.message)}"
    if latest.why:
        yield f"  - Why it matters: {escaped(latest.why)}"
    if latest.remedy:
        yield f"  - Next: {escaped(latest.remedy)}"
    if latest.cites:
        yield f"  - Clauses: {escaped(clauses(latest.cites))}"
    yield f"  - {_dates(fold, zone)}"
