"""`ethics-engine due` lists what is due next, the nearest first, in words, as data, as a table and as a calendar."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from icalendar import Calendar

from ethics_engine import check
from ethics_engine.cli import main

LOG = str(Path(__file__).parent.parent / "examples" / "first-log.ndjson")


def due(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["due", LOG, *arguments])


def test_tells_each_duty_with_its_time_and_whom_it_concerns() -> None:
    told = due("--timezone", "Europe/Berlin", "--within", "7d").stdout
    assert told == (
        "Due next, as of 27 January 2026, 08:00 (Europe/Berlin)\n\n"
        "None of this counts as missed.\n\n"
        "By the end of 31 January 2026 (in 4 days)\n"
        "  Attend supervision in January 2026: 90 minutes are asked for, 0 are on record.\n"
        "  Rule: practitioner.supervision, from event e2\n\n"
        "By 2 February 2026, 17:30 (in 6 days), client c7\n"
        "  Write the note of the session on 26 January 2026.\n"
        "  Rule: record.session-without-note, from event e5\n"
    )


def test_no_line_is_wider_than_the_terminal() -> None:
    narrow = CliRunner().invoke(main, ["due", LOG], env={"COLUMNS": "50"}).stdout
    assert [line for line in narrow.splitlines()[4:] if len(line) > 50 and not line.startswith("By ")] == []
    assert "  Attend supervision in January 2026: 90 minutes\n    are asked for, 0 are on record.\n" in narrow


def test_says_so_where_nothing_is_due() -> None:
    assert due("--within", "1h").stdout.endswith("Nothing is due in this time.\n")


def test_lists_the_obligations_of_the_report_by_due_time() -> None:
    expected = json.loads(check(LOG).to_json())["obligations"]
    told = json.loads(due("--format", "json").stdout)
    assert expected == told["obligations"]
    assert expected == sorted(expected, key=lambda duty: duty["due"])
    assert due("--format", "json", "--client", "c7").exit_code == 0
    only = json.loads(due("--format", "json", "--client", "c7").stdout)["obligations"]
    assert [duty for duty in expected if duty["client"] == "c7"] == only


def test_a_calendar_has_an_entry_for_each_duty_and_the_same_one_the_next_time() -> None:
    first, again = due("--format", "ics").stdout, due("--format", "ics").stdout
    calendar = Calendar.from_ical(first)
    assert first == again
    assert len(calendar.walk("VEVENT")) == len(check(LOG).obligations)
    assert len({str(event["uid"]) for event in calendar.walk("VEVENT")}) == len(calendar.walk("VEVENT"))
    assert not any(component.errors for component in calendar.walk())


def test_a_calendar_says_whom_a_duty_concerns_as_it_is_named_in_the_report() -> None:
    def entry(*more: str) -> tuple[str, str]:
        told = Calendar.from_ical(due("--format", "ics", "--within", "7d", *more).stdout)
        (event,) = [each for each in told.walk("VEVENT") if "note of the session" in each["summary"]]
        (alarm,) = event.walk("VALARM")
        return str(event["summary"]), str(alarm["description"])

    note = "Write the note of the session on 26 January 2026."
    assert entry() == (f"{note} (client c7)", f"{note} (client c7)")
    assert entry("--redact") == (f"{note} (client client-1)", f"{note} (client client-1)")


@pytest.mark.parametrize("redacted", [(), ("--redact",)])
def test_warns_of_a_client_or_practitioner_that_the_log_does_not_know(redacted: tuple[str, ...]) -> None:
    known = due("--client", "c7", "--practitioner", "p1", *redacted)
    client, practitioner = due("--client", "nobody", *redacted), due("--practitioner", "nobody", *redacted)

    assert (known.exit_code, known.stderr) == (0, "")
    assert (client.exit_code, practitioner.exit_code) == (0, 0)
    assert client.stderr.startswith("warning: the log has no event of client ")
    assert practitioner.stderr.startswith("warning: the log has no event of practitioner ")


def test_a_table_has_nothing_but_duties() -> None:
    lines = due("--format", "csv").stdout.splitlines()
    assert {line.split(",")[0] for line in lines[1:]} == {"obligation"}


@pytest.mark.parametrize("arguments", [("--within", "soon"), ("--format", "html"), ("--as-of", "then")])
def test_refuses_what_it_does_not_know(arguments: tuple[str, ...]) -> None:
    assert due(*arguments).exit_code == 2


def test_writes_a_file_whole_and_never_over_the_log(tmp_path: Path) -> None:
    assert due("--format", "ics", "-o", str(tmp_path / "duties.ics")).exit_code == 0
    assert (tmp_path / "duties.ics").read_text(encoding="utf-8") == due("--format", "ics").stdout.replace("\r\n", "\n")
    assert due("-o", LOG).exit_code == 2
