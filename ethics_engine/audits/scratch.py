"""A folder for parts on disk: removed at the end, and after a crash by the next run."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ethics_engine.errors import ConfigError
from ethics_engine.locks import LOCKS, hold, is_left

_PREFIX = "ethics-engine-"
_LOCK = "in-use"


@contextlib.contextmanager
def scratch(place: str | os.PathLike[str] | None = None) -> Iterator[Path]:
    """A new folder inside `place` (the system's own for temporary files without one), readable by its owner alone.

    Folders that a killed process left there are removed first: the lock in each is free.

    Raises:
        ConfigError: nothing can be written there.
    """
    parent = Path(place) if place is not None else Path(tempfile.gettempdir())
    try:
        _sweep(parent)
        folder, lock = _locked(parent)
    except OSError as error:
        raise ConfigError(f"--scratch: cannot write to {str(parent)!r}: {error.strerror}") from None
    try:
        yield folder
    finally:
        lock.close()
        shutil.rmtree(folder, ignore_errors=True)


def _locked(parent: Path) -> tuple[Path, IO[str]]:
    """A new folder, and its lock, which is held while the folder is in use.

    Another process may sweep the folder away before it is locked; then it is made again.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        with contextlib.suppress(FileNotFoundError), contextlib.ExitStack() as unless_locked:
            lock = unless_locked.enter_context(open(folder / _LOCK, "w"))
            hold(lock)
            if os.path.samestat(os.stat(folder / _LOCK), os.fstat(lock.fileno())):
                unless_locked.pop_all()
                return folder, lock


def _sweep(parent: Path) -> None:
    """Remove the folders that no process has in use any more."""
    if not LOCKS:
        return
    for folder in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if not folder.is_dir() or folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            if not (folder / _LOCK).exists():
                folder.rmdir()  # made, and killed before it was locked; one in use is not empty
                continue
            with open(folder / _LOCK, "r+") as lock:
                if is_left(lock):
                    shutil.rmtree(folder, ignore_errors=True)
