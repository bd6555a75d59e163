"""How strong the tests of rules are: what each rule was seen to do, and which wrongs no test notices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ethics_engine.engines.live import LiveEvaluator
from ethics_engine.errors import RuleError
from ethics_engine.rules.parameters import names_in, substituted
from ethics_engine.rules.planner import Planner
from ethics_engine.rules.rule_set import RuleSet, zone_named
from ethics_engine.rules.sources import RuleSource
from ethics_engine.ruletests.comparing import TestResult, compare
from ethics_engine.ruletests.mutants import Mutant, mutants
from ethics_engine.ruletests.reading import RuleTest
from ethics_engine.ruletests.running import Runner, judged, settings_of

SEEN = ("fired", "clear", "excused", "waived", "untold", "pending")


@dataclass(frozen=True, slots=True)
class Coverage:
    """In how many of its own tests a rule was seen to fire, to stay clear and so on."""

    rule: str
    counts: Mapping[str, int]

    @property
    def covered(self) -> bool:
        """Whether some test saw the rule fire (or be excused) and some saw it stay clear."""
        fired = self.counts["fired"] + self.counts["excused"] + self.counts["waived"]
        return fired > 0 and self.counts["clear"] + self.counts["pending"] + self.counts["untold"] > 0


def coverage(rules: RuleSet, results: Iterable[TestResult], feeding: Mapping[str, set[str]]) -> list[Coverage]:
    """The coverage of every enabled rule; a rule of level none is seen through the rules that it feeds."""
    counts: dict[str, dict[str, int]] = {
        source.id: dict.fromkeys(SEEN, 0) for source in rules.sources if source.enabled
    }
    for result in results:
        rule = result.test.model.rule
        for name in [rule, *feeding.get(rule or "", ())]:
            if name in counts:
                for seen in result.seen:
                    counts[name][seen] += 1
    return [Coverage(rule, seen) for rule, seen in counts.items()]


def feeders(rules: RuleSet) -> dict[str, set[str]]:
    """For each rule about findings, the rules of level none behind it, at any remove: its tests are theirs."""
    plan = rules.plan()
    direct = {
        rule: [name for name in others or () if plan.rules[name].level == "none"] for rule, others in plan.reads.items()
    }
    found: dict[str, set[str]] = {}
    for rule in direct:
        if plan.rules[rule].level != "none":
            found[rule] = _needed(rule, direct) - {rule}
    return found


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that no test noticed."""

    rule: str
    change: str


@dataclass(frozen=True, slots=True)
class MutationResult:
    """How many mutants there were, and which of them no test noticed."""

    mutants: int
    survivors: tuple[Survivor, ...]

    @property
    def killed(self) -> float:
        """The share of mutants that some test noticed, from 0 to 1."""
        return 1.0 if not self.mutants else 1 - len(self.survivors) / self.mutants


def mutate(runner: Runner, tests: Sequence[RuleTest], only: Sequence[str] = ()) -> Iterator[tuple[str, MutationResult]]:
    """The mutants of each rule against the tests that name it.

    A rule whose tests run under several profiles or parameters is changed under the settings that most of them have;
    what no test notices there is changed in the same way under the other settings too.
    """
    through = {name: rule for rule, others in feeders(runner.rules).items() for name in others}
    for source in runner.rules.sources:
        if not source.enabled or (only and source.id not in only):
            continue
        reader = through.get(source.id, source.id)
        about = [test for test in tests if test.model.rule in (source.id, reader)]
        first, *others = _settings(runner, source.id, about)
        made = _judged_mutants(*first, source.id, reader)
        left = {key for key, noticed in made.items() if noticed is False}
        for rules, own in others if left else ():
            again = _judged_mutants(rules, own, source.id, reader, left)
            left -= {key for key, noticed in again.items() if noticed}
        survivors = tuple(Survivor(source.id, change) for change, number in made if (change, number) in left)
        yield source.id, MutationResult(sum(noticed is not None for noticed in made.values()), survivors)


def _settings(runner: Runner, rule: str, tests: Sequence[RuleTest]) -> list[tuple[RuleSet, list[RuleTest]]]:
    """The settings that some tests have, as rule sets, each with its tests.

    First come those under which the rule is reported and that most tests have.
    """
    groups: dict[str, list[RuleTest]] = {}
    for test in tests:
        groups.setdefault(settings_of(test.model), []).append(test)
    found = [(runner.rule_set(group[0]), group) for group in groups.values()] or [(runner.rules, [])]

    def weight(entry: tuple[RuleSet, list[RuleTest]]) -> tuple[bool, int]:
        planned = entry[0].plan().rules.get(rule)
        return planned is not None and planned.level != "none", len(entry[1])

    return sorted(found, key=weight, reverse=True)


def _judged_mutants(
    rules: RuleSet, tests: Sequence[RuleTest], rule: str, reader: str, only: Collection[tuple[str, int]] | None = None
) -> dict[tuple[str, int], bool | None]:
    """For each mutant, by its change and the number of that change, whether a test notices it; None for no valid rule.

    A rule that reads findings is judged among all rules, as a mutant of it may read more; any other with those that
    its reader needs.
    """
    source = next(each for each in rules.sources if each.id == rule)
    reads = rules.plan().reads
    needed = {each.id for each in rules.sources} if reads.get(rule) is not None else _needed(reader, reads)
    found: dict[tuple[str, int], bool | None] = {}
    counts: Counter[str] = Counter()
    for mutant in mutants(_written_out(source, rules).node):
        key = (mutant.change, counts[mutant.change])
        counts[mutant.change] += 1
        if only is None or key in only:
            found[key] = _noticed(rules, source, mutant, needed, tests)
    return found


def _needed(rule: str, table: Mapping[str, Sequence[str] | None] | Mapping[str, list[str]]) -> set[str]:
    """A rule and all the rules whose findings it reads, at any remove."""
    found: set[str] = set()
    todo = [rule]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(table.get(name) or ())
    return found


def _written_out(source: RuleSource, rules: RuleSet) -> RuleSource:
    """A rule with its undated parameters written out, so that each use can be changed by itself."""
    values = {}
    for name, _ in names_in(source.node):
        parameter = rules.parameters[name if "." in name else f"{source.policy}.{name}"]
        if len(parameter.entries) == 1 and parameter.entries[0].start is None:
            values[name] = parameter.entries[0].value
    return replace(source, node=substituted(source.node, values))


def _noticed(
    rules: RuleSet, source: RuleSource, mutant: Mutant, needed: set[str], tests: Sequence[RuleTest]
) -> bool | None:
    """Whether a test fails under the mutant; None where the mutant is no valid rule."""
    changed = replace(source, node=mutant.node)
    sources = [changed if each.id == source.id else each for each in rules.sources if each.id in needed]
    engines: dict[tuple[str, str | None], LiveEvaluator] = {}
    for test in tests:
        key = (test.model.timezone, test.model.currency)
        if key not in engines:
            planner = Planner(rules.vocabulary, zone_named(key[0]), key[1], rules.lines)
            try:
                engines[key] = LiveEvaluator(planner.plan(list(rules.states), sources, rules.parameters), "python")
            except RuleError:
                return None
        if not compare(test, judged(test, engines[key])).passed:
            return True
    return False
