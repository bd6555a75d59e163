"""The quick start works as it stands: its commands are run in order, and print what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from guide import Run, follow

from ethics_engine.scalars import parse_instant

PAGE = (Path(__file__).parents[1] / "docs" / "quick-start.md").read_text(encoding="utf-8")
ANSWERS = {
    "ethics-engine log hug": "\nc7\nyesterday 18:20\n4\npractitioner\nconsent\nno\n\ny\n",
    "ethics-engine reflect": "1\n3 when I was tired\nq\n",
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    folder = tmp_path_factory.mktemp("quick-start")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("ethics_engine.cli.clock.now", lambda: parse_instant("2026-03-03T09:00:00+01:00"))
        return follow(PAGE, folder, ANSWERS)


def test_every_command_prints_what_the_page_says(runs: list[Run]) -> None:
    assert [f"{run.command}\n{run.printed}" for run in runs if not run.as_told] == []


def test_it_shows_every_command_that_a_practice_needs(runs: list[Run]) -> None:
    assert [run.command.split()[1] for run in runs] == [
        "init",
        "check",
        "log",
        "log",
        "check",
        "due",
        "log",
        "reflect",
    ]


def test_what_the_page_shows_of_the_effect_is_what_is_shown(runs: list[Run]) -> None:
    (shown,) = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (asked,) = (run for run in runs if run.command == "ethics-engine log hug")
    lines = [line.strip() for line in shown.splitlines()]

    assert [line for line in lines if line not in {one.strip() for one in asked.printed.splitlines()}] == []
