"""Small wrongs done to a rule on purpose, to see whether its tests notice.

Each mutant changes one thing: a bound by one, a comparison's edge, a condition or an alternative dropped, a condition
negated, a window by a second, the level, an exception removed. Parameters are written out first (dated ones stay).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from ethics_engine.located import Map, Seq, Text
from ethics_engine.scalars import SECOND, format_duration, parse_duration

EXCEPTIONS = ("unless", "excused_by", "waived_by", "not_during", "during", "since", "earlier_counts", "effective")
_NUMBERS = ("to", "nth", "least", "of", "count", "offset", "factor", "default", "tolerance")
_SPANS = ("within", "every", "gap", "tolerance")
_EDGES = {"lt": "le", "le": "lt", "gt": "ge", "ge": "gt", "eq": "ne", "ne": "eq"}
_LEVELS = {"violation": "risk", "risk": "notice", "notice": "risk"}
_SELECTIONS = ("forbid", "limit", "expect", "as", "require", "before", "after", "if", "sequence", "event", "share_of")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule with one thing changed, and what was changed, in words."""

    change: str
    node: Map


def mutants(rule: Map) -> Iterator[Mutant]:
    """Every mutant of a rule (its node in the file, parameters written out)."""
    level = str(rule["level"])
    if level in _LEVELS:
        yield Mutant(
            f"level {level} to {_LEVELS[level]}", _with(rule, "level", Text(_LEVELS[level], rule["level"].mark))
        )
    for key in EXCEPTIONS:
        if key in rule and not ("every" in rule and key == "during"):
            yield from _removed(rule, key)
    for key in rule:
        if key in ("title", "message", "duty", "remedy", "cites", "basis", "why", "family", "level", "per", "absolute"):
            continue
        for change, node in _changes(key, rule[key]):
            yield Mutant(change, _with(rule, key, node))


def _removed(rule: Map, key: str) -> Iterator[Mutant]:
    """An exception removed, whole or, of several, one at a time."""
    value = rule[key]
    if isinstance(value, Seq) and len(value) > 1:
        for index in range(len(value)):
            yield Mutant(f"`{key}` {index + 1} removed", _with(rule, key, _less(value, index)))
        return
    yield Mutant(f"`{key}` removed", _without(rule, key))


def _changes(key: str, node: Any) -> Iterator[tuple[str, Any]]:
    """The changes of one value of a rule, by the key that it stands under."""
    if isinstance(node, Text):
        yield from _scalar(key, node)
    elif isinstance(node, Seq):
        if len(node) > 1 and key in _SELECTIONS and key != "sequence":
            for index, item in enumerate(node):
                yield f"`{key}` without {_named(item)}", _less(node, index)
        for index, item in enumerate(node):
            for change, changed in _changes(key, item):
                yield change, _at(node, index, changed)
    elif isinstance(node, Map):
        if key in ("where", "not"):
            yield from _conditions(key, node)
            return
        if key == "match":
            yield from _match(node)
            return
        for inner in node:
            if inner == "same" and key not in ("excused_by",):
                yield f"`same` of `{key}` dropped", _without(node, "same")
            for change, changed in _changes(inner, node[inner]):
                yield change, _with(node, inner, changed)
        if key == "unless" and "event" not in node:
            yield from _conditions(key, node)


def _scalar(key: str, node: Text) -> Iterator[tuple[str, Any]]:
    if key in _SPANS:
        try:
            span = parse_duration(node)
        except ValueError:
            span = -1
        if span > 0:
            yield f"`{key}` {node} a second longer", Text(format_duration(span + SECOND), node.mark)
            yield f"`{key}` {node} a second shorter", Text(format_duration(span - SECOND), node.mark)
            return
    if key in _NUMBERS:
        yield from _number(key, node)


def _number(key: str, node: Text) -> Iterator[tuple[str, Any]]:
    """A bound one up and one down, in its last decimal place."""
    try:
        value = Decimal(node)
    except InvalidOperation:
        return
    exponent = value.as_tuple().exponent
    step = Decimal(1).scaleb(exponent) if isinstance(exponent, int) and exponent < 0 else Decimal(1)
    for changed in (value + step, value - step):
        if key in ("nth", "least") and changed < 1:
            continue
        yield f"`{key}` {node} to {changed}", Text(format(changed, "f"), node.mark)


def _conditions(key: str, where: Map) -> Iterator[tuple[str, Any]]:
    """Each condition dropped, negated, its alternatives dropped, its bounds moved."""
    for name in where:
        if len(where) > 1 or key == "where":
            yield f"condition on `{name}` dropped", _without(where, name)
        value = where[name]
        if name == "any" and isinstance(value, Seq):
            for index, item in enumerate(value):
                if len(value) > 1:
                    yield f"alternative {index + 1} of `any` dropped", _with(where, name, _less(value, index))
                for change, changed in _conditions("where", item):
                    yield change, _with(where, name, _at(value, index, changed))
        elif name == "not" and isinstance(value, Map):
            for change, changed in _conditions("not", value):
                yield f"{change} in `not`", _with(where, name, changed)
        else:
            yield from ((change, _with(where, name, changed)) for change, changed in _tests(name, value))


def _tests(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Text):
        yield f"condition on `{name}` negated", _mapping(value, "ne", value)
        yield from _number(name, value)
    elif isinstance(value, Seq):
        yield f"condition on `{name}` negated", _mapping(value, "not_in", value)
        for index, item in enumerate(value):
            if len(value) > 1:
                yield f"`{name}` without {item}", _less(value, index)
    else:
        for operator in value:
            operand = value[operator]
            if operator in _EDGES:
                yield (
                    f"`{name}` {operator} {operand} to {_EDGES[operator]}",
                    _renamed(value, operator, _EDGES[operator]),
                )
            if isinstance(operand, Text):
                for change, changed in _number(name, operand):
                    yield change, _with(value, operator, changed)
            if isinstance(operand, Seq) and len(operand) > 1:
                for index, item in enumerate(operand):
                    yield f"`{name}` {operator} without {item}", _with(value, operator, _less(operand, index))
            if operator == "missing":
                flipped = Text("false" if operand == "true" else "true", operand.mark)
                yield f"`{name}` missing negated", _with(value, operator, flipped)


def _match(match: Map) -> Iterator[tuple[str, Any]]:
    for name, tests in match.items():
        if len(match) > 1:
            yield f"matched `{name}` dropped", _without(match, name)
        for index, test in enumerate(tests if isinstance(tests, Seq) else [tests]):
            for change, changed in _matched(name, test):
                yield change, _with(match, name, _at(tests, index, changed) if isinstance(tests, Seq) else changed)
        if isinstance(tests, Seq) and len(tests) > 1:
            for index in range(len(tests)):
                yield f"test {index + 1} of matched `{name}` dropped", _with(match, name, _less(tests, index))


def _matched(name: str, test: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(test, Text):
        yield f"matched `{name}` negated", _mapping(test, "ne", test)
        return
    for key in test:
        if key in _EDGES:
            yield f"matched `{name}` {key} to {_EDGES[key]}", _edge(test, key)
        else:
            for change, changed in _scalar(key, test[key]) if isinstance(test[key], Text) else ():
                yield change, _with(test, key, changed)


def _edge(test: Map, key: str) -> Map:
    """A comparison's edge moved; `tolerance` goes with `eq` alone."""
    renamed = _renamed(test, key, _EDGES[key])
    return _without(renamed, "tolerance") if "tolerance" in renamed and _EDGES[key] != "eq" else renamed


def _named(item: Any) -> str:
    return f"`{item}`" if isinstance(item, Text) else f"`{item.get('event', 'a selection')}`"


def _copy(node: Map, entries: dict[str, Any]) -> Map:
    mapping = Map(entries)
    mapping.mark = node.mark
    mapping.key_marks = {key: node.key_marks.get(key, node.mark) for key in entries}
    return mapping


def _with(node: Map, key: str, value: Any) -> Map:
    return _copy(node, {**node, key: value})


def _without(node: Map, key: str) -> Map:
    return _copy(node, {name: value for name, value in node.items() if name != key})


def _renamed(node: Map, key: str, new: str) -> Map:
    return _copy(node, {new if name == key else name: value for name, value in node.items()})


def _mapping(place: Text | Seq, key: str, value: Any) -> Map:
    mapping = Map({key: value})
    mapping.mark, mapping.key_marks = place.mark, {key: place.mark}
    return mapping


def _less(node: Seq, index: int) -> Seq:
    sequence = Seq(item for number, item in enumerate(node) if number != index)
    sequence.mark = node.mark
    return sequence


def _at(node: Seq, index: int, value: Any) -> Seq:
    sequence = Seq(value if number == index else item for number, item in enumerate(node))
    sequence.mark = node.mark
    return sequence
