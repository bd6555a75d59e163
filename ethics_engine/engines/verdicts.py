"""From outcomes to findings, obligations and lines of what could not be told: shared by all evaluators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ethics_engine.calendars import Zone
from ethics_engine.engines.keys import client_of, key_of
from ethics_engine.engines.outcomes import Breach, Duty
from ethics_engine.events import Event
from ethics_engine.findings import CannotTell, Finding, Obligation, finding_id
from ethics_engine.messages import Instant, Span, Template, worded
from ethics_engine.plan import FINDING, Plan, Rule
from ethics_engine.scalars import MIN_INSTANT, format_duration, format_instant

_LAST = "\U0010ffff"  # sorts after every other character


class Verdicts:
    """Words the outcomes of one plan; `zone` is the practice's time zone.

    With `reported_only` a finding of `level: none`, which only other rules read, gets neither message nor values.
    """

    def __init__(self, plan: Plan, zone: Zone, reported_only: bool = False) -> None:
        self.plan = plan
        self.zone = zone
        self.reported_only = reported_only

    def finding(
        self,
        rule: Rule,
        trigger: Event,
        breach: Breach,
        excuse: Event | None,
        waiver: Event | None,
        evidence: Iterable[Event],
        known: Mapping[str, Finding],
        by_id: Mapping[str, Event],
    ) -> Finding:
        """A finding; its evidence: the trigger, then the rest in time order, findings replaced by their own events.

        An excuse or a waiver that settles it is told among its values.
        """
        told = rule.level != "none" or not self.reported_only
        first, *rest = _events_of(trigger, known)
        others = {(by_id[name].at, name) for name in rest}
        for event in evidence:
            if event.type == FINDING:
                others.update([(by_id[name].at, name) for name in known[event.id].events])
            else:
                others.add((event.at, event.id))
        ordered = [name for _, name in sorted(others) if name != first]
        wording = rule.wording_of(trigger.at)
        return finding_of(
            rule,
            finding_id(rule.id, trigger.practitioner, key_of(rule, trigger), trigger.id),
            "excused" if excuse is not None else "waived" if waiver is not None else "open",
            breach.at,
            trigger.practitioner,
            client_of(rule, trigger),
            (first, *ordered),
            self.sentence(wording.message, trigger, breach.values) if told else "",
            _values(breach, excuse, waiver, known) if told else {},
            wording.remedy,
        )

    def obligation(self, rule: Rule, trigger: Event, duty: Duty, known: Mapping[str, Finding]) -> Obligation:
        """An open obligation with its due time."""
        said = rule.wording_of(trigger.at).duty
        message = rule.title if said is None else self.sentence(said, trigger, duty.values)
        events = _events_of(trigger, known)[:1]
        return obligation_of(rule, duty.due, trigger.practitioner, client_of(rule, trigger), events, message)

    def untold(self, rule: Rule, practitioner: str, missing: str, events: int) -> CannotTell:
        """One line of what could not be told."""
        what, _, names = missing.partition(" ")
        times = "event" if events == 1 else "events"
        if what == "attribute":
            compared = "it is" if events == 1 else "they are"
            message = (
                f"{rule.title}: `{names}` was not recorded, on {events} {times} or on what {compared} compared with, "
                "so this cannot be told."
            )
            if names == "currency":
                message = (
                    f"{rule.title}: amounts are in different currencies on {events} {times}, so this cannot be told."
                )
        else:
            message = f"{rule.title}: the log does not cover {names} in full, so {events} {times} cannot be judged."
        return CannotTell(rule.id, practitioner, missing, events, message, rule.title, rule.level)

    def as_event(self, finding: Finding, trigger: Event) -> Event:
        """A finding as an event that rules about findings read."""
        values: dict[str, Any] = {
            "id": finding.id,
            "at": finding.at,
            "practitioner": finding.practitioner,
            "rule": finding.rule,
            "policy": finding.policy,
            "level": finding.level,
            "status": finding.status,
            "type": trigger.type,
        }
        if finding.client is not None:
            values["client"] = finding.client
        if finding.families:
            values["family"] = finding.families
        order = _order(finding, trigger)
        return Event(finding.id, finding.at, FINDING, finding.practitioner, finding.client, values, order)

    def sentence(self, template: Template, trigger: Event, values: Mapping[str, Any]) -> str:
        """A sentence of a rule, filled from the trigger and from the values that decided."""
        filled = dict(values)
        for gap in template.placeholders():
            if gap.name in filled or gap.name not in trigger.values:
                continue
            attribute = self.plan.vocabulary.attribute(trigger.type, gap.name)
            kind = "string" if attribute is None else attribute.kind
            filled[gap.name] = worded(trigger.values[gap.name], kind)
        return template.fill(filled, self.zone)


def finding_of(
    rule: Rule,
    id: str,
    status: str,
    at: int,
    practitioner: str,
    client: str | None,
    events: tuple[str, ...],
    message: str,
    values: Mapping[str, Any],
    remedy: str,
) -> Finding:
    """A finding with what its rule says of it."""
    return Finding(
        id=id,
        rule=rule.id,
        policy=rule.policy,
        level=rule.level,
        status=status,
        at=at,
        practitioner=practitioner,
        client=client,
        events=events,
        message=message,
        values=values,
        cites=rule.cites,
        remedy=remedy,
        title=rule.title,
        families=rule.families,
        per=rule.per,
        why=rule.why,
    )


def obligation_of(
    rule: Rule, due: int, practitioner: str, client: str | None, events: tuple[str, ...], message: str
) -> Obligation:
    """A duty with what its rule says of it."""
    return Obligation(
        rule=rule.id,
        due=due,
        practitioner=practitioner,
        client=client,
        events=events,
        message=message,
        title=rule.title,
        per=rule.per,
        level=rule.level,
    )


def _order(finding: Finding, trigger: Event) -> str:
    """Of findings of one instant the greater is that of the later trigger, then that of the greater rule.

    They come after whatever else happened then. Their ids decide nothing: they are digests of names, and with other
    names the same should be found.
    """
    when = f"{trigger.at - MIN_INSTANT:020d}"
    return _LAST + "\0".join((when, trigger.order, finding.rule, finding.client or ""))


def _events_of(event: Event, known: Mapping[str, Finding]) -> tuple[str, ...]:
    return known[event.id].events if event.type == FINDING else (event.id,)


def _values(breach: Breach, excuse: Event | None, waiver: Event | None, known: Mapping[str, Finding]) -> dict[str, Any]:
    """The values that decided, as a report writes them."""
    return {name: _written(value) for name, value in breach.values.items()} | _settled(excuse, waiver, known)


def _settled(excuse: Event | None, waiver: Event | None, known: Mapping[str, Finding]) -> dict[str, Any]:
    """What excuses or waives a finding, as values of it."""
    if excuse is not None:
        return {"excused_by": _events_of(excuse, known)[0]}
    if waiver is None:
        return {}
    return {
        "waiver": waiver.id,
        "approver": waiver.values["approver"],
        "waived_until": format_instant(waiver.values["expires_at"]),
        "waiver_reason": waiver.values["reason"],
    }


def _written(value: Any) -> Any:
    if isinstance(value, Instant):
        return format_instant(int(value))
    if isinstance(value, Span):
        return format_duration(int(value))
    return list(value) if isinstance(value, tuple) else value
