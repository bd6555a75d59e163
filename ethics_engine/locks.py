"""Locks on open files, which end with the process that holds them; Windows has none of this kind."""

from __future__ import annotations

from typing import IO, Any

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

LOCKS = fcntl is not None
"""Whether this system has them; where it has not, nothing is held, and what a crash left is not told from the rest."""


def hold(file: int | IO[Any]) -> None:
    """Hold a file until it is closed, waiting for whoever holds it; raises OSError where it cannot be held."""
    if LOCKS:
        fcntl.flock(file, fcntl.LOCK_EX)


def is_left(file: int | IO[Any]) -> bool:
    """Whether nobody holds a file that was held while it was used, so that a crash left it; it is held then."""
    if not LOCKS:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
