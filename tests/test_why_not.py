"""`why-not`: the first part of a rule that did not hold for an event, for every form and every reason."""

from __future__ import annotations

from typing import Any

import pytest
from explained import asked, day, ev, inquiry, verdict

from ethics_engine.errors import ConfigError
from ethics_engine.explaining import why_not

HUG = ev("a", "contact.touch", 1, consent=False)
BILL = ev("i", "invoice.issued", 1)
GIFT = ev("a", "gift.received", 9)


def held(id: str, days: float, **rest: Any) -> dict[str, Any]:
    return ev(id, "session.held", days, **rest)


def moved(id: str, days: float, **rest: Any) -> dict[str, Any]:
    return ev(id, "session.moved", days, **rest)


NOT_FOUND = {
    "after as_of": (
        "t.touch",
        [HUG],
        {"as_of": 0.5},
        "as_of",
        "It happened at 2 March 2026, 00:00, 12 hours after the moment of judging, 1 March 2026, 12:00; "
        "it was not seen.",
    ),
    "withdrawn": (
        "t.touch",
        [HUG, ev("w", "event.withdrawn", 2, target="a")],
        {},
        "withdrawn",
        "It was withdrawn by w (event.withdrawn, 3 March 2026, 00:00).",
    ),
    "another type": (
        "t.touch",
        [held("a", 1)],
        {},
        "type",
        "It is session.held; the rule looks for contact.touch (by practitioner, consent no and not (kind handshake)).",
    ),
    "a condition": ("t.touch", [HUG | {"consent": True}], {}, "where", "consent: yes; looked for: no"),
    "what a condition leaves out": (
        "t.touch",
        [HUG | {"kind": "handshake"}],
        {},
        "where",
        "kind: handshake; left out: handshake",
    ),
    "a bound, and how far off": (
        "t.either",
        [held("a", 2, place="office")],
        {},
        "where",
        "minutes: 50; looked for: more than 90 (40 short)",
    ),
    "not the k-th": (
        "t.third",
        [held("_", 0), held("a", 1), held("b", 2)],
        {},
        "nth",
        "It is number 2 of these (session.held of this client); the rule looks at number 3 alone.",
    ),
    "before the rule is effective": (
        "t.dated",
        [held("a", 1, minutes=120)],
        {},
        "effective",
        "The rule applies from 3 March 2026, 00:00, 1 day after the event.",
    ),
    "after the rule was effective": (
        "t.dated",
        [held("a", 25, minutes=120)],
        {},
        "effective",
        "The rule applied until 20 March 2026, 00:00; the event is 6 days later.",
    ),
    "a bound that is dated": (
        "t.dated",
        [held("a", 5, minutes=80)],
        {},
        "where",
        "minutes: 80; looked for: more than 90 (10 short)",
    ),
    "a state that never opened": (
        "t.during",
        [GIFT],
        {},
        "during",
        "The state `therapy` was not open: nothing had opened it yet.",
    ),
    "a state that was closed": (
        "t.during",
        [held("h", 0), ev("e", "therapy.ended", 3), GIFT],
        {},
        "during",
        "The state `therapy` was not open: closed by e (therapy.ended, 4 March 2026, 00:00), 6 days before.",
    ),
    "a state that lapsed": (
        "t.during",
        [held("h", 0), ev("a", "gift.received", 100)],
        {},
        "during",
        "The state `therapy` was not open: lapsed at 30 May 2026, 00:00; the last to open it was h (session.held, "
        "1 March 2026, 00:00), 10 days before.",
    ),
    "a state that was open": (
        "t.away",
        [ev("l", "leave.taken", 1, until=day(9)), held("a", 2)],
        {},
        "not_during",
        "The state `away` was open: since l (leave.taken, 2 March 2026, 00:00); without another it lapses at "
        "10 March 2026, 00:00.",
    ),
    "a state that a later opening, long lapsed, ends": (
        "t.away",
        [ev("l", "leave.taken", 1, until=day(9)), ev("m", "leave.taken", 3, until=day(1.5)), held("a", 2)],
        {},
        "not_during",
        "The state `away` was open: since l (leave.taken, 2 March 2026, 00:00); without another it lapses at "
        "10 March 2026, 00:00.",
    ),
    "since an event too long ago": (
        "t.soon",
        [ev("t", "contact.touch", 5), GIFT],
        {},
        "since",
        "Asked for: contact.touch, within 2 days before. The nearest earlier one is t (contact.touch, 6 March 2026, "
        "00:00), 4 days before.",
    ),
    "since an event that is not there": (
        "t.soon",
        [GIFT],
        {},
        "since",
        "Asked for: contact.touch, within 2 days before. None is in the log before it.",
    ),
    "since a state that ended too long ago": (
        "t.former",
        [held("h", 0), ev("e", "therapy.ended", 3), ev("a", "gift.received", 1000)],
        {},
        "since",
        "The state `therapy` was not open: closed by e (therapy.ended, 4 March 2026, 00:00), 997 days before. "
        "It must have ended, no longer ago than 2 years.",
    ),
    "an exception on the event": (
        "t.unless",
        [GIFT | {"value": 10}],
        {},
        "unless",
        "The exception applies: value: 10; looked for: less than 20.",
    ),
    "an exception by another event": (
        "t.unless",
        [ev("d", "incident.documented", 5), GIFT],
        {},
        "unless",
        "The exception applies (incident.documented, within 7 days before). The nearest earlier one is d "
        "(incident.documented, 6 March 2026, 00:00), 4 days before.",
    ),
    "answered before": (
        "t.before",
        [ev("m", "agreement.made", 1), held("a", 4)],
        {},
        "before",
        "It was there: m (agreement.made, 2 March 2026, 00:00), 3 days before.",
    ),
    "answered in time": (
        "t.after",
        [BILL | {"id": "a"}, ev("p", "payment.received", 3)],
        {},
        "within",
        "It was answered in time by p (payment.received, 4 March 2026, 00:00), 2 days after.",
    ),
    "a duty that was ended": (
        "t.after",
        [BILL | {"id": "a"}, ev("v", "invoice.voided", 3)],
        {},
        "within",
        "The duty was ended by v (invoice.voided, 4 March 2026, 00:00), 2 days after.",
    ),
    "no terms in force": (
        "t.terms",
        [BILL | {"id": "a"}],
        {"as_of": 99},
        "within",
        "No terms are in force: there is no agreement.made before.",
    ),
    "as many as are allowed": (
        "t.limit",
        [moved("_", 1), moved("a", 2)],
        {},
        "limit",
        "Counted: 2 in the 7 days from 24 February 2026, 00:00 on; allowed: 2.",
    ),
    "a share of too few": (
        "t.share",
        [held("h", 1), moved("a", 2)],
        {},
        "limit",
        "1 event, too few of the whole to judge a share, in the 30 days from 1 February 2026, 00:00 on; allowed: 0.5.",
    ),
    "not to be counted with others": (
        "t.alike",
        [HUG],
        {},
        "limit",
        "area is not recorded, so the event cannot be counted with others like it.",
    ),
    "nothing to compare with": (
        "t.expect",
        [held("a", 4)],
        {},
        "expect",
        "There is no agreement.made before, to compare with.",
    ),
    "a missing step": (
        "t.chain",
        [moved("_", 0), ev("a", "contact.touch", 3)],
        {},
        "sequence",
        "Step 1 is missing: there is no gift.received before _ (session.moved, 1 March 2026, 00:00).",
    ),
    "steps too far apart": (
        "t.chain",
        [ev("g", "gift.received", 0), moved("_", 1), ev("a", "contact.touch", 13)],
        {},
        "sequence",
        "From the first to the last step: 13 days, of at most 7 days; 6 days too long.",
    ),
    "a stretch that is short": (
        "t.every",
        [held("a", 1), ev("s", "supervision.attended", 5), held("z", 9)],
        {},
        "every",
        "The stretch lasted 4 days; 10 days are allowed, until 12 March 2026, 00:00.",
    ),
    "an event within a stretch": (
        "t.every",
        [held("_", 1), held("a", 3), ev("s", "supervision.attended", 5)],
        {},
        "every",
        "The stretch lasted 4 days; 10 days are allowed, until 12 March 2026, 00:00.",
    ),
    "outside the state of the stretches": (
        "t.every",
        [held("_", 1), ev("e", "therapy.ended", 2), GIFT],
        {},
        "during",
        "The state `therapy` was not open: closed by e (therapy.ended, 3 March 2026, 00:00), 7 days before.",
    ),
    "outside every activity": (
        "t.active",
        [held("_", 1), ev("a", "supervision.attended", 25)],
        {"as_of": 30},
        "while_active",
        "It falls in no stretch of the activity (session.held), with gaps of at most 7 days.",
    ),
    "enough in the period": (
        "t.each",
        [held("a", 1), ev("s", "supervision.attended", 5, minutes=95)],
        {"as_of": 40},
        "each",
        "The month from 1 March 2026, 00:00 to 1 April 2026, 00:00 is over; it is judged because it holds "
        "a (session.held, 2 March 2026, 00:00).",
    ),
    "too few findings": (
        "t.findings",
        [HUG],
        {},
        "limit",
        "Counted: 1 different value of rule in the 30 days from 31 January 2026, 00:00 on; allowed: 1.",
    ),
}


@pytest.mark.parametrize(("rule", "events", "options", "part", "said"), NOT_FOUND.values(), ids=NOT_FOUND.keys())
def test_the_first_part_that_did_not_hold(
    rule: str, events: list[dict[str, Any]], options: dict[str, Any], part: str, said: str
) -> None:
    assert verdict(asked(rule, "a", *events, **options)) == ("not found", part, said)


def test_both_sides_of_an_agreement_stand_side_by_side() -> None:
    answer = asked("t.expect", "a", ev("m", "agreement.made", 1, session_minutes=50), held("a", 4))

    assert [point.said for point in answer.step.points] == [
        "Compared with m (agreement.made, 2 March 2026, 00:00), 3 days before.",
        "minutes: 50; to be less than 65 (session_minutes 50, plus 15): agrees.",
        "minutes: 50; to be less than 65 (session_minutes 50, times 1.3): agrees.",
    ]


def test_what_a_period_holds_is_counted_one_by_one() -> None:
    answer = asked("t.each", "a", held("a", 1), ev("s", "supervision.attended", 5, minutes=95), as_of=40)

    assert [point.said for point in answer.step.points][1:] == [
        "Counted: 95 minutes of 90 needed (supervision.attended).",
        "s (supervision.attended, 6 March 2026, 00:00); minutes: 95",
    ]


def test_what_is_not_recorded_is_no_question_where_the_rule_would_not_find_it_anyway() -> None:
    outside, inside = asked("t.cash", "a", GIFT), asked("t.cash", "a", held("h", 5), GIFT)

    assert verdict(outside) == ("not found", "where", "cash: not recorded; looked for: yes")
    assert outside.step.points[-1].said == "Whatever it was, another part of the rule would not have held."
    assert inside.outcome == "cannot tell"


def test_the_parts_that_held_before_are_told() -> None:
    answer = asked("t.unless", "a", ev("d", "incident.documented", 5), GIFT)

    assert [step.part for step in answer.held] == ["where", "unless"]


CANNOT_TELL = {
    "a condition on what is not recorded": (
        "t.touch",
        [ev("a", "contact.touch", 1)],
        {},
        "attribute",
        "Whether the rule speaks of it cannot be told: consent is not recorded.",
    ),
    "a side that is not recorded": (
        "t.expect",
        [ev("m", "agreement.made", 1), held("a", 4)],
        {},
        "attribute",
        "It cannot be told: session_minutes is not recorded.",
    ),
    "another currency": (
        "t.sum",
        [ev("a", "gift.received", 2, value=101, currency="USD")],
        {"currency": "EUR"},
        "attribute",
        "It cannot be told: the amounts are in different currencies.",
    ),
    "a condition of several, one on what is not recorded": (
        "t.either",
        [held("a", 2)],
        {},
        "attribute",
        "Whether the rule speaks of it cannot be told: place is not recorded.",
    ),
    "an area that the log does not cover": (
        "t.before",
        [ev("c", "log.covers", 0, areas=["sessions"]), held("a", 4)],
        {},
        "area",
        "It cannot be told: the log does not cover agreements in full.",
    ),
}


@pytest.mark.parametrize(("rule", "events", "options", "part", "said"), CANNOT_TELL.values(), ids=CANNOT_TELL.keys())
def test_what_cannot_be_told(
    rule: str, events: list[dict[str, Any]], options: dict[str, Any], part: str, said: str
) -> None:
    assert verdict(asked(rule, "a", *events, **options)) == ("cannot tell", part, said)


PENDING = {
    "an answer": (
        "t.after",
        [BILL | {"id": "a"}],
        {},
        "It is not due until 7 March 2026, 00:00, 5 days after the moment of judging.",
    ),
    "a stretch": (
        "t.every",
        [held("a", 1), held("z", 9)],
        {},
        "It is not due until 12 March 2026, 00:00, 2 days after the moment of judging.",
    ),
    "a period": (
        "t.each",
        [held("a", 1)],
        {"as_of": 20},
        "It is not due until 1 April 2026, 00:00, 11 days after the moment of judging.",
    ),
    "an activity that may have ended": (
        "t.active",
        [held("a", 1), held("b", 7)],
        {"as_of": 13.5},
        "It was due by 12 March 2026, 00:00; it counts once the log shows that the work went on.",
    ),
}


@pytest.mark.parametrize(("rule", "events", "options", "said"), PENDING.values(), ids=PENDING.keys())
def test_what_is_still_due(rule: str, events: list[dict[str, Any]], options: dict[str, Any], said: str) -> None:
    answer = asked(rule, "a", *events, **options)

    assert (answer.outcome, answer.step.points[0].said) == ("pending", said)
    assert answer.due is not None


FOUND = {
    "forbid": ("t.touch", [HUG]),
    "require before": ("t.before", [held("a", 1)]),
    "require after": ("t.after", [BILL | {"id": "a"}, held("z", 99)]),
    "require every": ("t.every", [held("a", 1), held("z", 29)]),
    "require every while active": ("t.active", [held("a", 1), held("b", 7), held("c", 13)]),
    "require each": ("t.each", [held("a", 1), held("z", 40)]),
    "limit": ("t.limit", [moved("y", 0), moved("z", 1), moved("a", 2)]),
    "expect": ("t.expect", [ev("m", "agreement.made", 1, session_minutes=50), held("a", 4, minutes=90)]),
    "sequence": ("t.chain", [ev("g", "gift.received", 0), moved("_", 1), ev("a", "contact.touch", 3)]),
    "a rule about findings, by the event of the last": ("t.findings", [held("s", 0.5), HUG]),
}


@pytest.mark.parametrize(("rule", "events"), FOUND.values(), ids=FOUND.keys())
def test_what_was_found_is_named_with_its_status(rule: str, events: list[dict[str, Any]]) -> None:
    answer = asked(rule, "a", *events)

    assert answer.outcome == "found"
    assert answer.finding is not None
    assert (answer.finding.rule, answer.finding.status) == (rule, "open")
    assert answer.step.points[0].said.startswith(f"Finding {answer.finding.id}, open, dated ")


class TestWhatIsAsked:
    def test_a_rule_without_clients_does_not_need_one(self) -> None:
        answer = asked("t.each", "s", held("a", 1), ev("s", "supervision.attended", 5))

        assert (answer.outcome, answer.step.part) == ("not found", "type")

    def test_an_event_without_a_client_belongs_to_no_client_where_none_is_known(self) -> None:
        answer = asked("t.every", "s", ev("s", "supervision.attended", 5))

        assert verdict(answer) == ("not found", "per", "The rule is judged for each client, and the log knows none.")

    def test_a_rule_about_findings_may_be_asked_of_a_finding(self) -> None:
        question = inquiry(HUG)
        (finding,) = question.findings()

        assert why_not(question, "t.findings", finding[:8]).event == finding

    def test_an_unknown_rule_is_refused_with_the_nearest(self) -> None:
        with pytest.raises(ConfigError, match=r"there is no rule `t\.tuch` in force; did you mean `t\.touch`"):
            asked("t.tuch", "a", HUG)

    def test_an_unknown_event_is_refused_with_the_nearest(self) -> None:
        with pytest.raises(ConfigError, match="the log has no event `hug-2`; did you mean `hug-1`"):
            asked("t.touch", "hug-2", HUG | {"id": "hug-1"})

    def test_an_event_of_several_practitioners_asks_for_one(self) -> None:
        question = inquiry(HUG, HUG | {"practitioner": "p2"})

        with pytest.raises(ConfigError, match="exists for `p1` or `p2`: choose one with --practitioner"):
            why_not(question, "t.touch", "a")
        assert why_not(question, "t.touch", "a", "p2").practitioner == "p2"

    def test_an_unknown_practitioner_is_refused(self) -> None:
        with pytest.raises(ConfigError, match="--practitioner: the log has no event of `p11`; did you mean `p1`"):
            why_not(inquiry(HUG), "t.touch", "a", "p11")
