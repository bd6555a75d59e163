"""Both matchers answer alike, as the conditions read; the durable one keeps to the limits of its engine."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ethics_engine.conditions import FALSE, TRUE, All, AnyOf, Condition, Not, Test
from ethics_engine.errors import ConfigError
from ethics_engine.matchers import available, build_matcher, coding, default_name, durable

HUGE = 10**18
KINDS = ("handshake", "hand", "shoulder", "embrace", "kiss")
WORDS = ("", "a", "b", 'a "quoted" word', "back\\slash", "line\nbreak", "ü", "🙂", "{", "%d")
NUMBERS = (-HUGE, -HUGE + 1, -5, -1, 0, 1, 2, 5, HUGE - 1, HUGE)
TIMES = (253_402_300_799_999_999, 253_402_300_799_999_998, 1_772_442_000_000_000, 1_772_442_000_000_001)
DATES = ("2026-03-01", "2026-03-02", "2026-10-25")
CURRENCIES = ("EUR", "USD")

needs_durable = pytest.mark.skipif("durable" not in available(), reason="durable-rules cannot be imported")
both = pytest.mark.parametrize("name", available())


def holds(condition: Condition, values: Mapping[str, Any]) -> bool:
    """The condition in two values, word for word."""
    match condition:
        case All(items):
            return all(holds(item, values) for item in items)
        case AnyOf(items):
            return any(holds(item, values) for item in items)
        case Not(item):
            return not holds(item, values)
        case Test(attribute, "missing", constant):
            there = attribute in values
            mine = there is not constant
        case Test(attribute, operator, constant):
            mine = attribute in values and _compares(values[attribute], operator, constant)
    if condition.currency is not None and "currency" in values and values["currency"] != condition.currency:
        return False
    return mine


def _compares(value: Any, operator: str, constant: Any) -> bool:
    match operator:
        case "eq":
            return bool(value == constant)
        case "ne":
            return bool(value != constant)
        case "lt":
            return bool(value < constant)
        case "le":
            return bool(value <= constant)
        case "gt":
            return bool(value > constant)
        case "ge":
            return bool(value >= constant)
        case "in":
            return any(value == one for one in constant)
        case "not_in":
            return all(value != one for one in constant)
        case "contains":
            return any(one in value for one in constant)
        case "contains_all":
            return all(one in value for one in constant)
    raise AssertionError(operator)


def _among(pool: tuple[Any, ...]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(pool), max_size=4).map(tuple)


def _tests(attribute: str, pool: tuple[Any, ...], *operators: str) -> st.SearchStrategy[Condition]:
    drawn = []
    for operator in operators:
        several = operator in ("in", "not_in", "contains", "contains_all")
        constants = _among(pool) if several else st.sampled_from(pool)
        currency = st.sampled_from((None, *CURRENCIES)) if attribute == "fee" else st.none()
        drawn.append(st.builds(Test, st.just(attribute), st.just(operator), constants, st.booleans(), currency))
    drawn.append(st.builds(Test, st.just(attribute), st.just("missing"), st.booleans()))
    return st.one_of(drawn)


EQUAL = ("eq", "ne", "in", "not_in")
ORDER = ("lt", "le", "gt", "ge")
TESTS = st.one_of(
    _tests("kind", KINDS, *EQUAL),
    _tests("name", WORDS, *EQUAL),
    _tests("count", NUMBERS, *EQUAL, *ORDER),
    _tests("fee", NUMBERS, *EQUAL, *ORDER),
    _tests("at", TIMES, *EQUAL, *ORDER),
    _tests("local_date", DATES, *EQUAL, *ORDER),
    _tests("consent", (False, True), "eq", "ne"),
    _tests("currency", CURRENCIES, *EQUAL),
    _tests("tags", KINDS, "contains", "contains_all"),
    _tests("rationale", ("",)),
)
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, max_size=4).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=4).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=8,
)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(KINDS),
        "name": st.sampled_from(WORDS) | st.text(max_size=5),
        "count": st.sampled_from(NUMBERS) | st.integers(-HUGE, HUGE),
        "fee": st.sampled_from(NUMBERS) | st.integers(-HUGE, HUGE),
        "at": st.sampled_from(TIMES) | st.integers(0, max(TIMES)),
        "local_date": st.sampled_from(DATES) | st.dates().map(str),
        "consent": st.booleans(),
        "currency": st.sampled_from((*CURRENCIES, "CHF")),
        "tags": st.sets(st.sampled_from(KINDS)).map(lambda tags: tuple(sorted(tags))),
        "rationale": st.text(max_size=5) | st.booleans() | st.integers(),
        "id": st.text(min_size=1, max_size=5),
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CONDITIONS, min_size=1, max_size=12), st.lists(VALUES, min_size=1, max_size=12))
@example([AnyOf(tuple(Test(name, "ge", 0) for name in ("count", "fee", "at")))], [{"count": 1, "fee": 1, "at": 1}])
@example([Test("count", "eq", HUGE - 1)], [{"count": HUGE}, {"count": HUGE - 1}])
@example([Not(Test("count", "lt", 5))], [{}, {"count": 4}, {"count": 5}])
def test_every_matcher_finds_what_the_conditions_say(conditions: list[Condition], events: list[dict[str, Any]]) -> None:
    numbered = {"contact.touch": list(enumerate(conditions, start=7))}
    matchers = [build_matcher(numbered, name) for name in available()]
    for values in events:
        expected = [number for number, condition in numbered["contact.touch"] if holds(condition, values)]
        assert [list(matcher.match("contact.touch", values)) for matcher in matchers] == [expected] * len(matchers)


@both
def test_numbers_come_in_ascending_order_whatever_order_they_were_given_in(name: str) -> None:
    condition = Test("count", "gt", 0)
    matcher = build_matcher({"a": [(9, condition), (4, TRUE), (2, condition), (7, TRUE), (1, FALSE)]}, name)
    assert list(matcher.match("a", {"count": 1})) == [2, 4, 7, 9]
    assert list(matcher.match("a", {})) == [4, 7]


@both
def test_a_type_without_conditions_matches_nothing(name: str) -> None:
    matcher = build_matcher({"a": [(1, Test("count", "gt", 0))], "b": [], "c": [(2, TRUE)]}, name)
    assert [list(matcher.match(event_type, {"count": 1})) for event_type in ("b", "c", "unheard.of")] == [
        [],
        [2],
        [],
    ]


@both
def test_conditions_of_one_type_do_not_answer_for_another(name: str) -> None:
    matcher = build_matcher({"a": [(1, Test("count", "eq", 1))], "b": [(1, Test("count", "eq", 2))]}, name)
    assert [list(matcher.match(event_type, {"count": 1})) for event_type in "ab"] == [[1], []]


@both
def test_more_conditions_than_one_ruleset_takes_all_match_one_event(name: str) -> None:
    matcher = build_matcher({"a": [(number, Test("count", "gt", number)) for number in range(500)]}, name)
    assert list(matcher.match("a", {"count": 300})) == list(range(300))
    assert list(matcher.match("a", {"count": 3})) == [0, 1, 2]


def _between(low: int, high: int) -> Condition:
    return All((Test("count", "ge", low), Test("count", "le", high)))


@both
def test_ranges_that_are_half_met_in_every_rule_still_match(name: str) -> None:
    pairs = [AnyOf((_between(low, 100 + low), _between(200 + low, 300 + low))) for low in range(90)]
    matcher = build_matcher({"a": list(enumerate(pairs))}, name)
    assert list(matcher.match("a", {"count": 1_000})) == []
    assert list(matcher.match("a", {"count": 95})) == list(range(90))
    assert list(matcher.match("a", {"count": 297})) == list(range(90))
    assert list(matcher.match("a", {"count": 305})) == list(range(5, 90))


@both
def test_a_long_list_of_which_every_value_is_told_apart_still_matches(name: str) -> None:
    names = [f"client-{number:04d}" for number in range(1_200)]
    conditions = [Test("client", "eq", one) for one in names] + [Test("client", "in", tuple(names[::2]))]
    matcher = build_matcher({"a": list(enumerate(conditions))}, name)
    for number in (0, 1, 600, 1_199):
        expected = [number] if number % 2 else [number, 1_200]
        assert list(matcher.match("a", {"client": names[number]})) == expected
    assert list(matcher.match("a", {"client": "someone else"})) == []


@both
def test_a_condition_of_many_alternatives_in_many_attributes_matches(name: str) -> None:
    whole = All(tuple(Test(f"x{number}", "in", (1, 3, 5)) for number in range(18)))
    apart = [Test(f"x{number}", "eq", value) for number in range(18) for value in range(6)]
    matcher = build_matcher({"a": list(enumerate([whole, *apart]))}, name)
    values = {f"x{number}": (1, 3, 5)[number % 3] for number in range(18)}
    met = [1 + 6 * number + values[f"x{number}"] for number in range(18)]
    assert list(matcher.match("a", values)) == [0, *met]
    assert list(matcher.match("a", {**values, "x17": 2})) == [*met[:-1], 105]


def test_an_unknown_matcher_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ConfigError) as caught:
        build_matcher({}, "durabel")
    assert str(caught.value) == "error[unknown-matcher]: unknown matcher `durabel`\n    did you mean `durable`?"


def test_without_durable_rules_python_is_the_default_and_durable_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    assert (available(), default_name(), build_matcher({}).name) == (("python",), "python", "python")
    with pytest.raises(ConfigError) as caught:
        build_matcher({}, "durable")
    assert str(caught.value) == (
        "error[matcher-missing]: the durable matcher needs durable-rules, which cannot be imported\n"
        "    use the python matcher"
    )


@needs_durable
def test_durable_is_the_default_where_it_can_be_imported() -> None:
    assert (available(), default_name(), build_matcher({}).name) == (
        ("durable", "python"),
        "durable",
        "durable",
    )


@needs_durable
@pytest.mark.parametrize(
    ("rules", "fields", "message"),
    [
        (
            [],
            [f"f{number}" for number in range(241)],
            "a condition tests 241 attributes, too much for durable-rules",
        ),
        ([f"r{number}" for number in range(493)], [], "a ruleset has 500 names, too much for durable-rules"),
        (["gdvx"], ["xnih"], None),
        (["00"], ["id"], None),
    ],
)
def test_names_that_durable_rules_would_choke_on_are_refused(
    rules: list[str], fields: list[str], message: str | None
) -> None:
    if message is None:
        durable.check_names(rules, fields)
        return
    with pytest.raises(ConfigError, match=message):
        durable.check_names(rules, fields)


def test_two_names_of_one_hash_are_refused() -> None:
    first, second = "costarring", "liquid"
    assert durable.fnv1a(first) == durable.fnv1a(second)
    with pytest.raises(ConfigError, match="the names `costarring` and `liquid` have one hash"):
        durable.check_names([first], [second])


@needs_durable
def test_a_condition_of_too_many_cases_is_refused_when_the_matcher_is_built() -> None:
    pairs = [AnyOf((Test(f"a{number}", "eq", 1), Test(f"b{number}", "eq", 1))) for number in range(12)]
    with pytest.raises(ConfigError, match="a condition comes to more than 1,000 cases, too much for durable-rules"):
        build_matcher({"a": [(1, All(tuple(pairs)))]}, "durable")


@needs_durable
@pytest.mark.parametrize("count", [250, 500])
def test_a_condition_on_too_many_attributes_is_refused_when_the_matcher_is_built(count: int) -> None:
    condition = All(tuple(Test(f"a{number}", "eq", 1) for number in range(count)))
    with pytest.raises(ConfigError, match="too much for durable-rules"):
        build_matcher({"a": [(1, condition)]}, "durable")


@needs_durable
def test_no_rule_fires_twice_however_many_alternatives_hold() -> None:
    alternatives = AnyOf(tuple(Test(f"x{number}", "eq", 1) for number in range(5)))
    matcher = durable.DurableMatcher({"a": [(1, All((alternatives, Test("count", "gt", 0))))]})
    values = {f"x{number}": 1 for number in range(5)} | {"count": 1}
    assert [list(matcher.match("a", values)) for _ in range(3)] == [[1]] * 3
    known = matcher._types["a"]
    [ruleset] = known.rulesets
    assert ruleset.match([encode(values) for encode in known._encode]) == [1]


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let durable-rules be asked every time, whatever it has answered before."""
    monkeypatch.setattr(durable, "MOST_KNOWN", 0)


@needs_durable
@pytest.mark.parametrize("most", [0, 2, 10_000])
def test_answers_that_are_kept_are_those_that_durable_rules_gives(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(durable, "MOST_KNOWN", most)
    matcher = build_matcher({"a": [(number, Test("count", "gt", number)) for number in range(9)]}, "durable")
    for count in (0, 3, 9, 3, 0, 9, 8, 8):
        assert list(matcher.match("a", {"count": count})) == list(range(count))


def _pending(matcher: durable.DurableMatcher) -> list[Any]:
    engine = durable.load_engine()
    return [
        (
            json.loads(engine.get_facts(ruleset._handle, "1")),
            json.loads(engine.get_events(ruleset._handle, "1")),
        )
        for one in matcher._types.values()
        for ruleset in one.rulesets
    ]


@needs_durable
def test_nothing_is_pending_after_a_match() -> None:
    conditions = [(number, Test("count", "gt", number)) for number in range(100)]
    matcher = durable.DurableMatcher({"a": conditions})
    for count in (0, 1, 70, 1_000):
        matcher.match("a", {"count": count})
        assert _pending(matcher) == [([], [])] * 2


class _Watched:
    """The engine, with its rulesets counted and an interruption on demand."""

    def __init__(self) -> None:
        self._engine = durable.load_engine()
        self.alive: set[int] = set()
        self.interrupt = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def create_ruleset(self, name: str, definition: str) -> int:
        handle: int = self._engine.create_ruleset(name, definition)
        self.alive.add(handle)
        return handle

    def delete_ruleset(self, handle: int) -> None:
        self._engine.delete_ruleset(handle)
        self.alive.remove(handle)

    def complete_and_start_action(self, handle: int, state: int) -> Any:
        if self.interrupt:
            raise KeyboardInterrupt
        return self._engine.complete_and_start_action(handle, state)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> _Watched:
    engine = _Watched()
    monkeypatch.setattr(durable, "load_engine", lambda: engine)
    return engine


@needs_durable
def test_rulesets_are_made_when_their_type_first_occurs_and_freed_with_the_matcher(watched: _Watched) -> None:
    matcher = build_matcher({name: [(1, Test("count", "gt", 0))] for name in "abc"}, "durable")
    assert len(watched.alive) == 0
    assert [list(matcher.match(name, {"count": 1})) for name in "aab"] == [[1]] * 3
    assert len(watched.alive) == 2
    del matcher
    gc.collect()
    assert len(watched.alive) == 0


@needs_durable
@pytest.mark.usefixtures("forgetful")
def test_an_interrupted_match_leaves_nothing_behind(watched: _Watched) -> None:
    matcher = build_matcher({"a": [(1, Test("count", "gt", 0)), (2, Test("count", "gt", 1))]}, "durable")
    assert list(matcher.match("a", {"count": 5})) == [1, 2]
    watched.interrupt = True
    with pytest.raises(KeyboardInterrupt):
        matcher.match("a", {"count": 5})
    watched.interrupt = False
    assert len(watched.alive) == 0
    assert [list(matcher.match("a", {"count": count})) for count in (0, 1, 2)] == [[], [1], [1, 2]]
    assert len(watched.alive) == 1


@pytest.fixture
def restless() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@needs_durable
@pytest.mark.usefixtures("restless", "forgetful")
def test_threads_may_share_a_matcher() -> None:
    matcher = build_matcher({"a": [(number, Test("count", "gt", number)) for number in range(20)]}, "durable")

    def ask(count: int) -> bool:
        return all(list(matcher.match("a", {"count": count})) == list(range(count)) for _ in range(200))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, (2, 5, 11, 19))) == [True] * 4


def _resident() -> int:
    """Bytes of memory that the process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@needs_durable
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
@pytest.mark.usefixtures("forgetful")
def test_memory_stays_flat_over_twenty_thousand_matches() -> None:
    conditions = [(number, Test("count", "gt", number)) for number in range(30)]
    matcher = build_matcher({"a": conditions}, "durable")
    for count in range(2_000):
        matcher.match("a", {"count": count % 40})
    before = _resident()
    for count in range(20_000):
        matcher.match("a", {"count": count % 40})
    assert _resident() - before < 1 << 20


@needs_durable
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_memory_stays_flat_over_two_hundred_matchers() -> None:
    def ask() -> None:
        build_matcher({"a": [(number, Test("count", "gt", number)) for number in range(30)]}, "durable").match(
            "a", {"count": 20}
        )

    for _ in range(20):
        ask()
    before = _resident()
    for _ in range(200):
        ask()
    assert _resident() - before < 8 << 20


def test_terms_of_a_condition_never_hold_together() -> None:
    condition = AnyOf((Test("a", "gt", 1), Test("b", "gt", 1), All((Test("a", "lt", 5), Test("b", "eq", 0)))))
    coded = coding.code([(1, condition)])
    for values in ({"a": a, "b": b} for a in range(-1, 7) for b in range(-1, 4)):
        codes = [field.encode(values) for field in coded.fields]
        met = [term for term in coded.terms if all(codes[number] in classes for number, classes in term)]
        assert len(met) == holds(condition, values)
