"""What every command that judges a log shares: the options that say by which rules, as of when and in which zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ethics_engine.calendars import Zone
from ethics_engine.cli import clock
from ethics_engine.cli.completing import profiles
from ethics_engine.cli.redacting import check_redacting, redacted_log
from ethics_engine.errors import ConfigError, did_you_mean, shown

if TYPE_CHECKING:
    from ethics_engine.config import Settings
    from ethics_engine.explaining import Inquiry
    from ethics_engine.logs import Log, RejectedLine
    from ethics_engine.rules.rule_set import RuleSet

NOW = "now"
"""What `--as-of` takes besides an instant and a date: the moment that the clock shows."""
SETTINGS_FILE = Path("ethics.yaml")
EXIT_REJECTED = 3

_Command = TypeVar("_Command", bound=Callable[..., Any])

_AS_OF = click.option(
    "--as-of",
    metavar="TIME",
    help="Judge as of an instant, of a date when its day is over, or of `now`.  [default: the last event]",
)
_OPTIONS = (
    click.option(
        "--rules", metavar="DIR", multiple=True, help="Judge by these rules (`shipped`: those that ship); repeatable."
    ),
    click.option(
        "--profile",
        metavar="NAME",
        help="The professional code whose numbers and levels apply.",
        shell_complete=profiles,
    ),
    click.option(
        "--config", metavar="FILE", help="The practice's settings.  [default: ethics.yaml, where there is one]"
    ),
    _AS_OF,
    click.option("--timezone", metavar="ZONE", help="Read weekdays and clock times in this zone.  [default: UTC]"),
)


def judging_options(command: _Command) -> _Command:
    """Give a command the options `--rules`, `--profile`, `--config`, `--as-of` and `--timezone`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def rules_options(command: _Command) -> _Command:
    """Give a command those options but for `--as-of`: it judges as of now."""
    for option in reversed(_OPTIONS):
        command = command if option is _AS_OF else option(command)
    return command


@dataclass(frozen=True, slots=True)
class Judging:
    """Those options, as they were given."""

    rules: tuple[str, ...]
    profile: str | None
    config: str | None
    as_of: str | None
    timezone: str | None

    def settings(self) -> Settings | None:
        """The settings file that was named, or the one that is there."""
        if self.config is None and not SETTINGS_FILE.is_file():
            return None
        from ethics_engine.config import read_settings

        return read_settings(Path(self.config) if self.config is not None else SETTINGS_FILE)

    def rule_set(self, settings: Settings | None) -> RuleSet:
        """The rules, under the settings; an option wins over them."""
        from ethics_engine.api import load_rules

        if settings is None:
            return load_rules(*self.rules, profile=self.profile, timezone=self.timezone or "UTC")
        from ethics_engine.config import check_profile

        folders = self.rules or settings.rules
        if self.profile is None:
            check_profile(settings, [Path(folder) for folder in folders])
        return load_rules(
            *folders,
            profile=self.profile or settings.profile,
            parameters=settings.parameters,
            disabled=settings.disabled,
            vocabulary=settings.vocabulary,
            timezone=self.timezone or settings.timezone or "UTC",
            currency=settings.currency,
            parameters_from=settings.file,
            lines=settings.lines,
        )

    def read_from(self, named: tuple[str, ...], settings: Settings | None) -> tuple[str, ...]:
        """The logs that were named, or the practice's own.

        Raises:
            ConfigError: none was named, and the settings name none or one that is not there.
        """
        if named:
            return named
        if settings is None or settings.log is None:
            where = "there is no ethics.yaml here" if settings is None else f"{shown(settings.file)} has no `log:`"
            raise ConfigError(f"which log? {where}: name a log, or begin a practice with `ethics-engine init`")
        if not settings.log.exists():
            what = f"the log {shown(str(settings.log))}, which {shown(settings.file)} names, is not there"
            raise ConfigError(f"{what}; `ethics-engine log` begins it with the first event")
        return (str(settings.log),)

    def instant(self, zone: Zone) -> int | None:
        """What `--as-of` names; None without it."""
        from ethics_engine.api import moment

        if self.as_of == NOW:
            return clock.now()
        return None if self.as_of is None else moment(self.as_of, zone)


def inquiry_of(
    options: Judging, logs: tuple[str, ...], redact: bool = False, key_file: str | None = None
) -> tuple[Inquiry, int]:
    """A log, judged and kept open to questions, and the exit code that its lines call for; rejected ones are named.

    With `redact` it has numbers in the place of names, or the pseudonyms of a key.
    """
    from ethics_engine.api import inquire
    from ethics_engine.logs import read_log

    check_redacting(redact, key_file)
    settings = options.settings()
    logs = options.read_from(logs, settings)
    rules = options.rule_set(settings)
    as_of = options.instant(Zone(rules.timezone))
    log = redacted_log(logs, rules, key_file).log if redact else read_log(list(logs), rules.vocabulary)
    name_rejected(log.rejected)
    return inquire(log, rules, as_of=as_of), EXIT_REJECTED if log.rejected else 0


def name_rejected(lines: Sequence[RejectedLine]) -> None:
    """Name every rejected line on stderr, with its place, what is wrong, and a hint."""
    for line in lines:
        click.echo(line.render(), err=True)


def only(practitioner: str | None, client: str | None) -> dict[str, str]:
    """What `--practitioner` and `--client` name, by what it is."""
    asked = {"practitioner": practitioner, "client": client}
    return {what: name for what, name in asked.items() if name is not None}


def name_strangers(asked: Mapping[str, str], known: Mapping[str, set[str]]) -> None:
    """Warn of a practitioner or client to show of whom the log knows nothing: their empty report would reassure."""
    for what, name in asked.items():
        if name not in known[what]:
            hint = did_you_mean(name, known[what])
            warning = f"warning: the log has no event of {what} {shown(name)}"
            click.echo(f"{warning}; {hint}" if hint else warning, err=True)


def names_of(logs: Sequence[str], log: Log | None, what: str) -> set[str]:
    """Every practitioner or client of a log; of one audited in parts (`log` is None) as its files name them."""
    if log is not None:
        return {name for event in log.events if (name := getattr(event, what)) is not None}
    from ethics_engine.audits import names, names_in_text
    from ethics_engine.logs import parquet_files, text_files

    files = parquet_files(list(logs))
    return names_in_text(text_files(list(logs)) or [], what) if files is None else names(files, what)
