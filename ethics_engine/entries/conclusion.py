"""What a self-check comes to, in calm words: the areas that ask for attention, and what to take to supervision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ethics_engine.api import judge_log
from ethics_engine.calendars import Zone
from ethics_engine.entries.effect import Effect, effect_of
from ethics_engine.entries.questions import (
    AREAS,
    CONSULT_FROM,
    SCALE,
    STRONG,
    Area,
    rules_by_area,
    themes_by_area,
)
from ethics_engine.entries.telling import Line, opened
from ethics_engine.events import Event
from ethics_engine.findings import Finding
from ethics_engine.logs import Log
from ethics_engine.reports.wording import inert, listed
from ethics_engine.rules.rule_set import RuleSet
from ethics_engine.scalars import MICRO, parse_number

_THRESHOLD = "reflection.strong"
_GO_ON = "None of this says that something went wrong. Noticing is the first half; the second is to let somebody help."
_CONSULT = (
    "Three or more areas at once are a good reason to ask a supervisor or a colleague for an hour of consultation soon."
)


def concluded(
    ratings: Mapping[str, int], answers: Sequence[Event], log: Sequence[Event], rules: RuleSet, now: int
) -> Iterator[Line]:
    """What the ratings (by theme), and the log beside them, speak to; the answers' findings and duties."""
    own = [event for event in log if event.practitioner == answers[0].practitioner]
    effect = effect_of(answers, own, rules, now)
    before = judge_log(Log(events=own), rules, as_of=effect.as_of, engine="live")
    felt = themes_by_area(ratings, strong(rules))
    seen = rules_by_area(before.findings, effect.as_of)
    yield from _areas(ratings, felt, seen)
    yield from _to_supervision(effect, Zone(rules.timezone))


def strong(rules: RuleSet) -> int:
    """The rating from which an answer asks for attention: `reflection.strong` of the rules in use, as it is now."""
    parameter = rules.parameters.get(_THRESHOLD)
    value = parameter.entries[-1].value if parameter is not None else None
    return -(-parse_number(value) // MICRO) if isinstance(value, str) else STRONG


def _areas(
    ratings: Mapping[str, int], felt: Mapping[Area, list[str]], seen: Mapping[Area, list[Finding]]
) -> Iterator[Line]:
    if not felt:
        yield Line("None of your answers asks for attention now.")
    else:
        yield Line("These answers ask for your attention:")
        for area, themes in felt.items():
            said = [f"{theme.replace('_', ' ')} ({SCALE[ratings[theme]]})" for theme in themes]
            yield Line(listed(said), 2, f"{area.title}: ")
    if seen:
        yield Line("And this is what the log of the last three months speaks to:")
        for area, findings in seen.items():
            yield Line("; ".join(inert(each.title or each.rule) for each in findings), 2, f"{area.title}: ")
    together = [area for area in AREAS if area in felt or area in seen]
    if len(together) >= CONSULT_FROM:
        yield Line(_CONSULT)


def _to_supervision(effect: Effect, zone: Zone) -> Iterator[Line]:
    """What the findings of the answers suggest, each suggestion once, and what is to be done by when."""
    suggestions: dict[str, list[str]] = {}
    for finding in effect.changes.new:
        if finding.status == "open" and finding.remedy:
            suggestions.setdefault(inert(finding.remedy), []).append(inert(finding.title or finding.rule))
    if suggestions:
        yield Line("What you may take with you:")
        for remedy, titles in suggestions.items():
            yield Line(remedy, 2, f"{'; '.join(dict.fromkeys(titles))}: ")
    yield from opened(effect, zone)
    if suggestions:
        yield Line(_GO_ON)
