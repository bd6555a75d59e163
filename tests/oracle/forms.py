"""The eight forms. Each gives the cases of one key: triggers of which the form, side tests apart, says something."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from .matching import disagreements
from .record import Event, World, differ
from .selections import Key, alike, answers, areas_of, keeps, latest, members, selected, unknown
from .values import DAY, MICROSECOND, duration, read

Rule = Mapping[str, Any]
Resolve = Callable[[datetime], Rule]  # the rule with the parameters of a day

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Case:
    """A trigger, its rule with the parameters of its day, and what the form says.

    `at`: the date of the finding, or the due time of the obligation where it is not `breached`. `unknown`: what is
    missing where it cannot be told whether the trigger holds; the form says what would be if it held.
    """

    trigger: Event
    rule: Rule
    at: datetime
    breached: bool = True
    unknown: frozenset[str] = NOTHING
    evidence: tuple[Event, ...] = ()


def trigger_selection(rule: Rule) -> Any:
    """The selection that a trigger of the rule matches; for `every` there is none."""
    if "sequence" in rule:
        return rule["sequence"][-1]
    for form in ("forbid", "limit", "expect", "before", "after", "if"):
        if form in rule:
            return rule[form]
    return None


def triggers(resolve: Resolve, key: Key, world: World) -> Iterator[tuple[Event, Rule, frozenset[str]]]:
    """Every event that triggers or, for all that is recorded, may: (event, rule of its day, what is missing)."""
    for e in world.events:
        if key.counts(e):
            rule = resolve(e.at)
            selection = trigger_selection(rule)
            missing = unknown(selection, e, key, world)
            if missing or selected(selection, e, key, world):
                yield e, rule, missing


def window(events: list[Event], start: datetime, end: datetime) -> list[Event]:
    """Windows are closed at both ends."""
    return [x for x in events if start <= x.at <= end]


def term(spec: Mapping[str, Any], e: Event, key: Key, world: World) -> tuple[Fraction | None, str | None]:
    """A number taken from the terms in force at a trigger, and its currency: the latest earlier `of`, attribute times
    factor plus offset. None where nothing gives a value."""
    source = latest([a for a in answers(spec["of"], e, key, world) if a.at <= e.at])
    if source is not None and spec["attribute"] in source.values:
        value, currency = source.values[spec["attribute"]], world.currency_of(source)
    elif "default" in spec:
        value, currency = read("number", spec["default"]), world.currency
    else:
        return None, None
    return value * read("number", spec.get("factor", 1)) + read("number", spec.get("offset", 0)), currency


def forbid(e: Event, rule: Rule, missing: frozenset[str], key: Key, world: World) -> Iterator[Case]:
    """A finding where `e` matches."""
    yield Case(e, rule, e.at, unknown=missing)


def before(e: Event, rule: Rule, missing: frozenset[str], key: Key, world: World) -> Iterator[Case]:
    """A finding where no `r` has `r.at <= t` (with `within: W`: `t-W <= r.at <= t`)."""
    earlier = [r for r in answers(rule["require"], e, key, world) if r.at <= e.at]
    if not [r for r in earlier if "within" not in rule or e.at - duration(rule["within"]) <= r.at]:
        too_early = latest(earlier)
        yield Case(e, rule, e.at, unknown=missing, evidence=(too_early,) if too_early else ())


def after(e: Event, rule: Rule, missing: frozenset[str], key: Key, world: World) -> Iterator[Case]:
    """A finding, dated `t+W`, where no `r` has `t <= r.at <= t+W`; an obligation until that is past."""
    within: timedelta | None
    if isinstance(rule["within"], Mapping):
        days, _ = term(rule["within"], e, key, world)
        within = None if days is None else int(days * (DAY // MICROSECOND)) * MICROSECOND
    else:
        within = duration(rule["within"])
    if within is None:
        return
    due = e.at + within
    answering = [r for r in answers(rule["require"], e, key, world) if r.at <= due]
    if not read("boolean", rule.get("earlier_counts", False)):
        answering = [r for r in answering if e.at <= r.at]
    waiving = answers(rule["waived_by"], e, key, world) if "waived_by" in rule else []
    if not answering and not window(waiving, e.at, due):
        yield Case(e, rule, due, breached=due < world.as_of, unknown=missing)


def limit(e: Event, rule: Rule, missing: frozenset[str], key: Key, world: World) -> Iterator[Case]:
    """A finding where more than `to` of S are in `[t-W, t]`, counted apart for each value of `same`."""
    same = rule.get("same", [])
    of = rule.get("of", {})
    if any(name not in e.values for name in same):
        return
    there = [
        x
        for x in window(world.events, e.at - duration(rule["within"]), e.at)
        if key.counts(x) and all(x.values.get(name) == e.values[name] for name in same)
    ]
    counted = [x for x in there if x is e or selected(rule["limit"], x, key, world)]
    if isinstance(rule["to"], Mapping):
        bound, currency = term(rule["to"], e, key, world)
    else:
        bound, currency = read("number", rule["to"]), world.currency
    if bound is None:
        return
    measure = Fraction(len(counted))
    if "sum" in of:
        if e.kinds.get(of["sum"]) == "money":
            if differ(world.currency_of(e), currency):
                yield Case(e, rule, e.at, unknown=missing | {"currency"})  # Decision: whatever the amount
                return
            counted = [x for x in counted if not differ(world.currency_of(x), world.currency_of(e))]
        measure = sum((x.values.get(of["sum"], Fraction(0)) for x in counted), Fraction(0))
    elif "distinct" in of:
        given = [x.values[of["distinct"]] for x in counted if of["distinct"] in x.values]
        measure = Fraction(
            len({one for value in given for one in (value if isinstance(value, frozenset) else {value})})
        )
    elif "share_of" in of:
        whole = [
            x
            for x in there
            if any(keeps(m, x, key, world, answering=False) and alike(m, x, e) for m in members(of["share_of"]))
        ]
        if not whole or len(whole) < int(of["least"]):
            return
        measure /= len(whole)
    if measure > bound:
        yield Case(e, rule, e.at, unknown=missing, evidence=tuple(counted))


def expect(e: Event, rule: Rule, missing: frozenset[str], key: Key, world: World) -> Iterator[Case]:
    """A finding where the latest `a` with `a.at <= t` disagrees with `e` on a matched pair."""
    if rule["as"] == "self":
        a: Event | None = e
    else:
        a = latest([x for x in answers(rule["as"], e, key, world) if x.at <= e.at])
    disagrees, lacking = disagreements(rule["match"], e, a, world)
    if disagrees:
        yield Case(e, rule, e.at, unknown=missing, evidence=(a,) if a else ())
    elif lacking:
        yield Case(e, rule, e.at, unknown=lacking | missing)


def sequence(e: Event, rule: Rule, missing: frozenset[str], key: Key, world: World) -> Iterator[Case]:
    """A finding where there are `e1 < ... < ek = e` in strictly rising time, `ek.at - e1.at <= W`.

    Decision: where there are several chains, the evidence is the one with the latest steps, from the last back.
    """
    chains: list[tuple[Event, ...]] = [(e,)]
    for step in reversed(rule["sequence"][:-1]):
        chains = [
            (x, *chain)
            for chain in chains
            for x in window(world.events, e.at - duration(rule["within"]), e.at)
            if x.at < chain[0].at
            and any(keeps(member, x, key, world, answering=False) and alike(member, x, e) for member in members(step))
        ]
    if chains:
        chain = max(chains, key=lambda found: [x.order for x in reversed(found)])
        yield Case(e, rule, e.at, unknown=missing, evidence=chain)


def each(resolve: Resolve, key: Key, world: World) -> Iterator[Case]:
    """A finding, dated at the first instant of the next period, where a period that is over holds an S and less than
    is required of R; its trigger is the period's first S. An obligation until the period is over.

    Decisions: of simultaneous first ones the greatest id; R may hold S itself, since a period is answered, no event.
    """
    found = list(triggers(resolve, key, world))
    sure = [(e, rule) for e, rule, missing in found if not missing]
    for e, rule, missing in found:
        start, end = world.calendar.period(e.at, rule["each"])
        others = [x for x, _ in sure if x is not e and start <= x.at < end]
        if missing and others:
            continue
        if any(x.at < e.at or (x.at == e.at and x.order > e.order) for x in others):
            continue
        required = [r for r in quota(rule["require"], e, key, world) if r.at < end]
        inside = [r for r in required if start <= r.at]
        least = rule["at_least"]
        if "sum" in least:
            got, mixed = summed(least["sum"], inside, world)
            short = got < read("number", least["of"])
        else:
            short, mixed = len(inside) < read("number", least["count"]), False
        last = latest([r for r in required if r.at < start])
        if short:
            evidence = (*inside, last) if last else tuple(inside)
            if mixed and end <= world.as_of and not world.covers(areas_of(rule["require"], world)):
                missing |= {"currency"}
            yield Case(e, rule, end, breached=end <= world.as_of, unknown=missing, evidence=evidence)


def summed(attribute: str, inside: list[Event], world: World) -> tuple[Fraction, bool]:
    """The sum of an attribute, and whether amounts in another currency were left out of it.

    Decisions: what is required has the practice's currency; where that is not known, it is the one with the greatest
    sum.
    """
    having = [r for r in inside if r.values.get(attribute)]
    if not any(r.kinds[attribute] == "money" for r in having):
        return sum((r.values[attribute] for r in having), Fraction(0)), False
    known = {named for r in having if (named := world.currency_of(r)) is not None}

    def total(currency: str | None) -> Fraction:
        own = [r for r in having if not differ(world.currency_of(r), currency)]
        return sum((r.values[attribute] for r in own), Fraction(0))

    if world.currency is not None:
        return total(world.currency), any(differ(named, world.currency) for named in known)
    return max(map(total, known), default=total(None)), len(known) > 1


def quota(selection: Any, e: Event, key: Key, world: World) -> list[Event]:
    """What counts towards a quota: the answers to its trigger, and the trigger itself where it is one."""
    return [
        r
        for r in world.events
        if any(keeps(member, r, key, world, answering=True) and alike(member, r, e) for member in members(selection))
    ]
