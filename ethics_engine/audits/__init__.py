"""Audits: logs of many practitioners, read column by column and judged part by part.

parquet  where the rows of each practitioner stand, and how a log is cut into parts
text     logs of NDJSON and CSV, cut into parts
lines, table  lines of NDJSON and rows of CSV as raw columns, where they are clean beyond doubt
kinds    what a raw column of a text log holds
units    the lines that were left, for the reader of record
readers  one raw column as a typed one, where it is clean beyond doubt
swift    a part that is clean as a whole: what rules ask for is typed, and everything else looked at
typed    any other part: its clean rows typed, and those that may not be clean left
scratch  parts on disk, which no crash leaves behind for good
part     one part, read and judged, with the account of its lines
workers  the processes of an audit
audit    all the parts, on all cores, as one report
"""

from ethics_engine.audits.audit import audit, audit_text
from ethics_engine.audits.parquet import names
from ethics_engine.audits.text import names_in_text

__all__ = ["audit", "audit_text", "names", "names_in_text"]
