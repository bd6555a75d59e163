"""The oracle on events, selections, keys and the eight forms, sentence by sentence of `semantics.md`."""

from __future__ import annotations

import pytest
from oracle_cases import at, dated, day, due, ev, evidence, found, held, verdict

SESSION = {"forbid": "session.held"}
AGREED = {"require": "agreement.made", "before": "session.held"}
PAID = {"require": "payment.received", "after": "invoice.issued", "within": "2d"}
MOVED = {"limit": "session.moved", "to": "1", "within": "2d"}


def agreed(id: str, days: float, us: int = 0, **rest: object) -> dict[str, object]:
    return ev(id, "agreement.made", days, us, **rest)


def paid(id: str, days: float, us: int = 0, **rest: object) -> dict[str, object]:
    return ev(id, "payment.received", days, us, **rest)


def billed(id: str, days: float, us: int = 0, **rest: object) -> dict[str, object]:
    return ev(id, "invoice.issued", days, us, **rest)


def moved(id: str, days: float, us: int = 0, **rest: object) -> dict[str, object]:
    return ev(id, "session.moved", days, us, **rest)


def supervised(id: str, days: float, us: int = 0, **rest: object) -> dict[str, object]:
    return ev(id, "supervision.attended", days, us, **rest)


class TestTheLog:
    def test_events_after_as_of_are_not_seen(self) -> None:
        assert found(SESSION, held("a", 1), held("b", 2), as_of=day(1)) == ["a"]

    def test_as_of_is_the_latest_instant_of_the_whole_log(self) -> None:
        other = held("z", 4, us=1, practitioner="p2", client="c9")
        assert dated(PAID, billed("i", 2), other) == [at(4)]

    def test_as_of_counts_events_that_no_rule_reads(self) -> None:
        assert dated(PAID, billed("i", 2), ev("w", "waiver.granted", 4, us=1, rule="x", expires_at=day(9))) == [at(4)]

    def test_an_empty_log_has_no_findings(self) -> None:
        assert verdict(SESSION) == ([], [], [])

    def test_offsets_are_instants(self) -> None:
        assert dated(SESSION, held("a", 0) | {"at": "2026-03-02T01:00:00+01:00"}) == [at(1)]

    def test_practitioners_are_apart(self) -> None:
        assert found(AGREED, held("a", 2), agreed("m", 1, practitioner="p2")) == ["a"]

    def test_an_id_belongs_to_its_practitioner(self) -> None:
        two = [held("a", 1), held("a", 1, practitioner="p2")]
        ids = [x.id for x in verdict(SESSION, *two).findings]
        assert len(set(ids)) == 2

    def test_the_order_of_lines_carries_no_meaning(self) -> None:
        log = [agreed("m", 2), held("a", 1), held("b", 3)]
        assert verdict(AGREED, *log) == verdict(AGREED, *reversed(log))


class TestAmendments:
    FORTY = {"forbid": {"event": "session.held", "where": {"minutes": "40"}}}

    def amend(self, id: str, days: float, **rest: object) -> dict[str, object]:
        return ev(id, "event.amended", days, target="a", **rest)

    def test_an_amendment_changes_an_attribute(self) -> None:
        assert found(self.FORTY, held("a", 1), self.amend("x", 2, minutes=40)) == ["a"]

    def test_the_latest_amendment_wins(self) -> None:
        log = [held("a", 1), self.amend("x", 3, minutes=40), self.amend("y", 2, minutes=30)]
        assert found(self.FORTY, *log) == ["a"]

    def test_of_simultaneous_amendments_the_greatest_id_wins(self) -> None:
        log = [held("a", 1), self.amend("y", 2, minutes=40), self.amend("x", 2, minutes=30)]
        assert found(self.FORTY, *log) == ["a"]

    def test_each_attribute_has_its_own_latest_amendment(self) -> None:
        log = [held("a", 1), self.amend("x", 2, minutes=40), self.amend("y", 3, place="home")]
        assert found(self.FORTY, *log) == ["a"]

    def test_an_amendment_after_as_of_is_not_seen(self) -> None:
        assert found(self.FORTY, held("a", 1), self.amend("x", 2, minutes=40), as_of=day(1.5)) == []

    def test_a_refused_value_leaves_the_earlier_one(self) -> None:
        log = [held("a", 1), self.amend("x", 2, minutes=40), self.amend("y", 3, minutes="long")]
        assert found(self.FORTY, *log) == ["a"]

    def test_an_undeclared_attribute_refuses_the_amendment(self) -> None:
        assert found(self.FORTY, held("a", 1), self.amend("x", 2, minutes=40, colour="red")) == []

    def test_a_withdrawal_removes_the_event(self) -> None:
        assert found(SESSION, held("a", 1), ev("x", "event.withdrawn", 2, target="a")) == []

    def test_any_withdrawal_wins_over_later_amendments(self) -> None:
        log = [held("a", 1), ev("x", "event.withdrawn", 2, target="a"), self.amend("y", 3, minutes=40)]
        assert found(self.FORTY, *log) == []

    def test_a_withdrawal_is_never_withdrawn(self) -> None:
        log = [held("a", 1), ev("x", "event.withdrawn", 2, target="a"), ev("y", "event.withdrawn", 3, target="x")]
        assert found(SESSION, *log) == []

    def test_another_practitioners_withdrawal_does_nothing(self) -> None:
        assert found(SESSION, held("a", 1), ev("x", "event.withdrawn", 2, target="a", practitioner="p2")) == ["a"]

    def test_a_withdrawn_last_event_still_dates_the_log(self) -> None:
        log = [billed("i", 2), held("a", 5), ev("x", "event.withdrawn", 5, target="a")]
        assert dated(PAID, *log) == [at(4)]

    def test_a_required_attribute_of_the_envelope_is_not_amended(self) -> None:
        assert found(SESSION, held("a", 1), self.amend("x", 2, client="c2", minutes=40)) == ["a"]


class TestSelections:
    def test_a_list_of_types_is_their_union(self) -> None:
        log = [held("a", 1), moved("b", 2), billed("c", 3)]
        assert found({"forbid": {"event": ["session.held", "session.moved"]}}, *log) == ["a", "b"]

    def test_a_list_of_selections_is_their_union(self) -> None:
        rule = {"forbid": ["session.moved", {"event": "session.held", "where": {"minutes": "40"}}]}
        assert found(rule, held("a", 1), held("b", 2, minutes=40), moved("c", 3)) == ["b", "c"]

    def test_a_pattern_matches_the_types_of_its_prefix(self) -> None:
        assert found({"forbid": "session.*"}, held("a", 1), moved("b", 2), billed("c", 3)) == ["a", "b"]

    @pytest.mark.parametrize("hidden", ["event.withdrawn", "waiver.granted"])
    def test_a_pattern_never_matches_events_about_the_log(self, hidden: str) -> None:
        rest = {"event.withdrawn": {"target": "q"}, "waiver.granted": {"rule": "x", "expires_at": day(9)}}
        rule = {"forbid": hidden.split(".")[0] + ".*", "per": "practitioner"}
        assert found(rule, ev("a", hidden, 1, **rest[hidden])) == []
        assert found({"forbid": hidden, "per": "practitioner"}, ev("a", hidden, 1, **rest[hidden])) == ["a"]

    def test_nth_keeps_the_kth_in_the_order_of_time(self) -> None:
        assert found({"forbid": {"event": "session.held", "nth": "2"}}, held("b", 1), held("a", 2), held("c", 3)) == [
            "a"
        ]

    def test_nth_orders_simultaneous_events_by_id(self) -> None:
        assert found({"forbid": {"event": "session.held", "nth": "2"}}, held("b", 1), held("a", 1)) == ["b"]

    def test_nth_counts_only_what_matches_where(self) -> None:
        rule = {"forbid": {"event": "session.held", "where": {"crisis": "false"}, "nth": "1"}}
        assert found(rule, held("a", 1, crisis=True), held("b", 2, crisis=False)) == ["b"]

    def test_nth_counts_apart_for_each_relationship(self) -> None:
        rule = {"forbid": {"event": "session.held", "nth": "2"}}
        assert found(rule, held("a", 1), held("b", 2, client="c2"), held("c", 3)) == ["c"]

    def test_nth_counts_together_for_a_practitioner(self) -> None:
        rule = {"forbid": {"event": "session.held", "nth": "2"}, "per": "practitioner"}
        assert found(rule, held("a", 1), held("b", 2, client="c2"), held("c", 3)) == ["b"]

    def test_nth_counts_apart_for_each_value_of_same(self) -> None:
        rule = {"forbid": {"event": "session.held", "nth": "2", "same": ["place"]}}
        log = [held("a", 1, place="home"), held("b", 2, place="office"), held("c", 3, place="home"), held("d", 4)]
        assert found(rule, *log) == ["c"]

    def test_nth_with_same_leaves_out_what_lacks_the_attribute(self) -> None:
        rule = {"forbid": {"event": "session.held", "nth": "1", "same": ["place"]}}
        assert found(rule, held("a", 1), held("b", 2, place="home")) == ["b"]


class TestKeys:
    def test_the_key_is_the_relationship_where_every_trigger_has_a_client(self) -> None:
        assert found(AGREED, agreed("m", 1), held("a", 2), held("b", 2, client="c2")) == ["b"]

    def test_the_key_is_the_practitioner_where_a_trigger_may_lack_a_client(self) -> None:
        rule = {"require": "supervision.attended", "before": ["session.held", "incident.documented"]}
        log = [supervised("s", 1, client="c2"), held("a", 2), ev("d", "incident.documented", 2)]
        assert found(rule, *log) == []

    def test_an_event_without_a_client_answers_for_every_relationship(self) -> None:
        rule = {"require": "supervision.attended", "before": "session.held"}
        assert found(rule, supervised("s", 1), held("a", 2), held("b", 2, client="c2")) == []

    def test_an_event_of_another_client_does_not_answer(self) -> None:
        rule = {"require": "supervision.attended", "before": "session.held"}
        assert found(rule, supervised("s", 1, client="c2"), held("a", 2)) == ["a"]

    def test_an_event_without_a_client_triggers_in_no_relationship(self) -> None:
        rule = {"forbid": "supervision.attended", "per": "relationship"}
        assert found(rule, supervised("s", 1), supervised("t", 2, client="c1")) == ["t"]

    def test_an_event_without_a_client_is_counted_in_no_relationship(self) -> None:
        rule = {"limit": "supervision.attended", "to": "1", "within": "9d", "per": "relationship"}
        assert found(rule, supervised("s", 1), supervised("t", 2, client="c1")) == []

    def test_an_event_never_answers_itself(self) -> None:
        rule = {"require": "session.held", "before": "session.held"}
        assert found(rule, held("a", 1), held("b", 2)) == ["a"]

    def test_same_narrows_the_key(self) -> None:
        rule = PAID | {"require": {"event": "payment.received", "same": {"invoice": "invoice"}}}
        log = [billed("i", 1), paid("x", 2, invoice="i2"), held("z", 9)]
        assert found(rule, *log) == ["i"]
        assert found(rule, *log, paid("y", 2, invoice="i1")) == []

    def test_same_needs_both_attributes(self) -> None:
        rule = PAID | {"require": {"event": "payment.received", "same": ["invoice"]}}
        assert found(rule, billed("i", 1), paid("x", 2), held("z", 9)) == ["i"]

    def test_same_compares_with_the_id_of_the_trigger(self) -> None:
        rule = {
            "require": {"event": "incident.documented", "same": {"event": "id"}},
            "after": "contact.touch",
            "within": "2d",
        }
        log = [ev("t", "contact.touch", 1), ev("u", "contact.touch", 1), held("z", 9)]
        assert found(rule, *log, ev("d", "incident.documented", 2, event="t", client="c1")) == ["u"]

    def test_a_finding_that_adds_up_over_clients_names_none(self) -> None:
        rule = {"limit": "session.held", "to": "1", "within": "9d"}
        log = (held("a", 1, client="c2"), held("b", 2, client="c2"))
        assert [x.client for x in verdict(rule | {"per": "practitioner"}, *log).findings] == [None]
        assert [x.client for x in verdict(rule | {"per": "relationship"}, *log).findings] == ["c2"]


class TestForbid:
    def test_every_match_is_a_finding_dated_at_its_own_time(self) -> None:
        assert dated(SESSION, held("a", 1), held("b", 2)) == [at(1), at(2)]

    def test_the_evidence_is_the_trigger(self) -> None:
        assert evidence(SESSION, held("a", 1), held("b", 2)) == [("a",), ("b",)]


class TestRequireBefore:
    def test_no_answer_before_is_a_finding_at_the_trigger(self) -> None:
        assert dated(AGREED, held("a", 1), agreed("m", 2)) == [at(1)]

    def test_an_answer_before_is_none(self) -> None:
        assert found(AGREED, agreed("m", 1), held("a", 2)) == []

    def test_a_simultaneous_answer_is_already_there(self) -> None:
        assert found(AGREED, held("a", 1), agreed("z", 1)) == []

    def test_an_answer_a_microsecond_late_does_not_count(self) -> None:
        assert found(AGREED, held("a", 1), agreed("m", 1, us=1)) == ["a"]

    def test_within_is_closed_at_its_early_end(self) -> None:
        assert found(AGREED | {"within": "2d"}, agreed("m", 1), held("a", 3)) == []

    def test_an_answer_a_microsecond_too_early_does_not_count_and_is_evidence(self) -> None:
        log = [agreed("k", 0), agreed("m", 1, us=-1), held("a", 3)]
        assert evidence(AGREED | {"within": "2d"}, *log) == [("a", "m")]

    def test_the_nth_trigger_is_judged(self) -> None:
        rule = {"require": "agreement.made", "before": {"event": "session.held", "nth": "2"}}
        assert found(rule, held("a", 1), agreed("m", 2), held("b", 3)) == []
        assert found(rule, held("a", 1), held("b", 3), held("c", 4)) == ["b"]

    def test_the_nth_answer_is_required(self) -> None:
        rule = {"require": {"event": "supervision.attended", "nth": "2"}, "before": "session.held"}
        assert found(rule, supervised("s", 1), held("a", 2), supervised("t", 3), held("b", 4)) == ["a"]


class TestRequireAfter:
    def test_a_missed_duty_is_dated_at_its_end(self) -> None:
        assert dated(PAID, billed("i", 1), held("z", 9)) == [at(3)]

    def test_an_answer_at_the_trigger_counts(self) -> None:
        assert found(PAID, billed("i", 1), paid("x", 1), held("z", 9)) == []

    def test_an_answer_at_the_end_counts(self) -> None:
        assert found(PAID, billed("i", 1), paid("x", 3), held("z", 9)) == []

    def test_an_answer_a_microsecond_after_the_end_does_not(self) -> None:
        assert found(PAID, billed("i", 1), paid("x", 3, us=1), held("z", 9)) == ["i"]

    def test_an_earlier_answer_does_not_count(self) -> None:
        assert found(PAID, paid("x", 1, us=-1), billed("i", 1), held("z", 9)) == ["i"]

    def test_an_earlier_answer_counts_where_the_rule_says_so(self) -> None:
        rule = PAID | {"earlier_counts": "true"}
        assert found(rule, paid("x", 0), billed("i", 1), held("z", 9)) == []
        assert found(rule, billed("i", 1), paid("x", 3, us=1), held("z", 9)) == ["i"]

    def test_at_its_end_a_duty_is_still_open(self) -> None:
        assert due(PAID, billed("i", 1), as_of=day(3)) == [("i", at(3))]
        assert found(PAID, billed("i", 1), as_of=day(3)) == []

    def test_a_microsecond_later_it_is_breached(self) -> None:
        assert due(PAID, billed("i", 1), as_of=day(3, us=1)) == []
        assert found(PAID, billed("i", 1), as_of=day(3, us=1)) == ["i"]

    def test_an_answered_duty_is_no_obligation(self) -> None:
        assert due(PAID, billed("i", 1), paid("x", 2)) == []

    def test_a_waiving_event_in_the_span_ends_the_duty(self) -> None:
        rule = PAID | {"waived_by": "therapy.ended"}
        end = {"type": "therapy.ended"}
        assert found(rule, billed("i", 1), ev("x", **end, days=3), held("z", 9)) == []
        assert found(rule, billed("i", 1), ev("x", **end, days=1), held("z", 9)) == []
        assert found(rule, billed("i", 1), ev("x", **end, days=3, us=1), held("z", 9)) == ["i"]
        assert found(rule, billed("i", 1), ev("x", **end, days=1, us=-1), held("z", 9)) == ["i"]

    def test_earlier_counts_does_not_stretch_what_waives(self) -> None:
        rule = PAID | {"waived_by": "therapy.ended", "earlier_counts": "true"}
        assert found(rule, ev("x", "therapy.ended", 0), billed("i", 1), held("z", 9)) == ["i"]

    def test_an_event_without_a_client_waives(self) -> None:
        rule = PAID | {"waived_by": "leave.taken"}
        assert found(rule, billed("i", 1), ev("x", "leave.taken", 2), held("z", 9)) == []

    def test_a_rule_of_level_none_lists_no_obligation(self) -> None:
        assert due(PAID | {"level": "none"}, billed("i", 1), as_of=day(2)) == []


class TestTermsInForce:
    TERMS = {"of": "agreement.made", "attribute": "due_days"}

    def rule(self, **terms: str) -> dict[str, object]:
        return PAID | {"within": self.TERMS | terms}

    def test_a_bare_number_is_days(self) -> None:
        assert due(self.rule(), agreed("m", 0, due_days=1.5), billed("i", 1)) == [("i", at(2.5))]

    def test_factor_and_offset_make_the_reference(self) -> None:
        log = [agreed("m", 0, due_days=2), billed("i", 1)]
        assert due(self.rule(factor="2", offset="1"), *log) == [("i", at(6))]

    def test_the_latest_terms_at_the_trigger_count(self) -> None:
        log = [agreed("k", 0, due_days=2), agreed("m", 1, due_days=3), agreed("n", 1, us=1, due_days=9), billed("i", 1)]
        assert due(self.rule(), *log) == [("i", at(4))]

    def test_of_simultaneous_terms_the_greatest_id_counts(self) -> None:
        log = [agreed("m", 1, due_days=2), agreed("n", 1, due_days=3), billed("i", 1)]
        assert due(self.rule(), *log) == [("i", at(4))]

    def test_a_default_stands_for_terms_that_lack_the_attribute(self) -> None:
        rule = self.rule(default="4", factor="2")
        assert due(rule, agreed("m", 0), billed("i", 1)) == [("i", at(9))]
        assert due(rule, billed("i", 1)) == [("i", at(9))]

    def test_without_terms_and_default_there_is_no_duty(self) -> None:
        assert due(self.rule(), billed("i", 1)) == []
        assert found(self.rule(), agreed("m", 0), billed("i", 1), held("z", 99)) == []

    def test_the_latest_terms_without_the_attribute_hide_earlier_ones(self) -> None:
        assert due(self.rule(), agreed("m", 0, due_days=1), agreed("n", 0.5), billed("i", 1)) == []

    def test_without_terms_and_default_nothing_is_limited(self) -> None:
        assert found(MOVED | {"to": self.TERMS}, moved("a", 1), moved("b", 1)) == []

    def test_a_limit_may_be_taken_from_terms(self) -> None:
        rule = MOVED | {"to": self.TERMS | {"factor": "0.5"}}
        log = [agreed("m", 0, due_days=3), moved("a", 1), moved("b", 1.5)]
        assert found(rule, *log) == ["b"]


class TestEvery:
    RULE = {"require": "supervision.attended", "every": "3d", "during": "therapy", "per": "relationship"}

    def test_a_stretch_longer_than_the_window_is_a_finding_dated_at_its_end(self) -> None:
        assert dated(self.RULE, held("a", 1), held("z", 4, us=1)) == [at(4)]

    def test_a_stretch_as_long_as_the_window_is_none(self) -> None:
        assert found(self.RULE, held("a", 1), held("z", 4)) == []

    def test_its_trigger_is_the_event_that_opens_the_state(self) -> None:
        assert found(self.RULE, held("a", 1), held("b", 2), held("z", 6)) == ["a"]

    def test_of_simultaneous_openings_the_greatest_id_triggers(self) -> None:
        assert found(self.RULE, held("a", 1), held("b", 1), held("z", 6)) == ["b"]

    def test_an_answer_starts_the_next_stretch(self) -> None:
        log = [held("a", 1), supervised("s", 3, client="c1"), held("z", 7)]
        assert evidence(self.RULE, *log) == [("s",)]

    def test_there_is_one_finding_a_stretch(self) -> None:
        log = [held("a", 1), supervised("s", 5, client="c1"), held("b", 9), held("z", 11)]
        assert found(self.RULE, *log) == ["a", "s"]

    def test_an_answer_at_the_opening_starts_the_stretch(self) -> None:
        log = [held("a", 1), supervised("s", 1, client="c1"), held("z", 5)]
        assert found(self.RULE, *log) == ["s"]

    def test_an_answer_of_every_relationship_starts_a_stretch_in_each(self) -> None:
        log = [held("a", 1), held("b", 1, client="c2"), supervised("s", 2), held("z", 6)]
        findings = verdict(self.RULE, *log).findings
        assert sorted((x.events, x.client) for x in findings) == [(("s",), "c1"), (("s",), "c2")]
        assert len({x.id for x in findings}) == 2

    def test_the_state_ends_the_stretch(self) -> None:
        log = [held("a", 1), ev("x", "therapy.ended", 4), held("z", 20)]
        assert found(self.RULE, *log) == []

    def test_a_stretch_that_ended_too_late_is_still_a_finding(self) -> None:
        assert found(self.RULE, held("a", 1), ev("x", "therapy.ended", 4, us=1)) == ["a"]

    def test_a_lapse_ends_the_stretch(self) -> None:
        rule = self.RULE | {"every": "10d"}
        assert found(rule, held("a", 1), held("z", 30, client="c2")) == []
        assert found(rule, held("a", 1), held("b", 1, us=1), held("z", 30, client="c2")) == ["a"]

    def test_the_running_stretch_is_an_obligation(self) -> None:
        assert due(self.RULE, held("a", 1), as_of=day(4)) == [("a", at(4))]
        assert due(self.RULE, held("a", 1), as_of=day(4, us=1)) == []

    def test_a_closed_state_leaves_no_obligation(self) -> None:
        assert due(self.RULE, held("a", 1), ev("x", "therapy.ended", 2)) == []

    def test_not_during_cuts_the_stretch(self) -> None:
        rule = self.RULE | {"not_during": "on_leave"}
        leave = ev("l", "leave.taken", 3, until=day(6))
        assert found(rule, held("a", 1), leave, held("b", 7), as_of=day(9)) == []

    def test_the_stretch_after_a_lapsed_leave_starts_at_its_end(self) -> None:
        rule = self.RULE | {"not_during": "on_leave"}
        leave = ev("l", "leave.taken", 3, until=day(6))
        log = [held("a", 1), leave, held("b", 7)]
        findings = verdict(rule, *log, as_of=day(9, us=1)).findings
        assert [(x.events, x.at) for x in findings] == [(("l",), at(9))]

    def test_a_leave_that_covers_the_opening_delays_the_stretch(self) -> None:
        rule = self.RULE | {"not_during": "on_leave"}
        log = [ev("l", "leave.taken", 0, until=day(2)), held("a", 1)]
        assert due(rule, *log, as_of=day(3)) == [("l", at(5))]

    def test_an_answer_as_the_leave_ends_starts_the_stretch(self) -> None:
        rule = self.RULE | {"not_during": "on_leave"}
        log = [held("a", 1), ev("l", "leave.taken", 2, until=day(4)), supervised("s", 4, client="c1")]
        assert due(rule, *log, as_of=day(5)) == [("s", at(7))]

    def test_what_closes_the_other_state_may_start_the_stretch(self) -> None:
        states = {"resting": {"opened_by": "contact.touch", "closed_by": "incident.documented"}}
        rule = self.RULE | {"not_during": "resting"}
        log = [ev("t", "contact.touch", 0), held("a", 1), ev("d", "incident.documented", 2, client="c1")]
        assert due(rule, *log, as_of=day(3), states=states) == [("d", at(5))]

    def test_of_what_opens_one_state_and_closes_the_other_at_once_the_greatest_id_triggers(self) -> None:
        states = {"resting": {"opened_by": "contact.touch", "closed_by": "incident.documented"}}
        rule = self.RULE | {"not_during": "resting"}
        log = [ev("t", "contact.touch", 0), held("a", 1), ev("d", "incident.documented", 1, client="c1")]
        assert due(rule, *log, as_of=day(3), states=states) == [("d", at(4))]

    def test_the_window_is_that_of_the_triggers_day(self) -> None:
        rule = self.RULE | {"every": "${w}"}
        parameters = {"w": [{"value": "3d"}, {"from": "2026-03-04", "value": "1d"}]}
        log = [held("a", 2), supervised("s", 4, client="c1"), held("z", 6)]
        assert found(rule, *log, parameters=parameters) == ["s"]

    def test_side_tests_read_the_event_that_starts_the_stretch(self) -> None:
        rule = self.RULE | {"unless": {"minutes": {"lt": "55"}}}
        assert found(rule, held("a", 1), held("z", 6)) == []
        assert found(rule, held("a", 1, minutes=60), held("z", 6)) == ["a"]

    def test_another_practitioners_supervision_does_not_answer(self) -> None:
        assert found(self.RULE, held("a", 1), supervised("s", 2, practitioner="p2"), held("z", 5)) == ["a"]


class TestWhileActive:
    RULE = {
        "require": "supervision.attended",
        "every": "3d",
        "while_active": {"event": "session.held", "gap": "2d"},
        "per": "practitioner",
    }

    def test_events_no_further_apart_than_the_gap_are_one_span(self) -> None:
        log = [held("a", 1), held("b", 3, client="c2"), held("c", 5)]
        assert dated(self.RULE, *log) == [at(4)]

    def test_a_greater_gap_parts_the_span(self) -> None:
        assert found(self.RULE, held("a", 1), held("b", 3), held("c", 5, us=1)) == []

    def test_a_span_as_long_as_the_window_is_no_finding(self) -> None:
        log = [held("a", 1), held("b", 2), held("c", 4)]
        assert found(self.RULE, *log, as_of=day(99)) == []

    def test_an_answer_parts_the_span(self) -> None:
        log = [held("a", 1), supervised("s", 2), held("b", 3), held("c", 5)]
        assert found(self.RULE, *log) == []

    def test_while_it_may_go_on_the_duty_is_an_obligation_even_past_due(self) -> None:
        log = [held("a", 1), held("b", 3)]
        assert due(self.RULE, *log, as_of=day(5)) == [("a", at(4))]
        assert found(self.RULE, *log, as_of=day(5)) == []

    def test_after_the_gap_the_span_has_ended(self) -> None:
        log = [held("a", 1), held("b", 3)]
        assert due(self.RULE, *log, as_of=day(5, us=1)) == []
        assert found(self.RULE, *log, as_of=day(5, us=1)) == []

    def test_a_later_active_event_confirms_the_breach(self) -> None:
        log = [held("a", 1), held("b", 3), held("c", 5)]
        assert found(self.RULE, *log) == ["a"]
        assert due(self.RULE, *log) == []

    def test_a_late_answer_leaves_it_unknown_until_the_activity_is_confirmed(self) -> None:
        log = [held("a", 1), held("b", 3), supervised("s", 4.5)]
        assert due(self.RULE, *log, as_of=day(5)) == [("a", at(4)), ("s", at(7.5))]
        assert found(self.RULE, *log, held("c", 5)) == ["a"]
        assert due(self.RULE, *log, as_of=day(6)) == []

    def test_an_answer_in_time_opens_the_next_duty(self) -> None:
        assert due(self.RULE, held("a", 1), supervised("s", 2), as_of=day(3)) == [("s", at(5))]

    def test_a_single_event_is_a_span(self) -> None:
        assert due(self.RULE, held("a", 1)) == [("a", at(4))]


class TestEach:
    RULE = {
        "require": "supervision.attended",
        "each": "month",
        "at_least": {"sum": "minutes", "of": "90"},
        "if": "session.held",
        "per": "practitioner",
    }
    APRIL = at(31)

    def test_a_short_month_is_dated_at_the_first_instant_of_the_next(self) -> None:
        assert dated(self.RULE, held("a", 1), held("z", 40, client="c2"), as_of=day(40)) == [self.APRIL]

    def test_enough_is_none(self) -> None:
        log = [held("a", 1), supervised("s", 0), supervised("t", 30, minutes=30)]
        assert found(self.RULE, *log, as_of=day(40)) == []

    def test_less_is_a_finding_with_what_there_was(self) -> None:
        log = [held("a", 1), supervised("s", 0), supervised("t", 30, minutes=29.999999)]
        assert evidence(self.RULE, *log, as_of=day(40)) == [("a", "s", "t")]

    def test_the_last_answer_before_the_period_is_evidence(self) -> None:
        log = [supervised("r", -9), supervised("s", -1), held("a", 1)]
        assert evidence(self.RULE, *log, as_of=day(40)) == [("a", "s")]

    def test_its_trigger_is_the_first_of_the_period(self) -> None:
        assert found(self.RULE, held("b", 2), held("a", 1), held("c", 3), as_of=day(40)) == ["a"]

    def test_of_simultaneous_first_ones_the_greatest_id_triggers(self) -> None:
        assert found(self.RULE, held("a", 1), held("b", 1), as_of=day(40)) == ["b"]

    def test_a_period_without_a_trigger_is_not_judged(self) -> None:
        assert found(self.RULE, held("a", -1), supervised("s", -2, minutes=90), as_of=day(40)) == []

    def test_periods_are_half_open(self) -> None:
        log = [held("a", 1), supervised("s", 31, minutes=90)]
        assert found(self.RULE, *log, as_of=day(40)) == ["a"]
        assert found(self.RULE, held("a", 1), supervised("s", 31, us=-1, minutes=90), as_of=day(40)) == []
        assert found(self.RULE, held("a", 1), supervised("s", 0, minutes=90), as_of=day(40)) == []

    def test_a_period_is_over_at_the_first_instant_of_the_next(self) -> None:
        assert found(self.RULE, held("a", 1), as_of=day(31)) == ["a"]
        assert due(self.RULE, held("a", 1), as_of=day(31, us=-1)) == [("a", self.APRIL)]

    def test_a_period_with_enough_is_no_obligation(self) -> None:
        assert due(self.RULE, held("a", 1), supervised("s", 2, minutes=90), as_of=day(3)) == []

    def test_periods_are_local(self) -> None:
        berlin = {"timezone": "Europe/Berlin"}
        log = [held("a", 1), supervised("s", -1 / 24, minutes=90)]
        assert dated(self.RULE, *log, as_of=day(40), **berlin) == []
        assert dated(self.RULE, held("a", 1), as_of=day(40), **berlin) == [at(31 - 2 / 24)]

    @pytest.mark.parametrize(
        ("unit", "end"), [("week", at(8)), ("quarter", at(31)), ("year", at(306))], ids=["week", "quarter", "year"]
    )
    def test_weeks_start_on_monday_and_quarters_in_january(self, unit: str, end: object) -> None:
        assert dated(self.RULE | {"each": unit}, held("a", 1), as_of=day(400)) == [end]

    def test_a_count_may_be_required(self) -> None:
        rule = self.RULE | {"at_least": {"count": "2"}}
        assert found(rule, held("a", 1), supervised("s", 2), as_of=day(40)) == ["a"]
        assert found(rule, held("a", 1), supervised("s", 2), supervised("t", 2), as_of=day(40)) == []

    def test_a_missing_amount_counts_nothing(self) -> None:
        rule = self.RULE | {"require": "contact.touch", "at_least": {"sum": "count", "of": "1"}}
        assert found(rule, held("a", 1), ev("t", "contact.touch", 2), as_of=day(40)) == ["a"]


class TestLimit:
    def test_more_than_allowed_is_a_finding_at_each_excess(self) -> None:
        assert found(MOVED, moved("a", 1), moved("b", 2), moved("c", 3)) == ["b", "c"]

    def test_the_window_is_closed_at_its_early_end(self) -> None:
        assert found(MOVED, moved("a", 1), moved("b", 3)) == ["b"]
        assert found(MOVED, moved("a", 1), moved("b", 3, us=1)) == []

    def test_simultaneous_events_count_for_each_other(self) -> None:
        assert sorted(found(MOVED, moved("a", 1), moved("b", 1))) == ["a", "b"]

    def test_the_counted_events_are_evidence(self) -> None:
        assert evidence(MOVED, moved("a", 0.5), moved("b", 1), moved("c", 3)) == [("b", "a"), ("c", "b")]

    def test_same_counts_apart_for_each_value(self) -> None:
        rule = MOVED | {"same": ["by"]}
        log = [moved("a", 1), moved("b", 1.5, by="client"), moved("c", 2)]
        assert evidence(rule, *log) == [("c", "a")]

    def test_without_the_attribute_of_same_there_is_no_finding(self) -> None:
        rule = MOVED | {"same": ["session"]}
        assert found(rule, moved("a", 1), moved("b", 1), moved("c", 1, session="s")) == []

    def test_a_sum_is_exact(self) -> None:
        rule = {"limit": "session.held", "to": "0.3", "within": "9d", "of": {"sum": "minutes"}}
        assert found(rule, held("a", 1, minutes=0.1), held("b", 2, minutes=0.2)) == []
        assert found(rule, held("a", 1, minutes=0.1), held("b", 2, minutes=0.200001)) == ["b"]

    def test_a_sum_counts_a_missing_amount_as_nothing(self) -> None:
        rule = {"limit": "contact.touch", "to": "2", "within": "9d", "of": {"sum": "count"}}
        log = [ev("a", "contact.touch", 1, count=3), ev("b", "contact.touch", 2)]
        assert found(rule, *log) == ["a", "b"]

    def test_distinct_counts_values(self) -> None:
        rule = {"limit": "session.held", "to": "1", "within": "9d", "of": {"distinct": "place"}}
        log = [held("a", 1, place="home"), held("b", 2, place="home"), held("c", 3), held("d", 4, place="online")]
        assert found(rule, *log) == ["d"]

    def test_distinct_clients_of_a_practitioner(self) -> None:
        rule = {"limit": "session.held", "to": "1", "within": "9d", "of": {"distinct": "client"}, "per": "practitioner"}
        assert found(rule, held("a", 1), held("b", 2), held("c", 3, client="c2")) == ["c"]

    def test_distinct_counts_each_value_of_a_list(self) -> None:
        rule = {"limit": "agreement.made", "to": "2", "within": "9d", "of": {"distinct": "covers"}}
        assert found(rule, agreed("a", 1, covers=["fee", "place"]), agreed("b", 2, covers=["fee", "touch"])) == ["b"]

    def test_a_share_is_judged_once_there_are_enough(self) -> None:
        of = {"share_of": "session.*", "least": "3"}
        rule = {"limit": "session.moved", "to": "0.5", "within": "9d", "of": of}
        assert found(rule, moved("a", 1), moved("b", 2), held("c", 2)) == ["b"]
        assert found(rule, moved("a", 1), moved("b", 2)) == []

    def test_a_share_as_great_as_allowed_is_none(self) -> None:
        of = {"share_of": "session.*", "least": "2"}
        rule = {"limit": "session.moved", "to": "0.5", "within": "9d", "of": of}
        assert found(rule, held("a", 1), moved("b", 2)) == []

    def test_only_what_is_counted_is_evidence_of_a_share(self) -> None:
        of = {"share_of": "session.*", "least": "2"}
        rule = {"limit": "session.moved", "to": "0.4", "within": "9d", "of": of}
        assert evidence(rule, held("a", 1), moved("b", 2)) == [("b",)]

    def test_a_sum_leaves_out_other_currencies(self) -> None:
        rule = {"limit": "payment.received", "to": "150", "within": "9d", "of": {"sum": "amount"}}
        log = [paid("a", 1, currency="EUR"), paid("b", 2, currency="USD"), paid("c", 3, currency="EUR"), paid("d", 4)]
        assert evidence(rule, *log) == [("c", "a"), ("d", "a", "b", "c")]


class TestExpect:
    RULE = {"expect": "session.held", "as": "agreement.made", "match": {"minutes": {"eq": "session_minutes"}}}

    def match(self, **match: object) -> dict[str, object]:
        return self.RULE | {"match": match}

    def test_disagreement_with_the_latest_reference_is_a_finding(self) -> None:
        log = [agreed("m", 0, session_minutes=50), agreed("n", 1, session_minutes=60), held("a", 2)]
        assert evidence(self.RULE, *log) == [("a", "n")]

    def test_a_simultaneous_reference_is_already_there(self) -> None:
        assert found(self.RULE, agreed("n", 2, session_minutes=60), held("a", 2)) == ["a"]

    def test_of_simultaneous_references_the_greatest_id_counts(self) -> None:
        log = [agreed("m", 1, session_minutes=60), agreed("n", 1, session_minutes=50), held("a", 2)]
        assert found(self.RULE, *log) == []

    def test_a_later_reference_does_not_count(self) -> None:
        assert found(self.RULE, held("a", 1), agreed("n", 2, session_minutes=60)) == []

    def test_without_a_reference_and_a_default_there_is_none(self) -> None:
        assert found(self.RULE, held("a", 1)) == []

    def test_a_default_stands_for_the_reference(self) -> None:
        rule = self.match(minutes={"le": "session_minutes", "default": "20", "factor": "2", "offset": "9"})
        assert found(rule, held("a", 1)) == ["a"]
        assert found(rule, agreed("m", 0), held("a", 1)) == ["a"]
        assert found(rule, agreed("m", 0, session_minutes=21), held("a", 1)) == []

    def test_both_of_a_list_must_hold(self) -> None:
        tests = [{"lt": "session_minutes", "offset": "15"}, {"lt": "session_minutes", "factor": "1.3"}]
        rule = self.match(minutes=tests)
        log = [agreed("m", 0, session_minutes=40)]
        assert found(rule, *log, held("a", 1, minutes=51)) == []
        assert found(rule, *log, held("a", 1, minutes=52)) == ["a"]

    def test_tolerance_is_closed(self) -> None:
        rule = self.match(minutes={"eq": "session_minutes", "tolerance": "0.01"})
        log = [agreed("m", 0, session_minutes=50)]
        assert found(rule, *log, held("a", 1, minutes=50.01)) == []
        assert found(rule, *log, held("a", 1, minutes=49.989999)) == ["a"]

    def test_clock_times_are_circular(self) -> None:
        rule = self.match(local_time={"eq": "start_time", "tolerance": "30min"})
        log = [agreed("m", 0, start_time="00:10")]
        assert found(rule, *log, held("a", 1 - 20 / 1440)) == []
        assert found(rule, *log, held("a", 1 - 20 / 1440, us=-1)) == ["a"]
        assert found(rule, *log, held("a", 1 + 40 / 1440)) == []

    def test_a_clock_time_is_local(self) -> None:
        rule = self.match(local_time={"eq": "start_time"})
        log = [agreed("m", 0, start_time="01:30"), held("a", 1 + 0.5 / 24)]
        assert found(rule, *log, timezone="Europe/Berlin") == []
        assert found(rule, *log) == ["a"]

    def test_an_attribute_may_be_in_the_references_list(self) -> None:
        rule = self.match(place={"in": "places"})
        log = [agreed("m", 0, places=["office", "online"])]
        assert found(rule, *log, held("a", 1, place="home"), held("b", 1, place="online")) == ["a"]

    def test_one_disagreeing_pair_is_enough_whatever_is_missing(self) -> None:
        rule = self.match(minutes={"eq": "session_minutes"}, place={"in": "places"})
        assert found(rule, agreed("m", 0, session_minutes=60), held("a", 1)) == ["a"]

    def test_as_self_compares_attributes_of_the_event(self) -> None:
        rule = {"expect": "session.held", "as": "self", "match": {"at": {"eq": "starts_at", "tolerance": "10min"}}}
        log = [held("a", 1, starts_at=day(1, us=600_000_000)), held("b", 2, starts_at=day(2, us=600_000_001))]
        assert evidence(rule, *log) == [("b",)]

    def test_a_reference_is_never_the_trigger_itself(self) -> None:
        rule = {"expect": "session.held", "as": "session.held", "match": {"minutes": "minutes"}}
        log = [held("a", 1, minutes=40), held("b", 2), held("c", 3)]
        assert evidence(rule, *log) == [("b", "a")]

    def test_plain_text_is_equality(self) -> None:
        assert found(self.match(minutes="session_minutes"), agreed("m", 0, session_minutes=60), held("a", 1)) == ["a"]


class TestSequence:
    RULE = {"sequence": ["session.moved", "contact.touch", "session.held"], "within": "3d"}

    def test_the_steps_in_order_are_a_finding_at_the_last(self) -> None:
        log = [moved("a", 1), ev("b", "contact.touch", 2), held("c", 3)]
        assert evidence(self.RULE, *log) == [("c", "a", "b")]
        assert dated(self.RULE, *log) == [at(3)]

    def test_time_must_rise_strictly(self) -> None:
        assert found(self.RULE, moved("a", 1), ev("b", "contact.touch", 1), held("c", 3)) == []
        assert found(self.RULE, moved("a", 1), ev("b", "contact.touch", 2), held("c", 2)) == []

    def test_the_span_is_closed(self) -> None:
        log = [ev("b", "contact.touch", 2), held("c", 4)]
        assert found(self.RULE, moved("a", 1), *log) == ["c"]
        assert found(self.RULE, moved("a", 1, us=-1), *log) == []

    def test_other_events_between_do_not_matter(self) -> None:
        log = [moved("a", 1), billed("x", 1.5), ev("b", "contact.touch", 2), moved("y", 2.5), held("c", 3)]
        assert evidence(self.RULE, *log) == [("c", "a", "b")]

    def test_the_latest_chain_is_evidence(self) -> None:
        log = [moved("a", 1), moved("d", 1.5), ev("b", "contact.touch", 2), ev("e", "contact.touch", 1.2), held("c", 3)]
        assert evidence(self.RULE, *log) == [("c", "d", "b")]

    def test_steps_belong_to_one_relationship(self) -> None:
        assert found(self.RULE, moved("a", 1, client="c2"), ev("b", "contact.touch", 2), held("c", 3)) == []

    def test_the_same_step_twice_needs_two_events(self) -> None:
        rule = {"sequence": ["session.held", "session.held"], "within": "3d"}
        assert found(rule, held("a", 1), held("b", 2)) == ["b"]
