"""Rules whose keys and values are wrong, one small example for each kind of mistake (see `bad_files`)."""

from __future__ import annotations

from bad_files import Files, findings, message, named, policy, rule

RULES: dict[str, Files] = {
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
    "date_by_its_week": rule("forbid: contact.touch\neffective: {from: 2018-W01-1}\n"),
    "end_before_the_start": rule("forbid: contact.touch\neffective: {from: 2018-01-01, until: 2017-01-01}\n"),
    "bad_date_of_a_parameter": rule(
        "limit: session.held\nto: ${few}\nwithin: 7d\n",
        'parameters:\n  few:\n    - {value: 3, why: "few"}\n    - {from: 2018-13-01, value: 2, why: "fewer"}\n',
    ),
    "bad_source_of_a_parameter": rule("forbid: contact.touch\n", "parameters:\n  few: {value: 3, source: suvey}\n"),
    "source_of_a_parameter_that_is_a_list": rule(
        "forbid: contact.touch\n", "parameters:\n  few: {value: 3, source: [code]}\n"
    ),
    "parameter_that_names_another": rule(
        "limit: session.held\nto: ${few}\nwithin: 7d\n", "parameters: {few: '${three}', three: 3}\n"
    ),
    "parameter_that_does_not_fit_later": rule(
        "limit: session.held\nto: ${few}\nwithin: 7d\n",
        "parameters:\n  few:\n    - {value: 3}\n    - {from: 2018-01-01, value: three}\n",
    ),
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
    "list_where_a_single_duration_is_wanted": rule("limit: session.held\nto: 3\nwithin: [7d, 30d]\n"),
    "list_where_a_single_title_is_wanted": rule("forbid: contact.touch\nremedy: [talk, rest]\n"),
    "whole_number_that_is_not": rule("forbid: {event: session.held, nth: 1.5}\n"),
    "whole_number_that_is_nought": rule("forbid: {event: session.held, nth: 0}\n"),
    "limit_that_is_a_word": rule("limit: session.held\nto: few\nwithin: 7d\n"),
    "flag_of_yaml_1_1": rule("forbid: contact.touch\nabsolute: on\n"),
    "duration_without_a_unit": rule("limit: session.held\nto: 3\nwithin: 30\n"),
    "duration_in_a_wrong_unit": rule("limit: session.held\nto: 3\nwithin: 30m\n"),
    "duration_in_words": rule("limit: session.held\nto: 3\nwithin: two weeks\n"),
    "years_outside_since": rule("limit: session.held\nto: 3\nwithin: 2y\n"),
    "duration_of_an_answer_without_a_unit": rule("require: session.held\nafter: contact.touch\nwithin: 7\n"),
    "ever_where_it_may_not_stand": rule("limit: session.held\nto: 3\nwithin: ever\n"),
    "unknown_parameter": rule("limit: session.held\nto: ${fwe}\nwithin: 7d\n", "parameters: {few: 3}\n"),
    "unknown_parameter_and_what_else_is_wrong": rule(
        "limit: {event: session.held, where: {minuts: {lt: '${fwe}'}}}\nto: ${fwe}\nwithin: 7\n",
        "parameters: {few: 3}\n",
    ),
    "parameter_in_brackets_without_quotes": rule(
        "forbid: {event: session.held, nth: ${few}}\n", "parameters: {few: 3}\n"
    ),
    "unknown_parameter_in_the_middle_of_a_text": rule("forbid: contact.touch\nwhy: More than ${fwe}.\n"),
    "unknown_parameter_of_another_policy": rule("limit: session.held\nto: ${touch.few}\nwithin: 7d\n"),
    "parameter_that_does_not_fit": rule(
        "limit: session.held\nto: 3\nwithin: ${window}\n", "parameters:\n  window: {value: 30, why: a month}\n"
    ),
    "parameter_without_a_value": rule("limit: session.held\nto: ${few}\nwithin: 7d\n", "parameters: {few: []}\n"),
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
    "state_declared_twice": {
        name: f"policy: {name[0]}\ntitle: A\nversion: '1'\nstates: {{away: {{opened_by: leave.taken}}}}\nrules: {{}}\n"
        for name in ("a.yaml", "b.yaml")
    },
    "state_with_same": rule(
        "forbid: contact.touch\n", "states:\n  away: {opened_by: {event: leave.taken, same: [id]}}\n"
    ),
    "since_without_event_or_state": rule("forbid: contact.touch\nsince: {within: 30d}\n"),
    "unless_that_is_a_text": rule("forbid: contact.touch\nunless: session.held\n"),
    "unless_an_event_without_a_window": rule("forbid: contact.touch\nunless: {event: session.held}\n"),
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
    "recurrence_per_practitioner_of_a_state_per_client": rule(
        "require: session.held\nevery: 90d\nduring: therapy\nper: practitioner\n"
    ),
    "limit_that_counts_apart_by_another_attribute": rule("limit: contact.touch\nto: 3\nwithin: 7d\nsame: {kind: by}\n"),
    "attribute_of_different_kinds": {
        "vocabulary.yaml": "vocabulary: more\nversion: 1\n"
        "areas: {touch: {touch.noted: {client: yes, attributes: {by: number}}}}\n",
        **rule("limit: [contact.touch, touch.noted]\nto: 3\nwithin: 7d\nof: {distinct: by}\n"),
    },
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
    "unknown_placeholder": message('"Touch of the {knd} on {at:date}."'),
    "unknown_format_of_a_placeholder": message('"Touch on {at:day}."'),
    "stray_brace": message('"Touch on {at:date."'),
    "stray_brace_in_a_long_message": message(">-\n      Touch on\n      {at:date."),
    "placeholder_that_reaches_inside": message('"Touch on {at.__class__}."'),
    "empty_message": message('""'),
    "message_longer_than_anyone_reads": message("x" * 5001),
    "unknown_rule_in_a_rule_about_findings": rule(findings("rule: care.frst")),
    "unknown_policy_in_a_rule_about_findings": rule(findings("policy: cair")),
    "rule_that_reads_itself": rule(findings("policy: care")),
    "circle_of_rules": policy(
        "rules:\n"
        + named("care.first", findings("rule: care.second"))
        + named("care.second", findings("rule: care.third"))
        + named("care.third", findings("rule: care.first"))
    ),
    "same_beside_a_trigger": rule("limit: {event: contact.message, same: [channel]}\nto: 3\nwithin: 7d\n"),
    "same_of_money": rule("require: {event: payment.received, same: [amount]}\nafter: invoice.issued\nwithin: 5d\n"),
    "same_of_money_in_a_limit": rule("limit: payment.received\nsame: [amount]\nto: 1\nwithin: 9d\n"),
    "distinct_money": rule("limit: payment.received\nof: {distinct: amount}\nto: 1\nwithin: 9d\n"),
    "family_that_changes_with_time": rule(
        "forbid: contact.touch\nfamily: ${kin}\n",
        "parameters:\n  kin: [{value: P01}, {from: 2020-01-01, value: P02}]\n",
    ),
    "two_values_of_a_parameter_from_one_day": rule(
        "limit: session.held\nto: ${few}\nwithin: 7d\n",
        "parameters:\n  few: [{value: 3}, {from: 2020-01-01, value: 1}, {from: 2020-01-01, value: 2}]\n",
    ),
    "two_values_of_a_parameter_from_ever": rule(
        "limit: session.held\nto: ${few}\nwithin: 7d\n", "parameters:\n  few: [{value: 3}, {value: 1}]\n"
    ),
    "parameter_within_a_value": rule("limit: session.held\nto: 3\nwithin: ${few}d\n", "parameters: {few: 3}\n"),
    "unknown_basis": rule("forbid: contact.touch\nbasis: [log, slef]\n"),
    "empty_version": {"care.yaml": "policy: care\ntitle: Care\nversion: ''\nrules: {}\n"},
    "years_beyond_counting": rule("forbid: contact.touch\nsince: {state: therapy, within: 1000y}\n"),
    "whole_number_that_is_too_large": rule("forbid: {event: session.held, nth: 1000000}\n"),
    "activity_without_a_gap": rule(
        "require: supervision.attended\nevery: 90d\nwhile_active: session.held\nper: practitioner\n"
    ),
    "resting_state_of_another_key": rule(
        "require: supervision.attended\nevery: 90d\nwhile_active: {event: session.held, gap: 30d}\n"
        "not_during: therapy\nper: practitioner\n"
    ),
}
