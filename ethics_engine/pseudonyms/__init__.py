"""Pseudonyms: a log, or a report, without names, identifiers and free text, on which rules find the same."""

from ethics_engine.pseudonyms.comparing import Difference, differences
from ethics_engine.pseudonyms.logs import redacted
from ethics_engine.pseudonyms.names import LEAST_KEY, Keyed, Names, Numbered
from ethics_engine.pseudonyms.replacing import REMOVED, Pseudonymiser
from ethics_engine.pseudonyms.shifting import MOST_WEEKS, Shift, weeks_of
from ethics_engine.pseudonyms.words import Reading, reading_of
from ethics_engine.pseudonyms.writing import ENDINGS, gzipped, ndjson

__all__ = [
    "ENDINGS",
    "LEAST_KEY",
    "MOST_WEEKS",
    "REMOVED",
    "Difference",
    "Keyed",
    "Names",
    "Numbered",
    "Pseudonymiser",
    "Reading",
    "Shift",
    "differences",
    "gzipped",
    "ndjson",
    "reading_of",
    "redacted",
    "weeks_of",
]
