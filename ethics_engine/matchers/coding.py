"""Conditions over small integers: the only thing that durable-rules is given to compare.

durable-rules coerces types in comparisons and holds constants in a C `long`, which is short on some systems.
So each attribute that the conditions of an event type test becomes a *field*: an integer that says in which
class the value falls, and the classes are those that the tests tell apart. A value among the sorted constants
c1 < ... < ck has a *position*: 0 is absent, 2i equals ci, an odd number lies between two constants or
outside; positions that no test tells apart share a class. An attribute that is a list gets a field of two
classes for each set of constants that is looked for in it.

A condition then comes to *terms*: conjunctions of "this field has one of these classes", no two of which can
hold at once. An event meets at most one term of a condition, so with one rule for each term a condition fires
at most once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ethics_engine.conditions import FALSE, All, AnyOf, Condition, Not, Test, Values, tests
from ethics_engine.errors import ConfigError, Diagnostic

MOST_STEPS = 1_000  # case distinctions in taking a condition apart: our own limit, against hostile rules

_ABSENT = object()
_ORDER = ("lt", "le", "gt", "ge")
_LIST = ("contains", "contains_all")

Encoder = Callable[[Values], int]
Key = tuple[str, str, frozenset[Any]]  # attribute; for lists the operator and the constants looked for
Term = tuple[tuple[int, frozenset[int]], ...]  # (field, its classes), fields ascending


@dataclass(frozen=True, slots=True)
class Field:
    """One integer of a fact: `classes` many, given by `encode` for the values of an event."""

    encode: Encoder
    classes: int


@dataclass(frozen=True, slots=True)
class Coded:
    """The conditions of one event type: numbers that always hold, and each distinct term with its numbers."""

    fields: tuple[Field, ...]
    always: tuple[int, ...]
    terms: Mapping[Term, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Literal:
    field: int
    classes: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Gate:
    """All of its items (`every`) or at least one."""

    every: bool
    items: frozenset[_Node]


_Node = bool | _Literal | _Gate


def code(numbered: Iterable[tuple[int, Condition]]) -> Coded:
    """Code the numbered conditions of one event type.

    Raises:
        ConfigError: a condition comes to too many cases.
    """
    spelled = [(number, _spelled(condition)) for number, condition in numbered]
    coder = _Coder([condition for _, condition in spelled])
    always, terms = [], dict[Term, list[int]]()
    for number, condition in spelled:
        for term in coder.terms(condition):
            if term:
                terms.setdefault(term, []).append(number)
            else:
                always.append(number)
    shared = {term: tuple(numbers) for term, numbers in terms.items()}
    return Coded(tuple(coder.fields), tuple(always), shared)


def too_large(what: str) -> ConfigError:
    """The complaint about a condition outside what durable-rules can take."""
    message = f"{what}, too much for durable-rules"
    return ConfigError([Diagnostic("condition-too-large", message, hint="use the python matcher")])


def _spelled(condition: Condition) -> Condition:
    """The same condition in tests of one attribute each, with nothing in them that two values do not need."""
    match condition:
        case Test(attribute, operator, constant, _, currency):
            plain: Condition = Test(attribute, operator, constant)
            if operator in _LIST and not constant:
                plain = FALSE if operator == "contains" else Test(attribute, "missing", False)
            if currency is None:
                return plain
            return All((AnyOf((Test("currency", "missing", True), Test("currency", "eq", currency))), plain))
        case All(items):
            return All(tuple(map(_spelled, items)))
        case AnyOf(items):
            return AnyOf(tuple(map(_spelled, items)))
        case Not(item):
            return Not(_spelled(item))


def _key(test: Test) -> Key:
    if test.operator not in _LIST:
        return test.attribute, "", frozenset()
    wanted = frozenset(test.constant)
    return test.attribute, "contains" if len(wanted) == 1 else test.operator, wanted


class _Coder:
    """The fields of an event type; what most conditions test comes first, so that rules share their tests."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self.fields: list[Field] = []
        self.numbers: dict[Key, int] = {}
        self.classes: dict[Test, frozenset[int]] = {}
        grouped: dict[Key, dict[Test, None]] = {}
        used = Counter[Key]()
        for condition in conditions:
            found = tests(condition)
            used.update({_key(test) for test in found})
            for test in found:
                grouped.setdefault(_key(test), {})[test] = None
        for key, _ in used.most_common():
            self.numbers[key] = len(self.fields)
            self.fields.append(self._field(key, list(grouped[key])))

    def _field(self, key: Key, those: list[Test]) -> Field:
        attribute, operator, wanted = key
        if operator:
            self.classes.update(dict.fromkeys(those, frozenset({1})))
            return Field(_list_code(attribute, operator, wanted), 2)
        constants = sorted({constant for test in those for constant in _constants(test)})
        positions = {test: _positions(test, constants) for test in those}
        sets = list(dict.fromkeys(positions.values()))
        classes: dict[tuple[bool, ...], int] = {}
        table = [
            classes.setdefault(tuple(position in among for among in sets), len(classes))
            for position in range(2 * len(constants) + 2)
        ]
        for test, among in positions.items():
            self.classes[test] = frozenset(table[position] for position in among)
        ordered = any(test.operator in _ORDER for test in those)
        return Field(_value_code(attribute, constants, table, ordered), len(classes))

    def terms(self, condition: Condition) -> Iterator[Term]:
        """The terms of a condition, no two of which can hold at once; the empty term always holds."""
        return _Expansion(self.fields).terms(self._node(condition, True))

    def _node(self, condition: Condition, holds: bool) -> _Node:
        """The condition, or what it is for it not to hold, without any negation."""
        match condition:
            case Test():
                number, classes = self.numbers[_key(condition)], self.classes[condition]
                every = frozenset(range(self.fields[number].classes))
                wanted = classes if holds else every - classes
                return wanted == every if wanted in (every, frozenset()) else _Literal(number, wanted)
            case All(items):
                return _gate(holds, (self._node(item, holds) for item in items))
            case AnyOf(items):
                return _gate(not holds, (self._node(item, holds) for item in items))
            case Not(item):
                return self._node(item, not holds)


def _constants(test: Test) -> tuple[Any, ...]:
    if test.operator == "missing":
        return ()
    return tuple(test.constant) if test.operator in ("in", "not_in") else (test.constant,)


def _positions(test: Test, constants: list[Any]) -> frozenset[int]:
    """The positions of a value for which the test holds."""
    top = 2 * len(constants) + 2
    if test.operator == "missing":
        return frozenset({0}) if test.constant else frozenset(range(1, top))
    if test.operator in ("in", "not_in", "eq", "ne"):
        wanted = frozenset(2 * bisect_right(constants, constant) for constant in _constants(test))
        return wanted if test.operator in ("in", "eq") else frozenset(range(1, top)) - wanted
    at = 2 * bisect_right(constants, test.constant)
    spans = {"lt": range(1, at), "le": range(1, at + 1), "gt": range(at + 1, top), "ge": range(at, top)}
    return frozenset(spans[test.operator])


def _value_code(attribute: str, constants: list[Any], table: list[int], ordered: bool) -> Encoder:
    absent, other = table[0], table[1]
    if not constants:
        return lambda values: other if attribute in values else absent
    if not ordered:
        known = {constant: table[2 * index + 2] for index, constant in enumerate(constants)}
        known[_ABSENT] = absent
        return lambda values: known.get(values.get(attribute, _ABSENT), other)

    def code_in_order(values: Values) -> int:
        value = values.get(attribute, _ABSENT)
        if value is _ABSENT:
            return absent
        return table[1 + bisect_left(constants, value) + bisect_right(constants, value)]

    return code_in_order


def _list_code(attribute: str, operator: str, wanted: frozenset[Any]) -> Encoder:
    if operator == "contains":
        return lambda values: 0 if wanted.isdisjoint(values.get(attribute, ())) else 1
    return lambda values: 1 if wanted.issubset(values.get(attribute, ())) else 0


def _gate(every: bool, items: Iterable[_Node]) -> _Node:
    kept: set[_Node] = set()
    for item in items:
        if isinstance(item, bool):
            if item is not every:
                return item
        elif isinstance(item, _Gate) and item.every is every:
            kept |= item.items
        else:
            kept.add(item)
    if not kept:
        return every
    return kept.pop() if len(kept) == 1 else _Gate(every, frozenset(kept))


def _settled(node: _Node, number: int, value: int) -> _Node:
    """What is left of a node once a field is known."""
    match node:
        case _Literal(own, classes):
            return value in classes if own == number else node
        case _Gate(every, items):
            return _gate(every, (_settled(item, number, value) for item in items))
    return node


def _first(node: _Node) -> int:
    """The least field that a node tests."""
    match node:
        case _Literal(number):
            return number
        case _Gate(_, items):
            return min(map(_first, items))
    raise AssertionError("a settled node tests nothing")


@dataclass(slots=True)
class _Expansion:
    """Takes a node apart, field by field: each class of the field leads to what is left to test."""

    fields: Sequence[Field]
    steps: int = 0

    def terms(self, node: _Node) -> Iterator[Term]:
        if isinstance(node, bool):
            if node:
                yield ()
            return
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise too_large(f"a condition comes to more than {MOST_STEPS:,} cases")
        number = _first(node)
        outcomes: dict[_Node, set[int]] = {}
        for value in range(self.fields[number].classes):
            outcomes.setdefault(_settled(node, number, value), set()).add(value)
        for rest, values in outcomes.items():
            head = ((number, frozenset(values)),) if len(outcomes) > 1 else ()
            for term in self.terms(rest):
                yield (*head, *term)
