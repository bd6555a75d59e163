"""Where the rows of each practitioner stand in Parquet files, and how they are cut into parts.

No rule crosses practitioners, so each part holds all the rows of some of them. Where the rows of a practitioner stand
together, as a register exports them, a part is a few stretches of the files; otherwise the log is first cut by a hash
of the practitioner into parts on disk.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import polars as pl

from ethics_engine.audits.kinds import TEXT
from ethics_engine.audits.typed import PLACES
from ethics_engine.errors import ConfigError, EventError
from ethics_engine.interrupts import interrupts_held

_SPREAD = 1.5  # rows to be read for each row that is wanted; beyond it the log is cut on disk first
_BATCH = 500_000  # rows that are cut at once


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows `[start, end)` of a file, counted from 0."""

    file: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PartOfLog:
    """The rows of some practitioners: stretches of the log's files, or files on disk that hold nothing else.

    `practitioners` are those to keep of the stretches, None where there are no others in them.
    """

    rows: int
    stretches: tuple[Stretch, ...] = ()
    practitioners: tuple[str, ...] | None = None
    cut: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """What a first look at two columns shows: rows, the latest instant, where each practitioner's rows stand."""

    rows: int
    latest: int | None
    places: pl.DataFrame  # practitioner, file, first, last, rows; ascending by file and first
    unplaced: int


@contextmanager
def _reading(file: str) -> Iterator[None]:
    """What goes wrong while a file is read, as an EventError that names it; Polars panics over some damage."""
    try:
        with interrupts_held():
            yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        what = (str(error) or type(error).__name__).splitlines()[0]
        raise EventError(f"this is not a Parquet file that can be read: {what}", file=file) from None


def scan(file: str) -> pl.LazyFrame:
    """A Parquet file as a lazy frame with the number of each row, from 1."""
    return pl.scan_parquet(file, row_index_name=PLACES[1], row_index_offset=1, glob=False)


def height(files: Sequence[str]) -> int:
    """How many rows some files have, as they say themselves."""
    rows = 0
    for file in files:
        with _reading(file):
            rows += int(pl.scan_parquet(file, glob=False).select(pl.len()).collect().item())
    return rows


def overview(files: Sequence[str]) -> Overview | None:
    """Look at the practitioners and instants of some files; None where columns do not say them."""
    found = []
    rows, unplaced, latest = 0, 0, None
    for number, file in enumerate(files):
        with _reading(file):
            schema = pl.scan_parquet(file, glob=False).collect_schema()
            if any(name.startswith("#") for name in schema):  # a column of ours
                return None
            practitioner, at = schema.get("practitioner"), schema.get("at")
            if practitioner != pl.String and practitioner != pl.Categorical:
                return None
            if not isinstance(at, pl.Datetime) or at.time_zone is None:
                return None
            looked = scan(file).select(
                pl.col("practitioner").cast(pl.String), pl.col("at").dt.timestamp("us"), PLACES[1]
            )
            grouped = looked.group_by("practitioner").agg(
                pl.col(PLACES[1]).min().alias("first"),
                pl.col(PLACES[1]).max().alias("last"),
                pl.len().alias("rows"),
                pl.col("at").max().alias("latest"),
            )
            each = grouped.collect(engine="streaming")
            rows += int(each.get_column("rows").sum())
            highest = cast("int | None", each.get_column("latest").max())
            latest = max(filter(None, (latest, highest)), default=None)
            unplaced += int(each.filter(pl.col("practitioner").is_null()).get_column("rows").sum())
            found.append(each.drop("latest").with_columns(pl.lit(number).alias("file")))
    with interrupts_held():
        places = pl.concat(found).drop_nulls("practitioner").sort("file", "first")
    return Overview(rows, latest, places, unplaced)


def parts(overview: Overview, size: int) -> list[PartOfLog] | None:
    """Parts of about `size` rows, as stretches of the files; None where practitioners are spread over them."""
    totals = overview.places.group_by("practitioner", maintain_order=True).agg(pl.col("rows").sum())
    number = (pl.col("rows").cum_sum() - pl.col("rows")) // size
    totals = totals.with_columns(number.alias("part")).drop("rows")
    placed = overview.places.join(totals, on="practitioner", maintain_order="left")
    stretches = placed.group_by("part", "file", maintain_order=True).agg(
        pl.col("first").min(), pl.col("last").max(), pl.col("rows").sum()
    )
    spread = int((stretches.get_column("last") - stretches.get_column("first") + 1).sum())
    if spread > _SPREAD * max(overview.rows, 1):
        return None
    names = dict(totals.group_by("part", maintain_order=True).agg("practitioner").iter_rows())
    made: dict[int, list[tuple[int, int, int, int]]] = {}
    for part, file, first, last, rows in stretches.iter_rows():
        made.setdefault(part, []).append((file, first, last, rows))
    result = []
    for part, found in made.items():
        rows = sum(row[3] for row in found)
        alone = rows == sum(last - first + 1 for _, first, last, _ in found)
        result.append(
            PartOfLog(
                rows,
                tuple(Stretch(file, first - 1, last) for file, first, last, _ in found),
                None if alone else tuple(names[part]),
            )
        )
    return result


def cut(files: Sequence[str], overview: Overview, size: int, folder: Path) -> Iterator[int]:
    """Cut a log by a hash of the practitioner into files `PART-*.parquet`; yields the rows done so far."""
    parts = max(1, -(-overview.rows // size))
    done = 0
    number = (pl.col("practitioner").cast(pl.String).hash(3) % parts).alias("#part")
    for file_number, file in enumerate(files):
        lazy = scan(file).with_columns(pl.lit(file_number, pl.UInt32).alias(PLACES[0]))
        start = 0
        while True:
            with _reading(file):
                batch = lazy.slice(start, _BATCH).collect()
            if not batch.height:
                break
            start += batch.height
            done += batch.height
            with interrupts_held():
                kept = batch.drop_nulls("practitioner").with_columns(number)
                write_parts(kept, folder, f"{file_number}-{start}")
            yield done


def write_parts(rows: pl.DataFrame, folder: Path, name: str) -> None:
    """Write rows, each with the number of its part as `#part`, into a file `PART-NAME.parquet` for each part.

    Raises:
        ConfigError: nothing can be written there.
    """
    try:
        for (part,), frame in rows.partition_by("#part", as_dict=True, include_key=False).items():
            frame.write_parquet(folder / f"{part}-{name}.parquet", compression="lz4")
    except (OSError, pl.exceptions.ComputeError) as error:
        raise ConfigError(f"--scratch: cannot write to {str(folder.parent)!r}: {error}") from None


def on_disk(folder: Path) -> list[PartOfLog]:
    """The parts that a log was cut into."""
    found: dict[int, list[str]] = {}
    for path in sorted(folder.glob("*.parquet")):
        found.setdefault(int(path.name.partition("-")[0]), []).append(str(path))
    return [PartOfLog(0, cut=tuple(paths)) for _, paths in sorted(found.items())]


def raw(part: PartOfLog, files: Sequence[str]) -> list[pl.DataFrame]:
    """The rows of a part as they stand in the log, with their places: a frame for each schema that its files have."""
    if part.cut:
        return _by_schema([pl.read_parquet(path, glob=False) for path in part.cut])
    found = []
    for stretch in part.stretches:
        lazy = scan(files[stretch.file]).slice(stretch.start, stretch.end - stretch.start)
        if part.practitioners is not None:
            wanted = pl.lit(pl.Series(part.practitioners)).implode()
            lazy = lazy.filter(pl.col("practitioner").cast(pl.String).is_in(wanted))
        with _reading(files[stretch.file]):
            found.append(lazy.with_columns(pl.lit(stretch.file, pl.UInt32).alias(PLACES[0])).collect())
    return _by_schema(found)


def _by_schema(frames: Sequence[pl.DataFrame]) -> list[pl.DataFrame]:
    """Frames of one schema as one: a value of another type is another value, and stays as its file has it.

    The columns of a text log have one type each, whatever lines they come from.
    """
    if len(frames) > 1 and TEXT in frames[0].columns:
        return [pl.concat(frames, how="diagonal_relaxed")]
    alike: dict[Hashable, list[pl.DataFrame]] = {}
    for frame in frames:
        alike.setdefault(tuple(frame.schema.items()), []).append(frame)
    return [found[0] if len(found) == 1 else pl.concat(found) for found in alike.values()]


def unplaced(files: Sequence[str]) -> list[pl.DataFrame]:
    """The rows without a practitioner, a frame for each schema that the files have."""
    found = []
    for number, file in enumerate(files):
        rows = scan(file).filter(pl.col("practitioner").is_null())
        with _reading(file):
            found.append(rows.with_columns(pl.lit(number, pl.UInt32).alias(PLACES[0])).collect())
    return _by_schema([frame for frame in found if frame.height])


def names(files: Sequence[str], column: str) -> set[str]:
    """Every practitioner or client (`column`) that some files name."""
    found: set[str] = set()
    for file in files:
        lazy = pl.scan_parquet(file, glob=False)
        with _reading(file):
            if column in lazy.collect_schema():
                found.update(lazy.select(pl.col(column).cast(pl.String).unique().drop_nulls()).collect().to_series())
    return found
