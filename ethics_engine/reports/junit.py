"""`junit`: each finding a test case, for build servers; it fails where the command does.

That is: where a finding at `--fail-on` or above is open. What is excused, waived or could not be told is skipped,
with the reason; what is open below that level passes, and is told in its output.
"""

from __future__ import annotations

from xml.etree import ElementTree

from ethics_engine.findings import LEVELS, CannotTell, Finding, Report
from ethics_engine.layout import as_json
from ethics_engine.reports import Page
from ethics_engine.reports.wording import clauses, inert
from ethics_engine.scalars import format_instant


def render(report: Report, page: Page) -> str:
    """The findings as JUnit XML, a test suite for each policy."""
    grave = LEVELS[: LEVELS.index(page.fail_on) + 1] if page.fail_on in LEVELS else ()
    root = ElementTree.Element("testsuites", name="ethics-engine")
    policies = dict.fromkeys(one.policy for one in report.rules.policies)
    policies.update(dict.fromkeys(map(_policy, report.findings)))
    policies.update(dict.fromkeys(map(_policy, report.cannot_tell)))
    for policy in policies:
        findings = [one for one in report.findings if one.policy == policy]
        unknown = [one for one in report.cannot_tell if _policy(one) == policy]
        failing = [one for one in findings if one.status == "open" and one.level in grave]
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=inert(policy),
            tests=str(len(findings) + len(unknown)),
            failures=str(len(failing)),
            errors="0",
            skipped=str(len(unknown) + sum(one.status != "open" for one in findings)),
        )
        if report.log.as_of is not None:
            suite.set("timestamp", format_instant(report.log.as_of).removesuffix("Z"))
        for finding in findings:
            _finding(suite, finding, finding in failing)
        for line in unknown:
            case = _case(suite, line, f"cannot tell: {line.missing}")
            ElementTree.SubElement(case, "skipped", message=inert(line.message))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _policy(item: Finding | CannotTell) -> str:
    return item.policy if isinstance(item, Finding) else item.rule.split(".")[0]


def _case(suite: ElementTree.Element, item: Finding | CannotTell, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", classname=inert(item.rule), name=inert(name))


def _finding(suite: ElementTree.Element, finding: Finding, failing: bool) -> None:
    whom = " ".join(part for part in (finding.practitioner, finding.client) if part is not None)
    case = _case(suite, finding, f"{format_instant(finding.at)} {whom} {finding.id}")
    message = inert(finding.message)
    if finding.status != "open":
        ElementTree.SubElement(case, "skipped", message=f"{finding.status}: {message}")
    elif failing:
        failure = ElementTree.SubElement(case, "failure", type=finding.level, message=message)
        failure.text = "\n".join(
            line
            for line in (
                inert(finding.remedy),
                f"events: {inert(' '.join(finding.events))}",
                f"values: {inert(as_json(dict(finding.values)))}",
                f"clauses: {clauses(finding.cites)}",
            )
            if line
        )
    else:
        ElementTree.SubElement(case, "system-out").text = f"{finding.level}: {message}"
