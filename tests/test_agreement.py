"""Law 8: every evaluator agrees with the oracle, whichever matcher it uses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from oracle import CannotTell, Finding, Obligation, Verdict
from oracle_cases import START, day, ev, held
from strategies import Setting, Situation, situations

from ethics_engine import Report, check
from ethics_engine.matchers import available

EVALUATORS: list[dict[str, Any]] = [
    *({"engine": "live", "matcher": matcher} for matcher in available()),
    {"engine": "bulk"},
]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(instant: int) -> datetime:
    """Microseconds since the epoch as the oracle's instant."""
    return EPOCH + timedelta(microseconds=instant)


def said(report: Report) -> Verdict:
    """What a report says, in the oracle's words."""
    return Verdict(
        sorted(
            Finding(at(x.at), x.practitioner, x.client or "", x.rule, x.id, x.policy, x.level, x.status, x.events)
            for x in report.findings
        ),
        sorted(Obligation(at(x.due), x.rule, x.practitioner, x.client or "", x.events[0]) for x in report.obligations),
        sorted(CannotTell(x.rule, x.practitioner, x.missing, x.events) for x in report.cannot_tell),
    )


def comparable(verdict: Verdict) -> Verdict:
    """The oracle's verdict in one order."""
    return Verdict(
        sorted(x._replace(client=x.client or "") for x in verdict.findings),
        sorted(x._replace(client=x.client or "") for x in verdict.obligations),
        sorted(verdict.cannot_tell),
    )


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("agreement")


@given(situation=situations())
def test_the_evaluator_says_what_the_oracle_says(situation: Situation, folder: Path) -> None:
    rules = situation.load(folder)
    expected = comparable(situation.verdict())
    for evaluator in EVALUATORS:
        report = check(situation.log, rules, as_of=situation.as_of, **evaluator)
        assert not report.rejected
        actual = said(report)
        assert expected.findings == actual.findings, evaluator
        assert expected.obligations == actual.obligations, evaluator
        assert expected.cannot_tell == actual.cannot_tell, evaluator


@given(situation=situations(most_rules=1, most_events=12, about_findings=False))
def test_it_does_for_one_rule_and_a_short_log(situation: Situation, folder: Path) -> None:
    """Small situations: more of them reach the edges, and they shrink to something that can be read."""
    rules = situation.load(folder)
    expected = comparable(situation.verdict())
    for evaluator in EVALUATORS:
        assert expected == said(check(situation.log, rules, as_of=situation.as_of, **evaluator)), evaluator


def situation(
    rule: dict[str, Any], log: list[dict[str, Any]], as_of: str | None = None, states: Any = None
) -> Situation:
    """One rule and a log, in UTC, of a practice that reckons in euros."""
    whole = {"title": "A rule", "level": "risk", "message": "It happened.", **rule}
    policy = {"policy": "alpha", "title": "A policy", "version": "1.0", "rules": {"alpha.r0": whole}}
    return Situation([policy | ({"states": states} if states else {})], log, as_of, Setting(START, "UTC", "EUR", ()))


ON_LEAVE = {"require": "session.held", "every": "1d", "during": "on_leave", "per": "practitioner"}
IN_THERAPY = {"require": "session.held", "every": "1d", "during": "therapy", "per": "relationship"}
SUPERVISED = {"require": "supervision.attended", "per": "practitioner"}
PAID = {
    "require": "payment.received",
    "each": "week",
    "at_least": {"sum": "amount", "of": "80"},
    "if": "session.held",
    "per": "relationship",
}
PINNED = {
    "a pair of which one side may be missing without a word, and the other was left unrecorded": situation(
        {"expect": "session.held", "as": "agreement.made", "match": {"days_since_session": {"le": "due_days"}}},
        [held("a", 1), ev("e", "agreement.made", 1, covers=["goals"])],
    ),
    "a side that was left unrecorded, where the log does not cover what the rule is inferred from": situation(
        {
            "expect": "invoice.issued",
            "as": "agreement.made",
            "match": {"amount": {"le": "fee", "default": "50"}},
            "not_during": "touch_refused",
        },
        [ev("a", "invoice.issued", 1), ev("z", "log.covers", 2, areas=["money"])],
    ),
    "nth counted apart by an attribute that is missing": situation(
        {"forbid": {"event": "session.held", "nth": "1", "same": ["place"]}}, [held("a", 1)]
    ),
    "nth counted apart, in a quota": situation(
        SUPERVISED
        | {"each": "week", "at_least": {"count": "1"}}
        | {"if": {"event": "session.held", "nth": "1", "same": ["local_date"]}},
        [held("a", 2), ev("z", "contact.touch", 20)],
    ),
    "an opening that has lapsed before it happens": situation(
        ON_LEAVE,
        [ev("l", "leave.taken", 1), ev("m", "leave.taken", 5, until=day(0)), ev("z", "contact.touch", 9)],
    ),
    "a required amount in another currency": situation(
        {"forbid": {"event": "payment.received", "where": {"amount": {"gt": "50"}}}},
        [ev("a", "payment.received", 1, currency="USD")],
    ),
    "a late answer while it is not known whether the activity goes on": situation(
        SUPERVISED | {"every": "1d", "while_active": {"event": "session.held", "gap": "3d"}},
        [held("a", 1), ev("s", "supervision.attended", 3)],
        as_of=day(3.5),
    ),
    "an answer at the instant at which a leave lapses": situation(
        IN_THERAPY | {"not_during": "on_leave"},
        [held("a", 1), ev("z", "leave.taken", 2, until=day(4)), held("b", 4), ev("x", "contact.touch", 9)],
    ),
    "a state that opens at the instant at which another closes": situation(
        IN_THERAPY | {"require": "session.moved", "not_during": "resting"},
        [
            ev("r", "supervision.attended", 0),
            held("a", 1),
            ev("z", "incident.documented", 1),
            ev("x", "contact.touch", 9),
        ],
        states={"resting": {"opened_by": "supervision.attended", "closed_by": "incident.documented"}},
    ),
    "an event that starts a stretch in two relationships": situation(
        IN_THERAPY | {"require": "supervision.attended"},
        [held("a", 1), held("b", 1, client="c2"), ev("s", "supervision.attended", 2), held("z", 6)],
    ),
    "a sum over amounts in several currencies": situation(
        {"limit": "payment.received", "to": "0", "within": "3d", "of": {"sum": "amount"}},
        [ev("a", "payment.received", 1, currency="USD"), ev("b", "payment.received", 2, currency="EUR")],
    ),
    "a quota over amounts in several currencies": situation(
        PAID, [held("a", 1), ev("p", "payment.received", 2, amount=50), ev("q", "payment.received", 2, currency="USD")]
    ),
    "a quota that the practice's own currency fills": situation(
        PAID, [held("a", 1), ev("p", "payment.received", 2, amount=90), ev("q", "payment.received", 2, currency="USD")]
    ),
    "a quota over amounts in another currency, not over yet": situation(
        PAID, [held("a", 1), ev("q", "payment.received", 2, currency="USD")], as_of=day(3)
    ),
    "a quota over amounts in another currency, which the log does not cover": situation(
        PAID,
        [held("a", 1), ev("q", "payment.received", 2, currency="USD"), ev("z", "log.covers", 2, areas=["practice"])],
        as_of=day(40),
    ),
    "a currency that was not recorded": situation(
        {"forbid": {"event": "payment.received", "where": {"currency": "EUR"}}}, [ev("p", "payment.received", 2)]
    ),
    "a currency that was not recorded, where another one is asked for": situation(
        {"forbid": {"event": "payment.received", "where": {"any": [{"currency": "USD"}, {"amount": {"gt": "900"}}]}}},
        [ev("p", "payment.received", 2)],
    ),
    "a share of those that are alike": situation(
        {
            "limit": "contact.touch",
            "of": {"share_of": {"event": "contact.touch", "same": ["by"]}, "least": "2"},
            "to": "0.9",
            "within": "1d",
        },
        [ev("a", "contact.touch", 1), ev("b", "contact.touch", 1.1, by="client"), ev("c", "contact.touch", 1.2)],
    ),
    "an event within calendar years": situation(
        {"forbid": "contact.touch", "since": {"event": "session.held", "within": "1y"}},
        [held("a", 1), ev("t", "contact.touch", 366), ev("u", "contact.touch", 367.5)],
    ),
    "a pattern of letters": situation({"forbid": "session.????"}, [held("a", 1), ev("m", "session.moved", 2)]),
    "a default for a trigger that has no such attribute": situation(
        {
            "expect": "session.*",
            "as": "agreement.made",
            "match": {"minutes": {"le": "session_minutes", "default": "50"}},
        },
        [ev("m", "session.moved", 1, client="c1", by="practitioner"), ev("a", "agreement.made", 1, covers=["goals"])],
    ),
    "29 February": situation(
        {"forbid": "contact.touch", "since": {"state": "therapy", "within": "1y"}},
        [
            held("a", -740),
            ev("e", "therapy.ended", -731),
            ev("t", "contact.touch", -366),
            ev("u", "contact.touch", -365),
        ],
    ),
}


@pytest.mark.parametrize("engine", ["live", "bulk"])
@pytest.mark.parametrize(
    ("paid", "expected"),
    [
        ([{"amount": 50}], "finding"),
        ([{"amount": 50}, {"amount": 30}], ""),
        ([{"amount": 50}, {"amount": 100, "currency": "USD"}], "attribute currency"),
        ([{"amount": 80, "currency": "EUR"}, {"amount": 100, "currency": "USD"}], ""),
        ([{"amount": 50}, {"amount": 0, "currency": "USD"}], "finding"),
    ],
)
def test_amounts_in_different_currencies_are_not_added(
    engine: str, paid: list[dict[str, Any]], expected: str, folder: Path
) -> None:
    """Neither does money of another currency fill a quota, nor is a quota broken that it might fill."""
    payments = [ev(f"p{number}", "payment.received", 2, **each) for number, each in enumerate(paid)]
    one = situation(PAID, [held("a", 1), *payments])
    report = check(one.log, one.load(folder), as_of=day(40), engine=engine)

    told = ["finding" for _ in report.findings] + [line.missing for line in report.cannot_tell]
    assert told == ([expected] if expected else [])


@pytest.mark.parametrize("name", PINNED)
def test_they_agree_on_what_random_situations_seldom_reach(name: str, folder: Path) -> None:
    pinned = PINNED[name]
    for evaluator in EVALUATORS:
        report = check(pinned.log, pinned.load(folder), as_of=pinned.as_of, **evaluator)
        assert comparable(pinned.verdict()) == said(report), evaluator
