"""The command line. A command is a file beside this one and a line in `COMMANDS`; it is imported when it is used.

Exit codes: 0 nothing at or above `--fail-on` is open, 1 something is, 2 the command, the configuration or a rule is
wrong, 3 lines of the log were rejected (2 before 3 before 1).
"""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

import click

from ethics_engine.errors import EthicsEngineError, did_you_mean
from ethics_engine.version import __version__

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "init": ("ethics_engine.cli.init", "Set up a practice's folder."),
        "check": ("ethics_engine.cli.check", "Judge a log by the rules."),
        "due": ("ethics_engine.cli.due", "List what is due next."),
        "diff": ("ethics_engine.cli.diff", "Tell what other rules make of the same log."),
        "explain": ("ethics_engine.cli.explain", "Tell a finding step by step."),
        "why-not": ("ethics_engine.cli.why_not", "Tell which part of a rule did not hold for an event."),
        "log": ("ethics_engine.cli.log", "Write down one event."),
        "reflect": ("ethics_engine.cli.reflect", "Ask yourself the self-check questions."),
        "verify": ("ethics_engine.cli.verify", "Check that a store or an export is what was recorded."),
        "export": ("ethics_engine.cli.export", "Write the log of a store, with what proves it."),
        "pseudonymise": ("ethics_engine.cli.pseudonymise", "Write a log without names, identifiers and free text."),
        "rules": ("ethics_engine.cli.rules", "List, show and test rules."),
    }
)
"""Name of a command: its module (which holds it as `command`) and what it does, for the overview."""

EXIT_WRONG = 2
EXIT_INTERRUPTED = 130


class _Commands(click.Group):
    """Commands that are imported only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            hint = did_you_mean(args[0], COMMANDS)
            ctx.fail(f"there is no command `{args[0]}`" + (f"; {hint}" if hint else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except OSError as error:  # a help text that cannot be written, for one
            from ethics_engine.cli.output import echo_refused, reason

            if not echo_refused(error):
                raise
            click.echo(f"error: cannot write to standard output: {reason(error)}", err=True)
            sys.exit(EXIT_WRONG)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EthicsEngineError as error:
            placed = error.diagnostics or error.file is not None
            click.echo(str(error) if placed else f"error: {error}", err=True)
            ctx.exit(EXIT_WRONG)
        except KeyboardInterrupt:
            ctx.exit(EXIT_INTERRUPTED)


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from ethics_engine.matchers import default_name

    durable = default_name() == "durable"
    click.echo(f"ethics-engine {__version__}")
    click.echo("matcher: durable-rules" if durable else "matcher: plain Python (durable-rules cannot be imported)")
    ctx.exit(0)


@click.group(
    "ethics-engine", cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version and the matcher in use.",
)
def main() -> None:
    """Judge the log of a therapy practice by explicit, cited rules of professional ethics."""
    atexit.register(gc.freeze)  # all goes with the process: no last search for cycles, some 30 ms of a short run
