"""`ethics-engine init`: a practice's folder, set up by a few questions."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import click

from ethics_engine.calendars import Zone
from ethics_engine.cli import EXIT_INTERRUPTED, asking, clock
from ethics_engine.cli.asking import ask, choice, say
from ethics_engine.errors import ConfigError, did_you_mean, shown
from ethics_engine.reports.wording import inert, moment_in_words

NONE = "none"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@click.command("init", short_help="Set up a practice's folder.")
@click.argument("folder", metavar="[FOLDER]", default=".")
@click.option("--practitioner", metavar="ID", help="Who keeps the log, by a made-up id such as p1.")
@click.option("--timezone", metavar="ZONE", help="Where the practice is, such as Europe/Berlin.")
@click.option("--currency", metavar="CODE", help="Of its fees, such as EUR; `none` leaves it open.")
@click.option("--profile", metavar="NAME", help="The professional code, such as apa-2017; `none` for the rules alone.")
@click.pass_context
def command(ctx: click.Context, /, folder: str, **options: Any) -> None:
    """Set up a practice in FOLDER (the working directory without one): its settings, an empty log, and an example.

    Asks for what no option says. Where nobody can be asked, --practitioner and --timezone are needed; a currency or a
    profile that is not named is left open. Nothing that is there is ever overwritten. What is made is readable by its
    owner alone.

    \b
    Examples: ethics-engine init my-practice
              ethics-engine init my-practice --practitioner p1 --timezone Europe/Berlin

    \b
    Exit codes: 0  it is set up
                2  something is wrong, missing, or there already: nothing was made
    """
    from ethics_engine.entries.folder import Practice, check_new, make_folder

    place = Path(folder)
    check_new(place)
    try:
        said = _asked(options) if asking.on_terminal() else _told(options)
    except click.Abort:
        click.echo("\nNothing was made.")
        ctx.exit(EXIT_INTERRUPTED)
    practice = Practice(str(said["practitioner"]), str(said["timezone"]), said["currency"], said["profile"])
    made = make_folder(place, practice)
    _next_steps(place, made)


def _told(options: dict[str, str | None]) -> dict[str, str | None]:
    """What the options say, where nobody can be asked."""
    missing = [f"--{name}" for name in ("practitioner", "timezone") if options[name] is None]
    if missing:
        raise ConfigError(f"{' and '.join(missing)} missing: standard input is no terminal, so nobody can be asked")
    return _given(options)


def _given(options: dict[str, str | None]) -> dict[str, str | None]:
    """The options that were given, each checked; raises ConfigError naming the one that does not fit."""
    found: dict[str, str | None] = {}
    for name, text in options.items():
        try:
            found[name] = None if text is None else _READERS[name](text)
        except ValueError as error:
            raise ConfigError(f"--{name}: {error}") from None
    return found


def _asked(options: dict[str, str | None]) -> dict[str, str | None]:
    """What the options say, and the answers to the rest."""
    found = _given(options)
    if options["practitioner"] is None:
        say("Who keeps the log? A short made-up id is enough; no name is ever needed.")
        found["practitioner"] = ask("Your id [p1]:", _practitioner, "p1")
        click.echo()
    if options["timezone"] is None:
        found["timezone"] = _ask_zone()
        click.echo()
    if options["currency"] is None:
        say("In which currency are your fees? Three letters, such as EUR; Enter leaves it open.")
        found["currency"] = ask("Currency:", _currency, NONE)
        click.echo()
    if options["profile"] is None:
        found["profile"] = _ask_profile()
        click.echo()
    return found


def _ask_zone() -> str:
    guess = clock.machine_zone()
    default = "" if guess in (None, "UTC", "Etc/UTC") else str(guess)
    say("In which time zone is the practice? A city is enough, such as Berlin; weekdays and evenings are told by it.")
    zone = ask(f"Time zone{f' [{default}]' if default else ''}:", _zone, default)
    say(f"{zone}: it is {moment_in_words(clock.now(), Zone(zone))} there.", 2)
    return zone


def _ask_profile() -> str | None:
    titles = profiles()
    say("Which professional code do you work under? Its numbers and levels then apply.")
    for number, (name, title) in enumerate(titles.items(), 1):
        say(f"{name}: {title}", 2, f"{number} ")
    say(f"{NONE}: the rules as they ship, which are stricter than most codes", 2, f"{len(titles) + 1} ")
    names = [*titles, NONE]

    def read(said: str) -> str | None:
        name = names[choice(names)(said)]
        return None if name == NONE else name

    return ask(f"Code (number or name) [{NONE}]:", read, NONE)


def profiles() -> dict[str, str]:
    """The shipped profiles with their titles, but for the one that changes nothing."""
    from ethics_engine.located import Lines, read_yaml
    from ethics_engine.rules.loader import DEFAULT_PROFILE, profile_names, shipped_rules

    folder = shipped_rules() / "profiles"
    trees = {name: read_yaml(folder / f"{name}.yaml", Lines()) for name in profile_names() if name != DEFAULT_PROFILE}
    return {name: inert(str(tree["title"])) for name, tree in trees.items()}


def _practitioner(text: str) -> str:
    from ethics_engine.entries.folder import EXAMPLE_KEEPER
    from ethics_engine.entries.values import Moment, value_of
    from ethics_engine.vocabulary import ENVELOPE

    name = str(value_of(ENVELOPE["practitioner"], text, Moment(0, None)))
    if name == EXAMPLE_KEEPER:
        raise ValueError(f"{shown(name)} keeps the example log; take another id")
    if not name.isprintable():
        raise ValueError(f"{shown(name)} has characters in it that cannot be shown; take another id")
    return name


def _zone(text: str) -> str:
    """A zone by its name, or by its city where there is one such city."""
    known = available_timezones()
    plain = text.strip().lower().replace(" ", "_")
    if not plain:
        raise ValueError("write a city, or a zone such as `Europe/Berlin`")
    exact = next((name for name in known if name.lower() == plain), None)
    if exact is not None:
        return Zone(exact).name
    cities = sorted(name for name in known if "/" in name and name.lower().rpartition("/")[2] == plain)
    if len(cities) == 1:
        return cities[0]
    if cities:
        raise ValueError(f"{shown(text)} may be {', '.join(f'`{name}`' for name in cities)}; write which")
    if "/" not in plain:
        near = did_you_mean(plain, [name.rpartition("/")[2] for name in known])
        hint = f"; {near}" if near else ""
        raise ValueError(f"no time zone is named after {shown(text)}; name a larger city of it{hint}")
    return Zone(text.strip()).name


def _currency(text: str) -> str | None:
    from ethics_engine.faults import check_currency

    return None if text.lower() == NONE else check_currency(text.strip().upper())


def _profile(text: str) -> str | None:
    from ethics_engine.rules.loader import profile_names

    known = [*profile_names(), NONE]
    if text not in known:
        hint = did_you_mean(text, known)
        raise ValueError(f"{shown(text)} is none of {', '.join(known)}" + (f"; {hint}" if hint else ""))
    return None if text == NONE else text


_READERS = {"practitioner": _practitioner, "timezone": _zone, "currency": _currency, "profile": _profile}


def _next_steps(place: Path, made: list[Path]) -> None:
    say(f"The practice is set up in {shown(str(place))}: {', '.join(path.name for path in made)}.")
    if stat.S_IMODE(place.stat().st_mode) & _OTHERS:
        say(f"Others on this machine may look into the folder; `chmod 700 {inert(str(place))}` keeps it to you.")
    say("A log is confidential: use made-up ids for clients, and keep the folder where only you can read it.")
    click.echo()
    click.echo("Next:")
    steps = [] if place.resolve() == Path.cwd() else [(f"cd {_quoted(place)}", "the settings are read from there")]
    steps += [
        ("ethics-engine check example.ndjson", "what a check says, of a made-up log"),
        ("ethics-engine log", "write down what happened, step by step"),
        ("ethics-engine check --as-of now", "what your own log shows, as of now"),
        ("ethics-engine due --as-of now", "what is still to be done, and by when"),
        ("ethics-engine reflect", "a quarter of an hour for yourself"),
    ]
    width = max(len(step) for step, _ in steps)
    for step, meaning in steps:
        click.echo(f"  {step:<{width}}  {meaning}")
    click.echo()
    say(
        "A log that says nothing of what it holds is taken to hold everything. If you will not write down all areas "
        "(money, contact, supervision …), say which you do: `ethics-engine log log.covers`."
    )


def _quoted(place: Path) -> str:
    import shlex

    return inert(shlex.quote(str(place)))
