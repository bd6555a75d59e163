"""A process that observes a log into a store, and says so line by line: for tests that kill it, or start several."""

from __future__ import annotations

import json
import sys

from ethics_engine import Monitor, load_rules


def main(address: str, log: str, at_once: str, cached: str) -> None:
    """Observe the events of a log, some at once; print how many were acknowledged after each call."""
    with open(log, encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    step = int(at_once)
    with Monitor(load_rules(), address, wait=120, cached=int(cached)) as monitor:
        print("ready", flush=True)
        for start in range(0, len(events), step):
            monitor.observe_many(events[start : start + step])
            print(min(start + step, len(events)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
