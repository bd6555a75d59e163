"""`where` mappings to condition trees: constants typed and checked for each event type of a selection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ethics_engine.conditions import FALSE, NEVER_UNKNOWN, TRUE, All, AnyOf, Condition, Not, Test, predicate, simplified
from ethics_engine.located import Map, Seq, Text
from ethics_engine.plan import FINDING
from ethics_engine.rules.fields import Complaints
from ethics_engine.vocabulary import Attribute, Vocabulary, typed

_ORDER = ("lt", "le", "gt", "ge")
_EQUAL = ("eq", "ne")
_AMONG = ("in", "not_in")
_LIST = ("contains", "contains_all")
OPERATORS = (*_EQUAL, *_ORDER, *_AMONG, *_LIST, "missing")
ALLOWED: dict[str, tuple[str, ...]] = {
    "number": (*_EQUAL, *_ORDER, *_AMONG, "missing"),
    "money": (*_EQUAL, *_ORDER, *_AMONG, "missing"),
    "timestamp": (*_EQUAL, *_ORDER, *_AMONG, "missing"),
    "clock": (*_EQUAL, *_ORDER, *_AMONG, "missing"),
    "string": (*_EQUAL, *_AMONG, "missing"),
    "enum": (*_EQUAL, *_AMONG, "missing"),
    "boolean": (*_EQUAL, "missing"),
    "list": (*_LIST, "missing"),
    "tags": (*_EQUAL, *_AMONG, *_LIST, "missing"),
    "text": ("missing",),
}
_SIGNS = {"=": "eq", "==": "eq", "!=": "ne", "<>": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


class ConditionReader:
    """Reads `where` mappings against the attributes that event types declare."""

    def __init__(self, vocabulary: Vocabulary, currency: str | None, complaints: Complaints) -> None:
        self.vocabulary = vocabulary
        self.currency = currency
        self.complaints = complaints
        self.used: set[tuple[str, str]] = set()
        self._known: dict[frozenset[str], list[str]] = {}

    def read(self, where: Map | None, types: Iterable[str], selecting: bool = True) -> dict[str, Condition]:
        """The condition for each type; types for which it is plainly false are left out.

        Where it selects findings, only open ones count unless it names `status`.
        """
        types = tuple(types)
        read = dict.fromkeys(types, TRUE) if where is None else self._mapping(where, types)
        conditions = {name: simplified(condition) for name, condition in read.items()}
        if selecting and FINDING in conditions and not (where is not None and _names(where, "status")):
            only_open = Test("status", "eq", "open", unknowable=False)
            conditions[FINDING] = simplified(All((conditions[FINDING], only_open)))
        return {name: condition for name, condition in conditions.items() if condition != FALSE}

    def _mapping(self, where: Map, types: tuple[str, ...]) -> dict[str, Condition]:
        parts: dict[str, list[Condition]] = {name: [] for name in types}
        for key, node in where.items():
            for name, condition in self._entry(key, node, where, types).items():
                parts[name].append(condition)
        return {name: All(tuple(items)) for name, items in parts.items()}

    def _entry(self, key: str, node: Any, where: Map, types: tuple[str, ...]) -> dict[str, Condition]:
        if key == "any":
            return self._any(node, types)
        if key == "not":
            if not isinstance(node, Map):
                self.complaints.add(node, "wrong-value", "`not` expects a mapping of attribute to test")
                return dict.fromkeys(types, TRUE)
            return {name: Not(condition) for name, condition in self._mapping(node, types).items()}
        declared = {name: found for name in types if (found := self.vocabulary.attribute(name, key)) is not None}
        if not declared:
            if types:
                self.complaints.unknown(where.key_marks[key], "attribute", key, self.known(types), of_types(types))
            return dict.fromkeys(types, TRUE)
        self.used.update((name, key) for name in declared)
        conditions = {name: self._tests(key, node, declared.get(name)) for name in types}
        self._check_values(key, node, list(declared.values()))
        return conditions

    def known(self, types: Iterable[str]) -> list[str]:
        """Every attribute that one of the types has, for suggestions."""
        key = frozenset(types)
        if key not in self._known:
            names = {name for type_name in key for name in self.vocabulary.attribute_names(type_name)}
            self._known[key] = sorted(names)
        return self._known[key]

    def _any(self, node: Any, types: tuple[str, ...]) -> dict[str, Condition]:
        if not isinstance(node, Seq) or not node or not all(isinstance(item, Map) for item in node):
            self.complaints.add(node, "wrong-value", "`any` expects a list of conditions")
            return dict.fromkeys(types, TRUE)
        readings = [self._mapping(item, types) for item in node]
        return {name: AnyOf(tuple(reading[name] for reading in readings)) for name in types}

    def _tests(self, key: str, node: Any, attribute: Attribute | None) -> Condition:
        """The test of one attribute for one type (`attribute` None: the type does not declare it)."""
        if isinstance(node, Text):
            return self._test(key, "eq", [node], attribute)
        if isinstance(node, Seq):
            return self._test(key, "in", list(node), attribute)
        parts = []
        for operator, operand in node.items():
            if operator in OPERATORS:
                parts.append(
                    self._test(key, operator, list(operand) if isinstance(operand, Seq) else [operand], attribute)
                )
        return All(tuple(parts))

    def _test(self, key: str, operator: str, operands: list[Any], attribute: Attribute | None) -> Condition:
        if operator == "missing":
            wanted = str(operands[0]) == "true"
            if attribute is None:
                return TRUE if wanted else FALSE
            return Test(key, "missing", wanted)
        if attribute is None or operator not in ALLOWED[attribute.kind]:
            return FALSE
        constants = [value for operand in operands if (value := _constant(attribute.kind, operand)) is not None]
        if not constants:
            return FALSE
        unknowable = key not in NEVER_UNKNOWN and not attribute.required and attribute.default is None
        currency = self.currency if attribute.kind == "money" else None
        if attribute.kind == "tags":
            return _tags(key, operator, tuple(constants))
        constant = tuple(constants) if operator in (*_AMONG, *_LIST) else constants[0]
        test = Test(key, operator, constant, unknowable, currency)
        return test if key != "currency" or self.currency is None else _or_practices(test, self.currency)

    def _check_values(self, key: str, node: Any, attributes: list[Attribute]) -> None:
        """Complain of what no declaring type could mean: an operator, a value, an enumeration's member."""
        kinds = {attribute.kind for attribute in attributes}
        if isinstance(node, Map):
            if not node:
                self.complaints.add(node, "wrong-value", f"`{key}` has no test")
            for operator, operand in node.items():
                if operator in _SIGNS:
                    hint = f"write `{_SIGNS[operator]}`"
                    self.complaints.add(
                        node.key_marks[operator], "unknown-operator", f"unknown operator `{operator}`", hint
                    )
                elif operator not in OPERATORS:
                    self.complaints.unknown(node.key_marks[operator], "operator", operator, OPERATORS)
                elif not any(operator in ALLOWED[kind] for kind in kinds):
                    self._refuse_operator(node.key_marks[operator], key, operator, kinds)
                elif operator == "missing":
                    self._check_missing(operand)
                else:
                    self._check_operands(key, operator, operand, attributes)
            return
        operator = "in" if isinstance(node, Seq) else "eq"
        if not any(operator in ALLOWED[kind] for kind in kinds):
            self._refuse_operator(node, key, None, kinds)
        else:
            self._check_operands(key, operator, node, attributes)

    def _refuse_operator(self, place: Any, key: str, operator: str | None, kinds: set[str]) -> None:
        kind = sorted(kinds)[0]
        how = "with a value alone" if operator is None else f"with `{operator}`"
        hint = f"{a_kind(kind)} allows {', '.join(ALLOWED[kind])}"
        self.complaints.add(place, "comparison", f"`{key}` is {a_kind(kind)} and cannot be compared {how}", hint)

    def _check_missing(self, operand: Any) -> None:
        if not isinstance(operand, Text) or operand not in ("true", "false"):
            self.complaints.add(operand, "wrong-value", "`missing` expects `true` or `false`")

    def _check_operands(self, key: str, operator: str, operand: Any, attributes: list[Attribute]) -> None:
        several = operator in (*_AMONG, *_LIST)
        if isinstance(operand, Seq) and not several:
            self.complaints.add(operand, "wrong-value", f"`{operator}` expects a single value")
            return
        items = list(operand) if isinstance(operand, Seq) else [operand]
        if not items:
            self.complaints.add(operand, "wrong-value", f"`{key}` is compared with an empty list")
        for item in items:
            self._check_operand(key, item, attributes)

    def _check_operand(self, key: str, item: Any, attributes: list[Attribute]) -> None:
        if not isinstance(item, Text):
            self.complaints.add(item, "wrong-value", f"`{key}` can only be compared with single values")
            return
        members = [value for attribute in attributes for value in attribute.values]
        if members and all(attribute.values for attribute in attributes):
            if item not in members:
                self.complaints.unknown(item, "value", item, sorted(set(members)), f" for `{key}`")
            return
        problems = []
        for attribute in attributes:
            try:
                typed(attribute.kind, item)
            except ValueError as error:
                problems.append(str(error))
        if len(problems) == len(attributes):
            self.complaints.add(item, "wrong-value", f"`{key}`: {problems[0]}")


def _tags(key: str, operator: str, constants: tuple[str, ...]) -> Condition:
    if operator in ("ne", "not_in"):
        return All((Test(key, "missing", False), Not(Test(key, "contains", constants))))
    return Test(key, "contains_all" if operator == "contains_all" else "contains", constants)


def _or_practices(test: Test, currency: str) -> Condition:
    """A test of a currency, where one that was not recorded is the practice's."""
    if predicate(test)({test.attribute: currency}):
        return AnyOf((Test(test.attribute, "missing", True), test))
    return All((Test(test.attribute, "missing", False), test))


def _names(where: Map, attribute: str) -> bool:
    """Whether a condition mentions an attribute anywhere."""
    if attribute in where:
        return True
    alternatives = where.get("any", [])
    inner = [*(alternatives if isinstance(alternatives, Seq) else []), where.get("not")]
    return any(isinstance(item, Map) and _names(item, attribute) for item in inner)


def a_kind(kind: str) -> str:
    """A kind of attribute with its article, for complaints."""
    return f"an {kind}" if kind == "enum" else f"a {kind}"


def of_types(types: Sequence[str]) -> str:
    """Whose attribute it is, for complaints."""
    return f" of `{types[0]}`" if len(types) == 1 else " of these event types"


def _constant(kind: str, operand: Any) -> Any:
    if not isinstance(operand, Text):
        return None
    try:
        return typed(kind, operand)
    except ValueError:
        return None  # complained of by `_check_operand`, unless another type of the selection can read it
