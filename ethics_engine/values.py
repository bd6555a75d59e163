"""Raw JSON values as typed ones: what a record says of one attribute, or an error where it is refused.

Typed values are as in `scalars`: instants and clock times are microseconds, numbers and money micro-units, lists sorted
tuples.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ethics_engine.faults import LONGEST_STRING, is_currency, unwritable, value_fault
from ethics_engine.scalars import NUMBER_BOUND, number_out, parse_clock, parse_instant, parse_number
from ethics_engine.vocabulary import Attribute

_MILLION = 10**6


def read_value(attribute: Attribute, given: Any) -> Any:
    """A raw JSON value as a typed value of an attribute; raises ValueError where it is refused."""
    try:
        return parser(attribute)(given)
    except (KeyError, TypeError, ValueError):
        raise ValueError(value_fault(attribute, given).message) from None


def parser(attribute: Attribute) -> Callable[[Any], Any]:
    """A function from a raw value to a typed one; it raises KeyError, TypeError or ValueError."""
    match attribute.kind:
        case "enum":
            return {value: value for value in attribute.values}.__getitem__
        case "boolean":
            return _boolean
        case "timestamp":
            return parse_instant
        case "clock":
            return parse_clock
        case "number" | "money":
            if attribute.minimum is None and attribute.maximum is None:
                return _number
            return _bounded(attribute.minimum, attribute.maximum)
        case "list":
            return functools.partial(_list, frozenset(attribute.values))
        case "text":
            return _text
    return _currency if attribute.name == "currency" else _string


def _string(given: Any) -> str:
    if type(given) is str and 0 < len(given) <= LONGEST_STRING and given.isprintable() and not given.isspace():
        return given  # nothing printable is unwritable
    if not isinstance(given, str) or not 0 < len(given) <= LONGEST_STRING or given.isspace():
        raise ValueError
    if unwritable(given):
        raise ValueError
    return given if type(given) is str else str.__str__(given)  # an enumeration's own value


def _currency(given: Any) -> str:
    if is_currency(given) is None:
        raise ValueError
    return str.__str__(given)


def _text(given: Any) -> str | bool | int | float | None:
    if isinstance(given, str):
        if unwritable(given):
            raise ValueError
        return str.__str__(given) if given and not given.isspace() else None
    if type(given) is bool:
        return given
    return number_out(_number(given))


def _boolean(given: Any) -> bool:
    if given is True or given is False:
        return bool(given)
    raise ValueError


def _number(given: Any) -> int:
    if type(given) is int and -NUMBER_BOUND < given < NUMBER_BOUND:
        return given * _MILLION
    if isinstance(given, str):
        raise TypeError
    return parse_number(given)


def _bounded(minimum: int | None, maximum: int | None) -> Callable[[Any], int]:
    def parse(given: Any) -> int:
        value = _number(given)
        if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
            raise ValueError
        return value

    return parse


def _list(members: frozenset[str], given: Any) -> tuple[str, ...]:
    if not isinstance(given, (list, tuple)):
        raise TypeError
    found = set(given)
    if not found <= members:
        raise ValueError
    return tuple(sorted(found))


def amendment(key: Any, given: Any) -> Any:
    """A new value for the target of an amendment: kept as given, typed once the target is known."""
    if not isinstance(key, str) or not key or unwritable(key):
        raise ValueError
    if isinstance(given, (list, tuple)):
        return [_string(member) for member in given]
    value = _text(given)
    return "" if value is None else value
