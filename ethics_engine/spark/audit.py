"""A log as one report: looked at once, cut by practitioner, judged part by part, and put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ethics_engine.api import AsOf, load_rules, moment
from ethics_engine.calendars import Zone
from ethics_engine.errors import ConfigError
from ethics_engine.findings import Report
from ethics_engine.means import PART
from ethics_engine.plan import Plan
from ethics_engine.rules.rule_set import RuleSet
from ethics_engine.spark.complaints import complaints
from ethics_engine.spark.files import parquet
from ethics_engine.spark.places import Overview, overview, with_keys, with_paths
from ethics_engine.spark.worker import SCHEMA, Task, judging, unpacked

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ethics_engine.audits.part import Judged


def check(
    log: DataFrame,
    rules: RuleSet | None = None,
    *,
    as_of: AsOf = None,
    timezone: str | None = None,
    currency: str | None = None,
    files: Sequence[str] | None = None,
    part: int = PART,
) -> Report:
    """Judge a log that Spark has read from Parquet (classic or Connect), with the bulk evaluator's findings.

    `log` is what `spark.read.parquet` gives, filtered at most: rows are named by their file and line. Where files have
    different columns, read them with `mergeSchema`. The other arguments are those of `ethics_engine.check`; `files` are
    the names of the log's files in its order (those that Spark gives them, by name), `part` the rows that a task judges
    at once: it holds about `means.BYTES_AN_EVENT` for each, or all of one practitioner's where they are more.

    Raises:
        EventError: the rows have no place in a file, or a column a name of ours.
        ConfigError: a setting is wrong, or Spark cannot do it (its complaint is told).
    """
    rules, plan, given = _settings(rules, as_of, timezone, currency)
    with complaints():
        return _report(log, files, rules, plan, given, part)


def check_files(
    session: Any,
    logs: Sequence[str],
    rules: RuleSet | None = None,
    *,
    as_of: AsOf = None,
    timezone: str | None = None,
    currency: str | None = None,
    part: int = PART,
) -> Report:
    """Judge Parquet files (paths, folders, globs, or addresses such as `s3a://…`) on a Spark session; as `check` does.

    Every executor must see them under the same name.

    Raises:
        EventError: a file is not there, or not Parquet.
        ConfigError: a setting is wrong, or Spark cannot do it (its complaint is told).
    """
    rules, plan, given = _settings(rules, as_of, timezone, currency)
    with complaints():
        frame, files = parquet(session, logs)
        return _report(frame, files, rules, plan, given, part)


def _settings(
    rules: RuleSet | None, as_of: AsOf, timezone: str | None, currency: str | None
) -> tuple[RuleSet, Plan, int | None]:
    rules = load_rules() if rules is None else rules
    if not isinstance(rules, RuleSet):
        raise ConfigError("`rules` is what `load_rules` returns; for a folder write check(log, load_rules(folder))")
    plan = rules.plan(timezone, currency)
    return rules, plan, None if as_of is None else moment(as_of, Zone(plan.timezone))


def _report(
    log: DataFrame, files: Sequence[str] | None, rules: RuleSet, plan: Plan, given: int | None, part: int
) -> Report:
    from ethics_engine.audits.audit import report_of

    placed = with_paths(log)
    found = overview(placed, files)
    at = given if given is not None else found.latest or 0
    judged = _judged(placed, found, rules, plan, at, part)
    latest = max((each.last for each in judged if each.last is not None), default=None)
    if given is None and latest is not None and latest != at:  # the last row was rejected, or no instant by its column
        judged = _judged(placed, found, rules, plan, latest, part)
        at = latest
    told = at if latest is not None or given is not None else None
    return report_of(found.files, rules, plan, judged, told, "spark")


def _judged(placed: DataFrame, found: Overview, rules: RuleSet, plan: Plan, as_of: int, part: int) -> list[Judged]:
    """What every part came to."""
    task = Task(plan, found.files, frozenset(source.id for source in rules.sources), as_of, part)
    cut = with_keys(placed, found, max(1, -(-found.rows // part)))
    return [unpacked(bytes(row[0])) for row in cut.mapInArrow(judging(task), SCHEMA).collect()]
