"""What an audit may use of the machine; plain, so that naming it imports nothing heavy."""

from __future__ import annotations

import os
from dataclasses import dataclass

PART = 200_000
"""Events of a part on Spark, where nothing is said, and of a log that one process judges before others have started."""
LARGEST_PART = 400_000
"""Events of a part, where memory allows.

With parts of 100,000, 200,000, 400,000 and 800,000 events an audit of 10,000,000 took 30.0, 26.4, 25.6 and 24.8
seconds, and the largest process peaked at 387, 628, 1,087 and 2,067 MB.
"""
BYTES_AN_EVENT = 4_000
"""What a worker is reckoned to hold for each event of a part at its peak.

Twice what was seen: with parts of 125,000, 250,000 and 500,000 events of a generated log the largest process peaked at
443, 685 and 1,217 MB (`/usr/bin/time`, two processes).
"""
LEAST_PART = 10_000
_BASE = 250_000_000  # bytes that a process takes before it reads a log: Python, Polars, the rules


@dataclass(frozen=True, slots=True)
class Means:
    """What an audit may use.

    `memory` is the bytes that all its processes together may hold (None: half of the machine's), `scratch` the folder
    for parts on disk, `workers` the number of processes (None: one a core), `part` the events of a part (None: what
    fits), `block` the bytes of text that are read at once (None: 16 MB).
    """

    memory: int | None = None
    scratch: str | None = None
    workers: int | None = None
    part: int | None = None
    block: int | None = None

    @property
    def processes(self) -> int:
        """How many processes judge."""
        if self.workers is not None:
            return self.workers
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

    def size(self) -> int:
        """The events of a part that all processes together can hold."""
        if self.part is not None:
            return self.part
        memory = self.memory if self.memory is not None else machine_memory() // 2
        each = memory // (self.processes + 1) - _BASE
        return max(LEAST_PART, min(LARGEST_PART, each // BYTES_AN_EVENT))

    def share(self, rows: int) -> int:
        """The events of each part of a log of so many, so that every process has as much to do."""
        size = self.size()
        if self.part is not None or rows <= min(size, PART):
            return size
        turns = -(-rows // (size * self.processes))
        return -(-rows // (turns * self.processes))


def machine_memory() -> int:
    """The machine's memory in bytes."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 4 << 30
