"""What `peers.py` measures: evaluators and peers, each a process that judges a log by so many reference rules."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HERE = Path(__file__).resolve().parent
REFERENCE = HERE / "reference"
sys.path[:0] = [str(HERE), str(REFERENCE)]

import yaml  # noqa: E402
from copies import policy  # noqa: E402
from findings import Finding  # noqa: E402

NO_LIMIT = 10**12
ALL = 10**6  # more rules than ship
JAVA = 17  # the least version that Drools runs on
# Starts the process from a small one: a child's peak of memory begins with its parent's.
MEASURE = """
import json, os, subprocess, sys, time
begun = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(json.dumps([time.perf_counter() - begun, usage.ru_maxrss / 1000, os.waitstatus_to_exitcode(status)]))
"""
Run = tuple[float, float]  # wall seconds, megabytes
Rules = int | Path  # so many reference rules; or a folder of rule files, for the evaluators alone


@dataclass(frozen=True)
class Contender:
    """What is measured: its packages, and the kinds of log that it reads, each with the most events it is given."""

    name: str
    packages: tuple[str, ...]
    reads: tuple[tuple[str, int], ...]
    engine: str = ""  # of `ethics-engine check`
    script: str = ""  # in `reference`
    java: bool = False

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.reads]

    def command(self, log: Path, rules: Rules) -> list[str]:
        """The process that judges a log by the rules; `ethics-engine` writes a report beside the log."""
        if self.script:
            return [sys.executable, str(REFERENCE / self.script), str(log), str(rules)]
        home = rules if isinstance(rules, Path) else written(rules, log.parent)
        chosen = ["--engine", self.engine, "--rules", str(home)]
        out = ["--format", "json", "-o", str(self.report(log))]
        return [sys.executable, "-m", "ethics_engine", "check", str(log), *chosen, *out]

    def report(self, log: Path) -> Path:
        return log.with_name(f"{log.name}.{self.engine}.json")

    @property
    def fine(self) -> tuple[int, ...]:
        """The exit codes of a run that came to its end: `check` answers 1 where it finds something."""
        return (0,) if self.script else (0, 1)

    def findings(self, log: Path, rules: Rules) -> list[Finding]:
        """What it finds, sorted."""
        done = subprocess.run(self.command(log, rules), env=environment(), stdout=subprocess.PIPE, text=True)
        if done.returncode not in self.fine:
            raise SystemExit(f"{self.name} ended with {done.returncode} on {log}")
        if self.script:
            return sorted(tuple(line.split("\t")) for line in done.stdout.splitlines())
        found = json.loads(self.report(log).read_text(encoding="utf-8"))["findings"]
        return sorted((one["rule"], one["practitioner"], one["client"] or "", one["events"][0]) for one in found)

    def measured(self, log: Path, rules: Rules) -> Run:
        """One run: wall seconds, and the peak of its memory in megabytes."""
        command = [sys.executable, "-I", "-c", MEASURE, *self.command(log, rules)]
        took, peak, code = json.loads(subprocess.check_output(command, env=environment()))
        if code not in self.fine:
            raise SystemExit(f"{self.name} ended with {code} on {log}")
        return took, peak

    def left_out(self) -> str:
        """Why it cannot run here; empty where it can."""
        for package in self.packages:
            try:
                version(package)
            except PackageNotFoundError:
                return f"{package} is not installed"
        found = java()
        return f"Java {JAVA} or later is not found" if self.java and (found is None or found[0] < JAVA) else ""


PARQUET, NDJSON = ("parquet", NO_LIMIT), ("ndjson", NO_LIMIT)
SMALL = ("ndjson", 1_000_000)  # what would take minutes, or hold some gigabytes, beyond that
CONTENDERS = (
    Contender("bulk evaluator", ("polars",), (PARQUET, SMALL), engine="bulk"),
    Contender("live evaluator", (), (SMALL,), engine="live"),
    Contender("Polars, by hand", ("polars",), (PARQUET, NDJSON), script="in_polars.py"),
    Contender("DuckDB SQL, by hand", ("duckdb",), (PARQUET, NDJSON), script="in_duckdb.py"),
    Contender("plain Python, by hand", ("orjson",), (NDJSON,), script="in_python.py"),
    Contender("durable-rules", ("durable_rules", "orjson"), (SMALL,), script="in_durable.py"),
    Contender("CLIPS", ("clipspy", "orjson"), (SMALL,), script="in_clips.py"),
    Contender("Drools", ("drools_jpy", "orjson"), (SMALL,), script="in_drools.py", java=True),
)


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HERE.parent)}


def java() -> tuple[int, str] | None:
    """The version of the Java on the path: its number, and in full."""
    program = shutil.which("java")
    if program is None:
        return None
    said = subprocess.run([program, "-version"], capture_output=True, text=True).stderr
    named = re.search(r'version "((\d+)[^"]*)"', said)
    return (int(named[2]), named[1]) if named else None


def shipped(least: int, folder: Path) -> tuple[int, Path]:
    """Shipped policies, whole, until there are so many rules (or all): how many rules, and the folder of their files.

    `roles` comes first, as others take its parameters; those that speak of many other policies' rules come last.
    """
    last = ("pattern", "practitioner")
    files = [file for file in (HERE.parent / "rules").glob("*.yaml") if file.stem != "vocabulary"]
    files.sort(key=lambda file: (file.stem in last, file.stem != "roles", file.stem))
    home = folder / f"shipped-{least}"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    rules = 0
    for file in files:
        if rules < least:
            shutil.copy(file, home)
            rules += len(yaml.load(file.read_bytes(), Loader=yaml.BaseLoader)["rules"])
    return rules, home


def written(rules: int, folder: Path) -> Path:
    """A folder with so many rules as a policy file; JSON is YAML."""
    home = folder / f"rules-{rules}"
    home.mkdir(exist_ok=True)
    (home / "reference.yaml").write_text(json.dumps(policy(rules)), encoding="utf-8")
    return home
