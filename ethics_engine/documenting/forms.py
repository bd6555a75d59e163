"""What each form looks at, in a sentence. A new form is one more function and one line in `FORMS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ethics_engine.documenting.markdown import code
from ethics_engine.documenting.words import Words, listed
from ethics_engine.located import Map, Seq, Text

_COMPARED = {
    "eq": "equals",
    "ne": "differs from",
    "lt": "is below",
    "le": "is at most",
    "gt": "is above",
    "ge": "is at least",
    "in": "is one of",
}


def form_of(rule: Map) -> str:
    """The key under which `FORMS` says the form of a rule."""
    if "require" in rule:
        return next(key for key in ("before", "after", "every", "each") if key in rule)
    return next(key for key in ("forbid", "limit", "expect", "sequence") if key in rule)


def form_in_words(rule: Map, words: Words) -> str:
    """What the rule looks at, as Markdown."""
    return FORMS[form_of(rule)](rule, words)


def _forbid(rule: Map, words: Words) -> str:
    return f"Each of these is a finding: {words.selections(rule['forbid'], trigger=True)}."


def _before(rule: Map, words: Words) -> str:
    span = f", no longer than {words.duration(rule['within'])} before" if "within" in rule else ""
    return (
        f"Each {words.selections(rule['before'], trigger=True)} needs, earlier or at the same instant{span}, "
        f"{words.selections(rule['require'])}. Without it, it is a finding."
    )


def _after(rule: Map, words: Words) -> str:
    within = rule["within"]
    span = words.terms(within, " (in days)") if isinstance(within, Map) else words.duration(within)
    earlier = " One that came before counts too." if rule.get("earlier_counts") == "true" else ""
    events = words.selections(rule["after"], trigger=True)
    return (
        f"Each {events} needs, within {span}, {words.selections(rule['require'])}.{earlier} "
        "Until that time is over it is an open obligation; after it, without an answer, a finding."
    )


def _every(rule: Map, words: Words) -> str:
    if "while_active" in rule:
        activity = rule["while_active"]
        while_ = (
            f"As long as {words.selection(activity)} goes on (no more than {words.duration(activity['gap'])} apart)"
        )
    else:
        while_ = f"While the state {code(rule['during'])} is open"
    return (
        f"{while_}, there is, at least every {words.duration(rule['every'])}, {words.selections(rule['require'])}. "
        "A longer stretch without one is a finding."
    )


def _each(rule: Map, words: Words) -> str:
    least = rule["at_least"]
    answer, period = words.selections(rule["require"]), words.value(rule["each"])
    if "sum" in least:
        wanted = f"{answer} whose {code(least['sum'])} come to at least {words.value(least['of'])} in all"
    else:
        wanted = f"at least {words.value(least['count'])} of these: {answer}"
    return (
        f"Each calendar {period} that holds {words.selections(rule['if'], trigger=True)} holds {wanted}. "
        f"Once it is over, a {period} with less is a finding."
    )


def _limit(rule: Map, words: Words) -> str:
    events, span = words.selections(rule["limit"], trigger=True), words.duration(rule["within"])
    to = words.terms(rule["to"]) if isinstance(rule["to"], Map) else words.value(rule["to"])
    of = rule.get("of") or Map()
    if "sum" in of:
        said = f"Within {span}, the {code(of['sum'])} of these come to no more than {to} in all: {events}."
    elif "distinct" in of:
        said = f"Within {span}, these have no more than {to} different values of {code(of['distinct'])}: {events}."
    elif "share_of" in of:
        said = (
            f"Within {span}, {events} are no more than the share {to} of {words.selections(of['share_of'])}; "
            f"1 would be all of them. It is looked at from {words.value(of['least'])} of them on."
        )
    else:
        said = f"Within {span} there are no more than {to} of these: {events}."
    apart = f" Counted apart for each {listed([code(name) for name in rule['same']], 'and')}." if "same" in rule else ""
    return f"{said}{apart} Each event that goes beyond is a finding."


def _expect(rule: Map, words: Words) -> str:
    itself = isinstance(rule["as"], Text) and rule["as"] == "self"
    reference = "itself" if itself else f"the latest {words.selections(rule['as'])} at or before it"
    owner = "its own" if itself else "the other's"
    pairs = [
        f"- its {code(attribute)} {_pair(test, owner, words)}"
        for attribute, tests in rule["match"].items()
        for test in (tests if isinstance(tests, Seq) else [tests])
    ]
    events = words.selections(rule["expect"], trigger=True)
    head = f"Each {events} is checked against {reference}. What does not hold is a finding:"
    return "\n".join([head, "", *pairs])


def _pair(test: Text | Map, owner: str, words: Words) -> str:
    if isinstance(test, Text):
        return f"equals {owner} {code(test)}"
    operator = next(name for name in _COMPARED if name in test)
    said = f"{_COMPARED[operator]} {owner} {code(test[operator])}{words.scaled(test)}"
    if "tolerance" in test:
        said += f", give or take {words.duration(test['tolerance'])}"
    return said + (f" ({words.value(test['default'])} where that is not recorded)" if "default" in test else "")


def _sequence(rule: Map, words: Words) -> str:
    steps = [f"{number}. {words.selections(step)}" for number, step in enumerate(rule["sequence"], 1)]
    head = f"These, one strictly after the other within {words.duration(rule['within'])}; the last is the finding:"
    return "\n".join([head, "", *steps])


FORMS: Mapping[str, Callable[[Map, Words], str]] = MappingProxyType(
    {
        "forbid": _forbid,
        "before": _before,
        "after": _after,
        "every": _every,
        "each": _each,
        "limit": _limit,
        "expect": _expect,
        "sequence": _sequence,
    }
)
