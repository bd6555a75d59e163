from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from bad_files import POLICY, findings, named

from ethics_engine import RuleError, RuleSet, check, load_rules
from ethics_engine.findings import Override, PolicyInUse
from ethics_engine.rules.loader import shipped_rules

TOUCH = POLICY + "rules:\n" + named("care.touch", "cites: [seed:S1, apa-2017:3.05]\nforbid: contact.touch\n")
WORD = TOUCH.replace("care", "word").replace("contact.touch", "contact.message")
VOCABULARY = """\
vocabulary: board
version: "2"
areas:
  research: {study.joined: {client: yes, attributes: {arm: {type: enum, values: [one, two]}}}}
states:
  in_study: {opened_by: study.joined, lapses_after: 30d}
"""
PROFILE = """\
profile: mine
title: Mine
levels: {care.touch: risk}
disabled: [word.touch]
clauses: {care.touch: [mine:1]}
"""


class TestShippedRules:
    def test_they_load_and_every_policy_is_named_as_its_file(self) -> None:
        rules = load_rules()

        assert [policy.file.stem for policy in rules.policies] == [policy.name for policy in rules.policies]
        assert {source.id.split(".")[0] for source in rules.sources} <= {policy.name for policy in rules.policies}
        assert {*rules.plan().rules} == {source.id for source in rules.sources}

    def test_every_parameter_says_why_and_where_from(self) -> None:
        assert [one.name for one in load_rules().parameters.values() if not (one.why and one.source)] == []

    def test_each_profile_puts_itself_on_them(self) -> None:
        for path in sorted((shipped_rules() / "profiles").glob("*.yaml")):
            assert load_rules(profile=path.stem).in_use().profile == path.stem

    def test_the_default_profile_changes_nothing(self) -> None:
        assert load_rules().overrides == load_rules(profile="seed-strict").overrides == ()


class TestWhereRulesComeFrom:
    def test_a_file_several_files_or_folders(self, tmp_path: Path) -> None:
        care, word = write(tmp_path, "care.yaml", TOUCH), write(tmp_path, "word.yml", WORD)

        assert ids(load_rules(care)) == ["care.touch"]
        assert ids(load_rules(str(care), word)) == ["care.touch", "word.touch"]
        assert ids(load_rules([word, care])) == ["word.touch", "care.touch"]
        assert ids(load_rules(tmp_path)) == ["care.touch", "word.touch"]

    def test_a_file_named_twice_is_read_once(self, tmp_path: Path) -> None:
        care = write(tmp_path, "care.yaml", TOUCH)

        assert ids(load_rules(care, tmp_path)) == ["care.touch"]

    def test_what_is_no_yaml_and_what_lies_deeper_is_passed_over(self, tmp_path: Path) -> None:
        write(tmp_path, "care.yaml", TOUCH)
        write(tmp_path, "notes.txt", "not a policy")
        write(tmp_path, "drafts/word.yaml", "policy: [")

        assert ids(load_rules(tmp_path)) == ["care.touch"]

    def test_a_policy_without_rules_is_a_policy(self, tmp_path: Path) -> None:
        write(tmp_path, "care.yaml", POLICY + "rules: {}\n")

        assert load_rules(tmp_path).in_use().policies == (PolicyInUse("care", "1.0", 0),)


class TestVocabulary:
    RULE = POLICY + "rules:\n" + named("care.study", "forbid: {event: contact.touch}\nduring: in_study\n")

    def test_one_beside_the_rules_adds_types_and_states(self, tmp_path: Path) -> None:
        write(tmp_path, "care.yaml", self.RULE)
        write(tmp_path, "vocabulary.yaml", VOCABULARY)
        rules = load_rules(tmp_path)

        assert rules.vocabulary.sources == (("core", "1.0"), ("board", "2"))
        joined = {"type": "study.joined", "practitioner": "p1", "client": "c1", "arm": "one"}
        events = [{**joined, "id": "e0", "at": "2026-03-01T10:00:00Z"}, touch(2), touch(31)]
        assert [found.events for found in check(events, rules).findings] == [("e2",)]

    def test_one_may_be_named(self, tmp_path: Path) -> None:
        care = write(tmp_path, "care.yaml", self.RULE)
        board = write(tmp_path, "elsewhere/board.yaml", VOCABULARY)

        assert ids(load_rules(care, vocabulary=[board])) == ["care.study"]
        with pytest.raises(RuleError, match="unknown state `in_study`"):
            load_rules(care)

    def test_one_that_calls_itself_core_takes_the_place_of_ours(self, tmp_path: Path) -> None:
        write(tmp_path, "care.yaml", TOUCH)
        write(tmp_path, "vocabulary.yaml", VOCABULARY.replace("board", "core"))

        with pytest.raises(RuleError, match=r"unknown event type `contact.touch`"):
            load_rules(tmp_path)

    def test_a_wrong_one_is_told_of_alone(self, tmp_path: Path) -> None:
        write(tmp_path, "care.yaml", self.RULE)
        write(tmp_path, "vocabulary.yaml", "vocabulary: [")
        with pytest.raises(RuleError) as caught:
            load_rules(tmp_path)

        assert [(found.file, found.code) for found in caught.value.diagnostics] == [
            (str(tmp_path / "vocabulary.yaml"), "invalid-yaml")
        ]


class TestSettings:
    def test_a_profile_beside_the_rules_changes_levels_clauses_and_which_rules_are_judged(self, tmp_path: Path) -> None:
        rules = both(tmp_path, profile="mine")
        planned = rules.plan().rules

        assert [*planned] == ["care.touch"]
        assert (planned["care.touch"].level, planned["care.touch"].cites) == ("risk", ("seed:S1", "mine:1"))
        assert rules.in_use().profile == "mine"
        assert rules.overrides == (
            Override("care.touch level", "notice", "risk", "profile mine"),
            Override("word.touch enabled", "true", "false", "profile mine"),
        )

    def test_a_clause_may_stand_alone(self, tmp_path: Path) -> None:
        write(tmp_path, "profiles/mine.yaml", PROFILE.replace("[mine:1]", "mine:1"))
        write(tmp_path, "care.yaml", TOUCH)

        assert load_rules(tmp_path, profile="mine").plan().rules["care.touch"].cites == ("seed:S1", "mine:1")

    def test_what_a_profile_says_of_policies_that_are_not_there_is_passed_over(self, tmp_path: Path) -> None:
        write(tmp_path, "care.yaml", TOUCH)
        write(tmp_path, "profiles/mine.yaml", PROFILE)

        assert ids(load_rules(tmp_path, profile="mine")) == ["care.touch"]

    def test_a_practice_changes_levels_after_the_profile(self, tmp_path: Path) -> None:
        rules = both(tmp_path, profile="mine", levels={"care.touch": "violation"})

        assert rules.plan().rules["care.touch"].level == "violation"
        assert rules.overrides[-1] == Override("care.touch level", "notice", "violation", "arguments")

    def test_a_disabled_rule_is_not_judged_and_not_counted_and_the_report_says_so(self, tmp_path: Path) -> None:
        rules = both(tmp_path, disabled=["care.touch"])
        report = check([touch(2)], rules)

        assert report.findings == ()
        assert report.rules.policies == (PolicyInUse("care", "1.0", 0), PolicyInUse("word", "1.0", 1))
        assert report.rules.overrides == (Override("care.touch enabled", "true", "false", "arguments"),)

    def test_a_disabled_rule_is_checked_all_the_same(self, tmp_path: Path) -> None:
        write(tmp_path, "care.yaml", TOUCH.replace("contact.touch", "contact.tuch"))

        with pytest.raises(RuleError, match=r"unknown event type `contact.tuch`"):
            load_rules(tmp_path, disabled=["care.touch"])

    def test_a_rule_about_findings_may_name_a_disabled_one(self, tmp_path: Path) -> None:
        write(tmp_path, "care.yaml", TOUCH + named("care.all", findings("rule: care.touch").replace("to: 1", "to: 0")))

        assert check([touch(2)], load_rules(tmp_path, disabled=["care.touch"])).findings == ()


class TestDigest:
    def test_the_same_rules_have_the_same_digest_wherever_they_stand(self, tmp_path: Path) -> None:
        first, second = (both(tmp_path / name).digest for name in ("one", "two"))

        assert first == second
        assert first.startswith("sha256:")
        assert len(first) == len("sha256:") + 64

    def test_comments_and_layout_are_no_change(self, tmp_path: Path) -> None:
        plain = load_rules(write(tmp_path, "a.yaml", TOUCH)).digest
        spaced = load_rules(
            write(tmp_path, "b.yaml", "# a comment\n\n" + TOUCH.replace("[seed:S1, ", "[ 'seed:S1',  "))
        )

        assert plain == spaced.digest

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("contact.touch", "contact.message"),
            ("level: notice", "level: risk"),
            ("A first rule", "Another rule"),
            ("care.touch", "care.tuch"),
            ('"1.0"', '"1.1"'),
            ("apa-2017:3.05", "apa-2017:3.06"),
            ("title: Care", "title: Care\nparameters: {unused: 3}"),
        ],
    )
    def test_any_change_of_a_rule_changes_it(self, old: str, new: str, tmp_path: Path) -> None:
        changed = TOUCH.replace(old, new, 1)

        assert changed != TOUCH
        assert digest(tmp_path, "a.yaml", TOUCH) != digest(tmp_path, "b.yaml", changed)

    def test_any_change_of_the_settings_changes_it(self, tmp_path: Path) -> None:
        dated = [{"value": "3"}, {"value": "1", "from": "2020-01-01"}]
        settings: list[dict[str, Any]] = [
            {},
            {"disabled": ["care.touch"]},
            {"levels": {"care.touch": "risk"}},
            {"levels": {"care.touch": "violation"}},
            {"profile": "mine"},
            {"parameters": {"care.few": 4}},
            {"parameters": {"care.few": dated}},
            {"parameters": {"care.few": [dated[0], {**dated[1], "from": "2021-01-01"}]}},
            {"vocabulary": [write(tmp_path, "elsewhere/board.yaml", VOCABULARY)]},
        ]
        found = [both(tmp_path / "rules", **each).digest for each in settings]

        assert len(set(found)) == len(settings)

    def test_a_profile_that_only_shows_other_clauses_changes_it(self, tmp_path: Path) -> None:
        found = []
        for clause in ("mine:1", "mine:2"):
            write(tmp_path, "profiles/mine.yaml", PROFILE.replace("mine:1", clause))
            write(tmp_path, "care.yaml", TOUCH)
            found.append(load_rules(tmp_path, profile="mine").digest)

        assert found[0] != found[1]


class TestPlans:
    def test_a_plan_is_made_once_for_each_zone_and_currency(self, tmp_path: Path) -> None:
        rules = both(tmp_path)

        assert rules.plan() is rules.plan("UTC")
        assert rules.plan("Europe/Berlin").timezone == "Europe/Berlin"
        assert rules.plan(currency="EUR").currency == "EUR"
        assert rules.plan() is not rules.plan(currency="EUR")

    def test_a_plan_travels_between_processes(self, tmp_path: Path) -> None:
        rules = pickle.loads(pickle.dumps(both(tmp_path)))

        assert [*rules.plan().rules] == ["care.touch", "word.touch"]


def write(folder: Path, name: str, text: str) -> Path:
    """Put a file into a folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def both(folder: Path, **settings: Any) -> RuleSet:
    """Two policies, and a profile."""
    write(folder, "care.yaml", TOUCH.replace("title: Care\n", "title: Care\nparameters: {few: 3}\n"))
    write(folder, "word.yaml", WORD)
    write(folder, "profiles/mine.yaml", PROFILE)
    return load_rules(folder, **settings)


def digest(folder: Path, name: str, text: str) -> str:
    """The digest of one policy."""
    return load_rules(write(folder, name, text)).digest


def ids(rules: RuleSet) -> list[str]:
    """The rules, in the order read."""
    return [source.id for source in rules.sources]


def touch(day: int) -> dict[str, Any]:
    """A touch on a day of March."""
    where = {"type": "contact.touch", "practitioner": "p1", "client": "c1", "kind": "hug", "by": "practitioner"}
    return {"id": f"e{day}", "at": f"2026-03-{day:02}T10:00:00Z", **where}
