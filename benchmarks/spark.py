"""The Spark evaluator measured: `python benchmarks/spark.py` prints the figures and writes them into RESULTS.md.

Each run is `ethics-engine check` as a process of its own, its report compared with the bulk evaluator's to the byte.
Wall time and the peaks of memory are of the whole tree of processes, sampled five times a second, and so are the CPU
seconds. What a stage took comes from Spark's own event log: CPU and run time of its tasks, bytes shuffled, bytes
sent to the driver. CPU seconds hold where other work shares the machine; wall time does not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from bulk import generated  # noqa: E402
from live import machine, write_section  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
KINDS = ("driver", "java", "python")


@dataclass
class Run:
    """What one run took: seconds, and for each kind of process its CPU seconds and peak of memory in bytes."""

    wall: float = 0.0
    cpu: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    peak: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    stages: list[dict[str, float]] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """All CPU seconds."""
        return sum(self.cpu.values())


def measured(command: list[str], folder: Path, environment: dict[str, str]) -> Run:
    """Run a command and watch all the processes that it starts."""
    run = Run()
    seen: dict[int, tuple[str, float]] = {}
    begun = time.perf_counter()
    with open(folder / "stderr.txt", "wb") as told:
        process = subprocess.Popen(
            command, env=os.environ | environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=told
        )
    watching = threading.Event()

    def watch() -> None:
        while not watching.wait(0.2):
            sample(process.pid, seen, run)

    thread = threading.Thread(target=watch)
    thread.start()
    code = process.wait()
    run.wall = time.perf_counter() - begun
    watching.set()
    thread.join()
    if code not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with {code}: {(folder / 'stderr.txt').read_text()[-2000:]}")
    for kind, seconds in seen.values():
        run.cpu[kind] += seconds
    return run


def sample(root: int, seen: dict[int, tuple[str, float]], run: Run) -> None:
    """Look at a process and all below it: CPU seconds so far, and the greatest memory of one of each kind."""
    parents, rows = {}, {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            name, rest = (entry / "stat").read_text().rsplit(")", 1)
            cells = rest.split()
        except OSError:
            continue
        pid = int(entry.name)
        parents[pid] = int(cells[1])
        rows[pid] = (name.split("(", 1)[1], (int(cells[11]) + int(cells[12])) / TICK, int(cells[21]) * PAGE)
    for pid, (name, seconds, memory) in rows.items():
        at = pid
        while at not in (root, 0, 1):
            at = parents.get(at, 0)
        if at == root:
            kind = "driver" if pid == root else "java" if name == "java" else "python"
            seen[pid] = (kind, seconds)
            run.peak[kind] = max(run.peak[kind], memory)


def stages(folder: Path) -> list[dict[str, float]]:
    """What the stages of the last application took, by its event log: tasks, seconds, megabytes."""
    found: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for log in folder.rglob("*"):
        if not log.is_file() or log.name.startswith("."):
            continue
        for line in log.read_text(encoding="utf-8").splitlines():
            entry: dict[str, Any] = json.loads(line)
            if entry.get("Event") != "SparkListenerTaskEnd" or "Task Metrics" not in entry:
                continue
            metrics, stage = entry["Task Metrics"], found[entry["Stage ID"]]
            stage["tasks"] += 1
            stage["run"] += metrics["Executor Run Time"] / 1e3
            stage["longest"] = max(stage["longest"], metrics["Executor Run Time"] / 1e3)
            stage["result"] += metrics["Result Size"]
            stage["written"] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
            stage["rows"] += metrics["Shuffle Write Metrics"]["Shuffle Records Written"]
            stage["spilled"] += metrics["Disk Bytes Spilled"]
    return [found[number] for number in sorted(found)]


def check(log: Path, engine: str, folder: Path, master: str = "") -> Run:
    """Judge a log by one evaluator; the report is left in the folder."""
    report = folder / f"{engine}.json"
    command = [sys.executable, "-m", "ethics_engine", "check", str(log), "--engine", engine, "--format", "json"]
    command += ["-o", str(report), *(["--master", master] if master else [])]
    environment = {"PYTHONPATH": str(HERE.parent), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    if engine != "spark":
        return measured(command, folder, environment)
    with TemporaryDirectory(dir=folder) as name:
        conf = Path(name)
        (conf / "events").mkdir()
        (conf / "spark-defaults.conf").write_text(
            f"spark.eventLog.enabled true\nspark.eventLog.compress false\nspark.eventLog.dir file://{conf}/events\n"
            "spark.driver.memory 3g\nspark.ui.enabled false\nspark.driver.host 127.0.0.1\nspark.executor.memory 1g\n"
        )
        run = measured(command, folder, environment | {"SPARK_CONF_DIR": str(conf)})
        run.stages = stages(conf / "events")
    expected = (folder / "bulk.json").read_text(encoding="utf-8").replace('"evaluator": "bulk"', '"evaluator": "spark"')
    if expected != report.read_text(encoding="utf-8"):
        raise SystemExit(f"the evaluators differ on {log}")
    return run


def told(name: str, events: int, run: Run) -> str:
    """A row of the table of runs."""
    peaks = " / ".join(f"{run.peak[kind] / 1e6:,.0f}" if run.peak[kind] else "–" for kind in KINDS)
    return f"| {events:,} | {name} | {run.wall:.1f} s | {run.seconds:.1f} s | {peaks} MB |"


def work(run: Run) -> tuple[dict[str, float], dict[str, float]]:
    """The stage that shuffles the log, and the one that judges it."""
    shuffling = max(run.stages, key=lambda stage: stage["written"])
    judging = max(run.stages, key=lambda stage: stage["result"])
    return shuffling, judging


def growth(sizes: list[int], folder: Path) -> list[str]:
    """Both evaluators on logs of growing size, on the two cores of one machine, and what the stages cost."""
    rows = [
        "| events | evaluator | wall | CPU, all processes | peak of one driver / Java / Python process |",
        "|---|---|---|---|---|",
    ]
    parts = [
        "| events | read and shuffle, core seconds | shuffled | bytes an event | judge, core seconds | "
        "to the driver | spilled |",
        "|---|---|---|---|---|---|---|",
    ]
    for size in sizes:
        log = generated(size, folder)
        rows.append(told("bulk", size, check(log, "bulk", folder)))
        run = check(log, "spark", folder, "local[2]")
        rows.append(told("spark, `local[2]`", size, run))
        shuffling, judging = work(run)
        parts.append(
            f"| {size:,} | {shuffling['run']:.1f} | {shuffling['written'] / 1e6:,.0f} MB "
            f"| {shuffling['written'] / size:.0f} | {judging['run']:.1f} | {judging['result'] / 1e6:.1f} MB "
            f"| {sum(stage['spilled'] for stage in run.stages) / 1e6:,.0f} MB |"
        )
    return [*rows, "", *parts]


def executors(size: int, numbers: list[int], folder: Path) -> list[str]:
    """The same log on executors of one core each, all on this machine."""
    rows = [
        "| executors | wall | read and shuffle, core seconds | judge, core seconds | longest task of judging |",
        "|---|---|---|---|---|",
    ]
    log = generated(size, folder)
    check(log, "bulk", folder)
    for number in numbers:
        run = check(log, "spark", folder, f"local-cluster[{number},1,1024]")
        shuffling, judging = work(run)
        stage = f"{shuffling['run']:.1f} | {judging['run']:.1f} | {judging['longest']:.1f} s"
        rows.append(f"| {number} | {run.wall:.1f} s | {stage} |")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the Spark evaluator.")
    parser.add_argument("--events", type=int, default=5_000_000, help="events of the largest log")
    given = parser.parse_args()
    sizes = [size for size in (1_000_000, 5_000_000, 10_000_000, 20_000_000) if size <= given.events]
    lines = ["## Spark evaluator", "", "`python benchmarks/spark.py`", "", *machine(), ""]
    with TemporaryDirectory() as name:
        folder = Path(name)
        lines += ["All the shipped rules, generated logs in Parquet; every report of Spark is bulk's, to the byte:", ""]
        lines += growth(sizes, folder)
        lines += ["", f"{sizes[0]:,} events on executors of one core each (`local-cluster`), on this one machine:", ""]
        lines += executors(sizes[0], [1, 2, 4], folder)
    print("\n".join(lines))
    write_section(lines, "spark")


if __name__ == "__main__":
    main()
