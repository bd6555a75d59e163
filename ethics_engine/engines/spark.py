"""The Spark evaluator by its name: `from ethics_engine.engines.spark import check`.

It is the bulk evaluator, run on each part of a log by Spark, and lives in `ethics_engine.spark`, above the audits whose
parts it shares. This module alone looks up from this layer.
"""

from ethics_engine.spark import check, check_files

__all__ = ["check", "check_files"]
