"""Rows of CSV as raw columns, where they are clean beyond doubt; every other one is left to the reader of record.

A row without a quote is its text cut at the commas. Its cells are read as `logs.table` reads them, by the kinds of the
attributes of that name; one that may be written otherwise than usual is left with its row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from ethics_engine.audits.kinds import LIST, TEXT, Columns, kinds
from ethics_engine.audits.typed import IDENTITY, PLACES
from ethics_engine.events import AMENDED
from ethics_engine.logs.table import TRUTH
from ethics_engine.plan import FINDING
from ethics_engine.vocabulary import Vocabulary

_NUMBER = r"^[+-]?[0-9]{1,9}(\.[0-9]{1,6})?$"  # fifteen digits, which a float keeps apart
_MEMBERS = r"^[a-z0-9_.-]+(;[a-z0-9_.-]+)*$"
_WIDEST = 500  # columns of a table that is read so


def table_columns(rows: Sequence[str], lines: Sequence[int], names: Sequence[str], vocabulary: Vocabulary) -> Columns:
    """Read rows that begin at some lines, by the names of the header; its last columns may have none."""
    texts = pl.DataFrame({PLACES[1]: pl.Series(lines, dtype=pl.UInt32), TEXT: pl.Series(rows, dtype=pl.String)})
    nameless = sum(not name for name in names)
    ours = any(name.startswith("#") for name in names)  # like a column of ours
    if ours or not {*IDENTITY, "type"} <= set(names) or len(names) > _WIDEST:
        return Columns(texts.clear(), texts.rows())
    text = pl.col(TEXT)
    plain = ~text.str.contains('"', literal=True) & (text.str.count_matches(",", literal=True) == len(names) - 1)
    names = [name for name in names if name]
    if nameless:
        plain &= text.str.ends_with("," * nameless)
    cells = text.str.split_exact(",", len(names) - 1).struct.rename_fields(list(names)).struct.unnest()
    read = texts.select(cells).with_columns(pl.when(pl.all() != "").then(pl.all()))
    kind_of = kinds(vocabulary)
    made = read.select(_cell(name, kind_of.get(name, pl.String)) for name in names)
    unread = [pl.col(name).is_null() & pl.lit(read.get_column(name)).is_not_null() for name in names]
    known = [name for name in vocabulary.types if name not in (FINDING, AMENDED)]
    clean = (
        made.select(
            ~pl.any_horizontal(unread) & pl.col("type").is_in(known) & pl.col(IDENTITY[0]).is_not_null()
        ).to_series()
        & texts.select(plain).to_series()
    )
    clean = clean.fill_null(False)
    frame = pl.concat([texts, made], how="horizontal").filter(clean)
    empty = [name for name in names if frame.get_column(name).null_count() == frame.height and name not in IDENTITY]
    return Columns(frame.drop(empty), texts.filter(~clean).rows())


def _cell(name: str, kind: Any) -> pl.Expr:
    """The cells of a column as values of its kind; null where they are read one by one."""
    cell = pl.col(name)
    if kind is None:
        return pl.lit(None, pl.String).alias(name)
    if kind == pl.Float64:
        return pl.when(cell.str.contains(_NUMBER)).then(cell.str.strip_prefix("+").cast(pl.Float64, strict=False))
    if kind == pl.Boolean:
        return cell.replace_strict(TRUTH, default=None, return_dtype=pl.Boolean)
    if kind == LIST:
        return pl.when(cell.str.contains(_MEMBERS)).then(cell.str.split(";")).alias(name)
    return cell
