"""A store that is observed into, opened again and left without a word ends in what a batch over the same set gives."""

from __future__ import annotations

import tempfile
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from strategies import Situation, situations

from ethics_engine import EventError, Monitor, check

DAY = 86_400_000_000
CACHED = st.sampled_from([None, 1])  # all, or the practitioner who was last used


class Observing(RuleBasedStateMachine):
    """A monitor with a store, beside the events that it has acknowledged."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="ethics-stateful-"))
        self.observed: list[dict[str, Any]] = []
        self.left: list[Monitor] = []

    @initialize(situation=situations(), data=st.data())
    def open_first(self, situation: Situation, data: st.DataObject) -> None:
        self.rules = situation.load(self.folder / "rules")
        self.waiting = data.draw(st.permutations(situation.log))
        self.monitor = self.opened(data.draw(CACHED))

    def opened(self, cached: int | None) -> Monitor:
        return Monitor(self.rules, f"sqlite:///{self.folder / 'practice.db'}", cached=cached)

    @precondition(lambda self: self.waiting)
    @rule()
    def observe(self) -> None:
        event = self.waiting.pop()
        changes = self.monitor.observe(event)
        self.observed.append(event)
        assert (changes.accepted, changes.duplicate) == (1, 0)

    @precondition(lambda self: self.waiting)
    @rule(count=st.integers(1, 5))
    def observe_several(self, count: int) -> None:
        events = [self.waiting.pop() for _ in range(min(count, len(self.waiting)))]
        assert self.monitor.observe_many(events).accepted == len(events)
        self.observed.extend(events)

    @precondition(lambda self: self.observed)
    @rule(data=st.data())
    def observe_again(self, data: st.DataObject) -> None:
        changes = self.monitor.observe(data.draw(st.sampled_from(self.observed)))
        assert (changes.accepted, changes.duplicate, bool(changes)) == (0, 1, False)

    @precondition(lambda self: self.observed and self.waiting)
    @rule(data=st.data())
    def observe_a_conflict(self, data: st.DataObject) -> None:
        known = data.draw(st.sampled_from(self.observed))
        other = {**known, "at": "1999-01-01T00:00:00Z"}
        with pytest.raises(EventError):
            self.monitor.observe_many([self.waiting[-1], other])

    @precondition(lambda self: self.observed)
    @rule(span=st.sampled_from([1, DAY, 8 * DAY, 60 * DAY]))
    def advance(self, span: int) -> None:
        self.monitor.advance((self.monitor.as_of or 0) + span)

    @rule(cached=CACHED)
    def close_and_open(self, cached: int | None) -> None:
        self.monitor.close()
        self.monitor = self.opened(cached)

    @rule(cached=CACHED)
    def leave_without_a_word(self, cached: int | None) -> None:
        self.left.append(self.monitor)  # as after a kill, nothing is closed
        self.monitor = self.opened(cached)

    @precondition(lambda self: self.left)
    @rule()
    def go_on_with_one_that_was_left(self) -> None:
        self.left.append(self.monitor)
        self.monitor = self.left.pop(0)

    @invariant()
    def a_batch_says_the_same(self) -> None:
        if self.observed:
            batch = check(self.observed, self.rules, as_of=self.monitor.as_of)
            assert batch == self.monitor.report()
            assert batch.findings == self.monitor.findings()
            assert batch.obligations == self.monitor.obligations()
            assert batch.cannot_tell == self.monitor.cannot_tell()

    @precondition(lambda self: self.observed)
    @rule(data=st.data())
    def ask_for_some(self, data: st.DataObject) -> None:
        report = self.monitor.report()
        only = {
            "practitioner": data.draw(st.sampled_from([None, "p1", "p2"])),
            "rule": data.draw(st.sampled_from([None, *self.rules.plan().rules])),
        }
        client = data.draw(st.sampled_from([None, "c1", "c2"]))
        level = data.draw(st.sampled_from([None, "violation", "risk"]))
        status = data.draw(st.sampled_from([None, "open", "excused"]))
        rules, levels = ([] if one is None else [one] for one in (only["rule"], level))
        some = report.filtered(rules=rules, practitioner=only["practitioner"], client=client)
        found = [one for one in some.filtered(levels=levels).findings if status in (None, one.status)]
        assert found == [*self.monitor.findings(**only, client=client, level=level, status=status)]
        assert some.obligations == self.monitor.obligations(**only, client=client)
        assert some.cannot_tell == self.monitor.cannot_tell(**only)

    def teardown(self) -> None:
        for monitor in [*self.left, *([self.monitor] if hasattr(self, "monitor") else [])]:
            monitor.close()
        rmtree(self.folder)


Observing.TestCase.settings = settings(stateful_step_count=20)
test_after_every_step_the_report_is_that_of_a_batch = Observing.TestCase
