"""Questions on the terminal: plain words, numbered choices, and a way out of each (Ctrl-C or Ctrl-D)."""

from __future__ import annotations

import contextlib
import sys
import textwrap
from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from ethics_engine.cli.output import terminal_width
from ethics_engine.errors import did_you_mean, shown

_Answer = TypeVar("_Answer")

_LONGEST_LEAD = 10  # columns

LEAVE = "Ctrl-C leaves without writing anything."


def on_terminal() -> bool:
    """Whether somebody can be asked: standard input is a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def say(text: str = "", indent: int = 0, lead: str = "", longest_lead: int = _LONGEST_LEAD) -> None:
    """A paragraph, wrapped to the terminal. The text is inert already.

    Its further lines stand under the text, or two columns in where what stands before it is longer than `longest_lead`.
    """
    if len(lead) > longest_lead:
        text, lead, hang = lead + text, "", indent + 2
    else:
        hang = indent + len(lead)
    lines = textwrap.wrap(
        text,
        max(terminal_width(), 40),
        initial_indent=" " * indent + lead,
        subsequent_indent=" " * hang,
        break_on_hyphens=False,
    )
    _show("\n".join(lines) or lead.rstrip())


def _show(text: str) -> None:
    """Write to the terminal, with what its encoding has no sign for made readable."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding))


def ask(question: str, read: Callable[[str], _Answer], default: str = "") -> _Answer:
    """Ask until `read` takes the answer; what it refuses (ValueError) it says why. Enter alone gives the default.

    Raises:
        click.Abort: whoever was asked has left.
    """
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - so that the arrow keys edit the answer
    while True:
        given = click.prompt(question, default=default, show_default=False, prompt_suffix=" ")
        try:
            return read(str(given).strip() or default)
        except ValueError as error:
            say(str(error), 2)


def choice(choices: Sequence[str]) -> Callable[[str], int]:
    """A reader of answers to a choice by number or by word, for `ask`: the place of the choice, from 0."""

    def read(said: str) -> int:
        plain = said.lower().replace(" ", "_")
        for number, word in enumerate(choices):
            if plain in (str(number + 1), word.lower().replace(" ", "_")):
                return number
        if said.isascii() and said.isdigit():
            raise ValueError(f"the numbers are 1 to {len(choices)}")
        hint = did_you_mean(plain, choices)
        raise ValueError(f"{shown(said)} is none of them" + (f"; {hint}" if hint else ""))

    return read


def numbered(choices: Sequence[str], indent: int = 4) -> None:
    """Choices with their numbers, as many in a row as fit."""
    cells = [f"{number} {choice}" for number, choice in enumerate(choices, 1)]
    width = max(map(len, cells)) + 3
    in_row = max(1, (max(terminal_width(), 40) - indent) // width)
    for start in range(0, len(cells), in_row):
        row = "".join(cell.ljust(width) for cell in cells[start : start + in_row])
        _show(" " * indent + row.rstrip())


def agreed(question: str, *, default: bool = True) -> bool:
    """Ask for a yes or a no; Enter alone gives the default."""

    def read(said: str) -> bool:
        if said.lower() in ("yes", "y"):
            return True
        if said.lower() in ("no", "n"):
            return False
        raise ValueError(f"{shown(said)} is neither `yes` nor `no`")

    return ask(f"{question} [{'Y/n' if default else 'y/N'}]", read, "yes" if default else "no")
