"""The command line: exit codes, streams, files, filters, settings."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from snapshot import assert_snapshot

import ethics_engine
from ethics_engine.api import moment
from ethics_engine.calendars import Zone
from ethics_engine.cli import main
from ethics_engine.cli.output import write_file
from ethics_engine.errors import ConfigError
from ethics_engine.scalars import format_instant
from ethics_engine.version import __version__

RULES = """
policy: touch
title: Touch
version: "1.0"
parameters:
  note_within: {value: 48h, why: agencies ask for a note within two days, source: norm}
rules:
  touch.without-consent:
    title: Touch without the client's consent
    level: violation
    forbid: {event: contact.touch, where: {consent: false}}
    excused_by: {event: incident.documented, same: {event: id}, within: 48h}
    message: "Touch on {at:date} ({kind}) without consent."
    remedy: Speak about it with the client.
    cites: [apa-2017:3.04]
  touch.handshake:
    title: A handshake
    level: notice
    forbid: {event: contact.touch, where: {kind: handshake}}
    message: "A handshake on {at:date}."
  touch.not-noted:
    title: Touch without a note
    level: risk
    require: note.recorded
    after: contact.touch
    within: ${note_within}
    message: "No note by {due:date}."
"""

HUG = {
    "at": "2026-03-02T10:00:00+01:00",
    "type": "contact.touch",
    "kind": "hug",
    "by": "practitioner",
    "consent": False,
}
SHAKE = {
    "at": "2026-03-03T10:00:00+01:00",
    "type": "contact.touch",
    "kind": "handshake",
    "by": "client",
    "consent": True,
}
NOTE = {"at": "2026-03-03T11:00:00+01:00", "type": "note.recorded"}


def lines(*events: dict[str, object]) -> str:
    named = ({"id": f"e{number}", "practitioner": "p1", "client": "c7", **one} for number, one in enumerate(events, 1))
    return "".join(json.dumps(event) + "\n" for event in named)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a small rule set and three logs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "touch.yaml").write_text(RULES)
    (tmp_path / "hug.ndjson").write_text(lines(HUG, NOTE))
    (tmp_path / "shake.ndjson").write_text(lines(SHAKE, NOTE))
    (tmp_path / "bad.ndjson").write_text(lines(HUG, NOTE) + '{"type": "contact.toch"\n')
    return tmp_path


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=stdin)


def check(*arguments: str, stdin: str | None = None) -> Result:
    return run("check", "--rules", "rules", *arguments, stdin=stdin)


def findings(result: Result) -> list[str]:
    return [one["rule"] for one in json.loads(result.stdout)["findings"]]


@pytest.mark.usefixtures("folder")
class TestExitCodes:
    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (["shake.ndjson"], 0),
            (["hug.ndjson"], 1),
            (["hug.ndjson", "--fail-on", "never"], 0),
            (["shake.ndjson", "--fail-on", "notice"], 1),
            (["shake.ndjson", "--fail-on", "risk"], 0),
            (["bad.ndjson"], 3),
            (["bad.ndjson", "--fail-on", "never"], 3),
            (["bad.ndjson", "--format", "papyrus"], 2),
            (["bad.ndjson", "--rule", "touch.nothing"], 2),
            (["nowhere.ndjson"], 2),
            (["hug.ndjson", "--timezone", "Mars"], 2),
            (["hug.ndjson", "--as-of", "yesterday"], 2),
            (["hug.ndjson", "--profile", "nobody"], 2),
            (["hug.ndjson", "--config", "nowhere.yaml"], 2),
            (["hug.ndjson", "--engine", "bulk"], 1),
            (["hug.ndjson", "--engine", "spark"], 2),
            (["hug.ndjson", "--memory", "little"], 2),
            (["hug.ndjson", "--memory", "1MB"], 2),
            (["hug.ndjson", "--nonsense"], 2),
            ([], 2),
        ],
    )
    def test_are_those_of_the_contract(self, arguments: list[str], expected: int) -> None:
        assert check(*arguments).exit_code == expected

    def test_a_filter_changes_what_is_shown_and_not_the_exit_code(self) -> None:
        result = check("hug.ndjson", "--level", "notice", "--format", "json")

        assert findings(result) == []
        assert result.exit_code == 1

    def test_what_is_excused_does_not_fail(self, folder: Path) -> None:
        reason = {"at": HUG["at"], "type": "incident.documented", "event": "e1", "rationale": "she fell"}
        (folder / "hug.ndjson").write_text(lines(HUG, NOTE, reason))

        assert check("hug.ndjson").exit_code == 0

    def test_nothing_is_printed_where_nothing_was_judged(self) -> None:
        assert check("hug.ndjson", "--rule", "touch.nothing").stdout == ""


@pytest.mark.usefixtures("folder")
class TestMessages:
    @pytest.mark.parametrize(
        ("name", "arguments"),
        [
            ("rule", ["hug.ndjson", "--rule", "touch.without-consnt"]),
            ("timezone", ["hug.ndjson", "--timezone", "Europe/Berln"]),
            ("as-of", ["hug.ndjson", "--as-of", "2026-02-30"]),
            ("engine", ["hug.ndjson", "--engine", "spark"]),
            ("output-folder", ["hug.ndjson", "-o", "nowhere/report.json"]),
            ("output-log", ["hug.ndjson", "-o", "hug.ndjson"]),
            ("rejected", ["bad.ndjson"]),
            ("client", ["hug.ndjson", "--client", "C7"]),
        ],
    )
    def test_say_what_is_wrong_and_what_to_do(self, name: str, arguments: list[str]) -> None:
        assert_snapshot(f"cli.{name}.txt", check(*arguments).stderr)

    def test_an_unknown_option_is_named_with_its_neighbour(self) -> None:
        result = check("hug.ndjson", "--fail-onn", "risk")

        assert "'--fail-onn'" in result.stderr
        assert "'--fail-on'" in result.stderr

    def test_an_unknown_command_is_named_with_its_neighbour(self) -> None:
        result = run("chek", "hug.ndjson")

        assert result.exit_code == 2
        assert "did you mean `check`?" in result.stderr

    def test_a_wrong_rule_file_is_named_with_its_place(self, folder: Path) -> None:
        (folder / "rules" / "touch.yaml").write_text(
            RULES.replace("    forbid: {event: contact.touch", "    forbid: {evnt: contact.touch", 1)
        )
        result = check("hug.ndjson")

        assert result.exit_code == 2
        assert result.stderr.startswith(f"rules{os.sep}touch.yaml:11:")
        assert "^" in result.stderr


@pytest.mark.usefixtures("folder")
class TestReport:
    def test_two_runs_write_the_same_bytes(self) -> None:
        first, second = (check("bad.ndjson", "--format", "json").stdout_bytes for _ in range(2))

        assert first == second

    def test_the_order_of_files_changes_nothing_but_the_account(self, folder: Path) -> None:
        (folder / "more.ndjson").write_text(lines(HUG, NOTE).replace("c7", "c8").replace('"e', '"f'))
        first = check("hug.ndjson", "more.ndjson", "--format", "json").stdout
        second = check("more.ndjson", "hug.ndjson", "--format", "json").stdout

        assert first == second

    @pytest.mark.parametrize("matcher", ["python", "durable"])
    def test_both_matchers_write_the_same(self, matcher: str) -> None:
        from ethics_engine.matchers import available

        if matcher not in available():
            pytest.skip("durable-rules cannot be imported here")
        expected = check("hug.ndjson", "--format", "json").stdout

        assert check("hug.ndjson", "--format", "json", "--matcher", matcher).stdout == expected

    def test_standard_input_is_a_log(self) -> None:
        result = check("-", "--format", "json", stdin=lines(HUG, NOTE))

        assert findings(result) == ["touch.without-consent"]

    def test_filters_by_rule_level_practitioner_and_client(self, folder: Path) -> None:
        (folder / "all.ndjson").write_text(lines(HUG, NOTE, SHAKE) + lines(HUG).replace("p1", "p2").replace("c7", "c9"))

        def seen(*filters: str) -> list[str]:
            return findings(check("all.ndjson", "--as-of", "2026-03-03T12:00:00+01:00", "--format", "json", *filters))

        assert seen() == ["touch.without-consent", "touch.without-consent", "touch.handshake"]
        assert seen("--rule", "touch.handshake") == ["touch.handshake"]
        assert seen("--level", "violation", "--practitioner", "p1") == ["touch.without-consent"]
        assert seen("--client", "c9") == ["touch.without-consent"]
        assert seen("--level", "violation", "--level", "notice", "--client", "c7") == [
            "touch.without-consent",
            "touch.handshake",
        ]

    def test_is_plain_where_there_is_no_terminal(self) -> None:
        assert "\x1b" not in check("hug.ndjson").stdout

    def test_standard_output_carries_the_report_alone(self) -> None:
        result = check("bad.ndjson", "--format", "json")

        assert json.loads(result.stdout)["log"]["rejected"] == 1
        assert "bad.ndjson:3:" in result.stderr


@pytest.mark.usefixtures("folder")
class TestAsOf:
    def test_an_obligation_is_breached_once_its_time_is_past(self, folder: Path) -> None:
        (folder / "due.ndjson").write_text(lines({**HUG, "consent": True}))

        def told(as_of: str) -> tuple[list[str], int]:
            document = json.loads(check("due.ndjson", "--format", "json", "--as-of", as_of).stdout)
            return [one["rule"] for one in document["findings"]], len(document["obligations"])

        assert told("2026-03-04T10:00:00+01:00") == ([], 1)
        assert told("2026-03-04T10:00:00.000001+01:00") == (["touch.not-noted"], 0)

    def test_a_date_is_over_at_the_midnight_that_follows_in_the_practice_s_zone(self) -> None:
        assert format_instant(moment("2026-03-31", Zone("Europe/Berlin"))) == "2026-03-31T22:00:00Z"

    def test_an_instant_is_taken_as_it_is(self) -> None:
        assert format_instant(moment("2026-03-31T12:00:00+02:00", Zone("UTC"))) == "2026-03-31T10:00:00Z"

    @pytest.mark.parametrize(
        "text", ["2026-03-31T12:00:00", "2026-02-30", "31.3.2026", "", "9999-12-31", "now", "²026-01-01"]
    )
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(ConfigError, match="is no time"):
            moment(text, Zone("UTC"))


class TestOutput:
    def test_a_report_goes_to_a_file(self, folder: Path) -> None:
        result = check("hug.ndjson", "--format", "json", "-o", "report.json")

        assert (result.stdout, result.exit_code) == ("", 1)
        assert (folder / "report.json").read_bytes() == check("hug.ndjson", "--format", "json").stdout_bytes

    def test_a_report_in_a_file_leaves_nothing_beside_it(self, folder: Path) -> None:
        before = set(folder.iterdir())
        check("hug.ndjson", "-o", "report.txt")

        assert set(folder.iterdir()) - before == {folder / "report.txt"}

    def test_a_file_that_stands_there_keeps_its_rights(self, folder: Path) -> None:
        (folder / "report.txt").touch(mode=0o600)
        check("hug.ndjson", "-o", "report.txt")

        assert (folder / "report.txt").stat().st_mode & 0o777 == 0o600

    def test_what_a_link_points_to_is_replaced_and_not_the_link(self, folder: Path) -> None:
        (folder / "real.txt").touch()
        (folder / "report.txt").symlink_to("real.txt")
        check("hug.ndjson", "-o", "report.txt")

        assert (folder / "report.txt").is_symlink()
        assert (folder / "real.txt").read_text().startswith("Ethics check")

    @pytest.mark.parametrize("logs", ["hug.ndjson", ".", "*.ndjson", "./hug.ndjson"])
    def test_no_log_is_written_over(self, folder: Path, logs: str) -> None:
        before = (folder / "hug.ndjson").read_text()
        result = check(logs, "-o", "hug.ndjson")

        assert result.exit_code == 2
        assert (folder / "hug.ndjson").read_text() == before

    def test_rejected_lines_are_kept_for_mending(self, folder: Path) -> None:
        check("bad.ndjson", "--rejects", "rejects.ndjson")

        assert "contact.toch" in (folder / "rejects.ndjson").read_text()

    @pytest.mark.parametrize("other", ["x.txt", "./x.txt", "link.txt"])
    def test_the_report_and_the_rejected_lines_never_go_to_one_file(self, folder: Path, other: str) -> None:
        (folder / "link.txt").symlink_to("x.txt")
        result = check("bad.ndjson", "-o", "x.txt", "--rejects", other)

        assert (result.exit_code, (folder / "x.txt").exists()) == (2, False)
        assert result.stderr == f"error: --rejects: `{other}` is where the report goes; name another file\n"

    def test_no_rejected_line_makes_an_empty_file(self, folder: Path) -> None:
        check("hug.ndjson", "--rejects", "rejects.ndjson")

        assert (folder / "rejects.ndjson").read_text() == ""


class TestSettings:
    def test_the_file_in_the_working_directory_is_read_and_named(self, folder: Path) -> None:
        (folder / "ethics.yaml").write_text("timezone: Europe/Berlin\nfail_on: never\n")
        result = check("hug.ndjson")

        assert result.exit_code == 0
        assert "(Europe/Berlin)" in result.stdout
        assert "Settings from ethics.yaml." in result.stdout

    def test_a_named_file_is_read_in_its_place(self, folder: Path) -> None:
        (folder / "ethics.yaml").write_text("fail_on: never\n")
        (folder / "mine.yaml").write_text("fail_on: violation\n")

        assert check("hug.ndjson", "--config", "mine.yaml").exit_code == 1

    def test_an_option_wins_over_the_file(self, folder: Path) -> None:
        (folder / "ethics.yaml").write_text("timezone: Europe/Berlin\nfail_on: never\n")
        result = check("hug.ndjson", "--timezone", "Asia/Tokyo", "--fail-on", "violation")

        assert result.exit_code == 1
        assert "(Asia/Tokyo)" in result.stdout

    def test_rules_are_found_beside_the_file(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (folder / "ethics.yaml").write_text("rules: [rules]\n")
        (folder / "elsewhere").mkdir()
        monkeypatch.chdir(folder / "elsewhere")
        result = run("check", "../hug.ndjson", "--config", "../ethics.yaml", "--format", "json")

        assert findings(result) == ["touch.without-consent"]

    def test_a_profile_that_is_nowhere_near_is_told_with_those_that_there_are(self, folder: Path) -> None:
        (folder / "ethics.yaml").write_text("profile: apa\n")
        wrong = check("hug.ndjson")

        assert wrong.exit_code == 2
        assert wrong.stderr.splitlines()[:2] == [
            "ethics.yaml:1:10: error[unknown-profile]: unknown profile `apa`",
            "1 | profile: apa",
        ]
        assert "^^^ there are: aamft-2015, " in wrong.stderr
        assert check("hug.ndjson", "--profile", "seed-strict").exit_code == 1

    def test_a_profile_beside_the_rules_is_known(self, folder: Path) -> None:
        (folder / "rules" / "profiles").mkdir()
        (folder / "rules" / "profiles" / "mine.yaml").write_text("profile: mine\ntitle: Mine\n")
        (folder / "ethics.yaml").write_text("profile: mine\n")

        assert "Profile: mine." in check("hug.ndjson").stdout

    def test_parameters_and_disabled_rules_are_shown_in_the_report(self, folder: Path) -> None:
        (folder / "ethics.yaml").write_text("parameters: {touch.note_within: 1h}\ndisabled: [touch.handshake]\n")
        overrides = json.loads(check("hug.ndjson", "--format", "json").stdout)["rules"]["overrides"]

        assert {one["parameter"]: (one["value"], one["from"]) for one in overrides}["touch.note_within"] == (
            "1h",
            "ethics.yaml",
        )
        assert len(overrides) == 2

    @pytest.mark.parametrize(
        ("text", "place", "hint"),
        [
            ("parameters:\n  touch.note_withn: 1h\n", "ethics.yaml:2:3:", "touch.note_within"),
            ("parameters:\n  touch: {note_withn: 1h}\n", "ethics.yaml:2:11:", "touch.note_within"),
            ("disabled:\n  - touch.hndshake\n", "ethics.yaml:2:5:", "touch.handshake"),
            ("fail_on: risk\nprofile: apa-2071\n", "ethics.yaml:2:10: error[unknown-profile]:", "apa-2017"),
        ],
    )
    def test_an_unknown_name_is_complained_of_at_its_place(
        self, folder: Path, text: str, place: str, hint: str
    ) -> None:
        (folder / "ethics.yaml").write_text(text)
        result = check("hug.ndjson")

        assert result.exit_code == 2
        assert result.stderr.startswith(place)
        assert f"did you mean `{hint}`?" in result.stderr


def program(*arguments: str, folder: Path, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "ethics_engine", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path(ethics_engine.__file__).parents[1])}
    return subprocess.run(command, cwd=folder, env=environment, stdout=stdout, stderr=subprocess.PIPE, check=False)


class TestProgram:
    def test_says_its_version_and_matcher(self, folder: Path) -> None:
        told = program("--version", folder=folder).stdout.decode().splitlines()

        assert told[0] == f"ethics-engine {__version__}"
        assert told[1].startswith("matcher: ")

    def test_runs_as_a_module_with_the_exit_codes_of_the_contract(self, folder: Path) -> None:
        done = program("check", "--rules", "rules", "hug.ndjson", folder=folder)

        assert (done.returncode, done.stdout[:12], done.stderr) == (1, b"Ethics check", b"")

    def test_a_reader_that_leaves_early_is_no_error(self, folder: Path) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        done = program("check", "--rules", "rules", "hug.ndjson", folder=folder, stdout=writing)
        os.close(writing)

        assert (done.returncode, done.stderr) == (1, b"")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
    def test_a_full_disk_is_said(self, folder: Path) -> None:
        with open("/dev/full", "wb") as full:
            done = program("check", "--rules", "rules", "hug.ndjson", folder=folder, stdout=full.fileno())

        expected = b"error: cannot write to standard output: no space left on device\n"
        assert (done.returncode, done.stderr) == (2, expected)

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
    @pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["check", "--help"]])
    @pytest.mark.parametrize("unbuffered", ["", "1"])
    def test_a_help_text_on_a_full_disk_is_said(
        self, folder: Path, arguments: list[str], unbuffered: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
        with open("/dev/full", "wb") as full:
            done = program(*arguments, folder=folder, stdout=full.fileno())

        expected = b"error: cannot write to standard output: no space left on device\n"
        assert (done.returncode, done.stderr) == (2, expected)

    def test_starts_without_what_it_does_not_need(self) -> None:
        heavy = ("rich", "pydantic", "yaml", "polars", "pandas", "pyarrow", "durable", "asyncio")
        code = f"import sys, ethics_engine.cli.check; print([name for name in {heavy} if name in sys.modules])"
        environment = {**os.environ, "PYTHONPATH": str(Path(ethics_engine.__file__).parents[1])}
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)

        assert told.stdout == b"[]\n"


class TestWhatIsReadIsNotWrittenOver:
    @pytest.fixture
    def rules(self, folder: Path) -> Path:
        place = folder / "my-rules"
        place.mkdir()
        (place / "mine.yaml").write_text(
            'policy: mine\ntitle: Mine\nversion: "1"\nrules:\n'
            '  mine.touch: {title: Touch, level: notice, forbid: contact.touch, message: "It happened."}\n'
        )
        return place

    @pytest.mark.parametrize("option", ["-o", "--rejects"])
    def test_a_file_of_rules_is_kept(self, folder: Path, rules: Path, option: str) -> None:
        before = (rules / "mine.yaml").read_bytes()
        result = check("hug.ndjson", "--rules", "my-rules", option, "my-rules/mine.yaml")
        assert (result.exit_code, (rules / "mine.yaml").read_bytes()) == (2, before)

    def test_the_settings_are_kept(self, folder: Path, rules: Path) -> None:
        (folder / "settings.yaml").write_text("timezone: UTC\n")
        result = check("hug.ndjson", "--config", "settings.yaml", "-o", "settings.yaml")
        assert (result.exit_code, (folder / "settings.yaml").read_text()) == (2, "timezone: UTC\n")

    def test_a_report_does_not_become_a_log(self, folder: Path, rules: Path) -> None:
        (folder / "logs").mkdir()
        (folder / "logs" / "hug.ndjson").write_bytes((folder / "hug.ndjson").read_bytes())
        result = check("logs", "--format", "ndjson", "-o", "logs/report.ndjson")
        assert (result.exit_code, (folder / "logs" / "report.ndjson").exists()) == (2, False)


def test_a_pipe_in_a_folder_of_logs_is_passed_over(folder: Path) -> None:
    (folder / "logs").mkdir()
    (folder / "logs" / "hug.ndjson").write_bytes((folder / "hug.ndjson").read_bytes())
    os.mkfifo(folder / "logs" / "pipe.ndjson")
    assert check("logs", "--fail-on", "never").exit_code == 0


def test_what_a_process_killed_while_writing_left_is_removed_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    left, held = (tmp_path / f".report.json.unfinished-{name}" for name in ("left", "held"))
    other = tmp_path / ".report.json.20261128"
    for path in (left, held, other):
        path.write_text("{", encoding="utf-8")
        os.utime(path, (0, 0))
    with open(held, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        write_file("--output", tmp_path / "report.json", b"{}")
    assert {path.name for path in tmp_path.iterdir()} == {"report.json", held.name, other.name}
