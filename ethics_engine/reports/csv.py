"""`csv`: one table of findings, open obligations and what could not be told, for a spreadsheet.

A cell that a spreadsheet would take for a formula begins with an apostrophe; control characters are made visible.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from ethics_engine.findings import Report
from ethics_engine.layout import as_json, cannot_tell_data, finding_data, obligation_data
from ethics_engine.reports import Page
from ethics_engine.reports.wording import inert

COLUMNS = (
    "kind",
    "level",
    "status",
    "rule",
    "policy",
    "at",
    "due",
    "practitioner",
    "client",
    "message",
    "remedy",
    "missing",
    "events",
    "cites",
    "values",
    "id",
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def render(report: Report, page: Page) -> str:
    """The table with a line of column names; the page changes nothing."""
    out = StringIO()
    table = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    for row in _rows(report):
        table.writerow({name: _cell(value) for name, value in row.items() if name in COLUMNS})
    return out.getvalue()


def _rows(report: Report) -> Iterator[dict[str, Any]]:
    for finding in report.findings:
        yield {"kind": "finding", **finding_data(finding), "values": as_json(dict(finding.values))}
    for obligation in report.obligations:
        yield {"kind": "obligation", "level": obligation.level, **obligation_data(obligation)}
    for unknown in report.cannot_tell:
        yield {"kind": "cannot tell", "level": unknown.level, **cannot_tell_data(unknown)}


def _cell(value: Any) -> str:
    text = "" if value is None else " ".join(value) if isinstance(value, list) else str(value)
    shown = inert(text)
    return f"'{shown}" if text.startswith(_FORMULA) or shown.startswith(_FORMULA) else shown
