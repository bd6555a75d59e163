"""`ethics-engine explain`: a finding step by step, with the events that it rests on."""

from __future__ import annotations

from typing import Any

import click

from ethics_engine.cli.judging import Judging, inquiry_of, judging_options
from ethics_engine.cli.output import terminal_width, write_standard
from ethics_engine.cli.redacting import redacting_options


@click.command("explain", short_help="Tell a finding step by step.")
@click.argument("finding", metavar="FINDING-ID")
@click.argument("logs", metavar="[LOG]...", nargs=-1)
@judging_options
@redacting_options
@click.option("--format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    finding: str,
    logs: tuple[str, ...],
    format: str,
    redact: bool,
    key_file: str | None,
    **options: Any,
) -> None:
    """Tell a finding step by step: what happened, what the rule asked, what it rests on, what to do next.

    FINDING-ID is the id that `check` gives it with the same log and options, or the beginning of one (six characters
    at least); with --redact the one that `check --redact` gives. Findings that are excused or waived, or that other
    findings rest on, are told too.

    \b
    Examples: ethics-engine explain 66d3f5 practice.ndjson
              ethics-engine explain 66d3f5 practice.ndjson --format json

    \b
    Exit codes: 0  it was told
                2  there is no such finding, or the command, the settings or a rule is wrong
                3  it was told, but lines of the log were rejected: stderr names them
    """
    from ethics_engine.explaining import explain
    from ethics_engine.reports.explanation import explanation_json, explanation_text

    inquiry, exit_code = inquiry_of(Judging(**options), logs, redact, key_file)
    told = explain(inquiry, finding)
    write_standard(explanation_json(told) if format == "json" else explanation_text(told, terminal_width()))
    ctx.exit(exit_code)
