"""Every kind of wrong rule file, and what is said of it: one snapshot each, in `tests/snapshots/rule_errors/`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from bad_conditions import CONDITIONS
from bad_files import FILES, Files, findings, named, rule, where
from bad_rules import RULES
from snapshot import assert_snapshot

from ethics_engine import ConfigError, EthicsEngineError, RuleError, RuleSet, load_rules
from ethics_engine.config import read_settings
from ethics_engine.errors import Diagnostic
from ethics_engine.plan import Limit
from ethics_engine.scalars import DAY, HOUR, MICRO, MINUTE

EXAMPLES: Mapping[str, Files] = {**FILES, **CONDITIONS, **RULES}
TYPES_OF_PYTHON = re.compile(
    r"\b(str|int|dict|NoneType|Text|Seq|Map|Mark|None|True|False|tuple|Decimal)\b|<class|\[Errno"
)
TOUCH = rule("limit: contact.touch\nto: ${few}\nwithin: ${window}\n", "parameters: {few: 3, window: 30d}\n")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are named as the user names them, whatever folder the tests run in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ethics_engine.rules.loader.profile_names", lambda folders: ["apa-2017", "bacp-2018"])


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_wrong_rule_file_is_told_of_in_these_words(name: str) -> None:
    assert_snapshot(f"rule_errors/{name}.txt", str(told(name)) + "\n")


def test_every_snapshot_is_of_an_example() -> None:
    names = {*EXAMPLES, *SETTINGS, *PROFILES, "settings_file", "unknown_profile", "no_such_folder", "empty_folder"}

    assert {path.stem for path in (Path(__file__).parent / "snapshots" / "rule_errors").iterdir()} == names


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_complaint_is_in_lower_case_and_says_nothing_of_python(name: str) -> None:
    for found in told(name).diagnostics:
        words = f"{found.message} {found.hint or ''}"

        assert not found.message[0].isupper(), words
        assert not TYPES_OF_PYTHON.search(re.sub(r"`[^`]*`", "", words)), words
        assert not words.rstrip().endswith("."), words


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_caret_stands_under_what_is_wrong(name: str) -> None:
    for found in told(name).diagnostics:
        if found.text and found.column is not None and found.column <= len(found.text):
            marked = found.text[found.column - 1 : found.column - 1 + found.width]

            assert marked.strip() or marked == "\t", found.render()
            assert marked == marked.strip() or found.width == 1, found.render()


@pytest.mark.parametrize("name", EXAMPLES)
def test_complaints_come_in_the_order_of_their_places_and_once(name: str) -> None:
    found = told(name).diagnostics

    assert sorted(found, key=Diagnostic.sort_key) == list(found)
    assert len(set(found)) == len(found)


SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "unknown_parameter_of_the_settings": {"parameters": {"care.fwe": 4}},
    "unknown_policy_of_the_settings": {"parameters": {"caer": {"few": 4}}},
    "value_of_the_settings_that_does_not_fit": {"parameters": {"care": {"window": 30}}},
    "unknown_rule_to_disable": {"disabled": ["care.frst"]},
    "unknown_rule_to_change": {"levels": {"care.frst": "risk"}},
    "unknown_level_of_the_settings": {"levels": {"care.first": "rsk"}},
}
PROFILES: Mapping[str, str] = {
    "profile_with_unknown_names": """
        profile: mine
        title: Mine
        parameters: {care.fwe: 4}
        levels: {care.frst: risk}
        disabled: [care.frst]
        clauses: {care.frst: [apa-2017:3.05]}
    """,
    "profile_with_bad_values": """
        profile: mine
        title: Mine
        parameters: {care.window: 30}
        levels: {care.first: [risk]}
        clauses: {care.first: {apa-2017: 3.05}}
    """,
    "profile_with_an_unknown_key": "profile: mine\ntitle: Mine\nlevles: {care.first: risk}\n",
}


@pytest.mark.parametrize("name", SETTINGS)
def test_wrong_settings_are_an_error_of_the_configuration(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(TOUCH, **SETTINGS[name])

    assert_snapshot(f"rule_errors/{name}.txt", f"{caught.value}\n")


def test_a_wrong_value_in_a_settings_file_is_shown_where_it_stands() -> None:
    write(TOUCH)
    Path("ethics.yaml").write_text("rules: rules\nparameters:\n  care: {window: 30}\ndisabled: [care.frst]\n")
    settings = read_settings(Path("ethics.yaml"))
    with pytest.raises(ConfigError) as caught:
        load_rules(
            *settings.rules,
            parameters=settings.parameters,
            disabled=settings.disabled,
            parameters_from=settings.file,
            lines=settings.lines,
        )

    assert_snapshot("rule_errors/settings_file.txt", f"{caught.value}\n")


@pytest.mark.parametrize("name", PROFILES)
def test_a_wrong_profile_is_an_error_of_the_rules(name: str) -> None:
    write(TOUCH)
    Path("rules/profiles").mkdir()
    text = "\n".join(line.strip() for line in PROFILES[name].strip().splitlines()) + "\n"
    Path("rules/profiles/mine.yaml").write_text(text)
    with pytest.raises(RuleError) as caught:
        load_rules("rules", profile="mine")

    assert_snapshot(f"rule_errors/{name}.txt", f"{caught.value}\n")


@pytest.mark.parametrize("name", ["apa-2071", "../secret", "x" * 5000, "a\0b", ""])
def test_an_unknown_profile_is_an_error_of_the_configuration(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(TOUCH, profile=name)

    assert str(caught.value).startswith("unknown profile `")
    if name == "apa-2071":
        assert_snapshot("rule_errors/unknown_profile.txt", f"{caught.value}\n")


def test_a_folder_that_is_not_there_or_holds_no_rule_is_refused() -> None:
    for name, folder in (("no_such_folder", "nowhere"), ("empty_folder", "rules")):
        Path("rules").mkdir(exist_ok=True)
        with pytest.raises(RuleError) as caught:
            load_rules(folder)

        assert_snapshot(f"rule_errors/{name}.txt", f"{caught.value}\n")


def test_settings_are_wrong_only_where_the_rules_are_right() -> None:
    with pytest.raises(RuleError) as caught:
        load(rule("forbid: contact.tuch\n"), disabled=["care.frst"])

    assert {found.code for found in caught.value.diagnostics} == {"unknown-event-type", "unknown-rule"}


class TestScalarsAreWhatTheirFieldSays:
    def test_a_clock_time_is_no_number_to_the_base_of_sixty(self) -> None:
        assert constant("start_time: 22:00", "agreement.made") == 22 * HOUR
        assert constant("local_time: {ge: 07:05:30}") == 7 * HOUR + 5 * MINUTE + 30 * 10**6

    def test_the_words_no_and_on_are_words_in_an_enumeration(self) -> None:
        vocabulary = (
            "vocabulary: more\nversion: 1\nareas:\n  touch:\n    touch.noted:\n      client: yes\n"
            "      attributes: {answer: {type: enum, values: [yes, no, on, off, null, ~, 017]}}\n"
        )
        for word in ("yes", "no", "on", "off", "null", "017"):
            files = {"vocabulary.yaml": vocabulary, **where(f"answer: {word}", "touch.noted")}

            assert first_test(load(files), "touch.noted") == ("answer", "eq", word)

    def test_a_number_with_a_nought_before_it_is_decimal_in_a_number_and_itself_in_a_text(self) -> None:
        assert constant("minutes: 017", "session.held") == 17 * MICRO
        assert constant("session: 017", "session.held") == "017"

    def test_a_number_in_a_text_is_a_text(self) -> None:
        for text in ("12", "1e3", "0x1f", "1_000", "NaN", ".inf", "true", "null", "2026-03-02", "~"):
            assert constant(f"session: {text}", "session.held") == text

    def test_a_decimal_is_exact(self) -> None:
        assert constant("minutes: 1e3", "session.held") == 1000 * MICRO
        assert constant("minutes: 0.1", "session.held") == 100_000
        assert constant("minutes: -2.5", "session.held") == -2_500_000

    def test_only_true_and_false_are_truth_values(self) -> None:
        assert constant("consent: true") is True
        assert constant("consent: false") is False
        for word in ("yes", "no", "on", "off", "True", "FALSE", "1", "y"):
            assert "is neither `true` nor `false`" in str(refusal(where(f"consent: {word}")))

    def test_a_date_is_a_text_and_an_instant_needs_its_offset(self) -> None:
        assert constant("local_date: 2026-03-02") == "2026-03-02"
        assert constant("at: {lt: 1970-01-02T00:00:00Z}") == DAY

    def test_a_version_and_a_title_stay_as_they_are_written(self) -> None:
        text = "policy: care\ntitle: 017\nversion: 1.10\nrules: {}\n"
        (policy,) = load({"care.yaml": text}).policies

        assert (policy.title, policy.version) == ("017", "1.10")

    def test_a_parameter_is_typed_by_the_field_that_it_stands_in(self) -> None:
        rules = load(rule("limit: contact.touch\nto: ${n}\nwithin: 7d\nwhy: ${n}\n", "parameters: {n: 017}\n"))
        planned = rules.plan().rules["care.first"]

        assert isinstance(planned.variants[0].form, Limit)
        assert (planned.variants[0].form.to, planned.why) == (17 * MICRO, "017")

    def test_years_stand_in_since_and_nowhere_else(self) -> None:
        assert load(rule("forbid: contact.romantic\nsince: {state: therapy, within: 2y}\n")).plan().rules
        for text in ("within: 2y", "within: 2 y", "within: 2Y"):
            assert refusal(rule(f"limit: contact.touch\nto: 1\n{text}\n")).line == 11


def test_a_rule_that_reads_findings_of_a_policy_in_another_file_is_right() -> None:
    more = "policy: more\ntitle: More\nversion: '1'\nrules:\n" + named("more.all", findings("policy: care"))

    assert load({**TOUCH, "more.yaml": more}).plan().strata == (("care.first",), ("more.all",))


def write(files: Files) -> None:
    """Put files into the folder `rules`."""
    Path("rules").mkdir(exist_ok=True)
    for name, content in files.items():
        Path("rules", name).write_bytes(content.encode() if isinstance(content, str) else content)


def load(files: Files, **settings: Any) -> RuleSet:
    """The rules of some files."""
    write(files)
    return load_rules("rules", **settings)


def refusal(files: Files) -> EthicsEngineError:
    """What is said of files that are not accepted."""
    with pytest.raises(RuleError) as caught:
        load(files)
    return caught.value


@cache
def told(name: str) -> EthicsEngineError:
    """What is said of an example."""
    return refusal(EXAMPLES[name])


def first_test(rules: RuleSet, event: str) -> tuple[str, str, Any]:
    """The only test of the only rule's condition."""
    test: Any = rules.plan().picks[-1].conditions[event]
    return test.attribute, test.operator, test.constant


def constant(text: str, event: str = "contact.touch") -> Any:
    """The typed constant of a condition of one test."""
    return first_test(load(where(text, event)), event)[2]
