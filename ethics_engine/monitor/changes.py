"""What a call changed: findings and obligations before and after it, compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ethics_engine.engines.live import Verdict
from ethics_engine.engines.said import Item
from ethics_engine.findings import Finding, Obligation


@dataclass(slots=True)
class Changes:
    """What followed from a call, each list in the order of a report.

    `new` and `withdrawn` are findings that came (with whatever status) and went; `excused`, `waived` and `reopened`
    are findings that stayed and changed status, as they stand now; `revised` stayed with their status and changed in
    another way (evidence, values, date). Of a duty that changed, in its words alone too, the old one is `closed` and
    the new one `opened`. `accepted` and `duplicate` count events.
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
    """Differences of any number of practitioners, gathered by the name that `Changes` has for them."""

    _found: dict[str, list[Any]] = field(default_factory=dict)

    def judgement(self, before: Iterable[Item], after: Iterable[Item]) -> None:
        """Compare what a judgement said with what it says now."""
        was, now = [item.verdict for item in before], [item.verdict for item in after]
        if was == now:
            return
        findings = _reported(was), _reported(now)
        if any(findings):
            self.findings(*findings)
        self.obligations(_duties(was), _duties(now))

    def findings(self, before: Iterable[Finding], after: Iterable[Finding]) -> None:
        """Compare findings, by id."""
        old = {finding.id: finding for finding in before}
        for finding in after:
            was = old.pop(finding.id, None)
            if was is None:
                self._add("new", finding)
            elif was.status != finding.status:
                self._add("reopened" if finding.status == "open" else finding.status, finding)
            elif was != finding:
                self._add("revised", finding)
        self._add("withdrawn", *old.values())

    def obligations(self, before: Iterable[Obligation], after: Iterable[Obligation]) -> None:
        """Compare obligations; several may be alike."""
        before, after = list(before), list(after)
        if not before or not after or (len(before) == len(after) == 1 and before[0] != after[0]):
            self._add("closed", *before)
            self._add("opened", *after)
            return
        self._add("opened", *(Counter(after) - Counter(before)).elements())
        self._add("closed", *(Counter(before) - Counter(after)).elements())

    def changes(self, as_of: int | None, accepted: int = 0, duplicate: int = 0) -> Changes:
        """All of it, in order."""
        if not self._found:
            return Changes(as_of, accepted, duplicate)
        return Changes(as_of, accepted, duplicate, **{name: _in_order(items) for name, items in self._found.items()})

    def _add(self, name: str, *items: Finding | Obligation) -> None:
        if items:
            self._found.setdefault(name, []).extend(items)


_Said = TypeVar("_Said", Finding, Obligation)


def _in_order(items: list[_Said]) -> tuple[_Said, ...]:
    return tuple(items) if len(items) < 2 else tuple(sorted(items, key=lambda one: one.order))


def _reported(verdicts: Iterable[Verdict]) -> list[Finding]:
    return [one for one in verdicts if isinstance(one, Finding) and one.level != "none"]


def _duties(verdicts: Iterable[Verdict]) -> list[Obligation]:
    return [one for one in verdicts if isinstance(one, Obligation)]
