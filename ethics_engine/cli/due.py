"""`ethics-engine due`: what is due next, before it is missed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ethics_engine.calendars import Zone
from ethics_engine.cli.judging import (
    EXIT_REJECTED,
    Judging,
    judging_options,
    name_rejected,
    name_strangers,
    names_of,
    only,
)
from ethics_engine.cli.output import check_target, terminal_width, write_file, write_standard
from ethics_engine.cli.redacting import check_redacting, redacted_log, redacting_options
from ethics_engine.errors import ConfigError
from ethics_engine.reports import Page
from ethics_engine.reports.due import DUE_FORMATS, render_due, upcoming
from ethics_engine.scalars import parse_duration

if TYPE_CHECKING:
    from ethics_engine.logs import Log


@click.command("due", short_help="List what is due next.")
@click.argument("logs", metavar="[LOG]...", nargs=-1)
@judging_options
@click.option("--within", metavar="TIME", help="Only what is due within so long, such as 14d.  [default: all]")
@click.option("--format", type=click.Choice(tuple(DUE_FORMATS)), default="text", show_default=True)
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all.")
@click.option("--practitioner", metavar="ID", help="Show this practitioner only.")
@click.option("--client", metavar="ID", help="Show this client only.")
@redacting_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    logs: tuple[str, ...],
    within: str | None,
    format: str,
    output: str | None,
    practitioner: str | None,
    client: str | None,
    redact: bool,
    key_file: str | None,
    **options: Any,
) -> None:
    """List what is due next, the nearest first: duties whose time is not yet past.

    Time is counted from the last event of the log, or from --as-of. Without LOG it is the practice's own log, which
    the settings name.

    \b
    Examples: ethics-engine due --as-of now
              ethics-engine due practice.ndjson --within 14d
              ethics-engine due practice.ndjson --as-of 2026-03-31
              ethics-engine due practice.ndjson --format ics -o duties.ics

    \b
    Exit codes: 0  it was listed
                2  the command, the settings or a rule is wrong
                3  it was listed, but lines of the log were rejected: stderr names them
    """
    from ethics_engine.api import check_log, judge_log

    check_redacting(redact, key_file)
    judging = Judging(**options)
    settings = judging.settings()
    logs = judging.read_from(logs, settings)
    rules = judging.rule_set(settings)
    span = _span(within)
    if output is not None:
        check_target("--output", Path(output), logs, "a log that is to be read")
        check_target("--output", Path(output), [] if key_file is None else [key_file], "the key file")
    as_of = judging.instant(Zone(rules.timezone))
    if redact:
        bare = redacted_log(logs, rules, key_file)
        practitioner, client = bare.practitioner(practitioner), bare.client(client)
        log: Log | None = bare.log
        report = judge_log(bare.log, rules, as_of=as_of)
    else:
        report, log = check_log(list(logs), rules, as_of=as_of)
    asked = only(practitioner, client)
    name_strangers(asked, {what: names_of(logs, log, what) for what in asked})
    name_rejected(report.rejected)
    shown = upcoming(report.filtered(practitioner=practitioner, client=client), span)
    text = render_due(shown, format, Page(width=terminal_width()))
    if output is None:
        write_standard(text)
    else:
        write_file("--output", Path(output), text.encode("utf-8", "backslashreplace"))
    ctx.exit(EXIT_REJECTED if report.rejected else 0)


def _span(text: str | None) -> int | None:
    try:
        return None if text is None else parse_duration(text)
    except ValueError as error:
        raise ConfigError(f"--within: {error}") from None
