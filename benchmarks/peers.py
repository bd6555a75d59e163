"""The six reference rules side by side: `python benchmarks/peers.py --sizes 10000,100000,1000000 --repeats 3`.

One run measures, on the same generated logs, the bulk and the live evaluator and the same rules by hand in Polars, in
DuckDB's SQL, in plain Python, in durable-rules, in CLIPS and in Drools (`reference/in_….py`; needs the `benchmarks`
extra, and Java 17 or later for Drools: a peer that cannot run here is left out, and the table says so). Before
anything is timed, each must find on a small log what the test oracle finds; and on each larger log what the bulk
evaluator finds. Then the log grows, and then the rules do: copies of the six (`reference/copies.py`) for all, and the
shipped policies for the evaluators.

Each figure is of whole processes, the interpreter's start included: the median of the repeats with the least and the
greatest beside it, in wall time. What is compared runs in turns. Memory is the peak of the largest single process.
The figures go into RESULTS.md.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from bulk import generated  # noqa: E402
from contenders import ALL, CONTENDERS, SMALL, Contender, Rules, Run, java, shipped  # noqa: E402
from findings import Finding  # noqa: E402
from live import machine, write_section  # noqa: E402
from small_log import by_oracle, eventful, write_small  # noqa: E402


def checked(contenders: Sequence[Contender], events: int, folder: Path) -> str:
    """A sentence about the check of each against the oracle; it ends the run where one finds another thing."""
    log = eventful(events)
    paths = write_small(log, folder)
    counted: list[int] = []
    for rules in (6, 18):
        expected = by_oracle(log, rules)
        by_rule = {rule: len(list(found)) for rule, found in groupby(expected, key=lambda one: one[0])}
        if len(by_rule) < rules:
            raise SystemExit(f"the small log lets {rules - len(by_rule)} of {rules} rules find nothing")
        counted.append(len(expected))
        for contender in contenders:
            for kind in contender.kinds:
                agree(contender, expected, contender.findings(paths[kind], rules), paths[kind])
    return (
        f"Before anything was timed, each found on a log of {len(log):,} events what the test oracle finds: "
        f"{counted[0]:,} findings of 6 rules, {counted[1]:,} of 18."
    )


def agree(contender: Contender, expected: Sequence[Finding], found: Sequence[Finding], log: Path) -> None:
    if expected == found:
        return
    missing, more = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
    shown = [f"  not found: {one}" for one in missing[:5]] + [f"  found as well: {one}" for one in more[:5]]
    raise SystemExit("\n".join([f"{contender.name} finds something else in {log}:", *shown]))


Cell = tuple[Contender, str]  # with the kind of log that it reads


def in_turns(
    cells: Sequence[Cell], size: int, rules: Rules, repeats: int, folder: Path
) -> tuple[dict[Cell, list[Run]], int]:
    """Runs of each contender on each kind of log, after a check that all find the same; how much they find."""
    expected: list[Finding] | None = None
    for contender, kind in cells:
        log = generated(size, folder, kind)
        found = contender.findings(log, rules)
        agree(contender, found if expected is None else expected, found, log)
        expected = found
    runs: dict[Cell, list[Run]] = {cell: [] for cell in cells}
    for turn in range(repeats):
        first = turn % len(cells)
        for contender, kind in [*cells[first:], *cells[:first]]:
            runs[contender, kind].append(contender.measured(generated(size, folder, kind), rules))
    return runs, len(expected or ())


def told(runs: Sequence[Run]) -> tuple[str, str]:
    """Seconds and memory, as a table tells them."""
    seconds = [took for took, _ in runs]
    spread = f"{statistics.median(seconds):.2f} s [{min(seconds):.2f} to {max(seconds):.2f}]"
    return spread, f"{max(peak for _, peak in runs):,.0f} MB"


def cells_for(contenders: Iterable[Contender], size: int) -> list[Cell]:
    return [(one, kind) for one in contenders for kind, most in one.reads if size <= most]


def as_logs_grow(contenders: Sequence[Contender], sizes: Sequence[int], repeats: int, folder: Path) -> list[str]:
    lines = [
        "| events | what | reads | wall time, median [least to greatest] | events a second | memory |",
        "|---|---|---|---|---|---|",
    ]
    for size in sizes:
        runs, found = in_turns(cells_for(contenders, size), size, 6, repeats, folder)
        print(f"{size:,} events: {found:,} findings, the same by all", file=sys.stderr)
        for (contender, kind), each in runs.items():
            seconds, memory = told(each)
            rate = size / statistics.median(took for took, _ in each)
            lines.append(f"| {size:,} | {contender.name} | {kind} | {seconds} | {rate:,.0f} | {memory} |")
    return lines


def as_rules_grow(
    contenders: Sequence[Contender], size: int, sets: Mapping[str, Rules], repeats: int, folder: Path
) -> list[str]:
    """A column for each set of rules, by its heading."""
    cells = cells_for(contenders, size)
    columns: dict[str, Mapping[Cell, list[Run]]] = {}
    for heading, rules in sets.items():
        columns[heading], found = in_turns(cells, size, rules, repeats, folder)
        print(f"{heading}: {found:,} findings, the same by all", file=sys.stderr)
    lines = [f"| what | reads | {' | '.join(sets)} |", f"|---|---|{'---|' * len(sets)}"]
    for cell in cells:
        figures = ["<br>".join(told(columns[heading][cell])) for heading in sets]
        lines.append(f"| {cell[0].name} | {cell[1]} | {' | '.join(figures)} |")
    return lines


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the reference rules in this engine and in its peers.")
    parser.add_argument(
        "--sizes", type=numbers, default=[10_000, 100_000, 1_000_000], help="events, such as 10000,100000"
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--rules", type=numbers, default=[6, 38, 50, 100, 150], help="how the rules grow")
    parser.add_argument("--rules-events", type=int, default=100_000, help="events of the log on which the rules grow")
    parser.add_argument("--small", type=int, default=2_500, help="events of the log that the test oracle judges")
    parser.add_argument("--folder", type=Path, help="where generated logs are kept and found again")
    given = parser.parse_args()
    reasons = {one.name: one.left_out() for one in CONTENDERS}
    contenders = [one for one in CONTENDERS if not reasons[one.name]]
    sizes = ",".join(map(str, given.sizes))
    command = (
        f"python benchmarks/peers.py --sizes {sizes} --repeats {given.repeats} --rules-events {given.rules_events}"
    )
    lines = ["## The reference rules in this engine and in its peers", "", f"`{command}`", "", *machine()]
    lines += [peers_here(contenders), ""]
    with TemporaryDirectory() as name:
        folder = given.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        lines += [checked(contenders, given.small, folder), *notes(reasons)]
        lines += ["", "As the log grows, six rules:", ""]
        lines += as_logs_grow(contenders, given.sizes, given.repeats, folder)
        write_section(lines, "peers")
        lines += ["", f"As the rules grow (copies of the six, no two the same), {given.rules_events:,} events:", ""]
        copies = {f"{rules} rules": rules for rules in given.rules}
        lines += as_rules_grow(contenders, given.rules_events, copies, given.repeats, folder)
        write_section(lines, "peers")
        lines += ["", f"As the rules grow (shipped policies, the evaluators alone), {given.rules_events:,} events:", ""]
        sets = {f"{rules} rules": home for rules, home in (shipped(least, folder) for least in (*given.rules, ALL))}
        evaluators = [one for one in contenders if one.engine]
        lines += as_rules_grow(evaluators, given.rules_events, sets, given.repeats, folder)
    print("\n".join(lines))
    write_section(lines, "peers")


def peers_here(contenders: Sequence[Contender]) -> str:
    """The versions of the peers' packages."""
    packages = dict.fromkeys(package for one in contenders for package in one.packages)
    found = [f"{package} {version(package)}" for package in packages]
    if any(one.java for one in contenders) and (runs := java()):
        found.append(f"Java {runs[1]}")
    return f"Peers: {', '.join(found)}."


def notes(reasons: Mapping[str, str]) -> list[str]:
    """What a reader has to know of the tables."""
    left_out = [f"Left out here: {name} ({reason})." for name, reason in reasons.items() if reason]
    most = SMALL[1]
    limited = [one.name for one in CONTENDERS if SMALL in one.reads and not reasons[one.name]]
    limits = f"Given NDJSON logs of up to {most:,} events, and no larger ones: {', '.join(limited)}."
    return [
        "On each larger log all found the same, which was checked before their time counted.",
        *left_out,
        limits,
        "The peers trust their log and print ids. The evaluators type and account for every line, and write a whole "
        "report. CLIPS keeps windows and absences itself; durable-rules (a fact at a time) and Drools (the conditions "
        "that `drools_jpy` takes) test facts whose counts plain Python keeps.",
    ]


if __name__ == "__main__":
    main()
