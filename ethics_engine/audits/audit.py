"""An audit: every part of a log judged, on all cores, as one report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ethics_engine.audits.parquet import PartOfLog, cut, height, on_disk, overview, parts, raw, unplaced
from ethics_engine.audits.part import Judged, judge_part
from ethics_engine.audits.scratch import scratch
from ethics_engine.audits.sending import Sent, received, sent
from ethics_engine.audits.text import Cut, cut_block
from ethics_engine.audits.workers import Audit, Workers, workers
from ethics_engine.engines.bulk import BulkEvaluator
from ethics_engine.findings import Engine, LogAccount, Report
from ethics_engine.interrupts import interrupts_held
from ethics_engine.logs import RejectedLine
from ethics_engine.logs.blocks import BLOCK, Block, blocks, estimated
from ethics_engine.logs.table import Table
from ethics_engine.logs.units import Unit
from ethics_engine.means import LEAST_PART, Means
from ethics_engine.memory import collection_paused
from ethics_engine.plan import Plan
from ethics_engine.version import __version__

if TYPE_CHECKING:
    from ethics_engine.rules.rule_set import RuleSet  # importing it takes as long as Polars, in each process

Progress = Callable[[str, int, int], None]
"""Told what is being done, the rows done so far, and all of them."""


@collection_paused()
def audit(
    files: Sequence[str],
    rules: RuleSet,
    plan: Plan,
    as_of: int | None = None,
    means: Means | None = None,
    progress: Progress | None = None,
    least: int = 0,
) -> Report | None:
    """Judge Parquet files; None where a reader of rows must.

    Without `means` one process judges: others are started anew, and would run a script that does not guard its main
    part once more.

    That is where practitioners or instants are not columns of their kind, or where there are fewer rows than `least`.

    `as_of` is microseconds since the epoch; without one it is the latest instant of the accepted events.

    Raises:
        EventError: a file cannot be read.
        ConfigError: nothing can be written to the scratch folder, or a process was ended from outside.
    """
    means = means or Means(workers=1)
    rows = height(files)
    if rows < least:
        return None
    names, size = _ids(rules), means.share(rows)
    number = min(means.processes, -(-rows // size))
    with workers(tuple(files), plan, names, number, means.processes) as all_of_them:
        all_of_them.start()
        found = overview(files)
        if found is None:
            return None
        moment = as_of if as_of is not None else found.latest or 0
        with interrupts_held():
            alone = [unplaced(files)] if found.unplaced else []
            extra = [judge_part(frames, files, all_of_them.audit.engine, names, moment) for frames in alone]
            cuts = parts(found, size)
        if cuts is not None:
            return _whole(all_of_them, rules, cuts, extra, moment, as_of, progress, rows)
        with scratch(means.scratch) as folder:
            for done in cut(files, found, size, folder):
                if progress is not None:
                    progress("cutting", done, rows)
            return _whole(all_of_them, rules, on_disk(folder), extra, moment, as_of, progress, rows)


@collection_paused()
def audit_text(
    files: Sequence[str],
    rules: RuleSet,
    plan: Plan,
    as_of: int | None = None,
    means: Means | None = None,
    progress: Progress | None = None,
) -> Report:
    """Judge files of NDJSON and CSV as `audit` judges Parquet.

    Raises:
        EventError: a file cannot be read.
        ConfigError: nothing can be written to the scratch folder, or a process was ended from outside.
    """
    means = means or Means(workers=1)
    rows = estimated(files)
    number = max(1, -(-rows // means.share(rows)), min(means.processes, rows // LEAST_PART))
    needed = min(means.processes, number)
    with (
        scratch(means.scratch) as folder,
        workers(tuple(files), plan, _ids(rules), needed, means.processes) as all_of_them,
    ):
        pieces = enumerate(_pieces(files, means.block or BLOCK))
        done = 0
        extra: list[tuple[int, Judged]] = []
        latest: int | None = None
        for place, each in all_of_them.each(_cut, ((place, *piece, number, folder) for place, piece in pieces)):
            done += each.rows + each.unplaced.read
            extra.append((place, each.unplaced))
            latest = max(filter(None, (latest, each.latest)), default=None)
            if progress is not None:
                progress("cutting", done, max(done, rows))
        moment = as_of if as_of is not None else latest or 0
        return _whole(all_of_them, rules, on_disk(folder), [each for _, each in extra], moment, as_of, progress, done)


def _pieces(files: Sequence[str], size: int) -> Iterator[tuple[int, Block | Table | Unit]]:
    """The blocks of all files, with the number of each file."""
    for number, name in enumerate(files):
        for piece in blocks(name, size):
            yield number, piece


def _cut(audit: Audit, number: int, file: int, piece: Block | Table | Unit, parts: int, folder: Path) -> Cut:
    return cut_block(number, file, piece, audit.files, audit.engine.plan.vocabulary, parts, folder)


def _ids(rules: RuleSet) -> frozenset[str]:
    return frozenset(source.id for source in rules.sources)


def _whole(
    workers: Workers,
    rules: RuleSet,
    cuts: Sequence[PartOfLog],
    extra: Sequence[Judged],
    moment: int,
    as_of: int | None,
    progress: Progress | None,
    rows: int,
) -> Report:
    """The report of all parts, and of what is in none."""
    judged = [*extra, *_all(workers, cuts, moment, progress, rows)]
    latest = max((each.last for each in judged if each.last is not None), default=None)
    if as_of is None and latest != moment and latest is not None:
        return _whole(workers, rules, cuts, extra, latest, latest, progress, rows)  # the last row was rejected
    files, plan = workers.audit.files, workers.audit.engine.plan
    return report_of(files, rules, plan, judged, moment if latest is not None or as_of is not None else None)


def report_of(
    files: Sequence[str],
    rules: RuleSet,
    plan: Plan,
    judged: Sequence[Judged],
    moment: int | None,
    evaluator: str = BulkEvaluator.name,
) -> Report:
    """What the parts of a log came to, as one report; `files` in the order of the log."""

    def every(name: str) -> Iterator[Any]:
        return (item for each in judged for item in getattr(each, name))

    rejected = _in_order(every("rejected"), files)
    return Report(
        engine=Engine(__version__, evaluator, "python"),
        rules=rules.in_use(),
        log=LogAccount(
            read=sum(each.read for each in judged),
            accepted=sum(each.accepted for each in judged),
            duplicate=sum(each.duplicate for each in judged),
            rejected=len(rejected),
            first=min((each.first for each in judged if each.first is not None), default=None),
            last=max((each.last for each in judged if each.last is not None), default=None),
            as_of=moment,
            unseen=sum(each.unseen for each in judged),
        ),
        findings=tuple(item for each in judged for item in each.judgement.findings),
        obligations=tuple(item for each in judged for item in each.judgement.obligations),
        cannot_tell=tuple(item for each in judged for item in each.judgement.cannot_tell),
        rejected=tuple(rejected),
        ineffective=tuple(every("ineffective")),
        corrections=tuple(every("corrections")),
        timezone=plan.timezone,
    )


def _in_order(rejected: Iterable[RejectedLine], files: Sequence[str]) -> list[RejectedLine]:
    """Rejected lines in the order of the log; of a file that is given twice each is there twice, as its part has it."""
    numbers: dict[str, list[int]] = {}
    for number, name in enumerate(files):
        numbers.setdefault(name, []).append(number)
    before: Counter[tuple[str, int]] = Counter()
    placed = []
    for line in rejected:
        places = numbers[line.file]
        again = before[line.file, line.line] if len(places) > 1 else 0
        if len(places) > 1:
            before[line.file, line.line] += 1
        placed.append((places[again], line.line, line))
    placed.sort(key=itemgetter(0, 1))
    return [line for _, _, line in placed]


def _all(
    workers: Workers, cuts: Sequence[PartOfLog], moment: int, progress: Progress | None, rows: int
) -> list[Judged]:
    """Judge every part, in order."""
    result: list[Judged | None] = [None] * len(cuts)
    done = 0
    for number, judged in workers.each(_judge, ((part, moment) for part in cuts)):
        part = result[number] = received(judged, workers.audit.engine.plan)
        done += part.read
        if progress is not None:
            progress("judging", done, rows)
    return [judged for judged in result if judged is not None]


def _judge(audit: Audit, part: PartOfLog, moment: int) -> Sent:
    return sent(judge_part(raw(part, audit.files), audit.files, audit.engine, audit.rules, moment))
