"""Logs as the benchmarks generate them, in order of time."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))


def practice_log(events: int, seed: int, clients: int = 10) -> list[dict[str, Any]]:
    """Events of several practices, by time."""
    from generate import records

    log = [dict(event) for event in records(events, seed, clients)]
    return sorted(log, key=lambda event: event["at"])
