"""What the tests of the Spark evaluator share: sessions, and what Spark and the bulk evaluator say of one log."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ethics_engine import RuleSet, check
from ethics_engine.engines import spark as evaluator

ROOT = Path(__file__).parent.parent
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.log.level": "ERROR",
    "spark.sql.shuffle.partitions": "2",
}
ENVIRONMENT = {
    "SPARK_LOCAL_IP": "127.0.0.1",
    "PYSPARK_PYTHON": sys.executable,
    "PYSPARK_DRIVER_PYTHON": sys.executable,
    "PYTHONPATH": str(ROOT),
}


@contextmanager
def session(master: str, **more: str) -> Iterator[Any]:
    """A classic session, stopped at the end."""
    from pyspark.sql import SparkSession

    os.environ.update(ENVIRONMENT)
    builder = SparkSession.builder.master(master)
    for name, value in (SETTINGS | more).items():
        builder = builder.config(name, value)
    made = builder.getOrCreate()
    try:
        yield made
    finally:
        made.stop()


def both(spark: Any, paths: list[Path], rules: RuleSet, **settings: Any) -> tuple[str, str]:
    """What Spark and the bulk evaluator say of some Parquet files, the evaluator's own name aside."""
    names = [str(path) for path in paths]
    part = settings.pop("part", 1000)
    spread = evaluator.check_files(spark, names, rules, part=part, **settings)
    bulk = check(names, rules, engine="bulk", **settings)
    assert [line.render() for line in bulk.rejected] == [line.render() for line in spread.rejected]
    assert (bulk.ineffective, bulk.corrections, bulk.log) == (spread.ineffective, spread.corrections, spread.log)
    return spread.to_json().replace('"evaluator": "spark"', '"evaluator": "bulk"'), bulk.to_json()
