"""Rules of every form for property tests, valid by the small vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from drawn_logs import TYPES
from drawn_selections import (
    ANSWERS,
    CLIENT_MAY,
    RELATIONAL,
    Pen,
    Text,
    own_sames,
    selection,
    types_of,
)
from drawn_times import durations
from hypothesis import strategies as st

TRIGGERS = [*RELATIONAL, "session.held", "contact.touch", *CLIENT_MAY]
COUNTS = ["0", "1", "2", "0.5"]
SUMS = {"minutes": ["0", "50", "100", "110.5"], "count": ["0", "1", "1.1"], "amount": ["0", "80", "160", "130.5"]}
PAIRS: list[tuple[Any, Any, str, str]] = [
    ("session.held", "agreement.made", "minutes", "session_minutes"),
    ("session.*", "agreement.made", "minutes", "session_minutes"),
    ("session.held", "agreement.made", "place", "places"),
    ("session.held", "agreement.made", "local_time", "start_time"),
    ("session.held", "agreement.made", "local_weekday", "weekday"),
    ("session.held", "agreement.made", "days_since_session", "due_days"),
    ("session.held", "session.held", "minutes", "minutes"),
    ("session.held", "session.held", "place", "place"),
    ("session.held", "session.moved", "at", "moved_to"),
    ("session.held", "self", "at", "starts_at"),
    ("session.held", "self", "minutes", "late_minutes"),
    ("agreement.made", "self", "announced_at", "at"),
    ("agreement.made", "agreement.made", "fee", "fee"),
    ("invoice.issued", "agreement.made", "amount", "fee"),
    ("payment.received", "invoice.issued", "amount", "amount"),
    ("payment.received", "invoice.issued", "invoice", "invoice"),
    ("contact.touch", "contact.touch", "by", "by"),
    ("contact.touch", "contact.touch", "count", "count"),
]


def kind_of(name: str, attribute: str) -> str:
    """The kind of an attribute of a type, or of the first type of a pattern."""
    derived = {"at": "timestamp", "local_time": "clock", "local_weekday": "enum", "days_since_session": "number"}
    declared = TYPES[types_of(name)[0]]["attributes"]
    return str(declared[attribute]["type"]) if attribute in declared else derived[attribute]


def forbid(pen: Pen) -> Text:
    return {"forbid": trigger(pen)}


def trigger(pen: Pen, types: Sequence[str] = TRIGGERS) -> Any:
    """A selection of triggers, perhaps the k-th of them, perhaps counted apart by an attribute of their own."""
    chosen = selection(pen, types, nth=True)
    if isinstance(chosen, dict) and "nth" in chosen and pen.chance(30):
        chosen["same"] = [pen.pick(own_sames(types_of(chosen)))]
    return chosen


def answer(pen: Pen, triggers: Sequence[str], nth: bool = False) -> Any:
    """A selection of what may answer a trigger."""
    return selection(pen, ANSWERS, triggers=triggers, nth=nth)


def precedence(pen: Pen) -> Text:
    before = trigger(pen)
    rule: Text = {"require": answer(pen, types_of(before), nth=True), "before": before}
    return rule | ({"within": pen.duration()} if pen.chance(50) else {})


def response(pen: Pen) -> Text:
    after = trigger(pen)
    named = types_of(after)
    rule: Text = {"require": answer(pen, named), "after": after, "within": pen.duration()}
    if pen.chance(20):
        rule["within"] = terms(pen, ["due_days"])
    if pen.chance(30):
        rule["waived_by"] = answer(pen, named)
    if pen.chance(25):
        rule["earlier_counts"] = pen.pick(["true", "false"])
    return rule


def terms(pen: Pen, attributes: Sequence[str]) -> Text:
    """A value from the terms in force."""
    spec: Text = {"of": "agreement.made", "attribute": pen.pick(attributes)}
    if pen.chance(30):
        spec["of"] = selection(pen, ["agreement.made"], union=False)
    for key, options in (("factor", ["2", "0.5"]), ("offset", ["1", "0.25"]), ("default", ["0", "1", "2"])):
        if pen.chance(35):
            spec[key] = pen.pick(options)
    return spec


def every(pen: Pen, states: dict[str, Text]) -> Text:
    """Bounded recurrence, during a state of the rule's own key, or while something goes on."""
    per = pen.pick(["relationship", "practitioner"])
    own = [name for name, state in states.items() if per == "relationship" or state.get("per") == per]
    rule: Text = {"require": selection(pen, ANSWERS), "per": per}
    if own and pen.chance(60):
        rule["during"] = pen.pick(own)
    else:
        active = selection(pen, RELATIONAL, union=False, plain=False)
        rule["while_active"] = active | {"gap": pen.one_of(["2d", "3d", "1d", "36h", "1w"])}
    if own and pen.chance(40):
        rule["not_during"] = pen.pick([own[-1], pen.some(own)])
    return rule | {"every": pen.one_of(["12h", "1d", "36h", "2d", "30min", "3d", "1w"])}


def quota(pen: Pen) -> Text:
    measure = {"count": pen.one_of(["1", "2"])}
    required = selection(pen, ANSWERS)
    if pen.chance(50):
        required = selection(pen, ["supervision.attended", "session.held"])
        measure = {"sum": "minutes", "of": pen.one_of(["50", "60", "110"])}
    elif pen.chance(30):
        required = selection(pen, ["payment.received"])
        measure = {"sum": "amount", "of": pen.one_of(SUMS["amount"])}
    return {
        "require": required,
        "each": "week" if pen.setting.timeless else pen.pick(["week", "week", "month", "month", "quarter", "year"]),
        "at_least": measure,
        "if": trigger(pen),
        "per": pen.pick(["practitioner", "relationship"]),
    }


def limit(pen: Pen) -> Text:
    rule: Text = {"limit": trigger(pen), "to": pen.one_of(COUNTS), "within": pen.duration()}
    shape = pen.pick(["count", "count", "sum", "money", "distinct", "share", "terms"])
    if shape == "sum":
        name, attribute = pen.pick([("session.held", "minutes"), ("contact.touch", "count")])
        rule |= {"limit": trigger(pen, [name]), "of": {"sum": attribute}, "to": pen.one_of(SUMS[attribute])}
    elif shape == "money":
        rule |= {"limit": trigger(pen, ["payment.received", "invoice.issued"]), "of": {"sum": "amount"}}
        rule["to"] = pen.one_of(SUMS["amount"]) if pen.chance(50) else terms(pen, ["fee"])
    elif shape == "distinct":
        attributes = [*own_sames(types_of(rule["limit"])), "client", "type", "covers", "topics"]
        declared = [a for a in attributes if any(has(name, a) for name in types_of(rule["limit"]))]
        rule["of"] = {"distinct": pen.pick(declared)}
    elif shape == "share":
        base = selection(pen, TRIGGERS, triggers=types_of(rule["limit"]))
        rule["of"] = {"share_of": base, "least": pen.pick(["1", "2", "3"])}
        rule["to"] = pen.one_of(["0.5", "0.25", "0.333333", "1"])
    elif shape == "terms":
        rule["to"] = terms(pen, ["due_days"])
    if pen.chance(20):
        rule["same"] = pen.some(own_sames(types_of(rule["limit"])))
    return rule


def has(name: str, attribute: str) -> bool:
    """Whether a type declares an attribute, in its envelope too."""
    return (
        attribute in TYPES[name]["attributes"]
        or attribute in ("type", "local_date")
        or (attribute == "client" and TYPES[name]["client"] != "no")
    )


def expect(pen: Pen) -> Text:
    """Pairs of attributes of one kind."""
    name, reference, _, _ = pen.pick(PAIRS)
    fitting = [pair for pair in PAIRS if pair[:2] == (name, reference)]
    match: Text = {}
    for _, _, attribute, theirs in pen.some(fitting, 1, 2):
        kind = kind_of(name, attribute)
        tests = [pair_test(pen, kind, theirs) for _ in range(pen.pick([1, 1, 2]))]
        match[attribute] = tests[0] if len(tests) == 1 else tests
    expected: Any = name
    if not name.endswith("*") and pen.chance(40):
        expected = selection(pen, [name], nth=True, union=False)
    if reference != "self" and pen.chance(40):
        reference = selection(pen, [reference], triggers=types_of(name), union=False)
    return {"expect": expected, "as": reference, "match": match}


def pair_test(pen: Pen, kind: str, theirs: str) -> Any:
    """One test of a pair."""
    if theirs == "places":
        return {"in": theirs}
    if kind in ("enum", "string"):
        return pen.pick([theirs, {"eq": theirs}, {"ne": theirs}])
    operator = pen.pick(["eq", "le", "lt", "ge", "gt", "ne"])
    test: Text = {operator: theirs}
    if kind in ("number", "money"):
        for key, options in (("factor", ["1.3", "0.5"]), ("offset", ["10", "-10"]), ("default", ["50", "80", "1"])):
            if pen.chance(25):
                test[key] = pen.one_of(options)
    elif kind == "clock" and pen.chance(25):
        test["default"] = "12:00"
    if operator == "eq" and pen.chance(60):
        numeric = kind in ("number", "money")
        test["tolerance"] = pen.one_of(["0.01", "10", "20.5"]) if numeric else pen.one_of(["30min", "12h", "20min"])
    return test


def sequence(pen: Pen) -> Text:
    last = trigger(pen, RELATIONAL)
    steps = [selection(pen, [*RELATIONAL, *CLIENT_MAY], triggers=types_of(last)) for _ in range(pen.pick([1, 2]))]
    return {"sequence": [*steps, last], "within": pen.duration()}


FORMS: list[Callable[[Pen], Text]] = [forbid, precedence, response, limit, expect, sequence, quota]


def trigger_types(rule: Text) -> list[str]:
    """The types of a rule's triggers; for `every` those that may start a stretch."""
    for key in ("forbid", "before", "after", "limit", "expect", "if"):
        if key in rule:
            return types_of(rule[key])
    if "sequence" in rule:
        return types_of(rule["sequence"][-1])
    return types_of(rule["require"])


def around(pen: Pen, rule: Text, states: dict[str, Text]) -> Text:
    """What stands around the form: side tests, excuses, dates, the key."""
    named = trigger_types(rule)
    types = [name for name in named if name in TYPES]  # of findings none
    only = types if "every" not in rule else []
    extra: Text = {}
    if "every" not in rule:
        if pen.chance(10):
            extra["during"] = pen.pick(list(states))
        if pen.chance(12):
            extra["not_during"] = pen.pick([pen.pick(list(states)), pen.some(list(states))])
    if pen.chance(12):
        extra["since"] = since(pen, only, states)
    if pen.chance(20):
        exceptions = [exception(pen, only) for _ in range(pen.pick([1, 1, 2]))]
        extra["unless"] = exceptions[0] if len(exceptions) == 1 else exceptions
    if not pen.setting.timeless and pen.chance(7):
        days = sorted(pen.draw(st.sets(pen.setting.dates(), min_size=1, max_size=2)))
        keys = ["from", "until"] if len(days) == 2 else [pen.pick(["from", "until"])]
        extra["effective"] = dict(zip(keys, days, strict=True))
    if pen.chance(30):
        excuses = [nearby(pen, only) for _ in range(pen.pick([1, 1, 2]))]
        extra["excused_by"] = excuses[0] if len(excuses) == 1 else excuses
    if "per" not in rule and len(types) == len(named):
        clients = {TYPES[name]["client"] for name in types}
        per = pen.pick([None, None, "practitioner", "relationship"])
        if per == "practitioner" or (per == "relationship" and "no" not in clients):
            extra["per"] = per
    return extra


def nearby(pen: Pen, triggers: Sequence[str]) -> Text:
    """A selection with a window."""
    chosen = selection(pen, ANSWERS, triggers=triggers, union=False, plain=False)
    return dict(chosen) | {"within": "ever" if pen.chance(15) else pen.duration()}


def exception(pen: Pen, triggers: Sequence[str]) -> Text:
    from drawn_selections import condition

    return condition(pen, pen.pick(triggers)) if triggers and pen.chance(40) else nearby(pen, triggers)


def since(pen: Pen, triggers: Sequence[str], states: dict[str, Text]) -> Text:
    if pen.chance(50):
        years = {"within": "1y"} if not pen.setting.timeless and pen.chance(20) else {}
        return nearby(pen, triggers) | years
    spans = ["ever"] if pen.setting.timeless else ["1y", "2y", "ever"]
    within = pen.value(st.one_of(durations(), st.sampled_from(spans)))
    return {"state": pen.pick(list(states)), "within": within}


def states(pen: Pen, prefix: str) -> dict[str, Text]:
    """States that a policy declares."""
    found: dict[str, Text] = {}
    for number in range(pen.pick([0, 0, 1, 2])):
        state: Text = {"opened_by": selection(pen, ANSWERS, nth=True)}
        if pen.chance(60):
            state["closed_by"] = selection(pen, ANSWERS)
        lapse = pen.pick(["none", "after", "at"])
        if lapse == "after":
            state["lapses_after"] = pen.duration()
        elif lapse == "at":
            opened, attribute = pen.pick(
                [("leave.taken", "until"), ("session.moved", "moved_to"), ("session.held", "starts_at")]
            )
            state |= {"opened_by": selection(pen, [opened], union=False), "lapses_at": attribute}
        if pen.chance(35):
            state["per"] = pen.pick(["practitioner", "relationship"])
        found[f"{prefix}{number}"] = state
    return found
