"""`json`: the public contract's document."""

from __future__ import annotations

from ethics_engine.findings import Report
from ethics_engine.reports import Page


def render(report: Report, page: Page) -> str:
    """The whole report as one JSON document, indented by two; the page changes nothing."""
    return report.to_json()
