"""`sarif`: SARIF 2.1.0 (OASIS, 2020), for the tools that read static-analysis results.

A violation is an `error`, a risk a `warning`, a notice a `note`; a finding's id is its fingerprint, so that a tool
follows it from run to run. What is excused or waived is suppressed, what could not be told is of kind `open`, an open
obligation of kind `informational`. Rejected lines are notifications of the run, with their place.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ethics_engine.findings import CannotTell, Finding, Obligation, Report
from ethics_engine.layout import as_json, finding_data, obligation_data
from ethics_engine.reports import Page

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
SEVERITY = {"violation": "error", "risk": "warning", "notice": "note"}


def render(report: Report, page: Page) -> str:
    """The report as one SARIF run; the page changes nothing."""
    rules: dict[str, dict[str, Any]] = {}
    items: list[Finding | Obligation | CannotTell] = [*report.findings, *report.obligations, *report.cannot_tell]
    for item in items:
        rule = rules.setdefault(item.rule, {"id": item.rule})
        if item.title:
            rule["shortDescription"] = {"text": item.title}
        if isinstance(item, Finding):
            _describe(rule, item)
    index = {rule: number for number, rule in enumerate(rules)}
    results = [
        *(_finding(finding, index) for finding in report.findings),
        *(_result(duty, index, "informational", obligation_data(duty)) for duty in report.obligations),
        *(
            _result(line, index, "open", {"missing": line.missing, "events": line.events})
            for line in report.cannot_tell
        ),
    ]
    run = {
        "tool": {"driver": {"name": "ethics-engine", "version": report.engine.version, "rules": list(rules.values())}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [_notification(line) for line in report.rejected],
            }
        ],
        "results": results,
        "properties": {"rulesDigest": report.rules.digest, "profile": report.rules.profile},
    }
    return as_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _describe(rule: dict[str, Any], finding: Finding) -> None:
    if finding.why:
        rule["fullDescription"] = {"text": finding.why}
    if finding.remedy:
        rule["help"] = {"text": finding.remedy}
    rule["defaultConfiguration"] = {"level": SEVERITY[finding.level]}
    rule["properties"] = {"tags": [*dict.fromkeys((*finding.families, *finding.cites))]}


def _result(item: Finding | Obligation | CannotTell, index: dict[str, int], kind: str, data: Any) -> dict[str, Any]:
    client = None if isinstance(item, CannotTell) else item.client
    names = [name for name in (item.practitioner, client) if name is not None]
    return {
        "ruleId": item.rule,
        "ruleIndex": index[item.rule],
        "kind": kind,
        "level": "none",
        "message": {"text": item.message or item.title or item.rule},
        "locations": [{"logicalLocations": [{"name": names[-1], "fullyQualifiedName": "/".join(names)}]}],
        "properties": data,
    }


def _finding(finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    data = finding_data(finding)
    kept = {key: data[key] for key in ("status", "at", "practitioner", "client", "events", "values", "cites", "remedy")}
    result = _result(finding, index, "fail", kept) | {
        "level": SEVERITY[finding.level],
        "fingerprints": {"ethicsEngine/v1": finding.id},
    }
    if finding.status != "open":
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": finding.status}]
    return result


def _notification(line: Any) -> dict[str, Any]:
    region = {name: value for name, value in (("startLine", line.line), ("startColumn", line.column)) if value}
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(str(line.file), errors="surrogateescape")}}
    if region.get("startLine"):
        place["region"] = region
    return {"level": "error", "message": {"text": line.message}, "locations": [{"physicalLocation": place}]}
