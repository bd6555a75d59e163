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
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import compress, repeat
from typing import Any, NoReturn

import polars as pl

from ethics_engine.audits.kinds import LIST, TEXT, Columns, kinds
from ethics_engine.audits.typed import IDENTITY, PLACES
from ethics_engine.engines.bulk.columns import attributes_of
from ethics_engine.events import AMENDED
from ethics_engine.logs.decode import DEEPEST
from ethics_engine.logs.units import UNIT_LIMIT
from ethics_engine.plan import FINDING
from ethics_engine.vocabulary import Vocabulary

_CHUNK = 5_000  # lines that are decoded at once: with 50,000 what is decoded no longer fits the processor's cache
_PRIVATE = ("x_", "x-")
_HALF_CHARACTER = r"\\u[dD][89a-fA-F]"
_EXACT_FLOAT = 10**9
_SIX_DECIMALS = -6
_COUNTS = ("#names", "#further")
_Record = dict[str, Any]


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
    quotes = looked.get_column("quotes")
    kind_of = kinds(vocabulary)
    frames = [pl.DataFrame(schema=texts.schema)]
    taken = [pl.Series(dtype=pl.UInt32)]
    for name, rows in _rows(list(compress(lines, single)), single.arg_true().to_list(), vocabulary).items():
        places = pl.Series(rows.places, dtype=pl.UInt32)
        frame, clean = _frame(rows, kind_of, quotes.gather(places))
        if not clean.all():
            frame, places = frame.filter(clean), places.filter(clean)
        kept = pl.concat([texts[places], frame], how="horizontal")
        frames.append(kept.with_columns(pl.lit(name).alias("type")))
        taken.append(places)
    left = texts.with_row_index("#at").filter(~pl.col("#at").is_in(pl.concat(taken).implode()))
    return Columns(pl.concat(frames, how="diagonal"), left.select(PLACES[1], TEXT).rows())


@dataclass(slots=True)
class _Rows:
    """What the lines of one type hold, by attribute; where each stands, how many names and further texts it has."""

    values: dict[str, list[Any]]
    places: list[int] = field(default_factory=list)
    names: list[int] = field(default_factory=list)
    further: list[int] = field(default_factory=list)

    def add(self, shape: Sequence[str], places: Sequence[int], records: Sequence[_Record]) -> None:
        """Add records that have the same names in the same order."""
        number = len(records)
        given = dict(zip(shape, zip(*map(dict.values, records), strict=True), strict=True))
        for name, values in self.values.items():
            values.extend(given.pop(name) if name in given else repeat(None, number))
        del given["type"]
        further = ([isinstance(value, str) for value in values] for values in given.values())
        self.further.extend(map(sum, zip(*further, strict=True)) if given else repeat(0, number))
        self.names.extend(repeat(len(shape), number))
        self.places.extend(places)


def _rows(lines: list[str], places: list[int], vocabulary: Vocabulary) -> dict[str, _Rows]:
    """What lines hold, by type; without those that are broken, or of which a name says that they are not clean."""
    found: dict[str, _Rows] = {}
    for start in range(0, len(lines), _CHUNK):
        shapes: dict[tuple[str, ...], tuple[list[int], list[_Record]]] = {}
        chunk = slice(start, start + _CHUNK)
        for place, record in zip(places[chunk], _decoded(lines[chunk]), strict=True):
            if record is None or type(name := record.get("type")) is not str:
                continue
            alike = shapes.get(shape := (name, *record))
            if alike is None:
                alike = shapes[shape] = ([], [])
            alike[0].append(place)
            alike[1].append(record)
        for (name, *names), (at, records) in shapes.items():
            if name not in vocabulary.types or name in (FINDING, AMENDED):
                continue
            if name not in found:
                found[name] = _Rows({attribute: [] for attribute in attributes_of(vocabulary, name)})
            others = [each for each in names if each != "type" and each not in found[name].values]
            if all(each.startswith(_PRIVATE) for each in others):
                found[name].add(names, at, records)
    return found


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


_decode: Callable[[str], Any] = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse).decode


def _decoded(lines: list[str]) -> Sequence[_Record | None]:
    """What each line holds, None where it is broken; they are decoded as one array, or else each half by itself."""
    try:
        found: list[_Record | None] = _decode("[" + ",\n".join(lines) + "]")
    except (ValueError, ArithmeticError, RecursionError):
        if len(lines) == 1:
            return [None]
        half = len(lines) // 2
        return [*_decoded(lines[:half]), *_decoded(lines[half:])]
    assert len(found) == len(lines)
    return found


def _frame(rows: _Rows, kind_of: Mapping[str, Any], quotes: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """The columns of the lines of one type, and which lines are clean."""
    columns: list[pl.Series] = []
    texts: list[pl.Expr] = [pl.lit(1)]  # the type
    wrong: set[int] = set()
    for name, values in rows.values.items():
        kind = kind_of[name]
        if kind is None:
            wrong.update(at for at, value in enumerate(values) if value is not None)
            continue
        series, bad = _column(name, values, kind)
        wrong.update(bad)
        if series.null_count() == len(series) and name not in IDENTITY:
            continue
        columns.append(series)
        if kind == pl.String:
            texts.append(pl.col(name).is_not_null().cast(pl.UInt32))
        elif kind == LIST:
            texts.append(pl.col(name).list.len().fill_null(0))
    frame = pl.DataFrame(columns)
    counts = pl.DataFrame({"#names": rows.names, "#further": rows.further}, schema=dict.fromkeys(_COUNTS, pl.UInt32))
    counted = 2 * (pl.sum_horizontal("#names", "#further", *texts)) == pl.col("#quotes")
    looked = pl.concat([frame, counts, quotes.alias("#quotes").to_frame()], how="horizontal")
    clean = looked.select(counted & pl.col(IDENTITY[0]).is_not_null()).to_series()
    if wrong:
        clean = clean & pl.Series([at not in wrong for at in range(len(clean))])
    return frame, clean


def _column(name: str, values: list[Any], kind: Any) -> tuple[pl.Series, list[int]]:
    """A column of values as JSON has them, and where one is not of its kind."""
    if kind == pl.Float64:
        values, bad = _floats(values)
    elif kind == LIST:
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
