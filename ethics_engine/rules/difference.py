"""How two rule sets differ, rule by rule: what matches more, what matches less, levels, wording.

Each difference is classed by what it does to the findings of any log. `more`: it may find what was not found, never the
other way; `less`: the reverse; `level`: the same findings, at another level; `wording`: what is said of them; `other`:
both ways, or it cannot be told without a log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Literal

from ethics_engine.conditions import All, AnyOf, Condition, Not, Test
from ethics_engine.plan import (
    Chain,
    Expectation,
    Form,
    Limit,
    Pair,
    Plan,
    Precedence,
    Quota,
    Recurrence,
    Response,
    Rule,
    SinceState,
    Source,
    Variant,
    Wording,
)
from ethics_engine.rules.rule_set import RuleSet
from ethics_engine.scalars import format_duration, number_out

Class = Literal["more", "less", "level", "wording", "other"]
CLASSES: tuple[Class, ...] = ("less", "more", "other", "level", "wording")
_OPPOSITE: dict[Class, Class] = {"more": "less", "less": "more"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference of one rule."""

    rule: str
    kind: Class
    what: str


def differences(old: RuleSet, new: RuleSet) -> list[Difference]:
    """Every difference, the rules in alphabetical order; a rule that is not enabled counts as absent."""
    before, after = old.plan(), new.plan()
    found: list[Difference] = []
    for name in sorted({*before.rules, *after.rules}):
        if name not in after.rules:
            found.append(Difference(name, "less", "removed"))
        elif name not in before.rules:
            found.append(Difference(name, "more", "added"))
        else:
            pairs = _rule(_resolved(before.rules[name], before), _resolved(after.rules[name], after))
            found.extend(Difference(name, kind, what) for kind, what in dict.fromkeys(pairs))
    return found


@dataclass(frozen=True, slots=True)
class _Union:
    """A source without the numbers of its plan: its members' conditions by type, `same` and `nth`."""

    members: tuple[tuple[dict[str, Condition], Any, Any], ...]


def _resolved(value: Any, plan: Plan) -> Any:
    """A part of a plan with sources and states written out, so that those of two plans can be compared."""
    match value:
        case Source(members=members):
            return _Union(tuple((dict(plan.picks[each.pick].conditions), each.same, each.nth) for each in members))
        case tuple():
            return tuple(_resolved(each, plan) for each in value)
        case Variant():
            return replace(
                _fields(value, plan),
                during=_state(value.during, plan),
                not_during=tuple(_state(number, plan) for number in value.not_during),
            )
        case SinceState() | Recurrence():
            return replace(_fields(value, plan), state=_state(value.state, plan))
    return _fields(value, plan) if is_dataclass(value) and not isinstance(value, type) else value


def _fields(value: Any, plan: Plan) -> Any:
    if isinstance(value, Test | All | AnyOf | Not):
        return value
    return replace(value, **{each.name: _resolved(getattr(value, each.name), plan) for each in fields(value)})


def _state(number: int | None, plan: Plan) -> Any:
    return None if number is None else replace(_fields(plan.states[number], plan), number=0)


def _worded(rule: Rule, name: str) -> list[Any]:
    """What a rule says under a name, whenever it is said."""
    wordings = [*(wording for _, wording in rule.earlier), rule.wording]
    return [getattr(each, name) for each in (wordings if name in Wording.__slots__ else [rule])]


def _rule(old: Rule, new: Rule) -> Iterator[tuple[Class, str]]:
    if old.level != new.level:
        yield "level", f"level {old.level} to {new.level}"
    for name in ("title", "message", "duty", "remedy", "cites", "basis", "why"):
        if _worded(old, name) != _worded(new, name):
            yield "wording", name
    for name in ("per", "families", "absolute"):
        if getattr(old, name) != getattr(new, name):
            yield "other", name
    if len(old.variants) != len(new.variants):
        yield "other", "dated parameters"
        return
    for mine, theirs in zip(old.variants, new.variants, strict=True):
        yield from _variant(mine, theirs)


def _variant(old: Variant, new: Variant) -> Iterator[tuple[Class, str]]:
    if (old.start, old.end) != (new.start, new.end):
        yield ("more" if _covers(new, old) else "less" if _covers(old, new) else "other"), "effective"
    yield from _form(old.form, new.form)
    yield from _gate("during", old.during, new.during)
    for name in ("not_during", "unless", "excused_by", "since"):
        yield from _listed(name, getattr(old, name), getattr(new, name), "less")


def _form(old: Form, new: Form) -> Iterator[tuple[Class, str]]:
    match old, new:
        case Recurrence(), Recurrence():
            yield from _gate("during", old.state, new.state)
            if (old.activity, old.gap) != (new.activity, new.gap):
                yield "other", "while_active"
            yield from _number("every", old.every, new.every, "less")
        case Precedence(), Precedence():
            yield from _number("within", old.within, new.within, "less")
        case Response(), Response():
            yield from _number("within", old.within, new.within, "less")
            yield from _listed("waived_by", [old.waived_by], [new.waived_by], "less")
            yield from _number("earlier_counts", int(old.earlier_counts), int(new.earlier_counts), "less", bool)
        case Quota(), Quota():
            yield from _number("at_least", old.need, new.need, "more", number_out)
            if (old.period, old.measure) != (new.period, new.measure):
                yield "other", "each"
        case Limit(), Limit():
            yield from _number("to", old.to, new.to, "less", number_out)
            share = "share" in (old.measure.kind, new.measure.kind)
            yield from _number("within", old.within, new.within, "other" if share else "more")
            if (old.measure, old.same) != (new.measure, new.same):
                yield "other", "of"
        case Chain(), Chain():
            yield from _number("within", old.within, new.within, "more")
            if old.earlier != new.earlier:
                yield "other", "sequence"
        case Expectation(), Expectation():
            if old.reference != new.reference:
                yield "other", "as"
            yield from _pairs(old.pairs, new.pairs)
        case _ if type(old) is not type(new):
            yield "other", "form"
            return
    yield from _union("trigger", getattr(old, "trigger", None), getattr(new, "trigger", None), "more")
    yield from _union("require", getattr(old, "answer", None), getattr(new, "answer", None), "less")


def _pairs(old: Sequence[Pair], new: Sequence[Pair]) -> Iterator[tuple[Class, str]]:
    """Matched pairs: one that came or went, or, where only its reference or tolerance moved, which way."""
    if len(old) != len(new) or any(_kind(mine) != _kind(theirs) for mine, theirs in zip(old, new, strict=False)):
        yield from _listed("match", old, new, "more")
        return
    for mine, theirs in zip(old, new, strict=True):
        name = f"match of {mine.attribute}"
        numeric = mine.kind in ("number", "money")
        higher: Class = {"lt": "less", "le": "less", "gt": "more", "ge": "more"}.get(mine.operator, "other")  # type: ignore[assignment]
        yield from _number(f"{name}: offset", mine.offset, theirs.offset, higher, number_out)
        if mine.factor != theirs.factor:
            yield "other", f"{name}: factor {float(mine.factor):g} to {float(theirs.factor):g}"
        shown = number_out if numeric else format_duration
        yield from _number(f"{name}: tolerance", mine.tolerance, theirs.tolerance, "less", shown)
        if mine.default != theirs.default:
            yield "other", f"{name}: default"


def _kind(pair: Pair) -> tuple[str, str, str]:
    return pair.attribute, pair.operator, pair.reference


def _union(what: str, old: Any, new: Any, wider: Class) -> Iterator[tuple[Class, str]]:
    """A union of selections that changed; one that takes in more makes the rule match `wider`."""
    if old != new:
        grew, shrank = _takes_in(new, old), _takes_in(old, new)
        yield (wider if grew else _opposite(wider) if shrank else "other"), what


def _gate(what: str, old: Any, new: Any) -> Iterator[tuple[Class, str]]:
    if old != new:
        yield ("less" if old is None else "more" if new is None else "other"), what


def _listed(what: str, old: Sequence[Any], new: Sequence[Any], more: Class) -> Iterator[tuple[Class, str]]:
    """A list that each entry of which makes the rule match `more` (or less)."""
    gone = [each for each in old if each is not None and each not in new]
    come = [each for each in new if each is not None and each not in old]
    if come or gone:
        yield ("other" if come and gone else more if come else _opposite(more)), what


def _number(
    what: str, old: Any, new: Any, larger: Class, shown: Callable[[int], object] = format_duration
) -> Iterator[tuple[Class, str]]:
    """A bound that moved (`None` has no end); terms in force cannot be compared beforehand."""
    if old == new:
        return
    if not all(each is None or isinstance(each, int) for each in (old, new)):
        yield "other", what
        return
    grew = new is None or (old is not None and new > old)
    before, after = ("no end" if each is None else shown(each) for each in (old, new))
    yield (larger if grew else _opposite(larger)), f"{what} {before} to {after}"


def _opposite(kind: Class) -> Class:
    return _OPPOSITE.get(kind, kind)


def _covers(wide: Variant, narrow: Variant) -> bool:
    begins = wide.start is None or (narrow.start is not None and wide.start <= narrow.start)
    ends = wide.end is None or (narrow.end is not None and narrow.end <= wide.end)
    return begins and ends


def _takes_in(wide: _Union, narrow: _Union) -> bool:
    """Whether one union certainly takes in everything that another does."""
    return all(any(_member_takes_in(each, other) for each in wide.members) for other in narrow.members)


def _member_takes_in(
    wide: tuple[dict[str, Condition], Any, Any], narrow: tuple[dict[str, Condition], Any, Any]
) -> bool:
    if wide == narrow:
        return True
    if wide[1:] != narrow[1:] or wide[2] is not None:
        return False
    return all(name in wide[0] and _parts(wide[0][name]) <= _parts(each) for name, each in narrow[0].items())


def _parts(condition: Condition) -> frozenset[Condition]:
    return frozenset(condition.items) if isinstance(condition, All) else frozenset({condition})
