"""Key files, of pseudonyms and of seals: read, or made, and never shown."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ethics_engine.errors import ConfigError, shown

if TYPE_CHECKING:
    from ethics_engine.pseudonyms import Keyed

LEAST = 32
"""Bytes of a key: the output of SHA-256, below which RFC 2104 (section 3) advises against."""

_LONGEST_KEY = 1 << 16  # bytes: whoever names a log by mistake is told so


def make_key(name: str) -> None:
    """Write a new key of 32 random bytes, which its owner alone may read.

    Raises:
        ConfigError: there is such a file already, or it cannot be written.
    """
    try:
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError(f"--make-key: there is {shown(name)} already; leave --make-key out to use it") from None
    except OSError as error:
        raise ConfigError(f"--make-key: cannot write {shown(name)}: {_reason(error)}") from None
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(LEAST))


def read_key(name: str, making: str = "--make-key") -> Keyed:
    """The pseudonyms of a key file; a warning where others may read it. `making` is what makes one, for the hint.

    Raises:
        ConfigError: it cannot be read, or holds no key.
    """
    from ethics_engine.pseudonyms import Keyed

    key = key_bytes(name, f"make it with `openssl rand -out {name} {LEAST}`, or once with {making}")
    try:
        return Keyed(key)
    except ConfigError as error:
        hint = f"make one with `openssl rand -out FILE {LEAST}`, or with {making}"
        raise ConfigError(f"--key-file: {error.message}; {hint}") from None


def read_seal_key(name: str) -> bytes:
    """The bytes of the key that seals a store; a warning where others may read it.

    Raises:
        ConfigError: it cannot be read, or is too short for a key.
    """
    hint = f"make one with `openssl rand -out FILE {LEAST}` when the store is made"
    key = key_bytes(name, hint)
    if len(key) < LEAST:
        raise ConfigError(f"--key-file: {shown(name)} has {len(key)} bytes, a key has at least {LEAST}; {hint}")
    return key


def key_bytes(name: str, hint: str) -> bytes:
    """What a key file holds; `hint` is said where there is none."""
    path = Path(name)
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            key = file.read(_LONGEST_KEY + 1)
    except FileNotFoundError:
        raise ConfigError(f"--key-file: there is no file {shown(name)}; {hint}") from None
    except OSError as error:
        raise ConfigError(f"--key-file: cannot read {shown(name)}: {_reason(error)}") from None
    if len(key) > _LONGEST_KEY:
        raise ConfigError(f"--key-file: {shown(name)} is too long for a key; is it another file?")
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        click.echo(f"warning: others may read the key file {shown(name)}; chmod 600 keeps it yours", err=True)
    return key


def _reason(error: OSError) -> str:
    return (error.strerror or "the system refuses").lower()
