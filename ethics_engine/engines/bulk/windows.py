"""How much there is in the time before a row: the rows that may have more than a limit allows."""

from __future__ import annotations

import polars as pl


def crowded(frame: pl.DataFrame, keys: list[str], allowed: int, within: int) -> pl.Series:
    """The rows that have more than so many of their key in the time before them, those of the same instant included."""
    if allowed == 0:
        return frame.get_column("#row")
    ordered = frame.sort(*keys, "#row")
    alike = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(allowed)) for name in keys)
    near = alike & (pl.col("at") - pl.col("at").shift(allowed) <= within)
    marked = ordered.with_columns(near.fill_null(False).alias("#near"))
    if not marked.get_column("#near").any():
        return frame.get_column("#row").clear()
    crowded = marked.filter("#near").select(*keys, "at").unique()
    return marked.join(crowded, on=[*keys, "at"], how="semi", nulls_equal=True).get_column("#row")


def summed(frame: pl.DataFrame, keys: list[str], attribute: str, within: int, to: int) -> pl.Series:
    """The rows whose stretch of time and the one before hold more than is allowed, counting nothing that takes away."""
    if attribute not in frame.columns:
        return frame.get_column("#row").clear()
    width = max(within, 1)
    stretch = (pl.col("at") // width).alias("#stretch")
    counted = frame.with_columns(stretch, pl.col(attribute).fill_null(0).clip(lower_bound=0).alias("#amount"))
    sums = counted.group_by(*keys, "#stretch").agg(pl.col("#amount").sum())
    before = sums.with_columns(pl.col("#stretch") + 1).rename({"#amount": "#earlier"})
    joined = counted.select("#row", *keys, "#stretch").join(sums, on=[*keys, "#stretch"], how="left", nulls_equal=True)
    joined = joined.join(before, on=[*keys, "#stretch"], how="left", nulls_equal=True)
    return joined.filter(pl.col("#amount") + pl.col("#earlier").fill_null(0) > to).get_column("#row")
