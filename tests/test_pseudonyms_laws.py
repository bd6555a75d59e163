"""A log with pseudonyms: the rules find on it what they find on the log itself, and it names nobody."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import Situation, situations

from ethics_engine import EventError, Report, RuleSet, load_rules
from ethics_engine.api import judge_log
from ethics_engine.calendars import Zone
from ethics_engine.findings import finding_id
from ethics_engine.logs import Log, read_log
from ethics_engine.pseudonyms import (
    Keyed,
    Names,
    Numbered,
    Pseudonymiser,
    Shift,
    differences,
    ndjson,
    reading_of,
)
from ethics_engine.scalars import HOUR

ROOT = Path(__file__).parent.parent
KEY = bytes(range(32))
WEEK = 7 * 24 * HOUR
YEARS = sorted((ROOT / "fixtures" / "years").glob("*.ndjson"))
CASES = sorted((ROOT / "fixtures" / "cases").glob("*.ndjson"))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pseudonyms")


@pytest.fixture(scope="module")
def shipped() -> RuleSet:
    return load_rules(timezone="Europe/Berlin")


def pseudonymiser_of(log: Log, rules: RuleSet, names: Names | None = None, shift: Shift | None = None) -> Pseudonymiser:
    reading = reading_of(rules.plan(), {source.id for source in rules.sources})
    return Pseudonymiser(log.events, rules.vocabulary, reading, names or Keyed(KEY), shift)


def written(pseudonymiser: Pseudonymiser) -> list[dict[str, Any]]:
    """The log as it would be read again from a file."""
    return [json.loads(line) for line in ndjson(pseudonymiser.events, pseudonymiser.vocabulary).splitlines()]


def about_events(report: Report, rules: RuleSet) -> list[tuple[Any, ...]]:
    """Everything that is found by rules that read events alone."""
    reads = rules.plan().reads
    return sorted(
        (x.id, x.rule, x.level, x.status, x.at, x.practitioner, x.client or "", x.events)
        for x in report.findings
        if reads[x.rule] is None
    )


def renamed(report: Report, rules: RuleSet, pseudonymiser: Pseudonymiser) -> list[tuple[Any, ...]]:
    """The same under the names that a log with pseudonyms has."""
    plan = rules.plan()
    found = []
    for x in report.findings:
        if plan.reads[x.rule] is not None:
            continue
        practitioner = pseudonymiser.practitioner(x.practitioner)
        client = None if x.client is None else pseudonymiser.client(x.client)
        events = tuple(pseudonymiser.identifier(x.practitioner, event) for event in x.events)
        key = client if plan.rules[x.rule].per == "relationship" else None
        name = finding_id(x.rule, practitioner, key, events[0])
        found.append((name, x.rule, x.level, x.status, x.at, practitioner, client or "", events))
    return sorted(found)


@given(situation=situations(), numbered=st.booleans())
def test_rules_find_the_same_on_a_log_with_pseudonyms(situation: Situation, folder: Path, numbered: bool) -> None:
    rules = situation.load(folder)
    log = read_log(situation.log, rules.vocabulary)
    try:
        pseudonymiser = pseudonymiser_of(log, rules, Numbered() if numbered else Keyed(KEY))
    except EventError as error:  # a rule may speak of an id that an event has
        assume("which is a word of the rules" not in str(error))
        raise
    assume(not reading_of(rules.plan(), ()).reservations)
    again = read_log(written(pseudonymiser), rules.vocabulary)
    report = judge_log(log, rules, as_of=situation.as_of)
    other = judge_log(again, rules, as_of=situation.as_of)
    assert again.rejected == []
    assert len(again.events) == len(log.events)
    assert renamed(report, rules, pseudonymiser) == about_events(other, rules)
    assert differences(report, other, pseudonymiser) == []


def generated(events: int) -> list[dict[str, Any]]:
    """A generated practice (`benchmarks/generate.py`)."""
    return list(module_of("benchmarks/generate.py").records(events))


def module_of(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=[*YEARS, *CASES, "generated"], ids=lambda source: Path(source).stem)
def practice(request: pytest.FixtureRequest, shipped: RuleSet) -> Log:
    source = generated(9000) if request.param == "generated" else request.param
    return read_log(source, shipped.vocabulary)


def test_the_shipped_rules_find_the_same_on_whole_practices(practice: Log, shipped: RuleSet) -> None:
    pseudonymiser = pseudonymiser_of(practice, shipped)
    report = judge_log(practice, shipped)
    other = judge_log(read_log(written(pseudonymiser), shipped.vocabulary), shipped)
    assert renamed(report, shipped, pseudonymiser) == about_events(other, shipped)
    assert differences(report, other, pseudonymiser) == []


def test_nothing_is_left_but_pseudonyms_and_words_of_the_rules(practice: Log, shipped: RuleSet) -> None:
    pseudonymiser = pseudonymiser_of(practice, shipped)
    words = reading_of(shipped.plan(), [source.id for source in shipped.sources]).words
    known = re.compile(
        r"(practitioner|client|id)-[0-9a-f]{20}|event-(\d+-)?[0-9a-f]{20}|[A-Z]{3}|\d\d:\d\d"
        r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|removed"
    )
    left = {
        text
        for event in written(pseudonymiser)
        for value in event.values()
        for text in (value if isinstance(value, list) else [value])
        if isinstance(text, str) and known.fullmatch(text) is None and text not in words
    }
    assert left == set()


@given(situation=situations(timeless=True), weeks=st.sampled_from([-52, -1, 1, 52]))
def test_findings_move_with_the_log_where_nothing_reads_the_calendar(
    situation: Situation, folder: Path, weeks: int
) -> None:
    rules = situation.load(folder)
    reading = reading_of(rules.plan(), ())
    assume(not reading.reservations)
    log = read_log(situation.log, rules.vocabulary)
    shift = Shift(Zone("UTC"), weeks)
    pseudonymiser = pseudonymiser_of(log, rules, shift=shift)
    report = judge_log(log, rules, as_of=situation.as_of)
    moment = report.log.as_of
    other = judge_log(Log(pseudonymiser.events), rules, as_of=None if moment is None else shift.moved(moment))
    by = weeks * WEEK
    expected = sorted((*one[:4], one[4] + by, *one[5:]) for one in renamed(report, rules, pseudonymiser))
    assert expected == about_events(other, rules)
