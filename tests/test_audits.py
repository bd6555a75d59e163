"""An audit reads columns and judges in parts, and says to the byte what the live evaluator says of the same file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from strategies import Situation, situations

from ethics_engine import EventError, Report, RuleSet, check, load_rules
from ethics_engine.api import check_log
from ethics_engine.audits.parquet import PartOfLog, overview, parts, raw
from ethics_engine.audits.scratch import _sweep, scratch
from ethics_engine.audits.swift import swiftly
from ethics_engine.audits.typed import PLACES
from ethics_engine.calendars import Zone
from ethics_engine.cli import main
from ethics_engine.engines.bulk.derived import _with_local
from ethics_engine.engines.bulk.spoken import asked_of
from ethics_engine.means import Means
from ethics_engine.scalars import DAY

TIMES = ("at", "recorded_at", "starts_at", "until", "moved_from", "moved_to", "announced_at", "expires_at")
FAULTS: list[dict[str, Any]] = [
    {"client": None},
    {"id": " "},
    {"id": "e" * 1001},
    {"type": "session.hold"},
    {"type": None},
    {"colour": "red"},
    {"x_colour": "red"},
    {"minutes": 50.0000001},
    {"minutes": 1e12},
    {"minutes": -0.000001},
    {"by": "nobody"},
    {"currency": "eur"},
    {"rationale": 'she said "no"'},
    {"rationale": "  "},
    {"practitioner": None},
    {"place": ""},
]


def write(path: Path, records: Iterable[dict[str, Any]]) -> Path:
    """A Parquet log: a column for each attribute, of one type, times as instants."""
    rows = list(records)
    names = list(dict.fromkeys(name for row in rows for name in row))
    series = []
    for name in names:
        values = [row.get(name) for row in rows]
        if name in TIMES:
            column = pl.Series(name, values, dtype=pl.String)
            series.append(column.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", strict=False))
        else:
            series.append(pl.Series(name, _alike(values), strict=False))
    pl.DataFrame(series).write_parquet(path, row_group_size=7)
    return path


def _alike(values: list[Any]) -> list[Any]:
    """Values of one column: numbers as floats, and texts where anything else is a text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float} and float in kinds:
        return [None if value is None else float(value) for value in values]
    if len(kinds) > 1:
        return [None if value is None else value if isinstance(value, str) else json.dumps(value) for value in values]
    return values


def judged(path: Path | list[Path], rules: RuleSet, means: Means, **settings: Any) -> tuple[Report, Report]:
    """The reports of an audit and of the live evaluator, whose accounts of the log are the same."""
    paths = [str(path)] if isinstance(path, Path) else [str(each) for each in path]
    audited, read = check_log(paths, rules, engine="bulk", means=means, **settings)
    assert read is None, "the log was read row by row"
    live = check(paths, rules, engine="live", **settings)
    told = [line.render() for line in live.rejected]
    assert told == [line.render() for line in audited.rejected]
    assert (live.ineffective, live.corrections, live.log) == (audited.ineffective, audited.corrections, audited.log)
    return audited, live


def both(path: Path | list[Path], rules: RuleSet, means: Means, **settings: Any) -> tuple[str, str]:
    """What an audit and the live evaluator say of a log as JSON, the evaluator's own name aside."""
    audited, live = judged(path, rules, means, **settings)
    return as_live(audited), live.to_json()


def as_live(report: Report) -> str:
    """A report as JSON, under the name of the live evaluator."""
    return report.to_json().replace('"evaluator": "bulk"', '"evaluator": "live"')


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("audits")


def with_faults(situation: Situation, data: st.DataObject) -> list[dict[str, Any]]:
    """A drawn log in which some lines are wrong, repeated or in conflict."""
    log = [dict(record) for record in situation.log]
    for number in data.draw(st.lists(st.integers(0, max(0, len(log) - 1)), max_size=3), label="faults"):
        if log:
            log[number] |= data.draw(st.sampled_from(FAULTS))
    for number in data.draw(st.lists(st.integers(0, max(0, len(log) - 1)), max_size=3), label="repeats"):
        if log:
            log.append(log[number] | data.draw(st.sampled_from([{}, {}, {"by": "client"}, {"minutes": 12.5}])))
    return log


@given(situation=situations(), data=st.data())
def test_an_audit_says_what_the_live_evaluator_says(situation: Situation, data: st.DataObject, folder: Path) -> None:
    log = with_faults(situation, data)
    if not any(record.get("practitioner") for record in log):
        return
    number = data.draw(st.integers(1, 3), label="files")
    pieces = [log[start::number] for start in range(number)]
    if not all(any(record.get("practitioner") for record in piece) for piece in pieces):
        pieces = [log]
    paths = [write(folder / f"drawn{place}.parquet", piece) for place, piece in enumerate(pieces)]
    means = Means(workers=1, part=data.draw(st.sampled_from([1, 10, 1000])), scratch=str(folder))
    audited, live = both(paths, situation.load(folder / "rules"), means, as_of=situation.as_of)
    assert live == audited


YEARS = Path(__file__).parent.parent / "fixtures" / "years"


def year(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (YEARS / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def practices() -> list[dict[str, Any]]:
    """Two whole years, each of two practitioners."""
    drifting, sound = year("drifting-year.ndjson"), year("sound-year.ndjson")
    again = [record | {"practitioner": record["practitioner"] + "b"} for record in (*drifting, *sound)]
    return [record | {"practitioner": "a" + record["practitioner"]} for record in drifting] + sound + again


@pytest.mark.parametrize("workers", [1, 2])
def test_parts_judged_by_several_processes_make_the_same_report(
    workers: int, practices: list[dict[str, Any]], tmp_path: Path
) -> None:
    path = write(tmp_path / "practices.parquet", practices)
    found = overview([str(path)])
    assert found is not None
    cuts = parts(found, 500)
    assert cuts is not None
    assert len(cuts) > 1
    audited, live = both(path, load_rules(timezone="Europe/Berlin"), Means(workers=workers, part=500))
    assert live == audited


def test_practitioners_that_are_spread_over_the_log_are_cut_apart_on_disk(
    practices: list[dict[str, Any]], tmp_path: Path
) -> None:
    spread = sorted(practices, key=lambda record: record["at"])
    halves = [
        write(tmp_path / "one.parquet", spread[: len(spread) // 2]),
        write(tmp_path / "two.parquet", spread[len(spread) // 2 :]),
    ]
    found = overview([str(half) for half in halves])
    assert found is not None
    assert parts(found, 500) is None
    place = tmp_path / "scratch"
    place.mkdir()
    audited, live = both(halves, load_rules(timezone="Europe/Berlin"), Means(workers=1, part=500, scratch=str(place)))
    assert live == audited
    assert list(place.iterdir()) == []


def test_a_line_that_is_rejected_is_named_and_the_latest_instant_is_that_of_an_accepted_one(
    practices: list[dict[str, Any]], tmp_path: Path
) -> None:
    practices = [dict(record) for record in practices]
    practices[1000] |= {"at": "2031-01-01T00:00:00Z", "type": "no.such"}
    path = write(tmp_path / "practices.parquet", practices)
    audited, live = both(path, load_rules(), Means(workers=1, part=500))
    assert live == audited
    assert json.loads(audited)["log"]["rejected"] == 1
    assert json.loads(audited)["log"]["as_of"] < "2030"


def test_what_a_killed_process_left_on_disk_is_removed_by_the_next_run(tmp_path: Path) -> None:
    left = tmp_path / "ethics-engine-left"
    left.mkdir()
    (left / "in-use").touch()
    (left / "0-0-1.parquet").touch()
    (tmp_path / "ethics-engine-notes.txt").touch()
    with scratch(tmp_path) as one, scratch(tmp_path) as other:
        assert sorted(each.name for each in tmp_path.iterdir()) == sorted(
            ["ethics-engine-notes.txt", one.name, other.name]
        )
    assert [each.name for each in tmp_path.iterdir()] == ["ethics-engine-notes.txt"]


def test_a_scratch_folder_stays_though_another_run_sweeps_while_it_is_made(tmp_path: Path) -> None:
    over = threading.Event()

    def sweep() -> None:
        while not over.is_set():
            _sweep(tmp_path)

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    try:
        for _ in range(300):
            with scratch(tmp_path) as folder:
                (folder / "0-0-1.parquet").touch()
                time.sleep(0.0005)
                assert [each.name for each in folder.iterdir() if each.suffix] == ["0-0-1.parquet"]
    finally:
        over.set()
        sweeper.join()


def test_a_script_that_guards_no_main_part_may_check_a_large_log(
    practices: list[dict[str, Any]], tmp_path: Path
) -> None:
    write(tmp_path / "log.parquet", practices)
    script = "from ethics_engine import check\nprint(check('log.parquet', engine='bulk').log.read)\n"
    (tmp_path / "script.py").write_text(script)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    command = [sys.executable, "script.py"]
    told = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (told.stdout, told.stderr) == (f"{len(practices)}\n", "")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_damaged_page_is_one_error_that_names_the_file(
    workers: int, practices: list[dict[str, Any]], tmp_path: Path
) -> None:
    path = write(tmp_path / "log.parquet", practices)
    data = bytearray(path.read_bytes())
    start = data.index(b"\x28\xb5\x2f\xfd", len(data) // 2)  # a compressed page
    data[start : start + 200] = bytes(200)
    path.write_bytes(data)
    with pytest.raises(EventError, match=r"log\.parquet.*not a Parquet file that can be read"):
        check_log(str(path), load_rules(), engine="bulk", means=Means(workers=workers, part=500))


def test_a_column_that_is_named_like_one_of_ours_is_read_row_by_row(tmp_path: Path) -> None:
    record = {"id": "e1", "type": "contact.touch", "practitioner": "p1", "client": "c1", "kind": "hug", "by": "client"}
    path = write(tmp_path / "log.parquet", [record | {"at": "2026-03-02T10:00:00Z", "#line": 7}])
    report = check(path, engine="bulk")
    assert [line.code for line in report.rejected] == ["unknown-attribute"]


def test_local_times_are_exact_on_days_on_which_clocks_change() -> None:
    """Clocks in Amsterdam changed at odd seconds until 1937, in Lord Howe they change by half an hour."""
    for name in ("Europe/Amsterdam", "Australia/Lord_Howe", "Africa/Monrovia", "Europe/Berlin"):
        zone = Zone(name)
        instants = [us for year in range(-80, 60) for us in _around_changes(zone, year)]
        frame = pl.DataFrame({"at": instants})
        made = _with_local(frame, ["local_time", "local_date", "local_weekday"], zone)
        expected = [(zone.time_of_day(us), zone.date(us).isoformat(), zone.weekday(us)) for us in instants]
        assert expected == made.select("local_time", "local_date", "local_weekday").rows(), name


def _around_changes(zone: Zone, year: int) -> list[int]:
    """Instants around each change of the clocks in a year, counted from 1970."""
    found: list[int] = []
    for day in range(year * 365, year * 365 + 365):
        low, high = day * DAY, (day + 1) * DAY - 1
        if zone.local(low).utcoffset() == zone.local(high).utcoffset():
            continue
        while high - low > 1:
            middle = (low + high) // 2
            same = zone.local(middle).utcoffset() == zone.local(low).utcoffset()
            low, high = (middle, high) if same else (low, middle)
        found += [low - 60_000_000, low, high, high + 60_000_000, day * DAY]
    return found


@pytest.mark.parametrize("what", ["practitioner", "client"])
def test_a_name_that_the_log_does_not_know_is_warned_of(
    what: str, practices: list[dict[str, Any]], tmp_path: Path
) -> None:
    path = write(tmp_path / "log.parquet", practices)
    command = ["check", str(path), "--engine", "bulk", f"--{what}", "nobody", "--format", "json"]
    assert f"warning: the log has no event of {what} `nobody`" in CliRunner().invoke(main, command).stderr


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt64, pl.Float64, pl.Decimal(10, 2), pl.Int16])
def test_numbers_of_any_exact_type_are_read_alike(dtype: Any, tmp_path: Path) -> None:
    record = {"id": "e1", "at": "2026-03-02T10:00:00Z", "type": "session.held", "practitioner": "p1", "client": "c1"}
    write(tmp_path / "plain.parquet", [record])
    frame = pl.read_parquet(tmp_path / "plain.parquet").with_columns(minutes=pl.Series([50]).cast(dtype))
    frame.write_parquet(tmp_path / "log.parquet")
    audited, live = both(tmp_path / "log.parquet", load_rules(), Means(workers=1))
    assert live == audited
    assert json.loads(audited)["log"]["accepted"] == 1


FEW = """policy: few
title: Few
version: "1.0"
rules:
  few.touch:
    title: Touch without consent
    level: violation
    forbid: {event: contact.touch, where: {consent: false}}
    message: "Touch on {at:date}."
    cites: ["seed:S41"]
"""
RECUR = """policy: few
title: Few
version: "1.0"
rules:
  few.message:
    title: A message in a while
    level: notice
    require: contact.message
    every: 30d
    per: relationship
    during: on_leave
    message: "No message since {since:date}."
    cites: ["seed:S41"]
"""


@pytest.mark.parametrize(
    ("type_", "fault"),
    [
        ("session.held", {"minutes": -5.0}),
        ("session.held", {"minutes": None}),
        ("session.held", {"method": "cash"}),
        ("payment.received", {"method": "a cow"}),
        ("agreement.made", {"fee": 1e13}),
        ("session.held", {"x_own": "anything"}),
        ("session.held", {"colour": "red"}),
        ("session.held", {"client": None}),
        ("session.held", {"at": None}),
        ("session.held", {"id": " "}),
        ("session.held", {"crisis": None}),
        ("agreement.made", {"covers": ["goals", "the moon"]}),
        ("agreement.made", {"weekday": "someday"}),
        ("agreement.made", {"announced_at": "0000-13-01"}),
        ("supervision.attended", {"client": "c1"}),
        ("contact.touch", {"kind": "a cow"}),
        ("contact.touch", {"consent": None}),
    ],
)
def test_an_attribute_that_no_rule_reads_is_checked_all_the_same(
    type_: str, fault: dict[str, Any], tmp_path: Path
) -> None:
    """Columns that nothing asks for are left out of an audit where every value of them is clean."""
    (tmp_path / "few.yaml").write_text(FEW, encoding="utf-8")
    rules = load_rules(str(tmp_path / "few.yaml"))
    records = year("drifting-year.ndjson")
    wrong = next(record for record in records if record["type"] == type_)
    wrong |= fault
    path = write(tmp_path / "practices.parquet", records)
    audited, live = both(path, rules, Means(workers=1, part=50))
    assert live == audited


def test_columns_that_no_rule_reads_are_left_out(tmp_path: Path) -> None:
    practices = year("drifting-year.ndjson")
    (tmp_path / "few.yaml").write_text(FEW, encoding="utf-8")
    plan = load_rules(str(tmp_path / "few.yaml")).plan()
    (raw_rows,) = raw(PartOfLog(0, cut=(str(write(tmp_path / "log.parquet", practices)),)), [])
    rows = raw_rows.with_row_index(PLACES[1], 1).with_columns(pl.lit(0, pl.UInt32).alias(PLACES[0]))
    found = swiftly(rows, plan.vocabulary, asked_of(plan))
    assert found is not None
    assert not found.left.height
    assert {*found.frames} == {"contact.touch", "log.covers"}
    assert {*found.frames["contact.touch"].columns} == asked_of(plan)["contact.touch"]
    assert found.frames["contact.touch"].height == sum(record["type"] == "contact.touch" for record in practices)
    assert len(found.others) == sum(record["type"] not in found.frames for record in practices)


def test_an_event_that_stands_twice_is_found_though_no_rule_asks_for_its_type(tmp_path: Path) -> None:
    (tmp_path / "few.yaml").write_text(FEW, encoding="utf-8")
    rules = load_rules(str(tmp_path / "few.yaml"))
    practices = year("drifting-year.ndjson")
    one, other, *_ = (record for record in practices if record["type"] == "session.held")
    records = [*practices, one, {**other, "minutes": 5}]
    audited, live = both(write(tmp_path / "twice.parquet", records), rules, Means(workers=1))
    assert live == audited
    assert json.loads(audited)["log"]["duplicate"] == 1
    assert json.loads(audited)["log"]["rejected"] == 2


def test_a_relationship_that_shows_in_other_events_alone_is_judged_where_one_must_recur(tmp_path: Path) -> None:
    """What is due in every relationship while the practitioner is away is due where nothing else happened too."""
    (tmp_path / "recur.yaml").write_text(RECUR, encoding="utf-8")
    rules = load_rules(str(tmp_path / "recur.yaml"))
    envelope = {"practitioner": "p1", "type": "note.recorded"}
    records = [
        {**envelope, "id": "e1", "at": "2026-01-01T09:00:00Z", "type": "leave.taken", "until": "2026-12-01T09:00:00Z"},
        {**envelope, "id": "e2", "at": "2026-01-02T09:00:00Z", "client": "c1", "session": "s1"},
    ]
    path = write(tmp_path / "log.parquet", records)
    audited, live = both(path, rules, Means(workers=1), as_of="2026-06-01T09:00:00Z")
    assert live == audited
    assert json.loads(audited)["findings"]


@given(rows=st.integers(1, 10**9), workers=st.integers(1, 64), memory=st.integers(1 << 28, 1 << 36))
def test_no_part_is_larger_than_memory_allows_and_no_process_is_left_without_one(
    rows: int, workers: int, memory: int
) -> None:
    means = Means(memory=memory, workers=workers)
    share = means.share(rows)
    assert 0 < share <= means.size()
    if rows > 1_000_000:
        assert workers <= -(-rows // share) <= -(-rows // means.size()) + workers
