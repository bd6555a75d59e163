"""The types of the fields of a rule file: every scalar arrives as located text and gets its type here.

The models are pydantic's; complaints carry the place of the node they are about. An unknown key is noted by the model
that met it (with a suggestion) and left out, so that all complaints of a file come at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo, model_validator

from ethics_engine.errors import Diagnostic, shown, suggest
from ethics_engine.located import Lines, Map, Mark, Node, Seq, Text
from ethics_engine.plan import Years
from ethics_engine.scalars import parse_boolean, parse_duration, parse_instant, parse_number

_MOST_NAMED = 12  # of what is known, where nothing is near
_LONGEST_PROSE = 5_000  # characters
_LONGEST_WHOLE = 6  # digits
_MOST_SUGGESTED = 500  # complaints; beyond them no near name is looked for
_PARAMETER = re.compile(r"\$\{[^${}]+\}").search
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII).fullmatch
_FILLERS = {
    "title": "-",
    "version": "-",
    "level": "notice",
    "message": "-",
    "to": "1",
    "within": "1d",
    "every": "1d",
    "each": "month",
}  # stand for what is wrong, so that the rest can be looked at


class Wrong(ValueError):
    """A value that its field refuses, with a hint beside the message."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        self.hint = hint
        super().__init__(message)


class Complaints:
    """The complaints about some files, and the lines they are about."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.found: list[Diagnostic] = []
        self._told: set[tuple[Mark, str]] = set()

    def add(self, place: Node | Mark, code: str, message: str, hint: str | None = None) -> None:
        """Note a complaint at a node or mark, once; none about the value of an unknown parameter."""
        if isinstance(place, Text) and _PARAMETER(place):
            return
        mark = place if isinstance(place, Mark) else place.mark
        complaint = self.lines.complain(mark, code, message, hint)
        if not {(mark, code), (mark, message)} <= self._told:
            self._told |= {(mark, code), (mark, message)}
            self.found.append(complaint)

    def unknown(self, place: Node | Mark, what: str, word: str, known: Sequence[str], where: str = "") -> None:
        """Note an unknown name, with the nearest known one, or all of them where they are few."""
        nearest = suggest(word, known) if len(self.found) < _MOST_SUGGESTED else None
        hint = f"did you mean `{nearest}`?" if nearest else None
        if hint is None and 0 < len(known) <= _MOST_NAMED:
            hint = f"known are {', '.join(known)}"
        code = "unknown-" + what.replace(" ", "-")
        self.add(place, code, f"unknown {what} {shown(word)}{where}", hint)

    def told(self, mark: Mark, code: str) -> bool:
        """Whether there is such a complaint at a place already."""
        return (mark, code) in self._told


def first_at(mark: Mark) -> str:
    """Where a name stood first, as a hint."""
    return f"first at {mark.file}:{mark.line}:{mark.column}"


class Located(BaseModel):
    """A mapping of a rule file; unknown keys are complaints with a suggestion."""

    model_config = ConfigDict(extra="ignore", frozen=True, arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _note_unknown_keys(cls, node: Any, info: ValidationInfo) -> Any:
        if not isinstance(node, Map):
            raise ValueError("expected a mapping")
        known = keys_of(cls)
        context: dict[str, Any] = info.context or {}
        where = context["where"] if node is context["root"] or not node.key else f" in {shown(node.key)}"
        for key in node:
            if key not in known and not context["complaints"].told(node.key_marks[key], "unknown-key"):
                context["complaints"].unknown(node.key_marks[key], "key", key, known, where)
        return node


@cache
def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys that a model knows, as a file writes them."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], node: Map, complaints: Complaints, where: str, place: Mark) -> Model | None:
    """The node as a model, every complaint noted; None where a value is wrong or missing.

    `where` completes "unknown key `x` …" (an unknown key is passed over: the rest can still be looked at).
    """
    try:
        return model.model_validate(node, context={"complaints": complaints, "where": where, "root": node})
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            _note(fault, node, complaints, where, place)
    return None


def remains(model: type[Model], node: Map) -> Model | None:
    """A model of a wrong node less what is wrong in it, to look at the rest; None where too little is left."""
    left = Map(node)
    left.mark, left.key_marks, left.key = node.mark, node.key_marks, node.key
    silent = {"complaints": Complaints(Lines()), "where": "", "root": left}
    for _ in range(2):
        try:
            return model.model_validate(left, context=silent)
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_input=False):
                key = str(fault["loc"][0]) if fault["loc"] else ""
                left.pop(key, None)
                if key in _FILLERS:
                    left[key] = Text(_FILLERS[key], node.mark)
    return None


def _note(fault: Mapping[str, Any], root: Map, complaints: Complaints, where: str, place: Mark) -> None:
    mark, node = place, root
    key = ""
    for part in fault["loc"]:
        inner: Any = None
        if isinstance(node, Map) and part in node:
            mark, key, inner = node.key_marks[part], part, node[part]
        elif isinstance(node, Seq) and isinstance(part, int) and part < len(node):
            inner = node[part]
        if inner is not None:
            node = inner
            mark = inner.mark if isinstance(inner, Text | Seq) else mark
    if fault["type"] == "missing":
        complaints.add(mark, "missing-key", f"missing key `{fault['loc'][-1]}`" + (f" in `{key}`" if key else where))
        return
    if isinstance(node, Text) and _PARAMETER(node):
        return
    message = str(fault["msg"]).removeprefix("Value error, ")
    hint = getattr(fault.get("ctx", {}).get("error"), "hint", None)
    if fault["type"] in ("string_type", "list_type", "dict_type", "model_type"):
        expected = {"string_type": "text", "list_type": "a list"}.get(fault["type"], "a mapping")
        message = f"expected {expected}"
    complaints.add(mark, "wrong-value", f"`{key}`: {message}" if key else message, hint)


def _scalar(parse: Callable[[str], Any]) -> BeforeValidator:
    def check(node: Any) -> Any:
        if not isinstance(node, str):
            raise ValueError("expected a single value")
        return parse(node)

    return BeforeValidator(check)


def _choice(*values: str) -> BeforeValidator:
    def check(text: str) -> str:
        if text not in values:
            nearest = suggest(text, values)
            hint = f"did you mean `{nearest}`?" if nearest else None
            raise Wrong(f"expected one of {', '.join(values)}, got {shown(text)}", hint)
        return str(text)

    return _scalar(check)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not text.strip("0"):
        raise ValueError(f"expected a whole number from 1 on, got {shown(text)}")
    if len(text) > _LONGEST_WHOLE:
        raise ValueError(f"expected a whole number below a million, got {shown(text)}")
    return int(text)


def _years_or_duration(text: str) -> int | Years | None:
    if text == "ever":
        return None
    if text.endswith("y") and text[:-1].isascii() and text[:-1].isdigit():
        if len(text) > 4:
            raise ValueError(f"{shown(text)} is longer than 999 calendar years; `ever` has no end")
        return Years(int(text[:-1]))
    return parse_duration(text)


def _duration_or_ever(text: str) -> int | None:
    return None if text == "ever" else parse_duration(text)


def parse_moment(text: str) -> int | date:
    """An instant (microseconds), or a date that stands for its local midnight."""
    return parse_instant(text) if "T" in text else parse_date(text)


def parse_date(text: str) -> date:
    """A date such as 2018-01-01; raises ValueError in words."""
    if _DATE(text) is None:
        raise ValueError(f"{shown(text)} is not a date such as `2018-01-01`")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no such date as {shown(text)}") from None


def _texts(node: Any) -> Any:
    if isinstance(node, Text):
        return [str(node)]
    if isinstance(node, Seq) and all(isinstance(item, Text) for item in node):
        return [str(item) for item in node]
    raise ValueError("expected a text or a list of texts")


def _same(node: Any) -> Any:
    if isinstance(node, Seq) and all(isinstance(item, Text) for item in node):
        pairs = Map((item, item) for item in node)
        pairs.mark = node.mark
        pairs.key_marks = {item: item.mark for item in node}
        return pairs
    if isinstance(node, Map) and all(isinstance(item, Text) for item in node.values()):
        return node
    raise ValueError("expected a mapping of their attribute to the trigger's, or a list of attributes")


def _mapping(node: Any) -> Any:
    if not isinstance(node, Map):
        raise ValueError("expected a mapping")
    return node


def _prose(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    if len(text) > _LONGEST_PROSE:
        raise ValueError(f"is longer than {_LONGEST_PROSE:,} characters")
    return " ".join(text.split())


def _word(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return str(text)


Prose = Annotated[str, _scalar(_prose)]
Name = Annotated[str, _scalar(str)]
Word = Annotated[str, _scalar(_word)]
Texts = Annotated[list[str], BeforeValidator(_texts)]
Duration = Annotated[int, _scalar(parse_duration)]
DurationOrEver = Annotated[int | None, _scalar(_duration_or_ever)]
SinceWithin = Annotated[Any, _scalar(_years_or_duration)]
Number = Annotated[int, _scalar(parse_number)]
Whole = Annotated[int, _scalar(_whole)]
Flag = Annotated[bool, _scalar(parse_boolean)]
Moment = Annotated[Any, _scalar(parse_moment)]
Raw = Annotated[Any, BeforeValidator(lambda node: node)]
RawMap = Annotated[Any, BeforeValidator(_mapping)]
SameMap = Annotated[Any, BeforeValidator(_same)]
Level = Annotated[str, _choice("violation", "risk", "notice", "none")]
Per = Annotated[str, _choice("relationship", "practitioner")]
Period = Annotated[str, _choice("week", "month", "quarter", "year")]
Basis = Annotated[str, _choice("log", "self", "client", "third_party")]
