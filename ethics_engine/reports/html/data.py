"""The findings as compact JSON for the script of the page: what repeats (rules, names, keys) is written once.

The text holds none of `<`, `>` and `&`, so that no markup can begin or end in it, whatever stands in a log.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from typing import Any, Generic, TypeVar

from ethics_engine.calendars import Zone
from ethics_engine.findings import Finding, Report
from ethics_engine.reports.wording import clauses, inert, setting

_Item = TypeVar("_Item", bound=Hashable)


class _Table(Generic[_Item]):
    """Items, each once, and their places."""

    def __init__(self) -> None:
        self.places: dict[_Item, int] = {}

    def place(self, item: _Item) -> int:
        return self.places.setdefault(item, len(self.places))


def page_data(report: Report, zone: Zone) -> str:
    """`rules`, `practitioners`, `clients`, `keys`, `types` and `findings`.

    Times are local, to the minute. A finding is [id, rule, status, at, practitioner, client or -1, message, evidence,
    keys, values], and a piece of evidence an event's id, or [id, type, at] where the report holds the event.
    """
    rules: _Table[tuple[str, ...]] = _Table()
    practitioners: _Table[str] = _Table()
    clients: _Table[str] = _Table()
    keys: _Table[tuple[str, ...]] = _Table()
    types: _Table[str] = _Table()
    events = {(one.practitioner, one.id): one for one in report.happenings}

    def evidence(finding: Finding) -> list[Any]:
        said: list[Any] = []
        for name in finding.events:
            event = events.get((finding.practitioner, name))
            said.append(
                inert(name) if event is None else [inert(name), types.place(event.type), _local(event.at, zone)]
            )
        return said

    findings = [
        [
            finding.id,
            rules.place(_rule(finding)),
            finding.status,
            _local(finding.at, zone),
            practitioners.place(inert(finding.practitioner)),
            -1 if finding.client is None else clients.place(inert(finding.client)),
            inert(finding.message),
            evidence(finding),
            keys.place(tuple(inert(key) for key in finding.values)),
            [setting(value) for value in finding.values.values()],
        ]
        for finding in report.findings
    ]
    data = {
        "rules": [list(rule) for rule in rules.places],
        "practitioners": list(practitioners.places),
        "clients": list(clients.places),
        "keys": [list(each) for each in keys.places],
        "types": list(types.places),
        "findings": findings,
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _rule(finding: Finding) -> tuple[str, ...]:
    said = (finding.rule, finding.policy, finding.level, finding.title or finding.rule, finding.remedy, finding.why)
    return (*map(inert, said), clauses(finding.cites), inert(", ".join(finding.families)))


def _local(at: int, zone: Zone) -> str:
    return zone.local(at).strftime("%Y-%m-%dT%H:%M")
