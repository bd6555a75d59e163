"""The library's front door: load rules, check a log, ask why a finding is there or is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ethics_engine.amendments import apply, corrections, waivers_of_no_rule
from ethics_engine.calendars import Zone
from ethics_engine.engines.live import LiveEvaluator
from ethics_engine.errors import ConfigError, EventError, shown
from ethics_engine.events import COVERS
from ethics_engine.findings import Engine, Happening, LogAccount, Report
from ethics_engine.rules.loader import RuleSet, load_rules
from ethics_engine.scalars import parse_instant
from ethics_engine.version import __version__

if TYPE_CHECKING:
    from ethics_engine.explaining import Inquiry
    from ethics_engine.logs import Log

AsOf = str | int | date | None

__all__ = ["RuleSet", "check", "inquire", "judge_log", "load_rules", "moment"]


def check(
    log: Any,
    rules: RuleSet | None = None,
    *,
    as_of: AsOf = None,
    timezone: str | None = None,
    currency: str | None = None,
    matcher: str | None = None,
    happenings: bool = False,
) -> Report:
    """Judge a log by rules (the shipped ones where none are given).

    `log` is a path, several, a folder, a glob, an iterable of mappings, a data frame or an Arrow table. `as_of` is an
    RFC 3339 text, a `datetime` with a time zone, microseconds since the epoch, or a date (text or `date`), which stands
    for the end of that day in the practice's zone; without one it is the latest instant of the log. `timezone` (IANA)
    and `currency` (ISO 4217) are the practice's, where the rule set does not say. With `happenings` the report keeps
    the events that were judged (id, time, type), which the format `html` draws.

    Raises:
        EventError: the log cannot be read at all (a line that cannot be accepted is in `report.rejected`).
        ConfigError: the time zone or the matcher is not known, `as_of` is no time, or `rules` is no rule set.
    """
    from ethics_engine.logs import read_log

    rules = load_rules() if rules is None else rules
    if not isinstance(rules, RuleSet):
        raise ConfigError("`rules` is what `load_rules` returns; for a folder write check(log, load_rules(folder))")
    if isinstance(log, Mapping):
        raise EventError("a log is a list of events, not a single one: write check([event], rules)")
    return judge_log(
        read_log(log, rules.vocabulary),
        rules,
        as_of=as_of,
        timezone=timezone,
        currency=currency,
        matcher=matcher,
        happenings=happenings,
    )


def judge_log(
    log: Log,
    rules: RuleSet,
    *,
    as_of: AsOf = None,
    timezone: str | None = None,
    currency: str | None = None,
    matcher: str | None = None,
    happenings: bool = False,
) -> Report:
    """Judge a log that was read already; as `check` does."""
    plan = rules.plan(timezone, currency)
    moment = _moment(log, as_of, Zone(plan.timezone))
    events, ineffective = apply(log.events, rules.vocabulary, moment)
    corrected = corrections(log.events, events, ineffective)
    ineffective += waivers_of_no_rule(events, {source.id for source in rules.sources}, moment)
    engine = LiveEvaluator(plan, matcher)
    judgement = engine.judge(events, moment)
    instants = [event.at for event in log.events]
    return Report(
        engine=Engine(__version__, "live", engine.matcher.name),
        rules=rules.in_use(),
        log=LogAccount(
            read=log.read,
            accepted=log.accepted,
            duplicate=log.duplicate,
            rejected=len(log.rejected),
            first=min(instants, default=None),
            last=max(instants, default=None),
            as_of=moment if instants or as_of is not None else None,
            unseen=sum(event.at > moment and event.type != COVERS for event in log.events),
        ),
        findings=tuple(judgement.findings),
        obligations=tuple(judgement.obligations),
        cannot_tell=tuple(judgement.cannot_tell),
        rejected=tuple(log.rejected),
        ineffective=tuple(ineffective),
        corrections=tuple(corrected),
        timezone=plan.timezone,
        happenings=tuple(Happening(e.id, e.at, e.type, e.practitioner, e.client) for e in events) if happenings else (),
    )


def inquire(
    log: Log,
    rules: RuleSet,
    *,
    as_of: AsOf = None,
    timezone: str | None = None,
    currency: str | None = None,
    matcher: str | None = None,
) -> Inquiry:
    """A log that was read, judged and kept open to questions, which `explaining.explain` and `why_not` ask."""
    from ethics_engine.explaining import Inquiry

    plan = rules.plan(timezone, currency)
    return Inquiry(LiveEvaluator(plan, matcher), log.events, _moment(log, as_of, Zone(plan.timezone)))


def _moment(log: Log, as_of: AsOf, zone: Zone) -> int:
    """The instant to judge as of: the latest of the log where none is given."""
    return max((event.at for event in log.events), default=0) if as_of is None else moment(as_of, zone)


def moment(as_of: AsOf, zone: Zone) -> int:
    """An instant in microseconds since the epoch.

    A date stands for the moment when its day is over in the practice's time zone, the midnight that follows: all that
    happened on that day is seen, and a month that ends with it is over.

    Raises:
        ConfigError: it is neither an instant with an offset nor a date.
    """
    try:
        if isinstance(as_of, int) and not isinstance(as_of, bool):
            return as_of
        if isinstance(as_of, datetime):
            return parse_instant(as_of.isoformat())
        if isinstance(as_of, date) or (isinstance(as_of, str) and len(as_of) == 10):
            day = as_of if isinstance(as_of, date) else date.fromisoformat(as_of)
            return zone.midnight(day + timedelta(days=1))
        if isinstance(as_of, str):
            return parse_instant(as_of)
    except (ValueError, OverflowError):
        pass
    wanted = "expected an instant such as 2026-03-31T18:00:00+02:00, or a date such as 2026-03-31"
    raise ConfigError(f"as-of: {shown(as_of)} is no time; {wanted}")
