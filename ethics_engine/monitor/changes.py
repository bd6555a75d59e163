"""What a call changed: findings and obligations before and after it, compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from ethics_engine.engines.live import Verdict
from ethics_engine.engines.said import Item
from ethics_engine.findings import Finding, Obligation


@dataclass(frozen=True, slots=True)
class Changes:
    """What followed from a call, each list in the order of a report.

    `new` and `withdrawn` are findings that came (with whatever status) and went; `excused`, `waived` and `reopened`
    are findings that stayed and changed status, as they stand now; `revised` stayed with their status and changed in
    another way (evidence, values, date). `accepted` and `duplicate` count events.
    """

    as_of: int | None = None
    accepted: int = 0
    duplicate: int = 0
    new: tuple[Finding, ...] = ()
    withdrawn: tuple[Finding, ...] = ()
    excused: tuple[Finding, ...] = ()
    waived: tuple[Finding, ...] = ()
    reopened: tuple[Finding, ...] = ()
    revised: tuple[Finding, ...] = ()
    opened: tuple[Obligation, ...] = ()
    closed: tuple[Obligation, ...] = ()

    def __bool__(self) -> bool:
        """Whether any finding or obligation changed."""
        return any(
            (
                self.new,
                self.withdrawn,
                self.excused,
                self.waived,
                self.reopened,
                self.revised,
                self.opened,
                self.closed,
            )
        )


@dataclass(slots=True)
class Difference:
    """Differences of any number of practitioners, gathered; `any` tells whether there may be some."""

    any: bool = False
    new: list[Finding] = field(default_factory=list)
    withdrawn: list[Finding] = field(default_factory=list)
    excused: list[Finding] = field(default_factory=list)
    waived: list[Finding] = field(default_factory=list)
    reopened: list[Finding] = field(default_factory=list)
    revised: list[Finding] = field(default_factory=list)
    opened: list[Obligation] = field(default_factory=list)
    closed: list[Obligation] = field(default_factory=list)

    def judgement(self, before: Iterable[Item], after: Iterable[Item]) -> None:
        """Compare what a judgement said with what it says now."""
        was, now = [item.verdict for item in before], [item.verdict for item in after]
        if was == now:
            return
        self.findings(_reported(was), _reported(now))
        self.obligations(_duties(was), _duties(now))

    def findings(self, before: Iterable[Finding], after: Iterable[Finding]) -> None:
        """Compare findings, by id."""
        before, after = list(before), list(after)
        if not before and not after:
            return
        self.any = True
        old = {finding.id: finding for finding in before}
        for finding in after:
            was = old.pop(finding.id, None)
            if was is None:
                self.new.append(finding)
            elif was.status != finding.status:
                by_status = {"excused": self.excused, "waived": self.waived, "open": self.reopened}
                by_status[finding.status].append(finding)
            elif was != finding:
                self.revised.append(finding)
        self.withdrawn.extend(old.values())

    def obligations(self, before: Iterable[Obligation], after: Iterable[Obligation]) -> None:
        """Compare obligations; several may be alike."""
        before, after = list(before), list(after)
        if not before and not after:
            return
        self.any = True
        if not before or not after:
            self.closed.extend(before)
            self.opened.extend(after)
            return
        if len(before) == len(after) == 1 and before[0].order != after[0].order:
            self.closed += before
            self.opened += after
            return
        old = Counter(obligation.order for obligation in before)
        seen: Counter[object] = Counter()
        for obligation in after:
            seen[obligation.order] += 1
            if seen[obligation.order] > old[obligation.order]:
                self.opened.append(obligation)
        again: Counter[object] = Counter()
        for obligation in before:
            again[obligation.order] += 1
            if again[obligation.order] > seen[obligation.order]:
                self.closed.append(obligation)

    def changes(self, as_of: int | None, accepted: int = 0, duplicate: int = 0) -> Changes:
        """All of it, in order."""
        if not self.any:
            return Changes(as_of, accepted, duplicate)
        return Changes(
            as_of,
            accepted,
            duplicate,
            _in_order(self.new),
            _in_order(self.withdrawn),
            _in_order(self.excused),
            _in_order(self.waived),
            _in_order(self.reopened),
            _in_order(self.revised),
            _in_order(self.opened),
            _in_order(self.closed),
        )


_Said = TypeVar("_Said", Finding, Obligation)


def _in_order(items: list[_Said]) -> tuple[_Said, ...]:
    return tuple(items) if len(items) < 2 else tuple(sorted(items, key=lambda one: one.order))


def _reported(verdicts: Iterable[Verdict]) -> list[Finding]:
    return [one for one in verdicts if isinstance(one, Finding) and one.level != "none"]


def _duties(verdicts: Iterable[Verdict]) -> list[Obligation]:
    return [one for one in verdicts if isinstance(one, Obligation)]
