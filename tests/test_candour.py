"""What a report admits: what was corrected, waived, excused, not seen and not told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sample_report import EMPTY, GIFT, HOSTILE, OVERRUNS, REPORT, TOUCH, WAIVED
from shipped import touch

from ethics_engine import check, load_rules
from ethics_engine.amendments import NO_SUCH_RULE, Correction, Ineffective
from ethics_engine.findings import LogAccount, Report
from ethics_engine.reports import Page, render
from ethics_engine.scalars import parse_instant

WIDE = Page(width=400)
RULE = "touch.without-consent"


def hug(id: str = "e1", **changes: Any) -> dict[str, Any]:
    return touch(id=id, consent=False, **changes)


def about(id: str, type: str, date: str, **rest: Any) -> dict[str, Any]:
    return {"id": id, "at": f"2026-03-{date}T09:00:00Z", "type": type, "practitioner": "p1", **rest}


def change(how: str, id: str, target: str, date: str = "03", /, **rest: Any) -> dict[str, Any]:
    return about(id, f"event.{how}", date, target=target, amend_reason="a slip", **rest)


def waiver(rule: str = RULE, **rest: Any) -> dict[str, Any]:
    told = {"rule": rule, "reason": "agreed in writing", "approver": "the board", "expires_at": "2026-04-01T09:00:00Z"}
    return about("w1", "waiver.granted", "01", **{**told, **rest})


def written(report: Report, format: str = "text") -> str:
    return render(report, format, WIDE)


class TestCorrections:
    LOG = (
        hug(),
        hug("e2"),
        change("amended", "m1", "e1", kind="hold"),
        change("withdrawn", "d1", "e2", "04"),
        change("withdrawn", "d2", "e9", "04"),
        change("withdrawn", "d3", "e1", "20"),
    )
    AS_OF = "2026-03-10T00:00:00Z"

    def test_are_those_that_had_an_effect_by_then(self) -> None:
        report = check(self.LOG, as_of=self.AS_OF)

        at = [parse_instant(f"2026-03-0{number}T09:00:00Z") for number in (3, 4)]
        assert report.corrections == (
            Correction("m1", "e1", "p1", "amended", at[0], "a slip", "contact.touch"),
            Correction("d1", "e2", "p1", "withdrawn", at[1], "a slip", "contact.touch"),
        )

    def test_stand_in_the_json_beside_those_without_effect(self) -> None:
        log = json.loads(check(self.LOG, as_of=self.AS_OF).to_json())["log"]

        assert list(log)[-2:] == ["amendments_without_effect", "corrections"]
        assert log["corrections"][0] == {
            "event": "m1",
            "target": "e1",
            "practitioner": "p1",
            "kind": "amended",
            "at": "2026-03-03T09:00:00Z",
            "reason": "a slip",
        }

    @pytest.mark.parametrize("format", ["text", "markdown"])
    def test_are_told_to_people(self, format: str) -> None:
        said = written(check(self.LOG, as_of=self.AS_OF), format)

        assert "Entries that were corrected\n" in said
        assert "1 amended and 1 withdrawn. What was amended was judged as it now stands." in said
        assert "- 3 March 2026: e1 (contact.touch) amended by m1: a slip\n" in said
        assert "- 4 March 2026: e2 (contact.touch) withdrawn by d1: a slip\n" in said

    def test_a_log_without_any_says_nothing_of_them(self) -> None:
        assert "corrected" not in written(check([hug()]))

    def test_of_many_ten_are_listed(self) -> None:
        many = tuple(Correction(f"m{n:02}", "e1", "p1", "amended", n, "a slip", "contact.touch") for n in range(12))
        said = written(replace(REPORT, corrections=many))

        assert "12 amended. " in said
        assert "amended by m09" in said
        assert "amended by m10" not in said
        assert "- … and 2 more.\n" in said

    @pytest.mark.parametrize("format", ["text", "markdown"])
    def test_are_written_as_data(self, format: str) -> None:
        hostile = Correction(HOSTILE, HOSTILE, HOSTILE, "amended", 0, HOSTILE, "contact.touch")
        said = written(replace(EMPTY, corrections=(hostile,)), format)

        assert "\x1b" not in said
        assert format == "text" or ("http://" not in said and "@you" not in said)


class TestSettled:
    def test_a_waived_finding_says_who_waived_it_why_and_until_when(self) -> None:
        report = check([hug(), waiver()])
        [found] = [one for one in report.findings if one.rule == RULE]

        assert found.status == "waived"
        assert {name: found.values[name] for name in ("waiver", "approver", "waived_until", "waiver_reason")} == {
            "waiver": "w1",
            "approver": "the board",
            "waived_until": "2026-04-01T09:00:00Z",
            "waiver_reason": "agreed in writing",
        }
        for format in ("text", "markdown"):
            assert "waived by the board until 1 April 2026, 09:00 (agreed in writing)" in written(report, format)

    def test_an_excused_finding_says_which_event_excuses_it(self) -> None:
        found = replace(GIFT, values={"excused_by": "d1"})

        for format in ("text", "markdown"):
            assert "excused by event d1" in written(replace(REPORT, findings=(found,)), format)

    def test_the_event_that_excuses_is_among_the_values(self) -> None:
        session = {"session": "s1", "minutes": 50, "fee_waived": True, "client": "c1"}
        voided = {"client": "c1", "amount": 50, "reason": "courtesy"}
        report = check([about("h1", "session.held", "03", **session), about("f1", "fee.waived", "03", **voided)])

        excused = [one.values["excused_by"] for one in report.findings if one.status == "excused"]
        assert excused == ["f1"], [report.rejected, report.findings]

    def test_waived_and_excused_findings_of_one_rule_are_told_together(self) -> None:
        told = {"waiver": "w", "approver": "A", "waived_until": "2026-04-01T09:00:00Z", "waiver_reason": "shifts"}
        first = replace(WAIVED, values=told)
        excused = replace(WAIVED, status="excused")
        others = [
            replace(excused, at=WAIVED.at + number, events=(f"s{number}",), values={"excused_by": name})
            for number, name in enumerate(("d1", "d2", "d2"), 1)
        ]
        said = written(replace(REPORT, findings=(first, *others)))

        assert "excused by events d1 and d2 and waived by A until 1 April 2026, 11:00 (shifts), 4 times" in said

    @pytest.mark.parametrize("format", ["text", "markdown"])
    def test_is_written_as_data(self, format: str) -> None:
        told = {"waiver": "w", "approver": HOSTILE, "waived_until": "2026-04-01T09:00:00Z", "waiver_reason": HOSTILE}
        excused = replace(GIFT, client="c1", values={"excused_by": HOSTILE})
        said = written(replace(REPORT, findings=(replace(WAIVED, values=told), excused)), format)

        assert "\x1b" not in said
        assert format == "text" or ("http://" not in said and "@you" not in said)

    def test_a_waiver_that_names_no_rule_is_told(self) -> None:
        report = check([hug(), waiver("touch.without-consnt")])

        assert report.ineffective == (Ineffective("w1", "touch.without-consnt", "p1", NO_SUCH_RULE),)
        assert "w1 has no effect: a waiver names `touch.without-consnt`, which is no rule" in written(report)

    def test_a_waiver_of_a_rule_that_is_switched_off_is_not_told(self) -> None:
        assert check([hug(), waiver("touch.frequent")], load_rules(disabled="touch.frequent")).ineffective == ()

    def test_a_waiver_that_was_withdrawn_or_comes_later_is_not_told(self) -> None:
        withdrawn = [hug(), waiver("no.rule"), change("withdrawn", "d1", "w1")]

        assert check(withdrawn).ineffective == ()
        assert check([hug(), waiver("no.rule", at="2026-03-09T09:00:00Z")], as_of=NOON).ineffective == ()


NOON = "2026-03-02T12:00:00Z"


class TestUnseen:
    LATER = hug("e2", at="2026-03-05T09:00:00Z")
    COVERS = about("k1", "log.covers", "09", areas=["touch"])

    def test_what_is_later_is_counted(self) -> None:
        assert check([hug(), self.LATER, self.LATER | {"id": "e3"}], as_of=NOON).log.unseen == 2
        assert check([hug(), self.LATER]).log.unseen == 0

    def test_the_header_says_so(self) -> None:
        one, two = ([hug(), *(self.LATER | {"id": f"l{number}"} for number in range(count))] for count in (1, 2))

        for format in ("text", "markdown"):
            assert "1 of them is later than that and was not seen." in written(check(one, as_of=NOON), format)
            assert "2 of them are later than that and were not seen." in written(check(two, as_of=NOON), format)

    def test_an_instant_before_the_log_judges_nothing(self) -> None:
        report = check([hug()], as_of="2026-01-01T00:00:00Z")

        for format in ("text", "markdown"):
            said = written(report, format)
            assert "No event lies at or before 1 January 2026, 00:00, the moment to judge as of" in said
            assert "nothing was judged" in said
            assert "judged as of 1" not in said
            assert "Nothing that is open was found" not in said

    def test_the_json_does_not_hold_it(self) -> None:
        assert "unseen" not in check([hug(), self.LATER], as_of=NOON).to_json()


class TestTheOpeningLine:
    def test_says_what_is_counted_where_the_numbers_differ(self) -> None:
        said = written(replace(REPORT, findings=(TOUCH, *OVERRUNS)))

        assert "Open: 1 violation and 1 notice, a rule counted once for each client (4 findings in all).\n" in said

    def test_says_no_more_where_they_do_not(self) -> None:
        assert "Open: 1 violation.\n" in written(replace(REPORT, findings=(TOUCH,)))


def test_what_is_missing_may_be_missing_on_what_an_event_is_compared_with() -> None:
    for format in ("text", "markdown"):
        assert "Not recorded on some events, or on what they are compared with" in written(REPORT, format)


@pytest.mark.parametrize(("zone", "hinted"), [("UTC", True), ("Europe/Berlin", False)])
def test_utc_is_said_to_be_what_times_are_read_in(zone: str, hinted: bool) -> None:
    log = LogAccount(read=1, accepted=1, first=0, last=0, as_of=0)
    said = written(replace(EMPTY, log=log, timezone=zone))

    hint = "(UTC; weekdays and clock times are read so; --timezone NAME changes it)."
    assert (hint in said) is hinted
    assert "--timezone" not in written(replace(EMPTY, log=log, timezone=zone), "markdown")
