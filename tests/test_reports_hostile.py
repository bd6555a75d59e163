"""Whatever stands in a log or a rule, a report of it is well-formed and inert."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from dataclasses import replace
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from sample_report import EMPTY, finding, rejected_line

from ethics_engine.calendars import Zone
from ethics_engine.findings import CannotTell, LogAccount, Obligation, Report
from ethics_engine.reports import FORMATS, Page, render
from ethics_engine.reports.change import CLASSES, Change, change_json, change_text
from ethics_engine.reports.due import DUE_FORMATS, render_due

TEXTS = st.text(max_size=60)
NAMES = st.text(min_size=1, max_size=20)
WORD = st.sampled_from(["attribute consent", "area sessions, money"])


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Reports in which every text is any text."""
    found = finding(
        draw(NAMES),
        draw(st.sampled_from(["violation", "risk", "notice"])),
        "2026-03-02T09:00:00Z",
        draw(NAMES),
        status=draw(st.sampled_from(["open", "excused", "waived"])),
        practitioner=draw(NAMES),
        client=draw(st.none() | NAMES),
        message=draw(TEXTS),
        title=draw(TEXTS),
        remedy=draw(TEXTS),
        why=draw(TEXTS),
        cites=tuple(draw(st.lists(TEXTS, max_size=3))),
        values={draw(NAMES): draw(TEXTS | st.integers() | st.booleans() | st.lists(TEXTS, max_size=2))},
        per=draw(st.sampled_from(["relationship", "practitioner"])),
    )
    practitioner = draw(NAMES)
    return replace(
        EMPTY,
        log=LogAccount(3, 2, 0, 1, 0, 10**15, 10**15),
        findings=(found, replace(found, message=draw(TEXTS))),
        obligations=(
            Obligation(draw(NAMES), 10**15, practitioner, draw(st.none() | NAMES), (draw(NAMES),), draw(TEXTS)),
        ),
        cannot_tell=(CannotTell(draw(NAMES), practitioner, draw(WORD), 3, draw(TEXTS), draw(TEXTS)),),
        rejected=(replace(rejected_line(), file=draw(NAMES), message=draw(TEXTS), hint=draw(st.none() | TEXTS)),),
    )


def moves_a_cursor(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") and char != "\n"


@given(report=reports(), format=st.sampled_from(FORMATS), width=st.integers(1, 200))
def test_no_report_moves_a_cursor_or_turns_the_reading_direction(report: Report, format: str, width: int) -> None:
    written = render(report, format, Page(width=width))

    assert acting(written, format) == set()


@given(report=reports())
def test_every_data_format_can_be_read_back(report: Report) -> None:
    assert json.loads(render(report, "json"))["findings"][0]["client"] == report.findings[0].client
    assert len([json.loads(line) for line in render(report, "ndjson").splitlines()]) == 6
    assert len(json.loads(render(report, "sarif"))["runs"][0]["results"]) == 4
    assert len(list(csv.DictReader(io.StringIO(render(report, "csv"))))) == 4
    assert len(ElementTree.fromstring(render(report, "junit")).findall(".//testcase")) == 3


def test_half_of_a_character_is_escaped() -> None:
    report = replace(EMPTY, findings=(finding("a.b", "risk", "2026-03-02T09:00:00Z", "e1", message="\ud800"),))

    written = render(report, "json")

    assert '"message": "\\ud800"' in written
    assert json.loads(written)["findings"][0]["message"] == "\ud800"


@given(report=reports())
def test_no_cell_begins_a_formula(report: Report) -> None:
    for text in (render(report, "csv"), render_due(report, "csv", Page())):
        rows = list(csv.reader(io.StringIO(text)))

        assert [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


@given(report=reports(), format=st.sampled_from([*DUE_FORMATS]), width=st.integers(1, 200))
def test_no_list_of_duties_moves_a_cursor_or_turns_the_reading_direction(
    report: Report, format: str, width: int
) -> None:
    written = render_due(report, format, Page(width=width)).replace("\r\n", "\n")

    assert acting(written, format) == set()


@given(report=reports(), kind=st.sampled_from([*CLASSES]), form=st.sampled_from(["text", "json"]))
def test_no_difference_of_rules_moves_a_cursor_or_turns_the_reading_direction(
    report: Report, kind: str, form: str
) -> None:
    before, after = report.findings
    found = [Change(kind, before, None), Change(kind, None, after), Change(kind, before, after)]
    written = change_json(found) if form == "json" else change_text(found, Zone("UTC"))

    assert acting(written, form) == set()


def acting(written: str, format: str) -> set[str]:
    """What moves a cursor or turns the reading direction in a text; data keeps what is printed on no terminal."""
    marks = {char for char in written if moves_a_cursor(char)}
    if format in ("json", "ndjson", "sarif", "ics"):  # such as a soft hyphen
        marks -= {char for char in marks if unicodedata.category(char) == "Cf" and char not in "\u202e\u2066\u200f"}
    return marks


@given(report=reports())
def test_a_report_can_be_encoded(report: Report) -> None:
    for format in FORMATS:
        assert render(report, format).encode("utf-8", "backslashreplace").decode("utf-8")
