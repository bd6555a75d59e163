"""Raw columns read as typed ones: null where a value is not clean beyond doubt, or cannot be read exactly by columns.

What is read is what `type_event` gives for the same value.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from ethics_engine.engines.bulk.columns import dtype
from ethics_engine.faults import LONGEST_STRING
from ethics_engine.scalars import MICRO, NUMBER_BOUND
from ethics_engine.values import read_value
from ethics_engine.vocabulary import Attribute

_FEW = 2_000  # distinct values of a column that are read one by one, as a line of NDJSON is
_EXACT_FLOAT = 10**9  # below it a number of six decimals has at most 15 digits, which a float keeps apart
_LATEST = 253_402_300_799_999_999  # the last microsecond of year 9999
_EARLIEST = -62_135_596_800_000_000  # the first of year 1
_RFC_3339 = r"^[1-9]\d{3}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-][0-2]\d:[0-5]\d)$"


def read(series: pl.Series, attribute: Attribute) -> pl.Series | None:
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


def is_text(dtype: Any) -> bool:
    return dtype is not None and (dtype == pl.String or dtype == pl.Categorical or isinstance(dtype, pl.Enum))


def _few(series: pl.Series, attribute: Attribute) -> pl.Series | None:
    """A column of few distinct values, each read as a line of NDJSON is."""
    if not is_text(series.dtype):
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
    if not is_text(series.dtype):
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
    elif is_text(series.dtype):
        text = series.cast(pl.String)
        strict = text.to_frame().select(pl.when(pl.all().str.contains(_RFC_3339)).then(pl.all())).to_series()
        moments = strict.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", strict=False)
        made = moments.dt.timestamp("us")
    else:
        return None
    return made.to_frame().select(pl.when(pl.all().is_between(_EARLIEST, _LATEST)).then(pl.all())).to_series()


def _lists(series: pl.Series, attribute: Attribute) -> pl.Series | None:
    """Lists of members of an enumeration, each once and in order."""
    if not isinstance(series.dtype, pl.List) or not is_text(series.dtype.inner):
        return None
    series = series.rechunk()  # of several chunks Polars cannot take a difference of lists
    value = pl.col(series.name).cast(pl.List(pl.String))
    known = pl.lit(pl.Series([list(attribute.values)], dtype=pl.List(pl.String)))
    clean = value.list.set_difference(known).list.len() == 0
    return series.to_frame().select(pl.when(clean).then(value.list.unique().list.sort())).to_series()


def _free_text(series: pl.Series) -> pl.Series | None:
    """Free text as JSON; what JSON would write otherwise than as it stands is not clean. Blank text is none at all."""
    if series.dtype == pl.Boolean:
        return series.to_frame().select(pl.all().replace_strict([True, False], ["true", "false"])).to_series()
    if not is_text(series.dtype):
        return None
    text = pl.col(series.name).cast(pl.String)
    clean = ~text.str.contains(r'[\x00-\x1f"\\\x7f]') & text.str.contains("[!-~\\p{L}]")
    return series.to_frame().select(pl.when(clean).then('"' + text + '"').alias(series.name)).to_series()


VERBATIM = frozenset({"string", "enum", "boolean"})
"""Kinds of attributes whose clean values are typed as they stand."""


def is_clean(series: pl.Series, attribute: Attribute) -> bool:
    """Whether `read` reads every value of a column; found out without making what it reads where that is faster."""
    if series.null_count() == len(series):
        return True
    if attribute.kind == "boolean":
        return series.dtype == pl.Boolean
    if attribute.kind in ("number", "money") and series.dtype.is_integer():
        least = -NUMBER_BOUND + 1 if attribute.minimum is None else -(-attribute.minimum // MICRO)
        most = NUMBER_BOUND - 1 if attribute.maximum is None else attribute.maximum // MICRO
        low, high = series.min(), series.max()
        return bool(least <= low and high <= most)  # type: ignore[operator]
    series = series.drop_nulls()
    if attribute.kind == "list" and isinstance(series.dtype, pl.List) and is_text(series.dtype.inner):
        members = series.list.explode(empty_as_null=False)
        return not members.null_count() and {*members.unique().to_list()} <= {*attribute.values}
    made = read(series, attribute)
    return made is not None and not made.null_count()
