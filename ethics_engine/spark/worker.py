"""What an executor runs: the rows of some practitioners as Arrow batches come in, what they came to goes out.

This module is imported before Polars is, so that a worker can first be told how many threads it may use.
"""

from __future__ import annotations

import os
import pickle
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ethics_engine.plan import Plan
from ethics_engine.spark.complaints import REFUSED
from ethics_engine.spark.places import KEY
from ethics_engine.version import __version__

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

    from ethics_engine.audits.part import Judged

SCHEMA = "judged binary"
"""Of what comes out: a line for each part, what it came to as `packed`."""
_FAST = 1  # level of compression: findings shrink to about a tenth at any


@dataclass(frozen=True, slots=True)
class Task:
    """What is the same for all parts of an audit.

    `files` are the names of the log's files, `rules` the ids of all rules, `as_of` is microseconds since the epoch,
    `size` the rows from which on a part is full.
    """

    plan: Plan
    files: tuple[str, ...]
    rules: frozenset[str]
    as_of: int
    size: int
    version: str = __version__


def judging(task: Task) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What Spark is to run on each partition."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for judged in judge(task, batches):
            yield pa.RecordBatch.from_arrays([pa.array([packed(judged)], pa.binary())], ["judged"])

    return run


def judge(task: Task, batches: Iterator[pa.RecordBatch]) -> Iterator[Judged]:
    """Judge the practitioners of a partition, some together.

    Raises:
        RuntimeError: this executor has another version of the package than the driver.
    """
    if task.version != __version__:
        raise RuntimeError(
            f"{REFUSED}an executor has version {__version__} of ethics-engine, the driver {task.version}"
        )
    os.environ.setdefault("POLARS_MAX_THREADS", "1")  # Spark runs as many tasks as there are cores
    from ethics_engine.audits.part import judge_part
    from ethics_engine.engines.bulk import BulkEvaluator

    engine = BulkEvaluator(task.plan)
    for raw in parts((_frame(batch) for batch in batches), task.size):
        yield judge_part([raw.drop(KEY)], task.files, engine, task.rules, task.as_of)


def _frame(batch: pa.RecordBatch) -> pl.DataFrame:
    """A batch in Polars, instants in UTC as a file has them."""
    import polars as pl

    frame = pl.DataFrame(pl.from_arrow(batch))
    instants = [
        name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
    ]
    return frame.with_columns(pl.col(instants).dt.convert_time_zone("UTC")) if instants else frame


def parts(frames: Iterable[pl.DataFrame], size: int) -> Iterator[pl.DataFrame]:
    """Frames in the order of their keys as parts of `size` rows or some more, each key whole in one of them.

    Memory holds one part, or the largest key.
    """
    import polars as pl

    held: list[pl.DataFrame] = []
    rows = 0
    for frame in frames:
        if rows >= size:
            end = int(frame.get_column(KEY).search_sorted(held[-1].item(-1, KEY), side="right"))
            if end < frame.height:
                yield pl.concat([*held, frame[:end]], rechunk=True)
                held, rows, frame = [], 0, frame[end:]
        if frame.height:
            held.append(frame)
            rows += frame.height
    if held:
        yield pl.concat(held, rechunk=True)


def packed(judged: Judged) -> bytes:
    """What a part came to, as bytes."""
    return zlib.compress(pickle.dumps(judged, pickle.HIGHEST_PROTOCOL), _FAST)


def unpacked(data: bytes) -> Judged:
    """What `packed` made bytes of."""
    judged: Judged = pickle.loads(zlib.decompress(data))
    return judged
