"""Pages made from rules: what they say of every form, that data stays text, that files of others are left alone."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import click
import pytest
from click.testing import CliRunner

from ethics_engine import RuleError, load_rules
from ethics_engine.cli import main
from ethics_engine.documenting import MADE, Library, pages, read_statements
from ethics_engine.documenting.markdown import block, code, inline, prose, table

POLICY = """policy: care
title: Care *with* <marks> | and `ticks`
version: "1"
parameters:
  most: {value: 2, why: "a | bar", source: default}
rules:
  care.first:
    title: First
    level: notice
    forbid: contact.touch
    message: "x"
    cites: ["code:1?", "source:A1"]
"""

SENTENCES = [
    (
        "forbid: {event: 'contact.*', where: {by: practitioner, not: {purpose: [crisis, clinical]}}}\n"
        "per: practitioner",
        "Each of these is a finding: `contact.*` where `by` is practitioner and not (`purpose` is crisis or clinical).",
    ),
    (
        "require: agreement.made\nbefore: {event: session.held, nth: 2}\nwithin: 30d",
        "Each `session.held` (only the second) needs, earlier or at the same instant, no longer than 30 days "
        "before, `agreement.made`. Without it, it is a finding.",
    ),
    (
        "require: {event: payment.received, same: [invoice]}\n"
        "after: invoice.issued\n"
        "earlier_counts: true\n"
        "within: {of: agreement.made, attribute: payment_due_days, factor: 2, offset: -1, default: 30}",
        "Each `invoice.issued` needs, within the `payment_due_days` (in days) of the latest `agreement.made` "
        "times 2 minus 1 (30 where it does not say), `payment.received` with the same `invoice`. One that "
        "came before counts too. Until that time is over it is an open obligation; after it, without an "
        "answer, a finding.",
    ),
    (
        "require: alliance.measured\nevery: 13w\nduring: therapy\nper: relationship",
        "While the state `therapy` is open, there is, at least every 91 days, `alliance.measured`. A longer "
        "stretch without one is a finding.",
    ),
    (
        "require: supervision.attended\nevery: 42d\nwhile_active: {event: session.held, gap: 28d}\nper: practitioner",
        "As long as `session.held` goes on (no more than 28 days apart), there is, at least every 42 days, "
        "`supervision.attended`. A longer stretch without one is a finding.",
    ),
    (
        "require: supervision.attended\n"
        "each: month\n"
        "at_least: {sum: minutes, of: 90}\n"
        "if: session.held\n"
        "per: practitioner",
        "Each calendar month that holds `session.held` holds `supervision.attended` whose `minutes` come to "
        "at least 90 in all. Once it is over, a month with less is a finding.",
    ),
    (
        "require: supervision.attended\neach: week\nat_least: {count: 2}\nif: session.held\nper: practitioner",
        "Each calendar week that holds `session.held` holds at least 2 of these: `supervision.attended`. "
        "Once it is over, a week with less is a finding.",
    ),
    (
        "limit: {event: session.held, where: {minutes: {gt: 50, le: 90}}}\nto: ${most}\nwithin: 1d\nsame: [mode]",
        "Within 1 day there are no more than 2 (`most`) of these: `session.held` where `minutes` is above 50 "
        "and is at most 90. Counted apart for each `mode`. Each event that goes beyond is a finding.",
    ),
    (
        "limit: gift.received\nof: {sum: value}\nto: {of: agreement.made, attribute: fee, factor: 3}\nwithin: 365d",
        "Within 365 days, the `value` of these come to no more than the `fee` of the latest `agreement.made` "
        "times 3 in all: `gift.received`. Each event that goes beyond is a finding.",
    ),
    (
        "limit: {event: finding, where: {rule: care.first}}\n"
        "of: {distinct: family}\n"
        "to: 2\n"
        "within: 90d\n"
        "per: relationship",
        "Within 90 days, these have no more than 2 different values of `family`: open `finding` where `rule` "
        "is [`care.first`](#care.first). Each event that goes beyond is a finding.",
    ),
    (
        "limit: session.moved\nof: {share_of: session.held, least: 5}\nto: 0.5\nwithin: 90d",
        "Within 90 days, `session.moved` are no more than the share 0.5 of `session.held`; 1 would be all of "
        "them. It is looked at from 5 of them on. Each event that goes beyond is a finding.",
    ),
    (
        "expect: session.held\n"
        "as: agreement.made\n"
        "match: {minutes: {lt: session_minutes, factor: 1.3}, local_time: {eq: start_time, tolerance: "
        "30min}, place: {eq: place, default: office}, local_weekday: weekday}",
        "Each `session.held` is checked against the latest `agreement.made` at or before it. What does not "
        "hold is a finding:\n"
        "\n"
        "- its `minutes` is below the other's `session_minutes` times 1.3\n"
        "- its `local_time` equals the other's `start_time`, give or take 30 minutes\n"
        "- its `place` equals the other's `place` (office where that is not recorded)\n"
        "- its `local_weekday` equals the other's `weekday`",
    ),
    (
        "expect: transaction.made\nas: self\nmatch: {amount: {le: fair_value}}",
        "Each `transaction.made` is checked against itself. What does not hold is a finding:\n"
        "\n"
        "- its `amount` is at most its own `fair_value`",
    ),
    (
        "sequence: [disclosure.made, [contact.call, contact.message]]\nwithin: 90d",
        "These, one strictly after the other within 90 days; the last is the finding:\n"
        "\n"
        "1. `disclosure.made`\n"
        "2. `contact.call` or `contact.message`",
    ),
]

AROUND = [
    (
        "during: therapy\nnot_during: [on_leave, touch_refused]",
        "Only while the state `therapy` is open.",
    ),
    (
        "not_during: [on_leave, touch_refused]",
        "Not while the state `on_leave` or `touch_refused` is open.",
    ),
    (
        "since: {state: therapy, within: 2y}",
        "Only after the state `therapy` has ended, no longer than 2 years ago.",
    ),
    (
        "since: {event: wellbeing.checked, within: ever}",
        "Only after `wellbeing.checked`, however long ago.",
    ),
    (
        "effective: {from: 2018-01-01, until: 2020-01-01}",
        "Only for events dated from 2018-01-01 and before 2020-01-01.",
    ),
    (
        "unless: {kind: handshake}",
        "No finding where `kind` is handshake.",
    ),
    (
        "unless: {event: fee.waived, within: ever}",
        "No finding where, at any time before, there is `fee.waived`.",
    ),
    (
        "excused_by: {event: note.recorded, where: {late_reason: {missing: true}}, same: {about: id}, within: 48h}",
        "Excused, and kept on record as excused, by `note.recorded` (its `about` is the judged event's `id`) "
        "where `late_reason` is not recorded, within 2 days before or after.",
    ),
    (
        "absolute: true",
        "Absolute: nothing excuses it, and no waiver can be granted.",
    ),
    (
        "family: [P1, P2]",
        "Family `P1` and `P2`, which rules about findings count by.",
    ),
]


class TestWords:
    def page(self, folder: Path, rule: str) -> str:
        text = POLICY + "  care.next:\n    title: T\n    level: notice\n    message: M\n" + indent(rule, "    ")
        (folder / "care.yaml").write_text(text)
        return pages(Library(load_rules(folder), {}, {}, None, "."))["policies/care.md"].partition('id="care.next"')[2]

    @pytest.mark.parametrize(("rule", "sentence"), SENTENCES)
    def test_say_every_form(self, tmp_path: Path, rule: str, sentence: str) -> None:
        looks = self.page(tmp_path, rule).partition("### What it looks at\n\n")[2].partition("\n\n- Looked at")[0]

        assert looks == sentence

    @pytest.mark.parametrize(("around", "sentence"), AROUND)
    def test_say_what_stands_around_a_form(self, tmp_path: Path, around: str, sentence: str) -> None:
        assert sentence in self.page(tmp_path, f"forbid: contact.touch\n{around}")

    def test_say_a_dated_parameter_with_its_dates(self, tmp_path: Path) -> None:
        dated = "[{value: 3, why: w, source: code}, {value: 4, from: 2018-01-01, why: w, source: code}]"
        text = POLICY.replace('{value: 2, why: "a | bar", source: default}', dated)
        text += "  care.next:\n    title: T\n    level: notice\n    message: M\n"
        (tmp_path / "care.yaml").write_text(text + "    limit: contact.call\n    to: ${most}\n    within: 1d\n")
        page = pages(Library(load_rules(tmp_path), {}, {}, None, "."))["policies/care.md"]

        assert "no more than 3 then 4 (`most`) of these" in page
        assert "| `most` | `3; 4 from 2018-01-01` | w | code: in a code of ethics |" in page


class TestOwnRules:
    @pytest.fixture
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "rules").mkdir()
        (tmp_path / "rules" / "care.yaml").write_text(POLICY)
        return tmp_path

    def build(self) -> click.testing.Result:
        return CliRunner().invoke(main, ["rules", "docs", "rules", "-o", "docs"])

    def test_get_their_pages_without_statements_and_without_tests(self, home: Path) -> None:
        result = self.build()

        assert (result.exit_code, result.output) == (0, "2 pages in `docs`\n")
        assert sorted(page.name for page in (home / "docs").rglob("*.md")) == ["README.md", "care.md"]

    def test_stay_text(self, home: Path) -> None:
        self.build()
        page = (home / "docs" / "policies" / "care.md").read_text()

        assert "# Care \\*with\\* \\<marks\\> \\| and \\`ticks\\`\n" in page

    def test_are_covered_by_the_statements_beside_the_pages(self, home: Path) -> None:
        (home / "docs").mkdir()
        (home / "docs" / "statements.yaml").write_text(
            "source: source\ntitle: Our book\nstatements:\n  A1: {says: be kind, seen: log}\n"
        )
        self.build()

        assert "[`care.first`](policies/care.md#care.first)" in (home / "docs" / "coverage.md").read_text()

    def test_that_cite_a_statement_that_there_is_none_of_are_wrong(self, home: Path) -> None:
        (home / "docs").mkdir()
        (home / "docs" / "statements.yaml").write_text(
            "source: source\ntitle: Our book\nstatements:\n  A2: {says: be kind, seen: log}\n"
        )
        result = self.build()

        assert result.exit_code == 2
        assert "care.yaml:12:12: error[unknown-statement]: unknown statement `A1`" in result.stderr

    def test_take_away_the_page_of_a_policy_that_is_gone_and_nothing_else(self, home: Path) -> None:
        folder = home / "docs" / "policies"
        folder.mkdir(parents=True)
        (folder / "gone.md").write_text(f"{MADE}\n")
        (folder / "ours.md").write_text("# Ours\n")
        self.build()

        assert sorted(page.name for page in folder.iterdir()) == ["README.md", "care.md", "ours.md"]

    def test_never_take_the_place_of_a_page_that_was_not_made(self, home: Path) -> None:
        folder = home / "docs" / "policies"
        folder.mkdir(parents=True)
        (folder / "care.md").write_text("# Ours\n")
        result = self.build()

        assert result.exit_code == 2
        assert (folder / "care.md").read_text() == "# Ours\n"

    @pytest.mark.parametrize("taken", ["docs", "docs/policies", "docs/policies/care.md/below"])
    def test_are_not_written_where_something_else_stands(self, home: Path, taken: str) -> None:
        place = home / taken
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("as it was")
        result = self.build()

        assert (result.exit_code, place.read_text()) == (2, "as it was")
        assert result.output.startswith("error: --output: ")

    def test_give_the_same_pages_each_time(self, home: Path) -> None:
        library = [Library.open(home / "rules", {}, None, "../../rules") for _ in range(2)]

        assert pages(library[0]) == pages(library[1])


class TestStatementsFile:
    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("source: s\ntitle: T\nstatements:\n  A1: {says: x, seen: lgo}\n", "unknown way of seeing `lgo` in `A1`"),
            ("source: s\ntitle: T\nstatements:\n  A1: x\n", "the statement `A1` expects a mapping"),
            ("source: s\ntitle: T\nstatements:\n  A1: {seen: log}\n", "missing key `says`"),
            ("source: s\ntitle: T\n", "missing key `statements`"),
        ],
    )
    def test_that_is_wrong_is_told_with_its_place(self, tmp_path: Path, text: str, complaint: str) -> None:
        (tmp_path / "statements.yaml").write_text(text)
        with pytest.raises(RuleError, match=re.escape(complaint)):
            read_statements(tmp_path / "statements.yaml")


class TestMarkdown:
    def test_a_code_span_holds_back_ticks(self) -> None:
        assert [code("a`b"), code("`a"), code("a``b")] == ["``a`b``", "`` `a ``", "```a``b```"]

    def test_a_block_is_not_ended_by_what_it_holds(self) -> None:
        assert block("```\nx\n```", "yaml") == "````yaml\n```\nx\n```\n````"

    def test_a_bar_does_not_end_a_cell(self) -> None:
        assert table(["a"], [[code("x|y")], [inline("x|y")]]).splitlines()[2:] == ["| `x\\|y` |", "| x\\|y |"]

    def test_a_number_is_no_list_where_a_line_begins(self) -> None:
        assert [prose("1. x"), inline("1. x")] == ["1\\. x", "1. x"]
