"""What an engine of single facts has to be told of an event's past and future, kept in plain Python.

durable-rules, used as it can be used safely, and Drools, as far as `drools_jpy` reaches it, test one fact at a time:
they have no count over a sliding window, no "none before" and no "none within" over a log's own time. So the counting
is done here, and the test (a count above two, another amount, unpaid) in the engine. Both peers share it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from copies import Copy
from lines import Event

_MICROSECOND = timedelta(microseconds=1)
Fact = dict[str, Any]


def seconds(microseconds: int) -> int:
    """Whole seconds, rounded down: enough for a test against a day's first instant."""
    return microseconds // 1_000_000


def facts(events: Sequence[Event], rules: dict[int, list[Copy]], last: int) -> Iterator[tuple[Event, Fact]]:
    """The triggers among one practitioner's sorted events, each with its fact.

    A fact has `at` (seconds since 1970); a touch `framework` and `consent` (where recorded); a social contact `with`; a
    move `by` and `moves60` (moves by the practitioner in the 60 days up to it) and so on for each window; a session
    `agreed`; an invoice `amount`, `fee` (the one in force, where there is one) and `unpaid30` and so on.
    """
    by_client: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_client[event.client].append(event)
    windows = {form: [(copy.window.days, copy.window // _MICROSECOND) for copy in rules[form]] for form in (3, 6)}
    for own in by_client.values():
        terms = [event for event in own if event.type == "agreement.made"]
        agreed = [event.at for event in terms]
        moves = [event.at for event in own if event.type == "session.moved" and event.by == "practitioner"]
        paid: defaultdict[str | None, list[int]] = defaultdict(list)
        for event in own:
            if event.type == "payment.received":
                paid[event.invoice].append(event.at)
        for event in own:
            fact: Fact = {"at": seconds(event.at)}
            match event.type:
                case "contact.touch":
                    fact |= _recorded(event, ("framework", "consent"))
                case "contact.social":
                    fact["with"] = event.other
                case "session.moved":
                    fact["by"] = event.by
                    upto = bisect_right(moves, event.at)
                    for days, window in windows[3]:
                        fact[f"moves{days}"] = upto - bisect_left(moves, event.at - window)
                case "session.held":
                    fact["agreed"] = bool(agreed) and agreed[0] <= event.at
                case "invoice.issued":
                    fact["amount"] = event.amount
                    before = bisect_right(agreed, event.at)
                    if before and terms[before - 1].fee is not None:
                        fact["fee"] = terms[before - 1].fee
                    times = paid.get(event.invoice, ())
                    answer = min((at for at in times if at >= event.at), default=None)
                    for days, window in windows[6]:
                        due = event.at + window
                        fact[f"unpaid{days}"] = due < last and (answer is None or answer > due)
                case _:
                    continue
            yield event, fact


def _recorded(event: Event, names: Iterable[str]) -> Fact:
    return {name: value for name in names if (value := getattr(event, name)) is not None}
