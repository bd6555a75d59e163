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
                batch = to_the_nanosecond(lazy.slice(start, _BATCH).collect())
            if not batch.height:
                break
            for number, row in enumerate(batch.iter_rows(named=True), start + 1):
                yield Unit(number, None, b"", row)
            start += batch.height
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise EventError(f"this Parquet file cannot be read: {str(error).splitlines()[0]}", file=name) from None


def to_the_nanosecond(frame: polars.DataFrame) -> polars.DataFrame:
    """A frame whose instants in nanoseconds are texts, as Python's own would silently be cut to microseconds."""
    import polars as pl

    fine = [
        name
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Datetime) and dtype.time_unit == "ns" and dtype.time_zone is not None
    ]
    return frame.with_columns(pl.col(fine).dt.strftime("%Y-%m-%dT%H:%M:%S%.9f%:z")) if fine else frame
