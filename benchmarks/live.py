"""The live evaluator measured: `python benchmarks/live.py` prints the figures and writes them into RESULTS.md.

Everything is measured side by side in one run, in turns, so that a busy machine slows all of it alike. A figure is the
median of the repeats, with the least and the greatest beside it. Rates and shares are of processor time (everything
runs on one core), which other processes touch less; the whole of `check` is told in wall time too.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import generate  # noqa: E402
from by_hand import ByHand, numbered_conditions  # noqa: E402

from ethics_engine.amendments import apply  # noqa: E402
from ethics_engine.conditions import FALSE, TRUE, simplified  # noqa: E402
from ethics_engine.engines.derived import with_derived  # noqa: E402
from ethics_engine.engines.live import LiveEvaluator  # noqa: E402
from ethics_engine.events import Event  # noqa: E402
from ethics_engine.logs import read_log  # noqa: E402
from ethics_engine.matchers import available  # noqa: E402
from ethics_engine.matchers.durable import load_engine  # noqa: E402
from ethics_engine.rules.loader import load_rules  # noqa: E402
from ethics_engine.rules.rule_set import RuleSet  # noqa: E402

RESULTS = HERE / "RESULTS.md"
SHARES = """
import json, time
times = [time.process_time()]
import ethics_engine.cli.check, ethics_engine.api, ethics_engine.logs, ethics_engine.reports.text
from ethics_engine.reports import Page, render
times.append(time.process_time())
rules = ethics_engine.api.load_rules()
times.append(time.process_time())
log = ethics_engine.logs.read_log(LOG, rules.vocabulary)
times.append(time.process_time())
report = ethics_engine.api.judge_log(log, rules)
times.append(time.process_time())
render(report, "text", Page())
times.append(time.process_time())
print(json.dumps([end - start for start, end in zip(times, times[1:])]))
"""
STEPS = ("interpreter", "imports", "loading the rules", "reading the log", "judging", "rendering")


def timed(work: Callable[[], object]) -> float:
    """The seconds of processor time that something takes, in this process or in one that it waits for."""
    start = os.times()
    work()
    end = os.times()
    return sum(end[:4]) - sum(start[:4])


def per_second(seconds: Sequence[float], events: int) -> str:
    """Events a second: the median, the least and the greatest."""
    rates = sorted(events / second for second in seconds)
    return f"{statistics.median(rates):>10,.0f} [{rates[0]:,.0f} to {rates[-1]:,.0f}]"


def milliseconds(seconds: Sequence[float]) -> str:
    times = sorted(1000 * second for second in seconds)
    return f"{statistics.median(times):>6.0f} ms [{times[0]:.0f} to {times[-1]:.0f}]"


def machine() -> list[str]:
    """The class of the machine, Python and the packages that count."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        named = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = named[0].split(":", 1)[1].strip() if named else model
    packages = [
        f"{name} {version(name)}" for name in ("durable_rules", "polars", "pydantic", "PyYAML", "click", "rich")
    ]
    load = f"; load average at the start {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return [
        f"Machine: {os.cpu_count()} cores, {model}{load}.",
        f"{platform.python_implementation()} {platform.python_version()}; {', '.join(packages)}.",
    ]


class Throughput:
    """One log judged again and again, by every way there is."""

    def __init__(self, path: Path, rules: RuleSet) -> None:
        self.path, self.rules, self.plan = path, rules, rules.plan()
        log = read_log(path, rules.vocabulary)
        self.as_of = max(event.at for event in log.events)
        self.events, _ = apply(log.events, rules.vocabulary, self.as_of)
        del log
        self.evaluators = {name: LiveEvaluator(self.plan, name) for name in available()}
        self.complete = self._derived()
        self.conditions = numbered_conditions(self.plan)
        engine = load_engine()
        self.by_hand = None if engine is None else ByHand(engine, self.conditions)

    def _derived(self) -> list[Event]:
        by_practitioner: dict[str, list[Event]] = {}
        for event in self.events:
            by_practitioner.setdefault(event.practitioner, []).append(event)
        zone = self.evaluators["python"].zone
        return [event for own in by_practitioner.values() for event in with_derived(own, self.plan.derived, zone)]

    def match(self, name: str) -> None:
        match = self.evaluators[name].matcher.match
        for event in self.complete:
            match(event.type, event.values)

    def works(self) -> dict[str, Callable[[], object]]:
        """What is timed, by name."""
        works: dict[str, Callable[[], object]] = {"parse": lambda: read_log(self.path, self.rules.vocabulary)}
        for name, evaluator in self.evaluators.items():
            works[f"match {name}"] = partial(self.match, name)
            works[f"judge {name}"] = partial(evaluator.judge, self.events, self.as_of)
        if self.by_hand is not None:
            works["by hand"] = partial(self.by_hand.feed, self.complete)
        return works

    def agreement(self) -> str:
        """How many conditions hold by hand and by the matcher, as a check that both were asked the same."""
        if self.by_hand is None:
            return ""
        match = self.evaluators["python"].matcher.match
        distinct = {
            event_type: {number: simplified(condition) for number, condition in numbered}
            for event_type, numbered in self.conditions.items()
        }
        held = 0
        sample = self.complete[:20_000]
        for event in sample:
            known = distinct.get(event.type, {})
            held += len({known[number] for number in match(event.type, event.values)} - {TRUE, FALSE})
        by_hand = self.by_hand.feed(sample)
        return f"In the first {len(sample):,} events {held:,} conditions hold by the matcher, {by_hand:,} by hand."


def throughput(events: int, repeats: int, folder: Path) -> list[str]:
    """The table of events a second."""
    path = folder / "log.ndjson"
    generate.write_log(path, events)
    rules = load_rules()
    bench = Throughput(path, rules)
    times: dict[str, list[float]] = {}
    for turn in range(repeats):
        works = list(bench.works().items())
        for name, work in works[turn % len(works) :] + works[: turn % len(works)]:
            times.setdefault(name, []).append(timed(work))
    found = bench.evaluators["python"].judge(bench.events, bench.as_of)
    practitioners = len({event.practitioner for event in bench.events})
    lines = [
        f"A generated log of {events:,} events ({practitioners} practitioners, {path.stat().st_size / 1e6:.0f} MB of "
        f"NDJSON), all {len(bench.plan.rules)} shipped rules, {len(found.findings):,} findings; {repeats} repeats.",
        "",
        "| what | events a second of processor time, median [least to greatest] |",
        "|---|---|",
        f"| parse only: read, type, account for every line | {per_second(times['parse'], events)} |",
    ]
    for name in bench.evaluators:
        judged = times[f"judge {name}"]
        whole = [parse + judge for parse, judge in zip(times["parse"], judged, strict=True)]
        share = statistics.median(times[f"match {name}"]) / statistics.median(judged)
        lines += [
            f"| **live evaluator, matcher `{name}`**: match and judge typed events | {per_second(judged, events)} |",
            f"| … of it matching only ({share:.0%} of the time) | {per_second(times[f'match {name}'], events)} |",
            f"| … parse, match and judge | {per_second(whole, events)} |",
        ]
    if bench.by_hand is not None:
        rules_by_hand = f"{bench.by_hand.rules} rules, {bench.by_hand.left_out} left out as too large"
        lines.append(
            f"| durable-rules fed the same single-event conditions by hand ({rules_by_hand}); to be compared with "
            "*matching only*, where the matcher keeps what durable-rules answered | "
            f"{per_second(times['by hand'], events)} |"
        )
    return [*lines, "", bench.agreement()]


def start_up(events: int, repeats: int, folder: Path) -> list[str]:
    """How long `ethics-engine check` takes on a small log, and where the time goes."""
    path = folder / "small.ndjson"
    generate.write_log(path, events)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(HERE.parent)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, cwd=folder)

    check = ("-m", "ethics_engine", "check", str(path))
    run(*check)  # bytecode is written once, as an installation does
    wall: list[float] = []
    processor: list[float] = []
    shares: dict[str, list[float]] = {step: [] for step in STEPS}
    for _ in range(repeats):
        start = time.perf_counter()
        processor.append(timed(lambda: run(*check)))
        wall.append(time.perf_counter() - start)
        shares[STEPS[0]].append(timed(lambda: run("-c", "pass")))
        told = json.loads(run("-c", SHARES.replace("LOG", repr(str(path)))).stdout)
        for step, seconds in zip(STEPS[1:], told, strict=True):
            shares[step].append(seconds)
    return [
        f"`ethics-engine check` on a log of {events:,} events, the interpreter's start included ({repeats} runs): "
        f"**{milliseconds(wall).strip()} of wall time**, {milliseconds(processor).strip()} of processor time. "
        "Where the processor time goes:",
        "",
        "| step | median [least to greatest] |",
        "|---|---|",
        *(f"| {step} | {milliseconds(seconds)} |" for step, seconds in shares.items()),
    ]


def write_section(lines: Sequence[str], name: str) -> None:
    """Put a section into RESULTS.md, in the place of the one of that name."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    section = "\n".join([begin, *lines, end])
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.is_file() else "# Benchmarks\n"
    if begin in text and end in text:
        text = text[: text.index(begin)] + section + text[text.index(end) + len(end) :]
    else:
        text = f"{text.rstrip()}\n\n{section}\n"
    RESULTS.write_text(text, encoding="utf-8", newline="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the live evaluator.")
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--small", type=int, default=1_000, help="events of the log that `check` is timed on")
    parser.add_argument("--repeats", type=int, default=5, help="repeats of the large log; `check` runs twice as often")
    given = parser.parse_args()
    head = ["## Live evaluator", "", "`python benchmarks/live.py`", "", *machine(), ""]
    with TemporaryDirectory() as name:
        folder = Path(name)
        small = start_up(given.small, 2 * given.repeats, folder)
        large = throughput(given.events, given.repeats, folder)
    lines = [*head, *large, "", *small]
    print("\n".join(lines))
    write_section(lines, "live")


if __name__ == "__main__":
    main()
