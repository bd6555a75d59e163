"""What property tests draw: situations (rules, a log, a practice), as plain data for the oracle and as files for the
engine. `HYPOTHESIS_PROFILE=thorough` draws 2000 of them a test instead of 100."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from drawn_logs import PRACTICE, as_ofs, logs
from drawn_policies import policies
from drawn_times import Setting, settings_of_practice
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from oracle import Verdict, judge
from small_vocabulary import VOCABULARY

from ethics_engine import RuleSet, load_rules

__all__ = ["VOCABULARY", "Setting", "Situation", "logs", "policies", "settings_of_practice", "situations"]

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile("default", max_examples=100, deadline=None, suppress_health_check=SLOW)
settings.register_profile("thorough", max_examples=2000, deadline=None, suppress_health_check=SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@dataclass(frozen=True)
class Situation:
    """Rules, a log, and what a practice says of itself."""

    policies: list[dict[str, Any]]
    log: list[dict[str, Any]]
    as_of: str | None
    setting: Setting

    def verdict(self) -> Verdict:
        """What the oracle says."""
        return judge(
            {"policies": self.policies},
            self.log,
            VOCABULARY,
            as_of=self.as_of,
            timezone=self.setting.timezone,
            currency=self.setting.currency,
        )

    def files(self) -> dict[str, str]:
        """The rule files, the vocabulary among them, by name."""
        return {"vocabulary.yaml": as_yaml(VOCABULARY)} | {
            f"{policy['policy']}.yaml": as_yaml(policy) for policy in self.policies
        }

    def write(self, folder: Path) -> Path:
        """Put the rule files into a folder, and nothing else of that kind."""
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.yaml"):
            old.unlink()
        for name, content in self.files().items():
            (folder / name).write_text(content, encoding="utf-8")
        return folder

    def load(self, folder: Path) -> RuleSet:
        """The rules as the engine reads them from files."""
        return load_rules(self.write(folder), timezone=self.setting.timezone, currency=self.setting.currency)

    def with_policies(self, policies: list[dict[str, Any]]) -> Situation:
        """The same situation under other rules."""
        return replace(self, policies=policies)


def as_yaml(tree: Any) -> str:
    """Plain data as YAML, without anchors."""

    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    return yaml.dump(tree, Dumper=Plain, sort_keys=False, allow_unicode=True)


def spoken_of(node: Any) -> set[str]:
    """The types of the practice that rules name anywhere, those of a state with it."""
    if isinstance(node, list):
        return {name for one in node for name in spoken_of(one)}
    if isinstance(node, dict):
        return {name for one in node.values() for name in spoken_of(one)}
    if node in VOCABULARY["states"]:
        return spoken_of(VOCABULARY["states"][node])
    return {name for name in PRACTICE if name == node or (node == "session.*" and name.startswith("session."))}


@st.composite
def situations(
    draw: st.DrawFn,
    *,
    most_rules: int = 3,
    most_events: int = 25,
    about_findings: bool = True,
    amended: bool = True,
    timeless: bool = False,
) -> Situation:
    """A situation of a practice. `about_findings`: with rules about findings; `amended`: with amendments; `timeless`:
    in UTC, and nothing is dated or counted by calendar months or years."""
    setting = draw(settings_of_practice(timeless))
    rules = draw(policies(setting, most=most_rules, about_findings=about_findings))
    ids = [name for policy in rules for name in policy["rules"]]
    types = sorted(spoken_of(rules))
    log = draw(logs(setting, ids, most=most_events, types=types, amended=amended))
    return Situation(rules, log, draw(as_ofs(setting, log)), setting)
