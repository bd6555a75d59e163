"""`expect: S, as: A, match: {…}` (universality): S agrees with the latest A on every matched pair.

`as: self` compares attributes of the event itself. The reference is attribute times `factor` plus `offset`; `default`
stands for it where it is missing; `tolerance` goes with `eq`; clock times are circular.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from pydantic import Field

from ethics_engine.located import Map, Mark, Seq, Text
from ethics_engine.plan import Expectation, Form, Pair, named_beside
from ethics_engine.rules.conditions import a_kind
from ethics_engine.rules.fields import Complaints, Located, Name, Number, Raw, RawMap, validated
from ethics_engine.rules.forms.base import FormModel
from ethics_engine.rules.lowering import Lowering
from ethics_engine.rules.model import Selections
from ethics_engine.scalars import MICRO, parse_duration, parse_number
from ethics_engine.vocabulary import typed

_OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "in")
_EQUATABLE = ("string", "enum", "boolean")
_NUMERIC = ("number", "money")


class PairModel(Located):
    """One test of an attribute against the reference."""

    eq: Name | None = None
    ne: Name | None = None
    lt: Name | None = None
    le: Name | None = None
    gt: Name | None = None
    ge: Name | None = None
    in_: Name | None = Field(default=None, alias="in")
    factor: Number | None = None
    offset: Number | None = None
    default: Raw = None
    tolerance: Raw = None


class ExpectationModel(FormModel):
    """`expect: S, as: A, match: {attribute: test}`."""

    expect: Selections
    as_: Raw = Field(alias="as")
    match: RawMap

    def message_values(self, node: Map) -> tuple[str, ...]:
        """The reference's attributes (the trigger's own are always at hand)."""
        names: list[str] = []
        for attribute, tests in node["match"].items():
            for test in tests if isinstance(tests, Seq) else [tests]:
                found = [test] if isinstance(test, Text) else [test[name] for name in _OPERATORS if name in test]
                names.extend(named_beside(attribute, str(name)) for name in found)
        return tuple(names)

    def lower(self, node: Map, lowering: Lowering) -> tuple[Form, frozenset[str]] | None:
        """A comparison with the latest earlier reference."""
        trigger = lowering.trigger(self.expect)
        if isinstance(self.as_, Text) and self.as_ == "self":
            reference, types = None, trigger.types
        else:
            wrapped = Map(selection=self.as_)
            wrapped.mark, wrapped.key_marks = node["as"].mark, {"selection": node["as"].mark}
            holder = validated(_Holder, wrapped, lowering.complaints, " in `as`", node.key_marks["as"])
            if holder is None:
                return None
            reference = lowering.source(holder.selection, trigger.types)
            types = reference.types
        pairs = [
            pair
            for attribute, tests in self.match.items()
            for test in (tests if isinstance(tests, Seq) else [tests])
            if (pair := _pair(attribute, test, trigger.types, types, lowering, self.match.key_marks[attribute]))
        ]
        if not self.match:
            lowering.complaints.add(node.key_marks["match"], "wrong-value", "`match` is empty")
        return (Expectation(trigger, reference, tuple(pairs)), trigger.types) if pairs else None


class _Holder(Located):
    selection: Selections


def _pair(
    attribute: str, node: Any, trigger_types: frozenset[str], types: frozenset[str], lowering: Lowering, place: Mark
) -> Pair | None:
    complaints = lowering.complaints
    if isinstance(node, Text):
        test = Map(eq=node)
        test.mark, test.key_marks = node.mark, {"eq": node.mark}
        node = test
    if not isinstance(node, Map):
        complaints.add(node, "wrong-value", f"`{attribute}` expects a test, or a list of tests")
        return None
    model = validated(PairModel, node, complaints, f" in `match` of `{attribute}`", place)
    if model is None:
        return None
    named = [name for name in _OPERATORS if getattr(model, "in_" if name == "in" else name) is not None]
    if len(named) != 1:
        complaints.add(place, "wrong-value", f"`{attribute}` expects one of {', '.join(_OPERATORS)}, and one only")
        return None
    operator = named[0]
    reference = node[operator]
    kind = lowering.attribute_kind(attribute, trigger_types, place)
    reference_kind = lowering.attribute_kind(reference, types, reference)
    if kind is None or reference_kind is None:
        return None
    if problem := _problem(attribute, kind, operator, str(reference), reference_kind, model):
        complaints.add(place, "comparison", problem)
        return None
    return Pair(
        attribute=attribute,
        operator=operator,
        reference=str(reference),
        kind=kind,
        factor=Fraction(MICRO if model.factor is None else model.factor, MICRO),
        offset=model.offset or 0,
        default=_read(node, "default", kind, typed, complaints),
        tolerance=_read(node, "tolerance", kind, _tolerance, complaints) or 0,
        money=kind == "money" and reference_kind == "money",
    )


def _problem(
    attribute: str, kind: str, operator: str, reference: str, reference_kind: str, model: PairModel
) -> str | None:
    """What is wrong with comparing an attribute of one kind with a reference of another."""
    if operator == "in":
        return (
            None
            if reference_kind == "list" and kind in ("enum", "string")
            else f"`{attribute}` ({a_kind(kind)}) cannot be looked for in `{reference}` ({a_kind(reference_kind)})"
        )
    pair = {kind, reference_kind}
    same_family = len(pair) == 1 or pair <= set(_NUMERIC) or pair <= {"string", "enum"}
    if not same_family or kind in ("list", "tags", "text"):
        both = f"`{attribute}` is {a_kind(kind)} and `{reference}` {a_kind(reference_kind)}"
        return f"{both}: they cannot be compared"
    if kind in _EQUATABLE and operator not in ("eq", "ne"):
        return f"`{attribute}` is {a_kind(kind)} and cannot be compared with `{operator}`"
    if kind not in _NUMERIC and (model.factor is not None or model.offset is not None):
        return f"`{attribute}` is {a_kind(kind)}: `factor` and `offset` go with numbers"
    if model.tolerance is not None and (operator != "eq" or kind in _EQUATABLE):
        return "`tolerance` goes with `eq` on numbers and times"
    return None


def _read(node: Map, key: str, kind: str, parse: Callable[[str, str], Any], complaints: Complaints) -> Any:
    """An optional constant of a pair, typed by the kind of its attribute; None without it or after a complaint."""
    value = node.get(key)
    if value is None:
        return None
    if not isinstance(value, Text):
        complaints.add(value, "wrong-value", f"`{key}`: expected a single value")
        return None
    try:
        return parse(kind, value)
    except ValueError as error:
        complaints.add(value, "wrong-value", f"`{key}`: {error}")
        return None


def _tolerance(kind: str, text: str) -> int:
    return parse_number(text) if kind in _NUMERIC else parse_duration(text)
