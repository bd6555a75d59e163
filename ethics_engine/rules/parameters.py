"""Parameters: defaults in the policies, overridden by a profile and by a practice, perhaps dated; put where rules name
them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from ethics_engine.errors import shown
from ethics_engine.located import Map, Mark, Node, Seq, Text
from ethics_engine.messages import Span
from ethics_engine.rules.fields import Complaints, parse_moment
from ethics_engine.scalars import parse_duration

_WHOLE = re.compile(r"\$\{([^${}]+)\}")
SOURCES = ("code", "survey", "manual", "norm", "default")
_ENTRY_KEYS = ("value", "from", "why", "source", "title")


@dataclass(frozen=True, slots=True)
class Entry:
    """A value from a day on (`start` None: from ever)."""

    start: int | date | None
    value: Node


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a policy: its dated values, the reason for them and where they come from."""

    name: str
    mark: Mark
    entries: tuple[Entry, ...]
    why: str
    source: str


def read_parameters(policy: str, node: Map | None, complaints: Complaints) -> dict[str, Parameter]:
    """The parameters of one policy, by full name (`policy.name`)."""
    found = {}
    for name, raw in (node or {}).items():
        assert node is not None
        parameter = _parameter(f"{policy}.{name}", raw, node.key_marks[name], complaints)
        if parameter is not None:
            found[parameter.name] = parameter
    return found


def _parameter(name: str, raw: Any, mark: Mark, complaints: Complaints) -> Parameter | None:
    dated = isinstance(raw, Seq) and any(isinstance(item, Map) for item in raw)
    entries: list[Entry] = []
    notes: dict[str, str] = {}
    for item in raw if dated else [raw]:
        if not isinstance(item, Map):
            _refuse_names(item, complaints)
            entries.append(Entry(None, item))
            continue
        for key in item:
            if key not in _ENTRY_KEYS:
                complaints.unknown(item.key_marks[key], "key", key, _ENTRY_KEYS, f" in the parameter `{name}`")
        for key in ("why", "source", "title"):
            if key in item and not (isinstance(item[key], Text) and item[key].strip()):
                complaints.add(item[key], "wrong-value", f"`{key}`: expected a text")
        if "value" not in item:
            complaints.add(mark, "missing-key", f"missing key `value` in the parameter `{name}`")
            return None
        _refuse_names(item["value"], complaints)
        entries.append(Entry(_start(item.get("from"), complaints), item["value"]))
        notes.update({key: str(item[key]) for key in ("why", "source") if isinstance(item.get(key), Text)})
        source = item.get("source", SOURCES[0])
        if isinstance(source, Text) and source.strip() and source.split(":")[0].strip() not in SOURCES:
            complaints.unknown(source, "source", source, SOURCES)
    seen: set[int | date | None] = set()
    for item, entry in zip(raw if dated else (), entries, strict=False):
        misread = entry.start is None and "from" in item
        if entry.start in seen and not misread:
            what = "no `from`" if entry.start is None else "the same `from`"
            complaints.add(item.mark, "wrong-value", f"two values of the parameter `{name}` have {what}")
        seen |= set() if misread else {entry.start}
    return Parameter(name, mark, tuple(entries), notes.get("why", ""), notes.get("source", ""))


def _refuse_names(node: Node, complaints: Complaints) -> None:
    """The value of a parameter stands for itself."""
    for name, text in names_in(node):
        message = f"the value of a parameter cannot name another one: {shown(name)}"
        complaints.add(text.mark, "wrong-value", message, "write the value out")


def _start(node: Any, complaints: Complaints) -> int | date | None:
    if node is None:
        return None
    try:
        return parse_moment(str(node))
    except ValueError as error:
        complaints.add(node, "wrong-value", f"`from`: {error}")
        return None


def names_in(node: Any) -> list[tuple[str, Text]]:
    """Every parameter that a rule names, with the text that names it."""
    if isinstance(node, Text):
        return [(match.group(1), node) for match in _WHOLE.finditer(node)]
    children = node.values() if isinstance(node, Map) else node if isinstance(node, Seq) else ()
    return [found for child in children for found in names_in(child)]


def substituted(node: Any, values: dict[str, Node]) -> Any:
    """The same tree with every `${name}` replaced by its value; a text that holds more than a name stays text."""
    if isinstance(node, Text):
        if "${" not in node:
            return node
        whole = _WHOLE.fullmatch(node)
        if whole is not None:
            return values.get(whole.group(1), node)
        return Text(_WHOLE.sub(lambda match: _inline(values.get(match.group(1))), node), node.mark)
    if isinstance(node, Map):
        mapping = Map((key, substituted(child, values)) for key, child in node.items())
        mapping.mark, mapping.key_marks, mapping.key = node.mark, node.key_marks, node.key
        return mapping
    if isinstance(node, Seq):
        sequence = Seq(substituted(child, values) for child in node)
        sequence.mark = node.mark
        return sequence
    return node


def _inline(value: Any) -> str:
    """A value inside a sentence: a list with commas, a duration in words (`90 days`)."""
    if isinstance(value, Seq):
        return ", ".join(str(item) for item in value)
    try:
        return Span(parse_duration(str(value))).words()
    except ValueError:
        return "" if value is None else str(value)


def plain(node: Any) -> Any:
    """A located node as plain Python data (texts, lists, mappings), for reports and digests."""
    if isinstance(node, Map):
        return {str(key): plain(child) for key, child in node.items()}
    if isinstance(node, Seq):
        return [plain(child) for child in node]
    return str(node)


def located(value: Any, mark: Mark) -> Node:
    """Plain Python data as a located node, every place being `mark` (for overrides given in code)."""
    if isinstance(value, Text | Map | Seq):
        return value
    if isinstance(value, dict):
        mapping = Map((str(key), located(child, mark)) for key, child in value.items())
        mapping.mark, mapping.key_marks = mark, dict.fromkeys(mapping, mark)
        return mapping
    if isinstance(value, list | tuple):
        sequence = Seq(located(child, mark) for child in value)
        sequence.mark = mark
        return sequence
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return Text(text, mark)


def flattened(node: Map | None) -> dict[str, tuple[Node, Mark]]:
    """Overrides as written, dotted (`touch.within: 24h`) or nested (`touch: {within: 24h}`), by full name."""
    found: dict[str, tuple[Node, Mark]] = {}
    for key, child in (node or {}).items():
        assert node is not None
        if "." not in key and isinstance(child, Map):
            found.update({f"{key}.{inner}": (value, child.key_marks[inner]) for inner, value in child.items()})
        else:
            found[key] = (child, node.key_marks[key])
    return found


def starts(parameters: list[Parameter]) -> list[int | date]:
    """The moments at which one of the parameters changes."""
    moments = {entry.start for parameter in parameters for entry in parameter.entries if entry.start is not None}
    return list(moments)
