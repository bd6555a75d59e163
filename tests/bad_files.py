"""Files that are no policies, one small example for each kind of mistake, and what all such examples are made of.

An example is a name and the files of a rules folder. `test_rule_errors` loads each and holds what is said of it to a
snapshot. Most are one rule of one policy, written without what every policy and rule has (`rule`), so that the mistake
is nearly all there is to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent, indent

Files = Mapping[str, str | bytes]

POLICY = 'policy: care\ntitle: Care\nversion: "1.0"\n'
RULE = 'title: A first rule\nlevel: notice\nmessage: "On {at:date}."\n'


def policy(text: str) -> Files:
    """A policy that has its head already."""
    return {"care.yaml": POLICY + dedent(text).lstrip("\n")}


def rule(text: str, above: str = "") -> Files:
    """A policy of one rule that has its title, level and message already; `above` stands before the rules."""
    body = indent(RULE + dedent(text).lstrip("\n"), "    ")
    return policy(dedent(above).lstrip("\n") + "rules:\n  care.first:\n" + body)


def where(text: str, event: str = "contact.touch") -> Files:
    """A rule that forbids an event under a condition."""
    return rule(f"forbid: {{event: {event}, where: {{{text}}}}}\n")


def message(text: str) -> Files:
    """A rule with this message, as YAML."""
    head = "rules:\n  care.first:\n    title: A first rule\n    level: notice\n"
    return policy(f"{head}    message: {text}\n    forbid: contact.touch\n")


def findings(text: str, per: str = "practitioner") -> str:
    """The body of a rule that reads findings."""
    return f"limit: {{event: finding, where: {{{text}}}}}\nto: 1\nwithin: 30d\nper: {per}\n"


def named(name: str, text: str) -> str:
    """One more rule of a policy."""
    return f"  {name}:\n" + indent(RULE + text, "    ")


FILES: dict[str, Files] = {
    "duplicate_key": rule("forbid: contact.touch\nlevel: risk\n"),
    "duplicate_key_in_flow": where("by: client, by: practitioner"),
    "empty_file": {"care.yaml": ""},
    "only_a_comment": {"care.yaml": "# nothing yet\n"},
    "two_documents": {"care.yaml": POLICY + "rules: {}\n---\npolicy: more\n"},
    "not_a_mapping": {"care.yaml": "- policy: care\n- title: Care\n"},
    "not_a_mapping_but_a_word": {"care.yaml": "care\n"},
    "not_utf_8": {"care.yaml": b"policy: care\ntitle: Z\xfcrich\n"},
    "utf_16": {"care.yaml": "policy: care\n".encode("utf-16")},
    "nul": {"care.yaml": "policy: care\ntitle: a\0b\n"},
    "tab_indentation": {"care.yaml": POLICY + "rules:\n\tcare.first:\n\t\ttitle: First\n"},
    "bracket_left_open": rule("forbid: {event: contact.touch, where: {by: practitioner}\nwhy: it hurts\n"),
    "quote_left_open": rule('forbid: contact.touch\nwhy: "it hurts\n'),
    "colon_in_a_title": {"care.yaml": "policy: care\ntitle: Care: what it is\n"},
    "indentation_that_does_not_fit": {"care.yaml": POLICY + "rules:\n  a.b:\n    title: A\n   level: risk\n"},
    "tag": rule("forbid: !!python/object/apply:os.system [rm]\n"),
    "tag_of_our_own": rule("forbid: contact.touch\nabsolute: !secret yes\n"),
    "tag_of_yaml": rule("forbid: contact.touch\nabsolute: !!bool yes\n"),
    "merge_key": rule("<<: {level: risk}\nforbid: contact.touch\n"),
    "key_that_is_a_list": rule("forbid: contact.touch\n? [a, b]\n: c\n"),
    "unknown_alias": rule("forbid: *touch\n"),
    "recursive_alias": rule("forbid: &here [contact.touch, *here]\n"),
    "recursive_alias_in_a_mapping": rule("forbid: contact.touch\nwhy: &here {again: *here}\n"),
    "alias_bomb": {
        "care.yaml": "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdef", "bcdefg", strict=True))
    },
    "huge_file": {"care.yaml": POLICY + "# " + "x" * (1 << 20) + "\n"},
    "deep_in_flow": {"care.yaml": POLICY + "rules: " + "[" * 100_000 + "]" * 100_000 + "\n"},
    "deep_in_block": {"care.yaml": POLICY + "".join(f"{' ' * level}a:\n" for level in range(1000))},
    "deep_in_a_line": {"care.yaml": "- " * 5000 + "a\n"},
    "rule_that_is_no_mapping": policy("rules:\n  care.first: forbid touch\n"),
    "rules_that_are_a_list": policy("rules:\n  - care.first\n"),
    "rules_that_are_empty": policy("rules:\n"),
    "rule_id_with_a_space": policy("rules:\n  care first: {}\n"),
    "rule_id_with_capitals": policy("rules:\n  Care.First: {}\n"),
    "duplicate_rule_in_two_files": {
        "a.yaml": 'policy: a\ntitle: A\nversion: "1"\nrules:\n' + named("care.touch", "forbid: contact.touch\n"),
        "b.yaml": 'policy: b\ntitle: B\nversion: "1"\nrules:\n' + named("care.touch", "forbid: contact.touch\n"),
    },
    "duplicate_policy": {
        "a.yaml": 'policy: a\ntitle: A\nversion: "1"\nrules:\n' + named("a.touch", "forbid: contact.touch\n"),
        "b.yaml": 'policy: a\ntitle: B\nversion: "1"\nrules:\n' + named("b.touch", "forbid: contact.touch\n"),
    },
    "list_of_more_items_than_anyone_writes": rule(f"forbid: [{', '.join(['contact.touch'] * 2001)}]\n"),
    "mapping_of_more_keys_than_anyone_writes": {
        "care.yaml": POLICY + "rules:\n" + "".join(f"  care.r{number}: {{}}\n" for number in range(1001))
    },
    "more_values_than_anyone_writes": {"care.yaml": f"[{', '.join(['[' + '1, ' * 1000 + ']'] * 60)}]\n"},
    "everything_at_once_in_order": {
        "a.yaml": dedent(
            """
            policy: a
            title: A
            version: "1"
            titel: again
            rules:
              a.last:
                title: Last
                level: violent
                message: "Touch."
                forbid: contact.tuch
              a.first:
                title: First
                level: notice
                message: "{knd}"
                limit: {event: contact.touch, where: {kind: hgu, consnt: false}}
                to: 3
                within: 30
            """
        ).lstrip(),
        "b.yaml": dedent(
            """
            policy: b
            title: B
            version: "1"
            states:
              away: {opened_by: leave.takn}
            rules:
              b.only:
                title: Only
                level: notice
                message: "Touch."
                forbid: contact.touch
                during: awy
            """
        ).lstrip(),
    },
    "broken_file_beside_a_wrong_one": {
        "a.yaml": "policy: a\n  title: A\n",
        "b.yaml": 'policy: b\ntitle: B\nversion: "1"\nrules:\n'
        + named("b.touch", "forbid: contact.tuch\n")
        + named("b.a", findings("rule: a.touch")),
    },
    "two_broken_files": {
        "a.yaml": "policy: a\npolicy: b\n",
        "b.yaml": "policy: [\n",
        "c.yaml": "",
    },
    "missing_key_of_a_policy": {"care.yaml": "policy: care\nrules: {}\n"},
    "unknown_key_of_a_policy": policy("descripton: Touch\nrules: {}\n"),
    "escape_that_there_is_none_of": {"care.yaml": 'policy: care\ntitle: "a \\q"\n'},
    "value_that_begins_with_an_at_sign": {"care.yaml": "policy: care\ntitle: @care\n"},
    "list_beside_its_key": {"care.yaml": "policy: care\ntitle: - Care\n"},
    "text_that_is_indented_too_little": {"care.yaml": "policy: care\ntitle: Care\nand more\n"},
    "colon_without_a_space": {"care.yaml": POLICY + "parameters: {few: 3, many:}\n"},
    "bracket_left_open_to_the_end": {"care.yaml": POLICY + "parameters: {few: [3\n"},
    "closing_bracket_alone": {"care.yaml": POLICY + "parameters: ]\n"},
    "yaml_of_another_version": {"care.yaml": "%YAML 3.0\n---\npolicy: care\n"},
    "parameters_that_are_a_list": rule("forbid: contact.touch\n", "parameters: [few]\n"),
}
