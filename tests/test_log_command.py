"""`ethics-engine log` writes one event down, whole or not at all, and says before what it means for the rules."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from practice_folder import Practice, practice
from shipped import vocabulary

from ethics_engine import load_rules
from ethics_engine.calendars import Zone
from ethics_engine.entries.effect import Effect
from ethics_engine.entries.entry import Entry, line_of, read_back
from ethics_engine.entries.telling import told
from ethics_engine.entries.types import EVERYDAY, by_area, search
from ethics_engine.entries.values import Moment, value_of
from ethics_engine.entries.writing import write
from ethics_engine.errors import EventError
from ethics_engine.events import Event
from ethics_engine.findings import Obligation
from ethics_engine.logs import read_log
from ethics_engine.logs.append import append
from ethics_engine.monitor import Changes
from ethics_engine.scalars import parse_instant
from ethics_engine.vocabulary import Attribute, EventType

__all__ = ["practice"]

HUG = ("log", "contact.touch", "--client", "c7", "at=yesterday 17:30", "kind=hug", "by=practitioner", "consent=no")
AMENDED = ("log", "event.amended", "at=now", "amend_reason=a slip")
TYPES = [each for types in by_area(vocabulary()).values() for each in types]
MOMENT = Moment(parse_instant("2026-03-02T18:00:00+01:00"), Zone("Europe/Berlin"))


class TestOneCommand:
    def test_writes_the_event_with_the_time_in_the_zone_of_the_practice(self, practice: Practice) -> None:
        result = practice.run(*HUG, "--yes")
        (record,) = practice.records()
        id = record.pop("id")

        assert result.exit_code == 0
        assert record == {
            "at": "2026-03-01T17:30:00+01:00",
            "type": "contact.touch",
            "practitioner": "p1",
            "client": "c7",
            "kind": "hug",
            "by": "practitioner",
            "consent": False,
            "recorded_at": "2026-03-02T17:00:00Z",
            "source": "practitioner",
        }
        assert f"Written to `practice.ndjson` as `{id}`." in result.stdout

    def test_says_what_it_means_for_the_rules_before_it_is_written(self, practice: Practice) -> None:
        said = practice.run(*HUG, "--yes").stdout
        before, written = said.split("Written to")

        assert "VIOLATION  Touch without the client's consent" in before
        assert "On 1 March 2026 touch (hug) is recorded" in before
        assert "practice.ndjson" in written

    def test_says_which_duty_it_closes_and_which_finding_it_excuses(self, practice: Practice) -> None:
        practice.run("log", "complaint.received", "--client", "c7", "at=yesterday 9:00", "complaint=k1", "--yes")
        said = practice.run("log", "complaint.answered", "--client", "c7", "at=now", "complaint=k1", "--yes").stdout

        assert "No longer to do: Answer the complaint of 1 March 2026." in said

    def test_says_so_where_it_changes_nothing(self, practice: Practice) -> None:
        practice.hold({"id": "e1", "at": "2026-03-01T09:00:00Z", "type": "note.recorded", "practitioner": "p1"})
        said = practice.run("log", "training.attended", "at=today 9:00", "hours=3", "topic=ethics", "--yes").stdout

        assert "It changes nothing for the rules: no finding comes or goes, and no duty." in said

    def test_says_which_rules_cannot_tell_for_want_of_what(self, practice: Practice) -> None:
        said = " ".join(practice.run(*HUG[:-1], "--yes").stdout.split())

        assert "cannot judge it: `framework` and `consent` were not recorded" in said

    def test_an_amendment_takes_the_attributes_of_its_target(self, practice: Practice) -> None:
        practice.run(*HUG, "--yes")
        target = practice.records()[0]["id"]
        result = practice.run(
            "log", "event.amended", "at=now", "consent=yes", f"target={target}", "amend_reason=a slip", "--yes"
        )

        assert result.exit_code == 0
        assert practice.records()[1]["consent"] is True
        assert "No longer found: Touch without the client's consent." in result.stdout

    def test_the_client_of_an_event_is_never_amended_but_may_be_named(self, practice: Practice) -> None:
        practice.run(*HUG, "--yes")
        target = f"target={practice.records()[0]['id']}"
        other = practice.run(*AMENDED, "client=c8", target, "consent=yes", "--yes")
        same = practice.run(*AMENDED, "client=c7", target, "consent=yes", "--yes")

        expected = "`client` is never amended; withdraw the event with `event.withdrawn` and write it anew"
        assert (other.exit_code, same.exit_code) == (2, 0)
        assert expected in other.stderr

    def test_an_amendment_without_effect_is_told(self, practice: Practice) -> None:
        said = practice.run("log", "event.withdrawn", "at=now", "target=gone", "amend_reason=a slip", "--yes").stdout

        assert "Without effect:" in said

    def test_the_check_afterwards_needs_no_name_of_the_log(self, practice: Practice) -> None:
        practice.run(*HUG, "--yes")
        by_name = practice.run("check", "practice.ndjson", "--format", "json")
        own = practice.run("check", "--format", "json")

        assert own.exit_code == 1
        assert own.stdout == by_name.stdout

    def test_a_finding_can_be_explained_without_naming_the_log(self, practice: Practice) -> None:
        practice.run(*HUG, "--yes")
        finding = json.loads(practice.run("check", "--format", "json").stdout)["findings"][0]["id"]

        assert "touch (hug) is recorded" in " ".join(practice.run("explain", finding).stdout.split())

    def test_begins_a_log_that_only_its_owner_reads(self, practice: Practice) -> None:
        practice.run(*HUG, "--yes")

        assert stat.S_IMODE(practice.log.stat().st_mode) == 0o600


class TestRefusals:
    def test_everything_that_is_missing_or_wrong_is_named_at_once_where_nobody_can_be_asked(
        self, practice: Practice
    ) -> None:
        result = practice.run("log", "contact.touch", "kind=hgu", "colour=red")

        assert (result.exit_code, practice.records(), result.stdout) == (2, [], "")
        assert "`hgu` is not one of handshake, hand, shoulder, hug, hold, other; did you mean `hug`?" in result.stderr
        assert "`colour` is not an attribute of `contact.touch`" in result.stderr
        for name in ("client", "at", "by", "--yes"):
            assert f"`{name}` is missing" in result.stderr

    @pytest.mark.parametrize(
        ("arguments", "part"),
        [
            (["log", "--yes"], "TYPE is missing"),
            (["log", "contact.tuch", "--yes"], "did you mean `contact.touch`?"),
            (["log", "hug", "--yes"], "there is contact.touch"),
            (["log", "finding", "--yes"], "there is no type of event `finding`"),
            ([*HUG, "minutes", "--yes"], "`minutes` is not ATTRIBUTE=VALUE"),
            ([*HUG, "kind=hold", "--yes"], "`kind` is given twice"),
            ([*HUG, "practitioner=p2", "--yes"], "`practitioner` is who keeps the log"),
            (["log", "session.held", "--client", "c7", "at=tomorrow 9:00", "minutes=5", "--yes"], "lies ahead"),
            (["log", "session.held", "--client", "c7", "at=now", "minutes=5,5", "--yes"], "write a point, `5.5`"),
            (["log", "wellbeing.checked", "at=now", "rating=11", "--yes"], "a number from 0 to 10"),
            (["log", "wellbeing.checked", "at=now", "rating=1", "--client", "c7", "--yes"], "`client` is not an"),
            (["log", "log.covers", "at=now", "areas=", "--yes"], "expected at least one of"),
            (["log", "gift.received", "at=now", "value=ten", "--yes"], "`value`: `ten` is not a number"),
            (["log", "gift.received", "at=now", "discussed=maybe", "--yes"], "`discussed`: `maybe` is neither"),
            (["log", "leave.taken", "at=now", "until=2026-12-24", "--yes"], "`until`: `2026-12-24` has no time of day"),
            ([*AMENDED, "target=nope", "minutes=3", "--yes"], "the log has no event `nope`, whose `minutes` could"),
            ([*AMENDED, "target=nope", "type=session.held", "--yes"], "`type` is never amended"),
            ([*HUG, "id=a\udcff", "--yes"], "half of a character"),
            ([*HUG, f"client={'c' * 1001}", "--yes"], "`client` is given twice"),
            (["log", "session.held", f"client={'c' * 1001}", "at=now", "minutes=5", "--yes"], "1 to 1000 characters"),
            ([*HUG, f"area={'long ' * 300_000}", "--yes"], "the limit is 1,048,576"),
        ],
    )
    def test_what_does_not_fit_is_refused_and_nothing_is_written(
        self, practice: Practice, arguments: list[str], part: str
    ) -> None:
        result = practice.run(*arguments)

        assert (result.exit_code, practice.records()) == (2, [])
        assert part in result.stderr

    @pytest.mark.parametrize("name", ["log.csv", "log.json", "log.parquet", "log.ndjson.gz", "log"])
    def test_a_log_that_no_line_can_be_added_to_is_refused(self, practice: Practice, name: str) -> None:
        (practice.folder / name).write_bytes(b"as it was")
        result = practice.run(*HUG, "--yes", "--log", name)

        assert result.exit_code == 2
        assert "a line can be added to .ndjson or .jsonl alone" in result.stderr
        assert (practice.folder / name).read_bytes() == b"as it was"

    def test_a_log_whose_last_line_was_cut_off_is_refused_and_left_alone(self, practice: Practice) -> None:
        practice.log.write_bytes(b'{"id": "e1", "at": "2026-')
        result = practice.run(*HUG, "--yes")

        assert result.exit_code == 2
        assert "is not a whole event, as if its writing had been cut off" in result.stderr
        assert practice.log.read_bytes() == b'{"id": "e1", "at": "2026-'

    def test_a_whole_last_line_without_a_line_feed_gets_one(self, practice: Practice) -> None:
        note = b'{"id": "e1", "at": "2026-03-01T10:00:00Z", "type": "note.recorded", "practitioner": "p1"}'
        practice.log.write_bytes(b"\xef\xbb\xbf" + note)
        practice.run(*HUG, "--yes")
        log = read_log(str(practice.log), vocabulary())

        assert practice.log.read_bytes().startswith(b"\xef\xbb\xbf" + note + b"\n{")
        assert (log.accepted, log.rejected) == (2, [])

    @pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
    def test_what_is_no_file_is_refused_without_waiting(self, practice: Practice, make: Any) -> None:
        make(practice.log)

        assert practice.run(*HUG, "--yes").exit_code == 2

    def test_an_id_that_the_log_has_is_refused(self, practice: Practice) -> None:
        practice.run(*HUG, "id=mine", "--yes")
        result = practice.run(*HUG, "id=mine", "--yes")

        assert result.exit_code == 2
        assert "has an event `mine` already" in result.stderr
        assert len(practice.records()) == 1

    def test_without_settings_the_options_that_are_needed_are_named(self, practice: Practice) -> None:
        (practice.folder / "ethics.yaml").unlink()
        result = practice.run(*HUG, "--yes")

        assert result.exit_code == 2
        assert "give --log and --practitioner: there is no ethics.yaml here" in result.stderr

    def test_without_a_time_zone_a_plain_time_is_refused(self, practice: Practice) -> None:
        (practice.folder / "ethics.yaml").write_text("log: practice.ndjson\npractitioner: p1\n")
        result = practice.run(*HUG, "--yes")

        assert result.exit_code == 2
        assert "needs a time zone: set `timezone:` in ethics.yaml" in result.stderr

    @pytest.mark.parametrize(
        "command",
        [
            ["check"],
            ["due"],
            ["diff", "--against-profile", "apa-2017"],
            ["explain", "f8e1deb"],
            ["why-not", "r.a", "e1"],
        ],
    )
    def test_a_command_without_a_log_says_where_one_could_come_from(
        self, practice: Practice, command: list[str]
    ) -> None:
        missing = practice.run(*command)
        (practice.folder / "ethics.yaml").unlink()
        none = practice.run(*command)

        assert (missing.exit_code, none.exit_code) == (2, 2)
        assert "which `ethics.yaml` names, is not there" in missing.stderr
        assert "which log? there is no ethics.yaml here" in none.stderr


class TestQuestions:
    def test_what_is_missing_is_asked_for_and_what_is_not_known_is_left_out(self, practice: Practice) -> None:
        answers = "hug\ny\nc7\nyesterday 17:30\n4\nclient\n\nmore\nconsent, framework\nyes\n?\n\ny\n"
        result = practice.answer("log", answers=answers)
        (record,) = practice.records()

        assert result.exit_code == 0
        assert (record["type"], record["kind"], record["by"], record["consent"]) == (
            "contact.touch",
            "hug",
            "client",
            True,
        )
        assert "framework" not in record
        assert "left out  area, documented, framework" in result.stdout

    def test_of_what_may_have_a_client_the_client_is_asked_for_first(self, practice: Practice) -> None:
        practice.answer("log", "note.recorded", answers="c7\nnow\n\ny\n")
        practice.answer("log", "supervision.attended", answers="\nnow\n60\n\ny\n")

        assert [record.get("client") for record in practice.records()] == ["c7", None]

    def test_a_type_is_found_by_area_and_number(self, practice: Practice) -> None:
        areas = list(by_area(vocabulary()))
        answers = f"{areas.index('touch') + 1}\n1\nc7\n\nhug\nclient\n\ny\n"

        assert practice.answer("log", answers=answers).exit_code == 0
        assert practice.records()[0]["type"] == "contact.touch"

    def test_another_word_may_be_said_where_none_of_the_types_is_meant(self, practice: Practice) -> None:
        answers = "gift\nsession\nsession.held\nc7\nnow\n50\n\ny\n"

        assert practice.answer("log", "hugs", answers="n\n" + answers).exit_code == 0
        assert practice.records()[0]["type"] == "session.held"

    @pytest.mark.parametrize("words", ["hug", "hugged", "termination", "texted", "gift.gibven"])
    def test_a_type_that_a_word_does_not_name_is_asked_for(self, practice: Practice, words: str) -> None:
        said = practice.answer("log", answers=f"{words}\n").stdout

        assert "Is it " in said
        assert "This is " not in said

    @pytest.mark.parametrize("words", ["session.held", "session held", "answered"])
    def test_a_type_that_the_words_name_is_taken(self, practice: Practice, words: str) -> None:
        said = practice.answer("log", answers=f"{words}\n").stdout

        assert "This is " in said
        assert "Is it " not in said

    @pytest.mark.parametrize("word", ["asdfqwer", "house", "maybe"])
    def test_a_word_that_has_to_do_with_no_type_finds_none(self, practice: Practice, word: str) -> None:
        first = practice.answer("log", answers=f"{word}\n").stdout
        among = practice.answer("log", answers=f"gift\n{word}\n").stdout

        assert f"no type of event has to do with `{word}`; try another word, or an area" in first
        assert f"`{word}` is none of them" in among

    def test_a_wrong_answer_is_told_and_asked_again(self, practice: Practice) -> None:
        answers = "gift.gibven\ny\nc7\nyesterday 17\nyesterday 17:00\n25,50\n25.50\n\ny\n"
        result = practice.answer("log", answers=answers)

        assert "write the time of day with minutes, `17:00`" in result.stdout
        assert "write a point, `25.50`" in result.stdout
        assert practice.records()[0]["value"] == 25.5

    @pytest.mark.parametrize("answers", ["", "hug\n", "hug\n\nc7\nnow\n4\nclient\n", "hug\n\nc7\nnow\n4\nclient\n\n"])
    def test_whoever_leaves_writes_nothing(self, practice: Practice, answers: str) -> None:
        result = practice.answer("log", answers=answers)

        assert (result.exit_code, practice.records()) == (130, [])
        assert "Nothing was written." in result.stdout

    def test_a_no_at_the_end_writes_nothing(self, practice: Practice) -> None:
        result = practice.answer(*HUG, answers="\nn\n")

        assert (result.exit_code, practice.records()) == (0, [])
        assert result.stdout.endswith("Nothing was written.\n")

    def test_a_client_that_the_log_does_not_know_is_pointed_out(self, practice: Practice) -> None:
        practice.run(*HUG, "--yes")
        result = practice.answer("log", "session.held", answers="c77\nnow\n50\n\ny\n")

        assert "the log has no event of client `c77` yet; did you mean `c7`?" in result.stdout

    def test_an_event_that_another_is_about_is_picked_by_its_number(self, practice: Practice) -> None:
        practice.run(*HUG, "--yes")
        answers = "now\nthat one\n1\na slip\nconsent\nyes\n\ny\n"
        result = practice.answer("log", "event.amended", answers=answers)

        assert "the log has no event `that one`" in result.stdout
        assert "yes or no (Enter: as it was)" in result.stdout
        assert practice.records()[1]["target"] == practice.records()[0]["id"]
        assert practice.records()[1]["consent"] is True

    def test_what_an_amendment_can_have_no_effect_on_is_not_offered(self, practice: Practice) -> None:
        practice.run(*HUG, "--yes")
        target = practice.records()[0]["id"]
        practice.run(*AMENDED, f"target={target}", "consent=yes", "--yes")
        correction = practice.records()[1]["id"]
        said = practice.answer("log", "event.amended", answers="now\n1\na slip\n").stdout

        assert f"1 {target}: contact.touch" in said
        assert correction not in said
        offered = said.partition("What changes?")[2].partition("Add (")[0]
        assert re.findall(r"\d (\w+)", offered) == ["kind", "by", "area", "consent", "documented", "framework"]

    def test_an_entry_without_effect_is_not_written_by_enter_alone(self, practice: Practice) -> None:
        arguments = ("log", "event.withdrawn", "at=now", "target=gone", "amend_reason=a slip")
        result = practice.answer(*arguments, answers="\n\n")

        assert "[y/N/more]" in result.stdout
        assert practice.records() == []

    def test_what_begins_something_is_offered_a_new_name(self, practice: Practice) -> None:
        scheduled = ("log", "session.scheduled", "--client", "c7", "at=now", "starts_at=next monday 10:00")
        practice.answer(*scheduled, answers="\n\ny\n")
        practice.answer(*scheduled, answers="\n\ny\n")

        assert [record["session"] for record in practice.records()] == ["session-2026-03-02", "session-2026-03-02-2"]
        assert practice.records()[0]["starts_at"] == "2026-03-09T10:00:00+01:00"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("hug", "contact.touch"),
        ("touch", "contact.touch"),
        ("gift", "gift.received"),
        ("supervision", "supervision.attended"),
        ("complaint", "complaint.received"),
        ("suprvision", "supervision.attended"),
        ("session held", "session.held"),
        ("first session", "intake.held"),
        ("a hug at the end", "contact.touch"),
        ("no show", "session.missed"),
        ("came late", "session.held"),
        ("lunch", "contact.social"),
        ("hugged", "contact.touch"),
        ("hugging", "contact.touch"),
        ("kissed", "contact.romantic"),
        ("texted", "contact.message"),
        ("flowers", "gift.received"),
        ("termination", "therapy.ended"),
        ("terminated", "therapy.ended"),
        ("invoiced", "invoice.issued"),
        ("refnd", "refund.requested"),
        ("vacaton", "leave.taken"),
    ],
)
def test_a_word_finds_the_type_that_it_points_to(words: str, expected: str) -> None:
    found = [each.name for each in search(words, vocabulary())]

    assert expected in found[:2]
    assert len(found) < 12


def test_the_help_names_an_event_as_the_command_names_events(practice: Practice) -> None:
    practice.run(*HUG, "--yes")
    (shown,) = re.findall(r"target=(\S+)", practice.run("log", "--help").stdout)

    assert re.sub(r"\w", "x", shown) == re.sub(r"\w", "x", practice.records()[0]["id"])


def test_every_type_that_an_everyday_word_means_is_one_of_the_vocabulary() -> None:
    meant = {name for names in EVERYDAY.values() for name in names}

    assert sorted(meant - set(vocabulary().types)) == []


def test_numbers_words_and_beginnings_of_words_may_be_mixed_in_a_list(practice: Practice) -> None:
    answers = "1, 2,confid; cancellation\n\ny\n"
    practice.answer("log", "agreement.made", "--client", "c7", "at=now", answers=answers)

    assert practice.records()[0]["covers"] == ["goals", "tasks", "confidentiality", "cancellation"]


HOSTILE = 'c7\n\x1b]0;title\x07\x1b[2J"\\\u202e\u009b31m{}'


def test_hostile_text_stays_data_and_moves_no_cursor(practice: Practice) -> None:
    arguments = ("log", "session.missed", "at=now", "by=client", f"explained={HOSTILE}", f"client={HOSTILE}", "--yes")
    result = practice.run(*arguments)
    raw = practice.log.read_bytes()

    assert result.exit_code == 0
    assert practice.records()[0]["explained"] == HOSTILE
    assert practice.records()[0]["client"] == HOSTILE
    assert raw.count(b"\n") == 1
    for shown in (result.output, raw.decode()):
        assert not any(char in shown for char in "\x1b\x07\u202e\u009b")


def _texts(attribute: Attribute) -> st.SearchStrategy[str]:
    match attribute.kind:
        case "enum":
            return st.sampled_from(attribute.values)
        case "list":
            return st.lists(st.sampled_from(attribute.values), min_size=1, unique=True).map(",".join)
        case "boolean":
            return st.sampled_from(["yes", "no"])
        case "number" | "money":
            low = attribute.minimum or 0
            high = attribute.maximum if attribute.maximum is not None else 10**17
            return st.integers(low, high).map(lambda micro: format(Decimal(micro).scaleb(-6), "f"))
        case "timestamp":
            return st.sampled_from(["yesterday 17:30", "2026-01-02 09:05", "3 days ago 10:00"])
        case "clock":
            return st.sampled_from(["17:30", "9:05", "5:30 pm"])
    if attribute.name == "currency":
        return st.sampled_from(["EUR", "USD"])
    chars = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])
    return st.text(chars, min_size=1, max_size=60)


@st.composite
def said(draw: st.DrawFn) -> tuple[EventType, dict[str, str]]:
    """A type, and texts for all that it needs and some of what it may have."""
    event_type = draw(st.sampled_from(TYPES))
    entry = Entry(event_type, vocabulary(), "p1", MOMENT, [])
    chosen = [each for each in entry.attributes().values() if entry.needed(each) or draw(st.booleans())]
    return event_type, {each.name: draw(_texts(each)) for each in chosen}


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(said())
def test_a_line_is_read_back_as_the_same_event_and_nothing_is_rejected(
    tmp_path: Path, drawn: tuple[EventType, dict[str, str]]
) -> None:
    event_type, texts = drawn
    entry = Entry(event_type, vocabulary(), "p1", MOMENT, [])
    for name, text in texts.items():
        assume(text.strip())
        entry.put(name, text)
    log = tmp_path / "practice.ndjson"
    log.unlink(missing_ok=True)
    (event,) = write(log, 0, vocabulary(), lambda taken: [entry.record(entry.new_id("abc", taken))])
    read = read_log(str(log), vocabulary())

    assert (read.read, len(read.rejected)) == (1, 0)
    assert read.events[0].same_content(event)
    for name, text in texts.items():
        attribute = entry.attributes()[name]
        if attribute.kind in ("number", "money"):
            assert event.values[name] == int(Decimal(text).scaleb(6))
        elif attribute.kind == "string":
            assert event.values[name] == text.strip()
        elif attribute.kind == "text" or attribute.kind == "enum":
            assert event.values[name] == text
        elif attribute.kind == "list":
            assert event.values[name] == tuple(sorted(text.split(",")))


@settings(deadline=None)
@given(st.text(max_size=30), st.sampled_from([each for kind in TYPES for each in kind.attributes.values()]))
def test_any_text_is_a_value_or_refused_in_words_that_move_no_cursor(text: str, attribute: Attribute) -> None:
    try:
        line_of({attribute.name: value_of(attribute, text, MOMENT)})
        said = "a value"
    except ValueError as error:
        said = str(error)

    assert said
    assert said.isprintable()


def test_a_line_that_the_reader_would_reject_is_not_written(tmp_path: Path) -> None:
    log = tmp_path / "practice.ndjson"
    with pytest.raises(EventError, match="`at` is missing"):
        write(log, 0, vocabulary(), lambda taken: [{"id": "e1", "type": "note.recorded", "practitioner": "p1"}])

    assert log.read_bytes() == b""


def test_an_id_that_somebody_else_took_meanwhile_is_not_written_twice(tmp_path: Path) -> None:
    log = tmp_path / "practice.ndjson"
    record = {"id": "e1", "at": "2026-03-02T10:00:00Z", "type": "note.recorded", "practitioner": "p1"}
    write(log, 0, vocabulary(), lambda taken: [record])
    with pytest.raises(EventError, match="somebody else has just written an event `e1`"):
        write(log, 0, vocabulary(), lambda taken: [record])
    entry = Entry(vocabulary().types["note.recorded"], vocabulary(), "p1", MOMENT, [])
    entry.put("at", "now")

    assert len(log.read_bytes().splitlines()) == 1
    assert entry.new_id("x") == "2026-03-02-x"
    assert entry.new_id("x", {"2026-03-02-x"}) == "2026-03-02-x-2"


WRITER = """
import sys
from pathlib import Path
from ethics_engine import load_rules
from ethics_engine.entries.writing import write
vocabulary = load_rules().vocabulary
log, name, count, text = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), "x" * int(sys.argv[4])
print("ready", flush=True)
for number in range(count):
    record = {"id": f"{name}-{number}", "at": "2026-03-02T10:00:00Z", "type": "session.missed", "practitioner": "p1",
              "client": "c7", "by": "client", "explained": text}
    write(log, 0, vocabulary, lambda taken: [record])
"""


def _writer(log: Path, name: str, count: int, size: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(log), name, str(count), str(size)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def test_several_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    log = tmp_path / "practice.ndjson"
    writers = [_writer(log, name, 30, 3000) for name in ("a", "b", "c")]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    read = read_log(str(log), vocabulary())

    assert (read.accepted, read.duplicate, len(read.rejected)) == (90, 0, 0)
    assert {event.id for event in read.events} == {f"{name}-{number}" for name in "abc" for number in range(30)}
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.close()


def test_a_writer_that_is_killed_leaves_no_half_line(tmp_path: Path) -> None:
    log = tmp_path / "practice.ndjson"
    chance = random.Random(7)
    for number in range(6):
        writer = _writer(log, f"w{number}", 100_000, 700)
        time.sleep(chance.uniform(0.005, 0.08))
        writer.send_signal(signal.SIGKILL)
        assert writer.wait(60) == -signal.SIGKILL
        assert writer.stdout is not None
        writer.stdout.close()
    read = read_log(str(log), vocabulary())

    assert log.read_bytes().endswith(b"\n")
    assert read.accepted > 0
    assert (read.rejected, read.duplicate) == ([], 0)


FULL = """
import resource, sys
from pathlib import Path
from ethics_engine.errors import EventError
from ethics_engine.logs.append import append
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    append(Path(sys.argv[1]), 0, lambda added: b"y" * 299 + b"\\n")
except EventError as error:
    print(error)
"""


@settings(deadline=None)
@given(st.integers(1, 150))
def test_a_line_that_was_cut_off_anywhere_is_never_written_after(
    tmp_path_factory: pytest.TempPathFactory, length: int
) -> None:
    whole = line_of({"id": "e1", "at": "2026-03-01T10:00:00Z", "type": "note.recorded", "practitioner": 'p"}{'})
    log = tmp_path_factory.mktemp("cut") / "practice.ndjson"
    log.write_bytes(whole + whole[: min(length, len(whole) - 2)])
    before = log.read_bytes()
    with pytest.raises(EventError, match="is not a whole event"):
        append(log, 0, lambda added: whole)

    assert log.read_bytes() == before


def test_a_line_for_which_there_is_no_room_is_taken_back_whole(tmp_path: Path) -> None:
    log = tmp_path / "practice.ndjson"
    log.write_bytes(b"x" * 899 + b"\n")
    said = subprocess.run([sys.executable, "-c", FULL, str(log)], capture_output=True, text=True, check=True).stdout

    assert "there is no room for the line; the log is as it was" in said
    assert log.read_bytes() == b"x" * 899 + b"\n"


def test_every_type_of_the_vocabulary_can_be_written(tmp_path: Path) -> None:
    samples = {"enum": lambda each: each.values[0], "list": lambda each: each.values[0], "boolean": lambda each: "yes"}
    fixed = {"number": "1", "money": "1", "timestamp": "yesterday 9:00", "clock": "9:00"}
    for event_type in TYPES:
        entry = Entry(event_type, vocabulary(), "p1", MOMENT, [])
        for attribute in entry.missing():
            sample = samples.get(attribute.kind)
            entry.put(attribute.name, sample(attribute) if sample else fixed.get(attribute.kind, "x"))
        event = read_back(line_of(entry.record(entry.new_id("x"))), vocabulary())

        assert isinstance(event, Event)
        assert event.type == event_type.name


@pytest.mark.parametrize(
    ("count", "said"), [(7, "and 1 more that is no longer to do."), (11, "and 5 more that are no longer to do.")]
)
def test_duties_that_are_no_longer_to_do_are_not_said_to_be_listed_as_due(count: int, said: str) -> None:
    closed = tuple(Obligation(f"care.r{number}", 0, "p1", "c7", (), "Do it.") for number in range(count))
    lines = [line.text for line in told(Effect(0, Changes(closed=closed)), Zone("UTC"))]

    assert lines[-1] == said
    assert lines[1:-1] == ["Do it."] * 6


def test_a_duty_that_goes_on_by_another_day_is_not_said_to_be_over() -> None:
    closed = Obligation("care.contact", 0, "p1", "c7", (), "Be in touch.")
    opened = replace(closed, due=10)
    lines = [line.lead for line in told(Effect(0, Changes(closed=(closed,), opened=(opened,))), Zone("UTC"))]

    assert [lead for lead in lines if lead.startswith(("No longer", "To do"))] == ["To do by 1 January 1970: "]


def test_the_effect_is_the_difference_of_two_checks(practice: Practice) -> None:
    from ethics_engine import check
    from ethics_engine.entries.effect import effect_of

    rules = load_rules(timezone="Europe/Berlin", currency="EUR")
    log = Path(__file__).parents[1] / "fixtures" / "cases" / "presents-and-visits.ndjson"
    read = read_log(str(log), rules.vocabulary)
    records = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    *rest, last = sorted(records, key=lambda each: each["at"])
    event = next(each for each in read.events if each.id == last["id"])
    as_of = max(each.at for each in read.events)
    effect = effect_of([event], [each for each in read.events if each.id != last["id"]], rules, as_of)
    before, after = check(rest, rules, as_of=as_of), check(records, rules, as_of=as_of)

    assert {one.id for one in effect.changes.new} == {one.id for one in after.findings} - {
        one.id for one in before.findings
    }
    assert effect.as_of == as_of
