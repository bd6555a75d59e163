"""Rejected lines: what was wrong with each, and a file of them to mend and read again."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ethics_engine.errors import Diagnostic, EventError
from ethics_engine.faults import Fault
from ethics_engine.logs.decode import keys
from ethics_engine.logs.table import Cells, places
from ethics_engine.logs.units import Problem, Unit

_LONGEST_TEXT = 1000  # characters of a line that are kept to be shown
_MOST_NAMED = 5  # faults of one line that its message names
_MOST_PLACED = 100  # faults of one line that are shown with their places


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line (or an element, or a record) that was not accepted.

    The place, field, expectation and hint are those of its first fault; `message` names the others too, and
    `diagnostics` places each of them (the first hundred). `text` is the line as read, at most 1,000 characters of it
    around the fault, beginning at `text_column`; `raw` holds its bytes.
    """

    file: str
    line: int
    column: int | None
    field: str | None
    expected: str
    seen: str
    message: str
    hint: str | None
    text: str
    code: str = "rejected"
    text_column: int = 1
    raw: bytes = dataclasses.field(default=b"", repr=False)
    diagnostics: tuple[Diagnostic, ...] = dataclasses.field(default=(), repr=False)

    def render(self) -> str:
        """Every fault of the line, each with its place, the line and a caret."""
        return "\n".join(diagnostic.render() for diagnostic in self.diagnostics)


def rejected(file: str, unit: Unit, problems: Sequence[Problem]) -> RejectedLine:
    """A unit of a file, rejected for at least one problem."""
    text = unit.raw.decode(errors="backslashreplace")
    ordered = sorted(problems, key=lambda problem: (problem.offset is None, problem.offset or 0))
    found = [_diagnostic(file, unit, text, problem) for problem in ordered[:_MOST_PLACED]]
    first, problem = found[0], ordered[0]
    named = [one.message for one in ordered[:_MOST_NAMED]]
    if len(ordered) > _MOST_NAMED:
        named.append(f"and {len(ordered) - _MOST_NAMED} more")
    return RejectedLine(
        file=file,
        line=first.line or unit.line,
        column=first.column,
        field=problem.field,
        expected=problem.expected,
        seen=problem.seen,
        message="; ".join(named),
        hint=problem.hint,
        text=first.text or "",
        code=problem.code,
        text_column=first.text_column,
        raw=unit.raw,
        diagnostics=tuple(found),
    )


def placed(unit: Unit, faults: Iterable[Fault]) -> list[Problem]:
    """The faults of a unit's record as problems, each where its key stands in the text."""
    found = places_of(unit)
    problems: list[Problem] = []
    for fault in faults:
        offset, width = found.get(fault.field, (None, 1))
        problems.append(
            Problem(fault.code, fault.message, fault.expected, fault.seen, fault.field, offset, width, fault.hint)
        )
    return problems


def places_of(unit: Unit) -> Mapping[str, tuple[int | None, int]]:
    """Where the fields of a unit stand in its text: the keys of an object, the cells of a row; offset and width."""
    if isinstance(unit.record, Cells):
        return places(unit.raw, unit.record.columns)
    found: dict[str, tuple[int | None, int]] = {}
    for name, at, length in keys(unit.raw.decode(errors="backslashreplace")) if unit.record is None else ():
        found.setdefault(name, (at, length))
    return found


def _diagnostic(file: str, unit: Unit, text: str, problem: Problem) -> Diagnostic:
    """A problem at its line and column of the file, with the piece of that line around it."""
    offset = min(problem.offset or 0, len(text))
    line_start = text.rfind("\n", 0, offset) + 1
    line_end = text.find("\n", offset)
    line_text = text[line_start : line_end if line_end >= 0 else len(text)].rstrip("\r")
    first_column = 1 if line_start else unit.column
    if first_column is None:
        return Diagnostic(problem.code, problem.message, file, unit.line, hint=problem.hint)
    cut = max(0, offset - line_start - _LONGEST_TEXT // 2) if len(line_text) > _LONGEST_TEXT else 0
    return Diagnostic(
        code=problem.code,
        message=problem.message,
        file=file,
        line=unit.line + text.count("\n", 0, offset),
        column=first_column + offset - line_start,
        text=line_text[cut : cut + _LONGEST_TEXT] or None,
        width=problem.width,
        hint=problem.hint,
        text_column=first_column + cut,
    )


def write_rejects(path: str | os.PathLike[str], lines: Iterable[RejectedLine]) -> None:
    """Write rejected lines as NDJSON, all of them or, where that fails, nothing.

    `raw` is the line as it was read; bytes that are not UTF-8 stand as `\\xff`. Only the owner may read the
    file: it holds confidential lines. Raises EventError where it cannot be written.
    """
    target = Path(path)
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=".rejects-", dir=target.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            for line in lines:
                stream.write(json.dumps(_written(line), ensure_ascii=False, allow_nan=False) + "\n")
        os.replace(temporary, target)
    except OSError as error:
        raise EventError(f"cannot write the rejected lines: {error.strerror}", file=str(path)) from None
    finally:
        if temporary is not None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)


def _written(line: RejectedLine) -> dict[str, str | int | None]:
    return {
        "file": _clean(line.file),
        "line": line.line,
        "column": line.column,
        "field": _clean(line.field) if line.field is not None else None,
        "expected": _clean(line.expected),
        "seen": _clean(line.seen),
        "message": _clean(line.message),
        "raw": line.raw.decode(errors="backslashreplace"),
    }


def _clean(text: str) -> str:
    """The text with half characters (a file name that is not UTF-8) made writable."""
    return text.encode(errors="backslashreplace").decode()
