"""Located nodes: texts, sequences and mappings that know where they stand, and the lines they stand in."""

from __future__ import annotations

from typing import Any, NamedTuple

from ethics_engine.errors import Diagnostic


class Mark(NamedTuple):
    """A place in a file; line and column count from 1, `width` is in characters."""

    file: str
    line: int
    column: int
    width: int = 1


class Text(str):
    """A scalar as it stands in the file."""

    mark: Mark

    def __new__(cls, value: str, mark: Mark) -> Text:
        text = str.__new__(cls, value)
        text.mark = mark
        return text

    def __getnewargs__(self) -> tuple[str, Mark]:  # type: ignore[override]
        """What a copy is made of."""
        return str(self), self.mark


class Seq(list[Any]):
    """A sequence of located nodes."""

    mark: Mark


class Map(dict[str, Any]):
    """A mapping of text to located nodes; `key_marks` holds the place of each key.

    `key` is the key that the mapping stands under, itself or as an item of a list; empty at the top of a file.
    """

    mark: Mark
    key_marks: dict[str, Mark]
    key: str = ""


Node = Map | Seq | Text


class Lines:
    """The source lines of the files read, for the excerpt under a complaint."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def files(self) -> list[str]:
        """The names of the files read."""
        return list(self._lines)

    def add(self, file: str, text: str) -> None:
        """Remember the text of a file."""
        self._lines[file] = text.splitlines()

    def join(self, other: Lines) -> None:
        """Remember what another one remembers."""
        self._lines.update(other._lines)

    def line(self, mark: Mark) -> str | None:
        """The source line of a mark; empty at the end of a file, None where the file is not known."""
        lines = self._lines.get(mark.file)
        if lines is None:
            return None
        return lines[mark.line - 1] if 0 < mark.line <= len(lines) else ""

    def inside(self, mark: Mark, piece: str) -> Mark:
        """The place of a piece of a text; that of the text where the piece is not seen in it."""
        lines = self._lines.get(mark.file, [])[mark.line - 1 :]
        if not lines or not piece:
            return mark
        at = lines[0].find(piece, mark.column - 1)
        if 0 <= at < mark.column - 1 + mark.width:
            return Mark(mark.file, mark.line, at + 1, len(piece))
        outer = _indent(lines[0])
        for number, line in enumerate(lines[1:], mark.line + 1):
            if mark.width > 1 or (line.strip() and _indent(line) <= outer):
                break  # the text ends on its first line, or before this one
            if (at := line.find(piece)) >= 0:
                return Mark(mark.file, number, at + 1, len(piece))
        return mark

    def complain(self, mark: Mark, code: str, message: str, hint: str | None = None) -> Diagnostic:
        """A diagnostic at a mark, with its source line; a line 0 stands for what is in no file."""
        if mark.line == 0:
            return Diagnostic(code, message, mark.file, hint=hint)
        return Diagnostic(code, message, mark.file, mark.line, mark.column, self.line(mark), mark.width, hint)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def words_of(node: Any) -> set[str]:
    """Every scalar of a tree."""
    if isinstance(node, Text):
        return {node}
    children = node.values() if isinstance(node, Map) else node if isinstance(node, list) else ()
    return set[str]().union(*map(words_of, children))


def find(node: Any, text: str) -> Text | None:
    """The first scalar of a tree that reads so."""
    if isinstance(node, Text):
        return node if node == text else None
    children = node.values() if isinstance(node, Map) else node if isinstance(node, list) else ()
    return next((found for child in children if (found := find(child, text)) is not None), None)
