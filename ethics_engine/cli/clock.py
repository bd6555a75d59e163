"""The one place where a clock is read, and where the machine is asked for its time zone."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ethics_engine.scalars import SECOND

_LINK = Path("/etc/localtime")
_NAME = Path("/etc/timezone")


def now() -> int:
    """The present second, in microseconds since the epoch: finer than that nobody writes an event down."""
    return int(time.time()) * SECOND


def machine_zone() -> str | None:
    """The name of the machine's time zone (`Europe/Berlin`); None where it does not say."""
    from ethics_engine.calendars import Zone

    for name in (os.environ.get("TZ", "").removeprefix(":"), _linked(), _named()):
        if name:
            try:
                return Zone(name).name
            except ValueError:
                continue
    return None


def _linked() -> str | None:
    try:
        target = os.path.realpath(_LINK)
    except OSError:
        return None
    _, found, name = target.partition("/zoneinfo/")
    return name if found else None


def _named() -> str | None:
    try:
        return _NAME.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
