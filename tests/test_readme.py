"""What the documentation says works: its commands run, its options exist, its files are there."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ethics_engine.cli import COMMANDS, main
from ethics_engine.version import __version__

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS_PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
PAGES = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in sorted(ROOT.glob("docs/*.md"))}
PAGES |= {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md")}


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)


SET_UP = [line for block in blocks(README, "sh") for line in block.splitlines() if line.startswith("python3 -m venv")]


def commands(group: click.Group, path: str = "") -> dict[str, click.Command]:
    """Every command by its words, groups left out."""
    context = click.Context(group)
    found: dict[str, click.Command] = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        words = f"{path}{name}"
        found |= commands(command, f"{words} ") if isinstance(command, click.Group) else {words: command}
    return found


EVERY = commands(main)


class TestSetUp:
    def test_there_are_two_commands_each_of_one_line(self) -> None:
        assert len(SET_UP) == 2

    def test_the_first_judges_a_log_that_ships_and_succeeds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(ROOT)
        make, install, judge = SET_UP[0].split(" && ")
        program, *arguments = shlex.split(judge)
        result = CliRunner().invoke(main, arguments)

        assert make == "python3 -m venv .venv"
        assert install == ".venv/bin/pip install -q ."
        assert program == ".venv/bin/ethics-engine"
        assert (result.exit_code, result.stderr) == (0, "")

    def test_the_second_runs_the_tests(self) -> None:
        assert SET_UP[1] == "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/pytest -q"

    def test_what_the_first_is_said_to_print_it_prints(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(ROOT)
        printed = CliRunner().invoke(main, shlex.split(SET_UP[0].split(" && ")[2])[1:], env={"COLUMNS": "80"}).stdout

        for excerpt in blocks(README, "text"):
            assert excerpt in printed


class TestReadme:
    def test_its_python_runs(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.chdir(ROOT)
        for block in blocks(README, "python"):
            exec(compile(block, "README.md", "exec"), {})

        assert "violation c7" in capsys.readouterr().out

    def test_its_event_is_one_of_the_log(self) -> None:
        import json

        events = [json.loads(line) for line in (ROOT / "examples/first-log.ndjson").read_text().splitlines()]
        told = json.loads(blocks(README, "json")[0])

        assert any(told.items() <= event.items() for event in events)

    def test_its_rule_can_be_loaded(self, tmp_path: Path) -> None:
        from ethics_engine import load_rules

        rule = "".join(f"  {line}\n" for line in blocks(README, "yaml")[0].splitlines())
        (tmp_path / "touch.yaml").write_text(f'policy: touch\ntitle: Touch\nversion: "1"\nrules:\n{rule}')

        assert list(load_rules(tmp_path).plan().rules) == ["touch.without-consent"]


class TestLinks:
    @pytest.mark.parametrize("page", PAGES)
    def test_lead_to_files_that_are_there(self, page: str) -> None:
        links = re.findall(r"\]\((?!https?:)([^)#]+)", PAGES[page])

        assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []

    @pytest.mark.parametrize("page", PAGES)
    def test_commands_name_files_that_are_there(self, page: str) -> None:
        named = re.findall(r"(?:fixtures|examples|rules)/[\w./-]+", "\n".join(blocks(PAGES[page], "sh")))

        assert [file for file in named if not (ROOT / file).exists()] == []


class TestCommandReference:
    @pytest.mark.parametrize("words", EVERY)
    def test_names_every_command(self, words: str) -> None:
        assert f"`ethics-engine {words}" in COMMANDS_PAGE

    @pytest.mark.parametrize("words", EVERY)
    def test_names_every_option(self, words: str) -> None:
        options = [
            name
            for parameter in EVERY[words].params
            if isinstance(parameter, click.Option) and not parameter.hidden
            for name in parameter.opts
        ]

        assert [name for name in options if f"`{name}" not in COMMANDS_PAGE and f"[{name} " not in COMMANDS_PAGE] == []

    @pytest.mark.parametrize("page", PAGES)
    def test_no_page_names_an_option_that_there_is_none_of(self, page: str) -> None:
        known = {name for command in EVERY.values() for parameter in command.params for name in parameter.opts}
        known |= {"--version", "--help"}
        of_others = r"^.*(?:\bpip |/spark-class ).*$"
        own = re.sub(of_others, "", PAGES[page], flags=re.MULTILINE)
        named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", own))

        assert sorted(named - known) == []

    @pytest.mark.parametrize("page", PAGES)
    def test_no_page_names_a_command_that_there_is_none_of(self, page: str) -> None:
        named = set(re.findall(r"ethics-engine ([a-z][a-z-]*)\b(?! and)", "\n".join(blocks(PAGES[page], "sh"))))

        assert named <= set(COMMANDS)

    def test_its_settings_file_is_one(self, tmp_path: Path) -> None:
        from ethics_engine.config import read_settings

        (tmp_path / "my-rules").mkdir()
        (tmp_path / "my-events.yaml").touch()
        (tmp_path / "ethics.yaml").write_text(blocks(COMMANDS_PAGE, "yaml")[0])

        assert read_settings(tmp_path / "ethics.yaml").currency == "EUR"


class TestProject:
    PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

    def test_the_development_tools_are_the_same_for_pip_and_for_groups(self) -> None:
        extra = self.PROJECT["project"]["optional-dependencies"]["dev"]

        assert self.PROJECT["dependency-groups"]["dev"] == extra

    def test_the_changelog_has_a_place_for_what_comes(self) -> None:
        assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text()

    def test_the_version_is_a_number_of_three_parts(self) -> None:
        assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
