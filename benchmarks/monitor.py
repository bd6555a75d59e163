"""The monitor measured: `python benchmarks/monitor.py` prints latency and memory and writes them into RESULTS.md.

A generated log of 2,000 relationships is observed: all but its last events practice by practice, and these one by one
in order of time, which is measured. A store is filled once and copied for each run, which first reads everyone into
memory. Each contender is a process of its own, and they take turns. Beside the monitor, durable-rules, CLIPS and Drools
are fed the events of the log that trigger the six reference rules, typed already; the windows and counts of the first
and the last are kept by plain Python, which knows the whole log before. Times are wall times of single calls.

With `--stored N` so many events of many practices are observed into SQLite, a practice at once, by a monitor that keeps
as many in memory as it does where nothing is said; what the process holds is noted on the way.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import generate  # noqa: E402
import live  # noqa: E402
import stores  # noqa: E402
from contenders import JAVA, java  # noqa: E402
from peers_one_by_one import by_hand  # noqa: E402

CLIENTS = 50
SIX = HERE / "reference" / "reference.yaml"
NOTES = 10  # of memory, on the way through the events of `--stored`


def log_of(relationships: int, seed: int = 3) -> list[dict[str, Any]]:
    """All events of so many relationships, in order of time: whole practices, until there are enough of them."""
    practices: dict[str, list[dict[str, Any]]] = {}
    clients: set[tuple[str, str]] = set()
    for event in generate.records(1000 * relationships, seed, CLIENTS):
        if event["practitioner"] not in practices and len(clients) >= relationships:
            break
        practices.setdefault(event["practitioner"], []).append(dict(event))
        if event.get("client") is not None:
            clients.add((event["practitioner"], event["client"]))
    return sorted((event for own in practices.values() for event in own), key=lambda event: event["at"])


def observe_practices(monitor: Any, log: Iterable[dict[str, Any]]) -> None:
    """Observe a log practice by practice, each at once."""
    practices: dict[str, list[dict[str, Any]]] = {}
    for event in log:
        practices.setdefault(event["practitioner"], []).append(event)
    for own in practices.values():
        monitor.observe_many(own)


def prepare(log: Sequence[dict[str, Any]], last: int, store: str) -> None:
    """Observe all but the last events of a log into a store."""
    from ethics_engine import Monitor

    with Monitor(store=store, cached=0) as monitor:
        observe_practices(monitor, log[: len(log) - last])


def observed(
    log: Sequence[dict[str, Any]], last: int, six: bool, store: str | None, matcher: str | None
) -> tuple[list[float], float]:
    """The seconds of each call of `observe` for the last events; and those that each one before took to be here."""
    from ethics_engine import Monitor, load_rules

    rules = load_rules(str(SIX)) if six else load_rules()
    with Monitor(rules, store, matcher=matcher, cached=None if store is None else 2 * len(log)) as monitor:
        begun = time.perf_counter()
        if store is None:
            observe_practices(monitor, log[: len(log) - last])
        else:
            monitor.report()
        took = (time.perf_counter() - begun) / (len(log) - last)
        times = []
        for event in log[len(log) - last :]:
            begun = time.perf_counter()
            monitor.observe(event)
            times.append(time.perf_counter() - begun)
    return times, took


def stored(events: int, folder: Path) -> list[tuple[int, float, int]]:
    """Observe events into SQLite: how many so far, in how many seconds, and the bytes that this process holds."""
    from ethics_engine import Monitor

    file = folder / "stored.db"
    with Monitor(store=f"sqlite:///{file}") as monitor:
        begun = time.perf_counter()
        notes, done = [(0, 0.0, resident())], 0
        for _, practice in groupby(generate.records(events, 3, CLIENTS), key=itemgetter("practitioner")):
            own = [dict(event) for event in practice]
            monitor.observe_many(own)
            done += len(own)
            if done * NOTES // events > len(notes) - 1:
                notes.append((done, time.perf_counter() - begun, resident()))
    return notes


CONTENDERS = {
    "monitor, all rules, in memory": ("all", None, None),
    "monitor, all rules, in memory, plain Python matcher": ("all", None, "python"),
    "monitor, all rules, SQLite": ("all", "sqlite", None),
    "monitor, all rules, PostgreSQL": ("all", "postgresql", None),
    "monitor, six rules, in memory": ("six", None, None),
    "durable-rules, six rules": ("durable", None, None),
    "CLIPS, six rules": ("clips", None, None),
    "Drools, six rules": ("drools", None, None),
}
PEERS = {"durable": "durable_rules", "clips": "clipspy", "drools": "drools_jpy"}


def left_out(name: str) -> str:
    """Why a contender cannot run here; empty where it can."""
    kind, store, _ = CONTENDERS[name]
    if store == "postgresql":
        return stores.left_out()
    if kind == "drools" and (java() or (0, ""))[0] < JAVA:
        return f"Java {JAVA} or later is not found"
    try:
        for package in [PEERS[kind], "orjson"] if kind in PEERS else []:
            version(package)
    except PackageNotFoundError as error:
        return f"{error.name} is not installed"
    return ""


def resident() -> int:
    """The bytes that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def read(file: Path) -> list[dict[str, Any]]:
    """The events of a log."""
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def run(name: str, file: Path, store: str | None, last: int) -> dict[str, float]:
    """One contender in this process: percentiles in microseconds, events a second, bytes an event of the log."""
    kind, _, matcher = CONTENDERS[name]
    took = held = float("nan")
    if kind in PEERS:
        times = list(by_hand(kind, file, last))[-last:]
    else:
        log = read(file)
        before = resident()
        times, took = observed(log, last, kind == "six", store, matcher)
        held = (resident() - before) / len(log)
    late = sorted(times)
    return {
        "p50": late[len(late) // 2] * 1e6,
        "p99": late[len(late) * 99 // 100] * 1e6,
        "max": late[-1] * 1e6,
        "rate": len(late) / sum(late),
        "bytes": held,
        "before": took * 1e6,
    }


def main() -> None:
    """Measure, print, and write the section `monitor` of RESULTS.md."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--relationships", type=int, default=2000)
    parser.add_argument("--events", type=int, default=5_000, help="the last ones, observed one by one")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--stored", type=int, default=0, help="events observed into SQLite, while memory is noted")
    parser.add_argument("--only", default="", help="contenders whose names hold this")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--prepare", help=argparse.SUPPRESS)
    parser.add_argument("--store", help=argparse.SUPPRESS)
    parser.add_argument("--log", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--no-write", action="store_true", help="print alone")
    asked = parser.parse_args()
    if asked.one == "stored":
        with TemporaryDirectory() as folder:
            print(json.dumps(stored(asked.events, Path(folder))))
    elif asked.one:
        print(json.dumps(run(asked.one, asked.log, asked.store, asked.events)))
    elif asked.prepare:
        prepare(read(asked.log), asked.events, asked.prepare)
        print("null")
    else:
        _measure(asked)


def _measure(asked: argparse.Namespace) -> None:
    reasons = {name: left_out(name) for name in CONTENDERS if asked.only in name}
    names = [name for name, reason in reasons.items() if not reason]
    found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    machine = live.machine()
    with TemporaryDirectory() as folder, stores.databases(Path(folder)) as databases:
        file = Path(folder) / "log.ndjson"
        log = log_of(asked.relationships)
        file.write_text("".join(json.dumps(event) + "\n" for event in log), encoding="utf-8")
        same = ["--log", str(file), "--events", str(asked.events)]
        kinds = {CONTENDERS[name][1] for name in names} - {None}
        for filling in [_started("--prepare", databases[kind].prepared, *same) for kind in kinds]:
            _ended(filling)
        for _ in range(asked.repeats):
            for name in names:
                kind = CONTENDERS[name][1]
                store = [] if kind is None else ["--store", databases[kind].copied()]
                found[name].append(_child("--one", name, *store, *same))
    chosen = f" --stored {asked.stored}" if asked.stored else ""
    chosen += f" --only {asked.only!r}" if asked.only else ""
    lines = [
        "## Latency and memory of the monitor",
        "",
        f"`python benchmarks/monitor.py --relationships {asked.relationships} --events {asked.events} "
        f"--repeats {asked.repeats}{chosen}`",
        "",
        *machine,
        *(f"Left out here: {name} ({reason})." for name, reason in reasons.items() if reason),
        "",
        f"{len(log):,} events of {asked.relationships:,} relationships, the last {asked.events:,} of them one by one, "
        "with Python's own search for cycles as it is; medians of the repeats, "
        "with the least and the greatest. The monitor types every event and keeps it; with a store it is on disk when "
        "the call returns. The peers are given those that trigger, typed, and but for CLIPS are told what came before "
        "and after each.",
        "",
        "| what | p50, µs | p99, µs | longest, ms | events a second | memory an event |",
        "|---|---|---|---|---|---|",
        *(_row(name, found[name]) for name in names),
        "",
        *_asides(found, len(log), asked.relationships),
    ]
    if asked.stored:
        lines += ["", *_told(_child("--one", "stored", "--events", str(asked.stored)))]
    print("\n".join(lines))
    if not asked.no_write:
        live.write_section(lines, "monitor")


def _child(*arguments: str) -> Any:
    return _ended(_started(*arguments))


def _started(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(HERE / "monitor.py"), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _ended(process: subprocess.Popen[str]) -> Any:
    said, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, process.args))} ended with {process.returncode}")  # type: ignore[union-attr]
    return json.loads(said)


def _row(name: str, runs: Sequence[dict[str, float]]) -> str:
    def told(key: str, form: str, scale: float = 1.0) -> str:
        values = sorted(each[key] * scale for each in runs)
        return f"{statistics.median(values):{form}} [{values[0]:{form}} to {values[-1]:{form}}]"

    cells = [told("p50", ",.0f"), told("p99", ",.0f"), told("max", ",.1f", 1e-3), told("rate", ",.0f")]
    held = statistics.median(each["bytes"] for each in runs)
    return f"| {name} | {' | '.join(cells)} | {'' if math.isnan(held) else f'{held:,.0f} B'} |"


def _asides(found: dict[str, list[dict[str, float]]], events: int, relationships: int) -> Iterator[str]:
    """Memory a relationship, and what it takes to read a practitioner who is not in memory."""
    memory = found.get("monitor, all rules, in memory")
    if memory:
        each = events / relationships
        held = statistics.median(run["bytes"] for run in memory) * each
        yield f"Memory a relationship, all rules, in memory: {held / 1000:,.0f} kB with {each:,.0f} events."
    for name, runs in found.items():
        if CONTENDERS[name][1]:
            took = statistics.median(each["before"] for each in runs)
            yield f"{name}: a practitioner who is not in memory is read, checked and judged at {took:,.0f} µs an event."


def _told(notes: Sequence[tuple[int, float, int]]) -> Iterator[str]:
    """What a process held while it observed events into a store."""
    from ethics_engine.monitor.cache import EVENTS

    yield (
        f"{notes[-1][0]:,} events observed into SQLite, a practice at once, by a monitor that keeps {EVENTS:,} of them "
        "in memory:"
    )
    yield ""
    yield "| events so far | memory of the process | events a second so far |"
    yield "|---|---|---|"
    for done, took, held in notes:
        yield f"| {done:,} | {held / 1e6:,.0f} MB | {f'{done / took:,.0f}' if done else ''} |"


if __name__ == "__main__":
    main()
