"""Events in the order of (`at`, `order`) as they come, and the k-th of its kind (`nth`)."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ethics_engine.engines.ledger import in_order
from ethics_engine.events import Event
from ethics_engine.plan import Member, Scope

Series = tuple[int, tuple[str, ...], bool]
"""What numbers events: the pick, the names of `same`, whether each client's are numbered apart."""

_Numbered = dict[tuple[str | None, tuple[Any, ...]], list[Event]]


def order_of(event: Event) -> tuple[int, str]:
    """What events are put in order by."""
    return event.at, event.order


def instant_of(event: Event) -> int:
    """When an event happened, in microseconds."""
    return event.at


def comes_after(event: Event, others: Sequence[Event]) -> bool:
    """Whether an event stands after all of some that are in order, as most events do that come."""
    if not others:
        return True
    last = others[-1]
    return last.at < event.at or (last.at == event.at and last.order < event.order)


def put_in_order(events: list[Event], event: Event) -> None:
    """Put an event at its place among some that are in order."""
    if comes_after(event, events):
        events.append(event)
    else:
        insort(events, event, key=order_of)


def number_among(events: Sequence[Event], event: Event) -> int:
    """The number, from 1, of an event among some in order that it is one of; most often it is the last."""
    return len(events) if events[-1] is event else bisect_right(events, order_of(event), key=order_of)


class Numbering:
    """Numbers the events of a ledger, the events of each pick once a selection asks for their numbers."""

    def __init__(self, by_pick: Mapping[int, Sequence[Event]]) -> None:
        self._by_pick = by_pick
        self._numbered: dict[int, dict[Series, _Numbered]] = {}

    def __contains__(self, pick: int) -> bool:
        return pick in self._numbered

    def is_nth(self, member: Member, per: Scope, event: Event, *, counted: bool = True) -> bool:
        """Whether an event is the one that a numbered selection keeps.

        Where events without a client count in every relationship, it is asked of events with one alone.
        """
        if counted or per == "practitioner":
            return self.number_of(member, per, event) == member.nth
        key, numbered = self.of(member, per)
        own = numbered.get(_key_in(key, event), [])
        values = [event.values.get(name) for name in key[1]]
        common = numbered.get((None, tuple(values)), ())
        own = in_order([*own, *common]) if common else own
        nth = member.nth
        assert nth is not None
        return None not in values and len(own) >= nth and own[nth - 1] is event

    def number_of(self, member: Member, per: Scope, event: Event) -> int:
        """The number of an event that counts among those of a numbered selection; 0 for one that takes no part."""
        key, numbered = self.of(member, per)
        in_series = _key_in(key, event)
        own = numbered.get(in_series)
        if not own or None in in_series[1]:
            return 0
        return number_among(own, event)

    def of(self, member: Member, per: Scope) -> tuple[Series, _Numbered]:
        """The events of a numbered selection by key and values of `same`, in order."""
        key = (member.pick, tuple(theirs for theirs, _ in member.same), per == "relationship")
        series = self._numbered.setdefault(member.pick, {})
        numbered = series.get(key)
        if numbered is None:
            numbered = series[key] = {}
            for event in self._by_pick.get(member.pick, ()):
                numbered.setdefault(_key_in(key, event), []).append(event)
        return key, numbered

    def put(self, event: Event, pick: int, *, last: bool) -> Iterator[int]:
        """Number an event that came; yields its number wherever it shifts others, 0 where it may shift them all."""
        for key, numbered in self._numbered[pick].items():
            in_series = _key_in(key, event)
            own = numbered.setdefault(in_series, [])
            put_in_order(own, event)
            number = number_among(own, event)
            if key[2] and not last and (event.client is None or (None, in_series[1]) in numbered):
                number = 0  # it takes a number in every relationship, or stands among such as do
            if number < len(own):
                yield number

    def drop(self, pick: int) -> None:
        """Forget the numbers of the events of a pick."""
        self._numbered.pop(pick, None)


def _key_in(key: Series, event: Event) -> tuple[str | None, tuple[Any, ...]]:
    _, names, by_client = key
    return event.client if by_client else None, tuple([event.values.get(name) for name in names])
