"""A funnel plot's numbers: rates of practitioners beside limits that chance alone would seldom cross.

D. J. Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in Medicine 24 (2005) 1185-1202.
The number of findings of a practitioner with `n` sessions is compared with a Poisson law of mean `n * rate`, where
`rate` is that of all practitioners together. The limits are the exact, interpolated ones of the paper's appendix A.1:
with `r` the least number for which P(R <= r) > p, and a = (P(R <= r) - p) / P(R = r), the limit is (r - a) / n. A
control limit of 95 % has p = 0.025 and 0.975, one of 99.8 % p = 0.001 and 0.999.

Findings come in clusters, so counts spread more than Poisson's. As the paper's section on overdispersion (and its
appendix) has it, the spread is estimated from standardised residuals, winsorised at 10 % on either side:
`phi = mean(z ** 2)`. Where `phi > 1 + 2 * sqrt(2 / I)` for `I` practitioners, every limit's distance from the rate is
multiplied by `sqrt(phi)`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ethics_engine.findings import Report

SESSION = "session.held"
LIMITS = (0.001, 0.025, 0.975, 0.999)
WINSORISED = 0.1


@dataclass(frozen=True, slots=True)
class Practice:
    """One practitioner: sessions held, open findings, and what could not be told; `place` is a band of `BANDS`."""

    practitioner: str
    sessions: int
    findings: int
    cannot_tell: int
    place: str = ""
    limits: tuple[float, ...] = ()

    @property
    def rate(self) -> float:
        """Findings per session."""
        return self.findings / self.sessions


@dataclass(frozen=True, slots=True)
class Funnel:
    """All practitioners with sessions (`practices`, ranked) and without (`without`); `rate` is per session, of all.

    `spread` is phi, and `widened` whether the limits were widened by its root.
    """

    rate: float
    spread: float
    widened: bool
    practices: tuple[Practice, ...]
    without: tuple[Practice, ...]

    @property
    def outside(self) -> tuple[Practice, ...]:
        """Those beyond a limit, in the order of the ranking."""
        return tuple(one for one in self.practices if one.place != WITHIN)

    @property
    def inside(self) -> tuple[Practice, ...]:
        """Those within both limits, by name: chance explains the differences between them."""
        return tuple(one for one in self.practices if one.place == WITHIN)

    def limits(self, sessions: float) -> tuple[float, ...]:
        """The four limits of `LIMITS` for so many sessions, per session and never below none."""
        wider = math.sqrt(self.spread) if self.widened else 1.0
        exact = (poisson_limit(sessions * self.rate, p) / sessions for p in LIMITS)
        return tuple(max(0.0, self.rate + wider * (limit - self.rate)) for limit in exact)


FAR_ABOVE, ABOVE, WITHIN, BELOW, FAR_BELOW = (
    "above the 99.8 % limit",
    "above the 95 % limit",
    "within the limits",
    "below the 95 % limit",
    "below the 99.8 % limit",
)
BANDS = (FAR_ABOVE, ABOVE, BELOW, FAR_BELOW, WITHIN)


def poisson_limit(mean: float, p: float) -> float:
    """The interpolated quantile `r - a` of a Poisson law; 0 for a mean of 0."""
    if mean <= 0:
        return 0.0
    start = max(0, int(mean - 12 * math.sqrt(mean) - 12))
    below, number = 0.0, start
    while True:
        chance = math.exp(number * math.log(mean) - mean - math.lgamma(number + 1))
        if below + chance > p:
            return number - (below + chance - p) / chance
        below += chance
        number += 1


def funnel(report: Report) -> Funnel | None:
    """The open findings of each practitioner per session held; None where fewer than two have sessions."""
    sessions = Counter(one.practitioner for one in report.happenings if one.type == SESSION)
    found = Counter(one.practitioner for one in report.findings if one.status == "open")
    unknown = Counter(one.practitioner for one in report.cannot_tell)
    names = sorted({one.practitioner for one in report.happenings} | set(found) | set(unknown))
    all_of_them = [Practice(name, sessions[name], found[name], unknown[name]) for name in names]
    judged = [one for one in all_of_them if one.sessions]
    if len(judged) < 2:
        return None
    rate = sum(one.findings for one in judged) / sum(one.sessions for one in judged)
    spread = _spread(judged, rate)
    widened = spread > 1 + 2 * math.sqrt(2 / len(judged))
    bare = Funnel(rate, spread, widened, (), tuple(one for one in all_of_them if not one.sessions))
    placed = [_placed(one, bare.limits(one.sessions)) for one in judged]
    ranked = sorted(placed, key=lambda one: _rank(one, rate))
    return Funnel(rate, spread, widened, tuple(ranked), bare.without)


def _spread(practices: Sequence[Practice], rate: float) -> float:
    if rate == 0:
        return 1.0
    scores = sorted((one.findings - one.sessions * rate) / math.sqrt(one.sessions * rate) for one in practices)
    cut = int(WINSORISED * len(scores))
    low, high = scores[cut], scores[-1 - cut]
    return sum(min(max(score, low), high) ** 2 for score in scores) / len(scores)


def _placed(one: Practice, limits: tuple[float, ...]) -> Practice:
    far_below, below, above, far_above = limits
    place = (
        FAR_ABOVE
        if one.rate > far_above
        else ABOVE
        if one.rate > above
        else FAR_BELOW
        if one.rate < far_below
        else BELOW
        if one.rate < below
        else WITHIN
    )
    return Practice(one.practitioner, one.sessions, one.findings, one.cannot_tell, place, limits)


def _rank(one: Practice, rate: float) -> tuple[int, float, str]:
    """Beyond a limit, by how far the count is from what is expected; within them, by name alone."""
    expected = one.sessions * rate
    far = 0.0 if one.place == WITHIN or not expected else abs(one.findings - expected) / math.sqrt(expected)
    return (BANDS.index(one.place), -far, one.practitioner)
