"""All that the pages are made from: rules under every profile, the names of their tests, the statements of a source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from ethics_engine.documenting.statements import Statements
from ethics_engine.errors import RuleError
from ethics_engine.located import Lines
from ethics_engine.plan import Rule
from ethics_engine.rules.fields import Complaints
from ethics_engine.rules.loader import DEFAULT_PROFILE, load_rules, profile_names
from ethics_engine.rules.parameters import Parameter, plain
from ethics_engine.rules.rule_set import Policy, RuleSet
from ethics_engine.rules.sources import RuleSource
from ethics_engine.scalars import format_instant

MADE = "<!-- Made from the rule files by `ethics-engine rules docs`; a change by hand is lost. -->"
"""The first line of every page that is made."""


@dataclass(frozen=True)
class Library:
    """Rules with what is known about them.

    `tests` are the names of the tests of each rule, by its id; `home` is the way from the folder of the policy pages to
    that of the rule files.
    """

    rules: RuleSet
    profiles: Mapping[str, RuleSet]
    tests: Mapping[str, Sequence[str]]
    statements: Statements | None
    home: str

    @staticmethod
    def open(folder: Path, tests: Mapping[str, Sequence[str]], statements: Statements | None, home: str) -> Library:
        """The rules of a folder, under the profiles beside them and those that ship.

        Raises:
            RuleError: a rule is wrong, or cites a statement that there is none of.
        """
        rules = load_rules(folder)
        names = [name for name in profile_names([folder]) if name != DEFAULT_PROFILE]
        library = Library(rules, {name: load_rules(folder, profile=name) for name in names}, tests, statements, home)
        library.check()
        return library

    def check(self) -> None:
        """Raise RuleError where a rule cites a statement that the source does not have."""
        if self.statements is None:
            return
        complaints, known = Complaints(self.rules.lines or Lines()), self.statements.statements
        for source in self.rules.sources:
            for clause in self.rule(source.id).cites:
                prefix, _, number = clause.partition(":")
                if prefix == self.statements.source and number not in known:
                    complaints.unknown(source.node["cites"], "statement", number, list(known))
        if complaints.found:
            raise RuleError(complaints.found)

    @cached_property
    def entries(self) -> dict[str, RuleSource]:
        """The rules as written, by id."""
        return {source.id: source for source in self.rules.sources}

    def of_policy(self, policy: Policy) -> list[RuleSource]:
        """The rules of a policy, in the order of its file."""
        return [source for source in self.rules.sources if source.policy == policy.name]

    def rule(self, name: str) -> Rule:
        """A rule as planned under the default profile."""
        return self.rules.plan().rules[name]

    def clauses(self, name: str) -> list[str]:
        """Every clause of a rule: its own, then those that profiles add."""
        clauses = dict.fromkeys(self.rule(name).cites)
        for rules in self.profiles.values():
            under = rules.plan().rules.get(name)
            clauses.update(dict.fromkeys(under.cites if under else ()))
        return list(clauses)

    def levels(self, name: str) -> dict[str, list[str]]:
        """Where other codes differ on a rule's level: the level ('' where it is not judged), and the profiles."""
        own, found = self.rule(name).level, dict[str, list[str]]()
        for profile, rules in self.profiles.items():
            under = rules.plan().rules.get(name)
            level = under.level if under else ""
            if level != own:
                found.setdefault(level, []).append(profile)
        return found

    def values(self, parameter: Parameter) -> dict[str, list[str]]:
        """Where other codes differ on a parameter: the value as written, and the profiles."""
        own, found = written(parameter), dict[str, list[str]]()
        for profile, rules in self.profiles.items():
            value = written(rules.parameters[parameter.name])
            if value != own:
                found.setdefault(value, []).append(profile)
        return found

    def citing(self, statement: str) -> list[str]:
        """The rules that cite a statement of the source, by id."""
        clause = f"{self.statements.source}:{statement}" if self.statements else statement
        return [name for name in sorted(self.entries) if clause in self.rule(name).cites]

    def page_of(self, name: str) -> str:
        """The page on which a rule stands, as a file name."""
        return f"{self.entries[name].policy}.md"


def written(parameter: Parameter) -> str:
    """The value of a parameter as one would write it, with its dates where it has some."""
    return "; ".join(
        _setting(plain(entry.value)) + (f" from {day(entry.start)}" if entry.start is not None else "")
        for entry in parameter.entries
    )


def day(start: int | date) -> str:
    """A date, or an instant in microseconds, as one would write it."""
    return str(start) if isinstance(start, date) else format_instant(start)


def _setting(value: Any) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)
