"""Reports: one small module a format, each with `render(report, page)`; a new format is a file and a line here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType

from ethics_engine.findings import Report

RENDERERS: Mapping[str, str] = MappingProxyType(
    {
        "text": "ethics_engine.reports.text",
        "json": "ethics_engine.reports.json",
        "ndjson": "ethics_engine.reports.ndjson",
        "csv": "ethics_engine.reports.csv",
        "markdown": "ethics_engine.reports.markdown",
        "sarif": "ethics_engine.reports.sarif",
        "junit": "ethics_engine.reports.junit",
        "html": "ethics_engine.reports.html",
    }
)
"""The module of each format; it is imported when the format is asked for, so that the others cost nothing."""

FORMATS = tuple(RENDERERS)

DRAWS_HAPPENINGS = frozenset({"html"})
"""The formats that show events on an axis of time, so that the check must keep them in the report."""

DEFAULT_WIDTH = 80
"""Columns, where there is no terminal."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a report is written on: its width in columns, whether it shows colour, and what to say about the run.

    `settings` is the configuration file in use, `rejects` the file that the rejected lines
    were written to, `fail_on` the level from which on the command fails.
    """

    width: int = DEFAULT_WIDTH
    colour: bool = False
    settings: str | None = None
    rejects: str | None = None
    fail_on: str = "violation"


def pieces(report: Report, format: str, page: Page | None = None) -> Iterator[str]:
    """The report piece by piece, where the format allows it: a large one need not be in memory as a whole.

    Raises:
        KeyError: there is no such format.
    """
    module = import_module(RENDERERS[format])
    if hasattr(module, "pieces"):
        yield from module.pieces(report, page or Page())
    else:
        yield module.render(report, page or Page())


def render(report: Report, format: str, page: Page | None = None) -> str:
    """The report in one of `FORMATS`, ending in a line end.

    Raises:
        KeyError: there is no such format.
    """
    text: str = import_module(RENDERERS[format]).render(report, page or Page())
    return text
