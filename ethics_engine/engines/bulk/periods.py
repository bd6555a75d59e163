"""The calendar periods of a quota that hold too little of the answer, in columns."""

from __future__ import annotations

import polars as pl

from ethics_engine.calendars import Zone
from ethics_engine.engines.bulk.pairs import column
from ethics_engine.engines.bulk.questions import Picks, reads_findings
from ethics_engine.plan import Quota, Rule
from ethics_engine.scalars import MICRO


def short_periods(picks: Picks, zone: Zone, form: Quota, rule: Rule, triggers: pl.DataFrame) -> list[int]:
    """The first triggers of the periods that hold too little of the answer, or of all where columns cannot say."""
    got = _answers(picks, form, rule)
    firsts: list[int] = []
    key, end, first_at, short = -1, 0, 0, True
    keyed_by = "#rel" if rule.per == "relationship" else "#prac"
    for number, at, row in triggers.sort(keyed_by, "#row").select(keyed_by, "at", "#row").iter_rows():
        if number != key or at >= end:
            key, first_at = number, at
            start, end = zone.period(at, form.period)
            short = got is None or sum(amount for when, amount in got.get(key, ()) if start <= when < end) < form.need
            if short:
                firsts.append(row)
        elif at == first_at and short:
            firsts[-1] = row  # of simultaneous events the greatest id, which comes last
    return sorted(firsts)


def _answers(picks: Picks, form: Quota, rule: Rule) -> dict[int, list[tuple[int, int]]] | None:
    """What each key has of the answer: instants and amounts; None where columns cannot say."""
    source = form.answer
    simple = rule.per == "practitioner" and not any(member.same for member in source.members)
    if not simple or reads_findings(source) or form.measure.kind not in ("count", "sum") or form.measure.money:
        return None
    attribute = form.measure.attribute if form.measure.kind == "sum" else None
    answers = picks.answers(source, rule.per, () if attribute is None else (attribute,))
    if answers is None:
        return None
    got: dict[int, list[tuple[int, int]]] = {}
    if answers:
        frame = pl.concat([answer.frame for answer in answers], how="diagonal").unique("#row")
        amount = pl.lit(MICRO, pl.Int64) if attribute is None else column(frame, attribute).cast(pl.Int64).fill_null(0)
        for key, at, value in frame.select("#prac", "at", amount.alias("#amount")).iter_rows():
            got.setdefault(key, []).append((at, value))
    return got
