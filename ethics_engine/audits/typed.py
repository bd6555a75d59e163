"""Raw columns as typed ones, where they are clean beyond doubt; every other row is left to the reader of record.

A raw frame has a column for each attribute, of any type, and `#file` and `#line`, which say where a row stands. What
comes out has the columns and units of `engines.bulk.columns`. A row passes only where its typed values are the ones
that `type_event` gives; one that may be wrong, or that columns cannot read exactly, is *left*.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from ethics_engine.engines.bulk.columns import attributes_of, dtype
from ethics_engine.events import AMENDED, WITHDRAWN, read_value
from ethics_engine.faults import LONGEST_STRING
from ethics_engine.plan import FINDING
from ethics_engine.scalars import MICRO, NUMBER_BOUND
from ethics_engine.vocabulary import Attribute, Vocabulary

PLACES = ("#file", "#line")
IDENTITY = ("practitioner", "id")
_FEW = 2_000  # distinct values of a column that are read one by one, as a line of NDJSON is
_EXACT_FLOAT = 10**9  # below it a number of six decimals has at most 15 digits, which a float keeps apart
_LATEST = 253_402_300_799_999_999  # the last microsecond of year 9999
_EARLIEST = -62_135_596_800_000_000  # the first of year 1
_RFC_3339 = r"^[1-9]\d{3}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-][0-2]\d:[0-5]\d)$"


@dataclass(frozen=True, slots=True)
class Typed:
    """The clean rows of each type, with their places, and the places and identities of those left."""

    frames: dict[str, pl.DataFrame]
    left: pl.DataFrame


def typed(raw: pl.DataFrame, vocabulary: Vocabulary, spoken: Collection[str] | None = None) -> Typed:
    """Type a raw frame.

    With `spoken` the columns of other attributes are left out where every value of them is clean. Where one may not
    be, where a row is left, and where events are corrected, which says what they were before, none is left out.
    """
    unspoken = () if spoken is None else _unspoken(raw, vocabulary, spoken)
    if unspoken:
        found = settled(_all_typed(raw.drop(unspoken, strict=False), vocabulary, unspoken))
        if not found.left.height and WITHDRAWN not in found.frames:
            return found
    return settled(_all_typed(raw, vocabulary, ()))


def _unspoken(raw: pl.DataFrame, vocabulary: Vocabulary, spoken: Collection[str]) -> list[str]:
    """The columns of attributes that are not spoken of, none where a value of one may not be clean."""
    if not _is_text(raw.schema.get("type")):
        return []
    types = raw.get_column("type").cast(pl.String)
    heights = dict(types.value_counts().iter_rows())
    attributes = {name: _attributes(vocabulary, name) for name in heights if name in vocabulary.types}
    columns = [each for each in raw.columns if each not in spoken and each not in (*PLACES, "type")]
    missing = {each for own in attributes.values() for each in own if each not in spoken and each not in raw.columns}
    every = [*columns, *missing]
    sound = all(
        _sound(raw.get_column(each) if each in raw.columns else None, each, types, heights, attributes)
        for each in every
        if not each.startswith(("x_", "x-"))
    )
    return every if sound else []


def _sound(
    series: pl.Series | None,
    name: str,
    types: pl.Series,
    heights: Mapping[str | None, int],
    attributes: Mapping[str, Mapping[str, Attribute]],
) -> bool:
    """Whether every value of a column is clean, on events that may have it, and none is missing that must be there."""
    own = {each: known[name] for each, known in attributes.items() if name in known}
    filled: dict[str, int] = {}
    if series is not None and series.null_count() < len(series):
        there = series.is_not_null()
        its_types = types.filter(there)
        filled = dict(its_types.value_counts().iter_rows())
        values = series.filter(there).rechunk()  # of several chunks Polars cannot take a difference of lists
        for attribute in {own[each] for each in filled if each in own}:
            having = [each for each, one in own.items() if one == attribute]
            chosen = values if filled.keys() <= set(having) else values.filter(its_types.is_in(having)).rechunk()
            read = _read(chosen, attribute)
            if read is None or read.null_count():
                return False
    return filled.keys() <= own.keys() and all(
        filled.get(each) == heights[each] for each, one in own.items() if one.required
    )


def _all_typed(raw: pl.DataFrame, vocabulary: Vocabulary, without: Collection[str]) -> Typed:
    """Type a raw frame that lacks the columns `without`, which were found clean before."""
    left: list[pl.DataFrame] = []
    frames: dict[str, pl.DataFrame] = {}
    if not _is_text(raw.schema.get("type")):
        return Typed({}, raw.select(*PLACES, *_identity(raw)))
    known = (name for name in vocabulary.types if name not in (FINDING, AMENDED))
    attributes = {name: _attributes(vocabulary, name, without) for name in known}
    for name, own in _by_type(raw, attributes):
        if name is None or name not in attributes:
            left.append(own.select(*PLACES, *_identity(own)))
            continue
        made, clean = _typed(own, attributes[name], vocabulary.types[name].client == "yes")
        if clean is not None:
            left.append(own.filter(~clean).select(*PLACES, *_identity(own)))
            made = made.filter(clean)
        if made.height:
            frames[name] = made
    none = raw.select(*PLACES, *_identity(raw)).clear()
    return Typed(frames, pl.concat([none, *left]))


def _attributes(vocabulary: Vocabulary, name: str, without: Collection[str] = ()) -> dict[str, Attribute]:
    """The attributes that an event of a type may have."""
    attributes = {each: one for each, one in attributes_of(vocabulary, name).items() if each not in without}
    if vocabulary.types[name].client == "no":
        del attributes["client"]
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
        (pl.col(name).cast(pl.String) if _is_text(frame.schema.get(name)) else pl.lit(None, pl.String)).alias(name)
        for name in IDENTITY
    ]


def _typed(
    frame: pl.DataFrame, attributes: Mapping[str, Attribute], needs_client: bool
) -> tuple[pl.DataFrame, pl.Series | None]:
    """The typed columns of one type, and which rows are clean (None: all)."""
    columns: dict[str, Any] = {each: frame.get_column(each) for each in PLACES}
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
        read = _read(series, attribute)
        if read is None:
            doubts.append(series.is_not_null())
            read = pl.Series([None], dtype=dtype(attribute)).new_from_index(0, len(series))
        elif lost := read.null_count() - series.null_count():
            assert lost > 0, column
            doubts.append(read.is_null() & series.is_not_null())
        columns[column] = read.alias(column)
    for column, attribute in attributes.items():
        needed = attribute.required or (needs_client and column == "client")
        if column not in columns:
            fill = pl.Series(column, [None], dtype=dtype(attribute))
            columns[column] = fill.new_from_index(0, frame.height)
            if needed:
                doubts.append(pl.repeat(True, frame.height, eager=True, dtype=pl.Boolean))
        elif needed and columns[column].null_count():
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


def _read(series: pl.Series, attribute: Attribute) -> pl.Series | None:
    """A column typed; null where a value is not clean; None where no value of such a column is."""
    match attribute.kind:
        case "boolean":
            return series if series.dtype == pl.Boolean else None
        case "number" | "money":
            return _numbers(series, attribute)
        case "timestamp":
            return _instants(series)
        case "clock" | "enum":
            return _few(series, attribute)
        case "string":
            return _few(series, attribute) if attribute.name == "currency" else _strings(series)
        case "list":
            return _lists(series, attribute)
        case "text":
            return _free_text(series)
    return None


def _is_text(dtype: Any) -> bool:
    return dtype is not None and (dtype == pl.String or dtype == pl.Categorical or isinstance(dtype, pl.Enum))


def _few(series: pl.Series, attribute: Attribute) -> pl.Series | None:
    """A column of few distinct values, each read as a line of NDJSON is."""
    if not _is_text(series.dtype):
        return None
    series = series.cast(pl.String)
    distinct = series.drop_nulls().unique()
    if len(distinct) > _FEW:
        return None
    read = {}
    for value in distinct.to_list():
        try:
            read[value] = read_value(attribute, value)
        except ValueError:
            continue
    if len(read) == len(distinct) and all(key == value for key, value in read.items()):
        return series
    return series.replace_strict(list(read), list(read.values()), default=None, return_dtype=dtype(attribute))


def _strings(series: pl.Series) -> pl.Series | None:
    """Names and identifiers: something visible, no NUL, not too long."""
    if not _is_text(series.dtype):
        return None
    series = series.cast(pl.String)
    if _plain(series):
        return series
    text = pl.col(series.name)
    clean = text.str.contains("[!-~\\p{L}]") & (text.str.len_bytes() <= LONGEST_STRING)
    clean = clean & ~text.str.contains("\0", literal=True)
    return series.to_frame().select(pl.when(clean).then(text)).to_series()


def _plain(series: pl.Series) -> bool:
    """Whether every text begins with a visible character of ASCII, is not too long and has no NUL."""
    text = pl.col(series.name)
    visible = ((text >= "!") & (text < "\x7f")).all() & (text.str.len_bytes().max() <= LONGEST_STRING)
    return bool(series.to_frame().select(visible).item()) and "\0" not in series.str.join().item()


def _numbers(series: pl.Series, attribute: Attribute) -> pl.Series | None:
    """Numbers as whole millionths; a float that has not at most six decimals is not clean."""
    value = pl.col(series.name)
    if series.dtype.is_integer():
        clean = (value < NUMBER_BOUND) & (value > -NUMBER_BOUND)
        made = value.cast(pl.Int64, strict=False) * MICRO
    elif series.dtype.is_float() and series.dtype != pl.Float32:
        whole = (value * MICRO).round()
        clean = (value.abs() < _EXACT_FLOAT) & (whole / MICRO == value)
        made = whole.cast(pl.Int64, strict=False)
    elif isinstance(series.dtype, pl.Decimal) and series.dtype.scale <= 6:
        clean = (value < NUMBER_BOUND) & (value > -NUMBER_BOUND)
        made = (value.cast(pl.Decimal(38, 6)) * MICRO).cast(pl.Int64, strict=False)
    else:
        return None
    read = series.to_frame().select(pl.when(clean).then(made).alias(series.name))
    number = pl.col(series.name)
    if attribute.minimum is not None:
        read = read.select(pl.when(number >= attribute.minimum).then(number))
    if attribute.maximum is not None:
        read = read.select(pl.when(number <= attribute.maximum).then(number))
    return read.to_series()


def _instants(series: pl.Series) -> pl.Series | None:
    """Instants: times with a zone of any unit, or RFC 3339 texts."""
    if isinstance(series.dtype, pl.Datetime):
        if series.dtype.time_zone is None:
            return None
        if series.dtype.time_unit == "ns":
            whole = series.dt.timestamp("ns")
            made = whole.to_frame().select(pl.when(pl.all() % 1_000 == 0).then(pl.all() // 1_000)).to_series()
        else:
            made = series.dt.timestamp("us")
    elif _is_text(series.dtype):
        text = series.cast(pl.String)
        strict = text.to_frame().select(pl.when(pl.all().str.contains(_RFC_3339)).then(pl.all())).to_series()
        moments = strict.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", strict=False)
        made = moments.dt.timestamp("us")
    else:
        return None
    return made.to_frame().select(pl.when(pl.all().is_between(_EARLIEST, _LATEST)).then(pl.all())).to_series()


def _lists(series: pl.Series, attribute: Attribute) -> pl.Series | None:
    """Lists of members of an enumeration, each once and in order."""
    if not isinstance(series.dtype, pl.List) or not _is_text(series.dtype.inner):
        return None
    value = pl.col(series.name).cast(pl.List(pl.String))
    known = pl.lit(pl.Series([list(attribute.values)], dtype=pl.List(pl.String)))
    clean = value.list.set_difference(known).list.len() == 0
    return series.to_frame().select(pl.when(clean).then(value.list.unique().list.sort())).to_series()


def _free_text(series: pl.Series) -> pl.Series | None:
    """Free text as JSON; what JSON would write otherwise than as it stands is not clean. Blank text is none at all."""
    if series.dtype == pl.Boolean:
        return series.to_frame().select(pl.all().replace_strict([True, False], ["true", "false"])).to_series()
    if not _is_text(series.dtype):
        return None
    text = pl.col(series.name).cast(pl.String)
    clean = ~text.str.contains(r'[\x00-\x1f"\\\x7f]') & text.str.contains("[!-~\\p{L}]")
    return series.to_frame().select(pl.when(clean).then('"' + text + '"').alias(series.name)).to_series()


def settled(found: Typed) -> Typed:
    """The same with every row left whose practitioner and id stand more than once: what they are needs all of them."""
    keys = [frame.select(*PLACES, *IDENTITY) for frame in found.frames.values()]
    if not keys:
        return found
    everyone = pl.concat([*keys, found.left])
    if not _may_repeat(everyone):
        return found
    twice = everyone.filter(pl.struct(IDENTITY).is_duplicated()).select(PLACES)
    frames = {
        name: frame.join(twice, on=PLACES, how="anti", maintain_order="left") for name, frame in found.frames.items()
    }
    left = pl.concat([found.left, everyone.join(twice, on=PLACES, how="semi")]).unique(PLACES)
    return Typed({name: frame for name, frame in frames.items() if frame.height}, left)


def _may_repeat(keys: pl.DataFrame) -> bool:
    """Whether some practitioner and id may stand twice, by a hash of them."""
    hashes = keys.select(pl.col("practitioner").hash(7) ^ pl.col("id").hash(11)).to_series()
    return bool(hashes.n_unique() < len(hashes))
