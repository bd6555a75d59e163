"""Where a report goes: standard output, or a file that is complete or not there at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from ethics_engine.errors import ConfigError, shown
from ethics_engine.locks import hold, is_left
from ethics_engine.memory import collection_paused

WIDEST = 120
"""Columns: longer lines are hard to read, however wide the terminal is."""


def terminal_width() -> int:
    """The width of the terminal, up to `WIDEST`; 80 where there is none."""
    return min(shutil.get_terminal_size((80, 24)).columns, WIDEST)


def shows_colour() -> bool:
    """Whether standard output is a terminal that colour is welcome on (NO_COLOR and TERM=dumb say no)."""
    on_terminal = sys.stdout is not None and sys.stdout.isatty()
    return on_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def check_target(option: str, target: Path, read: Iterable[str], what: str) -> None:
    """Refuse, before any work, a file that cannot be written or that would overwrite what is read.

    Raises:
        ConfigError: naming the option.
    """
    name = shown(str(target))
    if not target.parent.is_dir():
        raise ConfigError(f"{option}: there is no folder {shown(str(target.parent))}")
    if target.exists() and not target.is_file():
        raise ConfigError(f"{option}: {name} is not a file that can be replaced; name another, or leave {option} out")
    if target.exists() and any(os.path.exists(each) and target.samefile(each) for each in read):
        raise ConfigError(f"{option}: {name} is {what}; name another file")


def same_file(one: Path, other: Path) -> bool:
    """Whether two names are those of one file, which need not be there yet."""
    return one.resolve() == other.resolve() or (one.exists() and other.exists() and one.samefile(other))


def check_outside(option: str, name: str, logs: Iterable[str]) -> None:
    """Refuse to write a log, or what has the ending of one, into a folder that is read as logs.

    Raises:
        ConfigError: naming the option.
    """
    from ethics_engine.logs.sources import is_log

    folders = [Path(log).resolve() for log in logs if Path(log).is_dir()]
    if is_log(name) and any(folder in Path(name).resolve().parents for folder in folders):
        raise ConfigError(f"{option}: {shown(name)} would be read as a log the next time; name another folder")


def write_standard(text: str | Iterable[str]) -> None:
    """Write to standard output, as UTF-8; a reader that has left early is no error.

    Raises:
        ConfigError: it cannot be written (a full disk).
    """
    if sys.stdout is None:  # it was closed before the start
        return
    try:
        for piece in encoded([text] if isinstance(text, str) else text):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    except OSError as error:
        _leave_standard()
        if not isinstance(error, BrokenPipeError):
            raise ConfigError(f"cannot write to standard output: {reason(error)}") from None


def echo_refused(error: OSError) -> bool:
    """Whether an error comes from `click.echo` to standard output (a help text, a short answer), which is then left."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    if frame.f_code is not click.echo.__code__ or frame.f_locals["err"]:
        return False
    _leave_standard()
    return True


def _leave_standard() -> None:
    """Let what the interpreter still flushes at its end go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def encoded(pieces: Iterable[str]) -> Iterator[bytes]:
    """Pieces of a text as UTF-8."""
    for piece in pieces:
        yield piece.encode("utf-8", "backslashreplace")


def write_file(option: str, target: Path, data: bytes | Iterable[bytes]) -> None:
    """Write a file all at once: whoever opens it sees the old content or the new one, never a part.

    What a process left that was killed while it wrote the same file is removed.

    Raises:
        ConfigError: the file cannot be written.
    """
    try:
        real = target.resolve()  # what a link points to is replaced, not the link
        unfinished = f".{real.name[:100]}.unfinished-"
        _sweep(real.parent, unfinished)
        handle, name = tempfile.mkstemp(prefix=unfinished, dir=real.parent)
        try:
            with os.fdopen(handle, "wb") as file, collection_paused():  # what is written makes no cycles
                hold(handle)  # it is being written
                file.writelines([data] if isinstance(data, bytes) else data)
            os.chmod(name, _mode(real))
            os.replace(name, real)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise ConfigError(f"{option}: cannot write {shown(str(target))}: {reason(error)}") from None


def _sweep(folder: Path, unfinished: str) -> None:
    """Remove what a killed process left: a file that nobody holds, and that is not just being made."""
    with contextlib.suppress(OSError):  # a folder that can be written and not listed
        for path in [each for each in folder.iterdir() if each.name.startswith(unfinished)]:
            with contextlib.suppress(OSError), open(path, "rb") as file:
                if is_left(file) and time.time() - os.fstat(file.fileno()).st_mtime > _JUST_MADE:
                    path.unlink()


_JUST_MADE = 0.5  # seconds between making a file and holding it, at the very most


def _mode(target: Path) -> int:
    """The rights of the file that stands there, or those that a new one gets."""
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def reason(error: OSError) -> str:
    """Why the system refuses, in its own words."""
    return (error.strerror or "the system refuses").lower()
