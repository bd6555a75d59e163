"""The bulk evaluator measured: `python benchmarks/bulk.py` prints the figures and writes them into RESULTS.md.

Each figure is of whole processes, the interpreter's start and the writing of the report included: the median of the
repeats with the least and the greatest beside it, in wall time. What is compared runs in turns. Memory is the peak of
the largest single process. A peer's findings are compared with the bulk evaluator's before its time counts.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from live import machine, write_section  # noqa: E402

REFERENCE = HERE / "reference"
LIVE_MOST = 200_000  # events; beyond it the live evaluator is not timed


def run(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Wall seconds of a process, and the peak of its memory in megabytes."""
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return took, usage.ru_maxrss / 1000


def generated(size: int, folder: Path, kind: str = "parquet") -> Path:
    """A log of so many events, made by a process of its own: a child's peak of memory begins with its parent's."""
    log = folder / f"log-{size}.{kind}"
    if not log.exists():
        unfinished = folder / f"unfinished-{size}.{kind}"
        subprocess.run([sys.executable, str(HERE / "generate.py"), str(size), "-o", str(unfinished)], check=True)
        unfinished.rename(log)
    return log


def check(log: Path, engine: str, *more: str) -> list[str]:
    report = log.with_suffix(f".{engine}.json")
    given = ["check", str(log), "--engine", engine, "--format", "json", "-o", str(report), *more]
    return [sys.executable, "-m", "ethics_engine", *given]


def told(runs: Sequence[tuple[float, float]], events: int) -> str:
    """The cells of a row: seconds, events a second, memory."""
    seconds = [took for took, _ in runs]
    rate = events / statistics.median(seconds)
    memory = max(peak for _, peak in runs)
    spread = f"{statistics.median(seconds):.2f} s [{min(seconds):.2f} to {max(seconds):.2f}]"
    return f"{spread} | {rate:,.0f} | {memory:,.0f} MB"


def growth(sizes: Sequence[int], repeats: int, folder: Path) -> list[str]:
    """All the shipped rules on logs of growing size."""
    lines = [
        "| events | evaluator | wall time, median [least to greatest] | events a second | memory |",
        "|---|---|---|---|---|",
    ]
    for size in sizes:
        log = generated(size, folder)
        engines = ["bulk", *(["live"] if size <= LIVE_MOST else [])]
        runs: dict[str, list[tuple[float, float]]] = {engine: [] for engine in engines}
        for _ in range(repeats):
            for engine in engines:
                runs[engine].append(run(check(log, engine), folder))
        texts = {log.with_suffix(f".{e}.json").read_text().replace(f'"evaluator": "{e}"', "") for e in engines}
        if len(texts) > 1:
            raise SystemExit(f"the evaluators differ on {log}")
        lines += [f"| {size:,} | {engine} | {told(found, size)} |" for engine, found in runs.items()]
    return lines


def reference(size: int, repeats: int, folder: Path) -> list[str]:
    """The six reference rules: the bulk evaluator beside the same rules by hand."""
    log = generated(size, folder)
    ours = check(log, "bulk", "--rules", str(REFERENCE))
    by_hand = [sys.executable, str(REFERENCE / "in_polars.py"), str(log)]
    run(ours, folder)
    report = json.loads(log.with_suffix(".bulk.json").read_text(encoding="utf-8"))
    found = sorted((one["rule"], one["practitioner"], one["client"], one["events"][0]) for one in report["findings"])
    printed = subprocess.run(by_hand, capture_output=True, text=True, check=True).stdout
    if found != sorted(tuple(line.split("\t")) for line in printed.splitlines()):
        raise SystemExit("the rules written by hand find something else")
    runs: dict[str, list[tuple[float, float]]] = {"bulk evaluator": [], "by hand in Polars": []}
    for _ in range(repeats):
        runs["bulk evaluator"].append(run(ours, folder))
        runs["by hand in Polars"].append(run(by_hand, folder))
    pairs = zip(runs["bulk evaluator"], runs["by hand in Polars"], strict=True)
    ratios = [mine[0] / theirs[0] for mine, theirs in pairs]
    spread = f"{statistics.median(ratios):.1f} [{min(ratios):.1f} to {max(ratios):.1f}]"
    return [
        f"The six reference rules on {size:,} events, {len(found):,} findings, the same by both:",
        "",
        "| what | wall time, median [least to greatest] | events a second | memory |",
        "|---|---|---|---|",
        *(f"| {name} | {told(each, size)} |" for name, each in runs.items()),
        "",
        f"Ratio, pair by pair: {spread}. The rules by hand trust their log; the evaluator types and accounts for every "
        "row, and writes a whole report.",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the bulk evaluator.")
    parser.add_argument("--events", type=int, default=10_000_000, help="events of the largest log")
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    sizes = [size for size in (10_000, 100_000, 1_000_000, 10_000_000) if size <= given.events]
    lines = ["## Bulk evaluator", "", "`python benchmarks/bulk.py`", "", *machine(), ""]
    with TemporaryDirectory() as name:
        folder = Path(name)
        lines += ["All the shipped rules, generated logs in Parquet, practitioner by practitioner:", ""]
        lines += growth(sizes, given.repeats, folder)
        lines += ["", *reference(min(given.events, sizes[-1]), given.repeats, folder)]
    print("\n".join(lines))
    write_section(lines, "bulk")


if __name__ == "__main__":
    main()
