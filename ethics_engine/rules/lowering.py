"""From typed rule models to the plan: selections become sources, shared where they are equal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from ethics_engine.calendars import Zone
from ethics_engine.conditions import Condition, tests
from ethics_engine.errors import shown
from ethics_engine.located import Map, Mark, Node, Seq, Text
from ethics_engine.plan import (
    FINDING,
    Member,
    Nearby,
    Pick,
    Same,
    Scope,
    SinceEvent,
    SinceState,
    Source,
    State,
    Terms,
    UnlessCondition,
)
from ethics_engine.rules.conditions import ConditionReader, a_kind, of_types
from ethics_engine.rules.fields import Complaints, Located, Name, Number, validated
from ethics_engine.rules.model import NearbySelection, Selection, Selections, SinceClause
from ethics_engine.scalars import MICRO
from ethics_engine.vocabulary import Vocabulary

_COMPARABLE = {"text": "string", "enum": "string", "money": "number"}


class TermsModel(Located):
    """`{of: agreement.made, attribute: payment_due_days, factor: 1, offset: 0, default: 30}`."""

    of: Selections
    attribute: Name
    factor: Number = MICRO
    offset: Number = 0
    default: Number | None = None


@dataclass
class Shared:
    """What all rules of a rule set share while they are lowered: picks, sources and states, each kept once."""

    vocabulary: Vocabulary
    zone: Zone
    currency: str | None
    picks: dict[tuple[tuple[str, Condition], ...], Pick] = field(default_factory=dict)
    sources: dict[tuple[tuple[Member, ...], frozenset[str]], Source] = field(default_factory=dict)
    states: dict[State, State] = field(default_factory=dict)  # by the state without its number
    used: set[tuple[str, str]] = field(default_factory=set)

    def pick(self, conditions: Mapping[str, Condition]) -> Pick:
        """The pick with these conditions."""
        key = tuple(sorted(conditions.items(), key=lambda entry: entry[0]))
        return self.picks.setdefault(key, Pick(len(self.picks), dict(key)))

    def moment(self, moment: int | date | None) -> int | None:
        """An instant; a date is its local midnight."""
        return self.zone.midnight(moment) if isinstance(moment, date) else moment


class Lowering:
    """Lowers the selections of one rule or state; every complaint carries its place."""

    def __init__(
        self, shared: Shared, complaints: Complaints, place: Mark, states: Mapping[str, State | None] | None = None
    ) -> None:
        self.shared = shared
        self.states = states or {}
        self.complaints = complaints
        self.place = place
        self.reader = ConditionReader(shared.vocabulary, shared.currency, complaints)

    def source(self, selections: Iterable[Selection], trigger_types: frozenset[str] | None) -> Source:
        """The union of selections as one source.

        `trigger_types` are the types that `same` may speak of; None where there is no trigger to compare with.
        """
        members: list[Member] = []
        types: set[str] = set()
        for selection in selections:
            named = self.types(selection.event)
            before = len(self.complaints.found)
            conditions = self.reader.read(selection.where, named)
            if named and not conditions and len(self.complaints.found) == before:
                message = "no event can ever match this condition"
                self.complaints.add(selection.where, "never-matches", message)
            same = self._same(selection.same, named, trigger_types)
            members.append(Member(self.shared.pick(conditions).number, same, selection.nth))
            types.update(named)
        self.shared.used.update(self.reader.used)
        return self._intern(tuple(dict.fromkeys(members)), frozenset(types))

    def trigger(self, selections: Iterable[Selection]) -> Source:
        """The triggers of a rule; `same` there only groups the counting of `nth`."""
        selections = list(selections)
        for selection in selections:
            if selection.same is not None and selection.nth is None:
                message = "`same` has no other event to compare a trigger with"
                hint = "beside `nth` it groups what is numbered; a `limit` has a `same` of its own"
                self.complaints.add(selection.same, "same", message, hint)
        types = frozenset(name for selection in selections for name in self.types(selection.event))
        return self.source(selections, types)

    def _intern(self, members: tuple[Member, ...], types: frozenset[str]) -> Source:
        key = (members, types)
        if key not in self.shared.sources:
            vocabulary = self.shared.vocabulary
            areas = frozenset(vocabulary.types[name].area for name in types if name != FINDING)
            self.shared.sources[key] = Source(len(self.shared.sources), members, types, areas)
        return self.shared.sources[key]

    def types(self, node: Any) -> tuple[str, ...]:
        """The event types that a type, a list or a pattern names."""
        if isinstance(node, Text) and node:
            return tuple(self._types(node))
        if isinstance(node, Seq) and node and all(isinstance(item, Text) for item in node):
            return tuple(dict.fromkeys(name for item in node for name in self._types(item)))
        self.complaints.add(node if node is not None else self.place, "wrong-value", "`event` expects an event type")
        return ()

    def _types(self, text: Text) -> list[str]:
        vocabulary = self.shared.vocabulary
        if "*" in text or "?" in text:
            matching = vocabulary.matching(text)
            if not matching:
                self.complaints.add(text, "unknown-event-type", f"no event type matches {shown(text)}")
            return matching
        if text in vocabulary.types or text == FINDING:
            return [str(text)]
        self.complaints.unknown(text, "event type", text, [*vocabulary.types, FINDING])
        return []

    def _same(self, same: Map | None, types: tuple[str, ...], trigger_types: frozenset[str] | None) -> Same:
        if same is None:
            return ()
        if trigger_types is None:
            self.complaints.add(same, "same", "`same` has no trigger to compare with here")
            return ()
        pairs = []
        for theirs, mine in same.items():
            their_kinds = self._kinds(theirs, types, same.key_marks[theirs])
            my_kinds = self._kinds(mine, tuple(sorted(trigger_types)), mine.mark)
            self.nameable(theirs, their_kinds, same.key_marks[theirs])
            self.nameable(mine, my_kinds, mine.mark)
            comparable = {_COMPARABLE.get(kind, kind) for kind in their_kinds}
            if their_kinds and my_kinds and not comparable & {_COMPARABLE.get(kind, kind) for kind in my_kinds}:
                both = f"`{theirs}` is {a_kind(min(their_kinds))} and `{mine}` {a_kind(min(my_kinds))}"
                self.complaints.add(mine, "comparison", f"{both}: they can never be equal")
            pairs.append((str(theirs), str(mine)))
        return tuple(sorted(pairs))

    def _kinds(self, name: str, types: tuple[str, ...], mark: Mark) -> set[str]:
        vocabulary = self.shared.vocabulary
        declared = {event_type: found for event_type in types if (found := vocabulary.attribute(event_type, name))}
        if types and not declared:
            self.complaints.unknown(mark, "attribute", name, self.reader.known(types), of_types(types))
        self.shared.used.update((event_type, name) for event_type in declared)
        return {found.kind for found in declared.values()}

    def attribute_kind(self, name: Text | str, types: Iterable[str], place: Any) -> str | None:
        """The kind of an attribute over some types, complaining where none has it or its kinds differ."""
        mark = place if isinstance(place, Mark) else place.mark
        kinds = sorted(self._kinds(name, tuple(sorted(types)), mark))
        if len({_COMPARABLE.get(kind, kind) for kind in kinds}) > 1:
            message = f"`{name}` is {a_kind(kinds[0])} in one of these event types and {a_kind(kinds[1])} in another"
            self.complaints.add(place, "comparison", message)
            return None
        return kinds[0] if kinds else None

    def nameable(self, name: str, kinds: Collection[str], place: Mark) -> None:
        """Complain where values of an attribute cannot be told apart or be the same: amounts of money."""
        if "money" in kinds:
            message = f"`{name}` is money: whether amounts are the same depends on their currencies"
            self.complaints.add(place, "comparison", message, "compare amounts with `expect`")

    def numeric(self, name: Text | str, types: Iterable[str], place: Any) -> bool:
        """Check that an attribute can be summed; whether it is money."""
        kind = self.attribute_kind(name, types, place)
        if kind not in (None, "number", "money"):
            self.complaints.add(place, "comparison", f"`{name}` is {a_kind(kind)}, not a number")
        return kind == "money"

    def state(self, name: str, place: Any) -> State | None:
        """A declared state, complaining where there is none of that name."""
        if name not in self.states:
            self.complaints.unknown(place, "state", name, list(self.states))
        return self.states.get(name)

    def nearby(self, selections: Iterable[NearbySelection], trigger_types: frozenset[str]) -> tuple[Nearby, ...]:
        """Excuses or exceptions by another event, each with its own window."""
        return tuple(Nearby(self.source([one], trigger_types), one.within) for one in selections)

    def since(self, clause: SinceClause, trigger_types: frozenset[str], node: Map) -> SinceEvent | SinceState | None:
        """`since` an event or the end of a state; `node` is the clause as it stands."""
        if (clause.event is None) == (clause.state is None):
            self.complaints.add(node, "wrong-value", "`since` expects either `event` or `state`, and `within`")
            return None
        if clause.state is not None:
            state = self.state(clause.state, node["state"])
            return None if state is None else SinceState(state.number, clause.within)
        selection = Selection.model_construct(event=clause.event, where=clause.where, nth=None, same=clause.same)
        return SinceEvent(self.source([selection], trigger_types), clause.within)

    def unless(self, node: Any, trigger_types: frozenset[str]) -> UnlessCondition | Nearby | None:
        """An exception: a condition on the trigger, or another event before it."""
        if isinstance(node, Map) and "event" in node and "within" in node:
            model = validated(NearbySelection, node, self.complaints, " in `unless`", node.mark)
            return None if model is None else self.nearby([model], trigger_types)[0]
        if not isinstance(node, Map):
            self.complaints.add(
                node, "wrong-value", "`unless` expects a condition on the trigger, or an event with `within`"
            )
            return None
        if "event" in node and not any(self.shared.vocabulary.attribute(name, "event") for name in trigger_types):
            message = "missing key `within` in `unless`"
            self.complaints.add(node.key_marks["event"], "missing-key", message, "`within: ever` has no end")
            return None
        conditions = self.reader.read(node, sorted(trigger_types), selecting=False)
        self.shared.used.update(self.reader.used)
        return UnlessCondition(conditions)

    def bound(
        self, key: str, node: Node, trigger_types: frozenset[str], parse: Callable[[str], int], what: str
    ) -> int | Terms | None:
        """A bound of a rule: a value written out (`what` says of which kind), or taken from the terms in force."""
        if isinstance(node, Map):
            return self.terms(node, trigger_types, f" in `{key}`")
        try:
            if isinstance(node, Text):
                return parse(node)
            raise ValueError(f"expected {what}, or a mapping with `of`")
        except ValueError as error:
            self.complaints.add(node, "wrong-value", f"`{key}`: {error}")
            return None

    def terms(self, node: Map, trigger_types: frozenset[str] | None, where: str) -> Terms | None:
        """A value taken from the terms in force."""
        model = validated(TermsModel, node, self.complaints, where, node.mark)
        if model is None:
            return None
        source = self.source(model.of, trigger_types)
        money = self.numeric(node["attribute"], source.types, node["attribute"])
        factor = Fraction(model.factor, MICRO)
        return Terms(source, model.attribute, factor, model.offset, model.default, money)

    def scope(self, per: str | None, types: frozenset[str]) -> Scope:
        """The key of a rule: as it says, or relationship where every trigger type always has a client."""
        if per is not None:
            return "relationship" if per == "relationship" else "practitioner"
        vocabulary = self.shared.vocabulary
        always = all(name != FINDING and vocabulary.types[name].client == "yes" for name in types)
        return "relationship" if always else "practitioner"


def constants_of(conditions: Iterable[Condition], attribute: str) -> set[str]:
    """Every constant that conditions compare an attribute with."""
    found: set[str] = set()
    for condition in conditions:
        for test in tests(condition):
            if test.attribute == attribute and test.operator != "missing":
                found.update(test.constant if isinstance(test.constant, tuple) else (test.constant,))
    return found
