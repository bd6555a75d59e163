"""Reading vocabulary files: located YAML to a `Vocabulary`, with every complaint at its place.

`rules/vocabulary.yaml` comes first, then the files of a board or a product: those may add areas, types,
enumerations and states, and never declare a name again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ethics_engine.errors import Diagnostic, RuleError, did_you_mean, shown
from ethics_engine.located import Lines, Map, Mark, Node, Seq, Text
from ethics_engine.scalars import parse_boolean, parse_number
from ethics_engine.vocabulary.model import (
    AREAS,
    CLIENT,
    DERIVED,
    DERIVED_OF_CLIENTS,
    ENVELOPE,
    FINDING,
    FINDING_TYPE,
    KINDS,
    Attribute,
    EventType,
    Vocabulary,
    is_reserved,
)

_FILE_KEYS = ("vocabulary", "version", "title", "description", "enumerations", "areas", "states")
_TYPE_KEYS = ("client", "attributes", "why")
_WORDS = ("any", "not")  # of conditions
_ATTRIBUTE_KEYS = ("type", "values", "required", "default", "min", "max", "why")
_MEMBERED = ("enum", "list")
_TYPE_NAME = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+").fullmatch
_NAME = re.compile(r"[a-z][a-z0-9_]*").fullmatch


def load_vocabulary(trees: Sequence[Map], lines: Lines | None = None) -> Vocabulary:
    """The vocabulary of some located YAML trees; `lines` gives the complaints their source lines.

    Raises RuleError with every complaint of every file.
    """
    reader = _Reader(lines or Lines())
    for tree in trees:
        reader.read_names(tree)
    for number, tree in enumerate(trees):
        reader.read_types(tree, first=number == 0)
    if reader.complaints:
        raise RuleError(reader.complaints)
    return Vocabulary(
        types={**reader.types, FINDING: FINDING_TYPE},
        states=reader.states,
        enumerations=reader.enumerations,
        areas=tuple(reader.areas),
        sources=tuple(reader.sources),
    )


class _Reader:
    """Collects what the files declare, and every complaint."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.complaints: list[Diagnostic] = []
        self.enumerations: dict[str, tuple[str, ...]] = {}
        self.areas: dict[str, Mark] = {}
        self.types: dict[str, EventType] = {}
        self.states: dict[str, Any] = {}
        self.sources: list[tuple[str, str]] = []
        self._declared: dict[tuple[str, str], Mark] = {}

    def read_names(self, tree: Map) -> None:
        """The enumerations, areas and states of a file: what types may refer to."""
        self._known_keys(tree, _FILE_KEYS, "a vocabulary file")
        for key in ("vocabulary", "version"):
            if key not in tree:
                self._complain(tree.mark, "missing-key", f"missing key `{key}` in a vocabulary file")
        self.sources.append((self._scalar(tree, "vocabulary") or "", self._scalar(tree, "version") or ""))
        for name, node in self._entries(tree, "enumerations"):
            if name == AREAS:
                self._complain(node.mark, "reserved-name", "`areas` is the list of all areas")
            elif self._new(tree["enumerations"].key_marks[name], "enumeration", name):
                self.enumerations[name] = self._words(node, f"the enumeration `{name}`")
        for name, _ in self._entries(tree, "areas"):
            self.areas.setdefault(name, tree["areas"].key_marks[name])
        self.enumerations[AREAS] = tuple(sorted(self.areas))
        for name, node in self._entries(tree, "states"):
            if self._new(tree["states"].key_marks[name], "state", name):
                self.states[name] = node

    def read_types(self, tree: Map, first: bool) -> None:
        """The types of a file, area by area."""
        for area, types in self._entries(tree, "areas"):
            if not isinstance(types, Map):
                mark = tree["areas"].key_marks[area]
                self._complain(mark, "wrong-value", f"`{area}`: expected a mapping of types")
                continue
            for name, node in types.items():
                mark = types.key_marks[name]
                if not _TYPE_NAME(name):
                    message = f"{shown(name)} is not a dotted lower-case name such as `contact.touch`"
                    self._complain(mark, "wrong-name", message)
                elif name == FINDING or (not first and is_reserved(name)):
                    self._complain(mark, "reserved-name", f"{shown(name)} belongs to the engine")
                elif self._new(mark, "event type", name):
                    self.types[name] = self._type(name, area, node, mark)

    def _type(self, name: str, area: str, node: Node, mark: Mark) -> EventType:
        if not isinstance(node, Map):
            self._complain(mark, "wrong-value", f"`{name}`: expected a mapping with `client`")
            return EventType(name, area, "may")
        self._known_keys(node, _TYPE_KEYS, f"`{name}`")
        client = self._scalar(node, "client")
        if client not in CLIENT:
            place = node["client"].mark if "client" in node else mark
            seen = f", not {shown(client)}" if client is not None else ""
            self._complain(place, "wrong-value", f"`client` of `{name}` should be yes, may or no{seen}")
            client = "may"
        attributes = {}
        for attribute, child in self._entries(node, "attributes"):
            place = node["attributes"].key_marks[attribute]
            if not _NAME(attribute) or attribute.startswith("x_"):
                message = f"{shown(attribute)} is not a lower-case name such as `minutes`"
                self._complain(place, "wrong-name", message)
            elif attribute in _WORDS:
                message = f"`{attribute}` is a word of the rule language: no rule could test it"
                self._complain(place, "reserved-name", message)
            elif attribute in ENVELOPE or attribute in DERIVED or attribute in DERIVED_OF_CLIENTS:
                self._complain(place, "reserved-name", f"`{attribute}` belongs to every event already")
            else:
                attributes[attribute] = self._attribute(attribute, child, place)
        return EventType(name, area, client, attributes, self._scalar(node, "why") or "")

    def _attribute(self, name: str, node: Node, place: Mark) -> Attribute:
        if isinstance(node, Text):
            kind = self._kind(name, node, node.mark)
            if kind in _MEMBERED:
                self._complain(node.mark, "missing-key", f"missing key `values` in `{name}`")
            return Attribute(name, kind)
        if not isinstance(node, Map):
            self._complain(place, "wrong-value", f"`{name}`: expected a kind or a mapping with `type`")
            return Attribute(name, "string")
        self._known_keys(node, _ATTRIBUTE_KEYS, f"`{name}`")
        kind = self._kind(name, self._scalar(node, "type"), node["type"].mark if "type" in node else place)
        values = self._values(name, kind, node, place)
        plain = Attribute(name, kind, values)
        bounds = [self._read(node, key, parse_number) for key in ("min", "max")]
        for key, bound in zip(("min", "max"), bounds, strict=True):
            if bound is not None and kind not in ("number", "money"):
                self._complain(node[key].mark, "wrong-value", f"`{name}`: only a number has `{key}`")
        if bounds[0] is not None and bounds[1] is not None and bounds[0] > bounds[1]:
            self._complain(node["max"].mark, "wrong-value", f"`{name}`: `max` is below `min`: no value is between them")
        required = bool(self._read(node, "required", parse_boolean))
        if required and "default" in node:
            message = f"`{name}` is required, so its `default` would never be used"
            self._complain(node.key_marks["default"], "wrong-value", message, "leave one of them out")
        return Attribute(
            name,
            kind,
            values,
            required=required,
            default=self._read(node, "default", plain.read),
            description=self._scalar(node, "why") or "",
            minimum=bounds[0],
            maximum=bounds[1],
        )

    def _kind(self, name: str, kind: str | None, mark: Mark) -> str:
        if kind is None:
            self._complain(mark, "missing-key", f"missing key `type` in `{name}`")
        elif kind not in KINDS:
            hint = did_you_mean(kind, KINDS) or f"known are {', '.join(KINDS)}"
            self._complain(mark, "unknown-kind", f"`{name}`: unknown kind {shown(kind)}", hint)
        else:
            return str(kind)
        return "string"

    def _values(self, name: str, kind: str, node: Map, place: Mark) -> tuple[str, ...]:
        values = node.get("values")
        if kind not in _MEMBERED:
            if values is not None:
                message = f"`{name}`: only an enum or a list has `values`"
                self._complain(node.key_marks["values"], "wrong-value", message)
            return ()
        if isinstance(values, Text):
            if values not in self.enumerations:
                hint = did_you_mean(values, self.enumerations)
                self._complain(values.mark, "unknown-enumeration", f"no such enumeration: {shown(values)}", hint)
            return self.enumerations.get(values, ())
        if values is None:
            self._complain(place, "missing-key", f"missing key `values` in `{name}`")
            return ()
        return self._words(values, f"`{name}`")

    def _words(self, node: Node, where: str) -> tuple[str, ...]:
        if not isinstance(node, Seq) or not node or not all(isinstance(item, Text) for item in node):
            self._complain(node.mark, "wrong-value", f"{where}: expected a list of words")
            return ()
        seen: set[str] = set()
        for item in node:
            if item in seen:
                self._complain(item.mark, "duplicate-value", f"{where}: {shown(item)} stands here twice")
            seen.add(item)
        return tuple(str(item) for item in node)

    def _read(self, node: Map, key: str, parse: Any) -> Any:
        """The value of an optional key, typed; None without it or where it is wrong."""
        text = self._scalar(node, key)
        if text is None:
            return None
        try:
            return parse(text)
        except ValueError as error:
            self._complain(node[key].mark, "wrong-value", f"`{key}`: {error}")
            return None

    def _scalar(self, node: Map, key: str) -> str | None:
        value = node.get(key)
        if value is not None and not isinstance(value, Text):
            self._complain(value.mark, "wrong-value", f"`{key}`: expected a single value")
            return None
        return str(value) if value is not None else None

    def _entries(self, node: Map, key: str) -> list[tuple[str, Node]]:
        entries = node.get(key)
        if entries is None or (isinstance(entries, Text) and not entries):
            return []
        if not isinstance(entries, Map):
            self._complain(entries.mark, "wrong-value", f"`{key}`: expected a mapping")
            return []
        return list(entries.items())

    def _known_keys(self, node: Map, known: Sequence[str], where: str) -> None:
        for key in node:
            if key not in known:
                hint = did_you_mean(key, known)
                message = f"unknown key {shown(key)} in {where}"
                self._complain(node.key_marks[key], "unknown-key", message, hint)

    def _new(self, mark: Mark, what: str, name: str) -> bool:
        """Whether a name is declared for the first time; a complaint where it is not."""
        first = self._declared.setdefault((what, name), mark)
        if first is not mark:
            place = f"first at {first.file}:{first.line}:{first.column}"
            self._complain(mark, "declared-twice", f"the {what} `{name}` is declared a second time", place)
        return first is mark

    def _complain(self, mark: Mark, code: str, message: str, hint: str | None = None) -> None:
        self.complaints.append(self.lines.complain(mark, code, message, hint))
