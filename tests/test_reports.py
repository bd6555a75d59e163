"""Each report format: one snapshot, and what it must never do."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from sample_report import EMPTY, GIFT, HOSTILE, OVERRUNS, REPORT, TOUCH, finding, rejected_line
from snapshot import assert_snapshot

from ethics_engine.findings import Override
from ethics_engine.reports import FORMATS, Page, render
from ethics_engine.scalars import parse_instant

ENDINGS = {"text": "txt", "markdown": "md", "junit": "xml", "sarif": "sarif.json"}
REORDERING = "‮"


@pytest.mark.parametrize("format", FORMATS)
class TestEveryFormat:
    def test_writes_what_the_snapshot_holds(self, format: str) -> None:
        assert_snapshot(f"report.{ENDINGS.get(format, format)}", render(REPORT, format))

    def test_ends_in_one_line_end(self, format: str) -> None:
        written = render(REPORT, format)

        assert written.endswith("\n")
        assert not written.endswith("\n\n")

    def test_writes_an_empty_report(self, format: str) -> None:
        assert render(EMPTY, format)

    def test_writes_the_same_twice(self, format: str) -> None:
        assert render(REPORT, format) == render(REPORT, format)

    def test_lets_no_terminal_escape_through(self, format: str) -> None:
        written = render(REPORT, format)

        assert "\x1b" not in written
        assert REORDERING not in written


@pytest.mark.parametrize("format", ["text", "markdown", "html"])
def test_a_disabled_rule_is_said_not_to_be_judged_and_a_changed_number_what_it_was(format: str) -> None:
    changed = (
        Override("touch.consent enabled", "true", "false", "ethics.yaml"),
        Override("touch.within", "48h", "1h", "ethics.yaml"),
    )
    written = render(replace(REPORT, rules=replace(REPORT.rules, overrides=changed)), format)

    assert "touch.consent is not judged here (set by ethics.yaml)" in written
    assert "touch.within is 1h here, 48h as shipped (set by ethics.yaml)" in written
    assert "enabled" not in written


class TestText:
    def test_is_a_snapshot_in_colour(self) -> None:
        assert_snapshot("report.colour.txt", render(REPORT, "text", Page(width=100, colour=True)))

    def test_colour_adds_nothing_but_colour(self) -> None:
        from rich.text import Text

        coloured = render(REPORT, "text", Page(width=80, colour=True))

        assert Text.from_ansi(coloured).plain.splitlines() == render(REPORT, "text").splitlines()

    @pytest.mark.parametrize("width", [1, 40, 57, 80, 120])
    def test_keeps_to_the_width(self, width: int) -> None:
        lines = render(REPORT, "text", Page(width=width)).splitlines()

        assert max(map(len, lines)) <= max(width, 40)

    def test_has_no_trailing_space(self) -> None:
        assert [line for line in render(REPORT, "text").splitlines() if line != line.rstrip()] == []

    def test_names_the_level_in_words(self) -> None:
        assert "VIOLATION  Touch without the client's consent" in render(REPORT, "text")

    def test_folds_what_repeats(self) -> None:
        written = render(REPORT, "text")

        assert written.count("A session longer than agreed") == 1
        assert "NOTICE  A session longer than agreed (3 times)" in written

    def test_counts_several_findings_of_one_event_as_one_occasion(self) -> None:
        twice = (
            finding("a.b", "risk", "2026-03-02T09:00:00Z", "e1"),
            finding("a.b", "risk", "2026-03-02T09:00:00Z", "e1"),
        )
        written = render(replace(REPORT, findings=twice), "text")

        assert "RISK  a.b (2 findings on 1 occasion)" in written
        assert "2 March 2026 (e1, 2 findings)" in written

    def test_tells_of_many_occasions_by_their_days_alone(self) -> None:
        many = tuple(finding("a.b", "risk", f"2026-03-{day:02}T09:00:00Z", f"e{day}") for day in range(1, 14))
        written = render(replace(REPORT, findings=many), "text", Page(width=120))

        assert "Dates: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 March 2026\n" in written
        assert f"Rule: a.b; latest finding {many[-1].id}\n" in written

    def test_counts_for_each_relationship_what_is_open(self) -> None:
        written = render(REPORT, "text", Page(width=120))

        assert "  Client c7: 1 violation and 1 notice, 2 March 2026 to 17 March 2026\n" in written

    def test_counts_as_a_person_would_with_the_number_of_findings_beside_it(self) -> None:
        elsewhere = tuple(replace(found, client="c8") for found in OVERRUNS)
        written = render(replace(REPORT, findings=(TOUCH, *OVERRUNS, *elsewhere)), "text", Page(width=120))

        assert "1 violation and 2 notices, a rule counted once for each client (7 findings in all)." in written

    def test_says_no_second_number_where_nothing_repeats(self) -> None:
        assert "Open: 1 violation.\n" in render(replace(REPORT, findings=(TOUCH,)), "text")

    def test_tells_a_long_story_in_order_of_time_first(self) -> None:
        days = {"c.c": "2026-03-01", "a.a": "2026-03-04", "d.d": "2026-03-01", "b.b": "2026-03-03"}
        many = tuple(finding(rule, "notice", f"{day}T09:00:00Z", "e1") for rule, day in days.items())
        written = render(replace(REPORT, findings=(TOUCH, *many)), "text")
        lines = [line.strip() for line in written.splitlines()]
        start = lines.index("In order of time, by when each was first found. Below, the gravest first.")

        assert lines[start + 1 : start + 6] == [
            "1 March 2026: c.c (notice); d.d (notice)",
            "2 March 2026: Touch without the client's consent (violation)",
            "3 March 2026: b.b (notice)",
            "4 March 2026: a.a (notice)",
            "",
        ]

    def test_a_short_story_is_told_once(self) -> None:
        assert "In order of time" not in render(REPORT, "text")

    def test_says_once_what_a_question_mark_at_a_clause_means(self) -> None:
        cited = replace(TOUCH, cites=("bacp-2018:91?", "seed:S27", "seed:S28", "seed:S29", "seed:S31"))
        written = render(replace(REPORT, findings=(cited, *OVERRUNS)), "text")

        assert "touch.without-consent: bacp-2018 91?; seed S27-S29, S31\n" in written
        assert written.count("A clause with a question mark is cited for what it says") == 1
        assert "question mark" not in render(REPORT, "text")

    def test_rules_with_the_same_clauses_share_a_line(self) -> None:
        other = replace(finding("a.b", "notice", "2026-03-05T09:00:00Z", "e1"), cites=TOUCH.cites)
        written = render(replace(REPORT, findings=(TOUCH, other)), "text")

        assert "a.b, touch.without-consent: seed S27; apa-2017 3.04\n" in written

    def test_a_duty_due_at_midnight_is_due_at_the_end_of_the_day_before(self) -> None:
        due = replace(REPORT.obligations[1], due=parse_instant("2026-03-31T22:00:00Z"))
        written = render(replace(REPORT, obligations=(due,)), "text")

        assert "By the end of 31 March 2026 (in 37 hours), client c7" in written

    def test_later_duties_that_say_the_same_are_told_together(self) -> None:
        one = replace(REPORT.obligations[1], message="Review the agreement with this client.")
        days = {"c1": "2026-06-01", "c2": "2026-06-01", "c3": "2026-06-03"}
        duties = tuple(
            replace(one, client=client, due=parse_instant(f"{day}T09:00:00Z")) for client, day in days.items()
        )
        written = render(replace(REPORT, obligations=duties), "text", Page(width=140))

        said = "1 June 2026, clients c1 and c2; 3 June 2026, client c3"
        assert f"- Review the agreement with this client (payment.overdue): {said}\n" in written

    def test_puts_the_gravest_first_within_a_relationship(self) -> None:
        written = render(replace(REPORT, findings=(*OVERRUNS, TOUCH)), "text")

        assert written.index("VIOLATION") < written.index("NOTICE")

    def test_puts_the_relationship_with_the_gravest_finding_first(self) -> None:
        other = finding("a.b", "notice", "2026-01-02T09:00:00Z", "e1", client="c1")
        written = render(replace(REPORT, findings=(other, TOUCH)), "text")

        assert written.index("Client c7") < written.index("Client c1")

    def test_dates_are_read_in_the_practice_s_time_zone(self) -> None:
        late = finding("a.b", "notice", "2026-03-02T23:30:00Z", "e1")

        assert "3 March 2026: event e1" in render(replace(REPORT, findings=(late,)), "text")

    def test_names_practitioners_where_there_are_several(self) -> None:
        other = finding("a.b", "notice", "2026-01-02T09:00:00Z", "e1", practitioner="p2", per="practitioner")
        written = render(replace(REPORT, findings=(other, TOUCH)), "text")

        assert "Client c7, with p1" in written
        assert "The practice of p2 as a whole" in written

    def test_says_how_many_rejected_lines_it_does_not_list(self) -> None:
        lines = tuple(rejected_line(number) for number in range(1, 31))
        written = render(replace(REPORT, rejected=lines), "text")

        assert "practice.ndjson:20:12: unknown type" in written
        assert "practice.ndjson:21:12: unknown type" not in written
        assert "… and 10 more." in written

    def test_says_where_the_rejected_lines_are_kept(self) -> None:
        assert "They are all in rejects.ndjson." in render(REPORT, "text", Page(rejects="rejects.ndjson"))

    def test_says_which_settings_were_read(self) -> None:
        assert "Settings from ethics.yaml." in render(REPORT, "text", Page(settings="ethics.yaml"))

    def test_says_what_the_filters_leave_out(self) -> None:
        assert "6 findings are left out by the filters given" in render(REPORT.filtered(client=HOSTILE), "text")

    def test_an_empty_log_is_not_a_clean_one(self) -> None:
        written = render(EMPTY, "text")

        assert "nothing was judged" in written
        assert "Nothing that is open was found" not in written

    def test_what_is_excused_stands_apart(self) -> None:
        written = render(REPORT, "text")

        assert written.index("Excused or waived") < written.index("gift.undiscussed")


class TestNdjson:
    def test_every_line_is_an_object_with_its_kind(self) -> None:
        kinds = [json.loads(line)["kind"] for line in render(REPORT, "ndjson").splitlines()]

        assert kinds == ["report", *["finding"] * 7, *["obligation"] * 2, *["cannot_tell"] * 2, "rejected"]


class TestJson:
    def test_text_is_the_data_itself(self) -> None:
        clients = [one["client"] for one in json.loads(render(REPORT, "json"))["findings"]]

        assert HOSTILE in clients

    def test_half_a_surrogate_is_written_as_an_escape(self) -> None:
        line = replace(rejected_line(), file="log-\udcff.ndjson")

        assert "log-\\udcff.ndjson" in render(replace(REPORT, rejected=(line,)), "ndjson")


class TestCsv:
    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
    def test_no_cell_is_a_formula(self, start: str) -> None:
        hostile = finding("a.b", "risk", "2026-03-02T09:00:00Z", "e1", client=f'{start}HYPERLINK("http://x","y")')
        [row] = csv.DictReader(io.StringIO(render(replace(EMPTY, findings=(hostile,)), "csv")))

        assert row["client"].startswith("'")

    def test_a_message_that_begins_with_a_minus_is_text(self) -> None:
        rows = list(csv.DictReader(io.StringIO(render(REPORT, "csv"))))

        assert "'-1 hour off the agreed time." in [row["message"] for row in rows]

    def test_has_a_row_for_all_that_was_found_due_or_not_told(self) -> None:
        rows = list(csv.DictReader(io.StringIO(render(REPORT, "csv"))))

        assert [row["kind"] for row in rows] == ["finding"] * 7 + ["obligation"] * 2 + ["cannot tell"] * 2


class TestMarkdown:
    def test_data_is_neither_markup_nor_link_nor_mention(self) -> None:
        written = render(replace(EMPTY, findings=(GIFT,)), "markdown")

        assert "<b>" not in written.replace("\\<b\\>", "")
        assert "http://" not in written
        assert "@you" not in written

    @pytest.mark.parametrize("start", ["# x", "- x", "+ x", "1. x", "1) x", "= x"])
    def test_a_message_starts_no_block(self, start: str) -> None:
        from ethics_engine.reports.markdown import escaped

        assert "\\" in escaped(start)


class TestJunit:
    def failures(self, page: Page) -> int:
        return len(ElementTree.fromstring(render(REPORT, "junit", page)).findall(".//failure"))

    @pytest.mark.parametrize(("fail_on", "expected"), [("violation", 1), ("risk", 2), ("notice", 5), ("never", 0)])
    def test_fails_where_the_command_does(self, fail_on: str, expected: int) -> None:
        assert self.failures(Page(fail_on=fail_on)) == expected

    def test_counts_agree_with_the_cases(self) -> None:
        root = ElementTree.fromstring(render(REPORT, "junit"))

        for suite in root:
            assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
            assert int(suite.get("failures", "")) == len(suite.findall(".//failure"))
            assert int(suite.get("skipped", "")) == len(suite.findall(".//skipped"))


class TestSarif:
    def test_a_finding_s_id_is_its_fingerprint(self) -> None:
        results = json.loads(render(REPORT, "sarif"))["runs"][0]["results"]

        assert [one["fingerprints"]["ethicsEngine/v1"] for one in results if one["kind"] == "fail"] == [
            one.id for one in REPORT.findings
        ]

    def test_what_is_excused_or_waived_is_suppressed(self) -> None:
        results = json.loads(render(REPORT, "sarif"))["runs"][0]["results"]

        assert [one["ruleId"] for one in results if "suppressions" in one] == ["gift.undiscussed", "schedule.off-slot"]

    def test_every_result_points_at_its_rule(self) -> None:
        run = json.loads(render(REPORT, "sarif"))["runs"][0]
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]

        assert [rules[one["ruleIndex"]] for one in run["results"]] == [one["ruleId"] for one in run["results"]]

    def test_only_failures_have_a_severity(self) -> None:
        results = json.loads(render(REPORT, "sarif"))["runs"][0]["results"]

        assert {one["level"] for one in results if one["kind"] != "fail"} == {"none"}


def test_an_unknown_format_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        render(REPORT, "papyrus")
