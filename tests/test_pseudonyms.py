"""Pseudonyms: what becomes of names, identifiers, texts and times, and what rules read of them."""

from __future__ import annotations

import functools
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ethics_engine import RuleSet, load_rules
from ethics_engine.calendars import Zone
from ethics_engine.errors import ConfigError, EventError
from ethics_engine.logs import Log, read_log
from ethics_engine.pseudonyms import (
    MOST_WEEKS,
    Keyed,
    Names,
    Numbered,
    Pseudonymiser,
    Reading,
    Shift,
    ndjson,
    reading_of,
    weeks_of,
)
from ethics_engine.scalars import HOUR, parse_instant

KEY = bytes(range(32))
WEEK = 7 * 24 * HOUR
YEAR = Path(__file__).parent.parent / "fixtures" / "years" / "sound-year.ndjson"


def pseudonymiser_of(log: Log, rules: RuleSet, names: Names | None = None, shift: Shift | None = None) -> Pseudonymiser:
    reading = reading_of(rules.plan(), {source.id for source in rules.sources})
    return Pseudonymiser(log.events, rules.vocabulary, reading, names or Keyed(KEY), shift)


def written(pseudonymiser: Pseudonymiser) -> list[dict[str, Any]]:
    """The log as it would be read again from a file."""
    return [json.loads(line) for line in ndjson(pseudonymiser.events, pseudonymiser.vocabulary).splitlines()]


BASE = {"at": "2026-03-02T10:00:00+01:00", "practitioner": "p1", "client": "p1", "id": "e1"}
SESSION = {**BASE, "type": "session.held", "minutes": 50, "session": "s1"}


@functools.cache
def rules_in_utc() -> RuleSet:
    return load_rules()


def given_back(*events: dict[str, Any], names: Names | None = None) -> list[dict[str, Any]]:
    """Events as they stand afterwards, in the order of time and id."""
    log = read_log(list(events), rules_in_utc().vocabulary)
    assert log.rejected == []
    return written(pseudonymiser_of(log, rules_in_utc(), names))


class TestNames:
    def test_one_key_gives_the_same_names_again_and_another_key_others(self) -> None:
        first, again, other = Keyed(KEY), Keyed(KEY), Keyed(KEY[::-1])
        assert first.name("client", "anna") == again.name("client", "anna")
        assert first.name("client", "anna") != other.name("client", "anna")

    def test_a_client_called_like_the_practitioner_is_not_seen_to_be(self) -> None:
        (event,) = given_back(SESSION)
        assert event["client"].removeprefix("client-") != event["practitioner"].removeprefix("practitioner-")

    def test_two_practitioners_share_clients_and_no_identifier(self) -> None:
        one, two = given_back(SESSION, {**SESSION, "practitioner": "p2"})
        assert one["client"] == two["client"]
        assert (one["id"] == two["id"], one["session"] == two["session"]) == (False, False)

    def test_pseudonyms_that_coincide_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        names = Keyed(KEY)
        monkeypatch.setattr(Keyed, "digest", lambda *_: bytes(32))
        names.name("client", "anna")
        with pytest.raises(EventError, match="take another key"):
            names.name("client", "bert")

    @pytest.mark.parametrize(
        ("key", "said"),
        [(b"", "the key is empty"), (b"k" * 31, "the key has 31 bytes"), (bytes(64), "hardly random")],
    )
    def test_a_key_that_is_none_is_refused(self, key: bytes, said: str) -> None:
        with pytest.raises(ConfigError, match=said):
            Keyed(key)

    def test_a_key_is_not_shown(self) -> None:
        assert repr(Keyed(KEY)) == "Keyed()"

    def test_numbers_follow_time_whatever_the_order_of_lines(self) -> None:
        late = {**SESSION, "at": "2026-03-09T10:00:00+01:00", "id": "e0", "client": "c1"}
        there, back = given_back(SESSION, late, names=Numbered()), given_back(late, SESSION, names=Numbered())
        assert there == back
        assert [event["client"] for event in there] == ["client-1", "client-2"]


class TestEvents:
    def test_ids_of_one_instant_keep_their_order(self) -> None:
        ids = ["e10", "e9", "E9", "é", "a"]
        events = given_back(*({**SESSION, "id": name} for name in ids))
        log = read_log([{**SESSION, "id": name} for name in ids], rules_in_utc().vocabulary)
        pseudonymiser = pseudonymiser_of(log, rules_in_utc())
        assert [pseudonymiser.identifier("p1", name) for name in sorted(ids)] == sorted(event["id"] for event in events)

    def test_what_names_an_event_names_it_afterwards_too(self) -> None:
        note = {**BASE, "id": "e2", "type": "note.recorded", "about": "e1", "session": "s1"}
        note["at"] = "2026-03-02T11:00:00+01:00"
        session, about = given_back(SESSION, note)
        assert (about["about"], about["session"]) == (session["id"], session["session"])

    def test_a_reference_to_an_event_outside_of_the_log_is_that_of_the_whole_log(self) -> None:
        note = {**BASE, "id": "e2", "type": "note.recorded", "about": "e1", "at": "2026-03-02T11:00:00+01:00"}
        session, _ = given_back(SESSION, note)
        (alone,) = given_back(note)
        assert alone["about"].removeprefix("id-") == session["id"].removeprefix("event-")

    def test_words_of_the_rules_and_the_vocabulary_stay(self) -> None:
        training = {**BASE, "type": "training.attended", "hours": 3, "topic": "ethics"}
        del training["client"]
        agreed = {**BASE, "id": "e2", "type": "agreement.made", "covers": ["place"], "place": "office"}
        own = {**agreed, "id": "e3", "place": "Anna's kitchen"}
        found = given_back(training, {**agreed, "currency": "EUR"}, own)
        assert [event.get("topic") or event["place"] for event in found[:2]] == ["ethics", "office"]
        assert found[1]["currency"] == "EUR"
        assert re.fullmatch(r"id-[0-9a-f]{20}", found[2]["place"])

    def test_free_text_is_removed_and_stays_recorded(self) -> None:
        missed = {**BASE, "type": "session.missed", "by": "client"}
        texts = [{"explained": "her mother fell ill"}, {"explained": True}, {"explained": 47110815}, {"explained": ""}]
        told = given_back(*({**missed, "id": f"e{n}", **text} for n, text in enumerate(texts)))
        assert [event.get("explained") for event in told] == ["removed", True, "removed", None]

    def test_attributes_of_ones_own_are_dropped(self) -> None:
        (event,) = given_back({**SESSION, "x_name": "Anna"})
        assert "x_name" not in event

    def test_numbers_keep_all_of_their_digits(self) -> None:
        invoice = {**BASE, "type": "invoice.issued", "invoice": "i1", "reason": "session"}
        log = read_log([{**invoice, "amount": Decimal("999999999999.000001")}], rules_in_utc().vocabulary)
        line = ndjson(pseudonymiser_of(log, rules_in_utc()).events, rules_in_utc().vocabulary)
        assert b'"amount": 999999999999.000001' in line

    def test_an_amendment_amends_the_same_and_says_no_name(self) -> None:
        amended = {**BASE, "id": "e2", "type": "event.amended", "target": "e1", "amend_reason": "Anna said so"}
        amended |= {"at": "2026-03-02T11:00:00+01:00", "session": "s2", "starts_at": "2026-03-02T10:00:00+01:00"}
        amended["minutes"] = 55
        session, change = given_back({**SESSION, "session": "s2"}, amended)
        assert (change["target"], change["session"]) == (session["id"], session["session"])
        assert (change["minutes"], change["starts_at"]) == (55, "2026-03-02T09:00:00Z")
        assert change["amend_reason"] == "removed"

    def test_an_amendment_without_effect_keeps_nothing_that_it_says(self) -> None:
        amended = {**BASE, "id": "e2", "type": "event.amended", "target": "e1", "amend_reason": "x", "anna": "lover"}
        _, change = given_back(SESSION, {**amended, "at": "2026-03-02T11:00:00+01:00"})
        assert set(change) == {"id", "at", "type", "practitioner", "client", "target", "amend_reason"}

    def test_an_id_that_is_a_word_of_the_rules_and_not_alone_is_refused(self) -> None:
        assert given_back({**SESSION, "id": "office"})[0]["id"] == "office"
        with pytest.raises(EventError, match="has the id `office`"):
            given_back(SESSION, {**SESSION, "id": "office"})

    def test_the_order_of_lines_leaves_no_trace(self) -> None:
        events = json_lines(YEAR)
        there = pseudonymiser_of(read_log(events, rules_in_utc().vocabulary), rules_in_utc())
        back = pseudonymiser_of(read_log(events[::-1], rules_in_utc().vocabulary), rules_in_utc())
        assert ndjson(there.events, rules_in_utc().vocabulary) == ndjson(back.events, rules_in_utc().vocabulary)


def json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class TestShift:
    def test_clocks_and_weekdays_stay_over_a_clock_change(self) -> None:
        zone = Zone("Europe/Berlin")
        shift = Shift(zone, 4)
        before = parse_instant("2026-03-10T18:30:00+01:00")
        assert shift.moved(before) == parse_instant("2026-04-07T18:30:00+02:00")
        assert shift.by == {4 * WEEK - HOUR}

    def test_hours_that_clocks_skip_or_repeat_are_told_where_they_change_the_order(self) -> None:
        rules = load_rules(timezone="Europe/Berlin")
        nights = ["2026-03-22T02:30:00+01:00", "2026-03-22T03:10:00+01:00"]
        log = read_log([{**SESSION, "id": f"e{n}", "at": at} for n, at in enumerate(nights)], rules.vocabulary)
        assert pseudonymiser_of(log, rules, shift=Shift(Zone("Europe/Berlin"), 1)).reordered() == 1
        assert pseudonymiser_of(log, rules, shift=Shift(Zone("Europe/Berlin"), 2)).reordered() == 0

    def test_a_key_says_the_weeks_and_never_none(self) -> None:
        weeks = [weeks_of(Keyed(KEY[1:] + bytes([n]))) for n in range(200)]
        assert all(1 <= abs(one) <= MOST_WEEKS for one in weeks)
        assert {one > 0 for one in weeks} == {True, False}

    def test_a_time_that_no_calendar_reaches_is_refused(self) -> None:
        with pytest.raises(EventError, match="cannot be moved"):
            Shift(Zone("UTC"), 52).moved(parse_instant("9999-12-01T00:00:00Z"))


class TestReading:
    def test_rules_that_read_the_calendar_are_named(self) -> None:
        named = dict(one.split(" ", 1) for one in reading_of(rules_in_utc().plan(), ()).dated)
        assert named["`practitioner.supervision`"] == "counts by the month"
        assert named["`contact.after-therapy`"] == "counts calendar years"
        assert "`touch.without-consent`" not in named

    def test_a_rule_that_names_a_client_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
        assert reading_of(load_rules(tmp_path).plan(), ()).reservations == (
            "`own.anna` names a client in its condition",
            "`own.mixed` compares `approver` with `client`",
        )

    def test_the_shipped_rules_have_no_reservations(self) -> None:
        assert reading_of(rules_in_utc().plan(), ()).reservations == ()


OWN = """
policy: own
title: Own
version: "1.0"
rules:
  own.anna:
    title: With Anna
    level: notice
    forbid: {event: contact.touch, where: {client: anna}}
    message: "Touch."
  own.mixed:
    title: Approved by the client
    level: notice
    forbid: {event: contact.touch}
    excused_by: {event: waiver.granted, same: {approver: client}, within: 1d}
    message: "Touch."
"""


def test_reading_knows_words_texts_and_nothing_of_the_log() -> None:
    reading = reading_of(rules_in_utc().plan(), ["own.rule"])
    assert isinstance(reading, Reading)
    assert {"own.rule", "office", "session.held", "ethics", "touch.without-consent"} <= reading.words
    assert "about" in reading.texts
