"""The processes of an audit: one for each core, or this one alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for
from typing import Any, TypeVar

from ethics_engine.audits.interrupts import interrupts_held
from ethics_engine.engines.bulk import BulkEvaluator
from ethics_engine.errors import ConfigError
from ethics_engine.plan import Plan

_AHEAD = 2  # pieces of work that are given out for each process, so that none waits
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Audit:
    """What every process has: the files of the log, the evaluator with its plan, the ids of all rules."""

    files: tuple[str, ...]
    engine: BulkEvaluator
    rules: frozenset[str]


class Workers:
    """Processes that work for an audit; `pool` is None where this one works alone."""

    def __init__(self, audit: Audit, number: int, pool: ProcessPoolExecutor | None) -> None:
        self.audit = audit
        self.number = number
        self._pool = pool

    def each(self, work: Callable[..., R], given: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, R]]:
        """What `work(audit, *arguments)` comes to for each of the given arguments, with its number, as it is done.

        The arguments are taken as they are needed.
        """
        if self._pool is None:
            yield from ((number, work(self.audit, *arguments)) for number, arguments in enumerate(given))
            return
        pending: dict[Future[R], int] = {}
        for number, arguments in enumerate(given):
            with interrupts_held():  # whatever is handed in may start a process
                pending[self._pool.submit(_work, work, arguments)] = number
            if len(pending) >= _AHEAD * self.number:
                yield from _done(pending)
        while pending:
            yield from _done(pending)


def _done(pending: dict[Future[R], int]) -> Iterator[tuple[int, R]]:
    """Wait for some results, and take them out."""
    finished, _ = wait(pending, return_when=FIRST_COMPLETED)
    for future in finished:
        yield pending.pop(future), future.result()


@contextmanager
def workers(files: tuple[str, ...], plan: Plan, rules: frozenset[str], number: int, cores: int) -> Iterator[Workers]:
    """So many processes, which share the cores.

    Raises:
        ConfigError: a process was ended from outside.
    """
    if number <= 1:
        yield Workers(Audit(files, BulkEvaluator(plan), rules), 1, None)
        return
    environment = {"POLARS_MAX_THREADS": str(max(1, cores // number))}
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(number, context, _start, (files, plan, rules)) as pool:
            try:
                yield Workers(Audit(files, BulkEvaluator(plan), rules), number, pool)
            except BrokenExecutor:
                ended = "a process of this audit was ended from outside; where memory is short, give less with --memory"
                raise ConfigError(ended) from None
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)


_audit: Audit  # of this process, set once when it starts


def _start(files: tuple[str, ...], plan: Plan, rules: frozenset[str]) -> None:
    """Make a worker ready: it leaves interrupts to its parent, and ends when its parent does."""
    global _audit
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        wait_for([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    _audit = Audit(files, BulkEvaluator(plan), rules)


def _work(work: Callable[..., R], arguments: tuple[Any, ...]) -> R:
    return work(_audit, *arguments)
