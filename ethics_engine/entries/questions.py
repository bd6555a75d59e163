"""The self-check: one question for each theme of `reflection.recorded`, and the areas that answers speak to.

The questions are worded here; they follow the statements S17 to S58 that the rules of the policy `reflection` cite. The
first seven areas are the groups of the Exploitation Index (Epstein & Simon 1990: generalised boundary violations,
eroticism, exhibitionism, dependency, power seeking, greediness, enabling), none of whose items is used; the other
two hold the themes that it has no group for. No score is made of answers: no cut-off is verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ethics_engine.findings import Finding
from ethics_engine.scalars import DAY

SCALE = ("never", "rarely", "sometimes", "often", "nearly always")
"""What the ratings 0 to 4 mean, as the parameters of the policy `reflection` say it."""

STRONG = 3
"""The rating from which an answer asks for attention, where the rules in use do not say (`reflection.strong`)."""

CONSULT_FROM = 3
"""Areas that ask for attention at once, from which a consultation is suggested (domain default, no cut-off exists)."""

LOOKED_BACK = 91 * DAY
"""How far back the log is looked at beside the answers: a quarter, as `reflection.quarter` has it."""

QUESTIONS: Mapping[str, str] = {
    "judging": "I caught myself judging a client: what they do, believe or are.",
    "patronising": "I talked down to a client, as if I knew their life better than they do.",
    "closed_minded": "I found it hard to take a client's own way of seeing things seriously.",
    "invalidating": "I passed over what a client felt, or explained it away.",
    "inattentive": "My thoughts were somewhere else while a client was speaking.",
    "unempathic": "I could not find my way into what a client was going through.",
    "over_involved": "A client's story drew me in so deeply that I lost my own footing.",
    "too_distant": "I stayed behind my professional manner where some warmth would have helped.",
    "romantic_feelings": "I felt drawn to a client, romantically or sexually.",
    "seeking_acceptance": "I wanted a client to like me, and chose what I said by it.",
    "self_confirmation": "I needed a client's praise or progress to feel that I am good at this.",
    "client_as_customer": "My income weighed in when I thought about how often or how long a client should come.",
    "saviour": "I felt that it was up to me to save a client, and did more than we had agreed.",
    "imposing_authority": "I used the weight of my role to bring a client to my view.",
    "hiding_behind_role": "I left a question or a criticism unanswered by keeping to my role.",
    "impatient_with_process": "I wanted a client to be further on than they were, and pressed for it.",
    "beyond_competence": "I worked on something for which I do not feel well enough prepared.",
}
"""A sentence to be rated for each theme, calm and in the first person."""


@dataclass(frozen=True, slots=True)
class Area:
    """Where a practice may ask for attention: its themes, and the rules of a log that speak to it (by beginning)."""

    title: str
    themes: tuple[str, ...]
    rules: tuple[str, ...]


AREAS = (
    Area("The frame of the work", ("over_involved",), ("session.", "schedule.", "contact.", "space.")),
    Area("Attraction", ("romantic_feelings",), ("intimacy.", "touch.")),
    Area("Being admired", ("self_confirmation",), ("privacy.",)),
    Area("Leaning on clients", ("seeking_acceptance",), ("focus.",)),
    Area(
        "Power",
        ("patronising", "imposing_authority", "hiding_behind_role"),
        ("influence.", "secrecy.", "agreement.changed-alone"),
    ),
    Area("Rescuing", ("saviour",), ("payment.waived", "pattern.rescue")),
    Area("Gain", ("client_as_customer",), ("payment.", "gift.", "roles.", "pattern.dealings")),
    Area(
        "Respect and presence",
        ("judging", "closed_minded", "invalidating", "inattentive", "unempathic", "too_distant"),
        ("language.", "feedback."),
    ),
    Area("The pace and the reach of the work", ("impatient_with_process", "beyond_competence"), ("outcome.",)),
)
"""Rules belong to the first area that fits: a fee that is waived is rescuing before it is gain."""


def themes_by_area(ratings: Mapping[str, int], strong: int) -> dict[Area, list[str]]:
    """The areas with an answer of at least `strong`, each with its themes, the strongest first."""
    found = {
        area: sorted(
            (theme for theme in area.themes if ratings.get(theme, 0) >= strong), key=lambda theme: -ratings[theme]
        )
        for area in AREAS
    }
    return {area: themes for area, themes in found.items() if themes}


def rules_by_area(findings: Iterable[Finding], as_of: int) -> dict[Area, list[Finding]]:
    """The areas that open risks and violations of the last quarter speak to, each with one finding of every rule."""
    found: dict[Area, dict[str, Finding]] = {}
    for finding in findings:
        recent = as_of - LOOKED_BACK <= finding.at <= as_of
        if finding.status != "open" or finding.level not in ("violation", "risk") or not recent:
            continue
        area = next((each for each in AREAS if finding.rule.startswith(each.rules)), None)
        if area is not None:
            found.setdefault(area, {})[finding.rule] = finding
    return {area: list(found[area].values()) for area in AREAS if area in found}
