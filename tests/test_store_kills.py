"""A process that observes is killed at random moments, and several observe at once: nothing acknowledged is lost.

`KILLS` says how often (default 5 for each kind of store), `AT_ONCE` how many events the eight processes observe
together.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from generated import practice_log
from postgresql import server
from sqlalchemy import create_engine, text
from test_store import schema_of

from ethics_engine import Monitor, check, load_rules
from ethics_engine.store.database import Store
from ethics_engine.store.evidence import verify

KILLS = int(os.environ.get("KILLS", "5"))
AT_ONCE = int(os.environ.get("AT_ONCE", "1500"))
SCRIPT = Path(__file__).parent / "observing.py"
RULES = load_rules()


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    with server() as address:
        yield address


def observing(address: str, log: Path, at_once: int, cached: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(SCRIPT), address, str(log), str(at_once), str(cached)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def written(log: list[dict[str, Any]], file: Path) -> Path:
    file.write_text("".join(json.dumps(event) + "\n" for event in log), encoding="utf-8")
    return file


def rows_of_findings(address: str) -> list[str]:
    """The ids of the findings that stand in the store, as a database tool sees them."""
    engine = create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        rows = connection.execute(text("select content from verdicts where kind = 'finding'"))
        found = sorted(json.loads(content)["id"] for (content,) in rows)
    engine.dispose()
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_at_any_moment_no_acknowledged_event_is_lost_and_no_finding_doubled(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    address = f"sqlite:///{tmp_path / 'practice.db'}"
    if kind == "postgresql":
        address = schema_of(request.getfixturevalue("postgresql"), f"k{abs(hash(str(tmp_path)))}")
    chance = random.Random(20261128)
    log = practice_log(100 * KILLS, seed=5)
    recorded = 0
    for _ in range(KILLS):
        rest = written(log[recorded:], tmp_path / "rest.ndjson")
        process = observing(address, rest, chance.choice([1, 1, 3]), chance.choice([0, 1000]))
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 1.0))
        process.send_signal(signal.SIGKILL)
        acknowledged = recorded + int(([0, *process.stdout.read().split()])[-1])
        process.stdout.close()
        process.wait()
        with Monitor(RULES, address) as monitor:
            report = monitor.report()
        recorded = report.log.accepted
        assert recorded >= acknowledged
        assert check(log[:recorded], RULES).findings == report.findings
        assert sorted(finding.id for finding in report.findings) == rows_of_findings(address)
        with closing(Store(address, make=False)) as store:
            assert verify(store).faults == ()


def test_eight_processes_that_observe_into_one_postgresql_end_in_what_a_batch_gives(
    postgresql: str, tmp_path: Path
) -> None:
    address = schema_of(postgresql, f"e{abs(hash(str(tmp_path)))}")
    log = practice_log(AT_ONCE, seed=11)
    chance = random.Random(8)
    practitioners = sorted({event["practitioner"] for event in log})
    shares: list[list[dict[str, Any]]] = [[] for _ in range(8)]
    for event in log:  # each practitioner has a process, and one event in twenty comes from another one
        number = practitioners.index(event["practitioner"]) if chance.random() > 0.05 else chance.randrange(8)
        shares[number % 8].append(event)
    processes = []
    for number, share in enumerate(shares):
        own = written(share, tmp_path / f"{number}.ndjson")
        processes.append(observing(address, own, 25, 0 if number % 2 else 100_000))
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0] * 8
    with Monitor(RULES, address) as monitor:
        report = monitor.report()
    batch = check(log, RULES, as_of=report.log.as_of)
    assert batch.findings == report.findings
    assert batch.obligations == report.obligations
    assert batch.cannot_tell == report.cannot_tell
    assert sorted(finding.id for finding in report.findings) == rows_of_findings(address)
    with closing(Store(address, make=False)) as store:
        assert verify(store).faults == ()
