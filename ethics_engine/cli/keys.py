"""The key of pseudonyms: a file that is read, or made, and never shown."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ethics_engine.errors import ConfigError, shown

if TYPE_CHECKING:
    from ethics_engine.pseudonyms import Keyed

_LONGEST_KEY = 1 << 16  # bytes: whoever names a log by mistake is told so


def make_key(name: str) -> None:
    """Write a new key of 32 random bytes, which its owner alone may read.

    Raises:
        ConfigError: there is such a file already, or it cannot be written.
    """
    from ethics_engine.pseudonyms import LEAST_KEY

    try:
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError(f"--make-key: there is {shown(name)} already; leave --make-key out to use it") from None
    except OSError as error:
        raise ConfigError(f"--make-key: cannot write {shown(name)}: {_reason(error)}") from None
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(LEAST_KEY))


def read_key(name: str) -> Keyed:
    """The pseudonyms of a key file; a warning where others may read it.

    Raises:
        ConfigError: it cannot be read, or holds no key.
    """
    from ethics_engine.pseudonyms import LEAST_KEY, Keyed

    path = Path(name)
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            key = file.read(_LONGEST_KEY + 1)
    except FileNotFoundError:
        hint = f"add --make-key once, or run `openssl rand -out {name} {LEAST_KEY}`"
        raise ConfigError(f"--key-file: there is no file {shown(name)}; {hint}") from None
    except OSError as error:
        raise ConfigError(f"--key-file: cannot read {shown(name)}: {_reason(error)}") from None
    if len(key) > _LONGEST_KEY:
        raise ConfigError(f"--key-file: {shown(name)} is too long for a key; is it another file?")
    try:
        names = Keyed(key)
    except ConfigError as error:
        hint = f"make one with `openssl rand -out FILE {LEAST_KEY}`, or with --make-key"
        raise ConfigError(f"--key-file: {error.message}; {hint}") from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        click.echo(f"warning: others may read the key file {shown(name)}; chmod 600 keeps it yours", err=True)
    return names


def _reason(error: OSError) -> str:
    return (error.strerror or "the system refuses").lower()
