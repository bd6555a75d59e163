"""What Spark complains of, as an error of ours: one line that says what to look at, and no traceback."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from ethics_engine.errors import ConfigError

REFUSED = "ethics-engine refused: "
"""What a worker's own complaint begins with; it comes back inside a traceback of Spark's."""
_LONGEST = 300  # characters of a complaint that are kept
_REFUSED = re.compile(re.escape(REFUSED) + "([^\n]+)")
_CODED = re.compile(r"\[[A-Z][A-Z0-9_.]+\] [^\n]+")  # what Spark says, after Java's own lines
_HINTS = (
    ("JAVA_GATEWAY_EXITED", "Java did not start; Spark 4 needs Java 17 or later, by JAVA_HOME or on the path"),
    ("FAILED_READ_FILE", "a file cannot be read; it may be damaged, or no Parquet file"),
    ("No module named 'ethics_engine'", "the executors' Python lacks this package: pip install 'ethics-engine[spark]'"),
    ("No module named", "the executors' Python lacks a module: pip install 'ethics-engine[spark]' there"),
    ("maxResultSize", "the findings are too many for the driver: give it more with spark.driver.maxResultSize"),
    ("CANNOT_MERGE", "a column has different types in different files; Spark reads it where all agree"),
    ("PARQUET_TYPE_ILLEGAL", "Spark cannot read a type of this file; instants are whole microseconds, in UTC"),
    ("Illegal Parquet type", "Spark cannot read a type of this file; instants are whole microseconds, in UTC"),
)


@contextmanager
def complaints() -> Iterator[None]:
    """Tell what Spark raises meanwhile as a ConfigError."""
    from pyspark.errors import PySparkException

    raised: list[Any] = [PySparkException]
    if find_spec("py4j"):  # a client of Connect does without
        from py4j.protocol import Py4JError

        raised.append(Py4JError)
    try:
        yield
    except tuple(raised) as error:
        raise ConfigError(_told(str(error))) from None


def _told(text: str) -> str:
    refused = _REFUSED.search(text)
    if refused is not None:
        return refused[1]
    coded = _CODED.search(text)
    first = coded[0].strip() if coded else next(filter(None, map(str.strip, text.splitlines())), "nothing was said")
    for mark, hint in _HINTS:
        if mark in text:
            return f"spark: {hint} (it said: {first[:_LONGEST]})"
    return f"spark: {first[:_LONGEST]}"
