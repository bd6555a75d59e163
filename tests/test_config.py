"""The settings file `ethics.yaml`: what it may say, and what is said of it when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from snapshot import assert_snapshot

from ethics_engine import load_rules
from ethics_engine.config import Settings, read_settings
from ethics_engine.errors import ConfigError


def settings_file(folder: Path, text: str) -> Path:
    path = folder / "ethics.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def complaints(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read_settings(settings_file(folder, text))
    return str(caught.value).replace(f"{folder}/", "")


class TestWhatItSays:
    def test_every_key_may_be_left_out(self, tmp_path: Path) -> None:
        settings = read_settings(settings_file(tmp_path, "timezone: UTC\n"))

        assert settings.timezone == "UTC"
        assert (settings.profile, settings.currency, settings.fail_on, settings.parameters) == (None, None, None, None)
        assert (settings.disabled, settings.vocabulary, settings.rules) == ((), (), ())

    def test_every_key_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "my-rules").mkdir()
        (tmp_path / "words.yaml").touch()
        text = (
            "timezone: Europe/Berlin\ncurrency: EUR\nprofile: apa-2017\nfail_on: never\n"
            "parameters: {touch.document_within: 24h, gift: {fee_default: 90}}\n"
            "disabled: [alliance.low]\nvocabulary: words.yaml\nrules: [my-rules]\n"
        )
        settings = read_settings(settings_file(tmp_path, text))

        assert settings.timezone == "Europe/Berlin"
        assert settings.currency == "EUR"
        assert settings.profile == "apa-2017"
        assert settings.fail_on == "never"
        assert settings.parameters == {"touch": {"document_within": "24h"}, "gift": {"fee_default": "90"}}
        assert settings.disabled == ("alliance.low",)
        assert settings.vocabulary == (tmp_path / "words.yaml",)
        assert settings.rules == (tmp_path / "my-rules",)

    def test_the_log_is_relative_to_the_file_and_need_not_be_there_yet(self, tmp_path: Path) -> None:
        settings = read_settings(settings_file(tmp_path, "log: logs/practice.ndjson\npractitioner: p1\n"))

        assert (settings.log, settings.practitioner) == (tmp_path / "logs" / "practice.ndjson", "p1")

    def test_what_is_read_remembers_its_place(self, tmp_path: Path) -> None:
        settings = read_settings(settings_file(tmp_path, "disabled:\n  - alliance.low\n"))

        assert (settings.disabled[0].mark.line, settings.disabled[0].mark.column) == (2, 5)

    def test_no_word_is_a_truth_value(self, tmp_path: Path) -> None:
        settings = read_settings(settings_file(tmp_path, "profile: no\n"))

        assert settings.profile == "no"


class TestWhatIsWrong:
    def test_all_complaints_come_at_once_each_with_its_place(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)  # a long path would be cut in a complaint
        text = (
            "timezone: Europe/Berln\ncurency: EUR\ncurrency: euro\nprofile: [a, b]\nfail_on: voilation\n"
            "parameters:\n  touch: {document_within: 24h}\n  touch.document_within: 30h\n"
            "disabled: {a: b}\nvocabulary: words.yaml\nrules:\n  - my-rules\n"
        )

        assert_snapshot("settings.errors.txt", complaints(Path(), text) + "\n")

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("- a\n", "expected a mapping"),
            ("timezone: UTC\ntimezone: UTC\n", "a second time"),
            ("timezone: [\n", "invalid-yaml"),
            ("timezone: !zone UTC\n", "tags are not allowed"),
            ("timezone: {a: b}\n", "expected a single value"),
            ("timezone: ../../etc/passwd\n", "is not a time zone"),
            ("parameters: 3\n", "expected a mapping"),
            ("parameters: {document_within: 24h}\n", "expected `policy.parameter`"),
            ('rules: "a\\0b"\n', "there is no file or folder"),
            ('profile: ""\n', "expected a single text"),
        ],
    )
    def test_is_a_config_error(self, tmp_path: Path, text: str, expected: str) -> None:
        assert expected in complaints(tmp_path, text)

    def test_a_file_that_is_not_there_is_a_config_error(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="cannot read the file"):
            read_settings(tmp_path / "nowhere.yaml")

    def test_a_file_that_is_not_utf_8_is_a_config_error(self, tmp_path: Path) -> None:
        path = tmp_path / "ethics.yaml"
        path.write_bytes(b"timezone: \xff\n")

        with pytest.raises(ConfigError, match="not UTF-8"):
            read_settings(path)


def test_shipped_stands_for_the_rules_that_ship(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        'policy: own\ntitle: Own\nversion: "1"\nrules:\n'
        '  own.touch: {title: Touch, level: notice, forbid: contact.touch, message: "It happened."}\n'
    )
    (tmp_path / "ethics.yaml").write_text("rules: [shipped, own.yaml]\n")
    rules = load_rules(*read_settings(tmp_path / "ethics.yaml").rules)
    assert {"own.touch", "touch.without-consent"} <= set(rules.plan().rules)


@pytest.mark.parametrize("text", ["", "# nothing is set yet\n"])
def test_every_key_may_be_left_out(text: str, tmp_path: Path) -> None:
    (tmp_path / "ethics.yaml").write_text(text)
    assert read_settings(tmp_path / "ethics.yaml") == Settings(file=str(tmp_path / "ethics.yaml"))
