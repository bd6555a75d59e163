"""Events in memory: dicts, DataFrames and Arrow tables, told by what they can do, with plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

_PLAIN = frozenset({str, int, float, bool, type(None), Decimal})


def records_of(given: Any) -> Iterable[Any] | None:
    """The records of a single dict, a Polars or pandas frame, or an Arrow table; None for anything else."""
    if isinstance(given, Mapping):
        return [given]
    if hasattr(given, "collect") and hasattr(given, "collect_schema"):  # a Polars LazyFrame
        given = given.collect()
    if hasattr(given, "iter_rows") and hasattr(given, "to_dicts"):  # Polars
        return _rows(given.iter_rows(named=True))
    if hasattr(given, "to_pylist") and hasattr(given, "column_names"):  # Arrow
        return _rows(given.to_pylist())
    if hasattr(given, "to_dict") and hasattr(given, "itertuples"):  # pandas, where NaN means absent
        return _rows(given.to_dict("records"), nan_is_absent=True)
    return None


def plain_record(record: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A record with the values that JSON has: instants as text, NumPy scalars as numbers."""
    if _PLAIN.issuperset(map(type, record.values())):
        return record
    return {key: _plain(value) for key, value in record.items()}


def _rows(rows: Iterable[Mapping[Any, Any]], nan_is_absent: bool = False) -> Iterator[Mapping[Any, Any]]:
    for row in rows:
        if nan_is_absent:
            yield {key: value for key, value in row.items() if not _is_nan(value)}
        else:
            yield row


def _is_nan(value: Any) -> bool:
    """NaN, NaT and NA do not equal themselves."""
    if isinstance(value, (str, list, tuple, dict)) or value is None:
        return False
    try:
        return not bool(value == value)
    except (TypeError, ValueError):  # NA has no truth value; an array has many
        return not hasattr(value, "tolist")


def _plain(value: Any) -> Any:
    if type(value) in _PLAIN or isinstance(value, (str, dict)):
        return value
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):  # NumPy scalars and arrays
        return _plain_once(value.tolist())
    return value


def _plain_once(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (datetime, date, time)) else value
