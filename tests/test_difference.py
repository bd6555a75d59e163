"""`rules diff`: each change of a rule is classed by what it does to the findings of any log."""

from __future__ import annotations

from pathlib import Path

import pytest

from ethics_engine import RuleSet, load_rules
from ethics_engine.rules.difference import Difference, differences

HEAD = 'policy: mine\ntitle: Mine\nversion: "1.0"\nrules:\n'
TAIL = '    message: "It happened."\n'
FORBID = "forbid: {event: contact.social, where: {by: practitioner, planned: true}}"
LIMIT = "limit: contact.touch\nto: 2\nwithin: 30d"
AFTER = "require: note.recorded\nafter: session.held\nwithin: 7d"
BEFORE = "require: agreement.made\nbefore: session.held\nwithin: 30d"
EVERY = "require: agreement.reviewed\nevery: 90d\nduring: therapy\nper: relationship"
EACH = (
    "require: supervision.attended\neach: month\nat_least: {sum: minutes, of: 90}\nif: session.held\nper: practitioner"
)
EXPECT = "expect: session.held\nas: agreement.made\nmatch: {minutes: {le: session_minutes}, place: place}"
CHAIN = "sequence: [session.moved, contact.social]\nwithin: 7d"


def loaded(folder: Path, form: str, level: str = "risk", title: str = "A rule") -> RuleSet:
    folder.mkdir()
    lines = [
        "  mine.rule:",
        f"    title: {title}",
        f"    level: {level}",
        *(f"    {line}" for line in form.splitlines()),
    ]
    (folder / "mine.yaml").write_text(HEAD + "\n".join(lines) + "\n" + TAIL, encoding="utf-8")
    return load_rules(folder)


def classed(folder: Path, old: str, new: str) -> list[tuple[str, str]]:
    found = differences(loaded(folder / "old", old), loaded(folder / "new", new))
    return [(each.kind, each.what) for each in found]


def test_the_same_rules_do_not_differ() -> None:
    assert differences(load_rules(), load_rules()) == []


def test_an_added_rule_matches_more_and_a_removed_one_less(tmp_path: Path) -> None:
    one = loaded(tmp_path / "one", FORBID)
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "mine.yaml").write_text(
        (tmp_path / "one" / "mine.yaml").read_text(encoding="utf-8").replace("mine.rule", "mine.other"),
        encoding="utf-8",
    )
    assert differences(one, load_rules(tmp_path / "two")) == [
        Difference("mine.other", "more", "added"),
        Difference("mine.rule", "less", "removed"),
    ]


def test_a_level_and_a_wording_are_classed_as_such(tmp_path: Path) -> None:
    old = loaded(tmp_path / "old", FORBID)
    new = loaded(tmp_path / "new", FORBID, level="notice", title="Another")
    assert differences(old, new) == [
        Difference("mine.rule", "level", "level risk to notice"),
        Difference("mine.rule", "wording", "title"),
    ]


CHANGES = [
    ("less", "trigger", FORBID, FORBID.replace("planned: true", "planned: true, happened: true")),
    ("more", "trigger", FORBID, FORBID.replace(", planned: true", "")),
    ("other", "trigger", FORBID, FORBID.replace("planned: true", "planned: false")),
    ("less", "unless", FORBID, FORBID + "\nunless: {kind: ceremony}"),
    ("less", "excused_by", FORBID, FORBID + "\nexcused_by: {event: incident.documented, within: 7d}"),
    ("less", "during", FORBID, FORBID + "\nduring: therapy"),
    ("less", "not_during", FORBID, FORBID + "\nnot_during: on_leave"),
    ("less", "since", FORBID, FORBID + "\nsince: {state: therapy, within: 2y}"),
    ("less", "effective", FORBID, FORBID + "\neffective: {from: 2018-01-01}"),
    ("more", "to", LIMIT, LIMIT.replace("to: 2", "to: 1")),
    ("more", "within", LIMIT, LIMIT.replace("30d", "31d")),
    ("other", "of", LIMIT, LIMIT + "\nof: {distinct: kind}"),
    ("less", "within", AFTER, AFTER.replace("7d", "8d")),
    ("less", "waived_by", AFTER, AFTER + "\nwaived_by: therapy.ended"),
    ("less", "earlier_counts", AFTER, AFTER + "\nearlier_counts: true"),
    (
        "less",
        "require",
        AFTER,
        AFTER.replace("require: note.recorded", "require: [note.recorded, incident.documented]"),
    ),
    ("less", "within", BEFORE, BEFORE.replace("30d", "60d")),
    ("less", "within", BEFORE, BEFORE.replace("\nwithin: 30d", "")),
    ("less", "every", EVERY, EVERY.replace("90d", "91d")),
    ("more", "at_least", EACH, EACH.replace("90", "91")),
    ("other", "each", EACH, EACH.replace("month", "week")),
    ("less", "match", EXPECT, EXPECT.replace(", place: place", "")),
    (
        "other",
        "as",
        EXPECT,
        EXPECT.replace("as: agreement.made", "as: {event: agreement.made, where: {written: true}}"),
    ),
    ("more", "within", CHAIN, CHAIN.replace("7d", "8d")),
    ("other", "sequence", CHAIN, CHAIN.replace("session.moved", "session.missed")),
    ("other", "form", FORBID, LIMIT),
]
OPPOSITE = {"more": "less", "less": "more"}


@pytest.mark.parametrize(("kind", "what", "old", "new"), CHANGES)
def test_a_change_is_classed_both_ways(tmp_path: Path, kind: str, what: str, old: str, new: str) -> None:
    assert (kind, what) in [(each, said.split(" ")[0]) for each, said in classed(tmp_path, old, new)]
    (tmp_path / "back").mkdir()
    back = [(each, said.split(" ")[0]) for each, said in classed(tmp_path / "back", new, old)]
    assert (OPPOSITE.get(kind, kind), what) in back


@pytest.mark.parametrize(
    ("kind", "what", "old", "new"),
    [
        ("more", "to 2 to 1", LIMIT, LIMIT.replace("to: 2", "to: 1")),
        ("more", "within 30d to 31d", LIMIT, LIMIT.replace("30d", "31d")),
        ("less", "within 30d to no end", BEFORE, BEFORE.replace("\nwithin: 30d", "")),
        ("less", "match of minutes: offset 0 to 15", EXPECT, EXPECT.replace("minutes}", "minutes, offset: 15}")),
    ],
)  # fmt: skip
def test_a_number_that_moved_is_named(tmp_path: Path, kind: str, what: str, old: str, new: str) -> None:
    assert classed(tmp_path, old, new) == [(kind, what)]
