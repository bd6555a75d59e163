"""The library's front door: load rules, check a log, ask why a finding is there or is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ethics_engine.amendments import apply, corrections, waivers_of_no_rule
from ethics_engine.calendars import Zone
from ethics_engine.engines.live import LiveEvaluator
from ethics_engine.errors import ConfigError, EventError, shown
from ethics_engine.events import COVERS
from ethics_engine.findings import Engine, Happening, LogAccount, Report
from ethics_engine.rules.loader import load_rules
from ethics_engine.rules.rule_set import RuleSet
from ethics_engine.scalars import MAX_INSTANT, MIN_INSTANT, parse_instant
from ethics_engine.version import __version__

if TYPE_CHECKING:
    from ethics_engine.engines.bulk import BulkEvaluator
    from ethics_engine.explaining import Inquiry
    from ethics_engine.logs import Log
    from ethics_engine.means import Means
    from ethics_engine.plan import Plan

ENGINES = ("auto", "live", "bulk")
TEXT_FROM = 200_000
"""Lines of text from which on `auto` reads them in parts, which starts processes and takes them through the disk.

On two cores and NDJSON of 60,000, 100,000 and 200,000 events that took 4.3, 5.0 and 7.9 seconds, and reading it whole
2.8, 3.7 and 6.7; 26.6 and 36.2 with 1,000,000.
"""
BULK_FROM = 50_000
"""From so many events on `auto` takes the bulk evaluator.

Both take the same time for 20,000 lines of NDJSON; for 50,000 it takes 2.1 s and the live one 2.5 (whole processes).
"""

AsOf = str | int | date | None

__all__ = ["RuleSet", "check", "check_log", "inquire", "judge_log", "load_rules", "moment"]


def check(
    log: Any,
    rules: RuleSet | None = None,
    *,
    as_of: AsOf = None,
    timezone: str | None = None,
    currency: str | None = None,
    matcher: str | None = None,
    engine: str = "auto",
    happenings: bool = False,
) -> Report:
    """Judge a log by rules (the shipped ones where none are given).

    `engine` is `live`, `bulk`, or `auto`, which takes the faster one; they give the same findings.

    `log` is a path, several, a folder, a glob, an iterable of mappings, a data frame or an Arrow table. `as_of` is an
    RFC 3339 text, a `datetime` with a time zone, microseconds since the epoch, or a date (text or `date`), which stands
    for the end of that day in the practice's zone; without one it is the latest instant of the log. `timezone` (IANA)
    and `currency` (ISO 4217) are the practice's, where the rule set does not say. With `happenings` the report keeps
    the events that were judged (id, time, type), which the format `html` draws.

    Raises:
        EventError: the log cannot be read at all (a line that cannot be accepted is in `report.rejected`).
        ConfigError: the time zone or the matcher is not known, `as_of` is no time, or `rules` is no rule set.
    """
    rules = load_rules() if rules is None else rules
    if not isinstance(rules, RuleSet):
        raise ConfigError("`rules` is what `load_rules` returns; for a folder write check(log, load_rules(folder))")
    if isinstance(log, Mapping):
        raise EventError("a log is a list of events, not a single one: write check([event], rules)")
    settings: dict[str, Any] = {"as_of": as_of, "timezone": timezone, "currency": currency, "matcher": matcher}
    return check_log(log, rules, **settings, engine=engine, happenings=happenings)[0]


def check_log(
    log: Any,
    rules: RuleSet,
    *,
    as_of: AsOf = None,
    timezone: str | None = None,
    currency: str | None = None,
    matcher: str | None = None,
    engine: str = "auto",
    happenings: bool = False,
    means: Means | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Report, Log | None]:
    """Judge a log as `check` does; the log that was read beside the report, None where an audit read it in parts.

    `means` says what an audit may use (without it one process judges), `progress` is told what is done, the rows done
    so far and all of them.
    """
    from ethics_engine.logs import read_log

    if engine in ("auto", "bulk") and matcher is None and not happenings:
        least = 0 if engine == "bulk" else BULK_FROM
        report = _audited(log, rules, as_of, timezone, currency, means, progress, least)
        if report is not None:
            return report, None
    read = read_log(log, rules.vocabulary)
    settings: dict[str, Any] = {"as_of": as_of, "timezone": timezone, "currency": currency, "matcher": matcher}
    return judge_log(read, rules, **settings, engine=engine, happenings=happenings), read


def _audited(
    log: Any,
    rules: RuleSet,
    as_of: AsOf,
    timezone: str | None,
    currency: str | None,
    means: Means | None,
    progress: Callable[[str, int, int], None] | None,
    least: int,
) -> Report | None:
    """A log judged in parts, read column by column; None where it must be read whole, or has fewer events."""
    from ethics_engine.logs import parquet_files, text_files
    from ethics_engine.logs.blocks import estimated

    files = parquet_files(log)
    lines = text_files(log) if files is None else None
    if files is None and (lines is None or estimated(lines) < (TEXT_FROM if least else 0)):
        return None
    if find_spec("polars") is None:
        return None
    from ethics_engine.audits import audit, audit_text

    plan = rules.plan(timezone, currency)
    given = None if as_of is None else moment(as_of, Zone(plan.timezone))
    if files is not None:
        return audit(files, rules, plan, given, means, progress, least)
    return audit_text(lines or [], rules, plan, given, means, progress)


def judge_log(
    log: Log,
    rules: RuleSet,
    *,
    as_of: AsOf = None,
    timezone: str | None = None,
    currency: str | None = None,
    matcher: str | None = None,
    engine: str = "auto",
    happenings: bool = False,
) -> Report:
    """Judge a log that was read already; as `check` does."""
    plan = rules.plan(timezone, currency)
    moment = _moment(log, as_of, Zone(plan.timezone))
    events, ineffective = apply(log.events, rules.vocabulary, moment)
    corrected = corrections(log.events, events, ineffective)
    ineffective += waivers_of_no_rule(events, {source.id for source in rules.sources}, moment)
    evaluator = _evaluator(engine, plan, matcher, len(events))
    judgement = evaluator.judge(events, moment)
    instants = [event.at for event in log.events]
    return Report(
        engine=Engine(__version__, evaluator.name, evaluator.matcher.name),
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


def _evaluator(name: str, plan: Plan, matcher: str | None, events: int) -> LiveEvaluator | BulkEvaluator:
    """The evaluator of a name; `auto` is bulk from so many events on that it wins, where Polars is installed."""
    if name == "auto":
        name = "bulk" if events >= BULK_FROM and matcher is None and find_spec("polars") is not None else "live"
    if name == "live":
        return LiveEvaluator(plan, matcher)
    if name == "bulk" and matcher is not None:
        raise ConfigError("matcher: only the live evaluator has one; leave it out, or take engine `live`")
    if name != "bulk":
        raise ConfigError(f"engine: there is no evaluator {shown(name)}; there are {', '.join(ENGINES)}")
    try:
        from ethics_engine.engines.bulk import BulkEvaluator
    except ImportError:
        raise ConfigError("the bulk evaluator needs Polars: pip install 'ethics-engine[bulk]'") from None
    return BulkEvaluator(plan)


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


def moment(as_of: AsOf, zone: Zone, name: str = "as-of") -> int:
    """An instant in microseconds since the epoch; `name` is that of the argument.

    A date stands for the moment when its day is over in the practice's time zone, the midnight that follows: all that
    happened on that day is seen, and a month that ends with it is over.

    Raises:
        ConfigError: it is neither an instant with an offset nor a date.
    """
    try:
        if isinstance(as_of, int) and not isinstance(as_of, bool) and MIN_INSTANT <= as_of <= MAX_INSTANT:
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
    raise ConfigError(f"{name}: {shown(as_of)} is no time; {wanted}", field=name)
