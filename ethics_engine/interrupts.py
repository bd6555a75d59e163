"""Interrupts (Ctrl-C) held, while processes are started or Polars is at work, so that nothing is cut off half made."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold interrupts meanwhile, and give one that came on at the end; processes started meanwhile never hear of any.

    A process that is interrupted while it reads what it is to do, or while it imports, would write a traceback. It
    inherits what its starting thread blocks; the handler is for the other threads of this process, which block nothing.
    Polars panics where one comes while it makes Python's objects of the types of columns.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is ever interrupted
        return
    came: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    blocks = hasattr(signal, "pthread_sigmask")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if blocks else set()
    try:
        yield
    finally:
        if blocks:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        signal.signal(signal.SIGINT, handler)
    if came:
        signal.raise_signal(signal.SIGINT)
