"""What fuzzing and hostile files have found: each case stands here, so that it stays mended."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from bad_files import POLICY, rule

from ethics_engine import ConfigError, EthicsEngineError, RuleError, load_rules
from ethics_engine.config import read_settings
from ethics_engine.logs import Log, read_log
from ethics_engine.ruletests import reading

RULES = Path(__file__).parent.parent / "rules"
SLOWEST = 2.0  # seconds of this process
TOUCH = {
    "id": "e1",
    "at": "2026-03-02T10:00:00Z",
    "type": "contact.touch",
    "practitioner": "p1",
    "client": "c1",
    "kind": "hug",
    "by": "practitioner",
}


class TestRuleFiles:
    @pytest.mark.parametrize(
        ("above", "said"),
        [
            ("parameters: {few: {value: 3, source: [code]}}\n", "`source`: expected a text"),
            ("parameters: {few: {value: 3, source: ''}}\n", "`source`: expected a text"),
            ("parameters: {few: {value: 3, source: ':'}}\n", "unknown source `:`"),
            ("parameters: {few: '${more}'}\n", "the value of a parameter cannot name another one: `more`"),
            ("parameters: {few: [{value: '${more}'}]}\n", "the value of a parameter cannot name another one: `more`"),
        ],
    )
    def test_a_parameter_may_be_anything_and_is_never_an_accident(self, above: str, said: str, tmp_path: Path) -> None:
        text = one_rule("limit: contact.touch\nto: ${few}\nwithin: 7d\n", above)

        assert [found.message for found in refused(tmp_path, text).diagnostics] == [said]

    def test_control_characters_in_a_value_are_made_visible(self, tmp_path: Path) -> None:
        text = str(rule('limit: contact.touch\nto: 3\nwithin: "\\e[2J\\x07\\u202e30d"\n')["care.yaml"])

        assert all(char.isprintable() or char == "\n" for char in str(refused(tmp_path, text)))

    def test_a_value_of_any_length_is_shown_in_short(self, tmp_path: Path) -> None:
        for value in ("9" * 900_000, "x" * 900_000, "30" * 400_000 + "d"):
            text = str(rule(f"limit: contact.touch\nto: 3\nwithin: {value}\n")["care.yaml"])
            with quickly():
                assert len(str(refused(tmp_path, text))) < 1000

    def test_a_week_is_no_date(self, tmp_path: Path) -> None:
        refused(tmp_path, str(rule("forbid: contact.touch\neffective: {from: 2018-W01-1}\n")["care.yaml"]))

    def test_a_profile_gives_a_clause_and_not_its_letters(self, tmp_path: Path) -> None:
        (tmp_path / "profiles").mkdir()
        (tmp_path / "profiles" / "mine.yaml").write_text("profile: mine\ntitle: M\nclauses: {care.first: mine:1}\n")
        (tmp_path / "care.yaml").write_text(str(rule("forbid: contact.touch\n")["care.yaml"]))

        assert load_rules(tmp_path, profile="mine").plan().rules["care.first"].cites == ("mine:1",)

    @pytest.mark.parametrize("level", ["[risk]", "{a: b}", "''"])
    def test_a_level_of_a_profile_is_a_word(self, level: str, tmp_path: Path) -> None:
        (tmp_path / "profiles").mkdir()
        (tmp_path / "profiles" / "mine.yaml").write_text(f"profile: mine\ntitle: M\nlevels: {{care.first: {level}}}\n")
        (tmp_path / "care.yaml").write_text(str(rule("forbid: contact.touch\n")["care.yaml"]))

        with pytest.raises(RuleError, match=r"mine.yaml:3:22: "):
            load_rules(tmp_path, profile="mine")

    def test_a_name_of_any_length_is_an_unknown_profile_or_file(self, tmp_path: Path) -> None:
        path = tmp_path / "ethics.yaml"
        path.write_text(f"rules: {'x' * 5000}\nvocabulary: {'y' * 300}.yaml\n")

        with pytest.raises(ConfigError, match="unknown profile"):
            load_rules(RULES / "touch.yaml", profile="x" * 5000)
        with pytest.raises(ConfigError, match="there is no file or folder"):
            read_settings(path)
        with pytest.raises(RuleError, match="file name too long"):
            load_rules("x" * 5000)


def several(text: str, count: int = 990) -> str:
    """A text so many times, numbered."""
    return ", ".join(text.replace("#", str(at)) for at in range(count))


def one_rule(text: str, above: str = "") -> str:
    """A policy of one rule."""
    return str(rule(text, above)["care.yaml"])


HEAD = "title: A, level: notice, message: m"
CHAIN = "".join(
    f"  care.r{at}: {{{HEAD}, per: practitioner, to: 1, within: 1d, "
    f"limit: {{event: finding, where: {{rule: care.r{at + 1}}}}}}}\n"
    for at in range(990)
)
DATES = "".join(f"    - {{from: {1000 + at}-01-01, value: {at}}}\n" for at in range(990))
HOSTILE = {
    "a chain of a thousand rules about findings": POLICY + f"rules:\n{CHAIN}  care.r990: {{{HEAD}, forbid: '*'}}\n",
    "a thousand dated values": one_rule(
        "limit: contact.touch\nto: ${few}\nwithin: 7d\n", f"parameters:\n  few:\n{DATES}"
    ),
    "two thousand patterns": one_rule("forbid: [" + several("'*'", 2000) + "]\n"),
    "two thousand alternatives": one_rule(f"forbid: {{event: '*', where: {{any: [{several('{id: e#}', 2000)}]}}}}\n"),
    "a thousand unknown attributes": one_rule(f"forbid: {{event: '*', where: {{{several('minuts#: 1')}}}}}\n"),
    "a thousand unknown types": one_rule(f"forbid: [{several('contact.tuch#')}]\n"),
    "a thousand unknown keys": one_rule("forbid: contact.touch\n" + "".join(f"k{at}: 1\n" for at in range(980))),
    "a thousand unknown parameters": one_rule("forbid: contact.touch\ncites: [" + several("'${k#}'") + "]\n"),
    "twenty thousand keys twice": POLICY + "a: 1\n" * 20_000,
    "a million brackets": POLICY + "rules: " + "[" * 900_000,
    "a million open questions": POLICY + "rules: " + "? " * 400_000,
    "a million backslashes": POLICY + 'rules: "' + "\\" * 900_000,
    "a million anchors": POLICY + "rules: [" + "&a " * 300_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_as_hostile_as_is_allowed_is_loaded_or_refused_in_no_time(name: str, tmp_path: Path) -> None:
    path = tmp_path / "care.yaml"
    path.write_text(HOSTILE[name])
    with quickly(), suppress(EthicsEngineError):
        load_rules(path)


class TestRuleTests:
    @pytest.mark.parametrize(
        "text",
        [
            "rule: [touch.frequent]",
            "start: soon",
            "start: 9999-12-31",
            "timezone: Mars",
            "as_of: '+99999d 25:00'",
            "expect: [{at: noon}]",
            "expect: [{rule: [touch.frequent]}]",
            "events: [{at: +1d 25:00, type: contact.touch}]",
            "events: [{at: [a], type: {b: c}}]",
        ],
    )
    def test_what_is_wrong_with_a_test_is_told(self, text: str, tmp_path: Path) -> None:
        rules = load_rules(RULES / "touch.yaml")
        event = "{at: +9d, type: contact.touch, kind: hug, by: practitioner}"
        keys = {"name": "a", "events": f"[{event}]", "expect": "[]"}
        key, _, value = text.partition(": ")
        path = tmp_path / "touch.yaml"
        path.write_text(
            "tests: [{" + ", ".join(f"{name}: {each}" for name, each in {**keys, key: value}.items()) + "}]\n"
        )

        with pytest.raises(RuleError) as caught:
            reading.read_tests([path], rules)
        assert caught.value.line == 1


class TestHostileLogs:
    """One line or many, as long as is allowed, of the one thing that would take longest."""

    def test_a_line_of_fifty_thousand_unknown_attributes(self, tmp_path: Path) -> None:
        line = json.dumps({**TOUCH, **{f"consnt{at}": 1 for at in range(50_000)}})
        (found,) = read(tmp_path, line).rejected

        assert found.message.count(";") == 5
        assert found.message.endswith("and 49995 more")
        assert len(found.diagnostics) == 100
        assert found.render()

    def test_a_line_of_many_thousand_names_and_one_of_them_twice(self, tmp_path: Path) -> None:
        line = "{" + ",".join(f'"k{at % 50_000}":1' for at in range(80_000)) + "}"
        (found,) = read(tmp_path, line).rejected

        assert (found.code, found.field) == ("duplicate-key", "k0")

    def test_many_contents_under_one_id(self, tmp_path: Path) -> None:
        held = {**TOUCH, "type": "session.held", "minutes": 50}
        held = {name: value for name, value in held.items() if name not in ("kind", "by")}
        lines = "\n".join(json.dumps({**held, "minutes": at / 1000}) for at in range(20_000))
        log = read(tmp_path, lines)

        assert (log.accepted, len(log.rejected)) == (0, 20_000)
        assert "has another content at" in log.rejected[0].message

    def test_one_other_content_at_the_end_of_many(self, tmp_path: Path) -> None:
        lines = [json.dumps(TOUCH)] * 20_000 + [json.dumps({**TOUCH, "kind": "hold"})]
        log = read(tmp_path, "\n".join(lines))

        assert (log.duplicate, len(log.rejected)) == (0, 20_001)
        assert log.rejected[0].message.endswith(":20001")
        assert log.rejected[-1].message.endswith(":1")

    @pytest.mark.parametrize(
        "text", ["[" * 900_000, '{"a":' * 150_000, '"' * 900_000, '{"a":"' + "\\" * 900_000, "9" * 900_000]
    )
    def test_a_long_line_of_nothing_but_this(self, text: str, tmp_path: Path) -> None:
        assert len(read(tmp_path, text).rejected) == 1


def refused(folder: Path, text: str) -> RuleError:
    """What is said of a policy that is not accepted."""
    path = folder / "care.yaml"
    path.write_text(text)
    with pytest.raises(RuleError) as caught:
        load_rules(path)
    return caught.value


def read(folder: Path, text: str) -> Log:
    """A log of a text, read quickly, every line of it accounted for."""
    path = folder / "log.ndjson"
    path.write_text(text)
    vocabulary = load_rules(RULES / "touch.yaml").vocabulary
    with quickly():
        log = read_log(path, vocabulary)
    assert log.read == log.accepted + log.duplicate + len(log.rejected)
    return log


@contextmanager
def quickly() -> Iterator[None]:
    """Something that may not take long."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < SLOWEST
