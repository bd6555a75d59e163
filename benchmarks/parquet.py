"""Generated logs as Parquet: the pool of practitioner years made once, as typed columns, and written again and again.

Memory holds the pool (about 500,000 rows) and one piece at a time, whatever the size of the log. Rows stand
practitioner by practitioner, each in order of time, as a register exports them; interleaved, in order of time (then
practitioner). Needs pyarrow.

Columns: instants are Datetime(us, UTC); money and scores Float64; other numbers Int64; booleans; lists are
List(String); all else String, dictionary-encoded by the writer. A column that no event has is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from math import ceil
from pathlib import Path
from typing import Any

import generate
import polars as pl

ROW_GROUP = 262_144  # rows, at most
INSTANT = pl.Datetime("us", "UTC")
INSTANTS = ("at", "recorded_at", "starts_at", "moved_from", "moved_to", "announced_at", "until")
MONEY = ("fee", "late_cancel_fee", "no_show_fee", "amount", "value")
MEMBER, PLACE = "\0member", "\0place"  # of the pool: the practitioner's number; the row within it


def write_parquet(path: Path, events: int, seed: int, clients: int, interleaved: bool) -> None:
    """Write a log of so many events; the same events as the NDJSON log of these numbers."""
    import pyarrow.parquet as pq

    pool = _pool(events, seed, clients)
    writer: pq.ParquetWriter | None = None
    try:
        for piece in _by_time(pool, events) if interleaved else _by_practitioner(pool, events):
            table = piece.drop(MEMBER).to_arrow(compat_level=pl.CompatLevel.oldest())
            if writer is None:
                writer = pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=1)
            groups = ceil(piece.height / ROW_GROUP) or 1
            writer.write_table(table, row_group_size=ceil(piece.height / groups) or 1)
    finally:
        if writer is not None:
            writer.close()


def _pool(events: int, seed: int, clients: int) -> pl.DataFrame:
    """The years of the pool's practitioners, as many of them as the log needs."""
    records: list[generate.Record] = []
    members: list[int] = []
    for member in range(generate.POOL):
        if len(records) >= events:
            break
        year = generate.Practice("", f"{seed} {member + 1} {clients}", clients).in_order()
        records += year
        members += [member] * len(year)
    names = dict.fromkeys(name for record in records for name in record)
    columns = [column(name, [record.get(name) for record in records]) for name in names]
    return pl.DataFrame([*columns, pl.Series(MEMBER, members, dtype=pl.Int64)])


def column(name: str, values: list[Any]) -> pl.Series:
    if name in INSTANTS:
        return pl.Series(name, [None if text is None else datetime.fromisoformat(text) for text in values], INSTANT)
    if name in MONEY:
        return pl.Series(name, values, dtype=pl.Float64, strict=False)
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pl.Series(name, values, dtype=pl.Boolean)
    if kinds == {int}:
        return pl.Series(name, values, dtype=pl.Int64)
    if kinds <= {int, float}:
        return pl.Series(name, values, dtype=pl.Float64, strict=False)
    if kinds == {list}:
        return pl.Series(name, values, dtype=pl.List(pl.String))
    if kinds == {str}:
        return pl.Series(name, values, dtype=pl.String)
    raise TypeError(f"column {name}: expected values of one kind, found {sorted(kind.__name__ for kind in kinds)}")


def _round(pool: pl.DataFrame, number: int) -> pl.DataFrame:
    """The pool, lived by other practitioners some weeks later."""
    later = pl.duration(weeks=number % generate.SHIFTS)
    first = number * generate.POOL + 1
    moved = [pl.col(name) + later for name in INSTANTS if name in pool.columns]
    return pool.with_columns(pl.format("p{}", pl.col(MEMBER) + first).alias("practitioner"), *moved)


def _by_practitioner(pool: pl.DataFrame, events: int) -> Iterator[pl.DataFrame]:
    for number, start in enumerate(range(0, events, pool.height)):
        yield _round(pool, number).head(events - start)


def _by_time(pool: pl.DataFrame, events: int) -> Iterator[pl.DataFrame]:
    """The log cut into weeks; within a week the rows of every round, sorted."""
    at = pl.col("at")
    sorted_pool = pool.with_row_index(PLACE).sort("at", maintain_order=True)
    rounds = list(enumerate(range(0, events, pool.height)))
    first, last = sorted_pool["at"][0], sorted_pool["at"][-1]
    weeks = ceil(((last - first).total_seconds() + 1) / (7 * 86_400))
    for week in range(weeks + generate.SHIFTS - 1):
        pieces = []
        for number, start in rounds:
            begins = pl.lit(first) + pl.duration(weeks=week - number % generate.SHIFTS)
            piece = sorted_pool.filter(at >= begins, at < begins + pl.duration(weeks=1), pl.col(PLACE) < events - start)
            if piece.height:
                pieces.append(_round(piece.drop(PLACE), number))
        if pieces:
            yield pl.concat(pieces).sort("at", "practitioner", maintain_order=True)
