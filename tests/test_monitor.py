"""Law 4: feeding events one by one in any order, and then asking, gives what a batch over all of them gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shipped import touch
from strategies import Situation, situations

from ethics_engine import EventError, Monitor, check


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("monitor")


@given(situation=situations(), data=st.data())
def test_after_every_step_the_report_is_that_of_a_batch(
    situation: Situation, folder: Path, data: st.DataObject
) -> None:
    rules = situation.load(folder)
    observed = []
    with Monitor(rules) as monitor:
        known: dict[str, object] = {}
        for event in data.draw(st.permutations(situation.log)):
            changes = [monitor.observe(event), monitor.observe(event)]
            observed.append(event)
            if data.draw(st.integers(0, 4)) == 0:
                to = (monitor.as_of or 0) + data.draw(st.sampled_from([1, 86_400_000_000, 8 * 86_400_000_000]))
                changes.append(monitor.advance(to))
            assert check(observed, rules, as_of=monitor.as_of) == monitor.report()
            for change in changes:
                known = {key: one for key, one in known.items() if key not in {x.id for x in change.withdrawn}}
                for group in (change.new, change.excused, change.waived, change.reopened, change.revised):
                    known |= {finding.id: finding for finding in group}
            assert {finding.id: finding for finding in monitor.findings()} == known


def test_an_id_with_another_content_is_refused_and_the_set_stays() -> None:
    with Monitor() as monitor:
        monitor.observe(touch())
        before = monitor.report()
        with pytest.raises(EventError, match="another content"):
            monitor.observe_many([touch(id="e2"), touch(kind="hold")])
        assert before == monitor.report()
