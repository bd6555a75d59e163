"""What a rule test expected against what was found: a closed world, in which nothing else may be found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ethics_engine.engines.live import Judgement
from ethics_engine.findings import Finding
from ethics_engine.located import Seq
from ethics_engine.rules.parameters import plain
from ethics_engine.ruletests.reading import RuleTest
from ethics_engine.scalars import format_instant, parse_instant


@dataclass(frozen=True)
class TestResult:
    """How a test went: `problems` are empty where it passed; `seen` says what the rule did in it."""

    test: RuleTest
    problems: tuple[str, ...]
    seen: frozenset[str]
    findings: tuple[Finding, ...] = field(default=(), repr=False)

    @property
    def passed(self) -> bool:
        """Whether everything expected was found and nothing else."""
        return not self.problems


def compare(test: RuleTest, judgement: Judgement) -> TestResult:
    """What a test expected against what was found; the findings of rules that feed others are left out."""
    rule = test.model.rule
    findings = sorted(
        (finding for finding in judgement.findings if rule is None or finding.rule == rule),
        key=lambda finding: finding.order,
    )
    problems = _differences("finding", test.model.expect, [_finding_data(finding) for finding in findings])
    duties = [duty for duty in judgement.obligations if rule is None or duty.rule == rule]
    if test.model.obligations is not None:
        found = [
            {"rule": duty.rule, "due": format_instant(duty.due), "client": duty.client, "trigger": duty.events[0]}
            for duty in sorted(duties, key=lambda duty: duty.order)
        ]
        problems += _differences("obligation", test.model.obligations, found)
    untold = [line for line in judgement.cannot_tell if rule is None or line.rule == rule]
    if test.model.cannot_tell is not None:
        lines = [{"rule": line.rule, "missing": line.missing, "events": str(line.events)} for line in untold]
        problems += _differences("cannot tell", test.model.cannot_tell, lines)
    seen = {finding.status if finding.status != "open" else "fired" for finding in findings}
    seen |= ({"pending"} if duties else set()) | ({"untold"} if untold else set())
    return TestResult(test, tuple(problems), frozenset(seen or {"clear"}), tuple(findings))


def _finding_data(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "level": finding.level,
        "status": finding.status,
        "at": format_instant(finding.at),
        "client": finding.client,
        "practitioner": finding.practitioner,
        "trigger": finding.events[0],
        "events": list(finding.events),
    }


def _differences(what: str, expected: Sequence[Any], found: Sequence[Mapping[str, Any]]) -> list[str]:
    taken: dict[int, int] = {}  # which expectation has which finding
    missing = [each for at, each in enumerate(expected) if not _take(at, expected, found, taken, set())]
    problems = [f"missing {what}: {_brief(plain(each))}" for each in missing]
    return problems + [f"unexpected {what}: {_brief(one)}" for at, one in enumerate(found) if at not in taken]


def _take(
    wanted: int, expected: Sequence[Any], found: Sequence[Mapping[str, Any]], taken: dict[int, int], asked: set[int]
) -> bool:
    """Find an expectation a finding of its own, moving another expectation where that one fits elsewhere too."""
    for at, one in enumerate(found):
        if at not in asked and _fits(expected[wanted], one):
            asked.add(at)
            if at not in taken or _take(taken[at], expected, found, taken, asked):
                taken[at] = wanted
                return True
    return False


def _fits(expected: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    for key, value in expected.items():
        there = found.get(key)
        if key in ("at", "due"):
            if parse_instant(str(value)) != parse_instant(str(there)):
                return False
        elif isinstance(value, Seq):
            if [str(item) for item in value] != there:
                return False
        elif (None if value == "null" else str(value)) != there:
            return False
    return True


def _brief(data: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {_words(value)}" for key, value in data.items() if value is not None)


def _words(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
