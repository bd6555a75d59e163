"""The monitor measured: `python benchmarks/monitor.py` prints the latency of `observe` and writes it into RESULTS.md.

A generated log of 2,000 relationships is observed in order of time: all but its last events at once, and these one by
one, which is measured. Each contender is a process of its own, and they take turns. Beside the monitor, durable-rules,
CLIPS and Drools are fed the events of the log that trigger the six reference rules, typed already; the windows and
counts of the first and the last are kept by plain Python, which knows the whole log before. Times are wall times of
single calls.
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
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE / "reference")]

import generate  # noqa: E402
import live  # noqa: E402

CLIENTS = 50
SIX = HERE / "reference" / "reference.yaml"


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


def observed(
    log: Sequence[dict[str, Any]], last: int, six: bool, store: str | None, matcher: str | None
) -> Iterator[float]:
    """The seconds of each call of `observe` for the last events; those before are observed a thousand at once."""
    from ethics_engine import Monitor, load_rules

    rules = load_rules(str(SIX)) if six else load_rules()
    with Monitor(rules, store, matcher=matcher) as monitor:
        for start in range(0, len(log) - last, 1000):
            monitor.observe_many(log[start : min(start + 1000, len(log) - last)])
        for event in log[len(log) - last :]:
            begun = time.perf_counter()
            monitor.observe(event)
            yield time.perf_counter() - begun


def by_hand(name: str, file: Path) -> Iterator[float]:
    """The seconds that a peer takes for each event of a log, written to `file`."""
    if name == "clips":
        yield from _clips(file)
        return
    from copies import copies
    from features import facts
    from lines import read

    read_log, written = read(str(file)), copies(6)
    ask = _durable(written) if name == "durable" else _drools(written)
    for events in read_log.practitioners.values():
        start = time.perf_counter()
        for event, fact in facts(events, written, read_log.last):
            ask(event, fact)
            now = time.perf_counter()
            yield now - start
            start = now


def _durable(written: Any) -> Callable[[Any, Any], None]:
    import in_durable
    import orjson

    handles = in_durable.rulesets(written)

    def ask(event: Any, fact: Any) -> None:
        text = orjson.dumps({"sid": 1, "id": 1, **fact}).decode()
        for handle in handles[event.type]:
            in_durable.fired(handle, text)

    return ask


def _drools(written: Any) -> Callable[[Any, Any], None]:
    import in_drools
    from drools.ruleset import Rule, Ruleset

    named = [(copy.rule, in_drools.condition(form, copy)) for form, each in written.items() for copy in each]
    action = {"Action": {"action": "none", "action_args": {}}}
    rules = [{"Rule": {"name": name, "condition": test, "actions": [action]}} for name, test in named]
    definition = {"name": "reference", "match_multiple_rules": True, "rules": rules}
    ruleset = Ruleset(name="reference", serialized_ruleset=json.dumps(definition))
    for name, _ in named:
        ruleset.add_rule(Rule(name, lambda _: None))
    return lambda event, fact: ruleset.assert_event(json.dumps({"type": event.type, **fact}))


def _clips(file: Path) -> Iterator[float]:
    import clips
    import in_clips
    from copies import copies
    from lines import read

    log = read(str(file))
    environment = clips.Environment()
    environment.define_function(lambda *_: None, name="found")
    for part in in_clips.TEMPLATES.strip().splitlines():
        environment.build(part)
    for form, each in copies(6).items():
        for copy in each:
            environment.build(in_clips.defined(form, copy))
    templates = {template.name: template for template in environment.templates()}
    for events in log.practitioners.values():
        environment.reset()
        templates["log"].assert_fact(last=log.last)
        for event in events:
            start = time.perf_counter()
            name, slots = in_clips.told(event)
            templates[name].assert_fact(**slots)
            environment.run()
            yield time.perf_counter() - start


CONTENDERS = {
    "monitor, all rules, in memory": ("all", None, None),
    "monitor, all rules, in memory, plain Python matcher": ("all", None, "python"),
    "monitor, all rules, SQLite": ("all", "sqlite", None),
    "monitor, six rules, in memory": ("six", None, None),
    "durable-rules, six rules": ("durable", None, None),
    "CLIPS, six rules": ("clips", None, None),
    "Drools, six rules": ("drools", None, None),
}


def resident() -> int:
    """The bytes that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def run(name: str, file: Path, folder: Path, last: int) -> dict[str, float]:
    """One contender in this process: percentiles in microseconds, events a second, bytes an event of the log."""
    kind, store, matcher = CONTENDERS[name]
    with file.open(encoding="utf-8") as lines:
        log = [json.loads(line) for line in lines] if kind in ("all", "six") else []
    before = resident()
    if log:
        address = None if store is None else f"sqlite:///{folder / 'practice.db'}"
        times = list(observed(log, last, kind == "six", address, matcher))
        held = (resident() - before) / len(log)
    else:
        times = list(by_hand(kind, file))[-last:]
        held = float("nan")
    late = sorted(times)
    return {
        "p50": late[len(late) // 2] * 1e6,
        "p99": late[len(late) * 99 // 100] * 1e6,
        "max": late[-1] * 1e6,
        "rate": len(late) / sum(late),
        "bytes": held,
    }


def main() -> None:
    """Measure, print, and write the section `monitor` of RESULTS.md."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--relationships", type=int, default=2000)
    parser.add_argument("--events", type=int, default=5_000, help="the last ones, observed one by one")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="", help="contenders whose names hold this")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--log", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--no-write", action="store_true", help="print alone")
    asked = parser.parse_args()
    if asked.one:
        with TemporaryDirectory() as folder:
            print(json.dumps(run(asked.one, asked.log, Path(folder), asked.events)))
        return
    names = [name for name in CONTENDERS if asked.only in name]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "log.ndjson"
        log = log_of(asked.relationships)
        file.write_text("".join(json.dumps(event) + "\n" for event in log), encoding="utf-8")
        found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
        for _ in range(asked.repeats):
            for name in names:
                found[name].append(_turn(name, file, asked.events))
    lines = [
        "## Latency of the monitor",
        "",
        f"`python benchmarks/monitor.py --relationships {asked.relationships} --events {asked.events} "
        f"--repeats {asked.repeats}{f' --only {asked.only!r}' if asked.only else ''}`",
        "",
        *live.machine(),
        "",
        f"{len(log):,} events of {asked.relationships:,} relationships, the last {asked.events:,} of them one by one, "
        "with Python's own search for cycles as it is; medians of the repeats, "
        "with the least and the greatest. The monitor types every event and keeps it; the peers are given those that "
        "trigger, typed, and but for CLIPS are told what came before and after each.",
        "",
        "| what | p50, µs | p99, µs | longest, ms | events a second | memory an event |",
        "|---|---|---|---|---|---|",
        *(_row(name, found[name]) for name in names),
        "",
        f"Memory a relationship, all rules, in memory: {_relationship(found, len(log), asked.relationships)}.",
    ]
    print("\n".join(lines))
    if not asked.no_write:
        live.write_section(lines, "monitor")


def _turn(name: str, file: Path, last: int) -> dict[str, float]:
    command = [sys.executable, str(HERE / "monitor.py"), "--one", name, "--log", str(file), "--events", str(last)]
    told: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return told


def _row(name: str, runs: Sequence[dict[str, float]]) -> str:
    def told(key: str, form: str, scale: float = 1.0) -> str:
        values = sorted(each[key] * scale for each in runs)
        return f"{statistics.median(values):{form}} [{values[0]:{form}} to {values[-1]:{form}}]"

    cells = [told("p50", ",.0f"), told("p99", ",.0f"), told("max", ",.1f", 1e-3), told("rate", ",.0f")]
    held = statistics.median(each["bytes"] for each in runs)
    return f"| {name} | {' | '.join(cells)} | {'' if math.isnan(held) else f'{held:,.0f} B'} |"


def _relationship(found: dict[str, list[dict[str, float]]], events: int, relationships: int) -> str:
    runs = found.get("monitor, all rules, in memory")
    if not runs:
        return "not measured"
    held = statistics.median(each["bytes"] for each in runs) * events / relationships
    return f"{held / 1000:,.0f} kB with {events / relationships:,.0f} events"


if __name__ == "__main__":
    main()
