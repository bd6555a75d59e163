"""The bulk evaluator: a plan over the columns of many practitioners, with the live evaluator's findings."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import polars as pl

from ethics_engine.engines.bulk.columns import Part, frames_of
from ethics_engine.engines.bulk.judges import Judges
from ethics_engine.engines.bulk.ledgers import Practice
from ethics_engine.engines.bulk.questions import Masks, Picks, reads_findings
from ethics_engine.engines.bulk.rows import Rows, Shapes
from ethics_engine.engines.bulk.sieve import Sieve
from ethics_engine.engines.bulk.spoken import asked_of
from ethics_engine.engines.judging import Judge
from ethics_engine.engines.keys import trigger_of
from ethics_engine.engines.live import Case, Judgement, LiveEvaluator
from ethics_engine.engines.outcomes import Outcome
from ethics_engine.events import Event
from ethics_engine.findings import Finding
from ethics_engine.memory import collection_paused
from ethics_engine.plan import FINDING, Chain, Plan, Quota, Rule, Source, Variant


class BulkEvaluator:
    """Judges events by a plan, many at a time; what follows from the plan alone is kept from one part to the next."""

    name = "bulk"

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.live = LiveEvaluator(plan, "python", reported_only=True)  # classifies and words findings, knows doubts
        self.asked = asked_of(plan)
        self.shapes = Shapes()
        self.zone = self.live.zone
        self.matcher = self.live.matcher
        doubtful = frozenset(
            member.pick
            for rule in plan.rules.values()
            for variant in rule.variants
            if (source := trigger_of(variant)) is not None and self.live.doubts(source)
            for member in source.members
            if member.nth is None
        )
        self.masks = Masks(plan, doubtful)

    def judge(self, events: Iterable[Event], as_of: int) -> Judgement:
        """Judge events of any number of practitioners (amendments already applied) as of an instant."""
        return self.judge_frames(frames_of(events, self.plan.vocabulary), as_of)

    @collection_paused()
    def judge_frames(self, frames: Mapping[str, pl.DataFrame], as_of: int) -> Judgement:
        """Judge typed columns (see `columns`), amendments already applied, as of an instant."""
        part = Part(frames, self.plan, self.zone, as_of)
        sieve = Sieve(part, self.masks, self.zone)
        sifted = Sifted(self, sieve)
        judgement = Judgement()
        for number in range(len(part.practitioners)):
            practice = Practice(part, number, sifted.picks, sifted.types, self.shapes, self.zone)
            _BulkCase(self, practice, sifted, as_of, judgement).judge()
            practice.release()
        return judgement


_Left = dict[int, list[int]]  # rows by the number of their practitioner


class Sifted:
    """What the sieve left of a part: for each rule and variant its rows."""

    def __init__(self, engine: BulkEvaluator, sieve: Sieve) -> None:
        plan = engine.plan
        self.suspects: dict[tuple[str, int], _Left] = {}  # recurrences have no triggers to be sifted
        self.doubts: dict[tuple[str, int], _Left] = {}
        for rule in plan.rules.values():
            for variant in rule.variants:
                source = trigger_of(variant)
                if source is None:
                    continue
                if not reads_findings(source):
                    self.suspects[rule.id, id(variant)] = self._left(sieve.suspects(rule, variant), sieve.part)
                if engine.live.doubts(source):
                    self.doubts[rule.id, id(variant)] = self._left(sieve.doubts(rule, variant), sieve.part)
        self.always = frozenset(
            rule.id
            for rule in plan.rules.values()
            for variant in rule.variants
            if (source := trigger_of(variant)) is None or reads_findings(source)
        )
        self.left: dict[int, set[str]] = {}  # the rules that rows were left of, by the number of the practitioner
        for found in (self.suspects, self.doubts):
            for (name, _), left in found.items():
                for number in left:
                    self.left.setdefault(number, set()).add(name)
        self.picks: Mapping[tuple[int, ...], Rows] = _PickRows(sieve.picks)
        self.types: Mapping[str, Rows] = {
            name: Rows(frame.select("#row", "#rel", "at")) for name, frame in sieve.part.frames.items()
        }

    def _left(self, rows: Sequence[int], part: Part) -> _Left:
        left: _Left = {}
        for row in rows:
            left.setdefault(bisect_right(part.starts, row) - 1, []).append(row)
        return left


class _PickRows(dict[tuple[int, ...], Rows]):
    """The rows of some picks together, made when first asked for."""

    def __init__(self, picks: Picks) -> None:
        self._picks = picks

    def __missing__(self, picks: tuple[int, ...]) -> Rows:
        rows = self._picks.all_rows(picks)
        found = self[picks] = Rows(self._picks.part.core.select("#row", "#rel", "at")[rows])
        return found


class _BulkCase(Case):
    """One practitioner's columns on trial."""

    def __init__(
        self, engine: BulkEvaluator, practice: Practice, sifted: Sifted, as_of: int, judgement: Judgement
    ) -> None:
        self.practice = practice
        self.sifted = sifted
        self.judges = Judges(practice, as_of)
        self._clients: list[str | None] = [*sorted(practice.clients)]
        self.given: set[int] = set()  # the picks that findings so far fall under
        super().__init__(engine.live, practice.name, practice.whole, self.judges.whole, as_of, judgement)

    def judge_of(self, rule: Rule, client: str | None) -> Judge:
        return self.judges.of(rule.per, client)

    def keys(self, rule: Rule) -> list[str | None]:
        return [None] if rule.per == "practitioner" else self._clients

    def asked(self, stratum: Sequence[str]) -> Sequence[str]:
        left: Collection[str] = self.sifted.left.get(self.practice.number, ())
        return [name for name in stratum if name in left or name in self.sifted.always]

    def spares(self, rule: Rule, variant: Variant, source: Source) -> bool:
        key, number = (rule.id, id(variant)), self.practice.number
        if reads_findings(source):
            return source.types == {FINDING} and self.given.isdisjoint(member.pick for member in source.members)
        return number not in self.sifted.suspects[key] and number not in self.sifted.doubts.get(key, ())

    def triggers(self, rule: Rule, variant: Variant, source: Source) -> Iterable[Event]:
        if reads_findings(source):
            return super().triggers(rule, variant, source)
        rows: Sequence[int] = self.sifted.suspects[rule.id, id(variant)].get(self.practice.number, ())
        if isinstance(variant.form, Chain):
            rows = self._after_findings(variant.form, rows)
        return map(self.practice.event, rows)

    def _after_findings(self, form: Chain, rows: Sequence[int]) -> Sequence[int]:
        """The rows that come soon enough after a finding of each step that is one."""
        for step in form.earlier:
            if step.types != {FINDING} or not rows:
                continue
            made = [event.at for member in step.members for event in self.ledger.by_pick.get(member.pick, ())]
            at = self.practice.part.at
            rows = (
                [row for row in rows if any(0 < at(row) - earlier <= form.within for earlier in made)] if made else []
            )
        return rows

    def periods(self, rule: Rule, variant: Variant, form: Quota) -> Iterator[tuple[Event, Outcome]]:
        if reads_findings(form.trigger):
            yield from super().periods(rule, variant, form)
            return
        for row in self.sifted.suspects[rule.id, id(variant)].get(self.practice.number, ()):
            event = self.practice.event(row)
            client = event.client if rule.per == "relationship" else None
            judge = self.judge_of(rule, client)
            outcome = judge.period(form, event, judge.ledger.entries(form.answer, rule.per, client, None))
            if outcome is not None:
                yield event, outcome

    def doubtful(self, rule: Rule, variant: Variant, source: Source) -> Iterable[Event]:
        left = self.sifted.doubts.get((rule.id, id(variant)), {})
        return map(self.practice.event, left.get(self.practice.number, ()))

    def _give_back(self, made: Sequence[tuple[Finding, Event]]) -> None:
        for event, picks in self.as_events(made):
            self.practice.give(event, picks)
            self.given.update(picks)
        self.practice.settle()
