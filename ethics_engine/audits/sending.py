"""What a part came to, on its way from the process that judged it: of findings and duties what their rules do not say.

The texts of a rule are the most of a large report. Those that arrive hold the plan's own, so that each is kept once.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from ethics_engine.audits.part import Judged
from ethics_engine.engines.verdicts import finding_of, obligation_of
from ethics_engine.plan import Plan

_OF_FINDING = attrgetter(
    "rule", "id", "status", "at", "practitioner", "client", "events", "message", "values", "remedy"
)
_OF_OBLIGATION = attrgetter("rule", "due", "practitioner", "client", "events", "message")


@dataclass(frozen=True, slots=True)
class Sent:
    """Findings and duties as rows, and the rest as it is."""

    rest: Judged
    findings: list[tuple[Any, ...]]
    obligations: list[tuple[Any, ...]]


def sent(judged: Judged) -> Sent:
    """What is to be sent of a part; its findings and duties are taken out of it."""
    judgement = judged.judgement
    packed = Sent(judged, [*map(_OF_FINDING, judgement.findings)], [*map(_OF_OBLIGATION, judgement.obligations)])
    judgement.findings, judgement.obligations = [], []
    return packed


def received(packed: Sent, plan: Plan) -> Judged:
    """The part as it was."""
    judged = packed.rest
    judged.judgement.findings = [finding_of(plan.rules[rule], *own) for rule, *own in packed.findings]
    judged.judgement.obligations = [obligation_of(plan.rules[rule], *own) for rule, *own in packed.obligations]
    return judged
