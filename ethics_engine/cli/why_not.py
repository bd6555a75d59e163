"""`ethics-engine why-not`: the first part of a rule that did not hold for an event."""

from __future__ import annotations

from typing import Any

import click

from ethics_engine.cli.completing import rule_ids
from ethics_engine.cli.judging import Judging, inquiry_of, judging_options
from ethics_engine.cli.output import terminal_width, write_standard


@click.command("why-not", short_help="Tell which part of a rule did not hold for an event.")
@click.argument("rule", metavar="RULE", shell_complete=rule_ids)
@click.argument("event", metavar="EVENT-ID")
@click.argument("logs", metavar="[LOG]...", nargs=-1)
@judging_options
@click.option("--practitioner", metavar="ID", help="Whose event it is, where several have one of that id.")
@click.option("--format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    rule: str,
    event: str,
    logs: tuple[str, ...],
    practitioner: str | None,
    format: str,
    **options: Any,
) -> None:
    """Tell which part of a rule was the first not to hold for an event, and how far off it was; or that it found it.

    For a rule about findings EVENT-ID may be the id of a finding, or the event of one.

    \b
    Examples: ethics-engine why-not touch.without-consent e4 practice.ndjson
              ethics-engine why-not gift.undiscussed e9 practice.ndjson --profile apa-2017

    \b
    Exit codes: 0  it was told
                2  there is no such rule or event, or the command, the settings or a rule is wrong
                3  it was told, but lines of the log were rejected: stderr names them
    """
    from ethics_engine.explaining import why_not
    from ethics_engine.reports.explanation import answer_json, answer_text

    inquiry, exit_code = inquiry_of(Judging(**options), logs)
    answer = why_not(inquiry, rule, event, practitioner)
    write_standard(answer_json(answer) if format == "json" else answer_text(answer, terminal_width()))
    ctx.exit(exit_code)
