"""The processes of an audit: one for each core, or this one alone."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.connection import wait as wait_for
from typing import Any, TypeVar

from ethics_engine.engines.bulk import BulkEvaluator
from ethics_engine.errors import ConfigError
from ethics_engine.interrupts import interrupts_held
from ethics_engine.plan import Plan

_AHEAD = 2  # pieces of work that are given out for each process, so that none waits
_BRIEFLY = "dirty_decay_ms:500,muzzy_decay_ms:1000"  # what importing Polars sets, where nobody else has
_LONGER = "dirty_decay_ms:10000,muzzy_decay_ms:-1"
"""How long Polars' allocator (jemalloc) keeps memory before it gives it back, which the next part asks for again.

5,000,000 events in one process took 1.0 instead of 3.1 seconds of system time, and 21.6 instead of 23.6 of user time.
"""
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
        # Sent with each piece of work: what is given at the start, one process takes in before the next one starts.
        self._sent = b"" if pool is None else pickle.dumps((audit.files, audit.engine.plan, audit.rules))

    def start(self) -> None:
        """Have the processes made ready while this one goes on."""
        for _ in range(self.number if self._pool is not None else 0):
            self._submit(_ready)

    def _submit(self, work: Callable[..., R], *arguments: Any) -> Future[R]:
        assert self._pool is not None
        with interrupts_held():  # whatever is handed in may start a process
            return self._pool.submit(_work, self._sent, work, arguments)

    def each(self, work: Callable[..., R], given: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, R]]:
        """What `work(audit, *arguments)` comes to for each of the given arguments, with its number, as it is done.

        The arguments are taken as they are needed.
        """
        if self._pool is None:
            for number, arguments in enumerate(given):
                with interrupts_held():
                    result = work(self.audit, *arguments)
                yield number, result
            return
        pending: dict[Future[R], int] = {}
        for number, arguments in enumerate(given):
            pending[self._submit(work, *arguments)] = number
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
    if os.environ.get("_RJEM_MALLOC_CONF", _BRIEFLY) == _BRIEFLY:
        environment["_RJEM_MALLOC_CONF"] = _LONGER
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(number, context, _start)
        try:
            yield Workers(Audit(files, BulkEvaluator(plan), rules), number, pool)
        except BaseException as error:
            pool.shutdown(wait=True, cancel_futures=True)
            if not isinstance(error, BrokenExecutor):
                raise
            ended = "a process of this audit was ended from outside; where memory is short, give less with --memory"
            raise ConfigError(ended) from None
        pool.shutdown(wait=False)  # they end while a report is written
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)


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
def _taken(audit: bytes) -> Audit:
    """What every piece of work is done with: the same bytes each time."""
    files, plan, rules = pickle.loads(audit)
    return Audit(files, BulkEvaluator(plan), rules)


def _ready(audit: Audit) -> None:
    """Nothing more: that a process has come so far is all that is wanted of it."""


def _work(audit: bytes, work: Callable[..., R], arguments: tuple[Any, ...]) -> R:
    return work(_taken(audit), *arguments)
