"""An audit by way of Spark Connect: the client has no Java, the server has the log, and the bytes are the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from spark_practices import ENVIRONMENT, SETTINGS
from test_audits import write, year

from ethics_engine import check, load_rules

pytest.importorskip("pyspark", reason="the Spark evaluator needs PySpark: pip install 'ethics-engine[spark]'")
pytest.importorskip("grpc", reason="Spark Connect needs gRPC: pip install 'pyspark[connect]'")
pytestmark = pytest.mark.spark

from spark_cluster import Cluster, free_port  # noqa: E402 - needs PySpark


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Connect server on this machine; its address."""
    port = free_port()
    settings = SETTINGS | {
        "spark.connect.grpc.binding.port": str(port),
        "spark.connect.grpc.binding.address": "127.0.0.1",
    }
    settings["spark.log.level"] = "INFO"
    made = Cluster(tmp_path_factory.mktemp("connect"))
    given = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    process = made.run(
        "server.log",
        "org.apache.spark.deploy.SparkSubmit",
        *("--master", "local[2]", *given),
        *("--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"),
    )
    made.workers.append(process)
    try:
        made.wait_for("Spark Connect server started at", "server.log")
        yield f"sc://127.0.0.1:{port}"
    finally:
        made.stop()


def test_the_command_says_the_same_by_way_of_connect(server: str, tmp_path: Path) -> None:
    records = [record | {"practitioner": name} for name in ("p1", "p2") for record in year("drifting-year.ndjson")]
    records[7] |= {"type": "no.such"}
    path = write(tmp_path / "log.parquet", sorted(records, key=lambda record: record["at"]))
    pl.read_parquet(path).write_parquet(path)
    given = ["check", str(path), "--engine", "spark", "--master", server, "--format", "json", "-o", "report.json"]
    environment = {**os.environ, **ENVIRONMENT}
    told = subprocess.run(
        [sys.executable, "-m", "ethics_engine", *given], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    bulk = check(path, load_rules(), engine="bulk")
    assert (told.returncode, told.stderr) == (3, bulk.rejected[0].render() + "\n")
    expected = bulk.to_json().replace('"evaluator": "bulk"', '"evaluator": "spark"')
    assert expected == (tmp_path / "report.json").read_text(encoding="utf-8")
