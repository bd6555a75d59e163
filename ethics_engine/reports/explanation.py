"""Explanations as text and as JSON: a finding step by step, and why a rule did not find an event."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

from ethics_engine.calendars import Zone
from ethics_engine.explaining import Answer, Explanation
from ethics_engine.explaining.finding import one_line
from ethics_engine.explaining.model import Step, answer_data
from ethics_engine.layout import as_json, finding_data
from ethics_engine.reports.wording import clauses, date_in_words, inert, listed, moment_in_words
from ethics_engine.scalars import format_instant

_NARROWEST = 40
_OUTCOMES = {
    "not found": "No finding: the rule did not hold at this part",
    "cannot tell": "This cannot be told",
    "pending": "Not yet: something is still due",
    "found": "The rule did find it",
}


def explanation_data(explanation: Explanation) -> dict[str, Any]:
    """An explanation as JSON has it."""
    return {
        "finding": {**finding_data(explanation.finding), "title": explanation.finding.title},
        "absolute": explanation.absolute,
        "steps": [step.data() for step in explanation.steps],
        "rests_on": [finding_data(one) for one in explanation.rests_on],
        "basis": list(explanation.basis),
        "as_of": format_instant(explanation.as_of),
        "timezone": explanation.timezone,
    }


def explanation_json(explanation: Explanation) -> str:
    """An explanation as one JSON document."""
    return as_json(explanation_data(explanation), indent=2) + "\n"


def answer_json(answer: Answer) -> str:
    """An answer as one JSON document."""
    return as_json(answer_data(answer), indent=2) + "\n"


def explanation_text(explanation: Explanation, width: int) -> str:
    """An explanation for a therapist, wrapped to `width` columns."""
    finding, zone = explanation.finding, Zone(explanation.timezone)
    sheet = _Sheet(width)
    sheet.put(f"{finding.level.upper()}  {finding.title or finding.rule}")
    sheet.put(finding.message, indent=2)
    if finding.why:
        sheet.put(f"Why it matters: {finding.why}", indent=2)
    sheet.blank()
    absolute = "; absolute: nothing excuses or waives it" if explanation.absolute else ""
    dated = f"dated {moment_in_words(finding.at, zone)} ({zone.name})"
    sheet.put(f"{finding.id}, {finding.status}, {dated}", lead="Finding:  ")
    sheet.put(f"{finding.rule}{absolute}", lead="Rule:     ")
    sheet.put(clauses(finding.cites) or "none", lead="Clauses:  ")
    sheet.put(f"as of {moment_in_words(explanation.as_of, zone)}, for each {finding.per}", lead="Judged:   ")
    sheet.steps(explanation.steps)
    if explanation.rests_on:
        sheet.heading("The findings it rests on")
        for one in explanation.rests_on:
            sheet.put(one_line(one, date_in_words(one.at, zone)), indent=2, lead="- ")
    sheet.heading("Basis")
    basis = listed([inert(name) for name in explanation.basis])
    alone = "judged alone as of the same moment"
    single = len(explanation.basis) == 1
    said = f"this event, {alone}, gives" if single else f"these events, {alone}, give"
    sheet.put(f"{basis}: {said} the same finding.", indent=2)
    if finding.remedy:
        sheet.heading("What to do next")
        sheet.put(finding.remedy, indent=2)
    return sheet.written()


def answer_text(answer: Answer, width: int) -> str:
    """An answer for a therapist, wrapped to `width` columns."""
    zone = Zone(answer.timezone)
    sheet = _Sheet(width)
    client = "" if answer.client is None else f", client {answer.client}"
    sheet.put(f"{answer.title or answer.rule} ({answer.rule})")
    as_of = moment_in_words(answer.as_of, zone)
    sheet.put(f"asked of {answer.event}{client}, judged as of {as_of} ({zone.name})", indent=2)
    sheet.heading(f"{_OUTCOMES[answer.outcome]} (`{answer.step.part}`)")
    sheet.points(answer.step)
    if answer.held:
        sheet.heading("What held before")
        for step in answer.held:
            sheet.points(step)
    if answer.finding is not None:
        sheet.blank()
        sheet.put(f"`ethics-engine explain {answer.finding.id}` with the same log tells it step by step.")
    return sheet.written()


class _Sheet:
    """Lines of text wrapped to a width; nothing that stands in a log can move a cursor."""

    def __init__(self, width: int) -> None:
        self.width = max(width, _NARROWEST)
        self.lines: list[str] = []

    def put(self, text: str, *, indent: int = 0, lead: str = "") -> None:
        """A paragraph; its other lines stand under its first word."""
        start = " " * indent
        wrapped = textwrap.wrap(
            inert(text),
            self.width,
            initial_indent=start + lead,
            subsequent_indent=start + " " * len(lead),
            break_on_hyphens=False,
        )
        self.lines += wrapped or [(start + lead).rstrip()]

    def blank(self) -> None:
        """An empty line."""
        self.lines.append("")

    def heading(self, text: str) -> None:
        """A heading with an empty line before it."""
        self.blank()
        self.put(text)

    def steps(self, steps: Iterable[Step]) -> None:
        """Steps under their headings; neighbours of one heading stand together."""
        last = ""
        for step in steps:
            if step.heading != last:
                self.heading(step.heading)
            last = step.heading
            self.points(step)

    def points(self, step: Step) -> None:
        """The points of a step."""
        for point in step.points:
            self.put(point.said, indent=2, lead="- ")

    def written(self) -> str:
        """All lines, ending in a line end."""
        return "\n".join(self.lines) + "\n"
