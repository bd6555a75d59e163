"""The laws of `semantics.md` that hold whatever the rules say (law 8 is in `test_agreement.py`).

Law 4 speaks of a monitor that is fed one event at a time; it is tested where that is.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from drawn_logs import TYPES
from hypothesis import assume, given
from hypothesis import strategies as st
from oracle.values import instant
from strategies import Situation, situations

from ethics_engine import Report, check

MALFORMED = [
    {},
    {"id": "w", "type": "session.held"},
    {"id": "w", "at": "yesterday", "type": "session.held", "practitioner": "p1", "client": "c1", "minutes": 50},
    {"id": "w", "at": "2026-01-01T00:00:00Z", "type": "session.hold", "practitioner": "p1"},
]
MOVED = {key for spec in TYPES.values() for key, own in spec["attributes"].items() if own["type"] == "timestamp"} | {
    "at",
    "recorded_at",
}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("laws")


def judged(report: Report) -> tuple[Any, ...]:
    """All that a report says of conduct."""
    return report.findings, report.obligations, report.cannot_tell


def last(log: list[dict[str, Any]]) -> str:
    """The latest instant of a log."""
    return max((str(event["at"]) for event in log), key=instant)


@given(situation=situations(), data=st.data())
def test_law_1_shuffling_and_repeating_change_nothing(situation: Situation, folder: Path, data: st.DataObject) -> None:
    rules = situation.load(folder)
    again = data.draw(st.lists(st.sampled_from(situation.log), max_size=5)) if situation.log else []
    mixed = data.draw(st.permutations([*situation.log, *again]))
    plain = check(situation.log, rules, as_of=situation.as_of)
    assert judged(plain) == judged(check(mixed, rules, as_of=situation.as_of))


@given(situation=situations(), data=st.data())
def test_law_1_splitting_into_files_changes_nothing(situation: Situation, folder: Path, data: st.DataObject) -> None:
    rules = situation.load(folder)
    cut = data.draw(st.integers(0, len(situation.log)))
    parts = [situation.log[cut:], situation.log[:cut]]
    files = [folder / f"part{number}.ndjson" for number in range(len(parts))]
    for file, part in zip(files, parts, strict=True):
        file.write_text("".join(json.dumps(event) + "\n" for event in part), encoding="utf-8")
    plain = check(situation.log, rules, as_of=situation.as_of)
    assert judged(plain) == judged(check(files, rules, as_of=situation.as_of))


@given(situation=situations())
def test_law_2_practitioners_are_judged_apart(situation: Situation, folder: Path) -> None:
    assume(situation.log)
    rules = situation.load(folder)
    as_of = situation.as_of or last(situation.log)
    together = check(situation.log, rules, as_of=as_of)
    apart = [
        check([event for event in situation.log if event["practitioner"] == one], rules, as_of=as_of)
        for one in sorted({event["practitioner"] for event in situation.log})
    ]
    assert sorted(x.order for x in together.findings) == sorted(x.order for each in apart for x in each.findings)
    assert set(map(repr, together.obligations)) == {repr(x) for each in apart for x in each.obligations}
    assert set(map(repr, together.cannot_tell)) == {repr(x) for each in apart for x in each.cannot_tell}


@given(situation=situations(timeless=True), weeks=st.sampled_from([-300, -1, 1, 52, 300]))
def test_law_3_moving_everything_by_weeks_moves_the_findings(situation: Situation, folder: Path, weeks: int) -> None:
    rules = situation.load(folder)
    by = timedelta(weeks=weeks)

    def moved(text: str) -> str:
        return (datetime.fromisoformat(text) + by).isoformat()

    log = [
        {key: moved(value) if key in MOVED and isinstance(value, str) else value for key, value in event.items()}
        for event in situation.log
    ]
    here = check(situation.log, rules, as_of=situation.as_of)
    there = check(log, rules, as_of=None if situation.as_of is None else moved(situation.as_of))
    shift = by // timedelta(microseconds=1)
    assert [(x.at + shift, x.id, x.status, x.events) for x in here.findings] == [
        (x.at, x.id, x.status, x.events) for x in there.findings
    ]
    assert [(x.due + shift, x.rule, x.events) for x in here.obligations] == [
        (x.due, x.rule, x.events) for x in there.obligations
    ]
    assert here.cannot_tell == there.cannot_tell


@given(situation=situations(amended=False, about_findings=False), data=st.data())
def test_law_5_a_later_as_of_removes_no_finding(situation: Situation, folder: Path, data: st.DataObject) -> None:
    rules = situation.load(folder)
    moments = st.builds(lambda t: t.isoformat(), situation.setting.instants())
    earlier, later = sorted((data.draw(moments), data.draw(moments)), key=instant)
    before = check(situation.log, rules, as_of=earlier)
    after = check(situation.log, rules, as_of=later)
    assert {(x.id, x.rule, x.at) for x in before.findings} <= {(x.id, x.rule, x.at) for x in after.findings}


@given(situation=situations(most_rules=1, about_findings=False), data=st.data())
def test_law_6_every_line_is_accounted_for(situation: Situation, folder: Path, data: st.DataObject) -> None:
    rules = situation.load(folder)
    wrong = data.draw(st.lists(st.sampled_from(MALFORMED), max_size=4))
    again = data.draw(st.lists(st.sampled_from(situation.log), max_size=4)) if situation.log else []
    other = [{**event, "source": "system", "recorded_at": "2020-01-01T00:00:00Z"} for event in again[:1]]
    lines = data.draw(st.permutations([*situation.log, *wrong, *again, *other]))
    log = check(lines, rules, as_of=situation.as_of).log
    assert log.accepted + log.duplicate + log.rejected == log.read == len(lines)


@given(situation=situations(about_findings=False))
def test_law_7_a_rule_alone_finds_what_it_finds_among_others(situation: Situation, folder: Path) -> None:
    together = check(situation.log, situation.load(folder), as_of=situation.as_of)
    for policy in situation.policies:
        for name, rule in policy["rules"].items():
            others = [{**p, "rules": {name: rule} if p is policy else {}} for p in situation.policies]
            alone = check(situation.log, situation.with_policies(others).load(folder), as_of=situation.as_of)
            assert judged(alone) == judged(together.filtered(rules=[name]))


@given(situation=situations(about_findings=False, amended=False))
def test_law_7_excuses_and_waivers_change_only_status(situation: Situation, folder: Path) -> None:
    assume("waiver.granted" not in json.dumps(situation.policies))
    inexcusable = [
        {
            **policy,
            "rules": {
                name: {key: value for key, value in rule.items() if key != "excused_by"}
                for name, rule in policy["rules"].items()
            },
        }
        for policy in situation.policies
    ]
    unwaived = [
        event | ({"rule": "nobody.knows"} if event["type"] == "waiver.granted" else {}) for event in situation.log
    ]
    with_both = check(situation.log, situation.load(folder), as_of=situation.as_of)
    without = check(unwaived, situation.with_policies(inexcusable).load(folder), as_of=situation.as_of)
    assert [x.order for x in with_both.findings] == [x.order for x in without.findings]
    assert with_both.obligations == without.obligations
    assert with_both.cannot_tell == without.cannot_tell
    assert all(x.status == "open" for x in without.findings)
