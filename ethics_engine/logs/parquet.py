"""Parquet: a row is a unit, numbered from 1; read by Polars some thousands at a time, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ethics_engine.errors import ConfigError, EventError
from ethics_engine.logs.units import Unit

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
        while (batch := lazy.slice(start, _BATCH).collect()).height:
            for number, row in enumerate(batch.iter_rows(named=True), start + 1):
                yield Unit(number, None, b"", row)
            start += batch.height
    except (pl.exceptions.PolarsError, OSError) as error:
        raise EventError(f"this Parquet file cannot be read: {str(error).splitlines()[0]}", file=name) from None
