"""`ethics-engine diff`: what other rules make of the same log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from ethics_engine.calendars import Zone
from ethics_engine.cli.judging import EXIT_REJECTED, Judging, judging_options, name_rejected
from ethics_engine.cli.output import write_standard
from ethics_engine.errors import ConfigError


@click.command("diff", short_help="Tell what other rules make of the same log.")
@click.argument("logs", metavar="[LOG]...", nargs=-1)
@judging_options
@click.option(
    "--against", metavar="DIR", multiple=True, help="The other rules (`shipped`: those that ship); repeatable."
)
@click.option("--against-profile", metavar="NAME", help="The other professional code.  [default: the same]")
@click.option("--format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    logs: tuple[str, ...],
    against: tuple[str, ...],
    against_profile: str | None,
    format: str,
    **options: Any,
) -> None:
    """Tell what other rules make of the same log: findings that appear, vanish, or change their level or status.

    --rules and --profile name the rules as they are, --against and --against-profile the others. Both judge as of the
    same instant.

    \b
    Examples: ethics-engine diff practice.ndjson --rules my-rules --against my-new-rules
              ethics-engine diff practice.ndjson --against-profile apa-2017

    \b
    Exit codes: 0  both judge the log alike
                1  something differs
                2  the command, the settings or a rule is wrong
                3  it was told, but lines of the log were rejected: stderr names them
    """
    from ethics_engine.api import judge_log
    from ethics_engine.logs import read_log
    from ethics_engine.reports.change import change_json, change_text, changes

    if not against and against_profile is None:
        raise ConfigError("--against: name the rules to compare with, or another code with --against-profile")
    old = Judging(**options)
    settings = old.settings()
    logs = old.read_from(logs, settings)
    new = replace(old, rules=against or old.rules, profile=against_profile or old.profile)
    rules, others = old.rule_set(settings), new.rule_set(settings)
    as_of = old.instant(Zone(rules.timezone))
    log = read_log(list(logs), rules.vocabulary)
    other_log = log if rules.vocabulary is others.vocabulary else read_log(list(logs), others.vocabulary)
    report = judge_log(log, rules, as_of=as_of)
    moment = report.log.as_of if as_of is None else as_of
    found = changes(report, judge_log(other_log, others, as_of=moment))
    name_rejected(log.rejected)
    write_standard(change_json(found) if format == "json" else change_text(found, Zone(rules.timezone)))
    ctx.exit(EXIT_REJECTED if log.rejected else 1 if found else 0)
