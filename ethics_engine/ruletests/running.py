"""Running rule tests: each under its own time zone, currency, profile and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ethics_engine.amendments import apply
from ethics_engine.engines.live import Judgement, LiveEvaluator
from ethics_engine.errors import RuleError
from ethics_engine.rules.loader import load_rules, unknown_profile
from ethics_engine.rules.parameters import plain
from ethics_engine.rules.rule_set import RuleSet
from ethics_engine.ruletests.comparing import TestResult, compare
from ethics_engine.ruletests.reading import RuleTest, TestModel


class Runner:
    """Runs tests; the rule sets of other profiles and parameters are loaded when a test asks for them."""

    def __init__(self, rules: RuleSet, folders: Sequence[Path]) -> None:
        self.rules = rules
        self.folders = folders
        self._sets: dict[str, RuleSet] = {}
        self._engines: dict[tuple[str, str, str | None], LiveEvaluator] = {}

    def run(self, test: RuleTest) -> TestResult:
        """Judge a test's events and compare."""
        return compare(test, judged(test, self._engine(test)))

    def rule_set(self, test: RuleTest) -> RuleSet:
        """The rules under a test's own profile and parameters.

        Raises:
            RuleError: there is no such profile.
            ConfigError: a parameter is not known, or its value does not fit.
        """
        settings = settings_of(test.model)
        if not settings:
            return self.rules
        if settings not in self._sets:
            self._sets[settings] = self._load(test)
        return self._sets[settings]

    def _load(self, test: RuleTest) -> RuleSet:
        profile = test.model.profile
        unknown = None if profile is None else unknown_profile(profile, self.folders)
        if unknown is not None:
            raise RuleError([test.lines.complain(test.node["profile"].mark, "unknown-profile", *unknown)])
        return load_rules(
            self.folders,
            profile=profile,
            parameters=test.model.parameters,
            parameters_from=test.mark.file,
            lines=test.lines,
        )

    def _engine(self, test: RuleTest) -> LiveEvaluator:
        model = test.model
        key = (settings_of(model), model.timezone, model.currency)
        if key not in self._engines:
            plan = self.rule_set(test).plan(model.timezone, model.currency)
            self._engines[key] = LiveEvaluator(plan, "python")
        return self._engines[key]


def settings_of(model: TestModel) -> str:
    """What a test sets of the rules themselves, as one text; empty where it takes them as they are."""
    if model.profile is None and model.parameters is None:
        return ""
    return f"{model.profile} {plain(model.parameters) if model.parameters else ''}"


def judged(test: RuleTest, engine: LiveEvaluator) -> Judgement:
    """A test's events, amendments applied, judged as of its instant."""
    events, _ = apply(test.events, engine.plan.vocabulary, test.as_of)
    return engine.judge(events, test.as_of)
