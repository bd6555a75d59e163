"""A standalone Spark cluster on this machine: a master and some workers, each a process of its own, on the loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from spark_practices import ENVIRONMENT

LONGEST_START = 120  # seconds


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port: int = made.getsockname()[1]
        return port


@dataclass
class Cluster:
    """A master with workers of one core each; `url` is the master's."""

    folder: Path
    url: str = ""
    master: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    started: int = 0

    def start(self, kind: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a master or a worker."""
        log = f"{kind}-{self.started}.log"
        self.started += kind == "worker"
        name = f"org.apache.spark.deploy.{kind}.{kind.title()}"
        return self.run(log, name, "--host", "127.0.0.1", *arguments)

    def run(self, log: str, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Run a class of Spark's, which writes its log to a file of the folder."""
        import pyspark

        home = Path(pyspark.__file__).parent
        environment = {**os.environ, **ENVIRONMENT, "SPARK_HOME": str(home), "SPARK_DAEMON_MEMORY": "640m"}
        with open(self.folder / log, "wb") as told:
            return subprocess.Popen(
                [str(home / "bin" / "spark-class"), name, *arguments],
                env=environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
            )

    def wait_for(self, text: str, file: str) -> None:
        """Wait until a log says something."""
        until = time.monotonic() + LONGEST_START
        while time.monotonic() < until:
            if text in (self.folder / file).read_text(errors="replace"):
                return
            time.sleep(0.2)
        raise AssertionError(f"{file} never said {text!r}")

    def add_worker(self) -> None:
        folder = self.folder / f"worker-{self.started}"
        made = self.start("worker", "--cores", "1", "--memory", "1g", "--work-dir", str(folder), self.url)
        self.workers.append(made)
        self.wait_for("Successfully registered with master", f"worker-{self.started - 1}.log")

    def kill_worker(self, worker: subprocess.Popen[bytes]) -> None:
        """Kill a worker and all that it started: its executors, and their Python processes."""
        self.workers.remove(worker)
        doomed = [worker.pid, *descendants(worker.pid)]
        for pid in doomed:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        worker.wait()

    def stop(self) -> None:
        for worker in list(self.workers):
            self.kill_worker(worker)
        if self.master is not None:
            self.master.kill()
            self.master.wait()


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    made = Cluster(folder)
    port = free_port()
    made.url = f"spark://127.0.0.1:{port}"
    try:
        made.master = made.start("master", "--port", str(port), "--webui-port", str(free_port()))
        made.wait_for("I have been elected leader", "master-0.log")
        for _ in range(workers):
            made.add_worker()
        yield made
    finally:
        made.stop()


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and those that they have."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        more = children.get(waiting.pop(), [])
        found += more
        waiting += more
    return found
