"""Lines of NDJSON as raw columns, where they are clean beyond doubt; every other one is left to the reader of record.

Many lines are decoded at once, as one array, by the decoder of `logs.decode`. That is the same as line by line for
lines of one object without another inside: such a line begins with `{`, ends in `}`, and has no other brace, and no
text goes on in the next line, as a line feed cannot stand in one. A name that is given twice shows by the quotes: each
name and each text has two, and a line that has more of them is left, as is one with a quote inside a text.

A column holds texts, numbers, truth values or lists of texts, as the attributes of its name are declared; a line in
which one is anything else is left.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import compress
from typing import Any, NoReturn

import polars as pl

from ethics_engine.audits.typed import PLACES
from ethics_engine.engines.bulk.columns import attributes_of
from ethics_engine.events import AMENDED
from ethics_engine.logs.decode import DEEPEST
from ethics_engine.logs.units import UNIT_LIMIT
from ethics_engine.plan import FINDING
from ethics_engine.vocabulary import Attribute, Vocabulary

TEXT = "#text"
"""The column that holds a line as it stands in the log."""

_CHUNK = 5_000  # lines that are decoded at once: with 50,000 what is decoded no longer fits the processor's cache
_PRIVATE = ("x_", "x-")
_HALF_CHARACTER = r"\\u[dD][89a-fA-F]"
_EXACT_FLOAT = 10**9
_SIX_DECIMALS = -6
_KINDS: Mapping[str, Any] = {
    "number": pl.Float64,
    "money": pl.Float64,
    "boolean": pl.Boolean,
    "list": pl.List(pl.String),
}
_Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Columns:
    """The raw columns of the clean lines, with `#line` and `#text`, and the numbers and texts of those left."""

    frame: pl.DataFrame
    left: list[tuple[int, str]]


def columns(lines: Sequence[str], numbers: Sequence[int], vocabulary: Vocabulary) -> Columns:
    """Read lines, none of which is blank or ends in a line feed."""
    texts = pl.DataFrame({PLACES[1]: pl.Series(numbers, dtype=pl.UInt32), TEXT: pl.Series(lines, dtype=pl.String)})
    text = pl.col(TEXT)
    looked = texts.select(
        (
            text.str.starts_with("{")
            & text.str.ends_with("}")
            & (text.str.count_matches("{", literal=True) == 1)
            & (text.str.count_matches("}", literal=True) == 1)
            & (text.str.count_matches("[", literal=True) < DEEPEST)
            & (text.str.len_bytes() <= UNIT_LIMIT)
            & ~text.str.contains(_HALF_CHARACTER)
        ).alias("single"),
        text.str.count_matches('"', literal=True).alias("quotes"),
    )
    single = looked.get_column("single")
    decoded = _decoded(list(compress(lines, single)))
    at = single.arg_true().to_list()
    quotes = looked.get_column("quotes")
    frames = [pl.DataFrame(schema=texts.schema)]
    taken: list[pl.Series] = []
    for name, (places, records) in _by_type(decoded, at, vocabulary).items():
        rows = pl.Series(places, dtype=pl.UInt32)
        frame, clean = _frame(records, attributes_of(vocabulary, name), quotes.gather(rows))
        if not clean.all():
            frame, rows = frame.filter(clean), rows.filter(clean)
        kept = pl.concat([texts[rows], frame], how="horizontal")
        frames.append(kept.with_columns(pl.lit(name).alias("type")))
        taken.append(rows)
    left = texts.with_row_index("#at").filter(~pl.col("#at").is_in(pl.concat(taken).implode())) if taken else texts
    return Columns(pl.concat(frames, how="diagonal"), left.select(PLACES[1], TEXT).rows())


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


_decode: Callable[[str], Any] = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse).decode


def _decoded(lines: list[str]) -> list[_Record | None]:
    """What each line holds; None where it is broken."""
    found: list[_Record | None] = []
    for start in range(0, len(lines), _CHUNK):
        found += _together(lines[start : start + _CHUNK])
    return found


def _together(lines: list[str]) -> Sequence[_Record | None]:
    """Lines decoded as one array; where one is broken, each half by itself."""
    try:
        found: list[_Record | None] = _decode("[" + ",\n".join(lines) + "]")
    except (ValueError, ArithmeticError, RecursionError):
        if len(lines) <= 1:
            return [None] * len(lines)
        half = len(lines) // 2
        return [*_together(lines[:half]), *_together(lines[half:])]
    assert len(found) == len(lines)
    return found


def _by_type(
    decoded: Sequence[_Record | None], at: Sequence[int], vocabulary: Vocabulary
) -> dict[str, tuple[list[int], list[_Record]]]:
    """The records of each type that is read in columns, with their places; one without a practitioner is in none."""
    found: dict[Any, tuple[list[int], list[_Record]]] = {
        name: ([], []) for name in vocabulary.types if name not in (FINDING, AMENDED)
    }
    for place, record in zip(at, decoded, strict=True):
        if record is None:
            continue
        name = record.get("type")
        if type(name) is str and name in found and type(record.get("practitioner")) is str:
            places, records = found[name]
            places.append(place)
            records.append(record)
    return {name: each for name, each in found.items() if each[0]}


def _frame(
    records: Sequence[_Record], attributes: Mapping[str, Attribute], quotes: pl.Series
) -> tuple[pl.DataFrame, pl.Series]:
    """The columns of some records of one type, and which of them are clean."""
    columns: list[pl.Series] = []
    strings: list[pl.Expr] = [pl.lit(1)]  # the type
    wrong: set[int] = set()
    for name, attribute in attributes.items():
        values = [record.get(name) for record in records]
        kind = _KINDS.get(attribute.kind, pl.String)
        series, bad = _column(name, values, kind)
        wrong.update(bad)
        if series.null_count() == len(series):
            continue
        columns.append(series)
        if kind == pl.String:
            strings.append(pl.col(name).is_not_null().cast(pl.UInt32))
        elif kind == pl.List(pl.String):
            strings.append(pl.col(name).list.len().fill_null(0))
    known = {*attributes, "type"}
    more, bad = _private(records, known)
    wrong.update(bad)
    names = pl.Series("#names", list(map(len, records)), dtype=pl.UInt32)
    counted = pl.DataFrame([*columns, names, more, quotes.alias("#quotes")])
    whole = pl.col("#quotes") == 2 * (pl.col("#names") + pl.col("#private") + pl.sum_horizontal(strings))
    clean = counted.select(whole).to_series()
    if wrong:
        clean = clean & pl.Series([at not in wrong for at in range(len(clean))])
    return pl.DataFrame(columns), clean


def _private(records: Sequence[_Record], known: set[str]) -> tuple[pl.Series, list[int]]:
    """How many texts each record has under names of its own, which nothing judges, and which have other names."""
    texts = [0] * len(records)
    bad = []
    for at, alone in enumerate(map(known.issuperset, records)):
        if alone:
            continue
        others = [(name, value) for name, value in records[at].items() if name not in known]
        if all(name.startswith(_PRIVATE) and not isinstance(value, (list, dict)) for name, value in others):
            texts[at] = sum(isinstance(value, str) for _, value in others)
        else:
            bad.append(at)
    return pl.Series("#private", texts, dtype=pl.UInt32), bad


def _column(name: str, values: list[Any], kind: Any) -> tuple[pl.Series, list[int]]:
    """A column of values as JSON has them, and where one is not of its kind."""
    if kind == pl.Float64:
        values, bad = _floats(values)
    elif kind == pl.List(pl.String):
        values, bad = _kept(values, _is_texts)
    else:
        bad = []
        try:
            return pl.Series(name, values, dtype=kind, strict=True), bad
        except TypeError:
            wanted = str if kind == pl.String else bool
            values, bad = _kept(values, lambda value: type(value) is wanted)
    return pl.Series(name, values, dtype=kind, strict=True), bad


def _kept(values: list[Any], is_right: Callable[[Any], bool]) -> tuple[list[Any], list[int]]:
    """The values that are right, None for the others, and where those stand."""
    bad = [at for at, value in enumerate(values) if value is not None and not is_right(value)]
    for at in bad:
        values[at] = None
    return values, bad


def _is_texts(value: Any) -> bool:
    return type(value) is list and all(type(member) is str for member in value)


def _floats(values: list[Any]) -> tuple[list[Any], list[int]]:
    """Numbers as floats, where they have at most fifteen digits, six of them decimals."""
    kinds = set(map(type, values))
    bad: list[int] = []
    if not kinds <= {int, type(None)}:
        values, bad = _kept(values, _is_short)
        values = [float(value) if type(value) is Decimal else value for value in values]
    large = [at for at, value in enumerate(values) if value is not None and not -_EXACT_FLOAT < value < _EXACT_FLOAT]
    for at in large:
        values[at] = None
    return values, bad + large


def _is_short(value: Any) -> bool:
    if type(value) is Decimal:
        exponent = value.as_tuple().exponent
        return isinstance(exponent, int) and _SIX_DECIMALS <= exponent <= 0
    return type(value) is int
