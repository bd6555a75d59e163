"""The man page `ethics-engine(1)`, made from each command's help: man(7) source, for the commands and their options."""

from __future__ import annotations

from inspect import cleandoc

import click

from ethics_engine.cli.docs import commands_below, meaning_of, shape_of
from ethics_engine.version import __version__

MADE = ".\\\" Made from the commands' own help by `ethics-engine rules docs`; a change by hand is lost."
EXITS = (
    ("0", "Nothing at or above --fail-on (violation, where nothing else is said) is open."),
    ("1", "Something is; or, of verify, something is not what was recorded."),
    ("2", "The command, the settings or a rule is wrong; nothing was judged."),
    ("3", "Lines of the log were rejected; the rest was judged, and each of them is named."),
)
FILES = (
    (
        "ethics.yaml",
        "The settings of a practice, read from the working directory: the time zone, the currency, the code, the log.",
    ),
)


def manual_text() -> str:
    """The page as man(7) source."""
    from ethics_engine.cli import main

    root = click.Context(main, info_name="ethics-engine")
    lines = [
        MADE,
        f'.TH ETHICS-ENGINE 1 "" "ethics-engine {__version__}" "User Commands"',
        ".SH NAME",
        "ethics\\-engine \\- judge the log of a therapy practice by cited rules of professional ethics",
        ".SH SYNOPSIS",
        ".B ethics\\-engine",
        ".I COMMAND",
        "[options] [arguments]",
        ".SH DESCRIPTION",
        *_paragraphs(main.help or ""),
        ".SH COMMANDS",
    ]
    for context in commands_below(root):
        lines += _command(context)
    for title, rows in (("EXIT STATUS", EXITS), ("FILES", FILES)):
        lines.append(f".SH {title}" if " " not in title else f'.SH "{title}"')
        for name, told in rows:
            lines += [".TP", f".B {_text(name)}", _line(told)]
    return "\n".join(lines) + "\n"


def _command(context: click.Context) -> list[str]:
    command = context.command
    arguments = [shape_of(each) for each in command.params if isinstance(each, click.Argument)]
    name = " ".join([context.command_path.removeprefix("ethics-engine "), *arguments])
    lines = [f'.SS "{_text(name)}"', *_paragraphs(command.help or "")]
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            names = ", ".join(f"\\fB{_text(one)}\\fR" for one in option.opts)
            shape = shape_of(option)
            lines += [".TP", f"{names} \\fI{_text(shape)}\\fR" if shape else names, _line(meaning_of(option))]
    return lines


def _paragraphs(told: str) -> list[str]:
    lines: list[str] = []
    for paragraph in cleandoc(told).split("\n\n"):
        if paragraph.startswith("\b\n"):
            lines += [".PP", ".nf", *(_line(line) for line in paragraph.splitlines()[1:]), ".fi"]
        else:
            lines += [".PP", _line(" ".join(paragraph.split()))]
    return lines


def _line(told: str) -> str:
    """A line of text; one that begins as a request would is kept from being one."""
    text = _text(told)
    return f"\\&{text}" if text.startswith((".", "'")) else text


def _text(told: str) -> str:
    text = told.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace('"', "\\(dq")
    return "".join(char if char.isascii() else f"\\[u{ord(char):04X}]" for char in text)
