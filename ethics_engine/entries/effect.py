"""What an entry means for the rules, before it is written: the log judged without it and with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ethics_engine.amendments import Ineffective
from ethics_engine.api import judge_log
from ethics_engine.events import Event
from ethics_engine.findings import CannotTell
from ethics_engine.logs import Log
from ethics_engine.monitor import Changes
from ethics_engine.monitor.changes import Difference
from ethics_engine.rules.rule_set import RuleSet


@dataclass(frozen=True, slots=True)
class Effect:
    """What differs once some events are in the log, judged with and without them as of one moment.

    `unknown` is what can be told of fewer events than it concerns, where that are more than before; `ineffective` are
    the amendments, withdrawals and waivers among the events that would change nothing, with the reason.
    """

    as_of: int
    changes: Changes
    unknown: tuple[CannotTell, ...] = ()
    ineffective: tuple[Ineffective, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.changes) or bool(self.unknown) or bool(self.ineffective)


def effect_of(added: Sequence[Event], log: Sequence[Event], rules: RuleSet, now: int) -> Effect:
    """The effect of events of one practitioner on a log, as of `now` or its latest event, whichever is later."""
    own = [event for event in log if event.practitioner == added[0].practitioner]
    as_of = max(now, *(event.at for event in (*own, *added)))
    before = judge_log(Log(events=own), rules, as_of=as_of, engine="live")
    after = judge_log(Log(events=[*own, *added]), rules, as_of=as_of, engine="live")
    difference = Difference()
    difference.findings(before.findings, after.findings)
    difference.obligations(before.obligations, after.obligations)
    known = {line.order: line.events for line in before.cannot_tell}
    ids = {event.id for event in added}
    return Effect(
        as_of,
        difference.changes(as_of, len(added)),
        tuple(line for line in after.cannot_tell if line.events > known.get(line.order, 0)),
        tuple(one for one in after.ineffective if one.event_id in ids),
    )
