"""`ethics-engine check`: a log judged by the rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ethics_engine.calendars import Zone
from ethics_engine.cli.auditing import Progress, means_of
from ethics_engine.cli.completing import rule_ids
from ethics_engine.cli.judging import (
    EXIT_REJECTED,
    Judging,
    judging_options,
    name_rejected,
    name_strangers,
    names_of,
    only,
)
from ethics_engine.cli.on_spark import check_on_spark, check_options
from ethics_engine.cli.output import (
    check_outside,
    check_target,
    encoded,
    same_file,
    shows_colour,
    terminal_width,
    write_file,
    write_standard,
)
from ethics_engine.cli.redacting import check_redacting, redacted_log, redacting_options
from ethics_engine.errors import ConfigError, did_you_mean, shown
from ethics_engine.reports import DEFAULT_WIDTH, DRAWS_HAPPENINGS, FORMATS, Page, pieces

if TYPE_CHECKING:
    from ethics_engine.findings import Report
    from ethics_engine.logs import Log
    from ethics_engine.rules.rule_set import RuleSet

EXIT_CLEAR, EXIT_OPEN = 0, 1
EVALUATORS = ("auto", "live", "bulk", "spark")
FAIL_ON = ("violation", "risk", "notice", "never")


@dataclass(frozen=True, slots=True)
class _Run(Judging):
    """The options of one run; the names are those of the command line."""

    logs: tuple[str, ...]
    format: str
    output: str | None
    fail_on: str | None
    engine: str
    rule: tuple[str, ...]
    level: tuple[str, ...]
    practitioner: str | None
    client: str | None
    rejects: str | None
    matcher: str | None
    memory: str | None
    scratch: str | None
    redact: bool
    key_file: str | None
    master: str | None

    def shown_only(self) -> dict[str, str]:
        """The practitioner and the client that alone are shown, where one is named."""
        return only(self.practitioner, self.client)


@click.command("check", short_help="Judge a log by the rules.")
@click.argument("logs", metavar="[LOG]...", nargs=-1)
@judging_options
@click.option(
    "--format", type=click.Choice(FORMATS), default="text", show_default=True, help="How the report is written."
)
@click.option("-o", "--output", metavar="FILE", help="Write the report to a file, whole or not at all.")
@click.option("--fail-on", type=click.Choice(FAIL_ON), help="Exit with 1 from this level on.  [default: violation]")
@click.option("--engine", type=click.Choice(EVALUATORS), default="auto", show_default=True, help="The evaluator.")
@click.option("--rule", metavar="ID", multiple=True, help="Show this rule only; repeatable.", shell_complete=rule_ids)
@click.option("--level", type=click.Choice(FAIL_ON[:3]), multiple=True, help="Show this level only; repeatable.")
@click.option("--practitioner", metavar="ID", help="Show this practitioner only.")
@click.option("--client", metavar="ID", help="Show this client only.")
@click.option("--rejects", metavar="FILE", help="Write the rejected lines to a file, each with what is wrong with it.")
@redacting_options
@click.option("--memory", metavar="SIZE", help="What an audit may hold: 4GB, or 50%.  [default: half of the machine]")
@click.option("--scratch", metavar="DIR", help="Where an audit puts what does not fit; removed at the end.")
@click.option(
    "--master", metavar="URL", help="Where Spark runs: spark://host:7077, sc://host:15002.  [default: local[*]]"
)
@click.option("--matcher", type=click.Choice(("python", "durable")), hidden=True)
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:
    """Judge a log by the rules.

    LOG is a file of events (.ndjson, .jsonl, .json with an array, or .csv, each also with .gz or .zst, or .parquet), a
    folder, a glob, or - for standard input (NDJSON or an array); without one it is the practice's own, which the
    settings name. Everything is judged; --rule, --level, --practitioner and --client only choose what is shown. With
    --redact practitioners, clients and events are numbered as they come in time, in messages and rejected lines too;
    with a --key-file they have the pseudonyms that `pseudonymise` gives them.

    \b
    Examples: ethics-engine check practice.ndjson --timezone Europe/Berlin
              ethics-engine check practice.ndjson --redact --format html -o for-the-group.html

    \b
    Exit codes: 0  nothing at or above --fail-on is open
                1  something is
                2  the command, the settings or a rule is wrong: nothing was judged
                3  lines were rejected: the rest was judged, stderr names them
    """
    ctx.exit(_check(_Run(**options)))


def _check(run: _Run) -> int:
    check_options(run.engine, run.master, run.scratch, run.matcher, run.format)
    from ethics_engine.logs import write_rejects

    check_redacting(run.redact, run.key_file)
    if run.redact and run.engine == "spark":
        raise ConfigError("--redact: names are replaced on this machine; pseudonymise the log before Spark reads it")
    if run.redact and run.rejects is not None:
        raise ConfigError("--rejects: it holds lines as they were read; leave it out, or --redact")
    settings = run.settings()
    run = replace(run, logs=run.read_from(run.logs, settings))
    rules = run.rule_set(settings)
    _check_rule_ids(run.rule, rules)
    _check_targets(run, rules)
    as_of = run.instant(Zone(rules.timezone))
    if run.engine == "spark":
        report, known = check_on_spark(run.logs, rules, as_of, run.master, run.memory, list(run.shown_only()))
    else:
        run, report, log = _judged(run, rules, as_of)
        known = {what: names_of(run.logs, log, what) for what in run.shown_only()}
    name_strangers(run.shown_only(), known)
    fail_on = run.fail_on or (settings.fail_on if settings else None) or "violation"
    name_rejected(report.rejected)
    if run.rejects is not None:
        write_rejects(run.rejects, report.rejected)
    to_terminal = run.output is None
    page = Page(
        width=terminal_width() if to_terminal else DEFAULT_WIDTH,
        colour=to_terminal and shows_colour(),
        settings=settings.file if settings else None,
        rejects=run.rejects,
        fail_on=fail_on,
    )
    seen = report.filtered(rules=run.rule, levels=run.level, practitioner=run.practitioner, client=run.client)
    text = pieces(seen, run.format, page)
    if run.output is None:
        write_standard(text)
    else:
        write_file("--output", Path(run.output), encoded(text))
    if report.rejected:
        return EXIT_REJECTED
    return EXIT_OPEN if report.has_open(fail_on) else EXIT_CLEAR


def _judged(run: _Run, rules: RuleSet, as_of: int | None) -> tuple[_Run, Report, Log | None]:
    """The report of a log judged on this machine, the log where it was read whole, the run with the names they know."""
    from ethics_engine.api import check_log, judge_log

    happenings = run.format in DRAWS_HAPPENINGS
    if run.redact:
        bare = redacted_log(run.logs, rules, run.key_file)
        run = replace(run, practitioner=bare.practitioner(run.practitioner), client=bare.client(run.client))
        settings: dict[str, Any] = {"as_of": as_of, "matcher": run.matcher, "engine": run.engine}
        return run, judge_log(bare.log, rules, **settings, happenings=happenings), bare.log
    means = means_of(run.memory, run.scratch)
    progress = Progress()
    with progress.shown():
        report, log = check_log(
            list(run.logs),
            rules,
            as_of=as_of,
            matcher=run.matcher,
            engine=run.engine,
            happenings=happenings,
            means=means,
            progress=progress,
        )
    return run, report, log


def _check_targets(run: _Run, rules: RuleSet) -> None:
    """Refuse to write where something is read: a log, a file of rules, the settings, or a folder of logs."""
    from ethics_engine.logs.sources import sources_of

    here = [log for log in run.logs if "://" not in log]  # only Spark reads what is elsewhere
    for option, name in (("--output", run.output), ("--rejects", run.rejects)):
        if name is None:
            continue
        target = Path(name)
        check_target(option, target, [source.name for source in sources_of(here)], "a log that is to be read")
        if run.key_file is not None:
            check_target(option, target, [run.key_file], "the key file")
        check_target(option, target, rules.lines.files(), "a file of the rules or settings in use")
        check_outside(option, name, here)
    if run.output is not None and run.rejects is not None and same_file(Path(run.output), Path(run.rejects)):
        raise ConfigError(f"--rejects: {shown(run.rejects)} is where the report goes; name another file")


def _check_rule_ids(wanted: tuple[str, ...], rules: RuleSet) -> None:
    known = {source.id for source in rules.sources}
    for rule in wanted:
        if rule not in known:
            hint = did_you_mean(rule, known)
            raise ConfigError(f"--rule: there is no rule {shown(rule)}" + (f"; {hint}" if hint else ""))
