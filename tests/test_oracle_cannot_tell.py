"""The oracle on conditions in two and three values, derived attributes, currencies and coverage."""

from __future__ import annotations

from typing import Any

import pytest
from oracle_cases import day, due, ev, found, held, untold


def touching(where: dict[str, Any]) -> dict[str, Any]:
    return {"forbid": {"event": "contact.touch", "where": where}}


def touch(id: str, days: float, us: int = 0, **rest: object) -> dict[str, object]:
    return ev(id, "contact.touch", days, us, **rest)


def passes(where: dict[str, Any], type: str = "session.held", **attributes: Any) -> bool:
    return found({"forbid": {"event": type, "where": where}}, ev("a", type, 1, **attributes)) == ["a"]


class TestConditions:
    def test_all_tests_must_hold(self) -> None:
        assert passes({"minutes": "50", "place": "home"}, place="home")
        assert not passes({"minutes": "40", "place": "home"}, place="home")

    @pytest.mark.parametrize(("test", "true"), [
        ("50", True), ("50.0", True), (["40", "50"], True), (["40"], False),
        ({"lt": "50"}, False), ({"le": "50"}, True), ({"gt": "49.999999"}, True), ({"ge": "50.000001"}, False),
        ({"ne": "50"}, False), ({"ne": "40"}, True), ({"in": ["50"]}, True), ({"not_in": ["50"]}, False),
        ({"not_in": ["40"]}, True), ({"missing": "false"}, True), ({"missing": "true"}, False),
        ({"gt": "40", "lt": "60"}, True), ({"gt": "40", "lt": "45"}, False),
    ])  # fmt: skip
    def test_operators_on_a_number(self, test: Any, true: bool) -> None:
        assert passes({"minutes": test}) == true

    @pytest.mark.parametrize("test", [
        "home", ["home"], {"ne": "home"}, {"in": ["home"]}, {"not_in": ["home"]}, {"missing": "false"},
    ])  # fmt: skip
    def test_a_test_on_a_missing_attribute_is_false(self, test: Any) -> None:
        assert not passes({"place": test})

    def test_missing_is_true_of_a_missing_attribute(self) -> None:
        assert passes({"place": {"missing": "true"}})

    def test_not_negates_the_plain_false(self) -> None:
        assert passes({"not": {"place": "home"}})
        assert passes({"not": {"place": {"ne": "home"}}})

    def test_any_needs_one(self) -> None:
        where = {"any": [{"crisis": "true"}, {"place": {"missing": "true"}}]}
        assert passes(where)
        assert not passes(where, place="home")

    def test_contains_wants_at_least_one(self) -> None:
        assert passes({"covers": {"contains": ["fee", "place"]}}, "agreement.made", covers=["goals", "fee"])
        assert not passes({"covers": {"contains": ["touch"]}}, "agreement.made", covers=["goals", "fee"])

    def test_contains_all_wants_all(self) -> None:
        assert passes({"covers": {"contains_all": ["goals", "fee"]}}, "agreement.made", covers=["fee", "goals"])
        assert not passes({"covers": {"contains_all": ["goals", "fee"]}}, "agreement.made", covers=["fee"])

    def test_instants_are_compared(self) -> None:
        assert passes({"starts_at": {"le": "2026-03-02T01:00:00+01:00"}}, starts_at=day(1))
        assert not passes({"starts_at": {"lt": "2026-03-02T01:00:00+01:00"}}, starts_at=day(1))

    def test_a_default_is_taken(self) -> None:
        assert passes({"late_minutes": "0"})
        assert passes({"late_minutes": {"missing": "false"}})

    def test_envelope_fields_are_attributes(self) -> None:
        assert passes({"client": "c1", "id": "a", "source": "system"}, source="system")

    def test_an_attribute_of_another_type_is_missing(self) -> None:
        rule = {"forbid": {"event": "session.*", "where": {"minutes": {"missing": "true"}}}}
        assert found(rule, held("a", 1), ev("b", "session.moved", 2)) == ["b"]


class TestDerived:
    def test_local_attributes_are_those_of_the_practices_zone(self) -> None:
        where = {
            "local_weekday": "monday",
            "local_hour": "0",
            "local_time": {"ge": "00:30"},
            "local_date": "2026-03-02",
        }
        rule = {"forbid": {"event": "session.held", "where": where}}
        event = held("a", 1 - 0.5 / 24)  # Sunday, 23:30 in UTC
        assert found(rule, event, timezone="Europe/Berlin") == ["a"]
        assert found(rule, event) == []

    def test_the_wall_clock_jumps_with_daylight_saving(self) -> None:
        rule = {"forbid": {"event": "session.held", "where": {"local_time": "03:00"}}}
        event = held("a", 28) | {"at": "2026-03-29T01:00:00Z"}
        assert found(rule, event, timezone="Europe/Berlin") == ["a"]

    def test_session_number_counts_simultaneous_sessions(self) -> None:
        rule = {"forbid": {"event": "session.held", "where": {"session_number": "2"}}}
        assert sorted(found(rule, held("a", 1), held("b", 1), held("c", 2), held("d", 2, client="c2"))) == ["a", "b"]

    def test_session_number_is_on_every_event_with_a_client(self) -> None:
        rule = touching({"session_number": {"ge": "1"}})
        assert found(rule, touch("t", 0), held("a", 1), touch("u", 1)) == ["u"]

    def test_days_since_session(self) -> None:
        rule = touching({"days_since_session": {"gt": "2"}})
        assert found(rule, held("a", 1), touch("t", 3), touch("u", 3, us=1_000_000)) == ["u"]
        assert found(rule, touch("t", 3)) == []

    def test_days_since_session_is_from_the_session_before(self) -> None:
        rule = {"forbid": {"event": "session.held", "where": {"days_since_session": {"ge": "0"}}}}
        assert found(rule, held("a", 1), held("b", 2.5)) == ["b"]

    def test_recorded_after_days(self) -> None:
        rule = {"forbid": {"event": "session.held", "where": {"recorded_after_days": {"gt": "1"}}}}
        log = [held("a", 1, recorded_at=day(2)), held("b", 1, recorded_at=day(2, us=100_000)), held("c", 1)]
        assert found(rule, *log) == ["b"]
        assert untold(rule, *log) == {"attribute recorded_after_days": 1}

    def test_announced_days_of_an_agreement(self) -> None:
        assert passes({"announced_days": "2"}, "agreement.made", announced_at=day(-1))


class TestUnknownAttributes:
    def test_an_unknown_trigger_that_would_be_a_finding(self) -> None:
        assert untold(touching({"consent": "false"}), touch("t", 1), touch("u", 1, consent=True)) == {
            "attribute consent": 1
        }

    def test_events_are_counted(self) -> None:
        log = [touch("t", 1), touch("u", 2), touch("v", 2, consent=False)]
        assert untold(touching({"consent": "false"}), *log) == {"attribute consent": 2}

    def test_what_is_false_in_three_values_is_told(self) -> None:
        assert untold(touching({"consent": "false", "by": "client"}), touch("t", 1)) == {}

    def test_what_is_true_in_three_values_is_told(self) -> None:
        where = {"any": [{"consent": "false"}, {"by": "practitioner"}]}
        assert untold(touching(where), touch("t", 1)) == {}
        assert found(touching(where), touch("t", 1)) == ["t"]

    def test_every_missing_attribute_that_matters_has_a_line(self) -> None:
        where = {"any": [{"consent": "false"}, {"count": {"gt": "2"}}], "source": "client"}
        lines = {"attribute consent": 1, "attribute count": 1, "attribute source": 1}
        assert untold(touching(where), touch("t", 1)) == lines

    def test_an_exception_counts_as_unrecorded_not_unknown(self) -> None:
        rule = touching({"not": {"consent": "true"}})
        assert untold(rule, touch("t", 1)) == {}
        assert found(rule, touch("t", 1)) == ["t"]
        assert untold({"forbid": "contact.touch", "unless": {"consent": "true"}}, touch("t", 1)) == {}

    def test_a_missing_test_is_never_unknown(self) -> None:
        assert untold(touching({"consent": {"missing": "false"}}), touch("t", 1)) == {}

    def test_an_undeclared_attribute_is_never_unknown(self) -> None:
        rule = {"forbid": {"event": ["contact.touch", "session.held"], "where": {"crisis": "true"}}}
        assert untold(rule, touch("t", 1), held("a", 2)) == {"attribute crisis": 1}

    def test_the_session_before_the_first_is_not_unknown(self) -> None:
        assert untold(touching({"days_since_session": {"gt": "2"}}), touch("t", 1)) == {}

    def test_a_selection_with_nth_gives_none(self) -> None:
        rule = {"forbid": {"event": "contact.touch", "where": {"consent": "false"}, "nth": "1"}}
        assert untold(rule, touch("t", 1)) == {}

    def test_one_holding_member_of_a_union_tells(self) -> None:
        rule = {"forbid": [{"event": "contact.touch", "where": {"consent": "false"}}, "contact.touch"]}
        assert untold(rule, touch("t", 1)) == {}

    def test_side_tests_must_hold(self) -> None:
        rule = touching({"consent": "false"}) | {"during": "therapy"}
        assert untold(rule, touch("t", 1), held("a", 2), touch("u", 3)) == {"attribute consent": 1}

    def test_the_rule_must_find_if_the_trigger_held(self) -> None:
        rule = {"limit": {"event": "contact.touch", "where": {"consent": "false"}}, "to": "1", "within": "2d"}
        assert untold(rule, touch("t", 1)) == {}
        assert untold(rule, touch("t", 1), touch("u", 2, consent=False), touch("v", 3)) == {"attribute consent": 1}

    def test_an_answered_trigger_tells(self) -> None:
        after = {"event": "contact.touch", "where": {"consent": "false"}}
        rule = {"require": "supervision.attended", "after": after, "within": "2d"}
        log = [touch("t", 1), held("z", 9)]
        assert untold(rule, *log) == {"attribute consent": 1}
        assert untold(rule, *log, ev("s", "supervision.attended", 2)) == {}

    def test_a_duty_still_open_is_not_told_of(self) -> None:
        after = {"event": "contact.touch", "where": {"consent": "false"}}
        assert untold({"require": "supervision.attended", "after": after, "within": "2d"}, touch("t", 1)) == {}

    def test_the_last_step_of_a_chain(self) -> None:
        steps = ["session.held", {"event": "contact.touch", "where": {"consent": "false"}}]
        rule = {"sequence": steps, "within": "2d"}
        assert untold(rule, touch("t", 1), held("a", 2), touch("u", 3)) == {"attribute consent": 1}

    def test_an_unknown_answer_is_no_answer_and_gives_no_line(self) -> None:
        rule = {"require": {"event": "contact.touch", "where": {"consent": "true"}}, "before": "session.held"}
        log = [touch("t", 1), held("a", 2)]
        assert found(rule, *log) == ["a"]
        assert untold(rule, *log) == {}

    def test_a_quota_whose_only_trigger_is_unknown(self) -> None:
        rule = {
            "require": "supervision.attended",
            "each": "week",
            "at_least": {"count": "1"},
            "if": {"event": "session.held", "where": {"crisis": "true"}},
            "per": "practitioner",
        }
        log = [held("a", 1), held("b", 2), held("c", 10), held("d", 11, crisis=True), held("e", 17)]
        assert untold(rule, *log, as_of=day(22, us=-1)) == {"attribute crisis": 2}

    def test_a_test_that_a_rule_of_findings_feeds_on_gives_its_line(self) -> None:
        assert untold(touching({"consent": "false"}) | {"level": "none"}, touch("t", 1)) == {"attribute consent": 1}

    def test_a_trigger_without_a_client_belongs_to_no_relationship(self) -> None:
        rule = {
            "forbid": {"event": "incident.documented", "where": {"discussed": "false"}},
            "per": "relationship",
        }
        log = [ev("d", "incident.documented", 1), ev("e", "incident.documented", 1, client="c1")]
        assert untold(rule, *log) == {"attribute discussed": 1}


class TestUnknownPairs:
    RULE = {
        "expect": "session.held",
        "as": "agreement.made",
        "match": {"minutes": {"eq": "session_minutes"}, "place": {"in": "places"}},
    }

    def agreed(self, **rest: object) -> dict[str, object]:
        return ev("m", "agreement.made", 0, **rest)

    def test_a_pair_that_lacks_a_side(self) -> None:
        assert untold(self.RULE, self.agreed(session_minutes=50), held("a", 1)) == {
            "attribute place": 1,
            "attribute places": 1,
        }
        assert untold(self.RULE, self.agreed(places=["home"]), held("a", 1, place="home")) == {
            "attribute session_minutes": 1
        }

    def test_a_disagreeing_pair_tells(self) -> None:
        assert untold(self.RULE, self.agreed(session_minutes=60), held("a", 1)) == {}

    def test_without_a_reference_there_is_nothing_to_tell(self) -> None:
        assert untold(self.RULE, held("a", 1)) == {}

    def test_a_default_leaves_only_the_triggers_own_side(self) -> None:
        rule = self.RULE | {"match": {"place": {"eq": "place", "default": "home"}}, "as": "session.held"}
        assert untold(rule, held("a", 1)) == {"attribute place": 1}


class TestCurrencies:
    DEAR = {"forbid": {"event": "invoice.issued", "where": {"amount": {"gt": "100"}}}}
    FEE = {"expect": "invoice.issued", "as": "agreement.made", "match": {"amount": {"le": "fee"}}}

    def billed(self, amount: int, **rest: object) -> dict[str, object]:
        return ev("i", "invoice.issued", 1, amount=amount, **rest)

    def test_an_amount_in_a_rule_has_the_practices_currency(self) -> None:
        assert found(self.DEAR, self.billed(200, currency="EUR"), currency="EUR") == ["i"]
        assert found(self.DEAR, self.billed(200, currency="USD"), currency="EUR") == []
        assert untold(self.DEAR, self.billed(200, currency="USD"), currency="EUR") == {"attribute currency": 1}

    def test_a_required_amount_may_be_in_another_currency_too(self) -> None:
        rule = {"forbid": {"event": "payment.received", "where": {"amount": {"not_in": ["80"]}}}}
        assert untold(rule, ev("p", "payment.received", 1, currency="USD"), currency="EUR") == {"attribute currency": 1}

    def test_a_missing_currency_is_the_practices(self) -> None:
        assert found(self.DEAR, self.billed(200), currency="EUR") == ["i"]

    def test_without_a_practice_currency_nothing_differs_from_a_rule(self) -> None:
        assert found(self.DEAR, self.billed(200, currency="USD")) == ["i"]

    def test_a_missing_amount_is_what_is_missing(self) -> None:
        event = ev("i", "invoice.issued", 1, currency="USD")
        assert untold(self.DEAR, event, currency="EUR") == {"attribute amount": 1}

    def test_amounts_in_different_currencies_are_never_compared(self) -> None:
        terms = ev("m", "agreement.made", 0, fee=80, currency="EUR")
        assert found(self.FEE, terms, self.billed(90, currency="USD")) == []
        assert untold(self.FEE, terms, self.billed(90, currency="USD")) == {"attribute currency": 1}
        assert found(self.FEE, terms, self.billed(90, currency="EUR")) == ["i"]
        assert found(self.FEE, terms, self.billed(90)) == ["i"]
        assert untold(self.FEE, terms, self.billed(90), currency="USD") == {"attribute currency": 1}

    def test_a_sum_in_another_currency_than_its_bound(self) -> None:
        rule = {"limit": "payment.received", "to": "50", "within": "9d", "of": {"sum": "amount"}}
        paid = ev("p", "payment.received", 1, currency="USD")
        assert found(rule, paid) == ["p"]
        assert untold(rule, paid, currency="EUR") == {"attribute currency": 1}
        terms = rule | {"to": {"of": "agreement.made", "attribute": "fee"}}
        assert untold(terms, ev("m", "agreement.made", 0, fee=60, currency="EUR"), paid) == {"attribute currency": 1}
        assert found(terms, ev("m", "agreement.made", 0, fee=60, currency="USD"), paid) == ["p"]


class TestAreas:
    DOCUMENTED = {"require": "incident.documented", "before": "contact.touch"}

    def covers(self, *areas: str, days: float = 0, **rest: object) -> dict[str, object]:
        return ev(f"v{areas[0]}", "log.covers", days, areas=list(areas), **rest)

    def test_without_any_all_areas_are_covered(self) -> None:
        assert found(self.DOCUMENTED, touch("t", 1)) == ["t"]

    def test_silence_of_an_uncovered_area_says_nothing(self) -> None:
        log = [touch("t", 1), touch("u", 2), self.covers("money")]
        assert found(self.DOCUMENTED, *log) == []
        assert untold(self.DOCUMENTED, *log) == {"area care": 2}

    def test_an_answered_trigger_tells(self) -> None:
        log = [ev("d", "incident.documented", 0), touch("t", 1), self.covers("money")]
        assert untold(self.DOCUMENTED, *log) == {}

    def test_coverage_is_read_whatever_its_time(self) -> None:
        assert untold(self.DOCUMENTED, touch("t", 1), self.covers("money", days=99), as_of=day(2)) == {"area care": 1}

    def test_several_unite(self) -> None:
        assert found(self.DOCUMENTED, touch("t", 1), self.covers("money"), self.covers("care")) == ["t"]

    def test_another_practitioners_coverage_does_not_matter(self) -> None:
        assert found(self.DOCUMENTED, touch("t", 1), self.covers("money", practitioner="p2")) == ["t"]

    def test_an_amended_coverage_counts(self) -> None:
        amended = ev("x", "event.amended", 1, target="vmoney", areas=["care"])
        assert found(self.DOCUMENTED, touch("t", 1), self.covers("money"), amended) == ["t"]

    def test_every_area_of_a_union_must_be_covered(self) -> None:
        rule = {"require": ["session.held", "payment.received", "leave.taken"], "before": "contact.touch"}
        assert untold(rule, touch("t", 1), self.covers("care")) == {"area money, practice": 1}

    def test_an_obligation_is_not_told_of_either(self) -> None:
        rule = {"require": "payment.received", "after": "invoice.issued", "within": "9d"}
        log = [ev("i", "invoice.issued", 1), self.covers("care")]
        assert due(rule, *log) == []
        assert untold(rule, *log) == {"area money": 1}

    def test_not_during_infers_from_absence(self) -> None:
        rule = {"forbid": "contact.touch", "not_during": "therapy"}
        log = [touch("t", 1), held("a", 2), touch("u", 3), self.covers("care")]
        assert found(rule, *log) == []
        assert untold(rule, *log) == {"area practice": 1}

    def test_during_does_not(self) -> None:
        rule = {"forbid": "contact.touch", "during": "therapy"}
        assert found(rule, held("a", 2), touch("u", 3), self.covers("care")) == ["u"]

    def test_unless_does_not(self) -> None:
        rule = {"forbid": "contact.touch", "unless": {"event": "session.held", "within": "1d"}}
        assert found(rule, touch("u", 3), self.covers("care")) == ["u"]

    def test_an_unknown_trigger_in_an_uncovered_area_gives_no_line(self) -> None:
        rule = self.DOCUMENTED | {"before": {"event": "contact.touch", "where": {"consent": "false"}}}
        assert untold(rule, touch("t", 1), self.covers("money")) == {}

    def test_a_missing_side_in_an_uncovered_area_gives_no_line(self) -> None:
        match = {"amount": {"le": "fee", "default": "50"}}
        rule = {"expect": "invoice.issued", "as": "agreement.made", "match": match, "not_during": "touch_refused"}
        assert untold(rule, ev("i", "invoice.issued", 1), self.covers("money")) == {}

    def test_an_event_that_triggers_in_two_relationships_is_one(self) -> None:
        rule = {"require": "payment.received", "every": "2d", "during": "on_leave", "per": "relationship"}
        log = [ev("l", "leave.taken", 1), held("a", 1), held("b", 9, client="c2"), self.covers("practice")]
        assert untold(rule, *log) == {"area money": 1}

    def test_a_quota_and_a_recurrence_are_not_judged(self) -> None:
        quota = {"require": "payment.received", "each": "week", "at_least": {"count": "1"}, "if": "session.held"}
        often = {"require": "payment.received", "every": "2d", "during": "therapy"}
        log = [held("a", 1), held("b", 4), self.covers("practice")]
        for rule in (quota, often):
            rule["per"] = "relationship"
            assert found(rule, *log, as_of=day(9)) == []
            assert untold(rule, *log, as_of=day(9)) == {"area money": 1}
