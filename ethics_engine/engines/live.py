"""The live evaluator: one practitioner at a time, in memory, rule by rule and stratum by stratum.

A matcher (durable-rules, or plain Python) says which selections an event falls under; findings are given back to it as
facts, so that rules about findings chain forward.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ethics_engine.amendments import WAIVER
from ethics_engine.calendars import Zone
from ethics_engine.conditions import Condition
from ethics_engine.engines.derived import SESSION, sessions_of, with_derived, with_names
from ethics_engine.engines.judging import Judge
from ethics_engine.engines.keys import client_of, trigger_of
from ethics_engine.engines.ledger import Ledger, coverage
from ethics_engine.engines.outcomes import Breach, Duty, Outcome, Uncovered, Unrecorded
from ethics_engine.engines.untold import Doubtful, Untold, doubts_of, lacking, missing_of, unknown_as
from ethics_engine.engines.verdicts import Verdicts
from ethics_engine.events import Event
from ethics_engine.findings import CannotTell, Finding, Obligation
from ethics_engine.matchers import Matcher, build_matcher
from ethics_engine.memory import collection_paused
from ethics_engine.plan import FINDING, Plan, Quota, Recurrence, Rule, Source, Variant

Verdict = Finding | Obligation | Unrecorded | Uncovered
"""What is said of a trigger."""


class Judgement:
    """What was found for some practitioners."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.obligations: list[Obligation] = []
        self.cannot_tell: list[CannotTell] = []


class LiveEvaluator:
    """Judges events by a plan; the matcher and what follows from the plan alone are kept from one log to the next."""

    name = "live"

    def __init__(self, plan: Plan, matcher: str | None = None, reported_only: bool = False) -> None:
        """`reported_only` leaves findings that only other rules read without words (see `Verdicts`)."""
        self.plan = plan
        self.zone = Zone(plan.timezone)
        conditions: dict[str, list[tuple[int, Condition]]] = {}
        for pick in plan.picks:
            for event_type, condition in pick.conditions.items():
                conditions.setdefault(event_type, []).append((pick.number, condition))
        self.matcher: Matcher = build_matcher(conditions, matcher)
        self.verdicts = Verdicts(plan, self.zone, reported_only)
        self._doubts: dict[int, dict[str, Doubtful]] = {}

    @collection_paused()
    def judge(self, events: Iterable[Event], as_of: int) -> Judgement:
        """Judge the events of any number of practitioners (amendments already applied) as of an instant."""
        by_practitioner: dict[str, list[Event]] = {}
        for event in events:
            by_practitioner.setdefault(event.practitioner, []).append(event)
        judgement = Judgement()
        for practitioner in sorted(by_practitioner):
            Case.of_events(self, practitioner, by_practitioner[practitioner], as_of, judgement).judge()
        return judgement

    def case(self, practitioner: str, events: Iterable[Event], as_of: int) -> Case:
        """One practitioner's events judged, with what they were judged from left open to questions."""
        own = [event for event in events if event.practitioner == practitioner]
        case = Case.of_events(self, practitioner, own, as_of, Judgement())
        case.judge()
        return case

    def doubts(self, source: Source) -> dict[str, Doubtful]:
        """What can make the triggers of a source unknown, by type."""
        if source.number not in self._doubts:
            self._doubts[source.number] = doubts_of(self.plan, source)
        return self._doubts[source.number]


class Case:
    """One practitioner's events on trial; `findings` are all that were made, those of `level: none` too."""

    def __init__(
        self,
        engine: LiveEvaluator,
        practitioner: str,
        ledger: Ledger,
        judge: Judge,
        as_of: int,
        judgement: Judgement,
    ) -> None:
        self.engine = engine
        self.plan = engine.plan
        self.as_of = as_of
        self.practitioner = practitioner
        self.judgement = judgement
        self.ledger = ledger
        self.waivers = ledger.by_type.get(WAIVER, [])
        self.findings: dict[str, Finding] = {}
        self.untold = Untold()
        self.judge_ = judge

    @classmethod
    def of_events(
        cls, engine: LiveEvaluator, practitioner: str, events: Sequence[Event], as_of: int, judgement: Judgement
    ) -> Case:
        """One practitioner's typed events, amendments already applied, each classified by the matcher."""
        ledger = Ledger(engine.plan, practitioner, coverage(events))
        match = engine.matcher.match
        seen = sorted((event for event in events if event.at <= as_of), key=lambda event: (event.at, event.id))
        for event in with_derived(seen, engine.plan.derived, engine.zone):
            ledger.add(event, match(event.type, event.values))
        judge = Judge(engine.plan, ledger, engine.zone, as_of)
        return cls(engine, practitioner, ledger, judge, as_of, judgement)

    def judge(self) -> None:
        """Judge every rule, stratum by stratum, giving findings back as events after each."""
        for number, stratum in enumerate(self.plan.strata):
            made = [pair for name in self.asked(stratum) for pair in self._rule(self.plan.rules[name])]
            if number + 1 < len(self.plan.strata):
                self._give_back(made)
        self.judgement.findings.extend(finding for finding in self.findings.values() if finding.level != "none")
        lines = self.untold.lines(self.plan, self.engine.verdicts, self.practitioner)
        self.judgement.cannot_tell.extend(lines)

    def _give_back(self, made: Sequence[tuple[Finding, Event]]) -> None:
        for event, picks in self.as_events(made):
            self.ledger.add(event, picks)
        self.ledger.settle()

    def as_events(self, made: Sequence[tuple[Finding, Event]]) -> Iterator[tuple[Event, Iterable[int]]]:
        """Findings as events in order, each with the picks that it falls under."""
        names = self.plan.derived.get(FINDING, ())
        events = [self.engine.verdicts.as_event(finding, trigger) for finding, trigger in made]
        sessions = sessions_of(self.ledger.by_type.get(SESSION, ())) if names else {}
        for event in sorted(events, key=lambda event: (event.at, event.order)):
            if names:
                event = with_names(event, names, self.engine.zone, sessions.get(event.client, ()))
            yield event, self.engine.matcher.match(FINDING, event.values)

    def _rule(self, rule: Rule) -> Iterator[tuple[Finding, Event]]:
        for variant in rule.variants:
            source = trigger_of(variant)
            if source is not None and self.spares(rule, variant, source):
                continue
            for trigger, outcome in self.outcomes(rule, variant):
                added = self.judge_of(rule, trigger.client).considered(rule, variant, trigger)
                if added is None:
                    continue
                finding = self._record(rule, variant, trigger, outcome, added)
                if finding is not None:
                    yield finding, trigger
            if source is not None:
                self._doubtful(rule, variant, source)

    def outcomes(self, rule: Rule, variant: Variant) -> Iterator[tuple[Event, Outcome]]:
        """The triggers of a rule that come to something, before the side tests."""
        form = variant.form
        if isinstance(form, Recurrence):
            for client in self.keys(rule):
                yield from self.judge_of(rule, client).recurrence(form, rule, variant, client)
        elif isinstance(form, Quota):
            yield from self.periods(rule, variant, form)
        else:
            for trigger in self.triggers(rule, variant, form.trigger):
                outcome = self.judge_of(rule, trigger.client).judge(form, rule, trigger)
                if outcome is not None:
                    yield trigger, outcome

    # What the bulk evaluator does in its own way: which events are asked about, and of which part of the ledger.

    def judge_of(self, rule: Rule, client: str | None) -> Judge:
        """Who judges a rule for a client."""
        return self.judge_

    def asked(self, stratum: Sequence[str]) -> Sequence[str]:
        """The rules of a stratum, or of them at least all that something may come of."""
        return stratum

    def spares(self, rule: Rule, variant: Variant, source: Source) -> bool:
        """Whether there is no event that could trigger, so that nothing comes of a rule."""
        return source.types.isdisjoint(self.ledger.by_type)

    def triggers(self, rule: Rule, variant: Variant, source: Source) -> Iterable[Event]:
        """The triggers of a rule, or of them at least all that come to something."""
        return self.ledger.triggers(source, rule.per)

    def periods(self, rule: Rule, variant: Variant, form: Quota) -> Iterator[tuple[Event, Outcome]]:
        """The periods of a quota that come to something."""
        for client in self.keys(rule):
            yield from self.judge_of(rule, client).quota(form, rule, client)

    def doubtful(self, rule: Rule, variant: Variant, source: Source) -> Iterable[Event]:
        """The events that may be unknown as triggers; each certain one is left out."""
        candidates = lacking(self.ledger, self.engine.doubts(source))
        certain = {id(event) for event in self.ledger.triggers(source, rule.per)} if candidates else set()
        return [
            event
            for event in candidates
            if id(event) not in certain and (event.client is not None or rule.per == "practitioner")
        ]

    def keys(self, rule: Rule) -> list[str | None]:
        """The clients of the keys of a rule."""
        return [None] if rule.per == "practitioner" else [*sorted(self.ledger.clients)]

    def _record(
        self, rule: Rule, variant: Variant, trigger: Event, outcome: Outcome, added: tuple[Event, ...]
    ) -> Finding | None:
        verdict = self.verdict(rule, variant, trigger, outcome, added)
        if isinstance(verdict, Finding):
            return verdict
        if isinstance(verdict, Obligation):
            self.judgement.obligations.append(verdict)
        elif verdict is not None:
            self.untold.add(rule.id, trigger.id, verdict)
        return None

    def verdict(
        self, rule: Rule, variant: Variant, trigger: Event, outcome: Outcome, added: tuple[Event, ...]
    ) -> Verdict | None:
        """What is said of a trigger that came to something.

        None for a duty of a rule that is never reported, and for what was not recorded where the rule is not judged, as
        the log does not cover what it is inferred from.

        `added` is the evidence of the side tests. A finding is kept among `findings`.
        """
        unseen = self.judge_.unseen(variant)
        if isinstance(outcome, Unrecorded):
            return None if unseen else outcome
        if isinstance(outcome, Uncovered):
            unseen |= outcome.areas
        if unseen:
            return Uncovered(unseen)
        if isinstance(outcome, Duty):
            if rule.level == "none":
                return None
            return self.engine.verdicts.obligation(rule, trigger, outcome, self.findings)
        assert isinstance(outcome, Breach)
        excuse = self.judge_of(rule, trigger.client).excuse(rule, variant, trigger)
        waiver = self.waiver(rule, trigger) if excuse is None else None
        evidence = [*added, *outcome.evidence, *(() if excuse is None else (excuse,))]
        finding = self.engine.verdicts.finding(
            rule, trigger, outcome, excuse, waiver, evidence, self.findings, self.ledger.by_id
        )
        self.findings[finding.id] = finding
        return finding

    def waiver(self, rule: Rule, trigger: Event) -> Event | None:
        """The first waiver of a rule for a trigger."""
        granted = (
            waiver
            for waiver in self.waivers
            if waiver.values["rule"] == rule.id
            and waiver.client in (None, client_of(rule, trigger))
            and waiver.at <= trigger.at <= waiver.values["expires_at"]
        )
        return None if rule.absolute else next(granted, None)

    def _doubtful(self, rule: Rule, variant: Variant, source: Source) -> None:
        """Note the triggers whose condition is unknown and that would be findings if it held."""
        unknown = [
            (event, missing)
            for event in self.doubtful(rule, variant, source)
            if (missing := missing_of(self.plan, source, event))
        ]
        if isinstance(variant.form, Quota):
            self._doubtful_periods(rule, variant, variant.form, unknown)
            return
        for event, missing in unknown:
            untold = self.supposed(rule, variant, event, missing)
            if untold is not None:
                self.untold.add(rule.id, event.id, untold)

    def supposed(self, rule: Rule, variant: Variant, event: Event, missing: frozenset[str]) -> Unrecorded | None:
        """What cannot be told of an event that would be a finding if the condition it is unknown for held."""
        judge = self.judge_of(rule, event.client)
        if judge.considered(rule, variant, event) is None or judge.unseen(variant):
            return None
        return unknown_as(judge.judge(variant.form, rule, event, supposed=True), missing)

    def _doubtful_periods(
        self, rule: Rule, variant: Variant, form: Quota, unknown: Sequence[tuple[Event, frozenset[str]]]
    ) -> None:
        missing = {event.id: names for event, names in unknown}
        for client in self.keys(rule):
            events = [event for event, _ in unknown if rule.per == "practitioner" or event.client == client]
            judge = self.judge_of(rule, client)
            for event, outcome in judge.quota(form, rule, client, events) if events else ():
                untold = unknown_as(outcome, missing[event.id])
                if untold is not None and judge.considered(rule, variant, event) is not None:
                    self.untold.add(rule.id, event.id, untold)
