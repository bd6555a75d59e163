"""One part of a log: read, corrected, judged, with the account of its lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

import polars as pl

from ethics_engine.amendments import WAIVER, Correction, Ineffective, apply, corrections, waivers_of_no_rule
from ethics_engine.audits.kinds import TEXT
from ethics_engine.audits.swift import swiftly
from ethics_engine.audits.typed import PLACES, Typed, together, typed
from ethics_engine.audits.units import text_units
from ethics_engine.engines.bulk import BulkEvaluator
from ethics_engine.engines.bulk.columns import events_of, frames_of
from ethics_engine.engines.live import Judgement
from ethics_engine.events import AMENDED, COVERS, WITHDRAWN, Event
from ethics_engine.logs import RejectedLine
from ethics_engine.logs.parquet import as_python_has_them
from ethics_engine.logs.reader import read_units
from ethics_engine.logs.sources import FileSource
from ethics_engine.logs.units import Unit


@dataclass
class Judged:
    """What one part came to. `first` and `last` are instants of accepted events."""

    judgement: Judgement = field(default_factory=Judgement)
    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    unseen: int = 0
    first: int | None = None
    last: int | None = None
    rejected: list[RejectedLine] = field(default_factory=list)
    ineffective: list[Ineffective] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)


def judge_part(
    raws: Sequence[pl.DataFrame], files: Sequence[str], engine: BulkEvaluator, rules: Collection[str], as_of: int
) -> Judged:
    """Judge the raw rows of some practitioners; `rules` are the ids of all rules, for the waivers that name none.

    The rows are in a frame for each schema that they have; those of a text log hold the line itself too, as `#text`.
    """
    vocabulary = engine.plan.vocabulary
    given = [raw.drop(TEXT, strict=False) for raw in raws]
    swift = swiftly(given[0], vocabulary, engine.asked) if len(given) == 1 else None
    found = swift or typed(given, vocabulary)
    judged = Judged(read=sum(raw.height for raw in raws))
    frames = {name: frame.drop(PLACES, strict=False) for name, frame in found.frames.items()}
    judged.accepted = sum(frame.height for frame in frames.values()) + len(found.others)
    changed: list[Event] = []
    if found.left.height:
        log = read_units([FileSource(name) for name in files], _units(raws, found, files), vocabulary)
        judged.accepted += log.accepted
        judged.duplicate = log.duplicate
        judged.rejected = log.rejected
        changed = [event for event in log.events if event.type == AMENDED]
        frames = together(frames, frames_of(log.events, vocabulary))
    _account(judged, [*((name, frame.get_column("at")) for name, frame in frames.items()), ("", found.others)], as_of)
    frames = _corrected(judged, frames, changed, engine, rules, as_of)
    judged.judgement = engine.judge_frames(frames, as_of)
    return judged


def _units(raws: Sequence[pl.DataFrame], found: Typed, files: Sequence[str]) -> list[tuple[int, int, Unit]]:
    """The rows left to the reader of record, in the order of the log."""
    units = []
    for raw in raws:
        rows = raw.join(found.left.select(PLACES), on=PLACES, how="semi").sort(PLACES)
        if TEXT in rows.columns:
            units += text_units(rows.select(*PLACES, TEXT).rows(), files)
            continue
        for row in as_python_has_them(rows).iter_rows(named=True):
            file, line = row.pop(PLACES[0]), row.pop(PLACES[1])
            units.append((file, line - 1, Unit(line, None, b"", row)))
    return sorted(units, key=itemgetter(0, 1))


def _account(judged: Judged, instants: Iterable[tuple[str, pl.Series]], as_of: int) -> None:
    """The first and last of the instants of accepted events, given by type, and how many are not seen."""
    for name, at in instants:
        first, last = at.min(), at.max()
        if first is not None and last is not None:
            judged.first = first if judged.first is None else min(judged.first, first)  # type: ignore[assignment]
            judged.last = last if judged.last is None else max(judged.last, last)  # type: ignore[assignment]
        if name != COVERS:
            judged.unseen += int((at > as_of).sum())


def _corrected(
    judged: Judged,
    frames: dict[str, pl.DataFrame],
    changed: Sequence[Event],
    engine: BulkEvaluator,
    rules: Collection[str],
    as_of: int,
) -> dict[str, pl.DataFrame]:
    """The frames after amendments and withdrawals; only those and their targets become events."""
    vocabulary = engine.plan.vocabulary
    changes = [*changed, *events_of(frames, {WITHDRAWN}, vocabulary)]
    changes = [event for event in changes if event.at <= as_of]
    if changes:
        keys = ("practitioner", "id")
        aimed_at = {(each.practitioner, each.values["target"]) for each in changes}
        wanted = pl.DataFrame(list(aimed_at), schema=dict.fromkeys(keys, pl.String), orient="row")
        chosen = {name: frame.join(wanted, on=keys, how="semi") for name, frame in frames.items() if name != AMENDED}
        targets = events_of(chosen, chosen, vocabulary)
        targets += [event for event in changed if (event.practitioner, event.id) in aimed_at]
        given = list({(event.practitioner, event.id): event for event in [*changes, *targets]}.values())
        after, ineffective = apply(given, vocabulary, as_of)
        judged.corrections = corrections(given, after, ineffective)
        judged.ineffective += ineffective
        touched = {(each.practitioner, each.target) for each in judged.corrections}
        if touched:
            gone = pl.DataFrame(list(touched), schema=dict.fromkeys(keys, pl.String), orient="row")
            frames = {name: frame.join(gone, on=keys, how="anti") for name, frame in frames.items()}
            frames = together(frames, frames_of([e for e in after if (e.practitioner, e.id) in touched], vocabulary))
    judged.ineffective += waivers_of_no_rule(events_of(frames, {WAIVER}, vocabulary), rules, as_of)
    return frames
