"""The library's front door: load rules, check a log, ask why a finding is there or is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ethics_engine.amendments import apply
from ethics_engine.engines.live import LiveEvaluator
from ethics_engine.findings import Engine, LogAccount, Report
from ethics_engine.rules.loader import RuleSet, load_rules
from ethics_engine.scalars import parse_instant
from ethics_engine.version import __version__

if TYPE_CHECKING:
    from ethics_engine.explaining import Inquiry
    from ethics_engine.logs import Log

__all__ = ["RuleSet", "check", "inquire", "judge_log", "load_rules"]


def check(
    log: Any,
    rules: RuleSet | None = None,
    *,
    as_of: str | int | None = None,
    timezone: str | None = None,
    currency: str | None = None,
    matcher: str | None = None,
) -> Report:
    """Judge a log by rules (the shipped ones where none are given).

    `log` is a path, several, a folder, a glob, an iterable of mappings, a data frame or an Arrow table. `as_of` is an
    RFC 3339 text or microseconds since the epoch; without one it is the latest instant of the log. `timezone` (IANA)
    and
    `currency` (ISO 4217) are the practice's, where the rule set does not say.

    Raises:
        EventError: the log cannot be read at all (a line that cannot be accepted is in `report.rejected`).
        ConfigError: the time zone or the matcher is not known.
    """
    from ethics_engine.logs import read_log

    rules = load_rules() if rules is None else rules
    return judge_log(
        read_log(log, rules.vocabulary), rules, as_of=as_of, timezone=timezone, currency=currency, matcher=matcher
    )


def judge_log(
    log: Log,
    rules: RuleSet,
    *,
    as_of: str | int | None = None,
    timezone: str | None = None,
    currency: str | None = None,
    matcher: str | None = None,
) -> Report:
    """Judge a log that was read already; as `check` does."""
    plan = rules.plan(timezone, currency)
    moment = _moment(log, as_of)
    events, ineffective = apply(log.events, rules.vocabulary, moment)
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
        ),
        findings=tuple(judgement.findings),
        obligations=tuple(judgement.obligations),
        cannot_tell=tuple(judgement.cannot_tell),
        rejected=tuple(log.rejected),
        ineffective=tuple(ineffective),
        timezone=plan.timezone,
    )


def inquire(
    log: Log,
    rules: RuleSet,
    *,
    as_of: str | int | None = None,
    timezone: str | None = None,
    currency: str | None = None,
    matcher: str | None = None,
) -> Inquiry:
    """A log that was read, judged and kept open to questions, which `explaining.explain` and `why_not` ask."""
    from ethics_engine.explaining import Inquiry

    return Inquiry(LiveEvaluator(rules.plan(timezone, currency), matcher), log.events, _moment(log, as_of))


def _moment(log: Log, as_of: str | int | None) -> int:
    """The instant to judge as of: the latest of the log where none is given."""
    moment = parse_instant(as_of) if isinstance(as_of, str) else as_of
    return max((event.at for event in log.events), default=0) if moment is None else moment
