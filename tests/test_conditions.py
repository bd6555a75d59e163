from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_engine.conditions import (
    FALSE,
    TRUE,
    All,
    AnyOf,
    Condition,
    Not,
    Test,
    compares_currency,
    predicate,
    simplified,
    unknowable_attributes,
    unknowns,
)
from ethics_engine.conditions import tests as every_test
from ethics_engine.located import Lines, parse_yaml
from ethics_engine.rules.conditions import ConditionReader
from ethics_engine.rules.fields import Complaints
from ethics_engine.scalars import MICRO
from ethics_engine.vocabulary import Attribute, EventType, Vocabulary

YES, NO, UNKNOWN = Test("a", "eq", 1), Test("b", "eq", 1), Test("c", "eq", 1)
VALUES = {"a": 1, "b": 0}  # under which the three are true, false and unknown
TABLE = {True: YES, False: NO, None: UNKNOWN}

ATTRIBUTES = st.sampled_from(["a", "b", "c"])
OPERATORS = st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", "missing"])


@st.composite
def single_tests(draw: st.DrawFn) -> Test:
    operator = draw(OPERATORS)
    if operator == "missing":
        return Test(draw(ATTRIBUTES), operator, draw(st.booleans()))
    constant: Any = draw(st.integers(0, 2))
    if operator in ("in", "not_in"):
        constant = tuple(draw(st.sets(st.integers(0, 2), min_size=1)))
    return Test(draw(ATTRIBUTES), operator, constant, unknowable=draw(st.booleans()))


CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    single_tests() | st.just(TRUE) | st.just(FALSE),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: All(tuple(items)))
        | st.lists(inner, max_size=3).map(lambda items: AnyOf(tuple(items)))
        | inner.map(Not)
    ),
    max_leaves=8,
)
EVENTS = st.dictionaries(ATTRIBUTES, st.integers(0, 2))


class TestTwoValues:
    @pytest.mark.parametrize(
        ("operator", "constant", "holds", "fails"),
        [
            ("eq", 2, [2], [1]),
            ("ne", 2, [1, 3], [2]),
            ("lt", 2, [1], [2, 3]),
            ("le", 2, [1, 2], [3]),
            ("gt", 2, [3], [2, 1]),
            ("ge", 2, [2, 3], [1]),
            ("in", (1, 2), [1, 2], [3]),
            ("not_in", (1, 2), [3], [1, 2]),
            ("contains", ("x", "y"), [("x",), ("y", "z")], [("z",), ()]),
            ("contains_all", ("x", "y"), [("x", "y"), ("x", "y", "z")], [("x",), ()]),
        ],
    )
    def test_a_test_compares_a_value_and_is_false_without_one(
        self, operator: str, constant: Any, holds: list[Any], fails: list[Any]
    ) -> None:
        judge = predicate(Test("a", operator, constant))

        assert all(judge({"a": value}) for value in holds)
        assert not any(judge({"a": value}) for value in fails)
        assert not judge({})

    def test_missing_asks_whether_it_is_recorded(self) -> None:
        assert predicate(Test("a", "missing", True))({})
        assert not predicate(Test("a", "missing", True))({"a": False})
        assert predicate(Test("a", "missing", False))({"a": False})
        assert not predicate(Test("a", "missing", False))({})

    def test_not_negates_the_plain_false_of_a_missing_value(self) -> None:
        assert predicate(Not(Test("a", "eq", 1)))({})
        assert not predicate(Not(Not(Test("a", "eq", 1))))({})

    def test_all_of_nothing_holds_and_any_of_nothing_does_not(self) -> None:
        assert predicate(TRUE)({})
        assert not predicate(FALSE)({})

    @pytest.mark.parametrize("number", range(5))
    def test_all_and_any_take_any_number_of_items(self, number: int) -> None:
        for truths in itertools.product((True, False), repeat=number):
            items = tuple(TABLE[truth] for truth in truths)

            assert predicate(All(items))(VALUES) is all(truths)
            assert predicate(AnyOf(items))(VALUES) is any(truths)

    def test_an_amount_in_another_currency_is_not_compared(self) -> None:
        judge = predicate(Test("amount", "gt", 10, currency="EUR"))

        assert judge({"amount": 11})
        assert judge({"amount": 11, "currency": "EUR"})
        assert not judge({"amount": 11, "currency": "USD"})


class TestThreeValues:
    @pytest.mark.parametrize(("left", "right"), [*itertools.product((True, False, None), repeat=2)])
    def test_all_and_any_follow_the_table_of_kleene(self, left: bool | None, right: bool | None) -> None:
        both = False if False in (left, right) else None if None in (left, right) else True
        either = True if True in (left, right) else None if None in (left, right) else False

        assert unknowns(All((TABLE[left], TABLE[right])), VALUES)[0] is both
        assert unknowns(AnyOf((TABLE[left], TABLE[right])), VALUES)[0] is either

    def test_what_makes_it_unknown_is_named_and_nothing_else(self) -> None:
        other = Test("d", "eq", 1)

        assert unknowns(All((YES, UNKNOWN, other)), VALUES) == (None, {"c", "d"})
        assert unknowns(AnyOf((NO, UNKNOWN)), VALUES) == (None, {"c"})
        assert unknowns(All((NO, UNKNOWN)), VALUES) == (False, frozenset())
        assert unknowns(AnyOf((YES, UNKNOWN)), VALUES) == (True, frozenset())

    def test_missing_is_never_unknown(self) -> None:
        assert unknowns(Test("c", "missing", True), VALUES) == (True, frozenset())
        assert unknowns(Test("c", "missing", False), VALUES) == (False, frozenset())

    def test_inside_an_exception_nothing_is_unknown(self) -> None:
        assert unknowns(Not(UNKNOWN), VALUES) == (True, frozenset())
        assert unknowns(All((YES, Not(AnyOf((UNKNOWN, YES))))), VALUES) == (False, frozenset())

    def test_an_attribute_whose_absence_is_a_fact_is_not_unknown(self) -> None:
        assert unknowns(Test("c", "eq", 1, unknowable=False), VALUES) == (False, frozenset())

    def test_another_currency_makes_an_amount_unknown_by_its_currency(self) -> None:
        test = Test("amount", "gt", 10, currency="EUR")

        assert unknowns(test, {"amount": 11, "currency": "USD"}) == (None, {"currency"})
        assert unknowns(test, {"currency": "USD"}) == (None, {"amount"})
        assert unknowns(test, {"amount": 11}) == (True, frozenset())

    @given(CONDITIONS, EVENTS)
    def test_what_is_known_is_the_same_in_two_values(self, condition: Condition, values: Mapping[str, int]) -> None:
        known, names = unknowns(condition, values)

        assert known is None or known == predicate(condition)(values)
        assert (known is None) == bool(names)
        assert names <= unknowable_attributes(condition)
        assert not names & values.keys()

    @given(CONDITIONS, EVENTS)
    def test_it_is_known_where_every_attribute_is(self, condition: Condition, values: Mapping[str, int]) -> None:
        whole = {"a": 0, "b": 1, "c": 2, **values}

        assert unknowns(condition, whole) == (predicate(condition)(whole), frozenset())


class TestSimplified:
    @given(CONDITIONS, EVENTS)
    def test_it_means_the_same_in_two_and_in_three_values(
        self, condition: Condition, values: Mapping[str, int]
    ) -> None:
        simpler = simplified(condition)

        assert predicate(simpler)(values) == predicate(condition)(values)
        assert unknowns(simpler, values) == unknowns(condition, values)

    @given(CONDITIONS)
    def test_nothing_constant_is_left_inside(self, condition: Condition) -> None:
        simpler = simplified(condition)

        assert simpler in (TRUE, FALSE) or not any(part in (TRUE, FALSE) for part in parts(simpler))
        assert simplified(simpler) == simpler
        assert {test.attribute for test in every_test(simpler)} <= {test.attribute for test in every_test(condition)}


class TestReading:
    """What a `where` of a rule file comes to, for each event type."""

    def test_a_mapping_is_all_of_its_tests(self) -> None:
        assert read("{n: {ge: 1, lt: 2}, s: x}")["one"] == All(
            (All((Test("n", "ge", MICRO), Test("n", "lt", 2 * MICRO))), Test("s", "eq", "x"))
        )

    def test_a_list_is_one_of_and_a_value_alone_is_equal(self) -> None:
        assert read("{e: [x, y]}")["one"] == Test("e", "in", ("x", "y"))
        assert read("{e: x}")["one"] == Test("e", "eq", "x")

    def test_any_and_not_nest(self) -> None:
        found = read("{any: [{e: x}, {not: {s: a, n: 1}}]}")["one"]

        assert found == AnyOf((Test("e", "eq", "x"), Not(All((Test("s", "eq", "a"), Test("n", "eq", MICRO))))))

    def test_a_type_that_lacks_an_attribute_cannot_fulfil_a_test_of_it(self) -> None:
        assert read("{e: x}", "one", "other") == {"one": Test("e", "eq", "x")}
        assert read("{e: {missing: true}}", "one", "other") == {"one": Test("e", "missing", True), "other": TRUE}
        assert read("{not: {e: x}}", "one", "other") == {"one": Not(Test("e", "eq", "x")), "other": TRUE}

    def test_a_constant_that_only_one_type_can_read_is_false_for_the_other(self) -> None:
        assert read("{k: x}", "one", "other") == {"one": Test("k", "eq", "x")}
        assert read("{k: 5}", "one", "other") == {"one": Test("k", "eq", "5"), "other": Test("k", "eq", 5 * MICRO)}

    def test_required_and_defaulted_attributes_are_never_unknown(self) -> None:
        assert read("{r: x}")["one"] == Test("r", "eq", "x", unknowable=False)
        assert read("{d: 1}")["one"] == Test("d", "eq", MICRO, unknowable=False)
        assert read("{session_number: 1}")["one"] == Test("session_number", "eq", MICRO, unknowable=False)

    def test_an_amount_has_the_currency_of_the_practice(self) -> None:
        found = read("{m: {gt: 5}}")["one"]

        assert found == Test("m", "gt", 5 * MICRO, currency="EUR")
        assert compares_currency(found)
        assert not compares_currency(read("{n: {gt: 5}}")["one"])

    def test_only_open_findings_count_unless_the_status_is_named(self) -> None:
        still_open = Test("status", "eq", "open", unknowable=False)

        assert still_open in every_test(read("{rule: a.b}", "finding")["finding"])
        assert read("{not: {status: waived}}", "finding")["finding"] == Not(
            Test("status", "eq", "waived", unknowable=False)
        )
        assert read(None, "finding")["finding"] == still_open

    @pytest.mark.parametrize("text", ["{family: P1}", "{family: {in: [P1]}}", "{family: {contains: P1}}"])
    def test_a_family_is_one_of_several(self, text: str) -> None:
        found = every_test(read(text, "finding")["finding"])

        assert Test("family", "contains", ("P1",)) in found

    def test_what_was_read_is_remembered(self) -> None:
        reader = ConditionReader(VOCABULARY, None, Complaints(Lines()))
        reader.read(parse_yaml("{n: 1, any: [{e: x}]}", "a.yaml", Lines()), ["one", "other"])

        assert reader.used == {("one", "n"), ("one", "e")}


def parts(condition: Condition) -> list[Condition]:
    """Every condition inside of another."""
    match condition:
        case All(items) | AnyOf(items):
            return [found for item in items for found in (item, *parts(item))]
        case Not(item):
            return [item, *parts(item)]
    return []


def attributes(*found: Attribute) -> dict[str, Attribute]:
    """Attributes by name."""
    return {attribute.name: attribute for attribute in found}


VOCABULARY = Vocabulary(
    types={
        "one": EventType(
            "one",
            "area",
            "yes",
            attributes(
                Attribute("n", "number"),
                Attribute("s", "string"),
                Attribute("m", "money"),
                Attribute("e", "enum", ("x", "y")),
                Attribute("k", "string"),
                Attribute("r", "string", required=True),
                Attribute("d", "number", default=MICRO),
            ),
        ),
        "other": EventType("other", "area", "no", attributes(Attribute("k", "number"))),
        "finding": EventType(
            "finding",
            "",
            "may",
            attributes(
                Attribute("rule", "string", required=True),
                Attribute("family", "tags"),
                Attribute("status", "enum", ("open", "excused", "waived"), required=True),
            ),
        ),
    }
)


def read(text: str | None, *types: str) -> dict[str, Condition]:
    """The condition of a `where`, for each type that it can hold for."""
    complaints = Complaints(Lines())
    tree = None if text is None else parse_yaml(text, "a.yaml", complaints.lines)
    found = ConditionReader(VOCABULARY, "EUR", complaints).read(tree, types or ("one",))
    assert not complaints.found
    return found
