"""What tools read is valid by the tools' own schemas and libraries: SARIF, JUnit, iCalendar."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from icalendar import Calendar
from jsonschema import Draft4Validator
from junitparser import Failure, JUnitXml, Skipped
from sample_report import EMPTY, HOSTILE, REPORT, finding
from test_reports_hostile import reports

from ethics_engine import Report, check, load_rules
from ethics_engine.findings import Obligation
from ethics_engine.reports import Page, render
from ethics_engine.reports.due import render_due

HERE = Path(__file__).parent
SARIF = Draft4Validator(json.loads((HERE / "schemas" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")))
YEAR = check(HERE.parent / "fixtures" / "years" / "drifting-year.ndjson", load_rules(timezone="Europe/Berlin"))
HOSTILE_NAMES = Report(
    EMPTY.engine,
    EMPTY.rules,
    EMPTY.log,
    findings=(finding("touch.without-consent", "violation", "2026-03-02T09:00:00Z", HOSTILE, client=HOSTILE),),
)
EVERY = pytest.mark.parametrize("report", [EMPTY, REPORT, YEAR, HOSTILE_NAMES], ids=["empty", "all", "year", "hostile"])


@EVERY
def test_sarif_is_valid_by_the_schema_of_its_standard(report: Report) -> None:
    assert [error.message for error in SARIF.iter_errors(json.loads(render(report, "sarif")))] == []


@given(report=reports())
@settings(deadline=None)
def test_sarif_of_any_texts_is_valid_by_the_schema(report: Report) -> None:
    assert [error.message for error in SARIF.iter_errors(json.loads(render(report, "sarif")))] == []


def test_fingerprints_are_those_of_the_findings_whenever_the_log_is_judged() -> None:
    again = check(HERE.parent / "fixtures" / "years" / "drifting-year.ndjson", load_rules(timezone="Europe/Berlin"))
    first, second = (
        [tuple(one["fingerprints"].values()) for one in json.loads(render(each, "sarif"))["runs"][0]["results"]
         if "fingerprints" in one]
        for each in (YEAR, again)
    )  # fmt: skip
    assert first == second
    assert len(set(first)) == len(YEAR.findings)


@EVERY
def test_a_junit_library_counts_what_the_report_says(report: Report) -> None:
    read = JUnitXml.fromstring(render(report, "junit").encode())
    cases = [case for suite in read for case in suite]
    failed = [case for case in cases if any(isinstance(result, Failure) for result in case.result)]
    skipped = [case for case in cases if any(isinstance(result, Skipped) for result in case.result)]
    assert (read.tests, read.failures) == (len(cases), len(failed))
    assert sum(suite.skipped for suite in read) == len(skipped)
    assert len(failed) >= sum(one.status == "open" and one.level == "violation" for one in report.findings)


@EVERY
def test_a_calendar_library_reads_every_duty_with_what_the_standard_requires(report: Report) -> None:
    duties = (*report.obligations, Obligation("x.y", 10**15, "p1", HOSTILE, (HOSTILE,), f"Write to {HOSTILE}."))
    text = render_due(replace(report, obligations=duties), "ics", Page())
    calendar = Calendar.from_ical(text)
    events = [one for one in calendar.walk() if one.name == "VEVENT"]
    assert (calendar["VERSION"], len(events)) == ("2.0", len(duties))
    assert "PRODID" in calendar
    assert all({"UID", "DTSTAMP", "DTSTART", "SUMMARY"} <= set(event) for event in events)
    assert len({str(event["UID"]) for event in events}) == len(events)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
