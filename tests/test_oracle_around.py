"""The oracle on states, side tests, parameters, excuses, waivers, ids and rules about findings."""

from __future__ import annotations

import pytest
from oracle_cases import at, dated, day, due, ev, evidence, found, held, statuses, verdict

TOUCH = {"forbid": "contact.touch"}


def touch(id: str, days: float, us: int = 0, **rest: object) -> dict[str, object]:
    return ev(id, "contact.touch", days, us, **rest)


def ended(id: str, days: float, us: int = 0, **rest: object) -> dict[str, object]:
    return ev(id, "therapy.ended", days, us, **rest)


def leave(id: str, days: float, us: int = 0, **rest: object) -> dict[str, object]:
    return ev(id, "leave.taken", days, us, **rest)


def documented(id: str, days: float, us: int = 0, **rest: object) -> dict[str, object]:
    return ev(id, "incident.documented", days, us, **rest)


def supervised(id: str, days: float, us: int = 0, **rest: object) -> dict[str, object]:
    return ev(id, "supervision.attended", days, us, **rest)


class TestStates:
    CURRENT = TOUCH | {"during": "therapy"}

    def test_an_opening_event_opens_it_at_once(self) -> None:
        assert found(self.CURRENT, held("a", 1), touch("t", 1)) == ["t"]
        assert found(self.CURRENT, held("a", 1), touch("t", 1, us=-1)) == []

    def test_what_never_opened_is_closed(self) -> None:
        assert found(self.CURRENT, touch("t", 1)) == []
        assert found(self.CURRENT, ended("x", 0), touch("t", 1)) == []

    def test_a_closing_event_closes_it_at_once(self) -> None:
        assert found(self.CURRENT, held("a", 1), ended("x", 2), touch("t", 2)) == []
        assert found(self.CURRENT, held("a", 1), ended("x", 2), touch("t", 2, us=-1)) == ["t"]

    def test_of_simultaneous_events_the_opening_one_counts(self) -> None:
        assert found(self.CURRENT, held("a", 2), ended("x", 2), touch("t", 2)) == ["t"]

    def test_at_its_lapse_it_has_lapsed(self) -> None:
        assert found(self.CURRENT, held("a", 1), touch("t", 11)) == []
        assert found(self.CURRENT, held("a", 1), touch("t", 11, us=-1)) == ["t"]

    def test_a_later_opening_event_keeps_it_open(self) -> None:
        assert found(self.CURRENT, held("a", 1), held("b", 9), touch("t", 15)) == ["t"]

    def test_it_can_open_again(self) -> None:
        assert found(self.CURRENT, held("a", 1), ended("x", 2), held("b", 3), touch("t", 4)) == ["t"]

    def test_relationships_are_apart(self) -> None:
        assert found(self.CURRENT, held("a", 1, client="c2"), touch("t", 2)) == []

    def test_it_lapses_only_where_the_log_covers_its_opening_events(self) -> None:
        log = [held("a", 1), touch("t", 20)]
        assert found(self.CURRENT, *log, ev("v", "log.covers", 0, areas=["care"])) == ["t"]
        assert found(self.CURRENT, *log, ev("v", "log.covers", 0, areas=["practice"])) == []

    def test_a_state_may_lapse_at_an_attribute(self) -> None:
        rule = TOUCH | {"during": "on_leave"}
        log = [leave("l", 1, until=day(3))]
        assert found(rule, *log, touch("t", 3, us=-1), touch("u", 3)) == ["t"]

    def test_without_the_attribute_it_does_not_lapse(self) -> None:
        assert found(TOUCH | {"during": "on_leave"}, leave("l", 1), touch("t", 300)) == ["t"]

    def test_of_simultaneous_openings_the_greatest_id_says_when_it_lapses(self) -> None:
        log = [leave("l", 1, until=day(9)), leave("m", 1, until=day(3)), touch("t", 4)]
        assert found(TOUCH | {"during": "on_leave"}, *log) == []

    def test_an_opening_that_has_lapsed_before_it_happens_closes_the_state(self) -> None:
        log = [leave("l", 1), leave("m", 5, until=day(0)), touch("t", 4), touch("u", 5)]
        assert found(TOUCH | {"during": "on_leave"}, *log) == ["t"]

    def test_a_practitioners_state_holds_in_every_relationship(self) -> None:
        rule = TOUCH | {"not_during": "on_leave"}
        log = [leave("l", 1, until=day(3)), touch("t", 2), touch("u", 2, client="c2"), touch("v", 4)]
        assert found(rule, *log) == ["v"]

    def test_an_event_without_a_client_opens_a_state_of_every_relationship(self) -> None:
        states = {"watched": {"opened_by": "supervision.attended", "closed_by": "incident.documented"}}
        rule = TOUCH | {"during": "watched"}
        log = [supervised("s", 1), documented("d", 2, client="c2"), touch("t", 3), touch("u", 3, client="c2")]
        assert found(rule, *log, states=states) == ["t"]

    def test_a_relationship_state_is_never_open_for_a_trigger_without_a_client(self) -> None:
        rule = {"forbid": "supervision.attended", "during": "therapy"}
        assert found(rule, held("a", 1), supervised("s", 2), supervised("t", 2, client="c1")) == ["t"]

    def test_conditions_open_and_close(self) -> None:
        rule = {
            "forbid": {"event": "contact.touch", "where": {"consent": {"missing": "true"}}},
            "during": "touch_refused",
        }
        log = [touch("a", 1, consent=False), touch("b", 2), touch("c", 3, consent=True), touch("d", 4)]
        assert found(rule, *log) == ["b"]

    def test_an_event_that_opens_and_closes_opens(self) -> None:
        states = {"odd": {"opened_by": "session.held", "closed_by": "session.held"}}
        assert found(TOUCH | {"during": "odd"}, held("a", 1), touch("t", 2), states=states) == ["t"]


class TestSince:
    def test_an_event_within_the_window_is_needed(self) -> None:
        rule = TOUCH | {"since": {"event": "session.held", "within": "2d"}}
        assert found(rule, held("a", 1), touch("t", 3), touch("u", 3, us=1), touch("v", 1)) == ["v", "t"]

    def test_the_latest_such_event_is_evidence(self) -> None:
        rule = TOUCH | {"since": {"event": "session.held", "within": "2d"}}
        assert evidence(rule, held("a", 1), held("b", 2), touch("t", 3)) == [("t", "b")]

    def test_ever_has_no_end(self) -> None:
        rule = TOUCH | {"since": {"event": "session.held", "within": "ever"}}
        assert found(rule, held("a", -5000), touch("t", 3), touch("u", 3, client="c2")) == ["t"]

    def test_a_trigger_is_not_its_own_past(self) -> None:
        rule = {"forbid": "session.held", "since": {"event": "session.held", "within": "ever"}}
        assert found(rule, held("a", 1), held("b", 2)) == ["b"]

    def test_a_state_must_have_ended_no_longer_ago(self) -> None:
        rule = TOUCH | {"since": {"state": "therapy", "within": "2d"}}
        log = [held("a", 1), ended("x", 3)]
        assert found(rule, *log, touch("t", 5), touch("u", 5, us=1), touch("v", 2), touch("w", 3)) == ["w", "t"]

    def test_a_lapsed_state_ended_at_its_lapse(self) -> None:
        rule = TOUCH | {"since": {"state": "therapy", "within": "2d"}}
        assert found(rule, held("a", 1), touch("t", 11), touch("u", 13), touch("v", 13, us=1)) == ["t", "u"]

    def test_all_of_a_list_must_hold(self) -> None:
        both = [{"event": "session.held", "within": "2d"}, {"state": "therapy", "within": "ever"}]
        log = [held("a", 1), touch("s", 1), ended("x", 2), touch("t", 3), touch("u", 4)]
        assert found(TOUCH | {"since": both}, *log) == ["t"]

    def test_what_never_opened_never_ended(self) -> None:
        rule = TOUCH | {"since": {"state": "therapy", "within": "ever"}}
        assert found(rule, ended("x", 1), touch("t", 2)) == []

    def test_it_ended_at_the_latest_closing_event(self) -> None:
        rule = TOUCH | {"since": {"state": "therapy", "within": "1d"}}
        assert found(rule, held("a", 1), ended("x", 2), ended("y", 4), touch("t", 5)) == ["t"]

    def test_years_are_calendar_years_on_local_dates(self) -> None:
        rule = TOUCH | {"since": {"state": "therapy", "within": "2y"}}
        log = [held("a", 1), ended("x", 3)]  # 4 March 2026
        assert found(rule, *log, touch("t", 3 + 731, us=86_399_999_999), touch("u", 3 + 732)) == ["t"]
        assert found(rule, *log, touch("t", 3 + 732 - 1 / 24), timezone="Europe/Berlin") == []

    def test_29_february_becomes_28_february(self) -> None:
        rule = TOUCH | {"since": {"state": "therapy", "within": "1y"}}
        log = [held("a", -740), ended("x", -731)]  # 29 February 2024
        assert found(rule, *log, touch("t", -366), touch("u", -365)) == ["t"]  # 28 February, 1 March 2025


class TestUnless:
    def test_a_condition_on_the_trigger(self) -> None:
        assert found(TOUCH | {"unless": {"consent": "true"}}, touch("t", 1, consent=True), touch("u", 2)) == ["u"]

    def test_an_event_in_the_window_before(self) -> None:
        rule = TOUCH | {"unless": {"event": "incident.documented", "within": "2d"}}
        log = [documented("d", 1), touch("t", 3), touch("u", 3, us=1), touch("v", 1, us=-1), touch("w", 1)]
        assert found(rule, *log) == ["v", "u"]

    def test_an_event_ever_before(self) -> None:
        rule = TOUCH | {"unless": {"event": "incident.documented", "within": "ever"}}
        assert found(rule, documented("d", 1), touch("t", 900), touch("u", 0)) == ["u"]

    def test_same_narrows_it(self) -> None:
        rule = TOUCH | {"unless": {"event": "incident.documented", "same": {"event": "id"}, "within": "2d"}}
        assert found(rule, documented("d", 1, event="u"), touch("t", 2), touch("u", 2)) == ["t"]

    def test_any_of_a_list(self) -> None:
        rule = TOUCH | {"unless": [{"consent": "true"}, {"event": "incident.documented", "within": "1d"}]}
        log = [touch("t", 1, consent=True), documented("d", 2), touch("u", 2), touch("v", 9)]
        assert found(rule, *log) == ["v"]


class TestEffective:
    def test_from_is_inclusive_and_until_exclusive_on_local_dates(self) -> None:
        rule = TOUCH | {"effective": {"from": "2026-03-02", "until": "2026-03-04"}}
        log = [touch("a", 1, us=-1), touch("b", 1), touch("c", 3, us=-1), touch("d", 3)]
        assert found(rule, *log) == ["b", "c"]
        hour = 1 / 24
        log = [touch("a", 1 - hour, us=-1), touch("b", 1 - hour), touch("c", 3 - hour, us=-1), touch("d", 3 - hour)]
        assert found(rule, *log, timezone="Europe/Berlin") == ["b", "c"]

    def test_only_the_triggers_date_counts(self) -> None:
        rule = {
            "require": "incident.documented",
            "after": "contact.touch",
            "within": "9d",
            "effective": {"until": "2026-03-03"},
        }
        assert dated(rule, touch("t", 1), held("z", 30)) == [at(10)]


class TestParameters:
    RULE = {"limit": "contact.touch", "to": "${allowed}", "within": "${span}"}

    def test_a_parameter_stands_for_its_value(self) -> None:
        parameters = {"allowed": "1", "span": {"value": "2d", "why": "a norm", "source": "norm"}}
        log = [touch("a", 1), touch("b", 3), touch("c", 5, us=1)]
        assert found(self.RULE, *log, parameters=parameters) == ["b"]

    def test_a_dated_parameter_is_read_at_the_trigger(self) -> None:
        allowed = [{"value": "9"}, {"from": "2026-03-03", "value": "1"}, {"from": "2026-03-05", "value": "3"}]
        parameters = {"allowed": allowed, "span": "9d"}
        log = [touch("a", 1), touch("b", 2, us=-1), touch("c", 2), touch("d", 4, us=-1), touch("e", 4)]
        assert found(self.RULE, *log, parameters=parameters) == ["c", "d", "e"]

    def test_a_dated_parameter_turns_at_local_midnight(self) -> None:
        parameters = {"allowed": [{"value": "9"}, {"from": "2026-03-03", "value": "0"}], "span": "9d"}
        log = [touch("a", 2 - 1 / 24, us=-1), touch("b", 2 - 1 / 24)]
        assert found(self.RULE, *log, parameters=parameters, timezone="Europe/Berlin") == ["b"]

    def test_a_parameter_in_a_state(self) -> None:
        states = {"recent": {"opened_by": "session.held", "lapses_after": "${span}"}}
        log = [held("a", 1), touch("t", 3, us=-1), touch("u", 3)]
        assert found(TOUCH | {"during": "recent"}, *log, states=states, parameters={"span": "2d"}) == ["t"]

    def test_a_parameter_of_a_condition_follows_the_trigger(self) -> None:
        parameters = {"least": [{"value": "1"}, {"from": "2026-03-03", "value": "2"}]}
        many = {"event": "contact.touch", "where": {"count": {"ge": "${least}"}}}
        rule = {"limit": many, "to": "1", "within": "9d"}
        log = [touch("a", 1, count=1), touch("b", 1.5, count=1), touch("c", 3, count=2), touch("d", 4, count=2)]
        assert evidence(rule, *log, parameters=parameters) == [("b", "a"), ("d", "c")]

    def test_a_parameter_in_a_state_is_that_of_the_triggers_day(self) -> None:
        states = {"recent": {"opened_by": "session.held", "lapses_after": "${span}"}}
        parameters = {"span": [{"value": "1d"}, {"from": "2026-03-04", "value": "9d"}]}
        log = [held("a", 1), touch("t", 2.5), touch("u", 4)]
        assert found(TOUCH | {"during": "recent"}, *log, states=states, parameters=parameters) == ["u"]


class TestExcuses:
    RULE = TOUCH | {"excused_by": {"event": "incident.documented", "same": {"event": "id"}, "within": "2d"}}

    @pytest.mark.parametrize(("days", "us", "status"), [
        (1, 0, "excused"), (1, -1, "open"), (3, 0, "excused"), (5, 0, "excused"), (5, 1, "open"),
    ])  # fmt: skip
    def test_the_window_is_closed_on_both_sides(self, days: float, us: int, status: str) -> None:
        assert statuses(self.RULE, touch("t", 3), documented("d", days, us, event="t")) == [status]

    def test_the_excusing_event_is_evidence(self) -> None:
        log = [touch("t", 3), documented("e", 4, event="t"), documented("d", 4, event="t")]
        assert evidence(self.RULE, *log) == [("t", "d")]

    def test_an_excuse_after_as_of_is_not_seen(self) -> None:
        assert statuses(self.RULE, touch("t", 3), documented("d", 4, event="t"), as_of=day(3)) == ["open"]

    def test_the_window_is_about_the_trigger_not_the_date(self) -> None:
        rule = {
            "require": "supervision.attended",
            "after": "contact.touch",
            "within": "9d",
            "excused_by": {"event": "incident.documented", "within": "2d"},
        }
        assert statuses(rule, touch("t", 1), documented("d", 10), held("z", 30)) == ["open"]
        assert statuses(rule, touch("t", 1), documented("d", 3), held("z", 30)) == ["excused"]

    def test_nothing_excuses_an_absolute_rule(self) -> None:
        rule = self.RULE | {"absolute": "true"}
        waiver = ev("w", "waiver.granted", 0, rule="p.rule", expires_at=day(9))
        assert statuses(rule, touch("t", 3), documented("d", 3, event="t"), waiver) == ["open"]
        assert evidence(rule, touch("t", 3), documented("d", 3, event="t")) == [("t",)]

    def test_any_of_a_list_excuses(self) -> None:
        rule = TOUCH | {
            "excused_by": [
                {"event": "incident.documented", "within": "1d"},
                {"event": "supervision.attended", "within": "3d"},
            ]
        }
        assert statuses(rule, touch("t", 3), documented("d", 5), supervised("s", 6)) == ["excused"]


class TestWaivers:
    def waiver(self, days: float, until: str, **rest: object) -> dict[str, object]:
        return ev("w", "waiver.granted", days, **({"rule": "p.rule", "expires_at": until} | rest))

    def test_its_time_is_closed_at_both_ends(self) -> None:
        log = [touch("a", 1, us=-1), touch("b", 1), touch("c", 3), touch("d", 3, us=1)]
        assert statuses(TOUCH, *log, self.waiver(1, day(3))) == ["open", "waived", "waived", "open"]

    def test_it_names_its_rule(self) -> None:
        assert statuses(TOUCH, touch("a", 2), self.waiver(1, day(3), rule="p.other")) == ["open"]

    def test_with_a_client_it_is_for_that_relationship(self) -> None:
        waiver = self.waiver(1, day(3), client="c1")
        assert statuses(TOUCH, touch("a", 1.5), touch("b", 2, client="c2"), waiver) == ["waived", "open"]

    def test_excused_wins_over_waived(self) -> None:
        rule = TOUCH | {"excused_by": {"event": "incident.documented", "within": "2d"}}
        assert statuses(rule, touch("a", 2), documented("d", 2), self.waiver(1, day(3))) == ["excused"]

    def test_it_is_no_evidence(self) -> None:
        assert evidence(TOUCH, touch("a", 2), self.waiver(1, day(3))) == [("a",)]

    def test_it_is_read_at_the_trigger_not_at_the_date(self) -> None:
        rule = {"require": "supervision.attended", "after": "contact.touch", "within": "9d"}
        assert statuses(rule, touch("t", 2), self.waiver(1, day(3)), held("z", 30)) == ["waived"]

    def test_a_withdrawn_waiver_waives_nothing(self) -> None:
        log = [touch("a", 2), self.waiver(1, day(3)), ev("x", "event.withdrawn", 4, target="w")]
        assert statuses(TOUCH, *log) == ["open"]


class TestIds:
    def test_an_id_is_a_digest_of_rule_key_and_trigger(self) -> None:
        [finding] = verdict(TOUCH, touch("é", 1)).findings
        assert finding.id == "3d8b37e2597eb2aec22d"  # sha256 of ["p.rule","p1","c1","é"] in UTF-8

    def test_per_practitioner_the_key_has_no_client(self) -> None:
        [finding] = verdict(TOUCH | {"per": "practitioner"}, touch("t", 1)).findings
        assert finding.id == "7c2fad6911259d52ed3b"  # sha256 of ["p.rule","p1",null,"t"]


class TestRulesAboutFindings:
    FEEDS = {"p.feed": {"level": "none", "family": "crossing", **TOUCH}}
    RULE = {
        "limit": {"event": "finding", "where": {"rule": "p.feed"}},
        "to": "1",
        "within": "2d",
        "per": "relationship",
    }

    def test_findings_are_counted(self) -> None:
        log = [touch("a", 1), touch("b", 3), touch("c", 5, us=1)]
        assert evidence(self.RULE, *log, others=self.FEEDS) == [("b", "a")]

    def test_findings_of_level_none_are_never_reported(self) -> None:
        log = [touch("a", 1), touch("b", 3)]
        assert {x.rule for x in verdict(self.RULE, *log, others=self.FEEDS).findings} == {"p.rule"}

    def test_a_finding_counts_at_its_date(self) -> None:
        feeds = {
            "p.feed": {"level": "none", "require": "incident.documented", "after": "contact.touch", "within": "3d"}
        }
        rule = {"forbid": {"event": "finding", "where": {"rule": "p.feed"}}, "per": "relationship"}
        assert dated(rule, touch("a", 1), as_of=day(4, us=1), others=feeds) == [at(4)]
        assert dated(rule, touch("a", 1), as_of=day(4), others=feeds) == []

    def test_only_open_findings_count(self) -> None:
        feeds = {"p.feed": {"level": "none", **TOUCH, "excused_by": {"event": "incident.documented", "within": "1h"}}}
        log = [touch("a", 1), documented("d", 1), touch("b", 2), touch("c", 2.5)]
        assert evidence(self.RULE, *log, others=feeds) == [("c", "b")]

    def test_a_rule_may_name_the_status(self) -> None:
        feeds = {"p.feed": {"level": "none", **TOUCH, "excused_by": {"event": "incident.documented", "within": "1h"}}}
        where = {"rule": "p.feed", "status": ["excused", "waived"]}
        rule = {"forbid": {"event": "finding", "where": where}, "per": "relationship"}
        assert evidence(rule, touch("a", 1), documented("d", 1), touch("b", 2), others=feeds) == [("a", "d")]

    @pytest.mark.parametrize("where", [
        {"policy": "p", "level": "none"}, {"family": "crossing"}, {"family": {"contains": ["crossing", "x"]}},
        {"type": "contact.touch", "level": "none"}, {"rule": ["p.feed", "p.other"]},
    ])  # fmt: skip
    def test_findings_have_attributes(self, where: dict[str, object]) -> None:
        rule = {"forbid": {"event": "finding", "where": where}, "per": "relationship"}
        assert found(rule, touch("a", 1), others=self.FEEDS) == ["a"]

    def test_a_finding_of_a_rule_without_a_family_lacks_it(self) -> None:
        feeds = {"p.feed": {"level": "none", **TOUCH}}
        where = {"rule": "p.feed", "family": {"missing": "true"}}
        rule = {"forbid": {"event": "finding", "where": where}, "per": "relationship"}
        assert found(rule, touch("a", 1), others=feeds) == ["a"]
        assert found(rule, touch("a", 1), others=self.FEEDS) == []

    def test_distinct_families(self) -> None:
        feeds = {
            "p.feed": {"level": "none", "family": ["one", "two"], **TOUCH},
            "p.too": {"level": "none", "family": "three", "forbid": "session.held"},
        }
        rule = self.RULE | {
            "limit": {"event": "finding", "where": {"level": "none"}},
            "to": "2",
            "of": {"distinct": "family"},
        }
        assert evidence(rule, touch("a", 1), touch("b", 1.5), held("c", 2), others=feeds) == [("c", "a", "b")]

    def test_a_pattern_matches_no_finding(self) -> None:
        assert found({"forbid": "f*", "per": "practitioner"}, touch("a", 1), others=self.FEEDS) == []

    def test_evidence_is_the_events_of_the_findings_the_last_trigger_first(self) -> None:
        feeds = {"p.feed": {"level": "none", "limit": "contact.touch", "to": "1", "within": "2d"}}
        rule = {
            "limit": {"event": "finding", "where": {"rule": "p.feed"}},
            "to": "1",
            "within": "9d",
            "per": "relationship",
        }
        log = [touch("a", 1), touch("b", 2), touch("c", 8), touch("d", 9)]
        assert evidence(rule, *log, others=feeds) == [("d", "a", "b", "c")]

    def test_of_findings_of_one_moment_the_later_trigger_is_the_greater_whatever_their_names(self) -> None:
        feeds = {
            "p.first": {"level": "none", "require": "session.held", "after": "contact.touch", "within": "2d"},
            "p.second": {"level": "none", "require": "session.held", "after": "contact.touch", "within": "1d"},
        }
        one = {"event": "finding", "where": {"rule": [*feeds]}, "nth": "1", "same": ["at"]}
        rule = {"forbid": one, "per": "practitioner"}
        for client in ("c1", "c2", "c3", "c4"):
            log = [touch("b", 1, client=client), touch("a", 2, client=client), supervised("z", 9)]
            assert found(rule, *log, others=feeds) == ["b", "b", "a"]

    def test_strata_follow_what_reads_what(self) -> None:
        others = {
            "p.top": {
                "level": "risk",
                "forbid": {"event": "finding", "where": {"rule": "p.mid"}},
                "per": "practitioner",
            },
            "p.mid": {
                "level": "none",
                "forbid": {"event": "finding", "where": {"rule": "p.feed"}},
                "per": "practitioner",
            },
        }
        result = verdict({"forbid": "session.held"}, touch("a", 1), others=others | self.FEEDS)
        assert [(x.rule, x.events) for x in result.findings] == [("p.top", ("a",))]

    def test_a_cycle_is_refused(self) -> None:
        with pytest.raises(ValueError, match="cycle"):
            verdict({"forbid": "finding", "per": "practitioner"}, touch("a", 1))

    def test_a_finding_may_require_an_answer(self) -> None:
        rule = {
            "require": "supervision.attended",
            "after": {"event": "finding", "where": {"rule": "p.feed"}},
            "within": "2d",
            "per": "relationship",
        }
        assert due(rule, touch("a", 1), others=self.FEEDS) == [("a", at(3))]
        assert found(rule, touch("a", 1), supervised("s", 2), held("z", 9), others=self.FEEDS) == []

    def test_a_finding_may_be_an_exception(self) -> None:
        rule = {"forbid": "session.held", "per": "relationship", "unless": {"event": "finding", "within": "1d"}}
        rule["unless"] |= {"where": {"rule": "p.feed"}}
        assert found(rule, touch("a", 1), held("b", 2), held("c", 3), others=self.FEEDS) == ["c"]

    def test_a_waiver_of_the_feeding_rule_silences_it(self) -> None:
        waiver = ev("w", "waiver.granted", 0, rule="p.feed", expires_at=day(1))
        assert found(self.RULE, touch("a", 1), touch("b", 2), waiver, others=self.FEEDS) == []
