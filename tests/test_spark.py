"""The Spark evaluator says to the byte what the bulk evaluator says of the same Parquet log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spark_practices import both, session
from strategies import Situation, situations
from test_audits import with_faults, write, year

from ethics_engine import ConfigError, EventError, load_rules
from ethics_engine.engines.spark import check
from ethics_engine.spark.worker import parts

pytest.importorskip("pyspark", reason="the Spark evaluator needs PySpark: pip install 'ethics-engine[spark]'")
pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    with session("local[2]") as made:
        yield made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spark")


@pytest.fixture(scope="module")
def practices() -> list[dict[str, Any]]:
    """Three years of three practitioners, in order of time."""
    records = [
        record | {"practitioner": f"p{n}"}
        for n in range(3)
        for record in year("sound-year.ndjson" if n % 2 else "drifting-year.ndjson")
    ]
    return sorted(records, key=lambda record: record["at"])


@settings(max_examples=15, deadline=None)
@given(situation=situations(), data=st.data())
def test_spark_says_what_the_bulk_evaluator_says(
    situation: Situation, data: st.DataObject, folder: Path, spark: Any
) -> None:
    log = with_faults(situation, data)
    if not any(record.get("practitioner") for record in log):
        return
    path = write(folder / "drawn.parquet", log)
    part = data.draw(st.sampled_from([1, 10, 1000]))
    spread, bulk = both(spark, [path], situation.load(folder / "rules"), as_of=situation.as_of, part=part)
    assert bulk == spread


def test_practitioners_whose_years_lie_across_files_are_judged_whole(
    practices: list[dict[str, Any]], tmp_path: Path, spark: Any
) -> None:
    third = len(practices) // 3
    paths = [
        write(tmp_path / f"{name}.parquet", practices[start : start + third + 3])  # some stand in two files
        for name, start in (("b", 0), ("a [1]", third), ("c", 2 * third))
    ]
    spread, bulk = both(spark, paths, load_rules(timezone="Europe/Berlin"), part=2000)
    assert bulk == spread
    assert json.loads(bulk)["log"]["duplicate"] == 6


def test_the_latest_instant_is_that_of_an_accepted_event(
    practices: list[dict[str, Any]], tmp_path: Path, spark: Any
) -> None:
    practices = [dict(record) for record in practices]
    practices[1000] |= {"at": "2031-01-01T00:00:00Z", "type": "no.such"}
    practices[1001] |= {"practitioner": None}
    spread, bulk = both(spark, [write(tmp_path / "log.parquet", practices)], load_rules(), part=2000)
    assert bulk == spread
    assert json.loads(bulk)["log"]["rejected"] == 2
    assert json.loads(bulk)["log"]["as_of"] < "2030"


def test_instants_that_are_texts_are_read_as_elsewhere(
    practices: list[dict[str, Any]], tmp_path: Path, spark: Any
) -> None:
    columns = {name: [record.get(name) for record in practices] for name in ("id", "at", "type", "practitioner")}
    pl.DataFrame(columns).write_parquet(tmp_path / "log.parquet")
    spread, bulk = both(spark, [tmp_path / "log.parquet"], load_rules())
    assert bulk == spread


def test_a_practitioner_with_a_hundred_times_the_events_is_judged_whole(tmp_path: Path, spark: Any) -> None:
    whole = year("sound-year.ndjson")
    few = [record | {"practitioner": f"q{n}"} for n in range(60) for record in whole[: len(whole) // 100]]
    path = write(tmp_path / "log.parquet", sorted([*whole, *few], key=lambda record: record["at"]))
    pl.read_parquet(path).write_parquet(path)
    spread, bulk = both(spark, [path], load_rules(), part=400)
    assert bulk == spread


def test_a_frame_whose_rows_have_no_place_is_refused(spark: Any) -> None:
    frame = spark.createDataFrame([("e1", "p1")], "id string, practitioner string")
    with pytest.raises(EventError, match=r"have no file and line; give one as spark\.read\.parquet makes it"):
        check(frame, load_rules())


def test_what_spark_cannot_read_is_one_line(tmp_path: Path, spark: Any) -> None:
    (tmp_path / "log.parquet").write_bytes(b"no Parquet at all")
    with pytest.raises(ConfigError) as told:
        check(spark.read.schema("id string, practitioner string").parquet(str(tmp_path / "log.parquet")), load_rules())
    assert str(told.value).startswith("spark: a file cannot be read; it may be damaged, or no Parquet file (it said: ")
    assert len(str(told.value).splitlines()) == 1


@given(
    keys=st.lists(st.integers(-3, 3), max_size=40).map(sorted),
    batch=st.integers(1, 9),
    size=st.integers(1, 12),
)
def test_parts_hold_each_key_whole_and_close_at_the_first_chance(keys: list[int], batch: int, size: int) -> None:
    frame = pl.DataFrame({"#key": keys, "row": list(range(len(keys)))}, schema={"#key": pl.Int64, "row": pl.Int64})
    found = list(parts((frame[start : start + batch] for start in range(0, len(keys), batch)), size))
    assert keys == [key for part in found for key in part.get_column("#key")]
    for part, after in pairwise(found):
        assert part.item(-1, "#key") != after.item(0, "#key")
        assert part.height >= size
