"""The public contract's layout of a report, as plain data: the one place that knows its keys and their order.

Times are RFC 3339 in UTC, ending in `Z`; what is not known is null.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticSerializationError, to_json

from ethics_engine.findings import CannotTell, Finding, Obligation, Report
from ethics_engine.scalars import format_instant

if TYPE_CHECKING:
    from ethics_engine.logs import RejectedLine


_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


def _instant(at: int | None) -> str | None:
    return None if at is None else format_instant(at)


def finding_data(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "rule": finding.rule,
        "policy": finding.policy,
        "level": finding.level,
        "status": finding.status,
        "at": _instant(finding.at),
        "practitioner": finding.practitioner,
        "client": finding.client,
        "events": list(finding.events),
        "message": finding.message,
        "values": dict(finding.values),
        "cites": list(finding.cites),
        "remedy": finding.remedy,
    }


def obligation_data(obligation: Obligation) -> dict[str, Any]:
    return {
        "rule": obligation.rule,
        "due": _instant(obligation.due),
        "practitioner": obligation.practitioner,
        "client": obligation.client,
        "events": list(obligation.events),
        "message": obligation.message,
    }


def cannot_tell_data(line: CannotTell) -> dict[str, Any]:
    return {
        "rule": line.rule,
        "practitioner": line.practitioner,
        "missing": line.missing,
        "events": line.events,
        "message": line.message,
    }


def rejected_data(line: RejectedLine) -> dict[str, Any]:
    return {
        "file": line.file,
        "line": line.line,
        "column": line.column,
        "field": line.field,
        "expected": line.expected,
        "seen": line.seen,
        "message": line.message,
        "hint": line.hint,
        "text": line.text,
    }


def head_data(report: Report) -> dict[str, Any]:
    """Everything but the three lists: engine, rules, log and summary."""
    rules, log = report.rules, report.log
    return {
        "engine": {
            "name": "ethics-engine",
            "version": report.engine.version,
            "evaluator": report.engine.evaluator,
        },
        "rules": {
            "digest": rules.digest,
            "policies": [{"policy": one.policy, "version": one.version, "rules": one.rules} for one in rules.policies],
            "profile": rules.profile,
            "overrides": [
                {"parameter": one.parameter, "default": one.default, "value": one.value, "from": one.source}
                for one in rules.overrides
            ],
        },
        "log": {
            "read": log.read,
            "accepted": log.accepted,
            "duplicate": log.duplicate,
            "rejected": log.rejected,
            "from": _instant(log.first),
            "to": _instant(log.last),
            "as_of": _instant(log.as_of),
            "amendments_without_effect": [
                {
                    "event": one.event_id,
                    "target": one.target,
                    "practitioner": one.practitioner,
                    "reason": one.reason,
                }
                for one in report.ineffective
            ],
            "corrections": [
                {
                    "event": one.event_id,
                    "target": one.target,
                    "practitioner": one.practitioner,
                    "kind": one.kind,
                    "at": _instant(one.at),
                    "reason": one.reason,
                }
                for one in report.corrections
            ],
        },
        "summary": report.summary(),
    }


def report_data(report: Report) -> dict[str, Any]:
    """The whole report; its three long lists are made item by item, as they are read."""
    return {
        **head_data(report),
        "findings": map(finding_data, report.findings),
        "obligations": map(obligation_data, report.obligations),
        "cannot_tell": map(cannot_tell_data, report.cannot_tell),
    }


def as_json(data: Any, *, indent: int | None = None) -> str:
    """Data as JSON: text stays as it was written, but for what could move a cursor or turn the reading direction."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(data, ensure_ascii=False, indent=indent, separators=separators, allow_nan=False)
    return _UNSEEN.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return json.dumps(match.group())[1:-1]


def report_json(report: Report) -> str:
    """The report as one JSON document, indented by two."""
    return "".join(report_pieces(report))


def report_pieces(report: Report) -> Iterator[str]:
    """The same document piece by piece, so that it need not be in memory as a whole."""
    pieces = _pieces(report_data(report))
    while some := "".join(islice(pieces, _AT_ONCE)):
        yield some if some.isascii() and "\x7f" not in some else _UNSEEN.sub(_escaped, some)


_AT_ONCE = 500  # pieces of a document that are joined, most of them findings


def _pieces(document: dict[str, Any]) -> Iterator[str]:
    """A document, indented by two as `json.dumps` writes it; each item of a `map` is a piece of its own."""
    start, line = "{", "\n    "
    for key, value in document.items():
        yield f'{start}\n  "{key}": '
        start = ","
        if not isinstance(value, map):
            yield _indented(value, "\n  ")
            continue
        before = "["
        for item in value:
            yield before + line + _indented(item, line)
            before = ","
        yield "[]" if before == "[" else "\n  ]"
    yield "\n}\n"


def _indented(data: Any, line: str) -> str:
    """Some data indented by two; `line` is a line end with the indentation of what holds the data."""
    try:
        text = to_json(data, indent=2).decode()
    except PydanticSerializationError:  # half a surrogate pair, which UTF-8 cannot hold, is escaped in the end
        text = json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False)
    return text.replace("\n", line)
