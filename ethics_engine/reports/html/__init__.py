"""`html`: one file for people that works offline and fetches nothing; its Content-Security-Policy forbids it to.

Everything in it that comes from a log or a rule is made inert and escaped; the script puts data on the page as text
alone. Without a script the overview, the timelines and the tables stand as they are; with it, findings can be filtered.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ethics_engine.calendars import Zone
from ethics_engine.errors import ConfigError
from ethics_engine.findings import Report
from ethics_engine.reports import Page
from ethics_engine.reports.duties import due_in_words, rests_on
from ethics_engine.reports.html.data import page_data
from ethics_engine.reports.html.timelines import timelines
from ethics_engine.reports.story import (
    corrections,
    groups,
    open_findings,
    rule_and_events,
    several_practitioners,
    unknowns,
)
from ethics_engine.reports.wording import (
    LEVEL_MEANINGS,
    NO_VERDICT,
    UNCHECKED_CLAUSES,
    account,
    clauses,
    counted,
    date_in_words,
    inert,
    override,
    overview,
    unchecked_clauses,
    without_effect,
)

if TYPE_CHECKING:
    from jinja2 import Template

    from ethics_engine.reports.html.timelines import Timeline

_HERE = Path(__file__).parent
MOST_TOLD = 60
"""Relationships, duties and lines of a kind that stand on the page without the script; the data formats have all."""

IN_FULL = 6
"""Timelines that are open from the start; the others, and those without a finding, unfold."""


def render(report: Report, page: Page) -> str:
    """The report as one HTML document; the page changes nothing.

    Raises:
        ConfigError: Jinja2 or vl-convert is not installed (`pip install 'ethics-engine[html]'`).
    """
    template = _template()
    from markupsafe import Markup

    style, script = (_asset(name) for name in ("page.css", "page.js"))
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    text = template.render(policy=policy, style=Markup(style), script=Markup(script), **_content(report))
    return text.rstrip("\n") + "\n"


@functools.cache
def _template() -> Template:
    """The page, in which every text is made inert and escaped where it is put in."""
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
        from markupsafe import Markup
    except ImportError:
        raise ConfigError("the format html is written with Jinja2: pip install 'ethics-engine[html]'") from None

    def finalize(value: Any) -> Any:
        return inert(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")


def _asset(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """A source expression of Content Security Policy level 2 for an inline element."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _content(report: Report) -> dict[str, Any]:
    from markupsafe import Markup

    from ethics_engine.reports.html.charts import funnel_chart, timeline_chart
    from ethics_engine.reports.html.funnel import funnel
    from ethics_engine.reports.html.timelines import gathering_in_words

    zone, several = Zone(report.timezone), several_practitioners(report)
    drawn, left_out = timelines(report)
    instants = [at for line in drawn for at in _instants(line)]
    first, last = min(instants, default=0), max(instants, default=0)
    rates = funnel(report) if report.happenings else None
    told = groups(open_findings(report))
    counts = report.summary()
    return {
        "overview": overview(report, zone),
        "no_verdict": NO_VERDICT,
        "levels": [(level, counts[level], meaning) for level, meaning in LEVEL_MEANINGS.items()],
        "counts": counts,
        "several": several,
        "zone": zone,
        "counted": counted,
        "clauses": clauses,
        "day": lambda at: date_in_words(at, zone),
        "funnel": rates,
        "funnel_chart": funnel_chart(rates) if rates else None,
        "timelines": [
            {
                "timeline": line,
                "name": f"Client {line.client}" + (f", with {line.practitioner}" if several else ""),
                "chart": timeline_chart(line, zone, first, last, report.log.as_of),
                "words": line.in_words(zone),
                "signs": gathering_in_words(line, zone),
                "found": " ".join(str(number) for number, _ in line.found),
            }
            for line in drawn
        ],
        "in_full": min(IN_FULL, max(1, sum(bool(line.found) for line in drawn))),
        "left_out": left_out,
        "groups": told[:MOST_TOLD],
        "groups_more": max(0, len(told) - MOST_TOLD),
        "duties": [
            (due_in_words(duty, report, zone, several), duty.message, rests_on(duty))
            for duty in report.obligations[:MOST_TOLD]
        ],
        "duties_more": max(0, len(report.obligations) - MOST_TOLD),
        "unknowns": unknowns(report),
        "most_told": MOST_TOLD,
        "rule_and_events": rule_and_events,
        "corrections": corrections(report, zone) if report.corrections else None,
        "account": account(report),
        "rejected": report.rejected[:MOST_TOLD],
        "rejected_more": max(0, len(report.rejected) - MOST_TOLD),
        "ineffective": [without_effect(one) for one in report.ineffective[:MOST_TOLD]],
        "unchecked": UNCHECKED_CLAUSES if unchecked_clauses(report.findings) else "",
        "override": override,
        "report": report,
        "data": Markup(page_data(report, zone)),
    }


def _instants(line: Timeline) -> list[int]:
    return [
        *(one.at for one in line.happenings),
        *(finding.at for _, finding in line.found),
        *(duty.due for duty in line.duties),
    ]
