"""`explain`: a finding of every form, step by step, and the findings that can be named."""

from __future__ import annotations

from typing import Any

import pytest
from explained import day, ev, inquiry, sentences, step, told

from ethics_engine.errors import ConfigError
from ethics_engine.explaining import explain

HUG = ev("a", "contact.touch", 1, consent=False)
BILL = ev("i", "invoice.issued", 1)
PAID_LATE = ev("p", "payment.received", 8)

BY_FORM = {
    "forbid": (
        "t.touch",
        [HUG],
        "where",
        ["by: practitioner; looked for: practitioner", "consent: no; looked for: no", "kind: hug; left out: handshake"],
    ),
    "require before": (
        "t.lately",
        [ev("m", "agreement.made", 1), ev("b", "session.held", 9)],
        "before",
        [
            "Looked for: agreement.made (covers with payment), from 3 March 2026, 00:00 to 10 March 2026, 00:00 "
            "(7 days).",
            "The nearest earlier one is m (agreement.made, 2 March 2026, 00:00), 8 days before, 1 day too early.",
        ],
    ),
    "require after": (
        "t.after",
        [BILL, PAID_LATE],
        "within",
        [
            "It would have been answered by payment.received (invoice the same as invoice here, i1), "
            "by 7 March 2026, 00:00 (5 days after).",
            "The nearest answer is p (payment.received, 9 March 2026, 00:00), 2 days after it was due.",
            "Nothing ended the duty: invoice.voided (invoice the same as invoice here, i1).",
        ],
    ),
    "require after, by the terms in force": (
        "t.terms",
        [ev("m", "agreement.made", 0, payment_due_days=3), BILL, PAID_LATE],
        "within",
        [
            "The terms in force: payment_due_days 3 of m (agreement.made, 1 March 2026, 00:00).",
            "It would have been answered by payment.received (invoice the same as invoice here, i1), "
            "by 5 March 2026, 00:00 (3 days after).",
            "The nearest answer is p (payment.received, 9 March 2026, 00:00), 4 days after it was due.",
        ],
    ),
    "require every, in a state": (
        "t.every",
        [
            ev("b", "session.held", 1),
            ev("s", "supervision.attended", 5),
            ev("z", "session.held", 29),
            ev("r", "supervision.attended", 30),
        ],
        "every",
        [
            "The stretch began with s (supervision.attended, 6 March 2026, 00:00) at 6 March 2026, 00:00.",
            "The state `therapy` was open: b (session.held, 2 March 2026, 00:00).",
            "Looked for, at least every 10 days: supervision.attended.",
            "It was due by 16 March 2026, 00:00; the stretch without one lasted 25 days at least.",
            "The next one is r (supervision.attended, 31 March 2026, 00:00).",
        ],
    ),
    "require every, in an activity": (
        "t.active",
        [ev("b", "session.held", 1), ev("z", "session.held", 7), ev("y", "session.held", 13)],
        "every",
        [
            "The stretch began with b (session.held, 2 March 2026, 00:00) at 2 March 2026, 00:00.",
            "The activity goes on while no more than 7 days lie between its events (session.held).",
            "Looked for, at least every 10 days: supervision.attended.",
            "It was due by 12 March 2026, 00:00; the stretch without one lasted 12 days at least.",
            "No later one is in the log.",
        ],
    ),
    "require each": (
        "t.each",
        [ev("s", "supervision.attended", 2, minutes=50), ev("b", "session.held", 5), ev("c", "session.held", 32)],
        "each",
        [
            "The month from 1 March 2026, 00:00 to 1 April 2026, 00:00 is over; it is judged because it holds "
            "b (session.held, 6 March 2026, 00:00).",
            "Counted: 50 minutes of 90 needed (supervision.attended).",
            "s (supervision.attended, 3 March 2026, 00:00); minutes: 50",
        ],
    ),
    "limit": (
        "t.limit",
        [ev("a", "session.moved", 1), ev("b", "session.moved", 2), ev("c", "session.moved", 3)],
        "limit",
        [
            "Counted: 3 in the 7 days from 25 February 2026, 00:00 on; allowed: 2.",
            "a (session.moved, 2 March 2026, 00:00)",
            "b (session.moved, 3 March 2026, 00:00)",
            "c (session.moved, 4 March 2026, 00:00)",
        ],
    ),
    "limit of a sum": (
        "t.sum",
        [ev("a", "gift.received", 1, value=60), ev("b", "gift.received", 2, value=50.5)],
        "limit",
        [
            "Counted: value 110.5 in sum in the 30 days from 1 February 2026, 00:00 on; allowed: 100.",
            "a (gift.received, 2 March 2026, 00:00); value: 60",
            "b (gift.received, 3 March 2026, 00:00); value: 50.5",
        ],
    ),
    "limit of a share": (
        "t.share",
        [
            ev("x", "session.held", 0),
            ev("y", "session.held", 0.5),
            ev("a", "session.moved", 1),
            ev("b", "session.moved", 2),
        ],
        "limit",
        [
            "Counted: a share of 1 in the 30 days from 1 February 2026, 00:00 on; allowed: 0.5.",
            "a (session.moved, 2 March 2026, 00:00)",
            "b (session.moved, 3 March 2026, 00:00)",
            "They are a share of 2 events (session.held); it is judged from 2 on.",
        ],
    ),
    "limit of different values, counted apart": (
        "t.alike",
        [ev("a", "contact.touch", 1, area="hand"), ev("b", "contact.touch", 2, area="hand", kind="hold")],
        "limit",
        [
            "Counted: 2 different values of kind in the 30 days from 1 February 2026, 00:00 on, area hand; allowed: 1.",
            "a (contact.touch, 2 March 2026, 00:00); kind: hug",
            "b (contact.touch, 3 March 2026, 00:00); kind: hold",
        ],
    ),
    "expect": (
        "t.expect",
        [ev("m", "agreement.made", 1, session_minutes=50), ev("b", "session.held", 4, minutes=65)],
        "expect",
        [
            "Compared with m (agreement.made, 2 March 2026, 00:00), 3 days before.",
            "minutes: 65; to be less than 65 (session_minutes 50, plus 15): does not agree.",
            "minutes: 65; to be less than 65 (session_minutes 50, times 1.3): does not agree.",
        ],
    ),
    "sequence": (
        "t.chain",
        [ev("a", "gift.received", 0), ev("b", "session.moved", 1), ev("c", "contact.touch", 3)],
        "sequence",
        [
            "From the first to the last step: 3 days, of at most 7 days.",
            "Step 1: a (gift.received, 1 March 2026, 00:00).",
            "Step 2: b (session.moved, 2 March 2026, 00:00).",
            "Step 3: c (contact.touch, 4 March 2026, 00:00).",
        ],
    ),
}


@pytest.mark.parametrize(("rule", "events", "part", "expected"), BY_FORM.values(), ids=BY_FORM.keys())
def test_each_form_shows_the_values_under_its_terms(
    rule: str, events: list[dict[str, Any]], part: str, expected: list[str]
) -> None:
    explanation = told(rule, *events)

    assert sentences(step(explanation, part)) == expected
    assert not explanation.filled_up


SIDES = {
    "during: since which event the state is open": (
        "t.during",
        [ev("h", "session.held", 0), ev("k", "session.held", 0.5), ev("g", "gift.received", 5)],
        "during",
        "The state `therapy` was open: since h (session.held, 1 March 2026, 00:00), last confirmed by k (session.held, "
        "1 March 2026, 12:00); without another it lapses at 30 May 2026, 12:00.",
    ),
    "not_during: when the state ended": (
        "t.away",
        [ev("l", "leave.taken", 1, until=day(4)), ev("b", "session.held", 5)],
        "not_during",
        "The state `away` was not open: lapsed at 5 March 2026, 00:00; the last to open it was l (leave.taken, "
        "2 March 2026, 00:00), 1 day before.",
    ),
    "since an event": (
        "t.soon",
        [ev("a", "contact.touch", 5), ev("g", "gift.received", 6)],
        "since",
        "Asked for: contact.touch, within 2 days before. There is a (contact.touch, 6 March 2026, 00:00), "
        "1 day before.",
    ),
    "since the end of a state": (
        "t.former",
        [ev("h", "session.held", 0), ev("e", "therapy.ended", 3), ev("g", "gift.received", 100)],
        "since",
        "The state `therapy` was not open: closed by e (therapy.ended, 4 March 2026, 00:00), 97 days before. "
        "It must have ended, no longer ago than 2 years.",
    ),
    "unless: the exception that was tested": (
        "t.unless",
        [ev("g", "gift.received", 9)],
        "unless",
        "The exception does not apply: value: 30; looked for: less than 20 (10 too many).",
    ),
    "nth: which one it is, and after which": (
        "t.third",
        [ev("a", "session.held", 1), ev("b", "session.held", 2), ev("c", "session.held", 3)],
        "where",
        "It is number 3 of these (session.held of this client), after a, b, the one that the rule looks at.",
    ),
    "effective: the stretch of time of the rule": (
        "t.dated",
        [ev("b", "session.held", 12, minutes=80)],
        "effective",
        "The rule stands as it did from 10 March 2026, 00:00 until 20 March 2026, 00:00.",
    ),
    "excused_by: the excuse": (
        "t.touch",
        [HUG, ev("d", "incident.documented", 1.5, event="a")],
        "excused_by",
        "It is excused by d (incident.documented, 2 March 2026, 12:00).",
    ),
    "excused_by: what would have excused": (
        "t.touch",
        [HUG],
        "excused_by",
        "incident.documented (event the same as id here, a), within 2 days before or after: none in the log.",
    ),
    "waiver": (
        "t.touch",
        [ev("w", "waiver.granted", 0.5, rule="t.touch", expires_at=day(9)), HUG],
        "waiver",
        "It is waived by w (waiver.granted, 1 March 2026, 12:00): agreed; approved by board, until "
        "10 March 2026, 00:00.",
    ),
    "absolute": (
        "t.absolute",
        [ev("a", "contact.touch", 1, area="hand")],
        "absolute",
        "Nothing excuses or waives it: the rule is absolute.",
    ),
}


@pytest.mark.parametrize(("rule", "events", "part", "expected"), SIDES.values(), ids=SIDES.keys())
def test_each_side_test_shows_what_was_seen(rule: str, events: list[dict[str, Any]], part: str, expected: str) -> None:
    assert sentences(step(told(rule, *events), part))[0] == expected


class TestBasis:
    def test_names_earlier_ones_of_a_numbered_trigger(self) -> None:
        held = [ev(name, "session.held", number) for number, name in enumerate("abcd")]

        assert told("t.third", *held).basis == ("a", "b", "c")

    def test_names_the_sessions_that_a_derived_attribute_counts(self) -> None:
        held = [ev("a", "session.held", 1), ev("b", "session.held", 2), ev("c", "session.held", 9)]

        assert told("t.counted", *held).basis == ("a", "b", "c")

    def test_names_the_opening_event_of_a_state(self) -> None:
        events = [ev("h", "session.held", 0), ev("k", "session.held", 0.5), ev("g", "gift.received", 5)]

        assert told("t.during", *events).basis == ("k", "g")

    def test_names_an_amendment_and_what_the_log_covers(self) -> None:
        events = [
            ev("v", "log.covers", 0, areas=["sessions", "agreements"]),
            ev("m", "agreement.made", 1, session_minutes=50),
            ev("b", "session.held", 4, minutes=50),
            ev("x", "event.amended", 5, target="b", minutes=90),
        ]

        assert told("t.expect", *events).basis == ("v", "m", "b", "x")

    def test_of_a_finding_about_findings_names_what_those_rest_on(self) -> None:
        explanation = told("t.findings", ev("s", "session.held", 0.5), HUG)

        assert explanation.basis == ("s", "a")
        assert [one.rule for one in explanation.rests_on] == ["t.before", "t.touch"]

    def test_leaves_out_what_has_no_part_in_it(self) -> None:
        assert told("t.touch", ev("s", "session.held", 0.5), HUG).basis == ("a",)


class TestTheTrigger:
    def test_is_told_as_the_log_has_it_with_what_is_usual_apart(self) -> None:
        explanation = told("t.before", ev("b", "session.held", 1, place="office"))

        assert sentences(step(explanation, "trigger")) == [
            "b (session.held, 2 March 2026, 00:00), client c1.",
            "minutes: 50",
            "place: office",
            "As usual, where nothing else is noted: practitioner_late_minutes: 0, client_late_minutes: 0, "
            "last_of_day: no, fee_waived: no, crisis: no",
        ]

    def test_names_its_amendments(self) -> None:
        events = [HUG | {"consent": True}, ev("x", "event.amended", 2, target="a", consent=False)]

        assert sentences(step(told("t.touch", *events), "trigger"))[-1] == (
            "It was amended by x (event.amended, 3 March 2026, 00:00)."
        )


class TestIds:
    def test_six_characters_are_enough_where_they_are_unique(self) -> None:
        asked = inquiry(HUG)
        (finding,) = asked.findings().values()

        assert explain(asked, finding.id[:6].upper()).finding == finding

    def test_fewer_are_not(self) -> None:
        asked = inquiry(HUG)
        (finding,) = asked.findings()

        with pytest.raises(ConfigError, match=f"there is no finding `{finding[:5]}`"):
            explain(asked, finding[:5])

    def test_an_unknown_id_is_refused_with_the_nearest_and_where_ids_come_from(self) -> None:
        asked = inquiry(HUG)
        (finding,) = asked.findings()
        wrong = finding[:-1] + "g"

        with pytest.raises(ConfigError) as caught:
            explain(asked, wrong)

        assert str(caught.value) == (
            f"there is no finding `{wrong}` in this log, judged as of 2 March 2026, 00:00; did you mean `{finding}`?; "
            "ids come from `ethics-engine check` with the same log and options"
        )

    def test_excused_and_waived_findings_are_told_too(self) -> None:
        waiver = ev("w", "waiver.granted", 0.5, rule="t.touch", expires_at=day(9))

        assert told("t.touch", HUG, waiver).finding.status == "waived"
