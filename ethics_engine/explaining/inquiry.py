"""A log that was judged and is kept open to questions: its events, its findings, and what each finding came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ethics_engine.amendments import apply
from ethics_engine.engines.keys import key_of
from ethics_engine.engines.live import Case, LiveEvaluator
from ethics_engine.engines.outcomes import Breach
from ethics_engine.errors import ConfigError, did_you_mean, shown
from ethics_engine.events import AMENDED, WITHDRAWN, Event
from ethics_engine.explaining.words import Words, listed
from ethics_engine.findings import Finding, finding_id
from ethics_engine.plan import Rule, Variant

SHORTEST_PREFIX = 6
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Ground:
    """What a finding came from: the rule as it stood, the trigger, and what came of it."""

    finding: Finding
    rule: Rule
    variant: Variant
    trigger: Event
    breach: Breach


class Inquiry:
    """The events of a log as read (amendments not applied), judged by an evaluator as of an instant."""

    def __init__(self, evaluator: LiveEvaluator, events: Sequence[Event], as_of: int) -> None:
        self.evaluator = evaluator
        self.plan = plan = evaluator.plan
        self.as_of = as_of
        self.words = Words(plan)
        self.read: dict[str, list[Event]] = {}
        for event in events:
            self.read.setdefault(event.practitioner, []).append(event)
        seen, ineffective = apply(events, plan.vocabulary, as_of)
        self._seen: dict[str, list[Event]] = {}
        for event in seen:
            self._seen.setdefault(event.practitioner, []).append(event)
        without_effect = {(one.practitioner, one.event_id) for one in ineffective}
        self._changes: dict[tuple[str, str], list[Event]] = {}
        for event in sorted(seen, key=lambda one: (one.at, one.id)):
            if event.type in (AMENDED, WITHDRAWN) and (event.practitioner, event.id) not in without_effect:
                self._changes.setdefault((event.practitioner, event.values["target"]), []).append(event)
        self._cases: dict[str, Case] = {}
        self._grounds: dict[str, Ground] = {}

    def case(self, practitioner: str) -> Case:
        """One practitioner's events, judged."""
        if practitioner not in self._cases:
            events = self._seen.get(practitioner, [])
            self._cases[practitioner] = self.evaluator.case(practitioner, events, self.as_of)
        return self._cases[practitioner]

    def findings(self) -> dict[str, Finding]:
        """Every finding of the log by its id, those that are never reported too."""
        return {key: one for practitioner in self.read for key, one in self.case(practitioner).findings.items()}

    def finding(self, name: str) -> Finding:
        """The finding of an id, or of the beginning of one (six characters at least).

        Raises:
            ConfigError: there is none, or there are several.
        """
        found = self.findings()
        wanted = name.strip().lower()
        if wanted in found:
            return found[wanted]
        near = sorted(key for key in found if key.startswith(wanted)) if len(wanted) >= SHORTEST_PREFIX else []
        if len(near) == 1:
            return found[near[0]]
        if near:
            named = listed([f"`{key}`" for key in near[:_MOST_NAMED]])
            more = f", and {len(near) - _MOST_NAMED} more" if len(near) > _MOST_NAMED else ""
            raise ConfigError(f"several findings begin with {shown(name)}: {named}{more}; give more of the id")
        reported = [key for key, one in found.items() if one.level != "none"]
        hint = did_you_mean(wanted, reported)
        raise ConfigError(
            f"there is no finding {shown(name)} in this log, judged as of {self.words.moment(self.as_of)}"
            + (f"; {hint}" if hint else "")
            + "; ids come from `ethics-engine check` with the same log and options"
        )

    def ground(self, finding: Finding) -> Ground:
        """What a finding came from, worked out anew."""
        if finding.id not in self._grounds:
            case = self.case(finding.practitioner)
            rule = self.plan.rules[finding.rule]
            for variant in rule.variants:
                for trigger, outcome in case.outcomes(rule, variant):
                    if not isinstance(outcome, Breach) or outcome.at != finding.at:
                        continue
                    name = finding_id(rule.id, trigger.practitioner, key_of(rule, trigger), trigger.id)
                    if name == finding.id and variant.judges(trigger.at):
                        self._grounds[name] = Ground(finding, rule, variant, trigger, outcome)
        return self._grounds[finding.id]

    def changes(self, event: Event) -> list[Event]:
        """The amendments and withdrawals of an event that had an effect, in order."""
        return self._changes.get((event.practitioner, event.id), [])

    def named(self, event_id: str, practitioner: str | None = None) -> Event:
        """The event of an id as it was read.

        Raises:
            ConfigError: there is none, or several practitioners have one.
        """
        found = [
            event
            for name, events in self.read.items()
            if practitioner in (None, name)
            for event in events
            if event.id == event_id
        ]
        if len(found) == 1:
            return found[0]
        if found:
            names = listed([shown(event.practitioner) for event in found], "or")
            raise ConfigError(f"the event {shown(event_id)} exists for {names}: choose one with --practitioner")
        if practitioner is not None and practitioner not in self.read:
            hint = did_you_mean(practitioner, self.read)
            message = f"--practitioner: the log has no event of {shown(practitioner)}"
            raise ConfigError(message + (f"; {hint}" if hint else ""))
        whose = "" if practitioner is None else f" of {shown(practitioner)}"
        known = (event.id for name in self.read for event in self._of(name) if practitioner in (None, name))
        hint = did_you_mean(event_id, known)
        raise ConfigError(
            f"the log has no event {shown(event_id)}{whose}"
            + (f"; {hint}" if hint else "; a line that was rejected holds none")
        )

    def _of(self, practitioner: str) -> Iterable[Event]:
        return self.read.get(practitioner, [])
