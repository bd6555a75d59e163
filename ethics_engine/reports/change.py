"""What other rules make of the same log: findings that appear, vanish, or change their level or status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ethics_engine.calendars import Zone
from ethics_engine.findings import Finding, Report
from ethics_engine.layout import as_json, finding_data
from ethics_engine.reports.wording import date_in_words, inert, listed

CLASSES: Mapping[str, str] = {
    "appears": "Findings that appear",
    "vanishes": "Findings that vanish",
    "level": "Findings whose level changes",
    "status": "Findings whose status changes",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One finding that the other rules judge otherwise; `before` or `after` is None where there is none."""

    kind: str
    before: Finding | None
    after: Finding | None

    @property
    def finding(self) -> Finding:
        """The finding as it stands, or as it stood."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def steps(self) -> str:
        """`risk → violation`, or the one level of a finding that appears or vanishes."""
        name = "status" if self.kind == "status" else "level"
        sides = [str(getattr(each, name)) for each in (self.before, self.after) if each is not None]
        return " → ".join(sides)


def changes(old: Report, new: Report) -> list[Change]:
    """What differs from one report to another of the same log, class by class, each in order of time."""
    before = {finding.id: finding for finding in old.findings}
    after = {finding.id: finding for finding in new.findings}
    found = [Change("appears", None, each) for name, each in after.items() if name not in before]
    found += [Change("vanishes", each, None) for name, each in before.items() if name not in after]
    for name, each in after.items():
        was = before.get(name)
        if was is not None and was.level != each.level:
            found.append(Change("level", was, each))
        elif was is not None and was.status != each.status:
            found.append(Change("status", was, each))
    order = list(CLASSES)
    return sorted(found, key=lambda change: (order.index(change.kind), change.finding.order))


def change_json(found: list[Change]) -> str:
    """Counts by class, then each change with its finding as it was and as it is, in the report's own layout."""
    counts = Counter(change.kind for change in found)
    data: dict[str, Any] = {
        "summary": {kind: counts[kind] for kind in CLASSES},
        "changes": [
            {
                "class": change.kind,
                "before": None if change.before is None else finding_data(change.before),
                "after": None if change.after is None else finding_data(change.after),
            }
            for change in found
        ],
    }
    return as_json(data, indent=2) + "\n"


def change_text(found: list[Change], zone: Zone) -> str:
    """The same in words: class by class, rule by rule, with the events behind each finding."""
    if not found:
        return "Both judge this log alike: no finding appears, vanishes or changes.\n"
    return "\n".join(_said(found, zone)) + "\n"


def _said(found: list[Change], zone: Zone) -> Iterator[str]:
    for kind, title in CLASSES.items():
        mine = [change for change in found if change.kind == kind]
        if not mine:
            continue
        yield f"{title}: {len(mine):,}"
        by_rule: dict[tuple[str, str], list[Change]] = {}
        for change in mine:
            by_rule.setdefault((change.finding.rule, change.steps), []).append(change)
        for (rule, steps), each in sorted(by_rule.items()):
            yield f"\n  {inert(rule)} ({steps}): {len(each):,}"
            for change in each:
                finding = change.finding
                whom = "" if finding.client is None else f", client {inert(finding.client)}"
                events = listed([inert(event) for event in finding.events])
                yield f"    {date_in_words(finding.at, zone)}{whom}: {inert(finding.message)}"
                yield f"      events {events}"
        yield ""
