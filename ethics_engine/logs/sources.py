"""Where a log comes from: files, folders, globs, standard input, records in memory.

A format is one function from a binary stream to units, and one line in `FORMATS`.
"""

from __future__ import annotations

import glob
import io
import json
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from ethics_engine.errors import EventError, shown, suggest
from ethics_engine.logs.array import read_json
from ethics_engine.logs.compression import COMPRESSIONS, LONGEST_MAGIC, by_magic, is_damage
from ethics_engine.logs.header import NoHeader, no_table
from ethics_engine.logs.lines import read_lines
from ethics_engine.logs.parquet import read_parquet
from ethics_engine.logs.records import records_of
from ethics_engine.logs.rejects import rejected
from ethics_engine.logs.table import read_table
from ethics_engine.logs.units import Unit

FORMATS: Mapping[str, Callable[[BinaryIO], Iterator[Unit]]] = {
    ".ndjson": read_lines,
    ".jsonl": read_lines,
    ".json": read_json,
    ".csv": read_table,
    ".parquet": read_parquet,
}
WHOLE = frozenset({".parquet"})
"""Formats that compress themselves, and are read from their end."""
TABLE = ".csv"
TEXT = frozenset({".ndjson", ".jsonl", TABLE})
"""Formats whose lines can be read many at once."""
STANDARD_INPUT = "-"
_SAMPLE = 1 << 16  # bytes of a file that tell how long its lines are
_LONG_SAMPLE = 1 << 22  # of a compressed one, of which more is read than is taken
_NOTHING = object()


class Source(Protocol):
    """One source of units; `again` tells whether its units can be read a second time."""

    @property
    def name(self) -> str: ...

    @property
    def again(self) -> bool: ...

    def units(self) -> Iterator[Unit]: ...


@dataclass(frozen=True, slots=True)
class FileSource:
    """A log file of a known format, compressed or not."""

    name: str
    again: bool = True

    def units(self) -> Iterator[Unit]:
        """The units of the file; raises EventError where it cannot be read to its end."""
        reader, _ = _format(self.name)
        with self.opened() as stream:
            yield from reader(stream)

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The file, decompressed; what goes wrong while it is read is an EventError that names it."""
        _, compressed = _format(self.name)
        with _named_errors(self.name), open(self.name, "rb") as file:
            yield COMPRESSIONS[compressed](file) if compressed else file

    def beginning(self) -> tuple[bytes, float]:
        """How the file begins, decompressed, and about what share of all of it that is."""
        _, compressed = _format(self.name)
        with _named_errors(self.name), open(self.name, "rb") as file:
            start: bytes = COMPRESSIONS[compressed](file).read(_LONG_SAMPLE) if compressed else file.read(_SAMPLE)
            return start, file.tell() / max(os.fstat(file.fileno()).st_size, 1)


@dataclass(frozen=True, slots=True)
class StandardInput:
    """NDJSON or an array on standard input, compressed or not."""

    name: str = "<stdin>"
    again: bool = False

    def units(self) -> Iterator[Unit]:
        """The units of standard input; raises EventError where it cannot be read to its end."""
        with _named_errors(self.name):
            given: Any = sys.stdin.buffer
            stream = given if hasattr(given, "peek") else io.BufferedReader(given)
            try:
                compressed = by_magic(stream.peek(LONGEST_MAGIC)[:LONGEST_MAGIC])
                yield from no_table(read_json(COMPRESSIONS[compressed](stream) if compressed else stream))
            finally:
                if stream is not given:
                    stream.detach()  # standard input stays open


@dataclass(frozen=True, slots=True)
class Records:
    """Records in memory, numbered from 1."""

    records: Iterable[Any]
    name: str = "<events>"
    again: bool = False

    def units(self) -> Iterator[Unit]:
        """A unit for each record."""
        for number, record in enumerate(self.records, 1):
            yield Unit(number, None, b"" if record is not None else b"null", record)


def sources_of(given: Any) -> list[Source]:
    """The sources that a caller means: a path, `-`, a folder, a glob, several of them, or events in memory.

    Raises EventError for a file that is not there, a glob or folder without a log, an unknown ending.
    """
    if isinstance(given, (str, os.PathLike)):
        return _path(os.fspath(given))
    records = records_of(given)
    if records is not None:
        return [Records(records)]
    if isinstance(given, (bytes, bytearray)) or not isinstance(given, Iterable):
        raise EventError("a log is a path, several paths, an iterable of events, or a table of them")
    if isinstance(given, (list, tuple, set, frozenset)):
        found: list[Source] = []
        loose: list[Any] = []
        for item in given:
            if isinstance(item, (str, os.PathLike)):
                found += _path(os.fspath(item))
            else:
                loose.append(item)
        return [*found, Records(loose)] if loose else found
    return _lazily(iter(given))


def parquet_files(given: Any) -> list[str] | None:
    """The files of a log that is nothing but Parquet files; None for any other."""
    return _files_of(given, {".parquet"})


def text_files(given: Any) -> list[str] | None:
    """The files of a log of nothing but NDJSON and CSV that stays, each file once; None for any other."""
    found = _files_of(given, TEXT)
    return found if found is not None and len(set(found)) == len(found) and all(map(os.path.isfile, found)) else None


def _files_of(given: Any, endings: Collection[str]) -> list[str] | None:
    """The files of a log, all of which have one of these endings; None for any other."""
    if not isinstance(given, (str, os.PathLike, list, tuple)):
        return None
    if not isinstance(given, (str, os.PathLike)) and not all(isinstance(each, (str, os.PathLike)) for each in given):
        return None
    found = sources_of(given)
    if not found or not all(isinstance(each, FileSource) and _ending(each.name)[0] in endings for each in found):
        return None
    return [each.name for each in found]


def _lazily(items: Iterator[Any]) -> list[Source]:
    """The sources of an iterator: of paths or of events, as its first item is."""
    first = next(items, _NOTHING)
    if first is _NOTHING:
        return []
    if isinstance(first, (str, os.PathLike)):
        return sources_of([first, *items])

    def chained() -> Iterator[Any]:
        yield first
        yield from items

    return [Records(chained())]


def _path(path: str | bytes) -> list[Source]:
    name = os.fsdecode(path)
    if name == STANDARD_INPUT:
        return [StandardInput()]
    if "\0" in name:
        raise EventError(f"{shown(name)} is not the name of a file")
    if os.path.exists(name):
        return _existing(name)
    if glob.has_magic(name):
        matched = sorted(glob.glob(name, recursive=True))
        if not matched:
            raise EventError(f"no file matches {shown(name)}")
        return [source for match in matched for source in _existing(match)]
    raise _missing(name)


def _existing(name: str) -> list[Source]:
    if os.path.isdir(name):
        return _folder(name)
    _format(name)
    return [FileSource(name, again=os.path.isfile(name))]


def _folder(name: str) -> list[Source]:
    found: list[str] = []

    def fail(error: OSError) -> None:
        raise EventError(f"cannot read the folder: {error.strerror}", file=str(error.filename))

    for place, folders, files in os.walk(name, onerror=fail):
        folders.sort()
        logs = (os.path.join(place, file) for file in sorted(files) if is_log(file))
        found += [log for log in logs if os.path.isfile(log) or not os.path.exists(log)]  # no pipe, no device
    if not found:
        raise EventError(f"there is no log in this folder; read are {_known()}", file=name)
    return [FileSource(file) for file in found]


def is_log(name: str) -> bool:
    """Whether a file's name has the ending of a log."""
    return _ending(name)[0] in FORMATS


def is_table(name: str) -> bool:
    """Whether a log is CSV."""
    return _ending(name)[0] == TABLE


def _ending(name: str) -> tuple[str, str]:
    """The ending of a file's name without that of its compression, and the latter ('' without one)."""
    stem, last = os.path.splitext(os.path.basename(name).lower())
    if last in COMPRESSIONS and os.path.splitext(stem)[1] not in WHOLE:
        return os.path.splitext(stem)[1], last
    return last, ""


def _format(name: str) -> tuple[Callable[[BinaryIO], Iterator[Unit]], str]:
    ending, compressed = _ending(name)
    reader = FORMATS.get(ending)
    if reader is None:
        what = f"the ending {shown(ending)}" if ending else "a file without an ending"
        raise EventError(f"{what} is not one of a log; read are {_known()}", file=name)
    return reader, compressed


def _known() -> str:
    some = [ending for ending in FORMATS if ending not in WHOLE]
    return f"{', '.join(some)}, each also with {' or '.join(COMPRESSIONS)}, and {', '.join(sorted(WHOLE))}"


def _missing(name: str) -> EventError:
    folder = os.path.dirname(name) or "."
    try:
        stems = {other.split(".")[0]: other for other in sorted(os.listdir(folder)) if _ending(other)[0] in FORMATS}
        near = suggest(os.path.basename(name).split(".")[0], stems)
        hint = f"did you mean {shown(os.path.join(os.path.dirname(name), stems[near]))}?" if near else None
    except OSError:
        hint = f"there is no folder {shown(folder)} either"
    return EventError("there is no such file" + (f"; {hint}" if hint else ""), file=name)


class _named_errors:
    """What goes wrong while a file is read, as an EventError that names it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if is_damage(error):
            what = "the compressed data is broken or cut off; nothing of this file was judged"
            raise EventError(what, file=self.name) from None
        if isinstance(error, NoHeader):
            raise EventError(rejected(self.name, error.unit, error.problems).diagnostics) from None
        if isinstance(error, OSError):
            raise EventError(f"cannot read the file: {error.strerror or error}", file=self.name) from None


def raw_of(record: Any) -> bytes:
    """A record in memory as the line that it would be."""
    try:
        text = json.dumps(record, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        text = shown(record)
    return text.encode(errors="backslashreplace")
