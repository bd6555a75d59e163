"""Key files: secrets that are read, and never shown."""

from __future__ import annotations

from pathlib import Path

from ethics_engine.errors import ConfigError

LEAST = 32
"""Bytes of a key; RFC 2104 advises no fewer than the digest has, which for SHA-256 is 32."""

_MOST = 4096


def read_key(path: Path) -> bytes:
    """The bytes of a key file.

    Raises:
        ConfigError: it cannot be read, or is too short to be a key.
    """
    try:
        with open(path, "rb") as file:
            key = file.read(_MOST + 1)
    except OSError as error:
        raise ConfigError(f"{path}: the key cannot be read: {error.strerror}") from error
    if not LEAST <= len(key) <= _MOST:
        raise ConfigError(
            f"{path}: a key has {LEAST} to {_MOST} bytes, this file does not; make one with: openssl rand -out FILE 32"
        )
    return key
