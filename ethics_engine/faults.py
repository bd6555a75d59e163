"""Faults: what is wrong with a field of a record, in words for the person who wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ethics_engine.errors import Diagnostic, EventError, did_you_mean, shown, suggest
from ethics_engine.scalars import number_out, parse_instant, parse_number
from ethics_engine.vocabulary import Attribute

LONGEST_STRING = 1000
unwritable = re.compile("[\x00\ud800-\udfff]").search  # a NUL, or half of a surrogate pair
is_currency = re.compile(r"[A-Z]{3}").fullmatch


def check_currency(code: str) -> str:
    """The code, if it looks like one of ISO 4217; ValueError otherwise."""
    if not (isinstance(code, str) and is_currency(code)):
        raise ValueError(f"{shown(code)} is not a currency code of three capital letters such as `EUR`")
    return code


_EXPECTED = {
    "string": f"a text of 1 to {LONGEST_STRING} characters",
    "text": "a text",
    "boolean": "`true` or `false`",
    "timestamp": "a time with an offset, such as `2026-03-02T10:00:00+01:00`",
    "clock": "a time of day such as `17:30`",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of a record: what was expected there, and what was seen."""

    field: str
    expected: str
    seen: str
    hint: str | None = None
    code: str = "wrong-value"

    @property
    def message(self) -> str:
        """The fault as one sentence."""
        name = shown(self.field)
        match self.code:
            case "missing-attribute":
                return f"{name} is missing: {self.expected}"
            case "unknown-attribute":
                return f"{name} is not {self.expected}"
            case "unknown-type":
                return f"{self.seen} is not {self.expected}"
            case "no-client":
                return f"{name} does not belong here: {self.expected}"
        return f"{name} should be {self.expected}, not {self.seen}"


def refused(faults: Sequence[Fault], name: str = "<event>") -> EventError:
    """The faults of an event that a caller handed over, as an error."""
    found = [Diagnostic(fault.code, fault.message, name, hint=fault.hint) for fault in faults]
    return EventError(found, field=faults[0].field)


def value_fault(attribute: Attribute, given: Any) -> Fault:
    """What is wrong with a refused value."""
    expected, hint = _EXPECTED.get(attribute.kind, ""), None
    match attribute.kind:
        case "enum":
            expected = f"one of {', '.join(attribute.values)}"
            hint = did_you_mean(given, attribute.values) if isinstance(given, str) else None
        case "list":
            expected = f"a list of {', '.join(attribute.values)}"
            return _list_fault(attribute, given, expected)
        case "number" | "money":
            expected, hint = _number_fault(attribute, given)
        case "boolean":
            if isinstance(given, str) and given.lower() in ("true", "false"):
                hint = f"write `{given.lower()}` without quotes"
        case "timestamp":
            reason = _reason(parse_instant, given)
            hint = reason if reason and "such as `2026" not in reason else None
        case "string" if attribute.name == "currency":
            expected = "a currency code of three capital letters, such as `EUR`"
            if isinstance(given, str) and is_currency(given.upper()):
                hint = f"did you mean `{given.upper()}`?"
        case "string":
            if isinstance(given, (int, float, Decimal)) and not isinstance(given, bool):
                hint = "write it in quotes"
            elif isinstance(given, str) and unwritable(given):
                hint = "it has a NUL or half of a character in it"
    return Fault(attribute.name, expected, shown(given), hint)


def _number_fault(attribute: Attribute, given: Any) -> tuple[str, str | None]:
    low, high = attribute.minimum, attribute.maximum
    expected = "a number"
    if low is not None and high is not None:
        expected = f"a number from {number_out(low)} to {number_out(high)}"
    elif low is not None:
        expected = f"a number of {number_out(low)} or more"
    elif high is not None:
        expected = f"a number of {number_out(high)} or less"
    if isinstance(given, str):
        return expected, "write the number without quotes" if _reason(parse_number, given) is None else None
    countable = isinstance(given, (int, float, Decimal)) and not isinstance(given, bool)
    return expected, _reason(parse_number, given) if countable else None


def _list_fault(attribute: Attribute, given: Any, expected: str) -> Fault:
    if not isinstance(given, (list, tuple)):
        hint = f"write `[{given}]`" if isinstance(given, str) and given in attribute.values else None
        return Fault(attribute.name, expected, shown(given), hint)
    wrong = next(item for item in given if not isinstance(item, str) or item not in attribute.values)
    near = suggest(wrong, attribute.values) if isinstance(wrong, str) else None
    hint = f"did you mean `{near}`?" if near else None
    return Fault(attribute.name, expected, f"{shown(wrong)} among them", hint)


def _reason(parse: Callable[[Any], Any], given: Any) -> str | None:
    """Why a parser refuses a value, in its own words; None where it does not, or has none."""
    try:
        parse(given)
    except ValueError as error:
        return str(error) or None
    except TypeError:
        return None
    return None
