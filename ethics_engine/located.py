"""YAML read as text with its places: every key and every scalar remembers file, line and column.

Scalars stay text, whatever YAML 1.1 would make of them (`22:00`, `no`, `017`); the field that a scalar stands in
gives it its type. Only what rules need is accepted: mappings, sequences and scalars, no tags, no merge keys.
Limits (our own, against hostile files): 1 MiB a file, 40 levels, 50,000 nodes after aliases are followed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

from ethics_engine.errors import Diagnostic, RuleError

LARGEST_FILE = 1 << 20
DEEPEST = 40
MOST_NODES = 50_000

_INDENTATION = re.compile(r"^[ \t\-?:]+", re.MULTILINE)
_BRACKETS = re.compile(r"[\[\]{}]")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; line and column count from 1, `width` is in characters."""

    file: str
    line: int
    column: int
    width: int = 1


class Text(str):
    """A scalar as it stands in the file."""

    mark: Mark

    def __new__(cls, value: str, mark: Mark) -> Text:
        text = super().__new__(cls, value)
        text.mark = mark
        return text


class Seq(list[Any]):
    """A sequence of located nodes."""

    mark: Mark


class Map(dict[str, Any]):
    """A mapping of text to located nodes; `key_marks` holds the place of each key."""

    mark: Mark
    key_marks: dict[str, Mark]


Node = Map | Seq | Text


class Lines:
    """The source lines of the files read, for the excerpt under a complaint."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def add(self, file: str, text: str) -> None:
        """Remember the text of a file."""
        self._lines[file] = text.splitlines()

    def line(self, mark: Mark) -> str:
        """The source line of a mark, empty where it is not known."""
        lines = self._lines.get(mark.file, [])
        return lines[mark.line - 1] if 0 < mark.line <= len(lines) else ""

    def complain(self, mark: Mark, code: str, message: str, hint: str | None = None) -> Diagnostic:
        """A diagnostic at a mark, with its source line."""
        return Diagnostic(code, message, mark.file, mark.line, mark.column, self.line(mark), mark.width, hint)


def read_yaml(path: Path, lines: Lines) -> Map:
    """Read one YAML file as a located mapping.

    Raises:
        RuleError: the file cannot be read, is too large or too deep, or is not a mapping.
    """
    name = str(path)
    start = Mark(name, 1, 1)
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise RuleError([Diagnostic("unreadable-file", f"cannot read the file: {error.strerror}", name)]) from None
    if len(data) > LARGEST_FILE:
        raise RuleError([lines.complain(start, "file-too-large", f"the file is larger than {LARGEST_FILE:,} bytes")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        mark = Mark(name, line, error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1)
        raise RuleError([lines.complain(mark, "invalid-utf-8", "the file is not UTF-8 here")]) from None
    return parse_yaml(text, name, lines)


def parse_yaml(text: str, name: str, lines: Lines) -> Map:
    """Read YAML text as a located mapping; raises `RuleError` as `read_yaml` does."""
    lines.add(name, text)
    start = Mark(name, 1, 1)
    reader = _Reader(name, lines)
    _refuse_depth(text, name, lines)
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = _mark_of(name, error.problem_mark or error.context_mark)
        message = error.problem or error.context or "not valid YAML"
        raise RuleError([lines.complain(mark, "invalid-yaml", message)]) from None
    except yaml.reader.ReaderError as error:
        position = error.position if isinstance(error.position, int) else 0
        before = text[:position]
        mark = Mark(name, before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)
        raise RuleError([lines.complain(mark, "invalid-yaml", "a character that YAML does not allow")]) from None
    except RecursionError:
        raise RuleError([lines.complain(start, "too-deep", f"nested more than {DEEPEST} levels deep")]) from None
    if node is None:
        raise RuleError([lines.complain(start, "empty-file", "the file is empty")])
    tree = reader.read(node, 0)
    if reader.complaints:
        raise RuleError(reader.complaints)
    if not isinstance(tree, Map):
        raise RuleError([lines.complain(tree.mark, "not-a-mapping", "expected a mapping at the top of the file")])
    return tree


def _refuse_depth(text: str, name: str, lines: Lines) -> None:
    """Refuse nesting that the parser's own recursion might not survive, before it is tried."""
    if not _may_be_deep(text):
        return
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > DEEPEST:
                    mark = _mark_of(name, event.start_mark)
                    message = f"nested more than {DEEPEST} levels deep"
                    raise RuleError([lines.complain(mark, "too-deep", message)])
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError:
        return  # `compose` says what is wrong, and where


def _may_be_deep(text: str) -> bool:
    """Whether a file could nest deeper than allowed: a cheap upper bound, so that most files are parsed once."""
    if any(len(run.group()) > 2 * DEEPEST for run in _INDENTATION.finditer(text)):
        return True
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        depth += 1 if bracket.group() in "[{" else -1
        if depth > DEEPEST:
            return True
        depth = max(depth, 0)
    return False


def _mark_of(name: str, start: Any, end: Any = None) -> Mark:
    if start is None:
        return Mark(name, 1, 1)
    width = end.column - start.column if end is not None and end.line == start.line else 1
    return Mark(name, start.line + 1, start.column + 1, max(width, 1))


class _Reader:
    def __init__(self, name: str, lines: Lines) -> None:
        self.name = name
        self.lines = lines
        self.complaints: list[Diagnostic] = []
        self.nodes = 0

    def read(self, node: Any, depth: int) -> Node:
        mark = _mark_of(self.name, node.start_mark, node.end_mark)
        self.nodes += 1
        if depth > DEEPEST:
            self._refuse(mark, "too-deep", f"nested more than {DEEPEST} levels deep")
        if self.nodes > MOST_NODES:
            self._refuse(mark, "alias-bomb", f"more than {MOST_NODES:,} values once aliases are followed")
        if isinstance(node, yaml.ScalarNode):
            if not node.tag.startswith("tag:yaml.org,2002:"):
                self._complain(mark, "tag", f"tags are not allowed: `{node.tag}`")
            return Text(node.value, mark)
        if not node.tag.startswith("tag:yaml.org,2002:"):
            self._complain(mark, "tag", f"tags are not allowed: `{node.tag}`")
        if isinstance(node, yaml.SequenceNode):
            sequence = Seq(self.read(child, depth + 1) for child in node.value)
            sequence.mark = mark
            return sequence
        return self._mapping(node, mark, depth)

    def _mapping(self, node: Any, mark: Mark, depth: int) -> Map:
        mapping = Map()
        mapping.mark = mark
        mapping.key_marks = {}
        for key_node, value_node in node.value:
            key_mark = _mark_of(self.name, key_node.start_mark, key_node.end_mark)
            if not isinstance(key_node, yaml.ScalarNode):
                self._complain(key_mark, "key-not-text", "a key must be plain text")
                continue
            key = key_node.value
            if key in mapping:
                first = mapping.key_marks[key]
                self._complain(
                    key_mark, "duplicate-key", f"`{key}` stands here a second time", f"first on line {first.line}"
                )
                continue
            if key == "<<":
                self._complain(key_mark, "merge-key", "merge keys (`<<`) are not allowed", "write the keys out")
                continue
            mapping.key_marks[key] = key_mark
            mapping[key] = self.read(value_node, depth + 1)
        return mapping

    def _complain(self, mark: Mark, code: str, message: str, hint: str | None = None) -> None:
        self.complaints.append(self.lines.complain(mark, code, message, hint))

    def _refuse(self, mark: Mark, code: str, message: str) -> NoReturn:
        raise RuleError([*self.complaints, self.lines.complain(mark, code, message)])
