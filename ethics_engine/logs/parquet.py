"""Parquet: a row is a unit, numbered from 1; read by Polars some thousands at a time, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from ethics_engine.errors import ConfigError, EventError
from ethics_engine.interrupts import interrupts_held
from ethics_engine.logs.units import Unit

if TYPE_CHECKING:
    import polars

_BATCH = 50_000  # rows


def read_parquet(stream: BinaryIO) -> Iterator[Unit]:
    """The rows of a Parquet file; an empty cell is an absent attribute.

    Raises:
        EventError: it is no Parquet file, or damaged.
        ConfigError: Polars is not installed.
    """
    try:
        import polars as pl
    except ImportError:
        raise ConfigError("Parquet logs need Polars: pip install 'ethics-engine[bulk]'") from None
    name = str(stream.name)
    try:
        lazy = pl.scan_parquet(name, glob=False)
        start = 0
        while True:
            with interrupts_held():
                batch = as_python_has_them(lazy.slice(start, _BATCH).collect())
            if not batch.height:
                break
            for number, row in enumerate(batch.iter_rows(named=True), start + 1):
                yield Unit(number, None, b"", row)
            start += batch.height
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise EventError(f"this Parquet file cannot be read: {str(error).splitlines()[0]}", file=name) from None


def as_python_has_them(frame: polars.DataFrame) -> polars.DataFrame:
    """A frame whose values Python can hold: times beyond the years 1 to 9999, and lengths beyond its own, are texts.

    Instants in nanoseconds are texts too, as Python's own would silently be cut to microseconds.
    """
    import polars as pl

    fine = [
        name
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Datetime) and dtype.time_unit == "ns" and dtype.time_zone is not None
    ]
    frame = frame.with_columns(pl.col(fine).dt.strftime("%Y-%m-%dT%H:%M:%S%.9f%:z")) if fine else frame
    for name, dtype in frame.schema.items():
        known = _PYTHONS.get("d" if dtype == pl.Date else getattr(dtype, "time_unit", None) or "")
        if known is None:
            continue
        unit, least, most = known
        counted = frame.get_column(name).to_physical()
        if counted.null_count() < len(counted) and (counted.min() < least or counted.max() > most):  # type: ignore[operator]
            number = pl.lit(counted)
            text = pl.format(f"{{}} {unit} after 1970", number)
            within = number.is_between(least, most)
            shown = pl.when(within).then(pl.col(name)).dt.to_string("iso:strict")
            frame = frame.with_columns(pl.when(within).then(shown).otherwise(text).alias(name))
    return frame


_DAYS = (-719_162, 2_932_896)  # the first of year 1 and the last of year 9999, from 1970
_PYTHONS = {
    unit: (name, _DAYS[0] * per_day, (_DAYS[1] + 1) * per_day - 1)
    for unit, name, per_day in (
        ("d", "days", 1),
        ("ms", "milliseconds", 86_400_000),
        ("us", "microseconds", 86_400_000_000),
    )
}
"""What times are counted in, by Polars' name for it: in words, with the least and the greatest that Python holds."""
