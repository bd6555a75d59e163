"""What a raw column of a text log holds, by the attributes of its name: texts, numbers, truth values or lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from ethics_engine.engines.bulk.columns import attributes_of
from ethics_engine.vocabulary import Vocabulary

TEXT = "#text"
"""The column that holds a line, or a row, as it stands in the log."""

LIST = pl.List(pl.String)
_KINDS: Mapping[str, Any] = {"number": pl.Float64, "money": pl.Float64, "boolean": pl.Boolean, "list": LIST}


@dataclass(frozen=True, slots=True)
class Columns:
    """The raw columns of the clean lines, with `#line` and `#text`, and the numbers and texts of those left."""

    frame: pl.DataFrame
    left: list[tuple[int, str]]


def kinds(vocabulary: Vocabulary) -> dict[str, Any]:
    """The type of each column; None where attributes of that name are of several kinds: lines that have it are left."""
    found: dict[str, Any] = {"type": pl.String}
    for event_type in vocabulary.types:
        for name, attribute in attributes_of(vocabulary, event_type).items():
            kind = _KINDS.get(attribute.kind, pl.String)
            found[name] = kind if found.get(name, kind) == kind else None
    return found
