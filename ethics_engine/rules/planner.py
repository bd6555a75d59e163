"""A rule set to a plan: every rule validated in its form, lowered, and put in its stratum.

Rules are validated and lowered once for each stretch of time in which their parameters have one value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ethics_engine.calendars import Zone
from ethics_engine.errors import Diagnostic, RuleError, shown
from ethics_engine.located import Lines, Map, find, words_of
from ethics_engine.messages import Template, parse_template
from ethics_engine.plan import (
    FINDING,
    Nearby,
    Pick,
    Plan,
    Rule,
    Scope,
    SinceEvent,
    SinceState,
    State,
    UnlessCondition,
    Variant,
    Wording,
)
from ethics_engine.rules.conditions import a_kind
from ethics_engine.rules.fields import Complaints, first_at, remains, validated
from ethics_engine.rules.forms.base import FormModel
from ethics_engine.rules.in_force import InForce
from ethics_engine.rules.lowering import Lowering, Shared, constants_of
from ethics_engine.rules.model import StateModel, as_list
from ethics_engine.rules.parameters import Parameter, starts
from ethics_engine.rules.sources import RuleSource, StateSource, form_of
from ethics_engine.rules.strata import circle, finding_conditions, reads, strata
from ethics_engine.vocabulary import DERIVED, DERIVED_OF_AGREEMENTS, DERIVED_OF_CLIENTS, Vocabulary

_HEAD = {"family": "families"} | {key: key for key in ("title", "level", "absolute", "cites", "basis", "why")}
_DERIVED = {*DERIVED, *DERIVED_OF_CLIENTS, *DERIVED_OF_AGREEMENTS}


class Planner:
    """Builds the plan of one rule set for one time zone and currency; all complaints come together."""

    def __init__(self, vocabulary: Vocabulary, zone: Zone, currency: str | None, lines: Lines) -> None:
        self.shared = Shared(vocabulary, zone, currency)
        self.complaints = Complaints(lines)
        self.zone = zone
        self.states: dict[str, StateSource] = {}
        self.parameters = InForce({}, self.complaints, self.shared.moment)

    def plan(
        self,
        states: list[StateSource],
        rules: list[RuleSource],
        parameters: Mapping[str, Parameter],
    ) -> Plan:
        """The plan; raises RuleError with every complaint about every rule."""
        for state in states:
            if state.name in self.states:
                first = self.states[state.name].mark
                message = f"the state {shown(state.name)} is declared a second time"
                self.complaints.add(state.mark, "duplicate-state", message, first_at(first))
            self.states[state.name] = state
        self.parameters = InForce(parameters, self.complaints, self.shared.moment)
        for state in states:
            self._state(state, None)
        lowered = {}
        for source in rules:
            rule = self._rule(source)
            if rule is not None:
                lowered[rule.id] = rule
        self._check_names(rules, lowered)
        if self.complaints.found:
            raise RuleError(self.complaints.found)
        found = [source for source in rules if source.id in lowered]  # of the rest its parameters were complained of
        enabled = {source.id: lowered[source.id] for source in found if source.enabled}
        table = reads(enabled, *self._shared())
        ring = circle(table)
        if ring is not None:
            raise RuleError([self._circle(ring, rules)])
        return Plan(
            vocabulary=self.shared.vocabulary,
            picks=tuple(self.shared.picks.values()),
            sources=tuple(self.shared.sources.values()),
            states=tuple(self.shared.states.values()),
            rules=enabled,
            strata=strata(table),
            reads=table,
            timezone=self.zone.name,
            currency=self.shared.currency,
            derived=self._derived(),
        )

    def _shared(self) -> tuple[list[Pick], list[State]]:
        return list(self.shared.picks.values()), list(self.shared.states.values())

    def _derived(self) -> dict[str, frozenset[str]]:
        """The derived attributes that rules use, for each event type."""
        derived: dict[str, set[str]] = {}
        for event_type, name in self.shared.used:
            own = self.shared.vocabulary.types[event_type].attributes
            if name in _DERIVED and name not in own:
                derived.setdefault(event_type, set()).add(name)
        return {event_type: frozenset(names) for event_type, names in derived.items()}

    def _state(self, source: StateSource, at: int | None) -> State | None:
        """A state with the parameters in force from `at` on; None after a complaint."""
        name, mark = source.name, source.mark
        node = self.parameters.put_in(source.node, self.parameters.named_in(source.node, source.policy), at)
        if not isinstance(node, Map):
            self.complaints.add(mark, "wrong-value", f"the state {shown(name)} expects a mapping")
            return None
        model = validated(StateModel, node, self.complaints, f" in the state {shown(name)}", mark)
        if model is None:
            return None
        lowering = Lowering(self.shared, self.complaints, mark)
        opened = lowering.source(model.opened_by, None)
        closed = None if model.closed_by is None else lowering.source(model.closed_by, None)
        if model.lapses_at is not None:
            kind = lowering.attribute_kind(model.lapses_at, opened.types, node["lapses_at"])
            if kind not in (None, "timestamp"):
                place = node["lapses_at"]
                self.complaints.add(place, "comparison", f"`{model.lapses_at}` is {a_kind(kind)}, not a timestamp")
        if model.lapses_at is not None and model.lapses_after is not None:
            message = f"the state {shown(name)} has both `lapses_after` and `lapses_at`"
            self.complaints.add(node.key_marks["lapses_at"], "wrong-value", message, "leave one of them out")
        per: Scope = "relationship" if model.per == "relationship" else "practitioner"
        unnumbered = State(name, 0, opened, closed, model.lapses_after, model.lapses_at, per)
        states = self.shared.states
        return states.setdefault(unnumbered, replace(unnumbered, number=len(states)))

    def _rule(self, source: RuleSource) -> Rule | None:
        form = form_of(source, self.complaints)
        used = self.parameters.named_in(source.node, source.policy)
        if form is None:
            return None
        dated = [*used.values(), *self._parameters_of_states(source.node)]
        cuts = sorted({moment for start in starts(dated) if (moment := self.shared.moment(start)) is not None})
        bounds: list[tuple[int | None, int | None]] = list(zip([None, *cuts], [*cuts, None], strict=True))
        before = len(self.complaints.found)
        heads: list[Rule] = []
        variants = []
        for start, end in bounds:
            found = self._variant(source, form, self.parameters.put_in(source.node, used, start), start, end)
            if found is None:
                self.parameters.name_where_they_stand(before, used, source.id)
                return None
            head, variant = found
            heads.append(head)
            if variant.start is None or variant.end is None or variant.start < variant.end:
                variants.append(variant)
        self._check_heads(heads, source.node)
        wordings = [head.wording for head in heads]
        changed = any(wording != wordings[-1] for wording in wordings)
        earlier = tuple(zip(cuts, wordings, strict=False)) if changed else ()
        return replace(heads[-1], variants=tuple(variants), earlier=earlier)

    def _check_heads(self, heads: list[Rule], node: Map) -> None:
        """Complain of what a rule can be for all times alone, where a parameter changes it."""
        for key, name in _HEAD.items():
            if any(getattr(head, name) != getattr(heads[0], name) for head in heads):
                hint = "make two rules, each with `effective`"
                self.complaints.add(node.key_marks[key], "wrong-value", f"`{key}` cannot change with time", hint)

    def _parameters_of_states(self, node: Map) -> list[Parameter]:
        """The parameters of the states that a rule names."""
        words = words_of(node)
        named = [state for name, state in self.states.items() if name in words]
        return [each for state in named for each in self.parameters.named_in(state.node, state.policy).values()]

    def _variant(
        self, source: RuleSource, form: type[FormModel], node: Map, start: int | None, end: int | None
    ) -> tuple[Rule, Variant] | None:
        before = len(self.complaints.found)
        model = validated(form, node, self.complaints, f" in `{source.id}`", source.mark) or remains(form, node)
        if model is None:
            return None
        lowering = Lowering(self.shared, self.complaints, source.mark, self._states(node, start))
        lowered = model.lower(node, lowering)
        if lowered is None:
            return None
        plan_form, types = lowered
        self._check_key(model, types, node, source)
        variant = self._around(model, node, lowering, types, plan_form, start, end)
        message = self._sentence("message", model, node, lowering, types)
        duty = self._sentence("duty", model, node, lowering, types)
        if len(self.complaints.found) > before or message is None:
            return None
        cites = tuple(model.cites) if source.cites is None else source.cites
        rule = Rule(
            id=source.id,
            policy=source.policy,
            title=model.title,
            level=model.level,
            families=tuple(sorted(set(model.family))),
            per=lowering.scope(model.per, types),
            absolute=model.absolute,
            wording=Wording(message, duty, model.remedy or ""),
            cites=cites,
            basis=tuple(model.basis),
            variants=(),
            why=model.why or "",
        )
        return rule, variant

    def _states(self, node: Map, at: int | None) -> dict[str, State | None]:
        """The states by name, those that a rule names with the parameters in force from `at` on."""
        words = words_of(node)
        return {name: self._state(state, at) if name in words else None for name, state in self.states.items()}

    def _check_key(self, model: FormModel, types: frozenset[str], node: Map, source: RuleSource) -> None:
        if model.per is None and (model.names_key or FINDING in types):
            what = "`every` and `each` need" if model.names_key else "a rule about findings needs"
            message = f"{what} `per: relationship` or `per: practitioner`"
            self.complaints.add(source.mark, "missing-key", message)
        if model.absolute and model.excused_by:
            message = "nothing excuses an absolute rule"
            self.complaints.add(node.key_marks["excused_by"], "wrong-value", message, "leave `excused_by` out")
        if model.absolute and model.level == "none":
            message = "an absolute rule is always reported, so its level cannot be `none`"
            self.complaints.add(node.key_marks["absolute"], "wrong-value", message)

    def _around(
        self,
        model: FormModel,
        node: Map,
        lowering: Lowering,
        types: frozenset[str],
        form: Any,
        start: int | None,
        end: int | None,
    ) -> Variant:
        every = hasattr(model, "every")
        during = None if model.during is None or every else lowering.state(model.during, node["during"])
        not_during = [
            lowering.state(name, find(node["not_during"], name) or node.key_marks["not_during"])
            for name in model.not_during
        ]
        since: list[SinceEvent | SinceState | None] = [
            lowering.since(clause, types, each)
            for clause, each in zip(model.since, as_list(node.get("since")), strict=False)
        ]
        unless: list[UnlessCondition | Nearby | None] = [lowering.unless(each, types) for each in model.unless]
        if model.effective is not None:
            begins = self.shared.moment(model.effective.start)
            ends = self.shared.moment(model.effective.until)
            if begins is not None and ends is not None and begins >= ends:
                place = node["effective"]["until"]
                self.complaints.add(place, "wrong-value", "`until` does not come after `from`: nothing would be judged")
            start = max((moment for moment in (start, begins) if moment is not None), default=None)
            end = min((moment for moment in (end, ends) if moment is not None), default=None)
        return Variant(
            start=start,
            end=end,
            form=form,
            during=None if during is None else during.number,
            not_during=tuple(state.number for state in not_during if state is not None),
            since=tuple(each for each in since if each is not None),
            unless=tuple(each for each in unless if each is not None),
            excused_by=lowering.nearby(model.excused_by, types),
        )

    def _sentence(
        self, key: str, model: FormModel, node: Map, lowering: Lowering, types: frozenset[str]
    ) -> Template | None:
        """A sentence of a rule (`message`, `duty`) as a template whose gaps the trigger or the finding can fill."""
        text = getattr(model, key)
        if text is None:
            return None
        try:
            template = parse_template(text)
        except ValueError as error:
            piece = str(error).split("`")[1] if "`" in str(error) else ""
            place = self.complaints.lines.inside(node[key].mark, piece)
            self.complaints.add(place, "wrong-value", f"`{key}`: {error}")
            return None
        values = model.message_values(node)
        for gap in template.placeholders():
            declared = [name for name in types if self.shared.vocabulary.attribute(name, gap.name) is not None]
            self.shared.used.update((name, gap.name) for name in declared)
            if gap.name not in values and types and not declared:
                known = [*values, *lowering.reader.known(types)]
                place = self.complaints.lines.inside(node[key].mark, gap.name)
                self.complaints.unknown(place, "placeholder", gap.name, known, f" in `{key}`")
        return template

    def _check_names(self, rules: list[RuleSource], lowered: Mapping[str, Rule]) -> None:
        """Complain of a rule or policy that a rule about findings names and that is not there."""
        ids = {source.id for source in rules}
        policies = {source.policy for source in rules}
        for source in rules:
            rule = lowered.get(source.id)
            conditions = [] if rule is None else finding_conditions(rule, *self._shared())
            for attribute, known in (("rule", ids), ("policy", policies)):
                for name in sorted(constants_of(conditions, attribute) - known):
                    place = find(source.node, name) or source.mark
                    self.complaints.unknown(place, attribute, name, sorted(known))

    def _circle(self, ring: list[str], rules: list[RuleSource]) -> Diagnostic:
        first = next(source for source in rules if source.id == ring[0])
        path = " reads ".join(f"`{name}`" for name in ring)
        message = f"rules about findings go in a circle: {path}"
        return self.complaints.lines.complain(first.mark, "cycle", message)
