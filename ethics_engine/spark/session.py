"""A Spark session of one's own, as the command line needs one; a program gives the one that it has."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ethics_engine.errors import ConfigError
from ethics_engine.spark.complaints import complaints

WIDE = 1_000
"""Columns up to which Spark compiles code (`spark.sql.codegen.maxFields`): a log has some more than its usual 100."""
_LOOPBACK = "127.0.0.1"


@contextmanager
def session(master: str) -> Iterator[Any]:
    """A session on a master (`local[*]`, `spark://host:7077`, `yarn`, …) or a Connect server (`sc://host:15002`).

    Stopped at the end. What else Spark is to know stands in its own `spark-defaults.conf` (`SPARK_CONF_DIR`).

    Raises:
        ConfigError: PySpark or Java is not there, or there is no such master.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise ConfigError("the Spark evaluator needs PySpark: pip install 'ethics-engine[spark]'") from None
    builder = SparkSession.builder.appName("ethics-engine").config("spark.sql.codegen.maxFields", str(WIDE))
    with complaints():
        if master.startswith("sc://"):
            made = builder.remote(master).getOrCreate()
        else:
            shown = sys.stderr is not None and sys.stderr.isatty()
            builder = builder.config("spark.log.level", "ERROR")
            builder = builder.config("spark.ui.showConsoleProgress", str(shown).lower())
            if master.startswith("local"):
                os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
                os.environ.setdefault("SPARK_LOCAL_IP", _LOOPBACK)
                builder = builder.config("spark.driver.host", _LOOPBACK).config("spark.ui.enabled", "false")
            made = builder.master(master).getOrCreate()
    try:
        yield made
    finally:
        made.stop()
