"""The man page is made of the commands, up to date, and clean by groff; shells complete what has been begun."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from inspect import cleandoc
from pathlib import Path

import click
import pytest
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from ethics_engine.cli import COMMANDS, main
from ethics_engine.cli.docs import commands_below
from ethics_engine.cli.manual import manual_text

EVERY = {one.command_path: one for one in commands_below(click.Context(main, info_name="ethics-engine"))}
PAGE = Path(__file__).parent.parent / "docs" / "ethics-engine.1"


def test_the_page_is_what_the_commands_say_now() -> None:
    assert manual_text() == PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_page_has_every_command(command: str) -> None:
    assert f'.SS "{command}'.replace("-", "\\-") in manual_text()


@pytest.mark.parametrize("path", EVERY)
def test_the_help_of_a_command_ends_in_examples_that_it_would_take(path: str) -> None:
    told = (EVERY[path].command.help or "").replace("\\\n", " ")
    examples = re.findall(r"^(?:Examples: | *)(ethics-engine [a-z].*)$", cleandoc(told), flags=re.MULTILINE)
    own = [words for words in map(shlex.split, examples) if " ".join(words).startswith(path)]
    assert own != []
    for words in own:
        context = EVERY[path].command.make_context(path, words[len(path.split()) :])
        assert context.command is EVERY[path].command


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_groff_finds_nothing_to_warn_of() -> None:
    run = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-z", str(PAGE)], capture_output=True, text=True, check=True
    )
    assert run.stderr == ""


@pytest.mark.parametrize("shell", [BashComplete, ZshComplete, FishComplete])
@pytest.mark.parametrize(
    ("given", "begun", "expected"),
    [
        ([], "pseu", ["pseudonymise"]),
        (["check"], "--fail", ["--fail-on"]),
        (["check", "--format"], "js", ["json"]),
        (["check", "--profile"], "apa", ["apa-2017"]),
        (["check", "--rule"], "touch.without-c", ["touch.without-consent"]),
        (["rules", "show"], "touch.without-c", ["touch.without-consent"]),
        (["why-not"], "touch.without-c", ["touch.without-consent"]),
        (["log"], "session.h", ["session.held"]),
        (["log", "session.held"], "session.h", []),
    ],
)
def test_a_shell_completes_what_has_been_begun(
    shell: type[ShellComplete], given: list[str], begun: str, expected: list[str]
) -> None:
    complete = shell(main, {}, "ethics-engine", "_ETHICS_ENGINE_COMPLETE")
    assert [item.value for item in complete.get_completions(given, begun)] == expected


def test_bash_itself_completes_a_command(tmp_path: Path) -> None:
    script = tmp_path / "complete.sh"
    program = Path(shutil.which("ethics-engine", path=str(Path(sys.executable).parent)) or "")
    script.write_text(
        f'PATH="{program.parent}:$PATH"\n'
        'eval "$(_ETHICS_ENGINE_COMPLETE=bash_source ethics-engine)"\n'
        "COMP_WORDS=(ethics-engine refl); COMP_CWORD=1\n"
        "_ethics_engine_completion ethics-engine\n"
        'echo "${COMPREPLY[@]}"\n'
    )
    run = subprocess.run(["bash", str(script)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "reflect"
