"""`ndjson`: one JSON object a line, each with its `kind`, for tools that read line by line.

The first line is the head of the report (engine, rules, log, summary); then come the findings, the obligations, what
could not be told, and the rejected lines, each in the layout of the public contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ethics_engine.findings import Report
from ethics_engine.layout import as_json, cannot_tell_data, finding_data, head_data, obligation_data, rejected_data
from ethics_engine.reports import Page


def render(report: Report, page: Page) -> str:
    """The report, one object a line; the page changes nothing."""
    return "".join(pieces(report, page))


def pieces(report: Report, page: Page) -> Iterator[str]:
    """The same lines one by one."""
    for kind, data in _lines(report):
        yield f"{as_json({'kind': kind, **data})}\n"


def _lines(report: Report) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "report", head_data(report)
    for finding in report.findings:
        yield "finding", finding_data(finding)
    for obligation in report.obligations:
        yield "obligation", obligation_data(obligation)
    for unknown in report.cannot_tell:
        yield "cannot_tell", cannot_tell_data(unknown)
    for line in report.rejected:
        yield "rejected", rejected_data(line)
