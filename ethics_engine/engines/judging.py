"""How each form judges a trigger: the sentences of the rule language, asked of a ledger.

A function for each form that looks at one trigger; those that look at a whole key are in `keyed`. `supposed` says
that the trigger's own condition is unknown and taken to hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ethics_engine.conditions import COMPARISONS, NEVER_UNKNOWN
from ethics_engine.engines.keyed import WholeKeys, sum_of
from ethics_engine.engines.outcomes import Breach, Duty, Outcome, Uncovered, Unrecorded
from ethics_engine.engines.sides import EARLIEST
from ethics_engine.events import Event
from ethics_engine.messages import Instant, Span, worded
from ethics_engine.plan import (
    Chain,
    Expectation,
    Forbid,
    Form,
    Limit,
    Measure,
    Pair,
    Precedence,
    Response,
    Rule,
    Source,
    Terms,
    named_beside,
)
from ethics_engine.scalars import DAY, MICRO


class Judge(WholeKeys):
    """Judges the triggers of one practitioner's ledger at one `as_of`, form by form."""

    def judge(self, form: Form, rule: Rule, event: Event, supposed: bool = False) -> Outcome | None:
        """What comes of a trigger; None where the rule holds."""
        return _JUDGED_BY[type(form)](self, form, rule, event, supposed)

    def _forbid(self, form: Forbid, rule: Rule, event: Event, supposed: bool) -> Outcome | None:
        return Breach(event.at)

    def _precedence(self, form: Precedence, rule: Rule, event: Event, supposed: bool) -> Outcome | None:
        last = self.ledger.entries(form.answer, rule.per, event.client, event).last(event.at, event)
        if last is not None and (form.within is None or event.at - last.at <= form.within):
            return None
        uncovered = self.ledger.uncovered(form.answer.areas)
        if uncovered:
            return Uncovered(uncovered)
        return Breach(event.at, () if last is None else (last,))

    def _response(self, form: Response, rule: Rule, event: Event, supposed: bool) -> Outcome | None:
        within = form.within if isinstance(form.within, int) else self.days(form.within, rule, event)
        if within is None:
            return None
        due = event.at + within
        start = EARLIEST if form.earlier_counts else event.at
        answers = self.ledger.entries(form.answer, rule.per, event.client, event)
        if answers.first_between(start, due, event) is not None:
            return None
        if form.waived_by is not None:
            waivers = self.ledger.entries(form.waived_by, rule.per, event.client, event)
            if waivers.first_between(event.at, due, event) is not None:
                return None
        uncovered = self.ledger.uncovered(form.answer.areas)
        if uncovered:
            return Uncovered(uncovered)
        values = {"due": Instant(due), "within": Span(within)}
        self.changes_at(due + 1)
        return Breach(due, values=values) if self.as_of > due else Duty(due, values)

    def _limit(self, form: Limit, rule: Rule, event: Event, supposed: bool) -> Outcome | None:
        own = self.ledger.alike(form.trigger, rule.per, event.client, form.same, event)
        if any(name not in event.values for name in form.same):
            return None
        start = event.at - form.within
        measure = form.measure
        if measure.kind == "count" and isinstance(form.to, int):
            count = own.count_between(start, event.at) + supposed  # a cheap first look: most triggers end here
            if count * MICRO <= form.to:
                return None
        window = list(own.between(start, event.at))
        if supposed:
            window = sorted([*window, event], key=lambda one: (one.at, one.order))
        allowed, currency = self.bound(form, rule, event)
        if allowed is None:
            return None
        if measure.money and _differ(self._currency(event), currency):
            return Unrecorded(frozenset({"currency"}))
        if measure.money:
            window = self.in_its_currency(window, event)
        measured = self.measured(measure, rule, event, window, form.same, start)
        if measured is None or measured <= allowed:
            return None
        name = {"count": "count", "sum": "sum", "distinct": "distinct", "share": "share"}[measure.kind]
        values = {name: _plain(measured), "allowed": _plain(allowed), "within": Span(form.within)}
        return Breach(event.at, tuple(one for one in window if one is not event), values)

    def in_its_currency(self, window: Sequence[Event], event: Event) -> list[Event]:
        """The events of a window that are not known to be in another currency than the trigger."""
        currency = self._currency(event)
        return [one for one in window if not _differ(self._currency(one), currency)]

    def bound(self, form: Limit, rule: Rule, event: Event) -> tuple[Fraction | None, str | None]:
        """What is allowed (in ones), and the currency of that amount."""
        if isinstance(form.to, int):
            return Fraction(form.to, MICRO), self.plan.currency
        found = self.latest(form.to.source, rule, event)
        value = self._term(form.to, found)
        currency = self.plan.currency
        if found is not None and form.to.attribute in found.values:
            currency = self._currency(found)
        return (None if value is None else Fraction(value, MICRO)), currency

    def measured(
        self,
        measure: Measure,
        rule: Rule,
        event: Event,
        window: Sequence[Event],
        same: tuple[str, ...],
        start: int,
    ) -> Fraction | None:
        """The measure of a window, in ones; None where a share is not judged yet."""
        match measure.kind:
            case "count":
                return Fraction(len(window))
            case "sum":
                return Fraction(sum_of(measure, window), MICRO)
            case "distinct":
                assert measure.attribute is not None
                return Fraction(len(_distinct(window, measure.attribute)))
        assert measure.base is not None
        base = self.ledger.counted(measure.base, rule.per, event.client, event)
        if same:
            alike = ([one.values.get(name) for name in same] for one in base.between(start, event.at))
            total = sum(values == [event.values[name] for name in same] for values in alike)
        else:
            total = base.count_between(start, event.at)
        return Fraction(len(window), total) if total and total >= measure.least else None

    def _chain(self, form: Chain, rule: Rule, event: Event, supposed: bool) -> Outcome | None:
        steps = self.steps(form, rule, event)
        if len(steps) < len(form.earlier):
            return None
        first = steps[0].at if steps else event.at
        if event.at - first > form.within:
            return None
        values = {"first": Instant(first), "within": Span(form.within)}
        return Breach(event.at, tuple(steps), values)

    def steps(self, form: Chain, rule: Rule, event: Event) -> list[Event]:
        """The steps before the last one, each the latest before the next; those before a missing step are left out."""
        steps: list[Event] = []
        before = event.at
        for source in reversed(form.earlier):
            step = self.ledger.counted(source, rule.per, event.client, event).last_before(before, event)
            if step is None:
                break
            steps.insert(0, step)
            before = step.at
        return steps

    def _expectation(self, form: Expectation, rule: Rule, event: Event, supposed: bool) -> Outcome | None:
        reference = event if form.reference is None else self.latest(form.reference, rule, event)
        unrecorded: set[str] = set()
        agreed = [self.agrees(pair, event, reference, unrecorded) for pair in form.pairs]
        if False in agreed:
            evidence = () if reference is None or reference is event else (reference,)
            values: dict[str, Any] = {}
            for pair, each in zip(form.pairs, agreed, strict=True):
                values.update({} if each is None else self._compared(pair, event, reference))
            return Breach(event.at, evidence, values)
        return Unrecorded(frozenset(unrecorded)) if unrecorded else None

    def agrees(self, pair: Pair, event: Event, reference: Event | None, unrecorded: set[str]) -> bool | None:
        """Whether a pair agrees; None where a side is missing, noted in `unrecorded` where it should be there."""
        theirs = pair.default if reference is None else reference.values.get(pair.reference, pair.default)
        mine = event.values.get(pair.attribute)
        if theirs is None or mine is None:
            if reference is not None and theirs is None and self._should_have(reference, pair.reference):
                unrecorded.add(pair.reference)
            if mine is None and (reference is not None or theirs is not None):
                unrecorded.update({pair.attribute} if self._should_have(event, pair.attribute) else ())
            return None
        if pair.money:
            recorded = reference is not None and pair.reference in reference.values
            other = self._currency(reference) if reference is not None and recorded else self.plan.currency
            if _differ(self._currency(event), other):
                unrecorded.add("currency")
                return None
        return _holds(pair, mine, theirs)

    def _should_have(self, event: Event, name: str) -> bool:
        """Whether a missing attribute of an event was left unrecorded, rather than having no meaning there."""
        return name not in NEVER_UNKNOWN and self.plan.vocabulary.attribute(event.type, name) is not None

    def _compared(self, pair: Pair, event: Event, reference: Event | None) -> dict[str, Any]:
        """The two sides of a pair, as a message and a report name them."""
        theirs = pair.default if reference is None else reference.values.get(pair.reference, pair.default)
        kind = "list" if pair.operator == "in" else pair.kind
        sides = {named_beside(pair.attribute, pair.reference): worded(theirs, kind)}
        return sides | {pair.attribute: worded(event.values[pair.attribute], pair.kind)}

    # --- terms in force, currency -------------------------------------------------------------------------------

    def latest(self, source: Source, rule: Rule, event: Event) -> Event | None:
        """The latest other event of a source at or before a trigger."""
        return self.ledger.entries(source, rule.per, event.client, event).last(event.at, event)

    def _term(self, terms: Terms, found: Event | None) -> Fraction | int | None:
        value: int | None = terms.default if found is None else found.values.get(terms.attribute, terms.default)
        if value is None:
            return None
        factor = terms.factor
        return (value * factor.numerator if factor.denominator == 1 else value * factor) + terms.offset

    def days(self, terms: Terms, rule: Rule, event: Event) -> int | None:
        """Days in force as a duration, cut to whole microseconds."""
        value = self._term(terms, self.latest(terms.source, rule, event))
        return None if value is None else int(value * (DAY // MICRO))

    def _currency(self, event: Event) -> str | None:
        currency: str | None = event.values.get("currency", self.plan.currency)
        return currency


_JUDGED_BY: Mapping[type, Callable[[Judge, Any, Rule, Event, bool], Outcome | None]] = {
    Forbid: Judge._forbid,
    Precedence: Judge._precedence,
    Response: Judge._response,
    Limit: Judge._limit,
    Chain: Judge._chain,
    Expectation: Judge._expectation,
}


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _distinct(window: Sequence[Event], attribute: str) -> set[Any]:
    found: set[Any] = set()
    for event in window:
        value = event.values.get(attribute)
        if isinstance(value, tuple):
            found.update(value)
        elif value is not None:
            found.add(value)
    return found


def _holds(pair: Pair, mine: Any, theirs: Any) -> bool:
    """Whether the trigger's side agrees with the reference's; numbers exactly, clock times around the clock."""
    if pair.operator == "in":
        return bool(mine in theirs)
    tolerance = pair.tolerance
    if pair.kind in ("number", "money"):
        scale = pair.factor.denominator
        mine, theirs = mine * scale, theirs * pair.factor.numerator + pair.offset * scale
        tolerance *= scale
    if pair.operator == "eq" and pair.kind in ("number", "money", "clock", "timestamp"):
        return bool(_apart(pair.kind, mine, theirs) <= tolerance)
    return COMPARISONS[pair.operator](mine, theirs)


def _apart(kind: str, one: Any, other: Any) -> Any:
    apart = abs(one - other)
    return min(apart, DAY - apart) if kind == "clock" else apart


def _plain(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else round(float(value), 6)
