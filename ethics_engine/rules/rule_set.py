"""A rule set: policies that were checked together, ready to be lowered for any practice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ethics_engine.calendars import Zone
from ethics_engine.errors import ConfigError
from ethics_engine.faults import check_currency
from ethics_engine.findings import Override, PolicyInUse, RulesInUse
from ethics_engine.located import Lines, Map
from ethics_engine.plan import Plan
from ethics_engine.rules.parameters import Parameter
from ethics_engine.rules.planner import Planner
from ethics_engine.rules.sources import RuleSource, StateSource
from ethics_engine.vocabulary import Vocabulary


@dataclass(frozen=True)
class Policy:
    """One policy file, read and checked in its outline."""

    file: Path
    tree: Map
    name: str
    title: str
    version: str
    description: str


@dataclass(frozen=True)
class RuleSet:
    """Rules ready to judge, for the time zone and currency of any practice.

    `plan()` lowers them; what it needs was checked when they were loaded.
    """

    policies: tuple[Policy, ...]
    vocabulary: Vocabulary
    sources: tuple[RuleSource, ...]
    states: tuple[StateSource, ...]
    parameters: Mapping[str, Parameter]
    profile: str | None
    overrides: tuple[Override, ...]
    digest: str
    timezone: str = "UTC"
    currency: str | None = None
    lines: Lines = field(default_factory=Lines, repr=False)
    _plans: dict[tuple[str, str | None], Plan] = field(default_factory=dict, repr=False, compare=False)

    def plan(self, timezone: str | None = None, currency: str | None = None) -> Plan:
        """The rules lowered for a practice's time zone (an IANA name) and currency (ISO 4217).

        Raises:
            ConfigError: the time zone is not known, or the currency is none.
            RuleError: a rule is wrong (already raised by `load_rules` for the rule set's own time zone).
        """
        try:
            if currency is not None:
                check_currency(currency)
        except ValueError as error:
            raise ConfigError(f"currency: {error}", field="currency") from None
        key = (timezone or self.timezone, currency or self.currency)
        if key not in self._plans:
            planner = Planner(self.vocabulary, zone_named(key[0]), key[1], self.lines)
            self._plans[key] = planner.plan(list(self.states), list(self.sources), self.parameters)
        return self._plans[key]

    def in_use(self) -> RulesInUse:
        """What a report says of the rules: digest, policies, profile and overrides."""
        counts: dict[str, int] = {}
        for source in self.sources:
            if source.enabled:
                counts[source.policy] = counts.get(source.policy, 0) + 1
        policies = tuple(
            PolicyInUse(policy.name, policy.version, counts.get(policy.name, 0))
            for policy in sorted(self.policies, key=lambda policy: policy.name)
        )
        return RulesInUse(self.digest, policies, self.profile, self.overrides)


@lru_cache(maxsize=64)
def zone_named(name: str) -> Zone:
    """The time zone of an IANA name; raises ConfigError where there is none."""
    try:
        return Zone(name)
    except ValueError as error:
        raise ConfigError(str(error)) from None
