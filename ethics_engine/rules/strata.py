"""Rules about findings: which rule reads whose findings, in what order they are judged, and no circles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ethics_engine.conditions import All, AnyOf, Condition, Not, Test, predicate
from ethics_engine.plan import FINDING, Pick, Rule, SinceState, Source, State, Variant

_STATIC = ("rule", "policy", "level", "family")


def sources_of(variant: Variant, states: Sequence[State]) -> list[Source]:
    """Every source that a variant reads, those of its states among them."""
    found: list[Source] = []
    for value in (getattr(variant.form, name) for name in variant.form.__slots__):
        found.extend(_sources(value))
    for item in (*variant.since, *variant.unless, *variant.excused_by):
        found.extend(_sources(getattr(item, "source", None)))
    for number in _states_of(variant):
        state = states[number]
        found.extend([state.opened_by] if state.closed_by is None else [state.opened_by, state.closed_by])
    return found


def _states_of(variant: Variant) -> set[int]:
    numbers = {variant.during, *variant.not_during, getattr(variant.form, "state", None)}
    numbers.update(since.state for since in variant.since if isinstance(since, SinceState))
    return {number for number in numbers if number is not None}


def _sources(value: object) -> list[Source]:
    if isinstance(value, Source):
        return [value]
    if isinstance(value, tuple):
        return [source for item in value for source in _sources(item)]
    return [found for name in ("source", "base") if isinstance(found := getattr(value, name, None), Source)]


def finding_conditions(rule: Rule, picks: Sequence[Pick], states: Sequence[State]) -> list[Condition]:
    """The conditions under which a rule reads findings; empty for a rule that reads events alone."""
    sources = [source for variant in rule.variants for source in sources_of(variant, states)]
    numbers = {member.pick for source in sources for member in source.members}
    conditions = (picks[number].conditions for number in sorted(numbers))
    return [each[FINDING] for each in conditions if FINDING in each]


def reads(rules: Mapping[str, Rule], picks: Sequence[Pick], states: Sequence[State]) -> dict[str, list[str] | None]:
    """For each rule the rules whose findings it may read; None for a rule that reads events alone."""
    known = {rule.id: _known(rule) for rule in rules.values()}
    table: dict[str, list[str] | None] = {}
    for rule in rules.values():
        conditions = finding_conditions(rule, picks, states)
        if not conditions:
            table[rule.id] = None
            continue
        checks = [could_hold(each) for each in conditions]
        table[rule.id] = [
            other for other, values in known.items() if any(check(values) is not False for check in checks)
        ]
    return table


def _known(rule: Rule) -> dict[str, object]:
    values: dict[str, object] = {"rule": rule.id, "policy": rule.policy, "level": rule.level}
    if rule.families:
        values["family"] = rule.families
    return values


def could_hold(condition: Condition) -> Callable[[Mapping[str, object]], bool | None]:
    """A check of a rule's findings: whether the condition holds of them, or None where it depends on the finding."""
    match condition:
        case Test():
            return predicate(condition) if condition.attribute in _STATIC else lambda known: None
        case Not(item):
            inner = could_hold(item)
            return lambda known: None if (held := inner(known)) is None else not held
        case All(items):
            return _united([could_hold(item) for item in items], decisive=False)
        case AnyOf(items):
            return _united([could_hold(item) for item in items], decisive=True)


def _united(
    parts: Sequence[Callable[[Mapping[str, object]], bool | None]], *, decisive: bool
) -> Callable[[Mapping[str, object]], bool | None]:
    """One check of several: the decisive answer where one of them gives it."""

    def check(known: Mapping[str, object]) -> bool | None:
        results = [part(known) for part in parts]
        return decisive if decisive in results else None if None in results else not decisive

    return check


def circle(table: Mapping[str, list[str] | None]) -> list[str] | None:
    """Some circle of rules that read each other's findings, or None."""
    done: set[str] = set()
    for start in table:
        path: list[str] = []
        stack = [(start, iter(table[start] or ()))]
        path.append(start)
        while stack:
            rule, children = stack[-1]
            child = next(children, None)
            if child is None:
                stack.pop()
                path.pop()
                done.add(rule)
            elif child in path:
                return [*path[path.index(child) :], child]
            elif child not in done:
                path.append(child)
                stack.append((child, iter(table[child] or ())))
    return None


def strata(table: Mapping[str, list[str] | None]) -> tuple[tuple[str, ...], ...]:
    """The rules in layers: a layer reads only findings of earlier layers. There must be no circle."""
    depth: dict[str, int] = {}
    waiting = [*table][::-1]
    while waiting:
        rule = waiting[-1]
        children = table[rule]
        deeper = [child for child in children or () if child not in depth]
        if deeper:
            waiting.extend(deeper)
            continue
        waiting.pop()
        depth[rule] = 0 if children is None else 1 + max((depth[child] for child in children), default=0)
    layers: dict[int, list[str]] = {}
    for rule in table:
        layers.setdefault(depth[rule], []).append(rule)
    return tuple(tuple(layers[number]) for number in sorted(layers))
