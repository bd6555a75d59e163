"""What is doubtful about rules that load: a rule that can never fire, a copy, a loose end for those who read it.

A warning has a place, as an error has. `tested` names the rules that some test is about; without it nothing is said of
tests.
"""

from __future__ import annotations

from collections.abc import Collection

from ethics_engine.conditions import All, Condition
from ethics_engine.errors import Diagnostic, shown
from ethics_engine.located import Mark
from ethics_engine.plan import Chain, Forbid, Limit, Plan, Quota, Rule, Source, Terms, Variant
from ethics_engine.rules.parameters import names_in
from ethics_engine.rules.rule_set import RuleSet
from ethics_engine.scalars import MICRO


def lint(rules: RuleSet, tested: Collection[str] | None = None) -> list[Diagnostic]:
    """Every warning about a rule set, in order of position."""
    linter = _Linter(rules)
    linter.run(tested)
    return sorted(linter.found, key=Diagnostic.sort_key)


class _Linter:
    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self.plan: Plan = rules.plan()
        self.marks = {source.id: source.mark for source in rules.sources}
        self.found: list[Diagnostic] = []

    def run(self, tested: Collection[str] | None) -> None:
        for rule in self.plan.rules.values():
            for variant in rule.variants:
                self._never(rule, variant)
            self._loose_ends(rule, tested)
        self._copies()
        self._unused()

    def _warn(self, place: str | Mark, code: str, message: str, hint: str | None = None) -> None:
        mark = place if isinstance(place, Mark) else self.marks[place]
        self.found.append(self.rules.lines.complain(mark, code, message, hint))

    def _never(self, rule: Rule, variant: Variant) -> None:
        """A rule that no log can break."""
        form = variant.form
        if variant.start is not None and variant.end is not None and variant.start >= variant.end:
            self._warn(rule.id, "never-fires", f"`{rule.id}` is never in force: `effective` ends before it begins")
        if isinstance(form, Limit) and isinstance(form.to, int):
            most = self._most(form)
            if most is not None and form.to >= most * MICRO:
                what = form.measure.kind
                self._warn(rule.id, "never-fires", f"`{rule.id}` can never fire: its {what} is never above {most}")
        if (
            isinstance(form, Limit)
            and form.measure.kind == "count"
            and form.within == 0
            and not isinstance(form.to, Terms)
        ):
            message = f"`{rule.id}` only counts events of one instant: `within` is 0"
            self._warn(rule.id, "short-window", message)
        if isinstance(form, Chain) and form.within < len(form.earlier):
            message = f"`{rule.id}` can never fire: `within` is shorter than its steps, which rise strictly in time"
            self._warn(rule.id, "short-window", message)
        if isinstance(form, Quota) and form.need <= 0:
            self._warn(rule.id, "never-fires", f"`{rule.id}` can never fire: it asks for nothing")
        if variant.during is not None and variant.during in variant.not_during:
            self._warn(rule.id, "never-fires", f"`{rule.id}` can never fire: one state in `during` and `not_during`")

    def _most(self, form: Limit) -> int | None:
        """The most that a measure can come to, where that is known beforehand."""
        if form.measure.kind == "share":
            assert form.measure.base is not None
            return 1 if _within(form.trigger, form.measure.base) else None
        if form.measure.kind != "distinct" or form.measure.attribute is None:
            return None
        values: set[str] = set()
        for event_type in form.trigger.types:
            attribute = self.plan.vocabulary.attribute(event_type, form.measure.attribute)
            if attribute is None or not attribute.values:
                return None
            values.update(attribute.values)
        return len(values)

    def _loose_ends(self, rule: Rule, tested: Collection[str] | None) -> None:
        """What people who read a finding would miss, and profiles would not find."""
        if not rule.id.startswith(f"{rule.policy}."):
            message = f"`{rule.id}` does not begin with its policy, `{rule.policy}.`: no profile can change it"
            self._warn(rule.id, "rule-id", message)
        for clause in rule.cites:
            if not all(part.strip() for part in clause.partition(":")):
                self._warn(rule.id, "clause", f"`{rule.id}` cites {shown(clause)}", "write `code:number`")
        if rule.level == "none":
            return
        if rule.level in ("violation", "risk") and not rule.wording.remedy:
            self._warn(rule.id, "no-remedy", f"`{rule.id}` says nothing of what to do next", "add `remedy`")
        if not rule.cites:
            self._warn(rule.id, "no-clause", f"`{rule.id}` cites no clause", "add `cites`")
        if tested is not None and rule.id not in tested:
            self._warn(rule.id, "no-test", f"`{rule.id}` has no test")

    def _copies(self) -> None:
        """Rules that say the same, and rules whose triggers another rule of the same form and level finds already."""
        seen: list[Rule] = []
        plain: list[tuple[Rule, Variant]] = []
        for rule in self.plan.rules.values():
            same = [other.id for other in seen if _same(rule, other)]
            if same:
                self._warn(rule.id, "copy", f"`{rule.id}` says the same as `{same[0]}`")
            seen.append(rule)
            if len(rule.variants) == 1 and rule.level != "none":
                plain.append((rule, rule.variants[0]))
        for rule, variant in plain:
            for other, wider in plain:
                if rule is not other and rule.level == other.level and self._shadowed(variant, wider):
                    message = f"everything that `{rule.id}` finds is found by `{other.id}` already"
                    self._warn(rule.id, "shadowed", message)

    def _shadowed(self, narrow: Variant, wide: Variant) -> bool:
        """Whether a plain `forbid` finds only what another finds: the same side tests, more conditions."""
        if not (isinstance(narrow.form, Forbid) and isinstance(wide.form, Forbid)):
            return False
        if narrow.form == wide.form or wide.unless or wide.since or wide.not_during or wide.start or wide.end:
            return False
        if wide.during not in (None, narrow.during) or wide.excused_by != narrow.excused_by:
            return False
        wider = self._conditions(wide.form.trigger)
        narrower = self._conditions(narrow.form.trigger)
        if wider is None or narrower is None:
            return False
        return all(name in wider and _parts(wider[name]) <= _parts(each) for name, each in narrower.items())

    def _conditions(self, source: Source) -> dict[str, Condition] | None:
        """The conditions of a source of one plain selection, by event type."""
        if len(source.members) != 1 or source.members[0].nth is not None:
            return None
        return dict(self.plan.picks[source.members[0].pick].conditions)

    def _unused(self) -> None:
        """Parameters that no rule and no state names."""
        used: set[str] = set()
        for source in self.rules.sources:
            used.update(_full(source.policy, name) for name, _ in names_in(source.node))
        for state in self.rules.states:
            used.update(_full(state.policy, name) for name, _ in names_in(state.node))
        for name, parameter in self.rules.parameters.items():
            if name not in used:
                self._warn(parameter.mark, "unused-parameter", f"no rule uses the parameter `{name}`")
            elif not parameter.why or not parameter.source:
                hint = "add `why` and `source` (code, survey, manual, norm or default)"
                self._warn(parameter.mark, "no-reason", f"the parameter `{name}` gives no reason for its value", hint)


def _same(rule: Rule, other: Rule) -> bool:
    """Whether two rules find the same, at one level."""
    return (rule.per, rule.level, rule.absolute, rule.variants) == (
        other.per,
        other.level,
        other.absolute,
        other.variants,
    )


def _full(policy: str, name: str) -> str:
    return name if "." in name else f"{policy}.{name}"


def _within(part: Source, whole: Source) -> bool:
    """Whether every member of one union is a member of another."""
    return set(part.members) <= set(whole.members)


def _parts(condition: Condition) -> frozenset[Condition]:
    """The conditions that must all hold."""
    return frozenset(condition.items) if isinstance(condition, All) else frozenset({condition})
