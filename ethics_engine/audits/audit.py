"""An audit: every part of a log judged, on all cores, as one report."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from functools import lru_cache
from multiprocessing.connection import wait as wait_for
from typing import Any

from ethics_engine.audits.interrupts import interrupts_held
from ethics_engine.audits.parquet import Overview, PartOfLog, cut, on_disk, overview, parts, raw, unplaced
from ethics_engine.audits.part import Judged, judge_part
from ethics_engine.audits.scratch import scratch
from ethics_engine.audits.sending import Sent, received, sent
from ethics_engine.engines.bulk import BulkEvaluator
from ethics_engine.errors import ConfigError
from ethics_engine.findings import Engine, LogAccount, Report
from ethics_engine.means import Means
from ethics_engine.memory import collection_paused
from ethics_engine.plan import Plan
from ethics_engine.rules.loader import RuleSet
from ethics_engine.version import __version__

Progress = Callable[[str, int, int], None]
"""Told what is being done, the rows done so far, and all of them."""


@collection_paused()
def audit(
    files: Sequence[str],
    rules: RuleSet,
    plan: Plan,
    as_of: int | None = None,
    means: Means | None = None,
    progress: Progress | None = None,
    least: int = 0,
) -> Report | None:
    """Judge Parquet files; None where a reader of rows must.

    Without `means` one process judges: others are started anew, and would run a script that does not guard its main
    part once more.

    That is where practitioners or instants are not columns of their kind, or where there are fewer rows than `least`.

    `as_of` is microseconds since the epoch; without one it is the latest instant of the accepted events.

    Raises:
        EventError: a file cannot be read.
        ConfigError: nothing can be written to the scratch folder, or a process was ended from outside.
    """
    means = means or Means(workers=1)
    found = overview(files)
    if found is None or found.rows < least:
        return None
    moment = as_of if as_of is not None else found.latest or 0
    size = means.size()
    cuts = parts(found, size)
    if cuts is not None:
        return _whole(files, rules, plan, found, cuts, moment, as_of, means, progress)
    with scratch(means.scratch) as folder:
        for done in cut(files, found, size, folder):
            if progress is not None:
                progress("cutting", done, found.rows)
        return _whole(files, rules, plan, found, on_disk(folder), moment, as_of, means, progress)


def _whole(
    files: Sequence[str],
    rules: RuleSet,
    plan: Plan,
    found: Overview,
    cuts: Sequence[PartOfLog],
    moment: int,
    as_of: int | None,
    means: Means,
    progress: Progress | None,
) -> Report:
    names = frozenset(source.id for source in rules.sources)
    extra = [judge_part(unplaced(files), files, BulkEvaluator(plan), names, moment)] if found.unplaced else []
    judged = [*extra, *_all(files, plan, names, cuts, moment, means, progress, found.rows)]
    latest = max((each.last for each in judged if each.last is not None), default=None)
    if as_of is None and latest != moment and latest is not None:
        return _whole(files, rules, plan, found, cuts, latest, latest, means, progress)  # the last row was rejected
    return report_of(files, rules, plan, judged, moment if latest is not None or as_of is not None else None)


def report_of(
    files: Sequence[str],
    rules: RuleSet,
    plan: Plan,
    judged: Sequence[Judged],
    moment: int | None,
    evaluator: str = BulkEvaluator.name,
) -> Report:
    """What the parts of a log came to, as one report; `files` in the order of the log."""
    order = {name: number for number, name in enumerate(files)}

    def every(name: str) -> Iterator[Any]:
        return (item for each in judged for item in getattr(each, name))

    rejected = sorted(every("rejected"), key=lambda line: (order[line.file], line.line))
    return Report(
        engine=Engine(__version__, evaluator, "python"),
        rules=rules.in_use(),
        log=LogAccount(
            read=sum(each.read for each in judged),
            accepted=sum(each.accepted for each in judged),
            duplicate=sum(each.duplicate for each in judged),
            rejected=len(rejected),
            first=min((each.first for each in judged if each.first is not None), default=None),
            last=max((each.last for each in judged if each.last is not None), default=None),
            as_of=moment,
            unseen=sum(each.unseen for each in judged),
        ),
        findings=tuple(item for each in judged for item in each.judgement.findings),
        obligations=tuple(item for each in judged for item in each.judgement.obligations),
        cannot_tell=tuple(item for each in judged for item in each.judgement.cannot_tell),
        rejected=tuple(rejected),
        ineffective=tuple(every("ineffective")),
        corrections=tuple(every("corrections")),
        timezone=plan.timezone,
    )


_BRIEFLY = "dirty_decay_ms:500,muzzy_decay_ms:1000"  # what importing Polars sets, where nobody else has
_LONGER = "dirty_decay_ms:10000,muzzy_decay_ms:-1"
"""How long Polars' allocator (jemalloc) keeps memory before it gives it back, which the next part asks for again.

5,000,000 events in one process took 1.0 instead of 3.1 seconds of system time, and 21.6 instead of 23.6 of user time.
"""


def _all(
    files: Sequence[str],
    plan: Plan,
    names: frozenset[str],
    cuts: Sequence[PartOfLog],
    moment: int,
    means: Means,
    progress: Progress | None,
    rows: int,
) -> list[Judged]:
    """Judge every part, in order, on as many processes as there are cores."""
    workers = min(means.processes, len(cuts))
    if workers <= 1:
        engine = BulkEvaluator(plan)
        alone = []
        for part in cuts:
            alone.append(judge_part(raw(part, files), files, engine, names, moment))
            if progress is not None:
                progress("judging", sum(judged.read for judged in alone), rows)
        return alone
    environment = {"POLARS_MAX_THREADS": str(max(1, means.processes // workers))}
    if os.environ.get("_RJEM_MALLOC_CONF", _BRIEFLY) == _BRIEFLY:
        environment["_RJEM_MALLOC_CONF"] = _LONGER
    result: list[Judged | None] = [None] * len(cuts)
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, context, _start) as pool:
            given = pickle.dumps((plan, tuple(files), names, moment))  # with each part: what is given at the start
            try:  # is taken in by one process before the next one starts
                with interrupts_held():  # the first part that is handed in starts all the processes
                    pending: dict[Future[Sent], int] = {
                        pool.submit(_judge, given, part): n for n, part in enumerate(cuts)
                    }
                done = 0
                while pending:
                    finished, _ = wait(pending, return_when=FIRST_COMPLETED)
                    for future in finished:
                        judged = result[pending.pop(future)] = received(future.result(), plan)
                        done += judged.read
                        if progress is not None:
                            progress("judging", done, rows)
            except BrokenExecutor:
                ended = "a process of this audit was ended from outside; where memory is short, give less with --memory"
                raise ConfigError(ended) from None
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
    return [judged for judged in result if judged is not None]


_Given = tuple[BulkEvaluator, tuple[str, ...], frozenset[str], int]


def _start() -> None:
    """Make a worker ready: it leaves interrupts to its parent, and ends when its parent does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        wait_for([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@lru_cache(maxsize=1)
def _taken(given: bytes) -> _Given:
    """What every part of an audit is judged with: the same bytes each time."""
    plan, files, names, moment = pickle.loads(given)
    return BulkEvaluator(plan), files, names, moment


def _judge(given: bytes, part: PartOfLog) -> Sent:
    engine, files, names, moment = _taken(given)
    return sent(judge_part(raw(part, files), files, engine, names, moment))
