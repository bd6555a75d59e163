"""Parquet as other programs write it: columns whose type differs from file to file, times that Python cannot hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from test_audits import both, judged

from ethics_engine import RuleSet, load_rules
from ethics_engine.means import Means

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
UTC_INSTANT = pl.Datetime("us", "UTC")
BERLIN = pl.Series("at", [AT], dtype=UTC_INSTANT).dt.convert_time_zone("Europe/Berlin")
ONE: dict[str, Any] = {
    "id": "e1",
    "at": pl.Series("at", [AT], dtype=UTC_INSTANT),
    "type": "session.held",
    "practitioner": "p1",
    "client": "c1",
    "minutes": 50,
}
TWO = {**ONE, "id": "e2"}


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules()


def written(path: Path, values: Mapping[str, Any]) -> Path:
    """A Parquet file of one row; a series says the type of its column."""
    columns = [
        value.alias(name) if isinstance(value, pl.Series) else pl.Series(name, [value])
        for name, value in values.items()
    ]
    pl.DataFrame(columns).write_parquet(path)
    return path


def null(dtype: Any) -> pl.Series:
    return pl.Series([None], dtype=dtype)


@pytest.mark.parametrize(
    ("one", "other", "rejected"),
    [
        pytest.param(ONE, {**TWO, "id": 7}, ["id"], id="a number as an id"),
        pytest.param(ONE, {**TWO, "client": 7}, ["client"], id="a number as a client"),
        pytest.param({**ONE, "minutes": True}, TWO, ["minutes"], id="truth as a number"),
        pytest.param({**ONE, "minutes": "50"}, TWO, ["minutes"], id="text as a number"),
        pytest.param({**ONE, "minutes": 50.5}, TWO, [], id="floats and integers"),
        pytest.param({**ONE, "recorded_at": AT}, {**TWO, "recorded_at": AT.date()}, ["recorded_at"], id="a date"),
        pytest.param(
            {**ONE, "recorded_at": AT}, {**TWO, "recorded_at": datetime(2026, 1, 5)}, ["recorded_at"], id="no zone"
        ),
        pytest.param(ONE, {**TWO, "at": BERLIN}, [], id="another time zone"),
        pytest.param({**ONE, "crisis": null(pl.Int32)}, {**TWO, "crisis": True}, [], id="an empty column of integers"),
        pytest.param(
            {**ONE, "starts_at": null(pl.Int32)},
            {**TWO, "starts_at": pl.Series([AT], dtype=UTC_INSTANT)},
            [],
            id="an empty column of integers, and instants",
        ),
        pytest.param({**ONE, "x_a": [["a"]]}, {**TWO, "x_a": "a"}, [], id="columns of one's own"),
        pytest.param(
            {**ONE, "mode": pl.Series(["phone"], dtype=pl.Categorical)},
            {**TWO, "mode": pl.Series(["phone"], dtype=pl.Enum(["phone", "online"]))},
            [],
            id="categories",
        ),
        pytest.param({**ONE, "mode": "moon"}, {**TWO, "place": 3}, ["mode", "place"], id="columns of one file alone"),
    ],
)
@pytest.mark.parametrize("spread", [False, True])
def test_a_value_is_read_as_its_own_file_has_it(
    one: Mapping[str, Any],
    other: Mapping[str, Any],
    rejected: list[str],
    spread: bool,
    rules: RuleSet,
    tmp_path: Path,
) -> None:
    """Also where the rows of each practitioner are spread over the files, so that the log is first cut on disk."""
    paths = [written(tmp_path / "one.parquet", one), written(tmp_path / "other.parquet", other)]
    if spread:
        more = [{**ONE, "id": f"{name}{number}", "practitioner": name} for number in range(9) for name in ("p1", "p2")]
        paths += [written(tmp_path / f"more{number}.parquet", each) for number, each in enumerate(more)]
    audited, live = judged(paths, rules, Means(workers=1, part=5 if spread else 1000, scratch=str(tmp_path)))

    assert [line.field for line in audited.rejected] == rejected
    assert [line.raw for line in audited.rejected] == [line.raw for line in live.rejected]
    assert audited.to_json().replace('"bulk"', '"live"') == live.to_json()


BEYOND = [
    (400_000_000_000_000_000, UTC_INSTANT),
    (-70_000_000_000_000_000, UTC_INSTANT),
    (2**63 - 1, UTC_INSTANT),
    (-(2**63) + 1, UTC_INSTANT),
    (400_000_000_000_000, pl.Datetime("ms", "UTC")),
]


@pytest.mark.parametrize(
    ("name", "number", "dtype"),
    [
        *(("at", *each) for each in BEYOND),
        *(("recorded_at", *each) for each in BEYOND),
        ("recorded_at", 400_000_000_000_000_000, pl.Datetime("us")),
        ("recorded_at", 2**31 - 5, pl.Date),
    ],
)
def test_a_time_that_no_calendar_of_python_has_is_rejected_alone(
    name: str, number: int, dtype: Any, rules: RuleSet, tmp_path: Path
) -> None:
    odd = {**TWO, name: pl.Series([number], dtype=pl.Int64).cast(dtype)}
    sound = written(tmp_path / "sound.parquet", ONE)
    path = written(tmp_path / "odd.parquet", odd)
    audited, live = judged([sound, path], rules, Means(workers=1))

    (line,) = audited.rejected
    assert (line.file, line.line, line.field) == (str(path), 1, name)
    assert f"`{number} " in line.render()
    assert audited.to_json().replace('"bulk"', '"live"') == live.to_json()


@pytest.mark.parametrize(("number", "dtype"), [(2**31 - 5, pl.Date), (2**62, pl.Duration("us")), (2**62, UTC_INSTANT)])
def test_a_time_in_a_column_of_ones_own_is_never_read(number: int, dtype: Any, rules: RuleSet, tmp_path: Path) -> None:
    odd = {**ONE, "x_when": pl.Series([number], dtype=pl.Int64).cast(dtype)}
    audited, live = both(written(tmp_path / "odd.parquet", odd), rules, Means(workers=1))

    assert audited == live


@pytest.mark.parametrize("part", [1, 1000])
def test_rejected_lines_of_a_file_that_is_given_twice_stand_in_the_order_of_the_files(
    part: int, rules: RuleSet, tmp_path: Path
) -> None:
    wrong = {"at": AT, "type": "session.held", "client": "c1", "mode": "moon"}
    rows = [{**wrong, "id": f"e{number}", "practitioner": name} for number in range(3) for name in ("p1", "p2", None)]
    twice, other = tmp_path / "b.parquet", tmp_path / "a.parquet"
    for path, some in ((twice, rows), (other, [{**row, "id": f"f{row['id']}"} for row in rows])):
        pl.DataFrame(some, schema_overrides={"at": UTC_INSTANT}).write_parquet(path)
    audited, live = judged([twice, other, twice], rules, Means(workers=1, part=part, scratch=str(tmp_path)))

    assert [(line.file, line.line) for line in audited.rejected] == [
        (str(path), line) for path in (twice, other, twice) for line in range(1, 10)
    ]
    assert audited.rejected == live.rejected


def test_a_conflict_in_a_file_that_is_given_twice_names_the_same_places(rules: RuleSet, tmp_path: Path) -> None:
    twice = written(tmp_path / "b.parquet", ONE)
    other = written(tmp_path / "a.parquet", {**ONE, "minutes": 20})
    audited, live = judged([twice, other, twice], rules, Means(workers=1))

    assert len(audited.rejected) == 3
    assert audited.rejected == live.rejected
