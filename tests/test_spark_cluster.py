"""An audit on a standalone cluster ends with the same bytes though a worker is killed in the middle of it.

`SPARK_KILLS=10` kills a worker in ten audits instead of one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from spark_practices import ENVIRONMENT
from test_audits import write, year

from ethics_engine import check, load_rules

pytest.importorskip("pyspark", reason="the Spark evaluator needs PySpark: pip install 'ethics-engine[spark]'")
pytestmark = pytest.mark.spark

from spark_cluster import Cluster, cluster, descendants  # noqa: E402 - needs PySpark

KILLS = int(os.environ.get("SPARK_KILLS", "1"))
DEFAULTS = """
spark.driver.host 127.0.0.1
spark.ui.enabled false
spark.executor.memory 512m
spark.task.maxFailures 8
"""
IN_SMALL_PARTS = """
import sys
from pathlib import Path
from ethics_engine.engines.spark import check_files
from ethics_engine.spark.session import session
url, log, report = sys.argv[1:]
with session(url) as spark:
    Path(report).write_text(check_files(spark, [log], part=3_000).to_json(), encoding="utf-8")
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of twelve practitioners, in order of time."""
    records = [record | {"practitioner": f"p{n}"} for n in range(12) for record in year("sound-year.ndjson")]
    path = write(tmp_path_factory.mktemp("log") / "log.parquet", sorted(records, key=lambda record: record["at"]))
    pl.read_parquet(path).write_parquet(path, row_group_size=4_000)
    return path


@pytest.fixture(scope="module")
def expected(log: Path) -> str:
    return check(log, load_rules(), engine="bulk").to_json().replace('"evaluator": "bulk"', '"evaluator": "spark"')


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "spark-defaults.conf").write_text(DEFAULTS)
    with cluster(folder, workers=2) as made:
        yield made


def start(running: Cluster, *arguments: str) -> subprocess.Popen[bytes]:
    """A driver; what it says goes to `driver.log`."""
    environment = {**os.environ, **ENVIRONMENT, "SPARK_CONF_DIR": str(running.folder)}
    with open(running.folder / "driver.log", "wb") as told:
        return subprocess.Popen([sys.executable, *arguments], env=environment, cwd=running.folder, stderr=told)


def python_of(worker: subprocess.Popen[bytes]) -> list[int]:
    """The Python processes that a worker's executors have started, the one that starts the others left out."""
    found = []
    for pid in descendants(worker.pid):
        try:
            if b"pyspark.daemon" in Path(f"/proc/{pid}/cmdline").read_bytes() and not descendants(pid):
                found.append(pid)
        except OSError:
            continue
    return found


def test_the_command_says_what_it_says_without_a_cluster(log: Path, expected: str, running: Cluster) -> None:
    report = running.folder / "command.json"
    given = ["check", str(log), "--engine", "spark", "--master", running.url, "--format", "json", "-o", str(report)]
    process = start(running, "-m", "ethics_engine", *given)
    assert process.wait() == 0, (running.folder / "driver.log").read_text()
    assert expected == report.read_text(encoding="utf-8")


@pytest.mark.parametrize("number", range(KILLS))
def test_a_worker_killed_while_it_judges_changes_no_byte(
    number: int, log: Path, expected: str, running: Cluster
) -> None:
    report = running.folder / f"report-{number}.json"
    process = start(running, "-c", IN_SMALL_PARTS, running.url, str(log), str(report))
    victim = running.workers[number % 2]
    while not python_of(victim):
        assert process.poll() is None, (running.folder / "driver.log").read_text()
        time.sleep(0.05)
    time.sleep(number * 0.3)
    judged = not report.exists()
    running.kill_worker(victim)
    assert process.wait() == 0, (running.folder / "driver.log").read_text()
    assert expected == report.read_text(encoding="utf-8")
    assert judged, "the audit had ended before a worker was killed"
    running.add_worker()
