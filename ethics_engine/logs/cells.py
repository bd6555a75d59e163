"""The cells of a row of CSV, where each stands, and what is wrong with a row whose quotes or line ends are odd."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ethics_engine.logs.decode import looks_like_utf16, not_utf8
from ethics_engine.logs.units import Problem

_CELL = re.compile(r'"[^"]*+(?:""[^"]*+)*+"|[^,"]*+')


def split(text: str) -> list[str]:
    """The cells of a row whose quotes are right."""
    if '"' not in text:
        return text.split(",")
    return [_unquoted(text[at : at + width]) for at, width in spans(text)]


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each cell of a row stands, with its quotes: offset and width, in characters."""
    at = 0
    while at <= len(text):
        found = _CELL.match(text, at)
        assert found is not None
        yield at, found.end() - at
        at = found.end() + 1


def _unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


def odd_row(raw: bytes) -> Problem:
    """What is wrong with a line that its quotes and line ends do not make a row."""
    if looks_like_utf16(raw):
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            return not_utf8(raw, error)
        hint = "it looks like UTF-16; save the log as UTF-8"
        return Problem("nul-byte", "a NUL byte stands here", "CSV", "a NUL byte", offset=raw.find(b"\0"), hint=hint)
    if b'"' not in raw and b"\r" in raw:
        message = "broken CSV: a carriage return stands in the middle of a line"
        at = len(raw[: raw.index(b"\r")].decode(errors="backslashreplace"))
        hint = "each line ends in a line feed: save the table with the line ends of Unix or Windows"
        return Problem("broken-csv", message, "a line feed at the end of a line", "CR alone", offset=at, hint=hint)
    hint = "a cell with a quote in it stands in quotes, and the quote is written twice"
    return Problem("broken-csv", "broken CSV: the quotes do not match", "CSV", "an odd quote", hint=hint)
