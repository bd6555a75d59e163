"""`ethics-engine explain` and `ethics-engine why-not`: what they print, and how they end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from explained import POLICY, ev
from snapshot import assert_snapshot

from ethics_engine.cli import main

EVENTS = [
    ev("s", "session.held", 0.5, place="office"),
    ev("a", "contact.touch", 1, consent=False),
    ev("b", "contact.touch", 2, consent=True),
]
"""A session without an agreement, a touch without consent, and one with it."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the rules and a log."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.yaml").write_text(POLICY)
    write(tmp_path / "log.ndjson", EVENTS)
    return tmp_path


def write(path: Path, events: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(event) + "\n" for event in events))


def run(command: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, [command, *arguments, "log.ndjson", "--rules", "t.yaml"], env={"COLUMNS": "80"})


def found(rule: str) -> str:
    """The id that `check` gives the finding of a rule."""
    report = json.loads(run("check", "--format", "json").stdout)
    (finding,) = (one["id"] for one in report["findings"] if one["rule"] == rule)
    return str(finding)


def test_explain_prints_a_finding_step_by_step() -> None:
    result = run("explain", found("t.touch"))

    assert (result.exit_code, result.stderr) == (0, "")
    assert_snapshot("explain.txt", result.stdout)


def test_explain_prints_the_findings_that_a_finding_rests_on() -> None:
    result = run("explain", found("t.findings"))

    assert_snapshot("explain.findings.txt", result.stdout)


def test_explain_as_json_gives_the_same_as_data() -> None:
    result = run("explain", found("t.touch")[:8], "--format", "json")

    assert_snapshot("explain.json", result.stdout)


def test_why_not_prints_the_first_part_that_did_not_hold() -> None:
    result = run("why-not", "t.touch", "b")

    assert (result.exit_code, result.stderr) == (0, "")
    assert_snapshot("why-not.txt", result.stdout)


def test_why_not_says_how_to_have_a_finding_explained() -> None:
    assert_snapshot("why-not.found.txt", run("why-not", "t.touch", "a").stdout)


def test_why_not_as_json_gives_the_same_as_data() -> None:
    assert_snapshot(
        "why-not.json", run("why-not", "t.findings", "a", "--as-of", "2026-03-01", "--format", "json").stdout
    )


def test_an_unknown_finding_ends_with_2_and_prints_nothing() -> None:
    result = run("explain", "0123456789")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: there is no finding `0123456789` in this log, judged as of 3 March 2026, 00:00; "
        "ids come from `ethics-engine check` with the same log and options\n"
    )


def test_the_same_options_lead_to_the_same_findings(folder: Path) -> None:
    (folder / "ethics.yaml").write_text("timezone: Europe/Berlin\n")
    told = run("explain", found("t.touch"), "--as-of", "2026-03-20")

    assert "as of 21 March 2026, 00:00" in told.stdout
    assert "(Europe/Berlin)" in told.stdout


def test_rejected_lines_are_named_and_end_with_3(folder: Path) -> None:
    with (folder / "log.ndjson").open("a") as log:
        log.write('{"type": "contact.toch"}\n')
    result = run("why-not", "t.touch", "b")

    assert (result.exit_code, "log.ndjson:4" in result.stderr) == (3, True)
    assert result.stdout.startswith("Touch without consent (t.touch)\n")


def test_one_of_several_practitioners_is_chosen(folder: Path) -> None:
    write(folder / "log.ndjson", [*EVENTS, *(event | {"practitioner": "p2"} for event in EVENTS)])

    assert run("why-not", "t.touch", "b").exit_code == 2
    assert run("why-not", "t.touch", "b", "--practitioner", "p2").exit_code == 0


def test_nothing_in_a_log_can_move_a_cursor(folder: Path) -> None:
    write(folder / "log.ndjson", [ev("a\x1b[2J", "contact.touch", 1, consent=False, area="a\u202eb\nc")])

    for result in (run("explain", found("t.touch")), run("why-not", "t.touch", "a\x1b[2J")):
        assert result.exit_code == 0
        assert not {"\x1b", "\u202e"} & set(result.stdout)


@pytest.mark.parametrize("arguments", [("explain",), ("why-not", "t.touch")])
def test_too_few_arguments_end_with_2(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(main, list(arguments)).exit_code == 2
