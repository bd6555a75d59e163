"""`ethics-engine rules docs`: pages made from rule files, and the command reference made from each command's help."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from inspect import cleandoc
from pathlib import Path

import click

from ethics_engine.cli.output import reason, write_file, write_standard
from ethics_engine.errors import ConfigError, shown

BEGIN = "<!-- Made from the commands' own help by `ethics-engine rules docs`; a change by hand is lost. -->"
END = "<!-- The end of what is made. -->"
REFERENCE = "commands.md"
MANUAL = "ethics-engine.1"


@click.command("docs")
@click.argument("folder", metavar="DIR")
@click.option("-o", "--output", metavar="FOLDER", required=True, help="The folder that the pages are written to.")
@click.option(
    "--tests", "places", metavar="PATH", multiple=True, help="Test files.  [default: fixtures/rules beside DIR]"
)
def command(folder: str, output: str, places: tuple[str, ...]) -> None:
    """Write a page for each policy of DIR, and an index, to FOLDER/policies.

    Where FOLDER holds statements.yaml, the statements of a source, FOLDER/coverage.md says which rules speak to each.
    Pages that were made before and have no policy any more are removed; other files are left alone.

    \b
    Examples: ethics-engine rules docs my-rules -o docs
    """
    target = Path(output)
    if target.exists() and not target.is_dir():
        raise ConfigError(f"--output: {shown(output)} is not a folder; name another")
    made = {target / name: text for name, text in made_pages(Path(folder), target, places).items()}
    try:
        for page in made:
            if page.exists() and not _was_made(page):
                raise ConfigError(f"--output: {shown(str(page))} was not made by this command; move it away")
        (target / "policies").mkdir(parents=True, exist_ok=True)
        for page in sorted((target / "policies").glob("*.md")):
            if page not in made and _was_made(page):
                page.unlink()
    except OSError as error:
        raise ConfigError(f"--output: cannot write into {shown(output)}: {reason(error)}") from None
    for page, text in made.items():
        write_file("--output", page, text.encode())
    write_standard(f"{len(made)} pages in {shown(str(target))}\n")


def made_pages(folder: Path, target: Path, places: Sequence[str] = ()) -> dict[str, str]:
    """Every page that the command writes, by its path in `target`.

    Raises:
        RuleError: a rule, a test or a statement is wrong.
    """
    from ethics_engine.cli.manual import manual_text
    from ethics_engine.documenting import STATEMENTS_FILE, Library, pages, read_statements

    source = target / STATEMENTS_FILE
    statements = read_statements(source) if source.is_file() else None
    home = folder if folder.is_dir() else folder.parent
    way = os.path.relpath(home.resolve(), (target / "policies").resolve()).replace(os.sep, "/")
    found = pages(Library.open(folder, _tests(folder, places), statements, way))
    reference = target / REFERENCE
    if reference.is_file() and BEGIN in (text := reference.read_text(encoding="utf-8")) and END in text:
        before, _, rest = text.partition(BEGIN)
        found[REFERENCE] = f"{before}{reference_text()}{rest.partition(END)[2]}"
        found[MANUAL] = manual_text()
    return found


def _was_made(page: Path) -> bool:
    from ethics_engine.cli.manual import MADE as MADE_MANUAL
    from ethics_engine.documenting import MADE

    text = page.read_text(encoding="utf-8", errors="replace")
    return text.startswith((MADE, MADE_MANUAL)) or BEGIN in text


def _tests(folder: Path, places: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """The names of the tests of each rule; a test without a rule of its own is one of every rule it expects."""
    from ethics_engine.api import load_rules
    from ethics_engine.ruletests.reading import read_tests, test_files, tests_beside

    beside = tests_beside(folder)
    files = [Path(place) for place in places] or ([beside] if beside.is_dir() else [])
    found: dict[str, list[str]] = {}
    for test in read_tests(test_files(files), load_rules(folder)) if files else []:
        model = test.model
        about = (
            [model.rule] if model.rule else dict.fromkeys(str(each["rule"]) for each in model.expect if "rule" in each)
        )
        for rule in about:
            found.setdefault(rule, []).append(model.name)
    return found


def reference_text() -> str:
    """Every command with its arguments and options, as Markdown between its marks."""
    from ethics_engine.cli import main

    root = click.Context(main, info_name="ethics-engine")
    lines = [BEGIN, ""]
    for context in commands_below(root):
        lines += _section(context)
    return "\n".join([*lines, END])


def commands_below(context: click.Context) -> Iterator[click.Context]:
    """Every command that does something, groups left out."""
    group = context.command
    if not isinstance(group, click.Group):
        yield context
        return
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            yield from commands_below(click.Context(command, info_name=name, parent=context))


def _section(context: click.Context) -> list[str]:
    from ethics_engine.documenting.markdown import code, prose, table

    command = context.command
    arguments = [shape_of(each) for each in command.params if isinstance(each, click.Argument)]
    lines = [f"## {code(' '.join([context.command_path, *arguments]))}", ""]
    for paragraph in cleandoc(command.help or "").split("\n\n"):
        if paragraph.startswith("\b\n"):
            lines += ["```text", *paragraph.splitlines()[1:], "```", ""]
        else:
            lines += [prose(paragraph), ""]
    rows = []
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            names = [*option.opts[:-1], f"{option.opts[-1]} {shape_of(option)}".rstrip()]
            rows.append([", ".join(code(name) for name in names), prose(meaning_of(option))])
    return [*lines, table(["option", "meaning"], rows), ""] if rows else lines


def shape_of(parameter: click.Parameter) -> str:
    """What stands for the value of an argument or an option; said here, since click's own wording changes."""
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return ""
    if parameter.metavar is None and isinstance(parameter.type, click.Choice):
        return f"[{'|'.join(map(str, parameter.type.choices))}]"
    return parameter.metavar or ("NUMBER" if isinstance(parameter.type, click.FloatRange) else "VALUE")


def meaning_of(option: click.Option) -> str:
    """What an option means, with its default."""
    meaning = option.help or ""
    if option.show_default and not option.is_flag:
        meaning += f"  [default: {option.default}]"
    return meaning + ("  [required]" if option.required else "")
