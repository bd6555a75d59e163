"""Words for what a rule looks for and for what an event says: values, tests, selections, instants and spans.

Sentences hold data of the log as it stands; whoever writes them out makes it inert.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from ethics_engine.calendars import Zone
from ethics_engine.conditions import All, AnyOf, Condition, Not, Test, predicate
from ethics_engine.events import Event
from ethics_engine.messages import NOT_RECORDED, Instant, Span, shown, worded
from ethics_engine.plan import FINDING, Plan, Same, Source, Terms, Years
from ethics_engine.scalars import DAY, HOUR, MICRO, MINUTE, SECOND, number_out
from ethics_engine.vocabulary import ENVELOPE

_OPERATORS = {
    "eq": "{}",
    "ne": "not {}",
    "lt": "less than {}",
    "le": "at most {}",
    "gt": "more than {}",
    "ge": "at least {}",
    "in": "{}",
    "not_in": "anything but {}",
    "contains": "with {}",
    "contains_all": "with {}",
}
_UNSAID = ("id", "at", "type", "practitioner", "client")  # what a sentence about an event says already
_MOST = 3  # event types that are named before the rest is counted
_NUMERIC = ("number", "money")


def listed(words: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return "".join(words) if len(words) < 2 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def counted(number: int, one: str) -> str:
    """`1 event`, `2 events`."""
    return f"{number} {one if number == 1 else one + 's'}"


def apart(us: int) -> str:
    """A length of time in its two largest units: `2 days and 3 hours`."""
    parts = []
    left = abs(us)
    for name, unit in (("day", DAY), ("hour", HOUR), ("minute", MINUTE), ("second", SECOND)):
        if left >= unit:
            parts.append(counted(left // unit, name))
            left %= unit
        if len(parts) == 2:
            break
    return " and ".join(parts) or ("no time" if us == 0 else "less than a second")


def number(value: Fraction | int | float) -> str:
    """A number in ones, cut to six decimals."""
    exact = Fraction(value)
    return str(int(exact)) if exact.denominator == 1 else str(round(float(exact), 6))


class Words:
    """Words in one practice's time zone, for the attributes of one vocabulary."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.zone = Zone(plan.timezone)

    # Times

    def moment(self, at: int) -> str:
        """`2 March 2026, 10:00`, with seconds where they tell."""
        text = shown(Instant(at), "datetime", self.zone)
        return text if at % MINUTE == 0 else f"{text}:{self.zone.local(at).second:02}"

    def length(self, within: int | Years | None) -> str:
        """A window as a rule has it: `48 hours`, `2 years`, `any time`."""
        if within is None:
            return "any time"
        return counted(within.years, "year") if isinstance(within, Years) else Span(within).words()

    # Events

    def event(self, event: Event) -> str:
        """`e12 (contact.touch, 2 March 2026, 10:00)`; of a finding its rule."""
        if event.type == FINDING:
            return f"finding {event.id} ({event.values['rule']}, {self.moment(event.at)})"
        return f"{event.id} ({event.type}, {self.moment(event.at)})"

    def attributes(self, event: Event) -> tuple[dict[str, str], dict[str, str]]:
        """What an event says besides its envelope, in words: what was noted, and what is as the vocabulary assumes."""
        noted: dict[str, str] = {}
        assumed: dict[str, str] = {}
        declared = self.plan.vocabulary.types[event.type].attributes
        for name, value in event.values.items():
            if name in _UNSAID or (name not in declared and name not in ENVELOPE):
                continue
            usual = name in declared and declared[name].default == value
            (assumed if usual else noted)[name] = self.value(event.type, name, value)
        return noted, assumed

    def value(self, event_type: str, name: str, value: Any) -> str:
        """A typed value of an attribute in words."""
        if value is None:
            return NOT_RECORDED
        attribute = self.plan.vocabulary.attribute(event_type, name)
        kind = "string" if attribute is None else attribute.kind
        return shown(worded(value, kind), "datetime" if kind == "timestamp" else "", self.zone)

    # Tests

    def wanted(self, event_type: str, test: Test) -> str:
        """What a test looks for: `less than 24`, `card or cash`, `not recorded`."""
        if test.operator == "missing":
            return NOT_RECORDED if test.constant else "recorded"
        constants = test.constant if isinstance(test.constant, tuple) else (test.constant,)
        joint = "and" if test.operator == "contains_all" else "or"
        named = listed([self._constant(event_type, test.attribute, one) for one in constants], joint)
        money = f" {test.currency}" if test.currency else ""
        return _OPERATORS[test.operator].format(named) + money

    def _constant(self, event_type: str, name: str, value: Any) -> str:
        return self.value(event_type, name, (value,) if self._is_list(event_type, name) else value)

    def _is_list(self, event_type: str, name: str) -> bool:
        attribute = self.plan.vocabulary.attribute(event_type, name)
        return attribute is not None and attribute.kind in ("list", "tags")

    def seen(self, event: Event, test: Test, *, negated: bool = False) -> str:
        """What an event says under a test: `consent: yes; looked for: no`."""
        value = self.value(event.type, test.attribute, event.values.get(test.attribute))
        if negated:
            return f"{test.attribute}: {value}; left out: {self.wanted(event.type, test)}"
        return f"{test.attribute}: {value}; looked for: {self.wanted(event.type, test)}{self._short(event, test)}"

    def _short(self, event: Event, test: Test) -> str:
        """How far a number is from its bound, where it fails it."""
        attribute = self.plan.vocabulary.attribute(event.type, test.attribute)
        value = event.values.get(test.attribute)
        bounds = ("lt", "le", "gt", "ge")
        if attribute is None or value is None or test.operator not in bounds or attribute.kind not in _NUMERIC:
            return ""
        if predicate(test)(event.values) or value == test.constant:
            return ""
        return f" ({number_out(abs(value - test.constant))} {'too many' if value > test.constant else 'short'})"

    def condition(self, event_type: str, condition: Condition) -> str:
        """A whole condition in words, for an event that is not there."""
        match condition:
            case Test():
                return f"{condition.attribute} {self.wanted(event_type, condition)}"
            case All(items):
                return listed([self.condition(event_type, item) for item in items])
            case AnyOf(items):
                return "either " + listed([self.condition(event_type, item) for item in items], "or")
            case Not(item):
                return f"not ({self.condition(event_type, item)})"

    # Selections

    def source(self, source: Source, trigger: Event | None = None) -> str:
        """What a selection looks for: `agreement.made (covers with fee)`; `same` with the trigger's values."""
        said = []
        for member in source.members:
            by_condition: dict[str, list[str]] = {}
            for event_type, condition in self.plan.picks[member.pick].conditions.items():
                by_condition.setdefault(self.condition(event_type, condition), []).append(event_type)
            for words, types in by_condition.items():
                narrowed = [words] if words else []
                narrowed += self._same(member.same, trigger)
                narrowed += [f"number {member.nth} of them"] if member.nth is not None else []
                said.append(_types(types) + (f" ({listed(narrowed)})" if narrowed else ""))
        return listed(list(dict.fromkeys(said)), "or")

    def _same(self, same: Same, trigger: Event | None) -> list[str]:
        return [
            f"{theirs} the same as {mine} here"
            + ("" if trigger is None else f", {self.value(trigger.type, mine, trigger.values.get(mine))}")
            for theirs, mine in same
        ]

    def terms(self, terms: Terms, found: Event | None) -> str:
        """Where a value of the terms in force comes from."""
        if found is not None and terms.attribute in found.values:
            of = self.value(found.type, terms.attribute, found.values[terms.attribute])
            said = f"{terms.attribute} {of} of {self.event(found)}"
        else:
            said = f"{terms.attribute} is not agreed; {number_out(terms.default or 0)} stands for it"
        return said + _adjusted(terms.factor, Fraction(terms.offset, MICRO))

    def reasons(self, event: Event, condition: Condition, *, negated: bool = False) -> list[tuple[Test, bool]]:
        """The tests that tell how a condition came out for an event, in the rule's order; whether inside a `not`."""
        holds = predicate(condition)(event.values)
        match condition:
            case Test():
                return [(condition, negated)]
            case Not(item):
                return self.reasons(event, item, negated=not negated)
            case All(items) | AnyOf(items):
                telling = [item for item in items if predicate(item)(event.values) == holds]
                return [reason for item in telling for reason in self.reasons(event, item, negated=negated)]


def _types(types: Sequence[str]) -> str:
    if len(types) <= _MOST:
        return listed(types, "or")
    return f"{', '.join(types[: _MOST - 1])} or another of {len(types)} types"


def _adjusted(factor: Fraction, offset: Fraction) -> str:
    said = f", times {number(factor)}" if factor != 1 else ""
    return said + (f", {'plus' if offset > 0 else 'less'} {number(abs(offset))}" if offset else "")


def ids(events: Iterable[Event]) -> tuple[str, ...]:
    """The ids of some events."""
    return tuple(event.id for event in events)
