"""The example back end: it records, refuses in words, and goes on where it was."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from shipped import touch

FOLDER = Path(__file__).parent.parent / "examples" / "web"
sys.path.insert(0, str(FOLDER))

from backend import LARGEST_BODY, create_app  # noqa: E402


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return create_app(f"sqlite:///{tmp_path / 'practice.db'}").test_client()


def events_of(answer: Any) -> set[str]:
    return {finding["rule"] for finding in answer.get_json()["new"]}


def test_an_event_answers_with_its_findings_and_duties(client: FlaskClient) -> None:
    answer = client.post("/events", json=touch(consent=False))
    assert answer.status_code == 201
    assert "touch.without-consent" in events_of(answer)
    found = client.get("/findings?client=c1").get_json()
    assert {finding["rule"] for finding in found} == events_of(answer)
    assert client.get("/findings?client=c2").get_json() == []


def test_the_same_event_again_changes_nothing(client: FlaskClient) -> None:
    client.post("/events", json=touch(consent=False))
    again = client.post("/events", json=touch(consent=False))
    assert (again.status_code, again.get_json()["accepted"], events_of(again)) == (200, 0, set())


def test_an_id_of_another_event_is_refused(client: FlaskClient) -> None:
    client.post("/events", json=touch())
    assert client.post("/events", json=touch(kind="hold")).status_code == 409


def test_an_event_with_faults_is_refused_with_all_of_them(client: FlaskClient) -> None:
    answer = client.post("/events", json={"id": "e1", "type": "contact.toch"})
    assert answer.status_code == 422
    assert any("contact.touch" in (fault["hint"] or "") for fault in answer.get_json()["faults"])


@pytest.mark.parametrize(
    ("body", "expected"),
    [(b"{", 400), (b"[]", 422), (b'"text"', 422), (b"null", 422), (b" " * (LARGEST_BODY + 1), 413)],
)
def test_what_is_no_event_is_refused_in_words(client: FlaskClient, body: bytes, expected: int) -> None:
    answer = client.post("/events", data=body, content_type="application/json")
    assert answer.status_code == expected
    assert answer.get_json()["error"]
    assert all(fault["message"] for fault in answer.get_json().get("faults", []))
    assert expected != 422 or answer.get_json()["faults"]


def test_a_duty_is_due_and_becomes_a_finding_as_time_passes(client: FlaskClient) -> None:
    intake = {
        "id": "i1",
        "at": "2026-03-02T10:00:00+01:00",
        "type": "intake.held",
        "practitioner": "p1",
        "client": "c1",
    }
    client.post("/events", json=intake)
    due = client.get("/due?within=60d").get_json()
    assert due != []
    passed = client.post("/time", json={"to": "2026-06-30"})
    assert {duty["rule"] for duty in passed.get_json()["closed"]} & {duty["rule"] for duty in due}
    assert events_of(passed)


@pytest.mark.parametrize("to", [None, [], "soon", 10**30, True])
def test_a_time_that_is_none_is_an_error_of_the_caller(client: FlaskClient, to: Any) -> None:
    answer = client.post("/time", json={"to": to})
    assert (answer.status_code, answer.get_json()["error"][:3]) == (400, "to:")


def test_a_wrong_word_is_an_error_of_the_caller(client: FlaskClient) -> None:
    assert client.get("/due?within=soon").status_code == 400
    assert client.post("/time", json=[]).status_code == 400


def test_another_writer_is_no_error_of_anyone_and_the_same_request_may_come_again(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ethics_engine.store.database.WAIT", 0.1)
    client = create_app(f"sqlite:///{tmp_path / 'practice.db'}").test_client()
    with closing(sqlite3.connect(tmp_path / "practice.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        answer = client.post("/events", json=touch())
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "practice.db" not in answer.get_data(as_text=True)
    assert client.post("/events", json=touch()).status_code == 201


@pytest.mark.parametrize(
    "wrong",
    [
        "update events set content = replace(content, 'hug', 'pat')",  # a chain that was altered
        "update ethics_engine set value = 'others' where name = 'judged_by'",  # other rules
    ],
)
def test_what_will_not_pass_by_itself_is_no_error_of_the_caller(tmp_path: Path, wrong: str) -> None:
    store = f"sqlite:///{tmp_path / 'practice.db'}"
    create_app(store).test_client().post("/events", json=touch())
    client = create_app(store).test_client()
    with closing(sqlite3.connect(tmp_path / "practice.db", isolation_level=None)) as other:
        assert other.execute(wrong).rowcount == 1
    answer = client.post("/events", json=touch(id="e2"))
    assert answer.status_code == 500
    assert answer.get_json()["error"].startswith("nothing was recorded")
    assert "Retry-After" not in answer.headers


def test_a_new_process_goes_on_where_the_last_one_was(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'practice.db'}"
    create_app(store).test_client().post("/events", json=touch(consent=False))
    found = create_app(store).test_client().get("/findings").get_json()
    assert "touch.without-consent" in {finding["rule"] for finding in found}


def test_the_example_is_strictly_typed() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(FOLDER / "backend.py")], capture_output=True, text=True
    )
    assert (run.returncode, run.stdout) == (0, "Success: no issues found in 1 source file\n")
