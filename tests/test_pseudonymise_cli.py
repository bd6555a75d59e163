"""`ethics-engine pseudonymise` and `--redact`: files, keys, exit codes, and that no name comes out anywhere."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ethics_engine.cli import main
from ethics_engine.reports import FORMATS

ROOT = Path(__file__).parent.parent
YEAR = str(ROOT / "fixtures" / "years" / "sound-year.ndjson")
DRIFTING = str(ROOT / "fixtures" / "years" / "drifting-year.ndjson")
SETTINGS = str(ROOT / "fixtures" / "years" / "ethics.yaml")
SECRETS = ("anna", "müller", "secret", "board-of-x", "kneecap", "kitchen", "x4711")

_AT = "2026-03-0{}T10:00:00+01:00"
_OF = {"practitioner": "Dr. Müller", "client": "Anna K."}


def _event(number: int, type_: str, /, **attributes: Any) -> dict[str, Any]:
    return {"id": f"anna-{number}", "at": _AT.format(number), "type": type_, **_OF, **attributes}


HOSTILE: list[dict[str, Any]] = [
    _event(1, "session.held", minutes=50, session="anna-s1", x_note="Anna cried"),
    _event(2, "contact.touch", kind="hug", by="practitioner", consent=False, area="Anna's kneecap"),
    _event(2, "contact.touch", kind="hug", by="practitioner", consent=False, area="Anna's kneecap", x_note="again"),
    _event(3, "contact.social", by="practitioner", planned=True, place="Anna's kitchen", alcohol=True),
    _event(4, "waiver.granted", rule="anna.rule", reason="secret", approver="board-of-x", expires_at=_AT.format(9)),
    _event(5, "incident.documented", event="anna-2", rationale="Anna asked for it", discussed=True),
    _event(6, "event.amended", target="anna-3", amend_reason="Müller wrote", place="secret bar", alcohol=False),
    _event(7, "event.amended", target="anna-99", amend_reason="secret", alcohol=False),
    _event(8, "event.withdrawn", target="anna-1", amend_reason="Anna's wish"),
    {**_event(9, "payment.received", amount=80, method="cash"), "invoice": "x4711"},
    _event(9, "gift.received", value=500, occasion="Anna's birthday", documented=False) | {"id": "anna-gift"},
]
BROKEN: list[Any] = [
    _event(1, "session.hold", minutes=50) | {"id": "anna-w1"},
    _event(1, "session.held", minutes="Anna") | {"id": "anna-w2"},
    _event(1, "session.held", minutes=50, anna="secret") | {"id": "anna-w3"},
    _event(1, "wellbeing.checked", rating=3) | {"id": "anna-w4", "at": "Anna's birthday"},
    _event(1, "session.held", minutes=50) | {"id": "anna-w5"},
    _event(1, "session.held", minutes=51) | {"id": "anna-w5"},
]


@pytest.fixture
def hostile(tmp_path: Path) -> str:
    """A log full of names, beside lines that are rejected."""
    path = tmp_path / "anna.ndjson"
    lines = [json.dumps(one, ensure_ascii=False) for one in (*HOSTILE, *BROKEN)]
    path.write_text("\n".join([*lines, '{"id": "anna-broken', ""]), encoding="utf-8")
    return str(path)


@pytest.fixture
def key(tmp_path: Path) -> str:
    path = tmp_path / "key"
    path.write_bytes(bytes(range(32)))
    path.chmod(0o600)
    return str(path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def secrets_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text.lower() or json.dumps(secret)[1:-1] in text.lower()]


class TestPseudonymise:
    def test_the_same_key_gives_the_same_bytes(self, tmp_path: Path, key: str) -> None:
        out = [tmp_path / "one.ndjson", tmp_path / "two.jsonl"]
        results = [run("pseudonymise", YEAR, "-o", str(path), "--key-file", key, "--config", SETTINGS) for path in out]
        assert [result.exit_code for result in results] == [0, 0]
        assert out[0].read_bytes() == out[1].read_bytes()
        assert [result.stdout for result in results] == ["", ""]

    def test_gz_is_the_same_log_compressed(self, tmp_path: Path, key: str) -> None:
        plain, packed = tmp_path / "a.ndjson", tmp_path / "a.ndjson.gz"
        for path in (plain, packed):
            run("pseudonymise", YEAR, "-o", str(path), "--key-file", key, "--config", SETTINGS)
        assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()

    def test_the_result_is_a_log_that_is_judged_alike(self, tmp_path: Path, key: str) -> None:
        out = tmp_path / "shared.ndjson"
        told = run("pseudonymise", DRIFTING, "-o", str(out), "--key-file", key, "--config", SETTINGS, "--verify")
        assert told.exit_code == 0
        assert "findings are the same on both" in told.stderr
        judge = ("check", "--config", SETTINGS, "--format", "json", "--fail-on", "never")
        mine, theirs = (json.loads(run(*judge, log).stdout) for log in (DRIFTING, str(out)))
        assert theirs["summary"] == mine["summary"]

    def test_a_shift_is_verified_and_tells_what_it_changes(self, tmp_path: Path, key: str) -> None:
        options = ("--key-file", key, "--config", SETTINGS, "--shift-weeks", "--verify")
        told = run("pseudonymise", DRIFTING, "-o", str(tmp_path / "moved.ndjson"), *options)
        assert told.exit_code == 1
        assert "note: the calendar is read by rules that may find something else in other weeks" in told.stderr
        assert "note: some times are on the other side of a clock change now" in told.stderr
        assert "differs: practitioner.supervision: " in told.stderr

    def test_rejected_lines_are_told_and_not_written(self, tmp_path: Path, hostile: str, key: str) -> None:
        out = tmp_path / "shared.ndjson"
        told = run("pseudonymise", hostile, "-o", str(out), "--key-file", key)
        assert told.exit_code == 3
        assert "10 events with pseudonyms" in told.stderr
        assert "1 repeated line left out; 7 rejected lines left out" in told.stderr
        assert len(out.read_text(encoding="utf-8").splitlines()) == 10
        assert secrets_in(out.read_text(encoding="utf-8")) == []

    def test_one_of_something_is_not_told_as_several(self, tmp_path: Path, key: str) -> None:
        note = '{"id": "e1", "at": "2026-03-01T10:00:00Z", "type": "note.recorded", "practitioner": "p1"}\n'
        log = tmp_path / "log.ndjson"
        log.write_text(f"{note}{note}{{}}\n", encoding="utf-8")
        told = run("pseudonymise", str(log), "-o", str(tmp_path / "out.ndjson"), "--key-file", key).stderr
        assert "1 event with pseudonyms in " in told
        assert "; 1 repeated line left out; 1 rejected line left out\n" in told

    def test_a_key_is_made_once_for_its_owner_alone(self, tmp_path: Path) -> None:
        made, out = tmp_path / "new-key", str(tmp_path / "out.ndjson")
        options = ("pseudonymise", YEAR, "-o", out, "--key-file", str(made), "--make-key")
        assert run(*options).exit_code == 0
        assert (len(made.read_bytes()), made.stat().st_mode & 0o777) == (32, 0o600)
        again = run(*options)
        assert (again.exit_code, "leave --make-key out" in again.stderr) == (2, True)

    def test_a_key_that_is_made_is_never_written_over_by_the_log(self, tmp_path: Path) -> None:
        same = tmp_path / "same.ndjson"
        told = run("pseudonymise", YEAR, "-o", str(same), "--key-file", str(same), "--make-key")
        assert (told.exit_code, same.exists()) == (2, False)
        assert "is the key file; name another file" in told.stderr

    def test_a_key_that_others_may_read_is_warned_of(self, tmp_path: Path, key: str) -> None:
        Path(key).chmod(0o644)
        told = run("pseudonymise", YEAR, "-o", str(tmp_path / "out.ndjson"), "--key-file", key)
        assert (told.exit_code, "warning: others may read the key file" in told.stderr) == (0, True)

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (None, "there is no file"),
            (b"", "the key is empty; it needs at least 32 random ones; make one with `openssl rand -out FILE 32`"),
            (b"short", "the key has 5 bytes"),
            (b"0" * 100, "hardly random"),
            (b"0123456789" * 10_000, "is too long for a key"),
        ],
    )
    def test_what_is_no_key_is_refused(self, tmp_path: Path, content: bytes | None, said: str) -> None:
        path, out = tmp_path / "key", tmp_path / "out.ndjson"
        if content is not None:
            path.write_bytes(content)
        told = run("pseudonymise", YEAR, "-o", str(out), "--key-file", str(path))
        assert (told.exit_code, out.exists()) == (2, False)
        assert said in told.stderr

    @pytest.mark.parametrize("name", ["out.csv", "out", "out.ndjson.zst", "out.parquet"])
    def test_only_logs_of_one_event_a_line_are_written(self, tmp_path: Path, key: str, name: str) -> None:
        told = run("pseudonymise", YEAR, "-o", str(tmp_path / name), "--key-file", key)
        assert (told.exit_code, "should end in one of .ndjson, .jsonl" in told.stderr) == (2, True)

    def test_neither_the_log_nor_the_key_is_written_over(self, tmp_path: Path, hostile: str, key: str) -> None:
        told = run("pseudonymise", hostile, "-o", hostile, "--key-file", key)
        assert (told.exit_code, "is a log that is to be read" in told.stderr) == (2, True)
        named = tmp_path / "key.ndjson"
        named.write_bytes(Path(key).read_bytes())
        told = run("pseudonymise", hostile, "-o", str(named), "--key-file", str(named))
        assert (told.exit_code, "is the key file" in told.stderr) == (2, True)

    def test_nothing_is_written_into_a_folder_that_is_read(self, tmp_path: Path, hostile: str, key: str) -> None:
        told = run("pseudonymise", str(tmp_path), "-o", str(tmp_path / "shared.ndjson"), "--key-file", key)
        assert (told.exit_code, "would be read as a log the next time" in told.stderr) == (2, True)


class TestRedact:
    @pytest.mark.parametrize("format", FORMATS)
    @pytest.mark.parametrize("keyed", [False, True])
    def test_no_name_is_in_a_report_or_beside_it(self, hostile: str, key: str, format: str, keyed: bool) -> None:
        options = ("--redact", "--key-file", key) if keyed else ("--redact",)
        told = run("check", hostile, "--format", format, *options)
        assert told.exit_code == 3
        assert secrets_in(told.stdout) == []
        assert secrets_in(told.stderr) == []
        assert ("client-" in told.stdout, "a line was rejected (conflict, `id`)" in told.stderr) == (True, True)

    def test_due_and_explain_name_nobody_either(self, hostile: str) -> None:
        due = run("due", hostile, "--redact", "--format", "json")
        found = json.loads(run("check", hostile, "--redact", "--format", "json").stdout)["findings"]
        assert len(found) > 0
        told = [due, *(run("explain", one["id"], hostile, "--redact") for one in found)]
        assert {one.exit_code for one in told} == {3}
        assert [secrets_in(one.stdout + one.stderr) for one in told] == [[]] * len(told)

    def test_a_redacted_report_says_the_same(self) -> None:
        plain, bare = (
            json.loads(run("check", DRIFTING, "--config", SETTINGS, "--format", "json", *more).stdout)
            for more in ((), ("--redact",))
        )
        assert bare["summary"] == plain["summary"]
        duties = [sorted((one["rule"], one["due"]) for one in report["obligations"]) for report in (plain, bare)]
        assert duties[0] == duties[1]
        assert sorted((one["rule"], one["at"], one["status"]) for one in bare["findings"]) == sorted(
            (one["rule"], one["at"], one["status"]) for one in plain["findings"]
        )

    def test_two_runs_give_the_same_bytes(self) -> None:
        once, again = (run("check", YEAR, "--redact", "--format", "html").stdout for _ in range(2))
        assert once == again

    def test_a_key_gives_the_pseudonyms_of_the_log(self, tmp_path: Path, hostile: str, key: str) -> None:
        out = tmp_path / "shared.ndjson"
        run("pseudonymise", hostile, "-o", str(out), "--key-file", key)
        bare = json.loads(run("check", hostile, "--redact", "--key-file", key, "--format", "json").stdout)
        shared = json.loads(run("check", str(out), "--format", "json").stdout)
        assert bare["findings"] == shared["findings"]

    def test_filters_take_the_names_of_the_log(self, hostile: str) -> None:
        shown = json.loads(run("check", hostile, "--redact", "--client", "Anna K.", "--format", "json").stdout)
        every = json.loads(run("check", hostile, "--redact", "--format", "json").stdout)
        assert shown["findings"] == [one for one in every["findings"] if one["client"] == "client-1"]
        stranger = run("check", hostile, "--redact", "--client", "Anna L.", "--format", "json")
        assert json.loads(stranger.stdout)["findings"] == []
        assert secrets_in(stranger.stderr) == []

    def test_a_key_file_that_is_not_there_is_told_with_a_way_to_make_one_that_there_is(self, hostile: str) -> None:
        stderr = run("check", hostile, "--redact", "--key-file", "nokey").stderr

        assert (
            "make it with `openssl rand -out nokey 32`, or once with `ethics-engine pseudonymise --make-key`" in stderr
        )
        assert "add --make-key" not in stderr

    def test_what_contradicts_redaction_is_refused(self, hostile: str, key: str) -> None:
        rejects = run("check", hostile, "--redact", "--rejects", hostile + ".rejects")
        assert (rejects.exit_code, "it holds lines as they were read" in rejects.stderr) == (2, True)
        for command in (("check",), ("due",), ("explain", "0123456")):
            alone = run(*command, hostile, "--key-file", key)
            assert (alone.exit_code, "--key-file: it goes with --redact" in alone.stderr) == (2, True)
