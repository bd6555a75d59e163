"""An audit that is killed at any moment leaves no part of a report, and nothing on disk after the next run.

`KILLS=50` kills fifty of them instead of four.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_audits import write, year

KILLS = int(os.environ.get("KILLS", "4"))


@pytest.fixture(scope="module", params=["parquet", "ndjson"])
def log(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of twelve practitioners, in order of time, that is cut apart on disk."""
    records = [record | {"practitioner": f"p{n}"} for n in range(12) for record in year("sound-year.ndjson")]
    records.sort(key=lambda record: record["at"])
    path = tmp_path_factory.mktemp("kills") / f"log.{request.param}"
    if request.param == "parquet":
        return write(path, records)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def start(log: Path, folder: Path, start_new_session: bool = False) -> subprocess.Popen[bytes]:
    """An audit with little memory, so that it is cut into parts."""
    command = [sys.executable, "-m", "ethics_engine", "check", str(log), "--engine", "bulk", "--memory", "1GB"]
    command += ["--scratch", str(folder / "scratch"), "--format", "json", "-o", str(folder / "report.json")]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    return subprocess.Popen(
        command, env=environment, cwd=folder, stderr=subprocess.PIPE, start_new_session=start_new_session
    )


def finished(log: Path, folder: Path) -> tuple[int, str]:
    """An audit that nobody kills: its exit code and report."""
    process = start(log, folder)
    told = process.communicate()[1].decode()
    assert process.returncode in (0, 1), told
    return process.returncode, (folder / "report.json").read_text(encoding="utf-8")


def workers_of(process: subprocess.Popen[bytes]) -> set[int]:
    """The processes that still run of those that a process has started."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
            parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
        except OSError:
            continue
        if b"multiprocessing" in command and int(parent) == process.pid:
            found.add(int(entry.name))
    return found


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_leaves_nothing_behind(stop: signal.Signals, log: Path, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    began = time.monotonic()
    whole = finished(log, tmp_path)
    took = time.monotonic() - began
    draw = random.Random(int(stop))
    for _ in range(KILLS if stop is signal.SIGKILL else 2):
        (tmp_path / "report.json").unlink(missing_ok=True)
        process = start(log, tmp_path)
        time.sleep(draw.uniform(0.1, took))
        workers = workers_of(process)
        process.send_signal(stop)
        told = process.communicate()[1].decode()
        if (tmp_path / "report.json").exists():
            assert whole[1] == (tmp_path / "report.json").read_text(encoding="utf-8")
        if stop is signal.SIGINT:
            assert list((tmp_path / "scratch").iterdir()) == []
            assert "Traceback" not in told
            assert process.returncode in (0, 1, 130, -signal.SIGINT)  # the last: Python has not begun, or has ended
            if process.returncode == 130 and "stopped" in told:
                assert "nothing was written" in told
        deadline = time.monotonic() + 10
        while any(Path(f"/proc/{worker}").exists() for worker in workers):
            assert time.monotonic() < deadline, "a worker goes on without its parent"
            time.sleep(0.05)
    assert whole == finished(log, tmp_path)
    assert list((tmp_path / "scratch").iterdir()) == []
    assert sorted(each.name for each in tmp_path.iterdir()) == ["report.json", "scratch"]
    assert json.loads(whole[1])["log"]["read"] == json.loads(whole[1])["log"]["accepted"]


@pytest.mark.parametrize("later", [0.0, 0.1])
def test_an_interrupt_while_its_processes_start_is_told_without_a_traceback(
    later: float, log: Path, tmp_path: Path
) -> None:
    """Ctrl-C goes to every process of the terminal's group, also to those that are not ready for it."""
    (tmp_path / "scratch").mkdir()
    process = start(log, tmp_path, start_new_session=True)
    deadline = time.monotonic() + 60
    while not workers_of(process):
        assert process.poll() is None
        assert time.monotonic() < deadline, "no process was started"
        time.sleep(0.002)
    time.sleep(later)
    os.killpg(process.pid, signal.SIGINT)
    told = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130
    assert told.startswith("stopped: ")
    assert told.count("\n") == 1
    assert list((tmp_path / "scratch").iterdir()) == []
    assert not (tmp_path / "report.json").exists()


@pytest.mark.parametrize("later", [0.02, 0.05])
def test_an_interrupt_after_the_report_is_written_is_told_without_a_traceback(
    later: float, log: Path, tmp_path: Path
) -> None:
    """Python waits then for the processes of the audit to end."""
    (tmp_path / "scratch").mkdir()
    process = start(log, tmp_path)
    while not (tmp_path / "report.json").exists():
        assert process.poll() is None
        time.sleep(0.001)
    time.sleep(later)
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=60)[1].decode()
    assert "Traceback" not in told
    assert process.returncode in (0, 1, 130, -signal.SIGINT)
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["log"]["rejected"] == 0
