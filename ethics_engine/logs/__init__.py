"""Logs: parsed strictly, typed by the vocabulary, every line accounted for."""

from ethics_engine.logs.reader import Log, read_log
from ethics_engine.logs.rejects import RejectedLine, write_rejects
from ethics_engine.logs.sources import parquet_files, text_files
from ethics_engine.logs.units import UNIT_LIMIT

__all__ = ["UNIT_LIMIT", "Log", "RejectedLine", "parquet_files", "read_log", "text_files", "write_rejects"]
