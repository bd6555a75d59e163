"""Law 4: feeding events one by one in any order, and then asking, gives what a batch over all of them gives."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from pathlib import Path
from random import Random
from typing import Any

import pytest
from generated import practice_log
from hypothesis import given, settings
from hypothesis import strategies as st
from shipped import touch
from strategies import Situation, situations

from ethics_engine import ConfigError, EventError, Monitor, check, load_rules
from ethics_engine.engines.standing import Standing
from ethics_engine.findings import Obligation

SHIPPED = load_rules()
ANSWERED = (
    "policy: care\ntitle: Care\nversion: '1'\n"
    "rules:\n  care.answer:\n    title: After a hug a handshake\n    level: risk\n    within: 7d\n"
    "    after: {event: contact.touch, where: {kind: hug}}\n"
    "    require: {event: contact.touch, where: {kind: handshake}}\n    message: Not answered.\n"
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("monitor")


@given(situation=situations(), data=st.data())
def test_after_every_step_the_report_is_that_of_a_batch(
    situation: Situation, folder: Path, data: st.DataObject
) -> None:
    rules = situation.load(folder)
    observed = []
    few = data.draw(st.sampled_from([0, 2, 64]))
    with pytest.MonkeyPatch.context() as patched, Monitor(rules) as monitor:
        patched.setattr(Standing, "few", few)
        patched.setattr(Standing, "many", data.draw(st.sampled_from([0, 1_000])))
        known: dict[str, object] = {}
        duties: Counter[Obligation] = Counter()
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
                duties = duties - Counter(change.closed) + Counter(change.opened)
            assert {finding.id: finding for finding in monitor.findings()} == known
            assert Counter(monitor.obligations()) == duties


@given(
    seed=st.integers(0, 10_000),
    chance=st.randoms(use_true_random=False),
    few=st.sampled_from([0, 64]),
    many=st.sampled_from([0, 1000]),
)
@settings(max_examples=settings.default.max_examples // 10)
def test_the_shipped_rules_say_of_events_that_come_late_what_they_say_of_a_batch(
    seed: int, chance: Random, few: int, many: int
) -> None:
    log = practice_log(250, seed, clients=chance.choice([1, 3]))
    late = [event for event in log if chance.random() < 0.1]
    ordered = [event for event in log if event not in late]
    for event in late:
        ordered.insert(chance.randrange(len(ordered) + 1), event)
    with pytest.MonkeyPatch.context() as patched, Monitor(SHIPPED) as monitor:
        patched.setattr(Standing, "few", few)
        patched.setattr(Standing, "many", many)
        for number, event in enumerate(ordered, start=1):
            monitor.observe(event)
            if number % 25 == 0 or number == len(ordered):
                assert check(ordered[:number], SHIPPED, as_of=monitor.as_of) == monitor.report()


class Float64(float):
    """A number of NumPy as a record may hold it: it has a `tolist`, and prints its own name."""

    def __repr__(self) -> str:
        return f"np.float64({float(self)})"

    def __getitem__(self, key: Any) -> Any:
        raise IndexError("invalid index to scalar variable")

    def tolist(self) -> float:
        return float(self)


def test_numbers_of_numpy_are_numbers() -> None:
    held = {"id": "e1", "at": "2026-03-02T10:00:00Z", "type": "session.held", "practitioner": "p1", "client": "c1"}
    one, other = Monitor(SHIPPED), Monitor(SHIPPED)
    one.observe(held | {"session": "s1", "minutes": 62.5})
    other.observe(held | {"session": "s1", "minutes": Float64(62.5)})
    assert one.report() == other.report()
    with pytest.raises(EventError, match="a time with an offset"):
        other.observe(held | {"id": "e2", "at": Float64(1.5)})


def test_an_id_with_another_content_is_refused_and_the_set_stays() -> None:
    with Monitor() as monitor:
        monitor.observe(touch())
        before = monitor.report()
        with pytest.raises(EventError, match="another content"):
            monitor.observe_many([touch(id="e2"), touch(kind="hold")])
        assert before == monitor.report()


@pytest.mark.parametrize("to", [None, True, 10**30, -(10**30), "soon", "2026-02-30"])
def test_a_time_that_is_none_is_refused_in_words_and_named(to: Any) -> None:
    with Monitor() as monitor:
        monitor.observe(touch())
        with pytest.raises(ConfigError, match="to: ") as refused:
            monitor.advance(to)
        assert refused.value.field == "to"
        with pytest.raises(ConfigError) as refused:
            monitor.due("soon")
        assert refused.value.field == "within"


def test_a_state_of_the_practitioner_that_one_client_opens_is_a_duty_to_every_client(folder: Path) -> None:
    file = folder / "states.yaml"
    file.write_text(
        "policy: care\ntitle: Care\nversion: '1'\n"
        "states: {settled: {opened_by: agreement.made, lapses_after: 30d, per: practitioner}}\n"
        "rules:\n  care.contact:\n    title: A contact every week\n    level: risk\n    require: contact.message\n"
        "    every: 7d\n    during: settled\n    per: relationship\n    message: No contact.\n"
    )
    log = [
        touch(client="c2", at="2026-03-01T10:00:00Z"),
        touch(client="c1", at="2026-03-02T10:00:00Z", id="e2"),
        {
            "id": "e3",
            "at": "2026-03-03T10:00:00Z",
            "type": "agreement.made",
            "practitioner": "p1",
            "client": "c1",
            "covers": ["goals"],
        },
    ]
    rules = load_rules(str(file))
    with Monitor(rules) as monitor:
        for event in log:
            monitor.observe(event)
        assert [one.client for one in monitor.obligations()] == ["c1", "c2"]
        assert check(log, rules) == monitor.report()
        log.append(touch(client="c3", at="2026-03-04T10:00:00Z", id="e4"))
        monitor.observe(log[-1])  # no rule asks about touch; that there is a client is what it tells
        assert [one.client for one in monitor.obligations()] == ["c1", "c2", "c3"]
        assert check(log, rules) == monitor.report()


def test_a_duty_that_was_answered_wakes_nobody_when_it_would_have_been_due(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "answers.yaml"
    file.write_text(ANSWERED)
    settled = []
    settle = Standing.settle

    def noted(standing: Standing, fresh: Any, as_of: int) -> Any:
        settled.append((standing.practitioner, len(fresh)))
        return settle(standing, fresh, as_of)

    monkeypatch.setattr(Standing, "settle", noted)
    log = [
        touch(at="2026-03-01T10:00:00Z"),
        touch(at="2026-03-01T10:00:00Z", practitioner="p2"),
        touch(at="2026-03-02T10:00:00Z", kind="handshake", id="e2"),
        touch(at="2026-03-20T10:00:00Z", kind="handshake", practitioner="p3"),
    ]
    rules = load_rules(str(file))
    with Monitor(rules) as monitor:
        for event in log:
            monitor.observe(event)
        assert settled == [("p1", 1), ("p2", 1), ("p1", 1), ("p3", 1), ("p2", 0)]
        assert check(log, rules) == monitor.report()


def test_a_call_that_fails_leaves_nobody_to_be_woken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder / "fails.yaml"
    file.write_text(ANSWERED)
    rules = load_rules(str(file))
    settle = Standing.settle

    def failing(standing: Standing, fresh: Any, as_of: int) -> Any:
        if standing.practitioner == "p2":
            raise MemoryError
        return settle(standing, fresh, as_of)

    later = touch(at="2026-04-20T10:00:00Z", practitioner="p3")
    with Monitor(rules) as monitor:
        with monkeypatch.context() as patched:
            patched.setattr(Standing, "settle", failing)
            with pytest.raises(MemoryError):
                monitor.observe_many([touch(), touch(practitioner="p2")])
        assert monitor.obligations() == ()
        monitor.observe(later)
        assert monitor.report() == check([later], rules)


def event(id: str, type: str, day: int, **rest: Any) -> dict[str, Any]:
    """An event of p1, of January 2026."""
    return {"id": id, "at": f"2026-01-{day:02}T10:00:00Z", "type": type, "practitioner": "p1", **rest}


HEAD = (
    "policy: care\ntitle: Care\nversion: '1'\n"
    "rules:\n  care.one:\n    title: One\n    level: risk\n    message: It is so.\n"
)
LATE_COMERS = {
    "the second of its kind, without a client, answers a client who comes later": (
        "    require: {event: training.attended, nth: 2}\n    before: contact.touch\n    per: relationship\n",
        [
            event("e1", "training.attended", 1, hours=1),
            event("e2", "training.attended", 2, hours=1),
            touch(at="2026-01-03T10:00:00Z", id="e3"),
            touch(at="2026-01-04T10:00:00Z", id="e4", client="c2"),
        ],
    ),
    "a state that a later opening shortens": (
        "    require: training.attended\n    every: 90d\n    during: on_leave\n    per: practitioner\n",
        [
            event("e1", "leave.taken", 1),
            event("e2", "leave.taken", 10, until="2026-01-12T10:00:00Z"),
            touch(at="2026-01-20T10:00:00Z", id="e3"),
        ],
    ),
    "of two faults of an amendment one is told, whichever is written first": (
        "    forbid: contact.touch\n",
        [
            event("e1", "supervision.attended", 1, minutes=60),
            event("e2", "event.amended", 2, target="e1", amend_reason="r", minutes="x", bogus="y"),
        ],
    ),
}


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("name", LATE_COMERS)
def test_what_random_situations_seldom_reach_is_as_a_batch_has_it(name: str, stored: bool, tmp_path: Path) -> None:
    form, log = LATE_COMERS[name]
    (tmp_path / "care.yaml").write_text(HEAD + form)
    rules = load_rules(tmp_path)
    address = f"sqlite:///{tmp_path / 'practice.db'}" if stored else None
    with Monitor(rules, address, cached=0 if stored else None) as monitor:
        for each in log:
            monitor.observe(each)
        assert monitor.report() == check(log, rules)


def test_a_store_says_how_many_events_cannot_be_judged_when_a_stretch_gets_another_start(tmp_path: Path) -> None:
    log = [
        event("e1", "log.covers", 1, areas=["agreements", "development"]),
        event("e2", "therapy.started", 2, client="c0"),
        event("e3", "leave.taken", 10, until="2026-01-15T10:00:00Z"),
        event("e4", "alliance.reviewed", 31, client="c0", at="2026-03-20T10:00:00Z"),
        event("e5", "leave.taken", 11, until="2026-01-20T10:00:00Z"),
        event("e6", "therapy.started", 12, client="c1"),
    ]
    with Monitor(SHIPPED, f"sqlite:///{tmp_path / 'practice.db'}") as monitor:
        for each in log:
            monitor.observe(each)
        assert monitor.cannot_tell() == monitor.report().cannot_tell
        assert monitor.report() == check(log, SHIPPED)


def test_a_duty_whose_words_change_was_closed_and_another_opened(tmp_path: Path) -> None:
    (tmp_path / "care.yaml").write_text(
        HEAD + "    duty: '{got} of {needed}'\n    per: practitioner\n    require: supervision.attended\n"
        "    each: month\n    at_least: {sum: minutes, of: 90}\n    if: session.held\n"
    )
    with Monitor(load_rules(tmp_path)) as monitor:
        monitor.observe(event("e1", "session.held", 5, client="c1", minutes=50))
        changes = monitor.observe(event("e2", "supervision.attended", 6, minutes=60))

        assert changes
        assert [duty.message for duty in changes.closed] == ["0 of 90"]
        assert [duty.message for duty in changes.opened] == ["60 of 90"]


def test_where_events_cannot_be_taken_back_at_once_nothing_is_lost(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call fails, and so does the judgement without its events: a second Ctrl-C, a stack that is full."""
    file = folder / "lost.yaml"
    file.write_text(ANSWERED)
    rules = load_rules(str(file))

    def failing(standing: Standing, fresh: Any, as_of: int) -> Any:
        raise KeyboardInterrupt

    with Monitor(rules) as monitor:
        monitor.observe(touch())
        with monkeypatch.context() as patched:
            patched.setattr(Standing, "settle", failing)
            with pytest.raises(KeyboardInterrupt):
                monitor.observe(touch(id="e2"))
        assert monitor.report() == check([touch()], rules)
        assert monitor.observe(touch(id="e2")).accepted == 1


class Who(str, Enum):  # noqa: UP042 - `str` of a StrEnum is its value anyway
    ANNA = "anna"


def test_a_text_of_an_enumeration_is_its_value(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'practice.db'}"
    given = touch(practitioner=Who.ANNA, id=Who.ANNA, consent=False)
    for _ in range(2):
        with Monitor(SHIPPED, address, cached=0) as monitor:
            monitor.observe(given)
            assert {finding.practitioner for finding in monitor.findings()} == {"anna"}
            assert monitor.report() == check([touch(practitioner="anna", id="anna", consent=False)], SHIPPED)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"rules": "rules"}, "rules"),
        ({"key": "text"}, "key"),
        ({"key": b""}, "key"),
        ({"wait": "x"}, "wait"),
        ({"wait": float("nan")}, "wait"),
        ({"wait": -1}, "wait"),
        ({"matcher": 5}, "matcher"),
        ({"currency": "eur"}, "currency"),
        ({"currency": 5}, "currency"),
    ],
)
def test_an_argument_that_is_none_is_named(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Monitor(**{"rules": SHIPPED, **settings})
    assert refused.value.field == field


@pytest.mark.parametrize("given", [["c1"], 5, "\ud800", "\0"])
@pytest.mark.parametrize("stored", [False, True])
def test_what_narrows_an_answer_is_a_text(given: Any, stored: bool, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'practice.db'}" if stored else None
    with Monitor(SHIPPED, address) as monitor, pytest.raises(ConfigError, match="client: expected a text"):
        monitor.findings(client=given)
