"""`ethics-engine pseudonymise`: a log to hand on, without names, identifiers and free text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ethics_engine.calendars import Zone
from ethics_engine.cli.judging import EXIT_REJECTED, Judging, judging_options, name_rejected
from ethics_engine.cli.keys import make_key, read_key
from ethics_engine.cli.output import check_outside, check_target, same_file, write_file
from ethics_engine.errors import ConfigError, shown
from ethics_engine.reports.wording import counted

if TYPE_CHECKING:
    from ethics_engine.logs import Log
    from ethics_engine.pseudonyms import Difference, Pseudonymiser, Reading
    from ethics_engine.rules.rule_set import RuleSet

EXIT_DIFFERS = 1
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class _Run(Judging):
    """The options of one run; the names are those of the command line."""

    logs: tuple[str, ...]
    output: str
    key_file: str
    make_key: bool
    shift_weeks: bool
    verify: bool


@click.command("pseudonymise", short_help="Write a log without names, identifiers and free text.")
@click.argument("logs", metavar="LOG...", nargs=-1, required=True)
@click.option(
    "-o", "--output", metavar="LOG", required=True, help="The log to write: .ndjson or .jsonl, also with .gz."
)
@click.option("--key-file", metavar="FILE", required=True, help="The key: a file of at least 32 random bytes.")
@click.option("--make-key", is_flag=True, help="Make the key file first; there must be none yet.")
@click.option("--shift-weeks", is_flag=True, help="Move all times by some whole weeks that the key says.")
@click.option("--verify", is_flag=True, help="Judge both logs, and tell which rules find something else.")
@judging_options
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> None:
    """Write a log without names, identifiers and free text, on which the rules find the same.

    Practitioners, clients, events, sessions, invoices and every other identifier get pseudonyms (HMAC-SHA-256 under
    your key); times, amounts and the words of the vocabulary stay; free text and attributes of your own (`x_…`) go. The
    same key gives the same pseudonyms again: keep it where you keep the log, and never beside the result.

    It lowers the risk that somebody is recognised, and does not end it: whoever knows what happened on a day still
    finds it. docs/pseudonyms.md tells what it does not protect against.

    \b
    Examples: ethics-engine pseudonymise practice.ndjson -o shared.ndjson --key-file key --make-key
              ethics-engine pseudonymise logs/ -o shared.ndjson.gz --key-file key
              ethics-engine pseudonymise practice.ndjson -o shared.ndjson --key-file key \\
                            --shift-weeks --verify --timezone Europe/Berlin

    \b
    Exit codes: 0  it was written
                1  it was written, and with --verify some rule finds something else on it
                2  the command, the settings or a rule is wrong: nothing was written
                3  it was written, but lines of the log were rejected and are not in it: stderr names them
    """
    ctx.exit(_pseudonymise(_Run(**options)))


def _pseudonymise(run: _Run) -> int:
    from ethics_engine.logs import read_log
    from ethics_engine.pseudonyms import Pseudonymiser, Shift, gzipped, ndjson, reading_of, weeks_of

    _check_targets(run)
    settings = run.settings()
    rules = run.rule_set(settings)
    zone = Zone(rules.timezone)
    as_of = run.instant(zone)
    names = None if run.make_key else read_key(run.key_file)
    reading = reading_of(rules.plan(), {source.id for source in rules.sources})
    log = read_log(list(run.logs), rules.vocabulary)
    name_rejected(log.rejected)
    if names is None:
        make_key(run.key_file)
        names = read_key(run.key_file)
    shift = Shift(zone, weeks_of(names)) if run.shift_weeks else None
    pseudonymiser = Pseudonymiser(log.events, rules.vocabulary, reading, names, shift)
    data = ndjson(pseudonymiser.events, rules.vocabulary)
    write_file("--output", Path(run.output), gzipped(data) if run.output.lower().endswith(".gz") else data)
    _tell(run, log, pseudonymiser, reading)
    found = _verified(log, rules, as_of, pseudonymiser) if run.verify else []
    if log.rejected:
        return EXIT_REJECTED
    return EXIT_DIFFERS if found else 0


def _check_targets(run: _Run) -> None:
    """Refuse an ending that is not written, and to write where something is read."""
    from ethics_engine.logs.sources import sources_of
    from ethics_engine.pseudonyms import ENDINGS

    if not run.output.lower().endswith(ENDINGS):
        raise ConfigError(f"--output: {shown(run.output)} should end in one of {', '.join(ENDINGS)}")
    read = [source.name for source in sources_of(list(run.logs))]
    check_target("--output", Path(run.output), read, "a log that is to be read")
    if same_file(Path(run.output), Path(run.key_file)):
        raise ConfigError(f"--output: {shown(run.output)} is the key file; name another file")
    check_outside("--output", run.output, run.logs)


def _tell(run: _Run, log: Log, pseudonymiser: Pseudonymiser, reading: Reading) -> None:
    """Say on stderr what was written, what was not, and what of the rules pseudonyms do not keep."""
    counts = [f"{counted(len(log.events), 'event')} with pseudonyms in {shown(run.output)}"]
    if log.duplicate:
        counts.append(f"{counted(log.duplicate, 'repeated line')} left out")
    if log.rejected:
        counts.append(f"{counted(len(log.rejected), 'rejected line')} left out")
    click.echo("; ".join(counts), err=True)
    _note("not the same is found by", reading.reservations)
    if pseudonymiser.shift is None:
        return
    _note("the calendar is read by rules that may find something else in other weeks:", reading.dated)
    if len(pseudonymiser.shift.by) > 1:
        click.echo(
            "note: some times are on the other side of a clock change now; clocks show the same, but lengths of time "
            "across one differ by what the clocks jump",
            err=True,
        )
    if reordered := pseudonymiser.reordered():
        what = "meets an hour" if reordered == 1 else "meet hours"
        change = f"{what} that clocks skip or repeat, and change{'s' if reordered == 1 else ''} order"
        click.echo(f"note: {counted(reordered, 'event')} {change}", err=True)


def _note(what: str, rules: tuple[str, ...]) -> None:
    if rules:
        more = f", and {len(rules) - _MOST_NAMED} more" if len(rules) > _MOST_NAMED else ""
        click.echo(f"note: {what} {', '.join(rules[:_MOST_NAMED])}{more}", err=True)


def _verified(log: Log, rules: RuleSet, as_of: int | None, pseudonymiser: Pseudonymiser) -> list[Difference]:
    """Judge both logs and tell on stderr what differs, rule by rule."""
    from ethics_engine.api import judge_log
    from ethics_engine.logs import Log
    from ethics_engine.pseudonyms import differences

    report = judge_log(log, rules, as_of=as_of)
    moment = report.log.as_of
    shift = pseudonymiser.shift
    moved = moment if moment is None or shift is None else shift.moved(moment)
    other = judge_log(Log(pseudonymiser.events), rules, as_of=moved)
    found = differences(report, other, pseudonymiser)
    for one in found:
        parts = [
            f"{count} {what}"
            for count, what in (
                (one.gone, "gone"),
                (one.new, "new"),
                (one.on_other_events, "resting on other events"),
            )
            if count
        ]
        click.echo(f"differs: {one.rule}: {', '.join(parts)}", err=True)
    lost = [one for one in found if one.gone or one.new]
    if not lost:
        same = "the one finding is" if len(report.findings) == 1 else f"the {len(report.findings):,} findings are"
        click.echo(f"verified: {same} the same on both", err=True)
    return lost
