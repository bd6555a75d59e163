"""Audits: logs of many practitioners, read column by column and judged part by part.

parquet  where the rows of each practitioner stand, and how a log is cut into parts
interrupts  Ctrl-C while processes are started
scratch  parts on disk, which no crash leaves behind for good
typed    raw columns as typed ones, where they are clean beyond doubt
part     one part, read and judged, with the account of its lines
audit    all the parts, on all cores, as one report
"""

from ethics_engine.audits.audit import audit
from ethics_engine.audits.parquet import names

__all__ = ["audit", "names"]
