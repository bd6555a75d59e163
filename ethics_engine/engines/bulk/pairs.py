"""The pairs of an expectation as expressions: whether trigger and reference surely agree.

The frame has the trigger's attributes, those of its reference as `their NAME`, and `#found`: whether there is one.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from ethics_engine.conditions import NEVER_UNKNOWN
from ethics_engine.plan import Pair
from ethics_engine.scalars import DAY

_MARGIN = 1e-9  # relative; far above the error of a product of 64-bit floats, far below anything that is written


def column(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A column, null where the frame has none of that name."""
    return pl.col(name) if name in frame.columns else pl.lit(None)


def agrees(pair: Pair, frame: pl.DataFrame, currency: str | None) -> pl.Expr | None:
    """Whether a pair surely agrees, or surely says nothing; None where columns cannot tell."""
    their = f"their {pair.reference}"
    if pair.kind in ("list", "tags", "text") or isinstance(pair.default, tuple):
        return None
    mine, theirs = column(frame, pair.attribute), column(frame, their)
    if pair.operator == "in":
        if frame.schema.get(their) != pl.List(pl.String) or frame.schema.get(pair.attribute) != pl.String:
            return None
        holds = theirs.list.contains(mine)
    else:
        if pair.default is not None:
            theirs = theirs.fill_null(pair.default)
        holds = _compared(pair, mine, theirs)
    sure = mine.is_not_null() & theirs.is_not_null() & holds
    if pair.money:
        own = column(frame, "currency").cast(pl.String).fill_null(pl.lit(currency, pl.String))
        recorded = pl.col("#found") & column(frame, their).is_not_null()
        other = pl.when(recorded).then(column(frame, "their currency").cast(pl.String)).otherwise(None)
        sure = sure & own.eq_missing(other.fill_null(pl.lit(currency, pl.String)))
    return (sure | _silent(pair, mine, theirs)).fill_null(False)


def _silent(pair: Pair, mine: pl.Expr, theirs: pl.Expr) -> pl.Expr:
    """Whether a side is missing and neither side was left unrecorded, so that the pair says nothing."""
    found = pl.col("#found")
    theirs_told = theirs.is_not_null() | ~found | pl.lit(pair.reference in NEVER_UNKNOWN)
    nothing_to_compare = ~found & theirs.is_null()
    mine_told = mine.is_not_null() | nothing_to_compare | pl.lit(pair.attribute in NEVER_UNKNOWN)
    return (mine.is_null() | theirs.is_null()) & theirs_told & mine_told


def _compared(pair: Pair, mine: pl.Expr, theirs: pl.Expr) -> pl.Expr:
    tolerance: Any = pair.tolerance
    margin: Any = 0
    if pair.kind in ("number", "money"):
        if pair.factor == 1:
            theirs = theirs + pair.offset
        else:
            mine = mine.cast(pl.Float64)
            theirs = theirs.cast(pl.Float64) * float(pair.factor) + float(pair.offset)
            margin = theirs.abs() * _MARGIN + mine.abs() * _MARGIN + 1
    if pair.operator == "eq" and pair.kind in ("number", "money", "clock", "timestamp"):
        apart = (mine - theirs).abs()
        if pair.kind == "clock":
            apart = pl.min_horizontal(apart, DAY - apart)
        return apart.le(tolerance - margin)
    match pair.operator:
        case "lt" | "le":
            bound = theirs - margin
            return mine.lt(bound) if pair.operator == "lt" else mine.le(bound)
        case "gt" | "ge":
            bound = theirs + margin
            return mine.gt(bound) if pair.operator == "gt" else mine.ge(bound)
        case "ne":
            return mine.ne(theirs) if isinstance(margin, int) else (mine - theirs).abs().gt(margin)
    return mine.eq(theirs) if isinstance(margin, int) else pl.lit(False)
