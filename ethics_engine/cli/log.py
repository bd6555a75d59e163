"""`ethics-engine log`: one event, written down by hand."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ethics_engine.calendars import Zone
from ethics_engine.cli import EXIT_INTERRUPTED, asking, clock
from ethics_engine.cli.asking import ask, say
from ethics_engine.cli.completing import event_types
from ethics_engine.cli.judging import Judging, rules_options
from ethics_engine.errors import ConfigError, Diagnostic, EventError, did_you_mean, shown

if TYPE_CHECKING:
    from ethics_engine.config import Settings
    from ethics_engine.entries.entry import Entry
    from ethics_engine.events import Event
    from ethics_engine.rules.rule_set import RuleSet
    from ethics_engine.vocabulary import Attribute, EventType, Vocabulary


@dataclass(frozen=True, slots=True)
class Desk:
    """What is needed to write into a log: the rules, the log as it is, who keeps it, and when and where that is."""

    path: Path
    size: int
    events: Sequence[Event]
    rules: RuleSet
    practitioner: str
    now: int
    zone: Zone | None


@click.command("log", short_help="Write down one event.")
@click.argument("words", metavar="[TYPE] [ATTRIBUTE=VALUE]...", nargs=-1, shell_complete=event_types)
@click.option("--client", metavar="ID", help="The client, by a made-up id.")
@click.option("--at", metavar="TIME", help="When it happened: `yesterday 17:30`, `now`.")
@click.option("--yes", is_flag=True, help="Write it without asking whether to.")
@click.option("--log", "log_file", metavar="FILE", help="The log.  [default: the one that the settings name]")
@click.option("--practitioner", metavar="ID", help="Who keeps the log.  [default: the one that the settings name]")
@rules_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    words: tuple[str, ...],
    client: str | None,
    at: str | None,
    yes: bool,
    log_file: str | None,
    practitioner: str | None,
    **options: Any,
) -> None:
    """Write one event at the end of a log.

    Asks for what is missing, with choices; what you do not know you leave out. Before anything is written it shows what
    the event means for the rules. Without TYPE it helps to find the type. Where nobody can be asked (standard input is
    no terminal) everything that is needed stands in the command, with --yes.

    \b
    Examples: ethics-engine log
              ethics-engine log hug
              ethics-engine log session.held --client c7 --at "yesterday 17:30" minutes=50
              ethics-engine log contact.touch --client c7 at=now kind=hug by=client consent=yes --yes
              ethics-engine log event.amended target=2026-03-02-1c9a4e amend_reason="a slip" minutes=55

    \b
    Values:   yes and no; numbers with a point (90.50); members of a list with commas (covers=goals,tasks)
    Times:    now                 today 9:00          yesterday 17:30    2026-03-02 14:00
              20 minutes ago      3 days ago 10:00    monday 10:00       2 March 2026 2:00 pm
              (in the practice's time zone; a weekday is the last one)

    \b
    Exit codes: 0  it was written, or you decided not to
                2  something is wrong or missing: nothing was written
    """
    try:
        desk = open_desk(Judging(**options, as_of=None), log_file, practitioner)
        _log(desk, words, [("client", client), ("at", at)], yes=yes)
    except click.Abort:
        click.echo("\nNothing was written.")
        ctx.exit(EXIT_INTERRUPTED)


def open_desk(judging: Judging, log_file: str | None, practitioner: str | None) -> Desk:
    """Everything that is needed to write into the practice's log.

    Raises:
        ConfigError: no log or no practitioner is named, by an option or in the settings.
        EventError: no line can be added to the log.
    """
    from ethics_engine.logs import read_log
    from ethics_engine.logs.append import check_appendable

    settings = judging.settings()
    path, keeper = _named(settings, log_file, practitioner)
    check_appendable(path)
    rules = judging.rule_set(settings)
    zone = judging.timezone or (settings.timezone if settings else None)
    size = path.stat().st_size if path.exists() else 0
    log = read_log(str(path), rules.vocabulary) if size else None
    if log is not None and log.rejected:
        lines = "one line" if len(log.rejected) == 1 else f"{len(log.rejected):,} lines"
        click.echo(f"warning: {lines} of the log cannot be read; `ethics-engine check` names them", err=True)
    return Desk(path, size, log.events if log else (), rules, keeper, clock.now(), Zone(zone) if zone else None)


def _named(settings: Settings | None, log_file: str | None, practitioner: str | None) -> tuple[Path, str]:
    path = Path(log_file) if log_file is not None else settings.log if settings else None
    keeper = practitioner or (settings.practitioner if settings else None)
    missing = [name for name, value in (("--log", path), ("--practitioner", keeper)) if value is None]
    if path is None or keeper is None:
        where = "there is no ethics.yaml here" if settings is None else f"{shown(settings.file)} does not say it"
        raise ConfigError(f"give {' and '.join(missing)}: {where}; `ethics-engine init` sets a practice up")
    return path, keeper


def _log(desk: Desk, words: Sequence[str], named: Sequence[tuple[str, str | None]], *, yes: bool) -> None:
    from ethics_engine.cli.interview import ask_client, complete, doubt
    from ethics_engine.entries.entry import Entry
    from ethics_engine.entries.values import Moment

    somebody = asking.on_terminal()
    typed, pairs = _parted(words, known=desk.rules.vocabulary)
    event_type = _type(desk.rules.vocabulary, typed, asking=somebody)
    moment = Moment(desk.now, desk.zone)
    entry = Entry(event_type, desk.rules.vocabulary, desk.practitioner, moment, desk.events)
    given = [(name, value) for name, value in named if value is not None]
    _put(entry, [*given, *pairs], asking=somebody, yes=yes)
    doubts = [found for name in entry.values if (found := doubt(entry, name)) is not None]
    for found in doubts:
        click.echo(found, err=True)
    if somebody and not yes:
        ask_client(entry)
    complete(entry, more=somebody and not yes)
    _write(desk, entry, yes=yes)


def _type(vocabulary: Vocabulary, typed: str | None, *, asking: bool) -> EventType:
    from ethics_engine.cli.interview import choose_type
    from ethics_engine.entries.types import by_area, search

    known = {each.name: each for types in by_area(vocabulary).values() for each in types}
    if typed in known:
        return known[typed]
    if asking:
        return choose_type(vocabulary, typed or "")
    if typed is None:
        raise ConfigError("TYPE is missing: name the type of event, such as `session.held`")
    found = [each.name for each in search(typed, vocabulary)][:5]
    hint = did_you_mean(typed, known) or (f"there is {', '.join(found)}" if found else None)
    raise ConfigError(f"there is no type of event {shown(typed)}" + (f"; {hint}" if hint else ""))


def _parted(words: Sequence[str], known: Vocabulary) -> tuple[str | None, list[tuple[str, str]]]:
    """The type, or the words that stand for it, and what is said of the event."""
    first = next((number for number, word in enumerate(words) if "=" in word), len(words))
    if words and words[0] in known.types:
        first = 1
    pairs = []
    for word in words[first:]:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise ConfigError(f"{shown(word)} is not ATTRIBUTE=VALUE, such as `minutes=50`")
        pairs.append((name, value))
    return " ".join(words[:first]) or None, pairs


def _put(entry: Entry, given: Sequence[tuple[str, str]], *, asking: bool, yes: bool) -> None:
    """Say all that the command says; every fault, and where nobody can be asked all that is missing, at once."""
    faults = []
    ordered = sorted(given, key=lambda pair: pair[0] != "target")  # an amendment has the attributes of its target
    for name, value in ordered:
        try:
            if name == "practitioner":
                raise ValueError("`practitioner` is who keeps the log: --practitioner, or the settings")
            entry.put(name, value)
        except ValueError as error:
            words = str(error)
            faults.append(Diagnostic("wrong-value", words if f"`{name}`" in words else f"{shown(name)}: {words}"))
    if not asking:
        wrong = {name for name, _ in given}
        for attribute in entry.missing():
            if attribute.name not in wrong:
                faults.append(Diagnostic("missing-attribute", f"`{attribute.name}` is missing: {_expected(attribute)}"))
        if not yes:
            faults.append(Diagnostic("missing-option", "`--yes` is missing: nobody can be asked whether to write it"))
    if faults:
        raise EventError(faults)


def _expected(attribute: Attribute) -> str:
    if attribute.values:
        return f"one of {', '.join(attribute.values)}"
    words = {"boolean": "yes or no", "timestamp": "a time, such as `now`", "number": "a number", "money": "an amount"}
    return words.get(attribute.kind, "a made-up id" if attribute.name == "client" else "a text")


def _write(desk: Desk, entry: Entry, *, yes: bool) -> None:
    """Show the entry and its effect, and write it where that is wanted; more can be said in between."""
    from ethics_engine.cli.interview import complete
    from ethics_engine.entries.writing import write

    vocabulary = desk.rules.vocabulary
    chance = secrets.token_hex(3)
    while True:
        effective = _show(desk, entry, chance)
        default, choices = ("yes", "Y/n/more") if effective else ("no", "y/N/more")
        answer = "yes" if yes else ask(f"Write it to {shown(str(desk.path))}? [{choices}]", _answer, default)
        if answer == "yes":
            break
        if answer == "no":
            click.echo("Nothing was written.")
            return
        complete(entry, more=True)
    (written,) = write(desk.path, desk.size, vocabulary, lambda taken: [entry.record(entry.new_id(chance, taken))])
    say(f"Written to {shown(str(desk.path))} as {shown(written.id)}.")


def _answer(said: str) -> str:
    for answer in ("yes", "no", "more"):
        if said.lower() in (answer, answer[0]):
            return answer
    raise ValueError("`yes` writes it, `no` leaves it, `more` says more before")


def _show(desk: Desk, entry: Entry, chance: str) -> bool:
    """Show the entry as it would be written, and what it means for the rules; whether it would have its effect."""
    from ethics_engine.cli.interview import summary
    from ethics_engine.entries.effect import effect_of
    from ethics_engine.entries.entry import line_of, read_back
    from ethics_engine.entries.telling import told

    event = read_back(line_of(entry.record(entry.new_id(chance))), desk.rules.vocabulary)
    if entry.event(event.id) is not None:
        raise EventError(f"the log has an event {shown(event.id)} already; leave `id` out to get a new one")
    click.echo()
    pairs = list(summary(entry))
    width = max(len(name) for name, _ in pairs)
    for name, words in pairs:
        say(words, 2, f"{name:<{width}}  ", longest_lead=width + 2)
    click.echo()
    effect = effect_of([event], entry.log, desk.rules, desk.now)
    for line in told(effect, Zone(desk.rules.timezone)):
        say(*line)
    click.echo()
    return not effect.ineffective
