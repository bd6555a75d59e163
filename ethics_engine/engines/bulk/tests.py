"""A condition as Polars expressions over the frame of a type: whether it holds, and whether it may hold."""

from __future__ import annotations

from functools import reduce
from typing import Any

import polars as pl

from ethics_engine.conditions import All, AnyOf, Condition, Not, Test

_TRUE, _FALSE = pl.lit(True), pl.lit(False)


def holds(condition: Condition, columns: frozenset[str]) -> pl.Expr:
    """The condition in two values: never null. `columns` are those of the frame; what has none is missing."""
    match condition:
        case Test():
            return _test(condition, columns)
        case All(items):
            return reduce(lambda one, other: one & other, (holds(item, columns) for item in items), _TRUE)
        case AnyOf(items):
            return reduce(lambda one, other: one | other, (holds(item, columns) for item in items), _FALSE)
        case Not(item):
            return ~holds(item, columns)


def may_hold(condition: Condition, columns: frozenset[str]) -> pl.Expr:
    """Whether the condition holds or is unknown in three values: never null."""
    match condition:
        case Test():
            return _may(condition, columns)
        case All(items):
            return reduce(lambda one, other: one & other, (may_hold(item, columns) for item in items), _TRUE)
        case AnyOf(items):
            return reduce(lambda one, other: one | other, (may_hold(item, columns) for item in items), _FALSE)
        case Not():
            return holds(condition, columns)


def _test(test: Test, columns: frozenset[str]) -> pl.Expr:
    name, constant = test.attribute, test.constant
    if name not in columns:
        return _TRUE if test.operator == "missing" and constant else _FALSE
    column = pl.col(name)
    if test.currency is not None:
        plain = _test(Test(name, test.operator, constant), columns)
        return plain & _currency(columns, test.currency)
    match test.operator:
        case "missing":
            return column.is_null() if constant else column.is_not_null()
        case "in":
            return column.is_in(list(constant)).fill_null(False)
        case "not_in":
            return (~column.is_in(list(constant))).fill_null(False)
        case "contains":
            parts = (column.list.contains(each) for each in constant)
            return reduce(lambda one, other: one | other, parts, _FALSE).fill_null(False)
        case "contains_all":
            parts = (column.list.contains(each) for each in constant)
            return (column.is_not_null() & reduce(lambda one, other: one & other, parts, _TRUE)).fill_null(False)
    return _compared(column, test.operator, constant).fill_null(False)


def _compared(column: pl.Expr, operator: str, constant: Any) -> pl.Expr:
    if isinstance(constant, tuple):
        constant = pl.lit(pl.Series([list(constant)], dtype=pl.List(pl.String)))
    compare = {"eq": "__eq__", "ne": "__ne__", "lt": "__lt__", "le": "__le__", "gt": "__gt__", "ge": "__ge__"}[operator]
    result: pl.Expr = getattr(column, compare)(constant)
    return result


def _currency(columns: frozenset[str], currency: str) -> pl.Expr:
    return pl.col("currency").fill_null(currency) == currency if "currency" in columns else _TRUE


def _may(test: Test, columns: frozenset[str]) -> pl.Expr:
    found = _test(test, columns)
    if test.operator == "missing":
        return found
    missing = pl.col(test.attribute).is_null() if test.attribute in columns else _TRUE
    if test.unknowable:
        found = found | missing
    if test.currency is not None:
        found = found | (~missing & ~_currency(columns, test.currency))
    return found
