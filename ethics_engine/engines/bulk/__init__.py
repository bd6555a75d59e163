"""The bulk evaluator: Polars sifts columns, and what may come to something is judged as the live evaluator does.

spoken   the types and attributes that the rules of a plan ask for
columns  typed events as one frame a type, and the part of a log that they make
derived  the derived attributes of a part, column by column
tests    a condition as two Polars expressions: it holds, it may hold
questions  is there an answer, how many are there, what do the terms in force say
pairs    whether trigger and reference surely agree
sieve    for each rule the triggers that may come to something: never fewer than do
ledgers  one practitioner's columns, answering as a ledger does and making events only where they are asked for
evaluator  the rules of a plan over a part
"""

from ethics_engine.engines.bulk.evaluator import BulkEvaluator

__all__ = ["BulkEvaluator"]
