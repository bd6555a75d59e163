"""Logs as CSV and Parquet say what the same events say as NDJSON; what is wrong in them is named with its place."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from backports import zstd
from hypothesis import given
from shipped import vocabulary
from strategies import Situation, situations

from ethics_engine import EventError, check
from ethics_engine.logs import read_log

YEAR = Path(__file__).parent.parent / "fixtures" / "years" / "drifting-year.ndjson"
HEAD = "id,at,type,practitioner,client,by,kind,consent,framework,minutes\n"
TOUCH = "e1,2026-03-02T10:00:00+01:00,contact.touch,p1,c7,practitioner,hug,false,true,\n"


def as_csv(records: list[dict[str, Any]]) -> str:
    """Records as a table: lists parted by semicolons, truth values in lower case."""
    names = list(dict.fromkeys(name for record in records for name in record))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    for record in records:
        writer.writerow([_cell(record.get(name)) for name in names])
    return stream.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return ";".join(value) if isinstance(value, list) else str(value)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


def rejections(path: Path, text: str) -> list[tuple[int, int | None, str]]:
    """Line, column and message of what is rejected."""
    path.write_text(text, encoding="utf-8")
    return [(line.line, line.column, line.message) for line in read_log(str(path), vocabulary()).rejected]


@given(situation=situations())
def test_the_same_events_as_csv_give_the_same_report(situation: Situation, folder: Path) -> None:
    rules = situation.load(folder / "rules")
    path = folder / "log.csv"
    path.write_text(as_csv([{"id": None, "at": None, "type": None, "practitioner": None} | x for x in situation.log]))
    expected = check(situation.log, rules, as_of=situation.as_of)
    assert expected.to_json() == check(path, rules, as_of=situation.as_of).to_json()


def test_a_year_says_the_same_in_every_format_and_compression(tmp_path: Path) -> None:
    records = [json.loads(line) for line in YEAR.read_text(encoding="utf-8").splitlines()]
    table = as_csv(records).encode()
    (tmp_path / "a.csv").write_bytes(table)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(table))
    (tmp_path / "c.csv.zst").write_bytes(zstd.compress(table))
    (tmp_path / "d.ndjson.zst").write_bytes(zstd.compress(YEAR.read_bytes()))
    pl.DataFrame(records, infer_schema_length=None).write_parquet(tmp_path / "e.parquet")
    expected = check(YEAR).to_json()
    for path in sorted(tmp_path.iterdir()):
        assert expected == check(path).to_json(), path.name


def test_a_cell_that_does_not_fit_is_named_with_its_line_and_column(tmp_path: Path) -> None:
    rows = TOUCH.replace("false", "no") + TOUCH.replace("e1", "e2").replace("hug", "hugs")
    found = rejections(tmp_path / "log.csv", HEAD + rows)
    assert found == [
        (2, 67, "`consent` should be `true` or `false`, not `no`"),
        (3, 63, "`kind` should be one of handshake, hand, shoulder, hug, hold, other, not `hugs`"),
    ]


@pytest.mark.parametrize("engine", ["live", "bulk"])
@pytest.mark.parametrize(
    ("yes", "no"), [("TRUE", "FALSE"), ("True", "False"), ('"TRUE"', '"FALSE"'), ("true", "false")]
)
def test_truth_values_are_read_as_a_spreadsheet_writes_them(engine: str, yes: str, no: str, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(HEAD + TOUCH.replace("false", no).replace("true", yes))
    (tmp_path / "log.ndjson").write_text(
        '{"id": "e1", "at": "2026-03-02T10:00:00+01:00", "type": "contact.touch", "practitioner": "p1", '
        '"client": "c7", "by": "practitioner", "kind": "hug", "consent": false, "framework": true}\n'
    )
    expected = check(tmp_path / "log.ndjson", engine=engine).to_json()
    assert check(tmp_path / "log.csv", engine=engine).to_json() == expected


@pytest.mark.parametrize("engine", ["live", "bulk"])
def test_empty_columns_at_the_end_are_none_and_a_value_in_one_is_a_fault_of_its_row(
    engine: str, tmp_path: Path
) -> None:
    rows = TOUCH.replace("\n", ",,\n") + TOUCH.replace("e1", "e2").replace("\n", ",,more\n")
    (tmp_path / "log.csv").write_text(HEAD.replace("\n", ",,\n") + rows)
    report = check(tmp_path / "log.csv", engine=engine)
    assert (report.log.accepted, [(each.line, each.column, each.message) for each in report.rejected]) == (
        1,
        [(3, 80, "`more` stands in column 12, which has no name")],
    )


@pytest.mark.parametrize(
    ("row", "hint"),
    [
        ('e1,2026-03-02T10:00:00Z,log.covers,p1,"touch, sessions",,', "members are parted by `;`, not by commas"),
        ("e1,2026-03-02T10:00:00Z,log.covers,p1,tuch;sessions,,", "did you mean `touch`?"),
        ("e1,2026-03-02T10:00:00Z,session.held,p1,,tRUE,", "write `true`"),
        ("e1,2026-03-02T10:00:00Z,session.held,p1,,,many", None),
    ],
)
def test_a_hint_for_a_cell_says_how_a_table_is_written(row: str, hint: str | None, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(f"id,at,type,practitioner,areas,crisis,minutes,client\n{row},c1\n")
    found = {each.hint for each in read_log(str(tmp_path / "log.csv"), vocabulary()).rejected[0].diagnostics}
    assert hint in found


def test_a_row_inside_quotes_may_run_over_lines_and_the_next_one_is_counted_on(tmp_path: Path) -> None:
    head = "id,at,type,practitioner,client,event,rationale\n"
    row = 'e1,2026-03-02T10:00:00Z,incident.documented,p1,c1,e0,"she said ""no"",\nand left"\n'
    (tmp_path / "log.csv").write_text(head + row + row.replace("e1,", "e2,").replace("p1", ""))
    log = read_log(str(tmp_path / "log.csv"), vocabulary())
    assert [event.values["rationale"] for event in log.events] == ['she said "no",\nand left']
    assert [line.line for line in log.rejected] == [4]


COMMAS = "cells are parted by commas: save the table so, as CSV in UTF-8"
UTF_16 = ("1:1", "the header cannot be read: the byte 0xff is not UTF-8", "it looks like UTF-16; save the log as UTF-8")
LONE_CR = "the header cannot be read: broken CSV: a carriage return stands in the middle of a line"
UNIX = "each line ends in a line feed: save the table with the line ends of Unix or Windows"


def lacks(*names: str) -> str:
    return f"the header has no {' and no '.join(f'`{name}`' for name in names)}, which every event needs"


@pytest.mark.parametrize(
    ("data", "complaints"),
    [
        (b"id,at,type\n1,2,3\n", [("1:1", lacks("practitioner"), "the first line names the columns")]),
        (b"name\n", [("1:1", lacks("id", "at", "type", "practitioner"), "the first line names the columns")]),
        (b"\n\nid,at,type\n", [("3:1", lacks("practitioner"), "the first line names the columns")]),
        (
            b"ID,at,Type,practicioner\n",
            [
                ("1:1", lacks("id"), "`ID` should be `id`, in lower case"),
                ("1:7", lacks("type"), "`Type` should be `type`, in lower case"),
                ("1:12", lacks("practitioner"), "did you mean `practitioner`?"),
            ],
        ),
        (
            b"id,at,,type,practitioner,id\n",
            [
                ("1:7", "column 3 of the header has no name", "name it, or take the column out"),
                ("1:26", "the header has `id` twice", None),
            ],
        ),
        (b"id;at;type;practitioner\n", [("1:3", "the cells of the header are parted by semicolons", COMMAS)]),
        (b'"id";"at";"type"\n', [("1:5", "the cells of the header are parted by semicolons", COMMAS)]),
        (b"id\tat\ttype\tpractitioner\n", [("1:3", "the cells of the header are parted by tabs", COMMAS)]),
        (
            b"sep=;\r\nid;at;type;practitioner\r\n",
            [
                (
                    "1:1",
                    "the header has no names: this line tells a spreadsheet that cells are parted by `;`",
                    "cells are parted by commas: take this line out and save the table so",
                )
            ],
        ),
        ((HEAD + TOUCH).encode("utf-16"), [UTF_16]),
        ((HEAD + TOUCH).replace("\n", "\r\n").encode("utf-16"), [UTF_16]),
        (
            (HEAD + TOUCH).replace("\n", "\r\n").encode("utf-16-be"),
            [
                (
                    "1:1",
                    "the header cannot be read: a NUL byte stands here",
                    "it looks like UTF-16; save the log as UTF-8",
                )
            ],
        ),
        ((HEAD + TOUCH).replace("\n", "\r").encode(), [(f"1:{len(HEAD)}", LONE_CR, UNIX)]),
        ((HEAD + TOUCH * 20_000).replace("\n", "\r").encode(), [(f"1:{len(HEAD)}", LONE_CR, UNIX)]),
        (
            b'id,"at,type\n',
            [
                (
                    "1:1",
                    "the header cannot be read: broken CSV: the quotes do not match",
                    "a cell with a quote in it stands in quotes, and the quote is written twice",
                )
            ],
        ),
    ],
)
@pytest.mark.parametrize("engine", ["live", "bulk"])
def test_a_header_that_is_none_is_refused_with_its_file_line_column_and_a_hint(
    engine: str, data: bytes, complaints: list[tuple[str, str, str | None]], tmp_path: Path
) -> None:
    (tmp_path / "a.ndjson").write_bytes(b"")
    (tmp_path / "m.csv").write_bytes(data)
    with pytest.raises(EventError) as raised:
        check(tmp_path, engine=engine)
    found = [(each.place, each.message, each.hint) for each in raised.value.diagnostics]
    assert found == [(f"{tmp_path / 'm.csv'}:{place}", message, hint) for place, message, hint in complaints]
    assert raised.value.file == str(tmp_path / "m.csv")


def test_a_header_that_is_none_is_shown_with_a_caret(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("ID,at,type,practitioner\n")
    with pytest.raises(EventError) as raised:
        read_log(str(tmp_path / "log.csv"), vocabulary())
    assert str(raised.value) == (
        f"{tmp_path / 'log.csv'}:1:1: error[wrong-header]: {lacks('id')}\n"
        "1 | ID,at,type,practitioner\n"
        "  | ^^ `ID` should be `id`, in lower case"
    )


def test_a_carriage_return_in_a_row_is_told_as_one(tmp_path: Path) -> None:
    found = rejections(tmp_path / "log.csv", HEAD + TOUCH.replace(",hug", "\r,hug"))
    assert found == [(2, 62, "broken CSV: a carriage return stands in the middle of a line")]


def test_a_row_of_too_few_or_too_many_cells_is_rejected_and_the_rest_is_read(tmp_path: Path) -> None:
    text = HEAD + "e0,2026-03-02T10:00:00Z\n" + TOUCH + TOUCH.replace("e1", "e2").replace("\n", ",,\n")
    assert rejections(tmp_path / "log.csv", text) == [
        (2, 1, "this row has 2 cells; the header has 10"),
        (4, 1, "this row has 12 cells; the header has 10"),
    ]


@pytest.mark.parametrize("wrong", ['"', '5" tall', '"a" b'])
def test_a_quote_in_the_wrong_place_costs_its_own_line_alone(wrong: str, tmp_path: Path) -> None:
    rows = [TOUCH.replace("e1", f"e{number}") for number in range(1000)]
    rows[10] = rows[10].replace("hug", wrong)
    (tmp_path / "log.csv").write_text(HEAD + "".join(rows))
    log = read_log(str(tmp_path / "log.csv"), vocabulary())
    assert (log.read, log.accepted, [line.line for line in log.rejected]) == (1000, 999, [12])


def test_many_line_ends_inside_one_cell_take_no_longer_than_as_many_rows(tmp_path: Path) -> None:
    head = "id,at,type,practitioner,client,event,rationale\n"
    row = 'e1,2026-03-02T10:00:00Z,incident.documented,p1,c1,e0,"' + "\n" * 300_000 + 'end"\n'
    (tmp_path / "log.csv").write_text(head + row + row.replace("e1,", "e2,", 1).replace("end", "x" * 140_000))
    log = read_log(str(tmp_path / "log.csv"), vocabulary())
    assert (log.read, log.accepted) == (2, 2)


def test_a_line_beyond_the_limit_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(HEAD + TOUCH.replace("hug", "x" * 3_000_000) + TOUCH)
    log = read_log(str(tmp_path / "log.csv"), vocabulary())
    assert (log.read, [line.line for line in log.rejected], list(log.lines.values())) == (
        2,
        [2],
        [(str(tmp_path / "log.csv"), 3)],
    )


@pytest.mark.parametrize("engine", ["live", "bulk"])
def test_an_instant_finer_than_a_microsecond_is_refused_and_never_cut(engine: str, tmp_path: Path) -> None:
    record = {"id": "e1", "type": "contact.touch", "practitioner": "p1", "client": "c1", "kind": "hug", "by": "client"}
    at = pl.Series([1_772_442_000_000_000_001]).cast(pl.Datetime("ns", "UTC"))
    pl.DataFrame(record).with_columns(at=at).write_parquet(tmp_path / "log.parquet")
    (line,) = check(tmp_path / "log.parquet", engine=engine).rejected
    assert line.hint is not None
    assert "finer than a microsecond" in line.hint


def test_a_zstandard_log_that_was_cut_off_is_one_clear_error(tmp_path: Path) -> None:
    data = zstd.compress(YEAR.read_bytes())
    (tmp_path / "log.ndjson.zst").write_bytes(data[: len(data) // 2])
    with pytest.raises(EventError, match="the compressed data is broken or cut off"):
        read_log(str(tmp_path / "log.ndjson.zst"), vocabulary())
    (tmp_path / "log.ndjson.zst").write_bytes(b"no zstandard")
    with pytest.raises(EventError, match="the compressed data is broken or cut off"):
        read_log(str(tmp_path / "log.ndjson.zst"), vocabulary())


def test_a_file_that_is_no_parquet_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "log.parquet").write_bytes(b"PAR1 and nothing")
    for engine in ("live", "bulk"):
        with pytest.raises(EventError, match=r"log\.parquet"):
            check(tmp_path / "log.parquet", engine=engine)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (pl.Series([1]), "`by` should be one of practitioner, client, other, not `1`"),
        (
            pl.Series(["nobody"], dtype=pl.Categorical),
            "`by` should be one of practitioner, client, other, not `nobody`",
        ),
    ],
)
def test_a_column_of_another_type_is_refused_as_a_line_would_be(
    values: pl.Series, message: str, tmp_path: Path
) -> None:
    record = {"id": "e1", "at": "2026-03-02T10:00:00Z", "type": "contact.touch", "practitioner": "p1", "client": "c1"}
    pl.DataFrame(record | {"kind": "hug"}).with_columns(by=values).write_parquet(tmp_path / "log.parquet")
    log = read_log(str(tmp_path / "log.parquet"), vocabulary())
    assert [(line.line, line.message) for line in log.rejected] == [(1, message)]
