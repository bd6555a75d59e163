"""Whole policies for property tests: rules of every form, and in a policy of their own the rules about findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drawn_rules import FORMS, answer, around, every, states, trigger, types_of
from drawn_selections import Pen, Text
from drawn_times import Setting
from hypothesis import strategies as st
from small_vocabulary import VOCABULARY

FAMILIES = ["one", "two", "three"]


def finished(pen: Pen, rule: Text, levels: Sequence[str]) -> Text:
    """The rule with its words, level and family, as a file has it."""
    rule = {"title": "A rule", "level": pen.pick(levels), "message": "It happened.", **rule}
    if pen.chance(40):
        rule["family"] = pen.pick([pen.pick(FAMILIES), pen.some(FAMILIES)])
    if rule["level"] != "none" and "excused_by" not in rule and pen.chance(10):
        rule["absolute"] = "true"
    return rule


def plain_rule(pen: Pen, known: dict[str, Text]) -> Text:
    """A rule that reads events alone."""
    form = pen.pick([*FORMS, every])
    rule: Text = every(pen, known) if form is every else form(pen)
    return finished(
        pen, rule | around(pen, rule, known), ["risk", "violation", "notice", "risk", "violation", "notice", "none"]
    )


def findings(pen: Pen, feeds: Sequence[str], policies: Sequence[str]) -> Text:
    """A selection of findings that cannot be those of the rule itself: it names rules, or other policies."""
    where: Text = pen.pick([{"rule": pen.pick(feeds)}, {"rule": pen.some(feeds, 1, 3)}, {"policy": pen.pick(policies)}])
    if pen.chance(20):
        where["family"] = pen.pick([pen.pick(FAMILIES), {"contains": pen.some(FAMILIES)}, {"missing": "false"}])
    if pen.chance(15):
        where["level"] = pen.pick(["none", "risk", ["risk", "violation"]])
    if pen.chance(25):
        where["status"] = pen.pick(["open", "excused", "waived", ["open", "excused"], {"ne": "open"}])
    if pen.chance(10) and not any(name.startswith("pattern.") for name in feeds):
        where["type"] = pen.pick(["session.held", "contact.touch"])
    return {"event": "finding", "where": where}


def rule_about_findings(pen: Pen, feeds: Sequence[str], policies: Sequence[str], known: dict[str, Text]) -> Text:
    """A rule that reads findings, as triggers or as answers."""
    found = findings(pen, feeds, policies)
    shape = pen.pick(["limit", "limit", "forbid", "after", "before", "sequence", "quota", "require", "unless"])
    if shape == "limit":
        rule: Text = {"limit": found, "to": pen.one_of(["1", "0", "2"]), "within": pen.duration()}
        measure = pen.pick([None, "rule", "family", "client", "share"])
        if measure == "share":
            base = findings(pen, feeds, policies)
            rule |= {"of": {"share_of": [base, "session.held"], "least": "1"}, "to": "0.5"}
        elif measure is not None:
            rule["of"] = {"distinct": measure}
        if pen.chance(20):
            rule["same"] = [pen.pick(["rule", "client", "status"])]
    elif shape == "forbid":
        rule = {"forbid": pen.pick([found, [found, "session.moved"], found | {"nth": "2"}])}
    elif shape == "after":
        rule = {"require": answer(pen, []), "after": found, "within": pen.duration()}
    elif shape == "before":
        rule = {"require": answer(pen, []), "before": found}
    elif shape == "sequence":
        steps = [pen.pick(["session.held", findings(pen, feeds, policies)]), found]
        rule = {"sequence": steps, "within": pen.duration()}
    elif shape == "quota":
        rule = {"require": answer(pen, []), "each": "week", "at_least": {"count": "1"}, "if": found}
    elif shape == "require":
        rule = {"require": found, "before": trigger(pen)}
    else:
        rule = {"forbid": trigger(pen), "unless": found | {"within": pen.duration()}}
    rule["per"] = pen.pick(["relationship", "practitioner"])
    extra = around(pen, rule, known)
    return finished(pen, {**extra, **rule}, ["risk", "notice", "risk", "notice", "none"])


def policy(name: str, pen: Pen, own: dict[str, Text], rules: dict[str, Text]) -> Text:
    found: Text = {"policy": name, "title": "A policy", "version": "1.0", "rules": rules}
    if pen.parameters:
        found["parameters"] = pen.parameters
    return found | ({"states": own} if own else {})


@st.composite
def policies(draw: st.DrawFn, setting: Setting, most: int = 3, about_findings: bool = True) -> list[dict[str, Any]]:
    """One to three policies: `alpha`, perhaps `beta`, and `pattern`, whose rules read findings of the others."""
    found: list[Text] = []
    known: dict[str, Text] = dict(VOCABULARY["states"])
    for name in ("alpha", "beta") if draw(st.integers(0, 9)) >= 7 else ("alpha",):
        pen = Pen(draw, setting)
        own = states(pen, name)
        known |= own
        rules = {f"{name}.r{number}": plain_rule(pen, known) for number in range(pen.pick([1, 1, *range(1, most + 1)]))}
        found.append(policy(name, pen, own, rules))
    if about_findings and draw(st.integers(0, 9)) >= 5:
        pen = Pen(draw, setting)
        names = [each["policy"] for each in found]
        feeds = [rule for each in found for rule in each["rules"]]
        about: dict[str, Text] = {}
        own = {"crossed": {"opened_by": findings(pen, feeds, names), "lapses_after": "2d"}} if pen.chance(30) else {}
        known |= own
        for number in range(pen.pick([1, 2])):
            about[f"pattern.r{number}"] = rule_about_findings(pen, [*feeds, *about], names, known)
        found.append(policy("pattern", pen, own, about))
    return found


__all__ = ["policies", "types_of"]
