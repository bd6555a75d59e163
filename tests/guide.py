"""A guide as its reader follows it: files made step by step as the page says, commands run as they stand on it."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest
from click.testing import CliRunner

from ethics_engine.cli import main

ELISION = "[…]"
_STEP = re.compile(
    r"^(?:File `(?P<new>[^`]+)`:|At the end of `(?P<end>[^`]+)`, add:"
    r"|(?P<where>Under|Above) `(?P<line>[^`]+)` (?:in `(?P<middle>[^`]+)`, put):)\n\n```\w+\n(?P<text>.*?)^```$"
    r"|^```console\n(?P<console>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Run:
    """A command of the page, what the page says that it prints, and what it printed."""

    command: str
    told: str
    printed: str

    @property
    def as_told(self) -> bool:
        """Whether the output is that of the page, where `[…]` stands for any lines."""
        pieces = [re.escape(piece) for piece in f"\n{self.told}".split(f"\n{ELISION}")]
        return re.fullmatch(r"(?:\n.*)*?".join(pieces), f"\n{self.printed.rstrip()}") is not None


def follow(page: str, folder: Path, answers: Mapping[str, str] = MappingProxyType({})) -> list[Run]:
    """Do what the page says in a folder, which must be the working directory; every command with its output.

    A command that has `answers` is run as on a terminal, by somebody who gives them.
    """
    runs: list[Run] = []
    for step in _STEP.finditer(page):
        if step["console"] is None:
            _write(step, folder)
            continue
        for command, told in _commands(step["console"]):
            program, *arguments = shlex.split(command)
            if program == "cd":
                os.chdir(*arguments)
                continue
            assert program == "ethics-engine", command
            said = answers.get(command)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("ethics_engine.cli.asking.on_terminal", lambda said=said: said is not None)
                result = CliRunner().invoke(main, arguments, input=said, env={"COLUMNS": "80"})
            assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
            runs.append(Run(command, told, result.output))
    return runs


def _commands(console: str) -> list[tuple[str, str]]:
    parts = re.split(r"^\$ (.*)\n", console, flags=re.MULTILINE)[1:]
    return [(command, told.rstrip()) for command, told in zip(parts[::2], parts[1::2], strict=True)]


def _write(step: re.Match[str], folder: Path) -> None:
    path = folder / (step["new"] or step["end"] or step["middle"])
    text = step["text"]
    if step["new"]:
        path.parent.mkdir(parents=True, exist_ok=True)
        assert not path.exists(), f"the page makes {path.name} twice"
        path.write_text(text, encoding="utf-8")
        return
    before = path.read_text(encoding="utf-8")
    if step["end"]:
        path.write_text(before + text, encoding="utf-8")
        return
    line = f"{step['line']}\n"
    assert before.count(f"\n{line}") == 1, f"{path.name} has no one line {line!r}"
    put = f"{line}{text}" if step["where"] == "Under" else f"{text}{line}"
    path.write_text(before.replace(f"\n{line}", f"\n{put}"), encoding="utf-8")
