"""The reference rules by hand in plain Python, as a peer: `python benchmarks/reference/in_python.py LOG [RULES]`.

Reads NDJSON with orjson, one line after another in any order, and keeps of each event what the rules ask for. Prints
the findings as `in_polars.py` does. It trusts its log.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import orjson
from copies import ALWAYS, Copy, copies
from findings import Finding, main

Key = tuple[str, str]  # practitioner, client


class Trigger(NamedTuple):
    """An event that a rule may find."""

    at: datetime
    id: str
    key: Key


class Log:
    """What the rules ask of a log."""

    def __init__(self, path: str) -> None:
        self.touches: list[Trigger] = []
        self.social: list[Trigger] = []
        self.moved: defaultdict[Key, list[Trigger]] = defaultdict(list)
        self.held: list[Trigger] = []
        self.terms: defaultdict[Key, list[tuple[datetime, str, float | None]]] = defaultdict(list)
        self.issued: list[tuple[Trigger, str, float]] = []
        self.paid: defaultdict[tuple[str, str, str], list[datetime]] = defaultdict(list)
        self.last = ALWAYS
        instant, loads = datetime.fromisoformat, orjson.loads
        with open(path, "rb") as file:
            for line in file:
                event = loads(line)
                at = instant(event["at"])
                if at > self.last:
                    self.last = at
                match event["type"]:
                    case "session.held":
                        self.held.append(_trigger(at, event))
                    case "invoice.issued":
                        self.issued.append((_trigger(at, event), event["invoice"], event["amount"]))
                    case "payment.received" if "invoice" in event:
                        self.paid[event["practitioner"], event["client"], event["invoice"]].append(at)
                    case "session.moved" if event["by"] == "practitioner":
                        self.moved[event["practitioner"], event["client"]].append(_trigger(at, event))
                    case "agreement.made":
                        terms = (at, event["id"], event.get("fee"))
                        self.terms[event["practitioner"], event["client"]].append(terms)
                    case "contact.touch" if event.get("framework") is False or event.get("consent") is False:
                        self.touches.append(_trigger(at, event))
                    case "contact.social" if event.get("with", "client") == "client":
                        self.social.append(_trigger(at, event))
        for moves in self.moved.values():
            moves.sort()
        for made in self.terms.values():
            made.sort(key=lambda one: one[:2])

    def unagreed(self) -> list[Trigger]:
        first = {key: made[0][0] for key, made in self.terms.items()}
        return [one for one in self.held if one.key not in first or first[one.key] > one.at]

    def priced_otherwise(self) -> list[Trigger]:
        found = []
        times = {key: [at for at, _, _ in made] for key, made in self.terms.items()}
        for one, _, amount in self.issued:
            if one.key in times and (before := bisect_right(times[one.key], one.at)):
                fee = self.terms[one.key][before - 1][2]
                if fee is not None and fee != amount:
                    found.append(one)
        return found

    def moved_often(self, copy: Copy) -> Iterator[Trigger]:
        for moves in self.moved.values():
            times = [one.at for one in moves]
            for one in moves:
                if bisect_right(times, one.at) - bisect_left(times, one.at - copy.window) > 2:
                    yield one

    def unpaid(self, copy: Copy) -> Iterator[Trigger]:
        for one, invoice, _ in self.issued:
            due = one.at + copy.window
            if due < self.last and not any(one.at <= paid <= due for paid in self.paid.get((*one.key, invoice), ())):
                yield one


def _trigger(at: datetime, event: dict[str, str]) -> Trigger:
    return Trigger(at, event["id"], (event["practitioner"], event["client"]))


def findings(path: str, rules: int = 6) -> Iterator[Finding]:
    """The findings of a log, in no order."""
    log = Log(path)
    fixed = {1: log.touches, 2: log.social, 4: log.unagreed(), 5: log.priced_otherwise()}
    for form, each in copies(rules).items():
        for copy in each:
            found = fixed.get(form) or (log.moved_often(copy) if form == 3 else log.unpaid(copy) if form == 6 else ())
            for at, name, key in found:
                if at >= copy.start:
                    yield copy.rule, *key, name


if __name__ == "__main__":
    main(findings)
