"""A rule of every form, and short ways to ask why a finding is there or is not."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ethics_engine import RuleSet, load_rules
from ethics_engine.api import inquire
from ethics_engine.explaining import Answer, Explanation, Inquiry, explain, why_not
from ethics_engine.explaining.model import Step
from ethics_engine.logs import read_log

POLICY = """
policy: t
title: A rule of every form
version: "1.0"
parameters:
  longest:
    - {value: 90, why: before the change, source: default}
    - {from: 2026-03-10, value: 60, why: since the change, source: default}
states:
  away: {opened_by: leave.taken, lapses_at: until, per: practitioner}
rules:
  t.touch:
    title: Touch without consent
    level: violation
    forbid: {event: contact.touch, where: {by: practitioner, consent: false, not: {kind: handshake}}}
    excused_by: {event: incident.documented, same: {event: id}, within: 48h}
    message: "Touch on {at:date}."
    why: Consent is asked for each time.
    remedy: Speak about it.
    cites: [seed:S40]
  t.absolute:
    title: Never
    level: violation
    absolute: true
    forbid: {event: contact.touch, where: {by: practitioner, area: {missing: false}}}
    message: "Touch."
  t.third:
    title: The third session
    level: notice
    forbid: {event: session.held, nth: 3}
    message: "The third session."
  t.either:
    title: Odd sessions
    level: notice
    forbid: {event: session.held, where: {any: [{minutes: {gt: 90}}, {place: [public, vehicle]}]}}
    message: "Odd."
  t.counted:
    title: A late session of a series
    level: notice
    forbid: {event: session.held, where: {session_number: {ge: 2}, days_since_session: {gt: 5}}}
    message: "Session {session_number}."
  t.dated:
    title: A long session
    level: notice
    forbid: {event: session.held, where: {minutes: {gt: "${longest}"}}}
    effective: {from: 2026-03-03, until: 2026-03-20}
    message: "Long."
  t.during:
    title: A gift in therapy
    level: notice
    forbid: gift.received
    during: therapy
    message: "A gift."
  t.cash:
    title: Cash in therapy
    level: notice
    forbid: {event: gift.received, where: {cash: true}}
    during: therapy
    message: "Cash."
  t.away:
    title: A session outside holidays
    level: notice
    forbid: session.held
    not_during: away
    message: "A session."
  t.soon:
    title: A gift soon after touch
    level: notice
    forbid: gift.received
    since: {event: contact.touch, within: 2d}
    message: "A gift."
  t.former:
    title: A gift after therapy
    level: notice
    forbid: gift.received
    since: {state: therapy, within: 2y}
    message: "A gift."
  t.unless:
    title: A gift that is not small
    level: notice
    forbid: gift.received
    unless: [{value: {lt: 20}}, {event: incident.documented, within: 7d}]
    message: "A gift."
  t.before:
    title: A session before any agreement
    level: violation
    require: agreement.made
    before: session.held
    message: "No agreement."
  t.lately:
    title: A session without an agreement lately
    level: violation
    require: {event: agreement.made, where: {covers: {contains: payment}}}
    before: session.held
    within: 7d
    message: "No agreement."
  t.after:
    title: An invoice unpaid
    level: risk
    require: {event: payment.received, same: {invoice: invoice}}
    after: invoice.issued
    within: 5d
    waived_by: {event: invoice.voided, same: {invoice: invoice}}
    message: "Unpaid by {due:date}."
  t.terms:
    title: An invoice unpaid by the terms
    level: risk
    require: {event: payment.received, same: {invoice: invoice}}
    after: invoice.issued
    within: {of: agreement.made, attribute: payment_due_days}
    message: "Unpaid."
  t.limit:
    title: Sessions moved
    level: risk
    limit: {event: session.moved, where: {by: practitioner}}
    to: 2
    within: 7d
    message: "{count} moved."
  t.sum:
    title: Gifts of much value
    level: risk
    limit: gift.received
    of: {sum: value}
    to: 100
    within: 30d
    message: "{sum} in gifts."
  t.share:
    title: Many sessions moved
    level: risk
    limit: session.moved
    of: {share_of: session.held, least: 2}
    to: 0.5
    within: 30d
    message: "{share} moved."
  t.alike:
    title: Kinds of touch
    level: risk
    limit: contact.touch
    of: {distinct: kind}
    to: 1
    within: 30d
    same: [area]
    message: "{distinct} kinds."
  t.expect:
    title: Longer than agreed
    level: notice
    expect: session.held
    as: agreement.made
    match: {minutes: [{lt: session_minutes, offset: 15}, {lt: session_minutes, factor: 1.3}]}
    message: "{minutes} where {session_minutes}."
  t.chain:
    title: A gift, a favour, a touch
    level: risk
    sequence: [gift.received, session.moved, contact.touch]
    within: 7d
    message: "Since {first:date}."
  t.every:
    title: No supervision while in therapy
    level: risk
    require: supervision.attended
    every: 10d
    during: therapy
    per: relationship
    message: "None since {since:date}."
  t.active:
    title: No supervision while working
    level: risk
    require: supervision.attended
    every: 10d
    while_active: {event: session.held, gap: 7d}
    per: practitioner
    message: "None since {since:date}."
  t.each:
    title: Supervision in the month
    level: notice
    require: supervision.attended
    each: month
    at_least: {sum: minutes, of: 90}
    if: session.held
    per: practitioner
    message: "{got} of {needed}."
  t.findings:
    title: Several findings
    level: violation
    limit: {event: finding, where: {rule: [t.touch, t.before], status: open}}
    of: {distinct: rule}
    to: 1
    within: 30d
    per: relationship
    message: "{distinct} kinds."
"""
START = datetime(2026, 3, 1, tzinfo=UTC)
FILLED: dict[str, dict[str, Any]] = {
    "agreement.made": {"covers": ["payment"]},
    "session.held": {"minutes": 50},
    "session.moved": {"by": "practitioner", "moved_from": "2026-03-01T10:00:00Z", "moved_to": "2026-03-02T10:00:00Z"},
    "therapy.ended": {"by": "client"},
    "invoice.issued": {"invoice": "i1", "amount": 80, "reason": "session"},
    "invoice.voided": {"invoice": "i1"},
    "payment.received": {"invoice": "i1", "amount": 80, "method": "card"},
    "contact.touch": {"by": "practitioner", "kind": "hug"},
    "gift.received": {"value": 30},
    "incident.documented": {"event": "x", "rationale": "written down"},
    "supervision.attended": {"minutes": 60},
    "event.amended": {"amend_reason": "a slip"},
    "event.withdrawn": {"amend_reason": "a slip"},
    "waiver.granted": {"reason": "agreed", "approver": "board"},
}
CLIENTLESS = {"supervision.attended", "leave.taken", "event.amended", "event.withdrawn", "log.covers", "waiver.granted"}


def day(days: float) -> str:
    """An instant as a log writes it, days after 1 March 2026."""
    return (START + timedelta(days=days)).isoformat()


def ev(id: str, type: str, days: float, **rest: Any) -> dict[str, Any]:
    """An event of p1, with c1 where its type is one of a client, and its required attributes filled in."""
    client = {} if type in CLIENTLESS else {"client": "c1"}
    return {"id": id, "at": day(days), "type": type, "practitioner": "p1", **client, **FILLED.get(type, {}), **rest}


@cache
def rules() -> RuleSet:
    """The rules above."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "t.yaml"
        file.write_text(POLICY, encoding="utf-8")
        return load_rules(file)


def inquiry(*events: dict[str, Any], as_of: float | None = None, currency: str | None = None) -> Inquiry:
    """The events judged and kept open to questions; `as_of` in days."""
    log = read_log(events, rules().vocabulary)
    assert [line.message for line in log.rejected] == []
    moment = None if as_of is None else day(as_of)
    return inquire(log, rules(), as_of=moment, currency=currency, matcher="python")


def told(rule: str, *events: dict[str, Any], as_of: float | None = None) -> Explanation:
    """The one finding of a rule, explained."""
    asked = inquiry(*events, as_of=as_of)
    (finding,) = (one for one in asked.findings().values() if one.rule == rule)
    return explain(asked, finding.id)


def asked(rule: str, event: str, *events: dict[str, Any], as_of: float | None = None, **options: Any) -> Answer:
    """Why a rule did not find an event."""
    return why_not(inquiry(*events, as_of=as_of, **options), rule, event)


def step(explanation: Explanation, part: str) -> Step:
    """The step of an explanation under one term of the rule."""
    return next(one for one in explanation.steps if one.part == part)


def sentences(step: Step) -> list[str]:
    """What a step says."""
    return [point.said for point in step.points]


def verdict(answer: Answer) -> tuple[str, str, str]:
    """The outcome of an answer, the part of the rule, and its first sentence."""
    return answer.outcome, answer.step.part, answer.step.points[0].said
