"""The files of a log, as Spark is to read them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ethics_engine.errors import ConfigError, EventError, shown
from ethics_engine.logs import parquet_files
from ethics_engine.spark.complaints import complaints

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_GLOB = re.compile(r"([\\{}\[\]*?])")  # what Spark reads as a pattern in the name of a file


def files_of(logs: Sequence[str]) -> list[str] | None:
    """The Parquet files that some paths, folders and globs mean, in the order of the log.

    Addresses (`s3a://…`, `hdfs://…`) are left to Spark, folders with all that is in them; then there are no names, as
    Spark alone knows them.

    Raises:
        EventError: a file is not there, or not Parquet.
        ConfigError: a file has a name that Spark passes over, or is named twice.
    """
    addresses = [log for log in logs if "://" in log]
    if addresses:
        if len(addresses) < len(logs):
            raise ConfigError("spark: give addresses (such as s3a://…) alone, or files of this machine alone")
        return None
    files = parquet_files(list(logs))
    if files is None:
        raise EventError("the Spark evaluator reads Parquet alone; take --engine bulk for other logs")
    seen: set[str] = set()
    for name in files:
        if os.path.basename(name).startswith(("_", ".")):
            raise ConfigError(f"spark: Spark passes over files whose names begin with _ or ., as {shown(name)} does")
        if os.path.abspath(name) in seen:
            raise ConfigError(f"spark: {shown(name)} is named twice")
        seen.add(os.path.abspath(name))
    return files


def parquet(session: Any, logs: Sequence[str]) -> tuple[DataFrame, list[str] | None]:
    """The files of a log as a frame, all their columns together, and their names as `files_of` gives them."""
    reader = session.read.option("mergeSchema", "true").option("recursiveFileLookup", "true")
    files = files_of(logs)
    if files is None:
        return reader.parquet(*logs), None
    return reader.parquet(*["file://" + _GLOB.sub(r"\\\1", os.path.abspath(name)) for name in files]), files


def names(session: Any, logs: Sequence[str], column: str) -> set[str]:
    """Every practitioner or client (`column`) that some files name."""
    from pyspark.sql import functions as F

    with complaints():
        frame = parquet(session, logs)[0]
        if column not in frame.columns:
            return set()
        found = frame.select(F.col(column).cast("string")).distinct().collect()
    return {row[0] for row in found if row[0] is not None}
