"""An audit on a standalone cluster ends with the same bytes though a worker is killed in the middle of it.

`SPARK_KILLS=10` kills a worker in ten audits instead of one.
"""

from __future__ import annotations

import os
import subprocess
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

from spark_cluster import Cluster, cluster, command, descendants  # noqa: E402 - needs PySpark

KILLS = int(os.environ.get("SPARK_KILLS", "1"))
SLOWLY = """
spark.driver.host 127.0.0.1
spark.ui.enabled false
spark.executor.memory 512m
spark.task.maxFailures 8
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


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "spark-defaults.conf").write_text(SLOWLY)
    with cluster(tmp_path, workers=2) as made:
        yield made


def start(running: Cluster, log: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **ENVIRONMENT, "SPARK_CONF_DIR": str(running.folder / "conf")}
    arguments = command(running, str(log), "--memory", "1GB", "-o", str(running.folder / "report.json"))
    with open(running.folder / "driver.log", "wb") as told:
        return subprocess.Popen(arguments, env=environment, cwd=running.folder, stderr=told)


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


@pytest.mark.parametrize("number", range(KILLS))
def test_a_worker_killed_while_it_judges_changes_no_byte(
    number: int, log: Path, expected: str, running: Cluster
) -> None:
    process = start(running, log)
    victim = number % 2
    while not python_of(running.workers[victim]):
        assert process.poll() is None, (running.folder / "driver.log").read_text()
        time.sleep(0.05)
    time.sleep(number * 0.3)
    still = process.poll() is None
    running.kill_worker(victim)
    assert process.wait() in (0, 1), (running.folder / "driver.log").read_text()
    assert expected == (running.folder / "report.json").read_text(encoding="utf-8")
    assert still, "the audit had ended before a worker was killed"
