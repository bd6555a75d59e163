"""Compressed logs, by the ending of a file's name or by how standard input begins."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from ethics_engine.errors import ConfigError

_MAGIC = {b"\x1f\x8b": ".gz", b"\x28\xb5\x2f\xfd": ".zst"}
LONGEST_MAGIC = 4


def _zstd() -> ModuleType:
    """Python's own module from 3.14 on, before that the same one from PyPI.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError:
        raise ConfigError("logs ending in `.zst` need backports.zstd: pip install 'ethics-engine[zstd]'") from None
    module: ModuleType = zstd
    return module


def _gzip(stream: Any) -> Any:
    """Decompressed as it is read; raises EOFError for an empty stream, which Python reads as nothing compressed."""
    if not stream.peek(1):
        raise EOFError
    return gzip.GzipFile(fileobj=stream)


def _zstandard(stream: Any) -> Any:
    return _zstd().ZstdFile(stream)


COMPRESSIONS: Mapping[str, Callable[[Any], Any]] = {".gz": _gzip, ".zst": _zstandard}


def by_magic(start: bytes) -> str:
    """The ending that a compressed stream would have, '' for one that is not compressed."""
    return next((ending for magic, ending in _MAGIC.items() if start.startswith(magic)), "")


def is_damage(error: BaseException | None) -> bool:
    """Whether an error says that compressed data is broken or cut off."""
    if isinstance(error, (gzip.BadGzipFile, EOFError, zlib.error)):
        return True
    return type(error).__name__ == "ZstdError"
