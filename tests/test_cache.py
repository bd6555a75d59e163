"""The practitioners of a store that are kept in memory: those last used, no more than were asked for."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest
from test_store import sessions

from ethics_engine import ConfigError, EventError, Monitor, check, load_rules
from ethics_engine.engines.standing import Standing
from ethics_engine.monitor.cache import Cache, Cached

RULES = load_rules()


def held(cache: Cache) -> set[str]:
    return {name for name in "abc" if cache.peek(name) is not None}


def cached(events: int) -> Cached:
    return Cached(Monitor(RULES)._bench.standing("p1"), events)


def test_the_least_recently_used_practitioners_are_let_go_first() -> None:
    cache = Cache(10)
    cache.put("a", cached(4))
    cache.put("b", cached(4))
    taken = cache.take("a")
    assert taken is not None
    cache.put("a", taken)
    cache.put("c", cached(4))
    assert held(cache) == {"a", "c"}
    cache.put("b", cached(7))
    assert held(cache) == {"b"}


def test_the_practitioner_last_used_is_kept_whatever_it_holds() -> None:
    cache = Cache(10)
    cache.put("a", cached(50))
    assert held(cache) == {"a"}
    cache.put("b", cached(1))
    assert held(cache) == {"b"}


def test_one_that_is_offered_lets_no_other_one_go() -> None:
    cache = Cache(10)
    cache.offer("a", cached(8))
    cache.offer("b", cached(3))
    cache.offer("c", cached(2))
    assert held(cache) == {"a", "c"}


def alive() -> int:
    """How many judgements of practitioners are in memory."""
    return sum(isinstance(one, Standing) and bool(one.given) for one in gc.get_objects())


@pytest.fixture
def store(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'practice.db'}"


PRACTICES = [sessions(6, f"p{number}", f"c{number}") for number in range(5)]
LOG = [event for own in PRACTICES for event in own]


def test_what_is_let_go_is_free_at_once_also_while_many_are_observed_or_asked_for(store: str) -> None:
    gc.collect()
    before = alive()
    gc.disable()  # so that nothing waits for a search for cycles
    try:
        with Monitor(RULES, store, cached=1) as monitor:
            monitor.observe_many(LOG)
            assert alive() - before == 1
            monitor.advance("2026-12-31")
            assert alive() - before == 1
            report = monitor.report()
            assert alive() - before == 1
            assert check(LOG, RULES, as_of="2026-12-31") == report
        assert alive() == before
    finally:
        gc.enable()


def test_memory_holds_as_many_events_as_fit(store: str) -> None:
    before = alive()
    with Monitor(RULES, store, cached=18) as monitor:
        monitor.observe_many(LOG)
        assert alive() - before == 3


def test_changes_are_the_same_whatever_is_in_memory(store: str, tmp_path: Path) -> None:
    log = sorted(LOG, key=lambda event: event["at"])
    with Monitor(RULES) as memory, Monitor(RULES, store, cached=1) as monitor:
        for event in log:
            assert memory.observe(event) == monitor.observe(event)
        for event in (log[0], log[-1]):
            assert memory.observe(event) == monitor.observe(event)
        assert memory.advance("2026-12-31") == monitor.advance("2026-12-31")


def test_a_conflict_and_a_fault_leave_what_is_in_memory_as_it_was(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Monitor(RULES, store) as monitor:
        monitor.observe_many(LOG)
        with pytest.raises(EventError, match="another content"):
            monitor.observe({**LOG[0], "minutes": 55})
        built: list[Any] = []
        monkeypatch.setattr(monitor._bench, "standing", lambda *_: built.append(1))
        monitor.observe({**LOG[0], "id": "other"})
        assert built == []


@pytest.mark.parametrize("cached", [-1, True, 1.5, "many"])
def test_a_number_of_events_that_is_none_is_refused(store: str, cached: Any) -> None:
    with pytest.raises(ConfigError, match="is no number of events"):
        Monitor(RULES, store, cached=cached)


def test_without_a_store_there_is_nothing_to_let_go() -> None:
    with pytest.raises(ConfigError, match="without a store all events are kept in memory"):
        Monitor(RULES, cached=10)
