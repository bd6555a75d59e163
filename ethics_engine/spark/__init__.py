"""Audits on Spark: the bulk evaluator on every part of a log that one machine does not hold (extra `spark`).

Spark reads, shuffles by practitioner, schedules and tries again; nothing distributed is written here.

places   where each row stands: file, line, and the key by which parts are cut
worker   what an executor runs: some parts, judged
audit    a log as one report
complaints  what Spark complains of, as an error of ours
"""

from ethics_engine.spark.audit import check, check_files

__all__ = ["check", "check_files"]
