from __future__ import annotations

import contextlib
import gzip
import io
import json
import random
import sys
import tracemalloc
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shipped import touch, vocabulary, without
from snapshot import assert_snapshot

from ethics_engine import check
from ethics_engine.errors import EventError
from ethics_engine.logs import UNIT_LIMIT, Log, RejectedLine, read_log, write_rejects
from ethics_engine.logs.array import read_json
from ethics_engine.scalars import HOUR, MICRO

READ = ".ndjson, .jsonl, .json, .csv, each also with .gz or .zst, and .parquet"
FAULTY = b'{"id": "e1", "at": "today"}'


def line(**changes: Any) -> bytes:
    return json.dumps(touch(**changes)).encode()


def reading(source: Any) -> Log:
    """A log that was read, with nothing lost."""
    log = read_log(source, vocabulary())
    assert log.accepted + log.duplicate + len(log.rejected) == log.read
    return log


Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a log of some lines (or of bytes as they are) and gives its name."""

    def written(content: bytes | Iterable[bytes], name: str = "log.ndjson") -> str:
        data = content if isinstance(content, bytes) else b"\n".join(content) + b"\n"
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return str(path)

    return written


def only(log: Log) -> RejectedLine:
    assert len(log.rejected) == 1
    return log.rejected[0]


def counts(log: Log) -> tuple[int, int, int, int]:
    return (log.read, log.accepted, log.duplicate, len(log.rejected))


class TestSources:
    def test_an_empty_file_is_a_log_of_nothing(self, write: Write) -> None:
        for name in ("log.ndjson", "log.json", "log.ndjson.gz"):
            assert counts(reading(write(b"", name))) == (0, 0, 0, 0)
        assert counts(reading(write(b" [ ]\n", "log.json"))) == (0, 0, 0, 0)
        assert counts(reading([])) == (0, 0, 0, 0)

    @pytest.mark.parametrize("name", ["log.ndjson", "log.JSONL", "log.jsonl.gz", "log.json", "log.json.gz"])
    def test_every_format_gives_the_same_events(self, write: Write, name: str) -> None:
        lines = [line(), line(id="e2", consent=True)]
        content = b"[" + b",\n".join(lines) + b"]" if ".json" in name and "l" not in name[4:9] else b"\n".join(lines)
        log = reading(write(content, name))

        assert [event.values for event in log.events] == [
            event.values for event in reading([touch(), touch(id="e2", consent=True)]).events
        ]

    def test_blank_lines_windows_line_ends_and_a_byte_order_mark_are_fine(self, write: Write) -> None:
        log = reading(write(b"\xef\xbb\xbf" + line() + b"\r\n\r\n  \n" + line(id="e2")))

        assert counts(log) == (2, 2, 0, 0)
        assert log.lines["p1", "e2"][1] == 4

    def test_a_folder_is_read_with_its_folders_and_only_its_logs(self, write: Write, tmp_path: Path) -> None:
        write([line()], "year/a.ndjson")
        write([line(id="e2")], "year/more/b.jsonl.gz")
        write(b"no log", "year/readme.txt")
        log = reading(tmp_path / "year")

        assert [Path(name).name for name in log.files] == ["a.ndjson", "b.jsonl.gz"]
        assert log.accepted == 2

    def test_several_paths_and_globs_are_one_log(self, write: Write, tmp_path: Path) -> None:
        one, two = write([line()], "a.ndjson"), write([line(), line(id="e2")], "b.ndjson")

        assert counts(reading([one, two])) == counts(reading(str(tmp_path / "*.ndjson"))) == (3, 2, 1, 0)

    def test_a_file_named_like_a_glob_is_that_file(self, write: Write) -> None:
        assert reading(write([line()], "[2026].ndjson")).accepted == 1

    @pytest.mark.parametrize("compress", [False, True])
    @pytest.mark.parametrize("array", [False, True])
    def test_standard_input_is_lines_or_an_array_compressed_or_not(
        self, monkeypatch: pytest.MonkeyPatch, compress: bool, array: bool
    ) -> None:
        data = b"[" + line() + b"]" if array else line() + b"\n{"
        stream = io.BytesIO(gzip.compress(data) if compress else data)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))
        log = reading("-")

        assert log.accepted == 1
        assert log.files == ("<stdin>",)
        if not array:
            assert only(log).file == "<stdin>"

    @pytest.mark.parametrize(
        ("first", "hint"),
        [
            (
                b"\xef\xbb\xbfid,at,type,practitioner",
                "standard input is NDJSON or a JSON array; a table is read from a file whose name ends in `.csv`",
            ),
            (
                b"ID;at;type",
                "standard input is NDJSON or a JSON array; a table is read from a file whose name ends in `.csv`",
            ),
            (b"no, header", None),
            (b'{"id", "at", "type"}', None),
        ],
    )
    def test_a_table_on_standard_input_is_told_that_none_is_read_there(
        self, monkeypatch: pytest.MonkeyPatch, first: bytes, hint: str | None
    ) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(first + b"\ne1,2026,contact.touch,p1\n")))
        log = reading("-")

        assert [(each.line, each.code, each.hint) for each in log.rejected] == [
            (1, "broken-json", hint),
            (2, "broken-json", None),
        ]

    def test_an_array_may_hold_one_event_a_line_or_all_in_one(self, write: Write) -> None:
        pretty = json.dumps([touch(), touch(id="e2")], indent=2).encode()
        packed = json.dumps([touch(), touch(id="e2")], separators=(",", ":")).encode()

        assert reading(write(pretty, "log.json")).accepted == reading(write(packed, "log.json")).accepted == 2

    def test_a_json_file_that_is_no_array_is_read_line_by_line(self, write: Write) -> None:
        assert counts(reading(write([line(), line(id="e2")], "log.json"))) == (2, 2, 0, 0)

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ("missing.ndjson", "missing.ndjson: error: there is no such file"),
            ("lag.ndjson", "lag.ndjson: error: there is no such file; did you mean `log.ndjson`?"),
            (
                "nowhere/log.ndjson",
                "nowhere/log.ndjson: error: there is no such file; there is no folder `nowhere` either",
            ),
            ("*.log", "no file matches `*.log`"),
            (
                "log.xlsx",
                f"log.xlsx: error: the ending `.xlsx` is not one of a log; read are {READ}",
            ),
            (
                "log",
                f"log: error: a file without an ending is not one of a log; read are {READ}",
            ),
            (
                "empty",
                f"empty: error: there is no log in this folder; read are {READ}",
            ),
            ("a\0b.ndjson", "`a\\x00b.ndjson` is not the name of a file"),
            (b"log.ndjson", "a log is a path, several paths, an iterable of events, or a table of them"),
            (None, "a log is a path, several paths, an iterable of events, or a table of them"),
        ],
    )
    def test_a_source_that_cannot_be_read_is_one_clear_error(
        self, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: Any, message: str
    ) -> None:
        for name in ("log.ndjson", "log.xlsx", "log"):
            write([line()], name)
        (tmp_path / "empty").mkdir()
        monkeypatch.chdir(tmp_path)

        with pytest.raises(EventError) as caught:
            read_log(source, vocabulary())

        assert message == str(caught.value)

    @pytest.mark.parametrize("damage", ["cut", "not gzip", "bent"])
    def test_broken_compression_is_an_error_that_names_the_file(self, write: Write, damage: str) -> None:
        name = write([line(id=f"e{n}") for n in range(500)], "log.ndjson.gz")
        data = bytearray(Path(name).read_bytes())
        if damage == "cut":
            del data[-20:]
        elif damage == "bent":
            data[len(data) // 2] ^= 0xFF
        Path(name).write_bytes(b"not gzip" if damage == "not gzip" else data)

        with pytest.raises(EventError) as caught:
            read_log(name, vocabulary())

        assert caught.value.file == name
        assert "compressed data is broken or cut off" in str(caught.value)

    @pytest.mark.parametrize("name", ["log.ndjson.gz", "log.csv.gz", "log.json.gz", "log.ndjson.zst"])
    @pytest.mark.parametrize("engine", ["live", "bulk"])
    def test_a_compressed_file_of_no_bytes_is_damaged(self, engine: str, name: str, tmp_path: Path) -> None:
        (tmp_path / name).write_bytes(b"")

        with pytest.raises(EventError) as caught:
            check(tmp_path / name, engine=engine)

        assert caught.value.file == str(tmp_path / name)
        assert "compressed data is broken or cut off" in str(caught.value)


class TestRecordsInMemory:
    def test_dicts_and_a_generator_of_them_are_a_log(self) -> None:
        assert counts(reading([touch(), touch(), touch(id="e2", kind="x")])) == (3, 1, 1, 1)
        assert counts(reading(touch(id=f"e{n}") for n in range(3))) == (3, 3, 0, 0)
        assert counts(reading(touch())) == (1, 1, 0, 0)

    def test_a_fault_of_a_record_names_its_number_and_field(self) -> None:
        rejected = only(reading([touch(), touch(id="e2", kind="hgu")]))

        assert (rejected.file, rejected.line, rejected.column, rejected.field) == ("<events>", 2, None, "kind")
        assert rejected.render() == (
            "<events>:2: error[wrong-value]: "
            "`kind` should be one of handshake, hand, shoulder, hug, hold, other, not `hgu`\n"
            "    did you mean `hug`?"
        )
        assert json.loads(rejected.raw)["id"] == "e2"

    def test_instants_and_clock_times_of_python_are_read(self) -> None:
        agreement = without(touch(type="agreement.made", covers=("goals",), start_time=time(17, 30)), "kind", "by")
        log = reading([{**agreement, "at": datetime(1970, 1, 1, 1, tzinfo=UTC)}])

        assert (log.events[0].at, log.events[0].values["start_time"]) == (HOUR, 35 * HOUR // 2)

    def test_an_instant_of_python_without_an_offset_is_rejected(self) -> None:
        assert only(reading([touch(at=datetime(2026, 3, 2))])).field == "at"

    @pytest.mark.parametrize("record", [5, "x", None, [1], {1: 2}, {(): object()}, {"a": float("nan")}])
    def test_what_is_no_event_is_rejected(self, record: Any) -> None:
        assert counts(reading([record])) == (1, 0, 0, 1) if not isinstance(record, str) else True

    def test_a_record_that_holds_itself_is_rejected(self) -> None:
        record: dict[str, Any] = {}
        record["kind"] = record

        assert counts(reading([record])) == (1, 0, 0, 1)

    def test_a_conflict_of_records_in_memory_shows_both(self) -> None:
        log = reading(iter([touch(), touch(kind="hold")]))

        assert [one.message for one in log.rejected] == [
            "`e1` of `p1` has another content at <events>:2",
            "`e1` of `p1` has another content at <events>:1",
        ]

    def test_a_polars_frame_is_a_log_where_null_is_absent(self) -> None:
        polars = pytest.importorskip("polars")
        held = without(touch(id="e2", type="session.held", minutes=50.5), "kind", "by")
        frame = polars.DataFrame([touch(consent=True, count=None), held], infer_schema_length=None)

        for table in (frame, frame.lazy()):
            log = reading(table)
            assert [event.id for event in log.events] == ["e1", "e2"]
            assert log.events[1].values["minutes"] == 50_500_000

    def test_a_table_is_told_by_what_it_can_do(self) -> None:
        class Arrow:
            column_names = ("id",)

            def to_pylist(self) -> list[dict[str, Any]]:
                return [touch(consent=None)]

        class Pandas:
            def to_dict(self, orient: str) -> list[dict[str, Any]]:
                assert orient == "records"
                return [touch(consent=float("nan"), at=datetime(2026, 3, 2, tzinfo=UTC))]

            def itertuples(self) -> None: ...

        assert reading(Arrow()).accepted == reading(Pandas()).accepted == 1


FAULTY_LINES: dict[str, bytes] = {
    "a colon is missing": b'{"id": "e1", "at" "x"}',
    "a line that is cut off": b'{"id": "e1", ',
    "single quotes": b"{'id': 'e1'}",
    "an escape that is none": b'{"id": "\\q"}',
    "a comma with nothing after it": b'{"id": "e1",}',
    "two events on a line": b'{"a": 1} {"b": 2}',
    "an array on a line": b"[1, 2]",
    "a number on a line": b"  5",
    "invalid UTF-8": '{"é": "'.encode() + b'\xff"}',
    "UTF-16": b"{\0" + '"id": "é"}'.encode("utf-16-le"),
    "a NUL byte": b'{"id": "\0"}',
    "a line end inside a text": b'{"id": "e\r1"}',
    "a number that is not finite": b'{"id": "e1", "amount": -Infinity}',
    "a number of too many digits": b'{"id": ' + b"9" * 5000 + b"}",
    "a name given twice": b'{"id": "e1", "kind": 1, "id": "e1"}',
    "a name given twice inside": b'{"id": "e1", "x_a": {"b": 1, "b": 2}}',
    "too deep": b'{"x_more": ' + b'{"a": ' * 40 + b"1" + b"}" * 41,
    "an unknown attribute": line(consnt=True),
    "an unknown type": line(type="contact.tuch"),
    "a missing attribute": json.dumps(without(touch(), "kind")).encode(),
    "a time without an offset": line(at="2026-03-02T10:00:00"),
    "an impossible date": line(at="2026-02-30T10:00:00Z"),
    "half of a character": line(client="\ud800"),
    "many faults": b'{"type": "contact.touch", "id": 5, "at": "today", "kind": "hgu", "consent": "yes", "on": 1}',
}


class TestFaultyLines:
    @pytest.mark.parametrize("content", FAULTY_LINES.values(), ids=FAULTY_LINES.keys())
    def test_a_faulty_line_is_rejected_and_the_lines_around_it_are_read(self, write: Write, content: bytes) -> None:
        log = reading(write([line(id="e0"), content, line(id="e9")]))

        assert [event.id for event in log.events] == ["e0", "e9"]
        assert (only(log).line, only(log).raw) == (2, content.rstrip(b"\r\n"))

    def test_every_fault_says_where_it_is_what_is_wrong_and_what_to_do(
        self, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(FAULTY_LINES.values())
        monkeypatch.chdir(tmp_path)

        assert_snapshot("logs.faults.txt", "\n".join(one.render() for one in reading("log.ndjson").rejected) + "\n")

    def test_all_faults_of_a_line_are_named_and_placed(self, write: Write) -> None:
        rejected = only(reading(write([b'{"type": "contact.touch", "id": 5, "at": "today", "kind": "hgu"}'])))

        assert [(found.code, found.column) for found in rejected.diagnostics] == [
            ("wrong-value", 27),
            ("wrong-value", 36),
            ("wrong-value", 51),
            ("missing-attribute", 1),
            ("missing-attribute", 1),
            ("missing-attribute", 1),
        ]
        assert (rejected.field, rejected.column) == ("id", 27)
        assert rejected.message.startswith("`id` should be a text of 1 to 1000 characters, not `5`; `at` should")
        assert rejected.message.endswith("; and 1 more")

    @pytest.mark.parametrize("number", ["1e400", "1e99999999999999999999", "9" * 5000, "-" + "9" * 40, "1.0000001"])
    def test_a_number_of_any_size_is_rejected_without_an_accident(self, write: Write, number: str) -> None:
        held = without(touch(type="session.held", minutes=0), "kind", "by")
        content = json.dumps(held).replace('"minutes": 0', f'"minutes": {number}')

        assert counts(reading(write([content.encode()]))) == (1, 0, 0, 1)

    def test_decimals_are_read_exactly(self, write: Write) -> None:
        held = without(touch(type="session.held", minutes=0), "kind", "by")
        content = json.dumps(held).replace('"minutes": 0', '"minutes": 123456789012.345678')

        assert reading(write([content.encode()])).events[0].values["minutes"] == 123456789012 * MICRO + 345678

    def test_the_nesting_limit_is_the_same_however_deep_the_caller_stands(self, write: Write) -> None:
        def from_depth(frames: int, name: str) -> Log:
            return from_depth(frames - 1, name) if frames else reading(name)

        fine = write([line(x_a=json.loads("[" * 31 + "]" * 31))], "fine.ndjson")
        deep = write([line(x_a=json.loads("[" * 32 + "]" * 32))], "deep.ndjson")
        text = write([line(x_a="[" * 500)], "text.ndjson")

        assert [counts(from_depth(frames, name))[1] for frames in (0, 700) for name in (fine, deep, text)] == [
            1,
            0,
            1,
        ] * 2

    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r\r\n"])
    @pytest.mark.parametrize("name", ["log.ndjson", "log.csv"])
    @pytest.mark.parametrize("more", [1, 2, 3, 1 << 16, 200_000])
    @pytest.mark.parametrize("engine", ["live", "bulk"])
    def test_a_line_beyond_the_limit_is_as_long_as_it_is_without_its_end(
        self, write: Write, engine: str, more: int, name: str, end: bytes
    ) -> None:
        header = b"id,at,type,practitioner"
        data = end.join([header, b"x" * (UNIT_LIMIT + more), b""])
        long = [each for each in check(write(data, name), engine=engine).rejected if each.code == "too-long"]

        assert [each.message for each in long] == [
            f"this event is {UNIT_LIMIT + more:,} bytes long; the limit is {UNIT_LIMIT:,}"
        ]

    def test_a_line_at_the_limit_is_read_and_one_byte_more_is_not(self, write: Write) -> None:
        room = UNIT_LIMIT - len(line(area=""))
        fine = write([line(area="x" * room), line(id="e2", area="x" * room)], "fine.ndjson")
        long = write([line(area="x" * (room + 1)), line(id="e2", area="x")], "long.ndjson")

        assert reading(fine).accepted == 2
        log = reading(long)
        assert [event.id for event in log.events] == ["e2"]
        assert only(log).message == "this event is 1,048,577 bytes long; the limit is 1,048,576"
        assert len(only(log).raw) == 1000

    @pytest.mark.parametrize("array", [False, True])
    def test_a_line_of_fifty_megabytes_is_never_held(self, tmp_path: Path, array: bool) -> None:
        path = tmp_path / ("log.json" if array else "log.ndjson")
        with path.open("wb") as stream:
            stream.write(b'[{"area": "' if array else b'{"area": "')
            for _ in range(50):
                stream.write(b"x" * 1_000_000)
            stream.write(b'"},\n' if array else b'"}\n')
            stream.write(line() + (b"]" if array else b""))
        vocabulary()
        tracemalloc.start()
        log = reading(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

        assert counts(log) == (2, 1, 0, 1)
        assert only(log).code == "too-long"
        assert "50,000,0" in only(log).seen
        assert peak < 8_000_000

    def test_the_text_of_a_long_line_is_the_piece_around_the_fault(self, write: Write) -> None:
        rejected = only(reading(write([line(area="x" * 5000, consnt=True)])))

        assert len(rejected.text) <= 1000
        assert rejected.column is not None
        assert rejected.text[rejected.column - rejected.text_column :].startswith('"consnt"')
        assert len(rejected.raw) > 5000


class TestArrays:
    @pytest.mark.parametrize(
        ("content", "accepted", "faults"),
        [
            (b"[%b, {broken}, %b]", 2, [("broken-json", 1)]),
            (b"[%b\n,\n%b,]", 2, [("empty-element", 3)]),
            (b"[%b,,%b]", 2, [("empty-element", 1)]),
            (b"[,%b,%b]", 2, [("empty-element", 1)]),
            (b"[%b, %b", 2, [("array-not-closed", 1)]),
            (b"[%b, %b\n,", 2, [("array-not-closed", 2)]),
            (b'[%b, %b, {"id": "e3', 2, [("broken-json", 1), ("array-not-closed", 1)]),
            (b"[%b, %b]\n and more", 2, [("after-the-array", 2)]),
            (b"[%b %b]", 0, [("broken-json", 1)]),
            (b"[%b, }, %b]", 2, [("broken-json", 1)]),
            (b"[%b, [1, 2], %b]", 2, [("not-an-object", 1)]),
            (b"[%b, 5, %b]", 2, [("not-an-object", 1)]),
            (b"\xef\xbb\xbf\n[\n%b,\n\n%b\n]\n", 2, []),
        ],
    )
    def test_a_broken_array_loses_only_what_is_broken(
        self, write: Write, content: bytes, accepted: int, faults: list[tuple[str, int]]
    ) -> None:
        log = reading(write(content % (line(id="e1"), line(id="e2", area='a "quote", a [ and a \\')), "log.json"))

        assert accepted == log.accepted
        assert [(found.code, found.line) for found in log.rejected] == faults

    def test_a_fault_is_placed_in_the_line_of_the_file(self, write: Write, tmp_path: Path, monkeypatch: Any) -> None:
        pretty = json.dumps([touch(area="é"), {**touch(id="e2"), "consnt": True}], indent=2, ensure_ascii=False)
        write(pretty.encode(), "log.json")
        monkeypatch.chdir(tmp_path)

        assert only(reading("log.json")).render() == (
            "log.json:20:5: error[unknown-attribute]: `consnt` is not an attribute of `contact.touch`\n"
            '20 |     "consnt": true\n'
            "   |     ^^^^^^^^ did you mean `consent`?"
        )

    def test_a_fault_in_a_packed_array_is_placed_in_characters(self, write: Write) -> None:
        packed = json.dumps([touch(area="éé日本"), {"consnt": 1}], ensure_ascii=False)
        rejected = only(reading(write(packed.encode(), "log.json")))

        assert rejected.diagnostics[-1].column == packed.index('{"consnt') + 1

    @given(
        st.lists(st.sampled_from([line(), line(id="é", area="\\[{"), b"{", b'"', b"\\", b"[1]"])), st.integers(1, 40)
    )
    def test_where_the_chunks_are_cut_makes_no_difference(self, elements: list[bytes], size: int) -> None:
        class Trickle(io.BufferedReader):
            def read(self, limit: int | None = -1) -> bytes:
                return super().read(min(limit or size, size))

        data = b"[" + b",".join(elements) + b"]"
        whole = list(read_json(io.BufferedReader(io.BytesIO(data))))

        assert whole == list(read_json(Trickle(io.BytesIO(data))))


class TestASet:
    def test_the_same_content_twice_is_one_event_and_a_duplicate(self, write: Write) -> None:
        again = line(at="2026-03-02T09:00:00Z", consent=None)

        assert counts(reading(write([line(), again, line(practitioner="p2")]))) == (3, 2, 1, 0)

    def test_different_contents_under_one_id_are_all_rejected_and_each_names_another(
        self, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write([line(), line(), line(id="e2")], "a.ndjson")
        write([line(kind="hold"), line(), line(kind="hand")], "b.ndjson.gz")
        monkeypatch.chdir(tmp_path)
        log = reading(["a.ndjson", "b.ndjson.gz"])

        assert counts(log) == (6, 1, 0, 5)
        assert [(found.file, found.line, found.message) for found in log.rejected] == [
            ("a.ndjson", 1, "`e1` of `p1` has another content at b.ndjson.gz:1"),
            ("a.ndjson", 2, "`e1` of `p1` has another content at b.ndjson.gz:1"),
            ("b.ndjson.gz", 1, "`e1` of `p1` has another content at a.ndjson:1"),
            ("b.ndjson.gz", 2, "`e1` of `p1` has another content at b.ndjson.gz:1"),
            ("b.ndjson.gz", 3, "`e1` of `p1` has another content at a.ndjson:1"),
        ]
        assert log.rejected[0].raw == line()
        assert (log.rejected[0].field, log.rejected[0].column) == ("id", 2)

    def test_a_malformed_line_conflicts_with_none(self, write: Write) -> None:
        assert counts(reading(write([line(), line(kind="hgu"), FAULTY]))) == (3, 1, 0, 2)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(st.sampled_from([line(), line(kind="hold"), line(id="e2"), line(practitioner="p2"), b"{"])),
        st.randoms(),
    )
    def test_the_order_of_lines_changes_nothing(self, write: Write, lines: list[bytes], shuffle: random.Random) -> None:
        first = reading(write(lines))
        shuffle.shuffle(lines)
        second = reading(write(lines))

        assert counts(first) == counts(second)
        assert sorted((one.practitioner, one.id) for one in first.events) == sorted(
            (one.practitioner, one.id) for one in second.events
        )
        assert sorted(one.raw for one in first.rejected) == sorted(one.raw for one in second.rejected)

    def test_the_line_of_each_accepted_event_is_known(self, write: Write) -> None:
        name = write([line(), b"{", line(id="e2")])

        assert reading(name).lines == {("p1", "e1"): (name, 1), ("p1", "e2"): (name, 3)}


class TestRejectsFile:
    def test_every_rejected_line_is_written_with_what_was_wrong(self, write: Write, tmp_path: Path) -> None:
        log = reading(write([line(kind="hgu"), b'{"id": "\xff"}']))
        write_rejects(tmp_path / "rejects.ndjson", log.rejected)
        written = [json.loads(text) for text in (tmp_path / "rejects.ndjson").read_text("utf-8").splitlines()]

        assert [list(entry) for entry in written] == [
            ["file", "line", "column", "field", "expected", "seen", "message", "raw"]
        ] * 2
        assert written[0]["raw"] == line(kind="hgu").decode()
        assert written[0]["seen"] == "`hgu`"
        assert (written[1]["field"], written[1]["raw"]) == (None, '{"id": "\\xff"}')

    def test_a_failure_leaves_the_old_file_and_nothing_else(self, write: Write, tmp_path: Path) -> None:
        folder = tmp_path / "out"
        folder.mkdir()
        target = folder / "rejects.ndjson"
        target.write_text("old")

        def lines() -> Iterable[RejectedLine]:
            yield from reading(write([b"{"])).rejected
            raise OSError(28, "No space left on device")

        with pytest.raises(EventError, match="cannot write the rejected lines: No space left on device"):
            write_rejects(target, lines())

        assert target.read_text() == "old"
        assert list(folder.iterdir()) == [target]

    def test_a_folder_that_is_not_there_is_a_clear_error(self, tmp_path: Path) -> None:
        with pytest.raises(EventError) as caught:
            write_rejects(tmp_path / "none" / "rejects.ndjson", [])

        assert caught.value.file == str(tmp_path / "none" / "rejects.ndjson")

    def test_only_the_owner_may_read_the_file(self, tmp_path: Path) -> None:
        write_rejects(tmp_path / "rejects.ndjson", [])

        assert (tmp_path / "rejects.ndjson").stat().st_mode & 0o077 == 0


GOOD = b"\n".join([line(), line(), line(id="e2", consent=True, area="é"), line(id="e3", x_a=[1, {"b": None}])])
GOOD_ARRAY = b"[" + GOOD.replace(b"\n", b",\n") + b"]"
mutations = st.lists(st.tuples(st.integers(0, len(GOOD_ARRAY)), st.integers(0, 2), st.binary(max_size=3)), max_size=8)


def mutated(data: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for at, cut, new in changes:
        data = data[:at] + new + data[at + cut :]
    return data


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutations, st.sampled_from(["log.ndjson", "log.json"]))
def test_nothing_is_lost_and_nothing_breaks_whatever_bytes_a_log_holds(
    write: Write, tmp_path: Path, changes: list[tuple[int, int, bytes]], name: str
) -> None:
    log = reading(write(mutated(GOOD if name == "log.ndjson" else GOOD_ARRAY, changes), name))

    for rejected in log.rejected:
        assert rejected.message
        assert rejected.render().startswith(rejected.file)
    write_rejects(tmp_path / "rejects.ndjson", log.rejected)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_a_gzip_file_of_any_bytes_is_read_or_refused_as_a_whole(write: Write, data: bytes) -> None:
    name = write(b"", "log.ndjson.gz")
    whole = gzip.compress(GOOD, mtime=0)
    Path(name).write_bytes(whole[: len(whole) - len(data)] + data)

    with contextlib.suppress(EventError):
        reading(name)
