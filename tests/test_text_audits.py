"""A text log is read many lines at once and judged in parts, and what is said of it is what a reader of lines says."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from backports import zstd
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from strategies import Situation, situations
from test_audits import as_live, judged, with_faults, year

from ethics_engine import EventError, RuleSet, check, load_rules
from ethics_engine.api import check_log
from ethics_engine.audits.lines import columns
from ethics_engine.audits.table import table_columns
from ethics_engine.audits.text import _lines
from ethics_engine.cli import main
from ethics_engine.logs import UNIT_LIMIT, blocks, lines, units
from ethics_engine.logs.blocks import Block, estimated, read_blocks
from ethics_engine.logs.lines import read_lines
from ethics_engine.means import Means

TOUCH = (
    '{"id": "e1", "at": "2026-03-02T10:00:00Z", "type": "contact.touch", "practitioner": "p1", "client": "c1", '
    '"kind": "hold", "by": "practitioner"}'
)
HELD = (
    '{"id":"e2","at":"2026-03-02T10:00:00Z","type":"session.held","practitioner":"p1","client":"c1","minutes":50,'
    '"place":"office","crisis":false}'
)
COVERS = '{"id":"e3","at":"2026-01-01T10:00:00Z","type":"log.covers","practitioner":"p1","areas":["touch","sessions"]}'
ODD = [
    TOUCH,
    HELD,
    COVERS,
    "",
    " \t",
    "\u00a0",
    "{}",
    "[]",
    "null",
    f"  {TOUCH}  ",
    f"{TOUCH}\r",
    f"{TOUCH}\r\r",
    f"{TOUCH},",
    f"{TOUCH}{HELD}",
    f"{TOUCH},{HELD}",
    f"[{TOUCH}]",
    f"\ufeff{TOUCH}",
    TOUCH[:40],
    TOUCH[40:],
    TOUCH[:-1] + ', "id": "e9"}',
    TOUCH[:-1] + ', "by": "client"}',
    TOUCH[:-1] + ', "client": null}',
    TOUCH.replace('"c1"', "null"),
    TOUCH.replace('"c1"', "7"),
    TOUCH.replace('"c1"', "true"),
    TOUCH.replace('"c1"', '"\\u0063\\u0031"'),
    TOUCH.replace('"c1"', '"c\\"1"'),
    TOUCH.replace('"c1"', '"{c1}"'),
    TOUCH.replace('"c1"', '"[c1]"'),
    TOUCH.replace('"c1"', '"\\ud83d\\ude00"'),
    TOUCH.replace('"c1"', '"\\ud83d"'),
    TOUCH.replace('"c1"', '"c\\u00001"'),
    TOUCH.replace('"c1"', '"c\t1"'),
    TOUCH.replace('"c1"', '["c1"]'),
    TOUCH.replace('"c1"', '{"c1": 1}'),
    TOUCH.replace('"client"', '"\\u0063lient"'),
    TOUCH.replace('"p1"', "1"),
    TOUCH.replace('"p1"', '" "'),
    TOUCH.replace('"p1"', '"\\ud83d"'),
    TOUCH.replace('"p1"', "null"),
    TOUCH.replace('"practitioner": "p1"', '"practitioner": "p1", "practitioner": "p2"'),
    TOUCH.replace('"e1"', "1"),
    TOUCH.replace('"contact.touch"', "[]"),
    TOUCH.replace('"contact.touch"', '"finding"'),
    TOUCH.replace("10:00:00Z", "10:00:00.1234567Z"),
    TOUCH.replace("10:00:00Z", "12:00:00+02:00"),
    TOUCH.replace("10:00:00Z", "10:00:00"),
    TOUCH[:-1] + ', "x_note": "mine"}',
    TOUCH[:-1] + ', "x_note": NaN}',
    TOUCH[:-1] + ', "x_note": 1e999999999999999999999}',
    TOUCH[:-1] + f', "x_note": {"[" * 40}{"]" * 40}}}',
    TOUCH[:-1] + f', "x_note": {"[" * 20}{"]" * 20}}}',
    TOUCH[:-1] + ', "x_note": ["mine", 1]}',
    TOUCH[:-1] + ', "x_note": 1, "x_note": 2}',
    TOUCH[:-1] + ', "note": 1}',
    TOUCH[:-1] + ', "consent": "true"}',
    TOUCH[:-1] + ', "consent": 1}',
    *(
        HELD.replace(":50", f":{number}")
        for number in (
            *("50.0", "-50", "-0.0", "50.5000000", "50.1234567", "50.00000000000000000001", "5e1", "5E-1", "1e-400"),
            *("1e400", "999999999", "1000000000", "999999999999", "1e12", "123456789.123456", "9223372036854775808"),
            *("0123", "+5", ".5", "NaN", "-Infinity", '"50"', "true", "null", "[50]", "1" * 5000),
        )
    ),
    HELD.replace('"office"', "true"),
    HELD.replace('"office"', '"a }{ b"'),
    COVERS.replace('["touch","sessions"]', "[]"),
    COVERS.replace('["touch","sessions"]', '["touch",null]'),
    COVERS.replace('["touch","sessions"]', '["touch",1]'),
    COVERS.replace('["touch","sessions"]', '"touch"'),
    COVERS.replace('["touch","sessions"]', '["touch","touch"]'),
    COVERS.replace('["touch","sessions"]', '["touch"'),
    '"sessions"]}',
]
ODD_BYTES = [TOUCH.encode().replace(b"c1", b"c\xff"), TOUCH.encode().replace(b"c1", b"\xed\xa0\x80"), b"\xff\xfe{"]


HEADER = "id,at,type,practitioner,client,kind,by,consent,minutes,areas,rationale,x_note"
TOUCH_ROW = "e1,2026-03-02T10:00:00Z,contact.touch,p1,c1,hold,practitioner,true,,,,"
HELD_ROW = "e2,2026-03-02T10:00:00Z,session.held,p1,c1,,,,50,,,"
COVERS_ROW = "e3,2026-01-01T10:00:00Z,log.covers,p1,,,,,,touch;sessions,,"
ODD_ROWS = [
    TOUCH_ROW,
    HELD_ROW,
    COVERS_ROW,
    "",
    " ",
    ",,,,,,,,,,,",
    TOUCH_ROW + ",",
    TOUCH_ROW[:-1],
    TOUCH_ROW + "\r",
    TOUCH_ROW.replace(",hold", "\r,hold"),
    TOUCH_ROW.replace("c1", '"c1"'),
    TOUCH_ROW.replace("c1", '"c,1"'),
    TOUCH_ROW.replace("c1", '"c""1"'),
    TOUCH_ROW.replace("c1", '"c\n1"'),
    TOUCH_ROW.replace("c1", 'c"1'),
    TOUCH_ROW.replace("c1", '"c1'),
    TOUCH_ROW.replace("c1", " c1 "),
    TOUCH_ROW.replace("c1", ""),
    TOUCH_ROW.replace("c1", "c\0"),
    TOUCH_ROW.replace("c1", "ä"),
    TOUCH_ROW.replace("p1", ""),
    TOUCH_ROW.replace("p1", " "),
    TOUCH_ROW.replace("e1", ""),
    TOUCH_ROW.replace("contact.touch", "finding"),
    TOUCH_ROW.replace("contact.touch", "contact.touched"),
    *(TOUCH_ROW.replace("true", word) for word in ("false", "True", "TRUE", "FALSE", "tRUE", "1", " true")),
    *(TOUCH_ROW.replace(",,,,", f",,,{text},") for text in ("a note", " ", 'she said ""no""', "7", "true")),
    TOUCH_ROW + "mine",
    *(
        HELD_ROW.replace(",50,", f",{number},")
        for number in (
            *("50.0", "+50", "-50", "050", "50.1234567", "5e1", "1e-400", "999999999", "1000000000", "1e12", "NaN"),
            *("50.", ".5", " 50", "٥٠", "123456789.123456", "0.000001", "-0", "inf", "true"),
        )
    ),
    *(COVERS_ROW.replace("touch;sessions", listed) for listed in (";", "touch", "touch;", " touch ; money", "hug")),
    "e4,2026-03-03T10:00:00Z,event.amended,p1,,,,,45,,,",
]


def write(path: Path, lines: Iterable[bytes]) -> Path:
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def agree(path: Path | list[Path], rules: RuleSet, means: Means, **settings: Any) -> None:
    """An audit says what the live evaluator says, to the byte, and rejects the same lines in the same words."""
    audited, live = judged(path, rules, means, **settings)
    assert live.to_json() == as_live(audited)
    assert live.rejected == audited.rejected


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("text-audits")


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules(timezone="Europe/Berlin")


def small(data: st.DataObject) -> Means:
    """Parts and blocks so small that every kind of edge is met."""
    part, block = data.draw(st.sampled_from([1, 3, 1000])), data.draw(st.sampled_from([1, 100, 500, 1_000_000]))
    return Means(workers=1, part=part, block=block)


@given(situation=situations(), data=st.data())
def test_an_audit_of_lines_says_what_the_live_evaluator_says(
    situation: Situation, data: st.DataObject, folder: Path
) -> None:
    log = with_faults(situation, data)
    encode = data.draw(
        st.sampled_from([json.JSONEncoder(), json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))])
    )
    written = [encode.encode(record).encode(errors="backslashreplace") for record in log]
    for line in data.draw(st.lists(st.sampled_from(ODD), max_size=3), label="odd lines"):
        written.insert(data.draw(st.integers(0, len(written))), line.encode())
    path = write(folder / "drawn.ndjson", written)
    agree(path, situation.load(folder / "rules"), small(data), as_of=situation.as_of)


@given(data=st.data())
def test_odd_lines_are_read_as_the_reader_of_lines_reads_them(
    data: st.DataObject, rules: RuleSet, folder: Path
) -> None:
    odd = st.sampled_from([*(line.encode() for line in ODD), *ODD_BYTES])
    changed = st.builds(
        _changed, odd, st.integers(0, 400), st.sampled_from(b'"\\{}[],:0e.-\r \xff\x00n'), st.booleans()
    )
    written = data.draw(st.lists(odd | changed, max_size=30))
    path = folder / "odd.ndjson"
    path.write_bytes(data.draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + b"\n".join(written))
    agree(path, rules, small(data))


@given(data=st.data())
def test_odd_rows_are_read_as_the_reader_of_rows_reads_them(data: st.DataObject, rules: RuleSet, folder: Path) -> None:
    odd = st.sampled_from([*(row.encode() for row in ODD_ROWS), TOUCH_ROW.encode().replace(b"c1", b"c\xff")])
    changed = st.builds(_changed, odd, st.integers(0, 80), st.sampled_from(b'",;\r\n \xff\x00e0.-t'), st.booleans())
    written = data.draw(st.lists(odd | changed, max_size=30))
    path = folder / "odd.csv"
    path.write_bytes(data.draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + b"\n".join([HEADER.encode(), *written]))
    agree(path, rules, small(data))


@pytest.mark.parametrize("row", ODD_ROWS, ids=range(len(ODD_ROWS)))
def test_each_odd_row_alone_among_sound_ones(row: str, rules: RuleSet, tmp_path: Path) -> None:
    sound = [TOUCH_ROW.replace("e1", f"a{number}").encode() for number in range(3)]
    path = write(tmp_path / "odd.csv", [HEADER.encode(), *sound, row.encode(), HELD_ROW.encode()])
    agree(path, rules, Means(workers=1, part=2))


@pytest.mark.parametrize("cells", [",,", ",,mine", ", ,", ',"",', ",", ",,,", "mine,,"])
def test_columns_without_a_name_are_read_as_the_reader_of_rows_reads_them(
    cells: str, rules: RuleSet, tmp_path: Path
) -> None:
    rows = [HEADER + ",,", TOUCH_ROW + ",,", TOUCH_ROW.replace("e1", "a2") + cells, HELD_ROW + ",,"]
    agree(write(tmp_path / "log.csv", [row.encode() for row in rows]), rules, Means(workers=1))


@given(situation=situations(), data=st.data())
def test_an_audit_of_rows_says_what_the_live_evaluator_says(
    situation: Situation, data: st.DataObject, folder: Path
) -> None:
    log = with_faults(situation, data)
    names = list(dict.fromkeys(["id", "at", "type", "practitioner", *(name for record in log for name in record)]))
    path = folder / "drawn.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        written = csv.writer(stream, lineterminator=data.draw(st.sampled_from(["\n", "\r\n"])))
        written.writerow(names)
        written.writerows([_cell(record.get(name)) for name in names] for record in log)
    agree(path, situation.load(folder / "rules"), small(data), as_of=situation.as_of)


def _cell(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return ";".join(map(str, value)) if isinstance(value, list) else json.dumps(value)


@pytest.mark.parametrize("header", ["id,id", "id,at,type", "", '"id', "id,at,type,practitioner,#line", "a\xff"])
def test_a_header_that_is_none_is_the_same_error(header: str, rules: RuleSet, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(f"{header}\n{TOUCH_ROW}\n".encode("latin-1"))
    said = []
    for engine in ("live", "bulk"):
        try:
            report = check(tmp_path / "log.csv", rules, engine=engine)
            said.append("\n".join(line.render() for line in report.rejected))
        except EventError as error:
            said.append(str(error))
    assert said[0] == said[1]


def _changed(line: bytes, at: int, byte: int, inserted: bool) -> bytes:
    """A line with one byte inserted or replaced."""
    at = min(at, len(line))
    return line[:at] + bytes([byte]) + line[at + (not inserted) :]


@pytest.mark.parametrize("line", ODD, ids=range(len(ODD)))
def test_each_odd_line_alone_among_sound_ones(line: str, rules: RuleSet, tmp_path: Path) -> None:
    sound = [TOUCH.replace("e1", f"a{number}").encode() for number in range(3)]
    path = write(tmp_path / "odd.ndjson", [*sound, line.encode(), HELD.encode()])
    agree(path, rules, Means(workers=1, part=2))


@given(
    data=st.lists(st.sampled_from([b"a", b"bb" * 5, b"\r", b"\n", b"\r\n", b"\n\n", b" ", b"\xc3", b"\xa4"])),
    size=st.integers(1, 40),
    bom=st.booleans(),
)
def test_blocks_hold_the_lines_that_a_reader_of_lines_cuts(data: list[bytes], size: int, bom: bool) -> None:
    text = (lines.BOM if bom else b"") + b"".join(data)
    with pytest.MonkeyPatch.context() as patch:
        for module in (units, lines, blocks):
            patch.setattr(module, "UNIT_LIMIT", 20)
        expected = [(unit.line, unit.raw, unit.problem) for unit in read_lines(io.BytesIO(text))]
        found: list[tuple[int, bytes, Any]] = []
        for piece in read_blocks(io.BytesIO(text), size):
            if isinstance(piece, Block):
                whole = read_lines(io.BytesIO(b"\n" + piece.data))
                found += [(piece.line - 2 + unit.line, unit.raw, unit.problem) for unit in whole]
            else:
                found.append((piece.line, piece.raw, piece.problem))
    assert expected == found


@given(
    st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\n\n", b" ", b"\x0b", b"\xc3\xa4", b"\xc2\xa0", b"\xff", b"\x85"]))
)
def test_the_lines_of_a_block_are_those_of_a_reader_of_lines(data: list[bytes]) -> None:
    text = b"".join(data)
    read, numbers, broken = _lines(Block(1, text)) if text else ([], [], [])
    found = [(number, line.encode()) for number, line in zip(numbers, read, strict=True)]
    found += [(unit.line, unit.raw) for unit in broken]
    assert sorted(found) == [(unit.line, unit.raw) for unit in read_lines(io.BytesIO(text))]


@pytest.mark.parametrize("length", [-1, 0, 1, 2, 3, 1000])
def test_a_line_that_is_too_long_is_rejected_alone(length: int, rules: RuleSet, tmp_path: Path) -> None:
    for end in (b"", b"\r"):
        long = TOUCH.encode()[:-1] + b', "x_a": "' + b'"}'
        long = long[:-2] + b"a" * (UNIT_LIMIT + length - len(long)) + b'"}' + end
        path = write(tmp_path / "long.ndjson", [HELD.encode(), long, COVERS.encode()])
        for block in (100, 10_000_000):
            agree(path, rules, Means(workers=1, part=2, block=block))


@pytest.fixture(scope="module")
def practices() -> list[bytes]:
    """Two whole years, each of three practitioners, in order of time."""
    records = [
        record | {"practitioner": record["practitioner"] + more}
        for name in ("drifting-year.ndjson", "sound-year.ndjson")
        for record in year(name)
        for more in "abc"
    ]
    records.sort(key=lambda record: record["at"])
    return [json.dumps(record, ensure_ascii=False).encode() for record in records]


@pytest.mark.parametrize("workers", [1, 2])
def test_parts_judged_by_several_processes_make_the_same_report(
    workers: int, practices: list[bytes], rules: RuleSet, tmp_path: Path
) -> None:
    place = tmp_path / "scratch"
    place.mkdir()
    path = write(tmp_path / "log.ndjson", practices)
    agree(path, rules, Means(workers=workers, part=500, block=50_000, scratch=str(place)))
    assert list(place.iterdir()) == []


def test_files_of_a_folder_compressed_or_not_are_one_log(
    practices: list[bytes], rules: RuleSet, tmp_path: Path
) -> None:
    """Some lines stand in two files, one with an attribute that counts for nothing; one says something else."""
    changed = practices[100].replace(b'"recorded_at"', b'"x_a": 1, "recorded_at"')
    assert practices[100] != changed
    other = json.loads(practices[200]) | {"at": "2024-01-01T00:00:00Z"}
    write(tmp_path / "a.ndjson", [*practices[:1000], changed])
    text = b"\n".join([*practices[900:2000], json.dumps(other).encode()])
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(text))
    (tmp_path / "c.ndjson.zst").write_bytes(zstd.compress(b"\n".join(practices[2000:])))
    (tmp_path / "d.csv").write_text("\n".join([HEADER, TOUCH_ROW, HELD_ROW, HELD_ROW.replace("50", '"51"')]))
    agree(tmp_path, rules, Means(workers=1, part=500, block=30_000))
    report, _ = check_log(str(tmp_path), rules, engine="bulk", means=Means(workers=1, part=500))
    assert (report.log.read, report.log.duplicate, report.log.rejected) == (len(practices) + 105, 101, 4)


def test_a_bad_line_among_many_is_named_with_line_and_column(
    practices: list[bytes], rules: RuleSet, tmp_path: Path
) -> None:
    bad = practices[1000].replace(b'"at": "', b'"at": "x', 1)
    path = write(tmp_path / "log.ndjson", [*practices[:1000], bad, *practices[1001:]])
    report, _ = check_log(str(path), rules, engine="bulk", means=Means(workers=1, part=500))
    assert [(line.line, line.column, line.field) for line in report.rejected] == [(1001, bad.index(b'"at"') + 1, "at")]


def test_lines_and_rows_as_software_writes_them_are_read_in_columns(practices: list[bytes], rules: RuleSet) -> None:
    """What is left to the reader of record would cost many times as much."""
    sound = [line.decode() for line in practices if b'"event.amended"' not in line]
    for written in (
        sound,
        [json.dumps(json.loads(line) | {"x_note": "mine"}, separators=(",", ":")) for line in sound],
    ):
        read = columns(written, range(1, len(written) + 1), rules.vocabulary)
        assert (read.left, read.frame.height) == ([], len(sound))
    rows = [TOUCH_ROW, HELD_ROW, COVERS_ROW, TOUCH_ROW + "mine"]
    assert table_columns(rows, range(2, 6), HEADER.split(","), rules.vocabulary).left == []
    spread = [row.replace("true", "TRUE") + ",," for row in rows]
    assert table_columns(spread, range(2, 6), [*HEADER.split(","), "", ""], rules.vocabulary).left == []


def test_what_is_latest_is_an_accepted_event(practices: list[bytes], rules: RuleSet, tmp_path: Path) -> None:
    late = re.sub(rb'"at": "\d+', b'"at": "2031', practices[1000]).replace(b'"type": "', b'"type": "no.')
    agree(write(tmp_path / "log.ndjson", [*practices, late]), rules, Means(workers=1, part=500))


def test_a_damaged_file_is_one_error_that_names_it(practices: list[bytes], rules: RuleSet, tmp_path: Path) -> None:
    whole = gzip.compress(b"\n".join(practices))
    (tmp_path / "log.ndjson.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(EventError, match=r"log\.ndjson\.gz.*broken or cut off"):
        check_log(str(tmp_path), rules, engine="bulk", means=Means(workers=2, part=500, block=10_000))


@pytest.mark.parametrize("what", ["practitioner", "client"])
def test_a_name_that_the_log_does_not_know_is_warned_of(what: str, practices: list[bytes], tmp_path: Path) -> None:
    path = write(tmp_path / "log.ndjson", practices)
    command = ["check", str(path), "--engine", "bulk", "--format", "json", f"--{what}"]
    assert f"warning: the log has no event of {what} `nobody`" in CliRunner().invoke(main, [*command, "nobody"]).stderr
    known = next(record[what] for record in map(json.loads, practices) if what in record)
    assert CliRunner().invoke(main, [*command, known]).stderr == ""
    command[1] = str(write(tmp_path / "log.csv", [HEADER.encode(), TOUCH_ROW.encode()]))
    assert f"warning: the log has no event of {what} `nobody`" in CliRunner().invoke(main, [*command, "nobody"]).stderr
    assert CliRunner().invoke(main, [*command, {"practitioner": "p1", "client": "c1"}[what]]).stderr == ""


def test_a_small_log_is_read_line_by_line(practices: list[bytes], rules: RuleSet, tmp_path: Path) -> None:
    path = write(tmp_path / "log.ndjson", practices)
    report, read = check_log(str(path), rules)
    assert report.engine.evaluator == "live"
    assert read is not None


@pytest.mark.parametrize("ending", ["ndjson", "ndjson.gz", "ndjson.zst"])
def test_how_many_lines_a_log_has_is_known_from_its_beginning(
    ending: str, practices: list[bytes], tmp_path: Path
) -> None:
    text = b"".join(line + b"\n" for line in practices)
    data = {"gz": gzip.compress, "zst": zstd.compress}.get(ending[7:], bytes)(text)
    path = tmp_path / f"log.{ending}"
    path.write_bytes(data)
    assert 0.8 * len(practices) < estimated([str(path)]) < 1.25 * len(practices)
