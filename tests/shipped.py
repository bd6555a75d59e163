"""The shipped vocabulary, and small records that it accepts, for the tests of events and logs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from ethics_engine.located import Lines, Map, parse_yaml, read_yaml
from ethics_engine.vocabulary import Vocabulary, load_vocabulary

VOCABULARY_FILE = Path(__file__).parent.parent / "rules" / "vocabulary.yaml"


@cache
def vocabulary() -> Vocabulary:
    """The shipped vocabulary."""
    lines = Lines()
    return load_vocabulary([read_yaml(VOCABULARY_FILE, lines)], lines)


def tree(text: str, lines: Lines, name: str = "board.yaml") -> Map:
    """A located tree of a vocabulary written in a test."""
    return parse_yaml(text, name, lines)


def touch(**changes: Any) -> dict[str, Any]:
    """A record of `contact.touch` that is accepted as it stands."""
    record = {
        "id": "e1",
        "at": "2026-03-02T10:00:00+01:00",
        "type": "contact.touch",
        "practitioner": "p1",
        "client": "c1",
        "kind": "hug",
        "by": "practitioner",
    }
    return {**record, **changes}


def without(record: dict[str, Any], *names: str) -> dict[str, Any]:
    """The record less some fields."""
    return {name: value for name, value in record.items() if name not in names}


def refusal(call: Callable[..., Any], *arguments: Any) -> str:
    """What a call says as it refuses its arguments with a ValueError; empty where it does not refuse them."""
    try:
        call(*arguments)
    except ValueError as error:
        return str(error) or "refused without a word"
    return ""
