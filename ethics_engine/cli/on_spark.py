"""`ethics-engine check --engine spark`: what of a run concerns Spark alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ethics_engine.cli.auditing import means_of
from ethics_engine.errors import ConfigError
from ethics_engine.means import PART
from ethics_engine.reports import DRAWS_HAPPENINGS

if TYPE_CHECKING:
    from ethics_engine.findings import Report
    from ethics_engine.rules.rule_set import RuleSet

MASTER = "local[*]"


def check_options(engine: str, master: str | None, scratch: str | None, matcher: str | None, form: str) -> None:
    """Refuse options that do not go with an engine.

    Raises:
        ConfigError: there is such an option.
    """
    if engine != "spark":
        if master is not None:
            raise ConfigError("--master: only the Spark evaluator has one; add --engine spark")
        return
    if scratch is not None:
        raise ConfigError("--scratch: Spark chooses where it puts what does not fit (spark.local.dir)")
    if matcher is not None:
        raise ConfigError("--matcher: only the live evaluator has one; leave it out, or take --engine live")
    if form in DRAWS_HAPPENINGS:
        raise ConfigError(f"--format {form} draws every event, and the Spark evaluator keeps none of them here")


def check_on_spark(
    logs: Sequence[str],
    rules: RuleSet,
    as_of: int | None,
    master: str | None,
    memory: str | None,
    asked: Sequence[str],
) -> tuple[Report, dict[str, set[str]]]:
    """The report of a log, and the names that it knows of each column that is `asked` for.

    `memory` is what a task may hold (a part of `means.PART` rows without it).
    """
    from ethics_engine.spark import check_files
    from ethics_engine.spark.files import files_of, names
    from ethics_engine.spark.session import session

    files_of(logs)  # what is wrong with them is told before Spark is started
    part = PART if memory is None else means_of(memory, None, workers=1).size()
    with session(master or MASTER) as spark:
        report = check_files(spark, logs, rules, as_of=as_of, part=part)
        return report, {column: names(spark, logs, column) for column in asked}
