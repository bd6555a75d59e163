"""What the YAML parser says of a text that is no YAML, in words for the person who wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ethics_engine.errors import shown

_AT_THE_START = ("simple key", "quoted scalar")
"""What a complaint is about from its start on, not where the parser gave up."""

_WORDS: tuple[tuple[str, str, str | None], ...] = (
    ("tab character", "a tab cannot indent a line", "use spaces"),
    (
        "mapping values are not allowed",
        "a `:` stands where no key can be",
        "a text with `: ` in it goes in quotes, and a key is indented like the one before it",
    ),
    ("could not find expected ':'", "a key needs a `:` and a value", "or is this text indented too little?"),
    ("found unexpected ':'", "a `:` needs a space after it", None),
    ("expected key", "expected a key here", "is it indented like the keys above?"),
    ("expected '-' indicator", "expected a `- ` here", "is it indented like the items above?"),
    ("block sequence entries are not allowed", "a list cannot begin here", "begin it on a line of its own"),
    ("unknown escape character", "there is no such escape in double quotes", "single quotes take a `\\` as it is"),
    ("hexdecimal number", "an escape needs hexadecimal digits", "single quotes take a `\\` as it is"),
    ("invalid Unicode character escape", "there is no such character", None),
    ("alphabetic or numeric character", "a text that begins with `&` or `*` goes in quotes", None),
    ("<document start>", "a second document begins here", "one policy a file"),
    ("incompatible YAML", "this version of YAML is not read", "leave the `%` line out"),
    ("tag", "tags are not allowed", "a text that begins with `!` goes in quotes"),
)


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """What is wrong with a text that is no YAML, and the parser's mark of the place (None: unknown)."""

    place: Any
    message: str
    hint: str | None


def explained(error: Any, text: str, opened: str | None) -> SyntaxFault:
    """The parser's error in our words.

    `opened` tells of the innermost bracket that is still open ("the `{` of line 3 is not closed").
    """
    problem, context = str(error.problem or ""), str(error.context or "")
    place = error.problem_mark or error.context_mark
    if any(what in context for what in _AT_THE_START) and "escape" not in problem and "hexdecimal" not in problem:
        place = error.context_mark or place
    if "quoted scalar" in context and ("end of stream" in problem or "document indicator" in problem):
        return SyntaxFault(place, "this quote is never closed", None)
    if "cannot start any token" in problem:
        return _strange_start(place, text)
    if "expected ',' or" in problem and _at(place, text).startswith("{") and _before(place, text).endswith("$"):
        return SyntaxFault(place, "a `${…}` inside of brackets goes in quotes", None)
    for closing in ("}", "]"):
        if f"expected ',' or '{closing}'" in problem:
            return SyntaxFault(place, f"expected `,` or `{closing}`", opened)
    if "expected node content" in problem:
        return SyntaxFault(place, "expected a value here", opened)
    for part, message, hint in _WORDS:
        if part in problem:
            return SyntaxFault(place, message, hint)
    return SyntaxFault(place, f"this is not YAML: {problem or context}", opened)


def _line(place: Any, text: str) -> str:
    lines = text.splitlines()
    return lines[place.line] if place is not None and place.line < len(lines) else ""


def _at(place: Any, text: str) -> str:
    return _line(place, text)[place.column :] if place is not None else ""


def _before(place: Any, text: str) -> str:
    return _line(place, text)[: place.column] if place is not None else ""


def _strange_start(place: Any, text: str) -> SyntaxFault:
    char = _at(place, text)[:1]
    if char == "\t":
        return SyntaxFault(place, "a tab cannot indent a line", "use spaces")
    return SyntaxFault(place, f"a value cannot begin with {shown(char)}", "write it in quotes")
