"""Reports that show no names: what `--redact` and its `--key-file` mean to every command that has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ethics_engine.cli.keys import read_key
from ethics_engine.errors import ConfigError

if TYPE_CHECKING:
    from ethics_engine.logs import Log
    from ethics_engine.pseudonyms import Pseudonymiser
    from ethics_engine.rules.rule_set import RuleSet

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--redact", is_flag=True, help="Show no names, ids and free text of the log: client-1 instead."),
    click.option(
        "--key-file", metavar="FILE", help="With --redact: the pseudonyms of this key, in every report alike."
    ),
)


def redacting_options(command: _Command) -> _Command:
    """Give a command the options `--redact` and `--key-file`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Redacted:
    """A log without names, and the pseudonyms of those that filters name."""

    log: Log
    pseudonymiser: Pseudonymiser

    def practitioner(self, name: str | None) -> str | None:
        """The pseudonym of a practitioner; None for none."""
        return None if name is None else self.pseudonymiser.practitioner(name)

    def client(self, name: str | None) -> str | None:
        """The pseudonym of a client; None for none."""
        return None if name is None else self.pseudonymiser.client(name)


def check_redacting(redact: bool, key_file: str | None) -> None:
    """Refuse a key that nothing would use.

    Raises:
        ConfigError: there is a key file, and nothing is redacted.
    """
    if key_file is not None and not redact:
        raise ConfigError("--key-file: it goes with --redact; add it, or leave --key-file out")


def redacted_log(logs: tuple[str, ...], rules: RuleSet, key_file: str | None) -> Redacted:
    """A log, read whole, without names: numbered as they come in time, or by the pseudonyms of a key.

    Raises:
        ConfigError: the key file is none.
        EventError: the log cannot be read.
    """
    from ethics_engine.logs import read_log
    from ethics_engine.pseudonyms import Numbered, redacted

    names = Numbered() if key_file is None else read_key(key_file, "`ethics-engine pseudonymise --make-key`")
    log = read_log(list(logs), rules.vocabulary)
    return Redacted(*redacted(log, rules.plan(), {source.id for source in rules.sources}, names))
