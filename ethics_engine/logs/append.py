"""A line more at the end of a log: whole or not at all, whoever else is writing.

An exclusive lock on the log is held while what others have added since is looked at and the line is written, in one
piece, at the end of the file. Whoever reads the log meanwhile sees it with the line or without it. Should the system
itself cut that one write off (a kill may, where it crosses a page of memory; so may a loss of power), the log's reader
rejects the rest of the line, and the next writer refuses to go on after it: nothing is mixed, nothing guessed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from ethics_engine.errors import EventError, shown
from ethics_engine.locks import LOCKS, hold
from ethics_engine.logs.decode import Refused, decode
from ethics_engine.logs.lines import BOM
from ethics_engine.logs.units import UNIT_LIMIT

LINE_FORMATS = (".ndjson", ".jsonl")
"""Endings of logs that a line can be added to."""

_OWNER_ONLY = 0o600


def check_appendable(path: Path) -> None:
    """Refuse, before anything is asked, a log that no line can be added to.

    Raises:
        EventError: another format, no folder, not a file, or its last line is not complete.
    """
    if path.suffix.lower() not in LINE_FORMATS:
        what = f"a line can be added to {' or '.join(LINE_FORMATS)} alone"
        raise EventError(f"{what}; other formats, and compressed logs, are only read", file=str(path))
    if not path.parent.is_dir():
        raise EventError(f"there is no folder {shown(str(path.parent))}", file=str(path))
    if not LOCKS:
        raise EventError("this system has no locks on files that would keep two writers apart", file=str(path))
    if path.exists():
        handle = _opened(path, os.O_RDONLY)
        try:
            _unfinished(handle, path)
        finally:
            os.close(handle)


def append(path: Path, since: int, lines: Callable[[bytes], bytes]) -> None:
    """Add lines to a log, which is begun (for its owner alone) where it is not there yet.

    `lines` is called while the log is locked, with what others have added after its first `since` bytes, and gives
    what is to be written: complete lines, or nothing. An error that it raises leaves the log as it was.

    Raises:
        EventError: the log cannot be locked or written, or its last line is not complete.
    """
    check_appendable(path)
    handle = _opened(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    try:
        _lock(handle, path)
        unfinished = _unfinished(handle, path)
        size = os.fstat(handle).st_size
        if size < since:
            raise EventError("the log has become shorter in the meantime; nothing was written", file=str(path))
        data = lines(_read(handle, since, size))
        if not data:
            return
        if not data.endswith(b"\n"):
            raise ValueError("a line ends in a line feed")
        _write(handle, path, unfinished + data, size)
    finally:
        os.close(handle)  # and with it the lock


def _opened(path: Path, flags: int) -> int:
    try:
        handle = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, _OWNER_ONLY)
    except OSError as error:
        raise EventError(f"cannot open the log: {_reason(error)}", file=str(path)) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise EventError("this is not a file that a line can be added to", file=str(path))
    return handle


def _lock(handle: int, path: Path) -> None:
    try:
        hold(handle)
    except OSError as error:
        raise EventError(f"cannot lock the log: {_reason(error)}", file=str(path)) from None


def _unfinished(handle: int, path: Path) -> bytes:
    """The line feed that a log's last line still wants: an editor left it out, or its writer was killed before it.

    Raises:
        EventError: that line is not a whole event.
    """
    size = os.fstat(handle).st_size
    if not size or os.pread(handle, 1, size - 1) == b"\n":
        return b""
    end = _read(handle, max(0, size - UNIT_LIMIT - 1), size)
    line = end.rpartition(b"\n")[2]
    try:
        if len(line) <= UNIT_LIMIT and decode(line.removeprefix(BOM)):
            return b"\n"
    except Refused:
        pass
    what = "the last line of the log is not a whole event, as if its writing had been cut off"
    raise EventError(f"{what}; look at it in an editor, complete or remove it, then try again", file=str(path))


def _read(handle: int, start: int, end: int) -> bytes:
    pieces = []
    while start < end and (piece := os.pread(handle, min(end - start, 1 << 20), start)):
        pieces.append(piece)
        start += len(piece)
    return b"".join(pieces)


def _write(handle: int, path: Path, data: bytes, size: int) -> None:
    """One write at the end; what came of it short (a full disk) is taken back."""
    try:
        written = os.write(handle, data)
        if written < len(data):
            os.ftruncate(handle, size)
            raise EventError("there is no room for the line; the log is as it was", file=str(path))
        os.fsync(handle)
    except OSError as error:
        raise EventError(f"cannot write to the log: {_reason(error)}", file=str(path)) from None


def _reason(error: OSError) -> str:
    return (error.strerror or "the system refuses").lower()
