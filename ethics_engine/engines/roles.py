"""What an event can mean to the rules of a plan, by the selections that it falls under.

An event may trigger a rule, or decide about the triggers of others: of later ones (it came before them, it is counted,
it opened a state) or of earlier ones (it answers or excuses them). So a new event touches few of the judgements that
stand, and those are all that is judged anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ethics_engine.amendments import WAIVER
from ethics_engine.engines.derived import SESSION
from ethics_engine.engines.keys import states_beside, states_of, trigger_of
from ethics_engine.engines.live import LiveEvaluator
from ethics_engine.engines.reaches import earlier, is_numbered, later
from ethics_engine.events import Event
from ethics_engine.plan import Member, Quota, Recurrence, Rule, Same, Scope, Source, Variant


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """A rule as it stands for a stretch of time: what is judged at once.

    `number` counts them through the plan; `kind` is the form of the rule; `plain` are the picks that trigger,
    `numbered` the selections of which only the k-th does.
    """

    number: int
    stratum: int
    rule: Rule
    variant: Variant
    trigger: Source | None
    kind: type
    plain: frozenset[int]
    numbered: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far from an event the triggers are that it decides about, in microseconds; None has no end.

    `everyone` tells that it decides about the triggers of every client: it belongs to a state of the practitioner.
    `shifts` tells that it is numbered (`nth`): an event that comes late shifts the number of those after it.
    `same` are its attributes that must equal the trigger's.
    """

    share: Share
    span: int | None
    everyone: bool = False
    shifts: bool = False
    same: Same = ()


@dataclass(slots=True)
class Roles:
    """What events of some selections mean: see the module."""

    triggers: tuple[Share, ...] = ()
    plain: tuple[Share, ...] = ()
    """Of the triggers those that every such event triggers."""
    numbered: tuple[tuple[Member, Scope, Mapping[int, Sequence[Share]]], ...] = ()
    """Of the triggers those that the k-th such event alone triggers, by k."""
    later: tuple[Reach, ...] = ()
    later_shares: frozenset[Share] = frozenset()
    """Those of `later`, and of them those that look at every client of the practitioner."""
    later_of_all: frozenset[Share] = frozenset()
    later_keys: tuple[Reach, ...] = ()
    """Of `later` those whose judgements are of a whole key or of a calendar period."""
    shifts: bool = False
    """Whether any of `later` is numbered."""
    earlier: tuple[Reach, ...] = ()
    stretches: tuple[tuple[Share, bool, bool], ...] = ()
    """Recurrences, whether the event can but prolong what is going on, where something is, and whether it does so for
    every client: it belongs to a state of the practitioner."""
    periods: tuple[tuple[Share, bool], ...] = ()
    """Quotas, and whether the event is a trigger alone."""
    states: tuple[tuple[int, bool], ...] = ()
    """States, and whether the event opens them."""
    any: bool = False
    """Whether any judgement may be another for such an event."""


class Parts:
    """The shares of an evaluator's plan, and the roles of its selections."""

    def __init__(self, engine: LiveEvaluator) -> None:
        plan = self.plan = engine.plan
        level = {name: number for number, names in enumerate(plan.strata) for name in names}
        self.shares: list[Share] = []
        for rule in plan.rules.values():
            for variant in rule.variants:
                number = len(self.shares)
                self.shares.append(_share(number, level[rule.id], rule, variant))
        self._by_pick: dict[int, _Gathered] = {}
        for share in self.shares:
            self._of(share)
        self.numbered_states: set[int] = set()
        """The states that the k-th event of some opens or closes."""
        for number in sorted({each for share in self.shares for each in states_of(share.variant)}):
            state = plan.states[number]
            self._file_state(state.closed_by, state.number, opens=False)
            self._file_state(state.opened_by, state.number, opens=True)
            if is_numbered(state.opened_by) or is_numbered(state.closed_by):
                self.numbered_states.add(state.number)
        self._known: dict[tuple[int, ...], Roles] = {}
        self.asked = frozenset(name for pick in plan.picks for name in pick.conditions) | {SESSION, WAIVER}
        """The types of event that some rule asks about; sessions, which may be counted, and waivers among them."""
        self.doubts = _doubts(engine, self.shares)
        self.of_rule: dict[str, list[Share]] = {}
        for share in self.shares:
            self.of_rule.setdefault(share.rule.id, []).append(share)

    def roles(self, picks: tuple[int, ...]) -> Roles:
        """What an event means that falls under some selections."""
        found = self._known.get(picks)
        if found is None:
            found = _united([self._by_pick[pick] for pick in picks if pick in self._by_pick])
            found.plain = tuple(share for share in found.triggers if not share.plain.isdisjoint(picks))
            found.numbered = tuple(_numbered(found.triggers, picks))
            found.any = bool(found.triggers or found.later or found.earlier or found.stretches or found.periods)
            self._known[picks] = found
        return found

    def _at(self, source: Source | None) -> Iterator[_Gathered]:
        for member in () if source is None else source.members:
            yield self._by_pick.setdefault(member.pick, _Gathered())

    def _file_state(self, source: Source | None, number: int, *, opens: bool) -> None:
        for gathered in self._at(source):
            gathered.states[number] = opens or gathered.states.get(number, False)

    def _of(self, share: Share) -> None:
        form, variant = share.variant.form, share.variant
        if isinstance(form, Recurrence):
            self._stretches(share, form)
        elif isinstance(form, Quota):
            for gathered in self._at(form.trigger):
                gathered.periods.setdefault(share, True)
            for gathered in self._at(form.answer):
                gathered.periods[share] = False
        else:
            for gathered in self._at(form.trigger):
                gathered.triggers[share] = None
        for source, span in later(form, variant):
            for gathered in self._at(source):
                gathered.later.append(Reach(share, span, shifts=is_numbered(source)))
        for source, span in earlier(form, variant):
            for member in () if source is None else source.members:
                reach = Reach(share, span, shifts=is_numbered(source), same=member.same)
                self._by_pick.setdefault(member.pick, _Gathered()).earlier.append(reach)
        for number in states_beside(variant) if isinstance(form, Recurrence) else states_of(variant):
            state = self.plan.states[number]
            for source in (state.opened_by, state.closed_by):
                for gathered in self._at(source):
                    gathered.later.append(Reach(share, None, everyone=state.per == "practitioner"))

    def _stretches(self, share: Share, form: Recurrence) -> None:
        self._stretch(share, form.answer)
        prolongs = not share.variant.not_during
        self._stretch(share, form.activity, prolongs=prolongs)
        if form.state is not None:
            state = self.plan.states[form.state]
            everyone = state.per == "practitioner"
            self._stretch(share, state.opened_by, prolongs=prolongs, everyone=everyone)
            self._stretch(share, state.closed_by, everyone=everyone)
        for number in share.variant.not_during:
            blocking = self.plan.states[number]
            for source in (blocking.opened_by, blocking.closed_by):
                self._stretch(share, source, everyone=blocking.per == "practitioner")

    def _stretch(self, share: Share, source: Source | None, *, prolongs: bool = False, everyone: bool = False) -> None:
        for gathered in self._at(source):
            gathered.stretch(share, prolongs, everyone)


def _share(number: int, stratum: int, rule: Rule, variant: Variant) -> Share:
    trigger = trigger_of(variant)
    members = () if trigger is None else trigger.members
    return Share(
        number=number,
        stratum=stratum,
        rule=rule,
        variant=variant,
        trigger=trigger,
        kind=type(variant.form),
        plain=frozenset(member.pick for member in members if member.nth is None),
        numbered=tuple(member for member in members if member.nth is not None),
    )


class _Gathered:
    """Roles while they are gathered."""

    def __init__(self) -> None:
        self.triggers: dict[Share, None] = {}
        self.later: list[Reach] = []
        self.earlier: list[Reach] = []
        self.stretches: dict[Share, tuple[bool, bool]] = {}
        self.periods: dict[Share, bool] = {}
        self.states: dict[int, bool] = {}

    def stretch(self, share: Share, prolongs: bool, everyone: bool) -> None:
        """Gather what events mean to a recurrence: they can but prolong where all that they mean is that."""
        always, to_everyone = self.stretches.get(share, (True, False))
        self.stretches[share] = prolongs and always, everyone or to_everyone


def _united(gathered: Iterable[_Gathered]) -> Roles:
    whole = _Gathered()
    for each in gathered:
        whole.triggers.update(each.triggers)
        whole.later.extend(each.later)
        whole.earlier.extend(each.earlier)
        for share, (prolongs, everyone) in each.stretches.items():
            whole.stretch(share, prolongs, everyone)
        for share, triggers in each.periods.items():
            whole.periods[share] = triggers and whole.periods.get(share, True)
        for number, opens in each.states.items():
            whole.states[number] = opens or whole.states.get(number, False)
    later = tuple(dict.fromkeys(whole.later))
    of_all = [reach.share for reach in later if reach.everyone or reach.share.rule.per == "practitioner"]
    return Roles(
        triggers=tuple(whole.triggers),
        later=later,
        later_shares=frozenset(reach.share for reach in later),
        later_of_all=frozenset(of_all),
        later_keys=tuple(reach for reach in later if reach.share.kind in (Recurrence, Quota)),
        shifts=any(reach.shifts for reach in later),
        earlier=tuple(dict.fromkeys(whole.earlier)),
        stretches=tuple((share, *meant) for share, meant in whole.stretches.items()),
        periods=tuple(whole.periods.items()),
        states=tuple(whole.states.items()),
    )


def _numbered(
    shares: Iterable[Share], picks: tuple[int, ...]
) -> Iterator[tuple[Member, Scope, dict[int, list[Share]]]]:
    """The shares of which one of several events triggers, by what numbers the events, and by the number."""
    series: dict[tuple[Scope, int, Same], tuple[Member, Scope, dict[int, list[Share]]]] = {}
    for share in shares:
        for member in share.numbered:
            if member.pick in picks and member.nth is not None:
                key = share.rule.per, member.pick, member.same
                _, _, by_number = series.setdefault(key, (member, share.rule.per, {}))
                by_number.setdefault(member.nth, []).append(share)
    yield from series.values()


@dataclass(slots=True)
class Doubts:
    """The shares for which events of a type may be unknown as triggers: by an attribute that they lack, by currency."""

    lacking: dict[str, list[Share]] = field(default_factory=dict)
    currency: list[Share] = field(default_factory=list)

    def of(self, event: Event) -> Iterator[Share]:
        """Those for which an event may be unknown; some of them several times."""
        yield from self.currency
        values = event.values
        for name, shares in self.lacking.items():
            if name not in values:
                yield from shares


NO_DOUBTS = Doubts()


def _doubts(engine: LiveEvaluator, shares: Iterable[Share]) -> dict[str, Doubts]:
    """For each type of event, the shares for which such an event can be unknown as a trigger."""
    found: dict[str, Doubts] = {}
    for share in shares:
        for event_type, (names, currency) in engine.doubts(share.trigger).items() if share.trigger else ():
            doubts = found.setdefault(event_type, Doubts())
            if currency:
                doubts.currency.append(share)
                continue
            for name in names:
                doubts.lacking.setdefault(name, []).append(share)
    return found
