"""The results of rule tests as text for people, JSON for scripts and JUnit XML for build servers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree

from ethics_engine.errors import printable
from ethics_engine.ruletests.comparing import TestResult
from ethics_engine.ruletests.strength import SEEN, Coverage, Survivor


@dataclass(frozen=True)
class Outcome:
    """Everything that a run of rule tests has to say; `mutants` is None where none were made."""

    results: Sequence[TestResult]
    coverage: Sequence[Coverage] | None = None
    mutants: int | None = None
    survivors: Sequence[Survivor] = field(default_factory=tuple)

    @property
    def failed(self) -> int:
        """How many tests failed."""
        return sum(not result.passed for result in self.results)

    @property
    def covered_percent(self) -> float:
        """The percentage of rules that are covered; 100 where there is none."""
        if not self.coverage:
            return 100.0
        return 100 * sum(each.covered for each in self.coverage) / len(self.coverage)

    @property
    def killed_percent(self) -> float:
        """The percentage of mutants that some test noticed; 100 where there is none."""
        return 100.0 if not self.mutants else 100 * (1 - len(self.survivors) / self.mutants)


def as_text(outcome: Outcome) -> str:
    """The tests that failed, each with its differences; then coverage, mutants and the count."""
    lines = []
    for result in outcome.results:
        if not result.passed:
            mark = result.test.mark
            lines.append(f"{mark.file}:{mark.line}:{mark.column}: failed: {result.test.model.name}")
            lines.extend(f"    {printable(problem)}" for problem in result.problems)
    if outcome.coverage is not None:
        lines += _coverage_table(outcome.coverage)
    if outcome.mutants is not None:
        lines += [f"not noticed by any test: {each.rule}: {each.change}" for each in outcome.survivors]
        lines.append(f"{outcome.killed_percent:.1f} % of {outcome.mutants} mutants noticed")
    if outcome.coverage is not None:
        lines.append(f"{outcome.covered_percent:.1f} % of {len(outcome.coverage)} rules covered")
    lines.append(f"{len(outcome.results) - outcome.failed} passed, {outcome.failed} failed")
    return "\n".join(lines) + "\n"


def _coverage_table(coverage: Sequence[Coverage]) -> list[str]:
    width = max((len(each.rule) for each in coverage), default=4)
    lines = [f"{'rule':<{width}}  " + "  ".join(f"{name:>7}" for name in SEEN)]
    for each in coverage:
        counts = "  ".join(f"{each.counts[name]:>7}" for name in SEEN)
        lines.append(f"{each.rule:<{width}}  {counts}{'' if each.covered else '   not covered'}")
    return lines


def as_json(outcome: Outcome) -> str:
    """The same as one JSON object."""
    data: dict[str, object] = {
        "passed": len(outcome.results) - outcome.failed,
        "failed": outcome.failed,
        "tests": [
            {
                "name": result.test.model.name,
                "rule": result.test.model.rule,
                "file": result.test.mark.file,
                "line": result.test.mark.line,
                "passed": result.passed,
                "seen": sorted(result.seen),
                "problems": list(result.problems),
            }
            for result in outcome.results
        ],
    }
    if outcome.coverage is not None:
        data["coverage"] = {
            "percent": round(outcome.covered_percent, 2),
            "rules": [{"rule": each.rule, "covered": each.covered, **each.counts} for each in outcome.coverage],
        }
    if outcome.mutants is not None:
        data["mutation"] = {
            "mutants": outcome.mutants,
            "percent": round(outcome.killed_percent, 2),
            "survivors": [{"rule": each.rule, "change": each.change} for each in outcome.survivors],
        }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def as_junit(outcome: Outcome) -> str:
    """The tests as JUnit XML, a suite a file."""
    root = ElementTree.Element("testsuites", tests=str(len(outcome.results)), failures=str(outcome.failed))
    suites: dict[str, ElementTree.Element] = {}
    for result in outcome.results:
        file = result.test.mark.file
        if file not in suites:
            suites[file] = ElementTree.SubElement(root, "testsuite", name=result.test.file.stem)
        case = ElementTree.SubElement(
            suites[file], "testcase", name=printable(result.test.model.name), classname=result.test.model.rule or ""
        )
        if not result.passed:
            failure = ElementTree.SubElement(case, "failure", message=printable(result.problems[0]))
            failure.text = (
                printable(f"{file}:{result.test.mark.line}") + "\n" + "\n".join(map(printable, result.problems))
            )
    for suite in suites.values():
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


RENDERERS = {"text": as_text, "json": as_json, "junit": as_junit}
