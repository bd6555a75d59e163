"""The bulk evaluator: Polars sifts columns, and what may come to something is judged as the live evaluator does.

spoken   the types and attributes that the rules of a plan ask for
columns  typed events as one frame a type, and the part of a log that they make
derived  the derived attributes of a part, column by column
tests    a condition as two Polars expressions: it holds, it may hold
questions  is there an answer, how many are there, what do the terms in force say
references  what the pairs of an expectation compare a trigger with
pairs    whether trigger and reference surely agree
windows  how much there is in the time before a row
periods  the calendar periods that hold too little
sieve    for each rule the triggers that may come to something: never fewer than do
rows     rows by key and by stretch, and what a source asks of them
ledgers  one practitioner's columns, answering as a ledger does and making events only where they are asked for
runs     a state's openings that follow each other before any has lapsed, as one
judges   who judges a practitioner's keys: the forms' own judges, over such ledgers
evaluator  the rules of a plan over a part
"""

from ethics_engine.engines.bulk.evaluator import BulkEvaluator

__all__ = ["BulkEvaluator"]
