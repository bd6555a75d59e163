"""Raw columns as typed ones, where they are clean beyond doubt; every other row is left to the reader of record.

A raw frame has a column for each attribute, of any type, and `#file` and `#line`, which say where a row stands. What
comes out has the columns and units of `engines.bulk.columns`. A row passes only where its typed values are the ones
that `type_event` gives; one that may be wrong, or that columns cannot read exactly, is *left*.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from ethics_engine.audits.readers import is_text, read
from ethics_engine.engines.bulk.columns import attributes_of, dtype
from ethics_engine.events import AMENDED
from ethics_engine.plan import FINDING
from ethics_engine.vocabulary import Attribute, Vocabulary

PLACES = ("#file", "#line")
IDENTITY = ("practitioner", "id")


@dataclass(frozen=True, slots=True)
class Typed:
    """The clean rows of each type, and the places and identities of those left.

    `others` are the instants of further clean rows, which no rule asks for.
    """

    frames: dict[str, pl.DataFrame]
    left: pl.DataFrame
    others: pl.Series = field(default_factory=lambda: pl.Series("at", [], dtype=pl.Int64))


def typed(raws: Sequence[pl.DataFrame], vocabulary: Vocabulary) -> Typed:
    """Type raw frames."""
    found = [_typed(raw, vocabulary) for raw in raws]
    frames: dict[str, pl.DataFrame] = {}
    for each in found:
        frames = together(frames, each.frames)
    return _settled(Typed(frames, pl.concat([each.left for each in found])))


def together(one: Mapping[str, pl.DataFrame], other: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Two sets of typed frames as one."""
    return {
        name: pl.concat([frames[name] for frames in (one, other) if name in frames], how="diagonal")
        for name in {*one, *other}
    }


def _typed(raw: pl.DataFrame, vocabulary: Vocabulary) -> Typed:
    """Type a raw frame, each row by itself."""
    left: list[pl.DataFrame] = []
    frames: dict[str, pl.DataFrame] = {}
    if not is_text(raw.schema.get("type")):
        return Typed({}, raw.select(*PLACES, *_identity(raw)))
    known = (name for name in vocabulary.types if name not in (FINDING, AMENDED))
    attributes = {name: attributes_told(vocabulary, name) for name in known}
    for name, own in _by_type(raw, attributes):
        if name is None or name not in attributes:
            left.append(own.select(*PLACES, *_identity(own)))
            continue
        made, clean = typed_of_type(own, attributes[name])
        if clean is not None:
            left.append(own.filter(~clean).select(*PLACES, *_identity(own)))
            made = made.filter(clean)
        if made.height:
            frames[name] = made
    none = raw.select(*PLACES, *_identity(raw)).clear()
    return Typed(frames, pl.concat([none, *left]))


def attributes_told(vocabulary: Vocabulary, name: str) -> dict[str, Attribute]:
    """The attributes that an event of a type may have; a client is required where events of the type have one."""
    attributes = attributes_of(vocabulary, name)
    match vocabulary.types[name].client:
        case "no":
            del attributes["client"]
        case "yes":
            attributes["client"] = replace(attributes["client"], required=True)
    return attributes


def _by_type(raw: pl.DataFrame, attributes: Mapping[str, Collection[str]]) -> Iterator[tuple[str | None, pl.DataFrame]]:
    """The rows of each type, with the columns of its attributes, and any others that have values of no type's own."""
    raw = raw.with_columns(pl.col("type").cast(pl.String)).rechunk()  # rows are taken from one chunk much faster
    rows = raw.select("type").with_row_index("#index").group_by("type").agg(pl.col("#index"))
    unseen = {series.name: len(series) - series.null_count() for series in raw.iter_columns()}
    found = {}
    for name, index in rows.iter_rows():
        own = attributes.get(name or "", IDENTITY)
        found[name] = index, raw.select(*PLACES, *(each for each in raw.columns if each in own))[index]
        for series in found[name][1].iter_columns():
            unseen[series.name] -= len(series) - series.null_count()
    strays = [each for each, count in unseen.items() if count and each not in (*PLACES, "type")]
    for name, (index, frame) in found.items():
        others = [each for each in strays if each not in frame.columns]
        yield name, frame.hstack(raw.select(others)[index]) if others else frame


def _identity(frame: pl.DataFrame) -> list[pl.Expr]:
    """Practitioner and id of raw rows, null where they are no texts."""
    return [
        (pl.col(name).cast(pl.String) if is_text(frame.schema.get(name)) else pl.lit(None, pl.String)).alias(name)
        for name in IDENTITY
    ]


def typed_of_type(
    frame: pl.DataFrame, attributes: Mapping[str, Attribute], clean: Collection[str] = ()
) -> tuple[pl.DataFrame, pl.Series | None]:
    """The typed columns of one type, and which rows are clean (None: all).

    Columns `clean` are known to hold clean values, which are the typed ones.
    """
    columns: dict[str, Any] = {each: frame.get_column(each) for each in PLACES if each in frame.columns}
    doubts: list[pl.Series] = []
    for series in frame.iter_columns():
        column = series.name
        if column in PLACES or series.null_count() == len(series):
            continue
        attribute = attributes.get(column)
        if attribute is None:
            if not column.startswith(("x_", "x-")):
                doubts.append(series.is_not_null())
            continue
        values = series if column in clean else read(series, attribute)
        if values is None:
            doubts.append(series.is_not_null())
            values = pl.Series([None], dtype=dtype(attribute)).new_from_index(0, len(series))
        elif lost := values.null_count() - series.null_count():
            assert lost > 0, column
            doubts.append(values.is_null() & series.is_not_null())
        columns[column] = values.alias(column)
    for column, attribute in attributes.items():
        if column not in columns:
            fill = pl.Series(column, [None], dtype=dtype(attribute))
            columns[column] = fill.new_from_index(0, frame.height)
            if attribute.required:
                doubts.append(pl.repeat(True, frame.height, eager=True, dtype=pl.Boolean))
        elif attribute.required and columns[column].null_count():
            doubts.append(columns[column].is_null())
        if attribute.default is not None:
            columns[column] = columns[column].fill_null(_default(attribute))
    if "client" not in columns:
        columns["client"] = pl.repeat(None, frame.height, eager=True, dtype=pl.String)
    made = pl.DataFrame([series.alias(each) for each, series in columns.items()])
    if not doubts:
        return made, None
    doubtful = doubts[0]
    for each in doubts[1:]:
        doubtful = doubtful | each
    return made, ~doubtful


def _default(attribute: Attribute) -> Any:
    return pl.Series([list(attribute.default)]) if isinstance(attribute.default, tuple) else attribute.default


def _settled(found: Typed) -> Typed:
    """The same with every row left whose practitioner and id stand more than once: what they are needs all of them."""
    keys = [frame.select(*PLACES, *IDENTITY) for frame in found.frames.values()]
    if not keys:
        return found
    everyone = pl.concat([*keys, found.left])
    if not may_repeat(everyone):
        return found
    twice = everyone.filter(pl.struct(IDENTITY).is_duplicated()).select(PLACES)
    frames = {
        name: frame.join(twice, on=PLACES, how="anti", maintain_order="left") for name, frame in found.frames.items()
    }
    left = pl.concat([found.left, everyone.join(twice, on=PLACES, how="semi")]).unique(PLACES)
    return Typed({name: frame for name, frame in frames.items() if frame.height}, left)


def may_repeat(keys: pl.DataFrame) -> bool:
    """Whether some practitioner and id may stand twice, by a hash of them."""
    hashes = keys.select(pl.col("practitioner").hash(7) ^ pl.col("id").hash(11)).to_series()
    return bool(hashes.n_unique() < len(hashes))
