"""What rules read of names and texts: the words that stay, the texts that are compared, and what cannot be kept.

A string of a log is an identifier (of a session, an invoice, an event) or a word. No declaration tells them apart, and
none is needed: a string stays where it is a word that the vocabulary or the rules have themselves, and so says nothing
that is not public; every other one is replaced.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ethics_engine.calendars import WEEKDAYS
from ethics_engine.conditions import Test, tests
from ethics_engine.plan import (
    Expectation,
    Limit,
    Measure,
    Plan,
    Quota,
    Rule,
    SinceEvent,
    SinceState,
    Source,
    UnlessCondition,
    Variant,
    Years,
)
from ethics_engine.vocabulary import ENVELOPE, LEVELS, SOURCES, STATUSES

PEOPLE = ("practitioner", "client")
_NAMED = frozenset({*PEOPLE, "id"})
_ALONE = frozenset({*PEOPLE, "local_date"})  # what keeps its equality with values of its own attribute only
_LONG_PERIODS = ("month", "quarter", "year")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a plan's rules read of names and texts.

    `words` stay as they are; `texts` are the attributes of free text whose values rules compare with others.
    `reservations` say of rules what pseudonyms do not keep, `dated` what a shift in time does not.
    """

    words: frozenset[str]
    texts: frozenset[str]
    reservations: tuple[str, ...] = ()
    dated: tuple[str, ...] = ()


def reading_of(plan: Plan, rules: Iterable[str]) -> Reading:
    """What the rules of a plan read; `rules` are the ids that a waiver may name."""
    vocabulary = plan.vocabulary
    words = {*rules, *LEVELS, *STATUSES, *SOURCES, *WEEKDAYS, *vocabulary.types, *vocabulary.areas}
    words.update(word for values in vocabulary.enumerations.values() for word in values)
    words.update(word for each in vocabulary.types.values() for one in each.attributes.values() for word in one.values)
    compared: set[str] = set()
    kept_not: list[str] = []
    dated: list[str] = []
    for rule in plan.rules.values():
        words.update((rule.id, rule.policy, *rule.families))
        names: set[str] = set()
        crossed: set[tuple[str, str]] = set()
        for variant in rule.variants:
            for test in _tests(plan, variant):
                if test.attribute in _NAMED and test.operator != "missing":
                    names.add(test.attribute)
                else:
                    words.update(_strings(test.constant))
            for theirs, mine in _pairs(plan, variant):
                compared |= {theirs, mine}
                if theirs != mine and {theirs, mine} & _ALONE:
                    crossed.add((theirs, mine))
            if isinstance(variant.form, Expectation):
                words.update(word for pair in variant.form.pairs for word in _strings(pair.default))
        kept_not += [f"`{rule.id}` names a {name} in its condition" for name in sorted(names)]
        kept_not += [f"`{rule.id}` compares `{one}` with `{other}`" for one, other in sorted(crossed)]
        why = _dated(plan, rule)
        if why:
            dated.append(f"`{rule.id}` {why}")
    return Reading(frozenset(words), frozenset(compared), tuple(kept_not), tuple(dated))


def sources_of(plan: Plan, variant: Variant) -> Iterator[Source]:
    """Every selection of a variant: those of its form, its side tests, and the states that it asks for."""
    yield from _sources(variant.form)
    for aside in (*variant.since, *variant.unless, *variant.excused_by):
        yield from _sources(aside)
    asked = {variant.during, *variant.not_during, getattr(variant.form, "state", None)}
    asked |= {since.state for since in variant.since if isinstance(since, SinceState)}
    for state in (plan.states[number] for number in asked if number is not None):
        yield state.opened_by
        if state.closed_by is not None:
            yield state.closed_by


def _sources(node: Any) -> Iterator[Source]:
    """The sources in a form or a side test, those of its terms and its measure too."""
    for name in getattr(type(node), "__slots__", ()):
        value = getattr(node, name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Source):
                yield one
            elif hasattr(one, "source") or isinstance(one, Measure):
                yield from _sources(one)


def _tests(plan: Plan, variant: Variant) -> Iterator[Test]:
    """Every test of a variant on a value of an event."""
    for source in sources_of(plan, variant):
        for member in source.members:
            for condition in plan.picks[member.pick].conditions.values():
                yield from tests(condition)
    for unless in variant.unless:
        if isinstance(unless, UnlessCondition):
            for condition in unless.conditions.values():
                yield from tests(condition)


def _pairs(plan: Plan, variant: Variant) -> Iterator[tuple[str, str]]:
    """Every pair of attributes whose values a variant compares; one with itself where it counts distinct values."""
    for source in sources_of(plan, variant):
        for member in source.members:
            yield from member.same
    form = variant.form
    if isinstance(form, Expectation):
        yield from ((pair.attribute, pair.reference) for pair in form.pairs)
    if isinstance(form, Limit):
        yield from ((name, name) for name in form.same)
    if isinstance(form, Limit | Quota) and form.measure.attribute is not None:
        yield form.measure.attribute, form.measure.attribute


def _strings(constant: Any) -> Collection[str]:
    if isinstance(constant, str):
        return (constant,)
    return [one for one in constant if isinstance(one, str)] if isinstance(constant, tuple) else ()


def _dated(plan: Plan, rule: Rule) -> str:
    """Why a shift by whole weeks may change what a rule finds; '' where nothing of the rule speaks of the calendar."""
    dates = {"local_date", *(name for name, one in ENVELOPE.items() if one.kind == "timestamp")}
    for each in plan.vocabulary.types.values():
        dates.update(name for name, one in each.attributes.items() if one.kind == "timestamp")
    for variant in rule.variants:
        if variant.start is not None or variant.end is not None:
            return "is in force, or has numbers that are, from a date on"
        if isinstance(variant.form, Quota) and variant.form.period in _LONG_PERIODS:
            return f"counts by the {variant.form.period}"
        if any(
            isinstance(since, SinceEvent | SinceState) and isinstance(since.within, Years) for since in variant.since
        ):
            return "counts calendar years"
        for test in _tests(plan, variant):
            if test.attribute in dates and test.operator != "missing":
                return f"compares `{test.attribute}` with a date"
    return ""
