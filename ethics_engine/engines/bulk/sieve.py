"""The sieve: for each rule the triggers that may come to something, found in columns.

It never loses one that does: where columns cannot tell, a trigger passes. What passes is judged exactly, one by one, as
the live evaluator judges it, so that the sieve decides the time that an audit takes and nothing that it says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import polars as pl

from ethics_engine.calendars import Zone
from ethics_engine.engines.bulk.columns import Part
from ethics_engine.engines.bulk.pairs import agrees, column
from ethics_engine.engines.bulk.periods import short_periods
from ethics_engine.engines.bulk.questions import (
    Answers,
    Masks,
    Picks,
    answered_before,
    answered_within,
    reads_findings,
    same_names,
)
from ethics_engine.engines.bulk.references import References
from ethics_engine.engines.bulk.windows import crowded, summed
from ethics_engine.engines.keys import trigger_of
from ethics_engine.plan import (
    Chain,
    Expectation,
    Forbid,
    Limit,
    Nearby,
    Precedence,
    Quota,
    Response,
    Rule,
    SinceEvent,
    Source,
    Terms,
    UnlessCondition,
    Variant,
    Years,
)
from ethics_engine.scalars import DAY, MICRO


class Sieve:
    """Sifts one part for one plan."""

    def __init__(self, part: Part, masks: Masks, zone: Zone) -> None:
        plan = masks.plan
        self.part = part
        self.plan = plan
        self.zone = zone
        self.picks = Picks(part, masks)
        self._references = References(self.picks)

    def suspects(self, rule: Rule, variant: Variant) -> list[int]:
        """The rows of the triggers of a rule that may come to something, in order."""
        source = trigger_of(variant)
        assert source is not None
        triggers = self.picks.triggers(source, rule.per, self._attributes(variant))
        if not triggers.height:
            return []
        if isinstance(variant.form, Quota):
            return short_periods(self.picks, self.zone, variant.form, rule, triggers)
        return self._sifted(rule, variant, source, triggers)

    def doubts(self, rule: Rule, variant: Variant) -> list[int]:
        """The rows of the events of which it is unknown whether they trigger, and that may come to something."""
        source = trigger_of(variant)
        assert source is not None
        triggers = self.picks.doubtful(source, rule.per, self._attributes(variant))
        if not triggers.height:
            return []
        if isinstance(variant.form, Quota | Limit):
            return triggers.get_column("#row").to_list()
        return self._sifted(rule, variant, source, triggers)

    def _attributes(self, variant: Variant) -> tuple[str, ...]:
        """The attributes of a trigger that its sieve compares."""
        form = variant.form
        names: set[str] = set()
        for source in _sources(variant):
            names |= same_names(source)
        if isinstance(form, Limit):
            names |= {*form.same}
            if form.measure.attribute is not None:
                names.add(form.measure.attribute)
        if isinstance(form, Expectation):
            names |= {pair.attribute for pair in form.pairs}
            names |= {pair.reference for pair in form.pairs} if form.reference is None else set()
            names |= {"currency"} if any(pair.money for pair in form.pairs) else set()
        return tuple(sorted(names - {"at"}))

    def _sifted(self, rule: Rule, variant: Variant, source: Source, triggers: pl.DataFrame) -> list[int]:
        form = _SIEVES[type(variant.form)]
        for step in (Sieve._dated, Sieve._not_excepted, Sieve._since, form):
            triggers = step(self, rule, variant, source, triggers)
            if not triggers.height:
                return []
        return triggers.get_column("#row").to_list()

    # --- side tests ---------------------------------------------------------------------------------------------

    def _dated(self, rule: Rule, variant: Variant, source: Source, triggers: pl.DataFrame) -> pl.DataFrame:
        if variant.start is not None:
            triggers = triggers.filter(pl.col("at") >= variant.start)
        return triggers if variant.end is None else triggers.filter(pl.col("at") < variant.end)

    def _not_excepted(self, rule: Rule, variant: Variant, source: Source, triggers: pl.DataFrame) -> pl.DataFrame:
        for each in variant.unless:
            if isinstance(each, UnlessCondition):
                rows = self.picks.excepted.get(id(each))
                if rows is not None:
                    triggers = triggers.filter(~pl.col("#row").is_in(rows.implode()))
            elif source.types.isdisjoint(each.source.types):
                answers = self.picks.answers(each.source, rule.per)
                if answers:
                    triggers = triggers.filter(~_happened(triggers, answers, each.within))
        return triggers

    def _since(self, rule: Rule, variant: Variant, source: Source, triggers: pl.DataFrame) -> pl.DataFrame:
        for each in variant.since:
            if isinstance(each, SinceEvent) and not reads_findings(each.source):
                answers = self.picks.answers(each.source, rule.per)
                if answers is not None:
                    within = None if isinstance(each.within, Years) else each.within
                    triggers = triggers.filter(_happened(triggers, answers, within))
        return triggers

    # --- forms --------------------------------------------------------------------------------------------------

    def _forbid(self, rule: Rule, variant: Variant, source: Source, triggers: pl.DataFrame) -> pl.DataFrame:
        return triggers

    def _precedence(self, rule: Rule, variant: Variant, source: Source, triggers: pl.DataFrame) -> pl.DataFrame:
        form = variant.form
        assert isinstance(form, Precedence)
        answers = self._other(source, form.answer, rule)
        return triggers if not answers else triggers.filter(~_happened(triggers, answers, form.within))

    def _response(self, rule: Rule, variant: Variant, source: Source, triggers: pl.DataFrame) -> pl.DataFrame:
        form = variant.form
        assert isinstance(form, Response)
        within = form.within if isinstance(form.within, int) else self._least(form.within, rule, triggers)
        if within is None:
            return triggers
        for answer in (form.answer, form.waived_by):
            answers = None if answer is None else self._other(source, answer, rule)
            if answers:
                if form.earlier_counts and answer is form.answer and isinstance(within, int):
                    answered = answered_before(triggers, answers, within)
                else:
                    answered = answered_within(triggers, answers, within, forward=True)
                triggers = triggers.filter(~answered)
                within = within if isinstance(within, int) else within.filter(~answered)
        return triggers

    def _limit(self, rule: Rule, variant: Variant, source: Source, triggers: pl.DataFrame) -> pl.DataFrame:
        form = variant.form
        assert isinstance(form, Limit)
        measure = form.measure
        if measure.money or not isinstance(form.to, int) or form.to < 0 or form.within < 0:
            return triggers
        if any(name not in triggers.columns for name in form.same):
            return triggers.clear()
        if any(isinstance(triggers.schema[name], pl.List) for name in form.same):
            return triggers
        keys = ["#rel" if rule.per == "relationship" else "#prac", *form.same]
        full = self.picks.triggers(source, rule.per, self._attributes(variant))  # also those that side tests took out
        if measure.kind == "sum":
            passing = summed(full, keys, measure.attribute or "", form.within, form.to)
        else:
            if measure.kind == "distinct" and full.schema.get(measure.attribute or "") == pl.List(pl.String):
                return triggers
            allowed = form.to * measure.least // MICRO if measure.kind == "share" else form.to // MICRO
            passing = crowded(full, keys, allowed, form.within)
        return triggers.filter(pl.col("#row").is_in(passing.implode()))

    def _chain(self, rule: Rule, variant: Variant, source: Source, triggers: pl.DataFrame) -> pl.DataFrame:
        form = variant.form
        assert isinstance(form, Chain)
        for earlier in form.earlier:
            answers = None if reads_findings(earlier) else self.picks.answers(earlier, rule.per)
            if answers is not None:
                triggers = triggers.filter(answered_within(triggers, answers, form.within, forward=False))
        return triggers

    def _expectation(self, rule: Rule, variant: Variant, source: Source, triggers: pl.DataFrame) -> pl.DataFrame:
        form = variant.form
        assert isinstance(form, Expectation)
        if form.reference is None:
            joined = triggers.with_columns(
                pl.lit(True).alias("#found"),
                pl.lit(False).alias("#tied"),
                *(
                    column(triggers, name).alias(f"their {name}")
                    for name in {pair.reference for pair in form.pairs} | {"currency"}
                ),
            )
        else:
            found = self._references.beside(form, source, rule, triggers)
            if found is None:
                return triggers
            joined = found
        agreed = ~pl.col("#tied")
        for pair in form.pairs:
            sure = agrees(pair, joined, self.plan.currency)
            if sure is None:
                return triggers
            agreed = agreed & sure
        return triggers.filter(~joined.select(agreed.fill_null(False).alias("agreed")).to_series())

    # --- duties ---------------------------------------------------------------------------------------------

    def _other(self, source: Source, answer: Source, rule: Rule) -> list[Answers] | None:
        """The answers that columns know; None where a trigger may be among them, which never answers itself."""
        if not source.types.isdisjoint(answer.types):
            return None
        return self.picks.answers(answer, rule.per)

    def _least(self, terms: Terms, rule: Rule, triggers: pl.DataFrame) -> pl.Series | int | None:
        """For each trigger the shortest time that terms of its key give; None where columns do not know one."""
        if terms.factor < 0 or reads_findings(terms.source) or any(member.same for member in terms.source.members):
            return None
        answers = self.picks.answers(terms.source, rule.per, (terms.attribute,))
        if answers is None or terms.default is None:
            return None

        def time(days: int) -> int:
            return int((days * terms.factor + terms.offset) * DAY / MICRO)

        shortest = pl.repeat(time(terms.default), triggers.height, eager=True, dtype=pl.Int64)
        for each in answers:
            if terms.attribute not in each.frame.columns:
                continue
            lowest = each.frame.group_by(each.key).agg(pl.col(terms.attribute).min().alias("lowest"))
            days = triggers.join(lowest, on=each.key, how="left", maintain_order="left").get_column("lowest")
            values = days.unique().drop_nulls().to_list()
            if not values:
                continue
            times = days.replace_strict(values, [time(value) for value in values], default=None, return_dtype=pl.Int64)
            shortest = pl.select(pl.min_horizontal(shortest, times)).to_series()
        return shortest


_SIEVES: Mapping[type, Callable[[Sieve, Rule, Variant, Source, pl.DataFrame], pl.DataFrame]] = {
    Forbid: Sieve._forbid,
    Precedence: Sieve._precedence,
    Response: Sieve._response,
    Limit: Sieve._limit,
    Chain: Sieve._chain,
    Expectation: Sieve._expectation,
}


def _sources(variant: Variant) -> Iterator[Source]:
    """Every source that the sieve looks for answers in."""
    form = variant.form
    if isinstance(form, Precedence | Response):
        yield form.answer
    if isinstance(form, Response) and form.waived_by is not None:
        yield form.waived_by
    if isinstance(form, Chain):
        yield from form.earlier
    if isinstance(form, Expectation) and form.reference is not None:
        yield form.reference
    for side in (*variant.unless, *variant.since):
        if isinstance(side, Nearby | SinceEvent):
            yield side.source


def _happened(triggers: pl.DataFrame, answers: list[Answers], within: int | None) -> pl.Series:
    if within is None:
        return answered_before(triggers, answers)
    return answered_within(triggers, answers, within, forward=False)
