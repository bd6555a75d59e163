"""Whether rules say of a log with pseudonyms what they say of the log itself: two reports, told apart rule by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ethics_engine.findings import Finding, Obligation, Report
from ethics_engine.pseudonyms.replacing import Pseudonymiser

_Said = tuple[str, str, str, str, str | None]  # rule, level, status, practitioner, client
_Dated = tuple[_Said, tuple[str, ...], int]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a rule says otherwise: findings, duties and gaps that are gone or new, and those on other events."""

    rule: str
    gone: int = 0
    new: int = 0
    on_other_events: int = 0


def differences(report: Report, other: Report, pseudonymiser: Pseudonymiser) -> list[Difference]:
    """What the report of a log with pseudonyms says otherwise than that of the log, by rule; empty where nothing.

    Both are judged by the same rules, the other one as of the moved instant. Times may differ by what clock changes
    make of a shift.
    """
    gone, new, elsewhere = Counter[str](), Counter[str](), Counter[str]()
    for mine, theirs in (
        (report.findings, other.findings),
        (report.obligations, other.obligations),
    ):
        wanted = [_expected(one, pseudonymiser) for one in mine]
        _match(wanted, [_said(one) for one in theirs], pseudonymiser, gone, new, elsewhere)
    named = pseudonymiser.practitioner
    untold = Counter((one.rule, named(one.practitioner), one.missing, one.events) for one in report.cannot_tell)
    other_untold = Counter((one.rule, one.practitioner, one.missing, one.events) for one in other.cannot_tell)
    gone.update(one[0] for one in (untold - other_untold).elements())
    new.update(one[0] for one in (other_untold - untold).elements())
    return [Difference(rule, gone[rule], new[rule], elsewhere[rule]) for rule in sorted({*gone, *new, *elsewhere})]


def _expected(one: Finding | Obligation, pseudonymiser: Pseudonymiser) -> _Dated:
    """What should be said of the log with pseudonyms."""
    (rule, level, status, practitioner, client), events, at = _said(one)
    about = (
        rule,
        level,
        status,
        pseudonymiser.practitioner(practitioner),
        None if client is None else pseudonymiser.client(client),
    )
    return about, tuple(pseudonymiser.identifier(practitioner, event) for event in events), at


def _said(one: Finding | Obligation) -> _Dated:
    status, at = (one.status, one.at) if isinstance(one, Finding) else ("due", one.due)
    return (one.rule, one.level, status, one.practitioner, one.client), one.events, at


def _match(
    wanted: Iterable[_Dated],
    said: Iterable[_Dated],
    pseudonymiser: Pseudonymiser,
    gone: Counter[str],
    new: Counter[str],
    elsewhere: Counter[str],
) -> None:
    """Match what should be said with what is, first with its events and then without them; count what is left."""
    low, high = pseudonymiser.distances()
    left, right = _unmatched(wanted, said, low, high, with_events=True)
    alone, beyond = _unmatched(left, right, low, high, with_events=False)
    elsewhere.update(one[0][0] for one in (Counter(left) - Counter(alone)).elements())
    gone.update(one[0][0] for one in alone)
    new.update(one[0][0] for one in beyond)


def _unmatched(
    wanted: Iterable[_Dated], said: Iterable[_Dated], low: int, high: int, *, with_events: bool
) -> tuple[list[_Dated], list[_Dated]]:
    """Those of each side that have no counterpart which was moved by `low` to `high` microseconds, in order of time."""
    open_: dict[object, list[_Dated]] = {}
    for one in sorted(said, key=lambda one: one[2]):
        open_.setdefault(one[:2] if with_events else one[0], []).append(one)
    left = []
    for one in sorted(wanted, key=lambda one: one[2]):
        near = open_.get(one[:2] if with_events else one[0], [])
        found = next((other for other in near if low <= other[2] - one[2] <= high), None)
        if found is None:
            left.append(one)
        else:
            near.remove(found)
    return left, [one for group in open_.values() for one in group]
