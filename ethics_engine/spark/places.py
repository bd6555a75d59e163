"""Where each row of a Spark data frame stands: its file and line, and the key by which parts are cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ethics_engine.errors import ConfigError, EventError, shown

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

FILE, LINE, KEY = "#file", "#line", "#key"
_PATH, _ROWS, _LATEST = "#path", "#rows", "#latest"


@dataclass(frozen=True, slots=True)
class Overview:
    """What a first look shows: rows, the latest instant where `at` is one, and the files in the order of the log.

    `numbers` is the number of each file by the address that Spark gives it, `files` their names.
    """

    rows: int
    latest: int | None
    files: tuple[str, ...]
    numbers: Mapping[str, int]


def with_paths(frame: DataFrame) -> DataFrame:
    """A frame of Parquet files with the address of each row's file and its line there, from 1.

    Raises:
        EventError: its rows do not come from Parquet files as they stand, or a column has a name of ours.
    """
    from pyspark.errors import AnalysisException

    taken = [name for name in frame.columns if name.startswith("#")]
    if taken:
        raise EventError(f"the column {shown(taken[0])} has a name that the evaluator uses; give it another one")
    try:
        metadata = frame.metadataColumn("_metadata")
        found = frame.select("*", metadata.file_path.alias(_PATH), (metadata.row_index + 1).alias(LINE))
        found.schema  # noqa: B018 - Spark Connect looks up columns here
    except AnalysisException:
        raise EventError(
            "the rows of this data frame have no file and line; give one as spark.read.parquet makes it, "
            "filtered at most"
        ) from None
    return found


def overview(placed: DataFrame, names: Sequence[str] | None = None) -> Overview:
    """Look at the files and instants of a placed frame; `names` are its files in the order of the log.

    Without names the files have those that they have for Spark, in their order.
    """
    from pyspark.sql import functions as F
    from pyspark.sql.types import TimestampType

    at = next((each for each in placed.schema.fields if each.name == "at"), None)
    dated = at is not None and isinstance(at.dataType, TimestampType)
    latest = F.max(F.unix_micros("at")) if dated else F.lit(None).cast("long")
    found = placed.groupBy(_PATH).agg(F.count(F.lit(1)).alias(_ROWS), latest.alias(_LATEST)).collect()
    addresses = {row[_PATH]: name_of(row[_PATH]) for row in found}
    files = tuple(names) if names is not None else tuple(sorted(set(addresses.values())))
    order = {absolute(name): number for number, name in enumerate(files)}
    strangers = [name for name in addresses.values() if absolute(name) not in order]
    if strangers:
        raise ConfigError(f"spark: {shown(strangers[0])} was read, but is not one of the files of this log")
    return Overview(
        rows=sum(row[_ROWS] for row in found),
        latest=max((row[_LATEST] for row in found if row[_LATEST] is not None), default=None),
        files=files,
        numbers={address: order[absolute(name)] for address, name in addresses.items()},
    )


def with_keys(placed: DataFrame, found: Overview, parts: int) -> DataFrame:
    """A placed frame cut by practitioner into so many partitions, the rows of a practitioner one after another.

    Rows without a practitioner belong to nobody, and are spread.
    """
    import pyarrow as pa
    from pyspark.sql import functions as F

    table = pa.table({_PATH: list(found.numbers), FILE: pa.array(found.numbers.values(), pa.int32())})
    numbers = placed.sparkSession.createDataFrame(table)  # of a list, Spark would start Python processes for it
    named = placed.join(F.broadcast(numbers), on=_PATH, how="left").drop(_PATH)
    who = F.col("practitioner").cast("string") if "practitioner" in placed.columns else F.lit(None).cast("string")
    key = F.when(who.isNull(), F.col(LINE).cast("long")).otherwise(F.xxhash64(who))
    return named.withColumn(KEY, key).repartition(parts, KEY).sortWithinPartitions(KEY)


def name_of(address: str) -> str:
    """The name of a file by Spark's address: its path where it is on a file system of this machine."""
    parts = urlsplit(address)
    return unquote(parts.path) if parts.scheme in ("", "file") else unquote(address)


def absolute(name: str) -> str:
    """A name that is the same however a file was named."""
    import os

    return name if "://" in name else os.path.abspath(name)
