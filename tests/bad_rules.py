"""Wrong rule files, one small example for each kind of mistake: what `test_rule_errors` loads and holds to a snapshot.

An example is a name and the files of a rules folder. Most are one rule of one policy, written without what every
policy and rule has (`rule`), so that the mistake is nearly all there is to read.
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
    "unknown_key_of_a_policy": policy("descripton: Touch\nrules: {}\n"),
    "unknown_key_of_a_rule": rule("forbid: contact.touch\nremdy: Talk about it.\n"),
    "unknown_key_of_a_selection": rule("forbid: {event: contact.touch, wher: {consent: false}}\n"),
    "unknown_key_of_an_excuse": rule(
        "forbid: contact.touch\nexcused_by: {event: incident.documented, withn: 48h, within: 48h}\n"
    ),
    "unknown_key_of_a_state": rule(
        "forbid: contact.touch\n", "states:\n  away: {opened_by: leave.taken, closd_by: session.held}\n"
    ),
    "unknown_key_of_a_parameter": rule("forbid: contact.touch\n", "parameters:\n  few: {value: 3, wy: it is few}\n"),
    "unknown_key_of_effective": rule("forbid: contact.touch\neffective: {form: 2018-01-01}\n"),
    "unknown_key_without_a_near_one": rule("forbid: contact.touch\nzzz: 1\n"),
    "key_of_another_form": rule("forbid: contact.touch\nwithin: 30d\n"),
    "missing_key_of_a_policy": {"care.yaml": "policy: care\nrules: {}\n"},
    "missing_key_of_a_rule": policy(
        """
        rules:
          care.first:
            title: First
            forbid: contact.touch
        """
    ),
    "missing_key_of_a_form": rule("limit: session.held\nwithin: 7d\n"),
    "missing_key_of_a_selection": rule("forbid: {where: {consent: false}}\n"),
    "missing_key_of_an_excuse": rule("forbid: contact.touch\nexcused_by: {event: incident.documented}\n"),
    "missing_key_of_a_state": rule("forbid: contact.touch\n", "states:\n  away: {closed_by: session.held}\n"),
    "missing_value_of_a_parameter": rule("forbid: contact.touch\n", "parameters:\n  few: {why: it is few}\n"),
    "missing_key_of_a_rule_about_findings": rule("limit: finding\nto: 1\nwithin: 30d\n"),
    "missing_key_of_a_quota": rule(
        "require: supervision.attended\neach: month\nat_least: {count: 1}\nif: session.held\n"
    ),
    "missing_state_of_a_recurrence": rule("require: session.held\nevery: 90d\nper: relationship\n"),
    "no_form": rule("why: it hurts\n"),
    "no_form_but_a_misspelled_one": rule("forbit: contact.touch\n"),
    "half_a_form": rule("require: session.held\nwithin: 7d\n"),
    "two_forms": rule("forbid: contact.touch\nlimit: session.held\nto: 3\nwithin: 7d\n"),
    "two_forms_of_require": rule("require: session.held\nbefore: contact.touch\nafter: contact.touch\nwithin: 7d\n"),
    "rule_that_is_no_mapping": policy("rules:\n  care.first: forbid touch\n"),
    "rules_that_are_a_list": policy("rules:\n  - care.first\n"),
    "rules_that_are_empty": policy("rules:\n"),
    "rule_id_with_a_space": policy("rules:\n  care first: {}\n"),
    "rule_id_with_capitals": policy("rules:\n  Care.First: {}\n"),
    "bad_level": policy(
        """
        rules:
          care.first:
            title: First
            level: violaton
            message: "Touch."
            forbid: contact.touch
        """
    ),
    "bad_per": rule("forbid: contact.touch\nper: client\n"),
    "bad_period": rule(
        "require: supervision.attended\neach: fortnight\nat_least: {count: 1}\nif: session.held\nper: practitioner\n"
    ),
    "bad_date": rule("forbid: contact.touch\neffective: {from: 2018-02-30}\n"),
    "bad_date_of_a_parameter": rule(
        "limit: session.held\nto: ${few}\nwithin: 7d\n",
        'parameters:\n  few:\n    - {value: 3, why: "few"}\n    - {from: 2018-13-01, value: 2, why: "fewer"}\n',
    ),
    "bad_source_of_a_parameter": rule("forbid: contact.touch\n", "parameters:\n  few: {value: 3, source: suvey}\n"),
    "absolute_with_excused_by": rule(
        "forbid: contact.touch\nabsolute: true\nexcused_by: {event: incident.documented, within: 48h}\n"
    ),
    "absolute_that_is_never_reported": policy(
        """
        rules:
          care.first:
            title: First
            level: none
            message: "Touch."
            forbid: contact.touch
            absolute: true
        """
    ),
    "unknown_event_type": rule("forbid: contact.tuch\n"),
    "unknown_event_type_turned_around": rule("forbid: touch.contact\n"),
    "pattern_that_matches_nothing": rule("forbid: contacts.*\n"),
    "empty_list_of_event_types": rule("forbid: []\n"),
    "event_that_is_a_mapping": rule("forbid: {event: {type: contact.touch}}\n"),
    "selection_that_is_missing": rule("forbid:\n"),
    "unknown_attribute": where("consnt: false"),
    "unknown_attribute_of_several_types": where("minuts: 5", "[contact.call, contact.social]"),
    "unknown_attribute_of_findings": rule(findings("levl: risk")),
    "value_outside_an_enumeration": where("kind: hgu"),
    "value_outside_an_enumeration_in_a_list": where("kind: [hug, lick]"),
    "level_outside_its_enumeration": rule(findings("level: risky")),
    "comparison_of_an_enumeration": where("kind: {lt: hug}"),
    "comparison_of_a_boolean": where("consent: {gt: false}"),
    "comparison_of_a_text": where("rationale: {eq: none}", "incident.documented"),
    "comparison_of_a_list": where("covers: fee", "agreement.made"),
    "contains_of_a_number": where("minutes: {contains: 50}", "session.held"),
    "unknown_operator": where("minutes: {less: 50}", "session.held"),
    "unknown_operator_as_a_sign": where('minutes: {"<": 50}', "session.held"),
    "list_where_a_single_value_is_wanted": where("minutes: {lt: [40, 50]}", "session.held"),
    "list_where_a_single_duration_is_wanted": rule("limit: session.held\nto: 3\nwithin: [7d, 30d]\n"),
    "list_where_a_single_title_is_wanted": rule("forbid: contact.touch\nremedy: [talk, rest]\n"),
    "mapping_where_a_single_value_is_wanted": where("minutes: {lt: {a: b}}", "session.held"),
    "empty_list_of_values": where("kind: []"),
    "test_that_is_empty": where("kind: {}"),
    "test_that_is_left_out": where("minutes:", "session.held"),
    "any_that_is_no_list": where("any: {consent: false}"),
    "not_that_is_no_mapping": where("not: consent"),
    "where_that_is_a_text": rule("forbid: {event: contact.touch, where: consent}\n"),
    "selection_that_can_never_match": where("client: {missing: maybe}"),
    "missing_that_is_no_truth_value": where("consent: {missing: yes}"),
    "truth_value_of_yaml_1_1": where("consent: no"),
    "truth_value_in_capitals": where("consent: False"),
    "number_that_is_a_word": where("minutes: {lt: fifty}", "session.held"),
    "number_with_seven_decimals": where("minutes: {lt: 0.1234567}", "session.held"),
    "number_that_is_not_finite": where("minutes: {lt: NaN}", "session.held"),
    "number_that_is_infinite": where("minutes: {lt: .inf}", "session.held"),
    "number_in_hexadecimal": where("minutes: {lt: 0x1f}", "session.held"),
    "number_with_underscores": where("minutes: {lt: 1_000}", "session.held"),
    "number_that_is_a_clock_time": where("minutes: {lt: 22:00}", "session.held"),
    "number_that_is_huge": where("minutes: {lt: 1e300}", "session.held"),
    "whole_number_that_is_not": rule("forbid: {event: session.held, nth: 1.5}\n"),
    "whole_number_that_is_nought": rule("forbid: {event: session.held, nth: 0}\n"),
    "limit_that_is_a_word": rule("limit: session.held\nto: few\nwithin: 7d\n"),
    "clock_time_without_minutes": where("local_time: {lt: 22}"),
    "clock_time_out_of_range": where("local_time: {lt: 25:00}"),
    "time_without_an_offset": where("at: {lt: 2026-03-02T10:00:00}"),
    "flag_of_yaml_1_1": rule("forbid: contact.touch\nabsolute: on\n"),
    "duration_without_a_unit": rule("limit: session.held\nto: 3\nwithin: 30\n"),
    "duration_in_a_wrong_unit": rule("limit: session.held\nto: 3\nwithin: 30m\n"),
    "duration_in_words": rule("limit: session.held\nto: 3\nwithin: two weeks\n"),
    "years_outside_since": rule("limit: session.held\nto: 3\nwithin: 2y\n"),
    "duration_of_an_answer_without_a_unit": rule("require: session.held\nafter: contact.touch\nwithin: 7\n"),
    "ever_where_it_may_not_stand": rule("limit: session.held\nto: 3\nwithin: ever\n"),
    "unknown_parameter": rule("limit: session.held\nto: ${fwe}\nwithin: 7d\n", "parameters: {few: 3}\n"),
    "unknown_parameter_of_another_policy": rule("limit: session.held\nto: ${touch.few}\nwithin: 7d\n"),
    "parameter_that_does_not_fit": rule(
        "limit: session.held\nto: 3\nwithin: ${window}\n", "parameters:\n  window: {value: 30, why: a month}\n"
    ),
    "parameter_without_a_value": rule("limit: session.held\nto: ${few}\nwithin: 7d\n", "parameters: {few: []}\n"),
    "parameters_that_are_a_list": rule("forbid: contact.touch\n", "parameters: [few]\n"),
    "unknown_state": rule("forbid: contact.touch\nduring: theraphy\n"),
    "unknown_state_of_not_during": rule("forbid: contact.touch\nnot_during: [on_leave, theraphy]\n"),
    "unknown_state_of_since": rule("forbid: contact.touch\nsince: {state: theraphy, within: 2y}\n"),
    "state_that_lapses_both_ways": rule(
        "forbid: contact.touch\n",
        "states:\n  away: {opened_by: leave.taken, lapses_at: until, lapses_after: 90d, per: practitioner}\n",
    ),
    "state_that_lapses_at_no_time": rule(
        "forbid: contact.touch\n", "states:\n  away: {opened_by: session.held, lapses_at: minutes}\n"
    ),
    "state_that_is_no_mapping": rule("forbid: contact.touch\n", "states:\n  away: leave.taken\n"),
    "state_declared_twice": rule("forbid: contact.touch\n", "states:\n  therapy: {opened_by: session.held}\n"),
    "state_with_same": rule(
        "forbid: contact.touch\n", "states:\n  away: {opened_by: {event: leave.taken, same: [id]}}\n"
    ),
    "since_without_event_or_state": rule("forbid: contact.touch\nsince: {within: 30d}\n"),
    "unless_that_is_a_text": rule("forbid: contact.touch\nunless: session.held\n"),
    "unless_with_an_unknown_attribute": rule("forbid: contact.touch\nunless: {consnt: true}\n"),
    "same_of_kinds_never_equal": rule(
        "forbid: contact.touch\nexcused_by: {event: session.held, same: {minutes: kind}, within: 1h}\n"
    ),
    "same_of_an_unknown_attribute": rule(
        "forbid: contact.touch\nexcused_by: {event: incident.documented, same: {evnt: id}, within: 1h}\n"
    ),
    "same_that_is_a_text": rule(
        "forbid: contact.touch\nexcused_by: {event: incident.documented, same: event, within: 1h}\n"
    ),
    "sum_of_no_number": rule("limit: contact.touch\nto: 3\nwithin: 7d\nof: {sum: kind}\n"),
    "count_by_two_measures": rule("limit: session.held\nto: 3\nwithin: 7d\nof: {sum: minutes, distinct: place}\n"),
    "share_without_least": rule("limit: session.held\nto: 0.5\nwithin: 7d\nof: {share_of: session.scheduled}\n"),
    "quota_without_a_number": rule(
        "require: supervision.attended\neach: month\nat_least: {sum: minutes}\nif: session.held\nper: practitioner\n"
    ),
    "expectation_of_kinds_never_equal": rule("expect: session.held\nas: agreement.made\nmatch: {minutes: place}\n"),
    "expectation_of_an_unknown_attribute": rule("expect: session.held\nas: agreement.made\nmatch: {minutes: fe}\n"),
    "expectation_without_a_test": rule("expect: session.held\nas: agreement.made\nmatch: {minutes: {factor: 2}}\n"),
    "expectation_without_a_pair": rule("expect: session.held\nas: agreement.made\nmatch: {}\n"),
    "expectation_with_a_bad_tolerance": rule(
        "expect: session.held\nas: agreement.made\nmatch: {local_time: {eq: start_time, tolerance: 30}}\n"
    ),
    "expectation_with_a_bad_default": rule(
        "expect: session.held\nas: agreement.made\nmatch: {minutes: {eq: session_minutes, default: long}}\n"
    ),
    "expectation_of_an_unknown_event": rule("expect: session.held\nas: agreement.mad\nmatch: {minutes: minutes}\n"),
    "sequence_of_one_step": rule("sequence: [session.held]\nwithin: 7d\n"),
    "terms_without_an_attribute": rule("limit: session.held\nto: {of: agreement.made}\nwithin: 7d\n"),
    "terms_of_no_number": rule("limit: session.held\nto: {of: agreement.made, attribute: place}\nwithin: 7d\n"),
    "terms_in_the_window_of_a_limit": rule(
        "limit: session.held\nto: 3\nwithin: {of: agreement.made, attribute: frequency_days}\n"
    ),
    "unknown_placeholder": policy(
        """
        rules:
          care.first:
            title: First
            level: notice
            message: "Touch of the {knd} on {at:date}."
            forbid: contact.touch
        """
    ),
    "unknown_format_of_a_placeholder": policy(
        """
        rules:
          care.first:
            title: First
            level: notice
            message: "Touch on {at:day}."
            forbid: contact.touch
        """
    ),
    "stray_brace": policy(
        """
        rules:
          care.first:
            title: First
            level: notice
            message: "Touch on {at:date."
            forbid: contact.touch
        """
    ),
    "placeholder_that_reaches_inside": policy(
        """
        rules:
          care.first:
            title: First
            level: notice
            message: "Touch on {at.__class__}."
            forbid: contact.touch
        """
    ),
    "empty_message": policy(
        """
        rules:
          care.first:
            title: First
            level: notice
            message: ""
            forbid: contact.touch
        """
    ),
    "unknown_rule_in_a_rule_about_findings": rule(findings("rule: care.frst")),
    "unknown_policy_in_a_rule_about_findings": rule(findings("policy: cair")),
    "rule_that_reads_itself": rule(findings("policy: care")),
    "circle_of_rules": policy(
        "rules:\n"
        + named("care.first", findings("rule: care.second"))
        + named("care.second", findings("rule: care.third"))
        + named("care.third", findings("rule: care.first"))
    ),
    "duplicate_rule_in_two_files": {
        "a.yaml": 'policy: a\ntitle: A\nversion: "1"\nrules:\n' + named("care.touch", "forbid: contact.touch\n"),
        "b.yaml": 'policy: b\ntitle: B\nversion: "1"\nrules:\n' + named("care.touch", "forbid: contact.touch\n"),
    },
    "duplicate_policy": {
        "a.yaml": 'policy: a\ntitle: A\nversion: "1"\nrules:\n' + named("a.touch", "forbid: contact.touch\n"),
        "b.yaml": 'policy: a\ntitle: B\nversion: "1"\nrules:\n' + named("b.touch", "forbid: contact.touch\n"),
    },
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
    "two_broken_files": {
        "a.yaml": "policy: a\npolicy: b\n",
        "b.yaml": "policy: [\n",
        "c.yaml": "",
    },
}
