"""Audits: logs of many practitioners, read column by column and judged part by part.

parquet  where the rows of each practitioner stand, and how a log is cut into parts
interrupts  Ctrl-C while processes are started
scratch  parts on disk, which no crash leaves behind for good
typed    raw columns as typed ones, where they are clean beyond doubt
lines    lines of NDJSON as raw columns
text     logs of NDJSON, cut into parts
part     one part, read and judged, with the account of its lines
workers  the processes of an audit
audit    all the parts, on all cores, as one report
"""

from ethics_engine.audits.audit import audit, audit_text
from ethics_engine.audits.parquet import names
from ethics_engine.audits.text import names_in_text

__all__ = ["audit", "audit_text", "names", "names_in_text"]
