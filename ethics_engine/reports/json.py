"""`json`: the public contract's document."""

from __future__ import annotations

from collections.abc import Iterator

from ethics_engine.findings import Report
from ethics_engine.layout import report_pieces
from ethics_engine.reports import Page


def render(report: Report, page: Page) -> str:
    """The whole report as one JSON document, indented by two; the page changes nothing."""
    return report.to_json()


def pieces(report: Report, page: Page) -> Iterator[str]:
    """The same document piece by piece."""
    return report_pieces(report)
