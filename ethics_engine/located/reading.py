"""Reading YAML files into located nodes, from the events of the parser.

Limits (our own, against hostile files): 1 MiB a file, 40 levels and 50,000 values with aliases followed, 2,000 items a
list and 1,000 keys a mapping.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

from ethics_engine.errors import Diagnostic, RuleError, shown
from ethics_engine.located.nodes import Lines, Map, Mark, Node, Seq, Text
from ethics_engine.located.syntax import explained

LARGEST_FILE = 1 << 20
DEEPEST = 40
_TOO_DEEP_FOR_LIBYAML = "maximum nesting depth"
MOST_NODES = 50_000
MOST_ITEMS = 2_000
MOST_KEYS = 1_000

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]").search
_LINE_ENDS = "\n\r\x85\u2028\u2029"
_YAML_TAGS = "tag:yaml.org,2002:"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path, lines: Lines) -> Map:
    """Read one YAML file as a located mapping.

    Raises:
        RuleError: the file cannot be read, is too large or too deep, or is not a mapping.
    """
    name = str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # a ValueError: a NUL in the name
        reason = (getattr(error, "strerror", None) or "there is no such name").lower()
        raise RuleError([Diagnostic("unreadable-file", f"cannot read the file: {reason}", name)]) from None
    if len(data) > LARGEST_FILE:
        message = f"the file is larger than {LARGEST_FILE:,} bytes"
        raise RuleError([Diagnostic("file-too-large", message, name)])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        lines.add(name, data.decode(errors="backslashreplace"))
        found = lines.complain(
            _mark_after(name, data[: error.start].decode(), 4),
            "invalid-utf-8",
            "the file is not UTF-8 here",
            "save it as UTF-8",
        )
        raise RuleError([found]) from None
    return parse_yaml(text, name, lines)


def parse_yaml(text: str, name: str, lines: Lines) -> Map:
    """Read YAML text as a located mapping; raises `RuleError` as `read_yaml` does."""
    lines.add(name, text)
    builder = _Builder(name, lines)
    if forbidden := _FORBIDDEN(text):
        mark = _mark_after(name, text[: forbidden.start()])
        builder.refuse(mark, "invalid-yaml", f"{shown(forbidden.group())} is a character that YAML does not allow")
    try:
        tree = builder.build(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        if _TOO_DEEP_FOR_LIBYAML in str(error.problem):  # which looks far ahead; the parser in Python stops where we do
            _Builder(name, lines).build(yaml.parse(text, Loader=yaml.SafeLoader))
        fault = explained(error, text, builder.opened())
        mark = Mark(name, 1, 1) if fault.place is None else _mark(name, fault.place)
        builder.refuse(mark, "invalid-yaml", fault.message, fault.hint)
    if builder.complaints:
        raise RuleError(builder.complaints)
    if tree is None or tree == "":
        raise RuleError([Diagnostic("empty-file", "the file is empty", name, 1, 1)])
    if not isinstance(tree, Map):
        builder.refuse(tree.mark, "not-a-mapping", "expected a mapping at the top of the file")
    return tree


def _mark(name: str, start: Any, end: Any = None) -> Mark:
    """The place of a parser's mark, up to `end` where both are on one line."""
    line, column = start.line, start.column
    width = end.column - column if end is not None and end.line == line else 1
    return Mark(name, line + 1, column + 1, width if width > 1 else 1)


def _mark_after(name: str, text: str, width: int = 1) -> Mark:
    """The place after a text that begins the file."""
    line_start = max(text.rfind(end) for end in _LINE_ENDS) + 1
    return Mark(name, len(f"{text}.".splitlines()), len(text) - line_start + 1, width)


@dataclass(slots=True)
class _Frame:
    """A mapping or sequence while it is read. `key` waits for its value, None where that is passed over."""

    node: Map | Seq
    start: Any
    flow: bool
    anchor: str | None
    nodes_before: int
    name: str
    height: int = 0
    key: Text | None = None
    after_key: bool = False


class _Builder:
    """Builds located nodes from the events of the parser, within the limits."""

    def __init__(self, name: str, lines: Lines) -> None:
        self.name = name
        self.lines = lines
        self.complaints: list[Diagnostic] = []
        self.nodes = 0
        self.frames: list[_Frame] = []
        self.anchors: dict[str, tuple[Node, int, int]] = {}  # a node, how many nodes it is, and its height
        self.root: Node | None = None

    def build(self, events: Iterable[Any]) -> Node | None:
        """The tree of the only document; None where there is none."""
        steps = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._begin,
        }
        for event in events:
            step = steps.get(type(event))
            if step is not None:
                step(event)
        return self.root

    def opened(self) -> str | None:
        """The innermost bracket that is still open, as a hint."""
        frame = self.frames[-1] if self.frames else None
        if frame is None or not frame.flow:
            return None
        bracket = "{" if isinstance(frame.node, Map) else "["
        return f"the `{bracket}` of line {frame.start.line + 1} is not closed"

    def _begin(self, event: Any) -> None:
        if self.root is not None:
            mark = _mark(self.name, event.start_mark, event.end_mark)
            self.refuse(mark, "invalid-yaml", "a second document begins here", "one policy a file")

    def _scalar(self, event: Any) -> None:
        mark = _mark(self.name, event.start_mark, event.end_mark)
        if event.tag is not None:
            self._refuse_tag(event, mark)
        self._count(1, mark)
        text = Text(event.value, mark)
        if event.anchor is not None:
            self.anchors[event.anchor] = (text, 1, 0)
        self._put(text, mark)

    def _open(self, event: Any) -> None:
        mark = _mark(self.name, event.start_mark, event.end_mark)
        self._refuse_tag(event, mark)
        self._refuse_depth(0, mark)
        above = self.frames[-1] if self.frames else None
        name = "" if above is None else above.name if above.key is None else str(above.key)
        node: Map | Seq
        if isinstance(event, yaml.MappingStartEvent):
            node = Map()
            node.key_marks, node.key = {}, name
        else:
            node = Seq()
        self.frames.append(_Frame(node, event.start_mark, bool(event.flow_style), event.anchor, self.nodes, name))
        self._count(1, mark)

    def _close(self, event: Any) -> None:
        frame = self.frames.pop()
        frame.node.mark = _mark(self.name, frame.start, event.end_mark if frame.flow else None)
        if frame.anchor is not None:
            self.anchors[frame.anchor] = (frame.node, self.nodes - frame.nodes_before, frame.height)
        self._put(frame.node, frame.node.mark, frame.height + 1)

    def _alias(self, event: Any) -> None:
        mark = _mark(self.name, event.start_mark, event.end_mark)
        if any(frame.anchor == event.anchor for frame in self.frames):
            self.refuse(mark, "recursive-alias", f"{shown('*' + event.anchor)} stands inside of what it names")
        if event.anchor not in self.anchors:
            hint = "a text that begins with `*` goes in quotes"
            self.refuse(mark, "unknown-alias", f"{shown('*' + event.anchor)} names nothing above", hint)
        node, nodes, height = self.anchors[event.anchor]
        above = 0 if isinstance(node, Text) else height + 1
        self._refuse_depth(above - 1, mark)
        self._count(nodes, mark)
        self._put(node, mark, above)

    def _put(self, node: Node, mark: Mark, height: int = 0) -> None:
        """Give a node to the mapping or sequence that it stands in; `height` is how many levels it adds there."""
        if not self.frames:
            self.root = node
            return
        frame = self.frames[-1]
        if height > frame.height:
            frame.height = height
        if isinstance(frame.node, Seq):
            frame.node.append(node)
            if len(frame.node) > MOST_ITEMS:
                self.refuse(mark, "too-many-values", f"the list has more than {MOST_ITEMS:,} items")
        elif not frame.after_key:
            frame.key, frame.after_key = self._key(node, mark, frame.node), True
        else:
            if frame.key is not None:
                frame.node[str(frame.key)] = node
            frame.key, frame.after_key = None, False

    def _key(self, node: Node, mark: Mark, mapping: Map) -> Text | None:
        """A key, or None after a complaint: its value is passed over."""
        if not isinstance(node, Text):
            self._complain(mark, "key-not-text", "a key must be plain text")
        elif node in mapping:
            first = mapping.key_marks[node]
            hint = f"first on line {first.line}" if first.line != mark.line else f"first in column {first.column}"
            self._complain(mark, "duplicate-key", f"{shown(node)} stands here a second time", hint)
        elif node == "<<":
            self._complain(mark, "merge-key", "merge keys (`<<`) are not allowed", "write the keys out")
        else:
            mapping.key_marks[str(node)] = mark
            if len(mapping.key_marks) > MOST_KEYS:
                self.refuse(mark, "too-many-values", f"the mapping has more than {MOST_KEYS:,} keys")
            return node
        return None

    def _count(self, nodes: int, mark: Mark) -> None:
        self.nodes += nodes
        if self.nodes > MOST_NODES:
            if nodes > 1:
                self.refuse(mark, "alias-bomb", f"more than {MOST_NODES:,} values once aliases are followed")
            self.refuse(mark, "too-many-values", f"the file has more than {MOST_NODES:,} values")

    def _refuse_depth(self, height: int, mark: Mark) -> None:
        if len(self.frames) + height >= DEEPEST:
            self.refuse(mark, "too-deep", f"nested more than {DEEPEST} levels deep")

    def _refuse_tag(self, event: Any, mark: Mark) -> None:
        if event.tag is not None:
            tag = "!!" + event.tag.removeprefix(_YAML_TAGS) if event.tag.startswith(_YAML_TAGS) else event.tag
            self._complain(mark, "tag", f"tags are not allowed: {shown(tag)}", "leave it out")

    def _complain(self, mark: Mark, code: str, message: str, hint: str | None = None) -> None:
        self.complaints.append(self.lines.complain(mark, code, message, hint))

    def refuse(self, mark: Mark, code: str, message: str, hint: str | None = None) -> NoReturn:
        """Give up on the file here, with all that was complained of before."""
        raise RuleError([*self.complaints, self.lines.complain(mark, code, message, hint)])
