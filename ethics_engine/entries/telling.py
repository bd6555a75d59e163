"""The effect of an entry in calm words, for whoever is about to write it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ethics_engine.calendars import Zone
from ethics_engine.entries.effect import Effect
from ethics_engine.findings import Finding, Obligation
from ethics_engine.reports.duties import SOON
from ethics_engine.reports.story import RECORDED_AS
from ethics_engine.reports.wording import counted, date_in_words, inert, listed, moment_in_words, without_effect

MOST_DUTIES = 6
"""Duties that are told one by one; `due` has them all."""

NOTHING = "It changes nothing for the rules: no finding comes or goes, and no duty."

_STANDS = {"excused": "Excused", "waived": "Waived"}


class Line(NamedTuple):
    """A paragraph, its indentation in columns, and what stands before it."""

    text: str
    indent: int = 0
    lead: str = ""


def told(effect: Effect, zone: Zone) -> Iterator[Line]:
    """What an entry means for the rules, paragraph by paragraph; nothing in them can move a cursor."""
    yield Line(f"What this means for the rules, as of {moment_in_words(effect.as_of, zone)} ({zone.name}):")
    if not effect:
        yield Line(NOTHING, 2)
        return
    changes = effect.changes
    for one in effect.ineffective:
        yield Line(without_effect(one) + ".", 2, "Without effect: ")
    for finding in changes.new:
        yield from _new(finding)
    for finding in changes.reopened:
        yield Line(_said(finding), 2, "Open again: ")
    for finding in changes.excused:
        yield Line(_said(finding), 2, "Excused by this: ")
    for finding in changes.waived:
        yield Line(_said(finding), 2, "Waived by this: ")
    for finding in changes.withdrawn:
        yield Line(_said(finding), 2, "No longer found: ")
    for finding in changes.revised:
        yield Line(_said(finding), 2, "Now reads: ")
    going_on = {
        (duty.rule, duty.practitioner, duty.client) for duty in changes.opened
    }  # by another day, in other words
    over = [duty for duty in changes.closed if (duty.rule, duty.practitioner, duty.client) not in going_on]
    yield from _duties(over, lambda duty: "No longer to do: ", _no_longer)
    yield from opened(effect, zone)
    if effect.unknown:
        yield Line(f"{_unknown(effect)} Missing information is neither innocence nor guilt.", 2)


def _new(finding: Finding) -> Iterator[Line]:
    settled = _STANDS.get(finding.status)
    title = inert(finding.title or finding.rule)
    yield Line(title, 2, f"{finding.level.upper()}  " if settled is None else f"{settled}: ")
    yield Line(inert(finding.message), 4)
    if finding.remedy and settled is None:
        yield Line(inert(finding.remedy), 4, "Next: ")


def _said(finding: Finding) -> str:
    return f"{inert(finding.title or finding.rule)}. {inert(finding.message)}"


def opened(effect: Effect, zone: Zone) -> Iterator[Line]:
    """The duties that open: those of the next month with the day by which, the later ones counted."""
    soon = [duty for duty in effect.changes.opened if duty.due - effect.as_of <= SOON]
    yield from _duties(soon, lambda duty: f"To do by {date_in_words(duty.due - 1, zone)}: ", _listed_by_due)
    later = len({duty.rule for duty in effect.changes.opened} - {duty.rule for duty in soon})
    if later:
        yield Line(f"Later: {counted(later, 'duty', 'duties')} that `ethics-engine due` lists.", 2)


def _listed_by_due(number: int) -> str:
    return f"and {counted(number, 'more duty', 'more duties')}, which `ethics-engine due` lists."


def _no_longer(number: int) -> str:
    return f"and {number} more that {'is' if number == 1 else 'are'} no longer to do."


def _duties(
    found: Sequence[Obligation], lead: Callable[[Obligation], str], rest: Callable[[int], str]
) -> Iterator[Line]:
    """Duties with what stands before them, those that are alike told once; `rest` is said of how many are not told."""
    alike: dict[tuple[str, str], list[Obligation]] = {}
    for duty in found:
        alike.setdefault((duty.rule, lead(duty)), []).append(duty)
    for (_, before), same in list(alike.items())[:MOST_DUTIES]:
        more = f" (and {len(same) - 1} more of this kind)" if len(same) > 1 else ""
        yield Line(inert(same[0].message) + more, 2, before)
    if len(alike) > MOST_DUTIES:
        yield Line(rest(len(alike) - MOST_DUTIES), 2)


def _unknown(effect: Effect) -> str:
    """What of it the rules cannot judge, and for want of what."""
    missing = dict.fromkeys(line.missing for line in effect.unknown)
    names = [f"`{inert(RECORDED_AS.get(name, name))}`" for name in (one.partition(" ")[2] for one in missing)]
    rules = len({line.rule for line in effect.unknown})
    said = "One rule cannot" if rules == 1 else f"{rules} rules cannot"
    verb = "was" if len(names) == 1 else "were"
    return f"{said} judge it: {listed(names)} {verb} not recorded, here or with what it is compared with."
