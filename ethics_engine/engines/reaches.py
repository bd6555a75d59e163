"""Which events decide about the triggers of others, and how far away these are."""

from __future__ import annotations

from collections.abc import Iterator

from ethics_engine.plan import (
    Chain,
    Expectation,
    Limit,
    Nearby,
    Precedence,
    Response,
    SinceEvent,
    Source,
    Terms,
    Variant,
)


def is_numbered(source: Source | None) -> bool:
    return source is not None and any(member.nth is not None for member in source.members)


def later(form: object, variant: Variant) -> Iterator[tuple[Source | None, int | None]]:
    """The sources whose events decide about later triggers, and how much later."""
    match form:
        case Precedence():
            yield form.answer, None
        case Response():
            if form.earlier_counts:
                yield form.answer, None
            if isinstance(form.within, Terms):
                yield form.within.source, None
        case Limit():
            yield form.trigger, form.within
            yield form.measure.base, form.within
            if isinstance(form.to, Terms):
                yield form.to.source, None
        case Chain():
            for source in form.earlier:
                yield source, form.within
        case Expectation():
            yield form.reference, None
    trigger = getattr(form, "trigger", None)
    if is_numbered(trigger):
        yield trigger, None
    for since in variant.since:
        if isinstance(since, SinceEvent):
            yield since.source, None
    for unless in variant.unless:
        if isinstance(unless, Nearby):
            yield unless.source, None
    for excuse in variant.excused_by:
        yield excuse.source, excuse.within


def earlier(form: object, variant: Variant) -> Iterator[tuple[Source | None, int | None]]:
    """The sources whose events decide about earlier triggers, and how much earlier."""
    if isinstance(form, Response):
        span = form.within if isinstance(form.within, int) else None
        yield form.answer, span
        yield form.waived_by, span
    for excuse in variant.excused_by:
        yield excuse.source, excuse.within
