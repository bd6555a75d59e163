"""What a profile and a practice's own settings change in the rules: parameters, levels, disabled rules, clauses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ethics_engine.findings import LEVELS, Override
from ethics_engine.located import Map, Mark, Node, Seq, Text
from ethics_engine.rules.fields import Complaints
from ethics_engine.rules.model import ProfileFile, as_list
from ethics_engine.rules.parameters import Entry, Parameter, flattened, located, plain, read_parameters
from ethics_engine.rules.sources import RuleSource
from ethics_engine.scalars import format_instant

DEFAULT_PROFILE = "seed-strict"
GIVEN = Mark("<arguments>", 0, 0)
"""The place of what was given in code."""


CODES = frozenset(
    {"apa-2017", "aca-2014", "bacp-2018", "aamft-2015", "nasw-2021", "ukcp-2019", "efpa-2005", "hcpc-2024", "crpo"}
)
"""The professional codes whose clauses the shipped rules cite; a code of one's own is shown under every profile."""


class Changes:
    """The parameters and rules of a rule set while a profile and a practice's settings are put on them."""

    def __init__(
        self, sources: dict[str, RuleSource], parameters: dict[str, Parameter], complaints: Complaints
    ) -> None:
        self.sources = sources
        self.parameters = parameters
        self.complaints = complaints
        self.overrides: list[Override] = []

    def apply_profile(self, profile: ProfileFile, tree: Map) -> None:
        """Put a profile on the rules; what it says of policies that are not loaded is passed over."""
        source = f"profile {profile.profile}"
        for name, (value, mark) in flattened(profile.parameters).items():
            if self._has_policy(name):
                self._parameter(name, value, mark, source)
        for rule, level in (profile.levels or {}).items():
            if self._has_policy(rule):
                self._level(rule, level, source, profile.levels.key_marks[rule])
        for rule in as_list(tree.get("disabled", Seq())):
            if self._has_policy(rule):
                self._disable(rule, source, rule.mark)
        self._show_clauses(profile)

    def _show_clauses(self, profile: ProfileFile) -> None:
        """Show the clauses of the profile's own code and of codes that are not among CODES."""
        extra: dict[str, list[Text]] = {}
        for rule, node in (profile.clauses or {}).items():
            extra[rule] = as_list(node)
            if not all(isinstance(clause, Text) for clause in extra[rule]):
                self.complaints.add(node, "wrong-value", f"`{rule}`: expected a clause or a list of clauses")
            elif self._has_policy(rule):
                self._known(rule, profile.clauses.key_marks[rule])
        if profile.profile == DEFAULT_PROFILE:
            return
        for rule, entry in self.sources.items():
            own = [str(clause) for clause in as_list(entry.node.get("cites", Seq())) if isinstance(clause, Text)]
            shown = [clause for clause in own if clause.split(":")[0] not in CODES - {profile.profile}]
            self._replace(rule, cites=tuple(dict.fromkeys([*shown, *map(str, extra.get(rule, []))])))

    def apply_own(self, parameters: Map, levels: Mapping[str, str], disabled: Sequence[str], source: str) -> None:
        """Put a practice's own settings on the rules; an unknown name is an error."""
        for name, (value, mark) in flattened(parameters).items():
            self._parameter(name, value, mark, source)
        for rule, level in levels.items():
            self._level(rule, located(level, GIVEN), source, GIVEN)
        for rule in disabled:
            self._disable(rule, source, getattr(rule, "mark", GIVEN))

    def _has_policy(self, name: str) -> bool:
        return any(source.policy == name.split(".")[0] for source in self.sources.values())

    def _parameter(self, name: str, value: Node, mark: Mark, source: str) -> None:
        found = self.parameters.get(name)
        if found is None:
            self.complaints.unknown(mark, "parameter", name, list(self.parameters))
            return
        dated = isinstance(value, Seq) and any(isinstance(item, Map) for item in value)
        wrapped = value if dated or isinstance(value, Map) else located({"value": value}, mark)
        fresh = read_parameters(name.split(".")[0], _one(name.split(".", 1)[1], wrapped, mark), self.complaints)
        if name not in fresh:
            return
        before, after = _values(found.entries), _values(fresh[name].entries)
        if before != after:
            self._note(Override(name, before, after, source))
        self.parameters[name] = Parameter(name, mark, fresh[name].entries, found.why, found.source)

    def _note(self, override: Override) -> None:
        earlier = next((one for one in self.overrides if one.parameter == override.parameter), None)
        if earlier is not None:
            self.overrides.remove(earlier)
            override = Override(override.parameter, earlier.default, override.value, override.source)
        self.overrides.append(override)

    def _level(self, rule: str, level: Node, source: str, mark: Mark) -> None:
        entry = self._known(rule, mark)
        if entry is None:
            return
        if not isinstance(level, Text):
            self.complaints.add(level, "wrong-value", f"`{rule}`: expected one of {', '.join(LEVELS)}")
            return
        if level not in LEVELS:
            self.complaints.unknown(level, "level", level, LEVELS)
            return
        before = str(entry.node.get("level", ""))
        if before == level:
            return
        node = Map(entry.node)
        node.mark, node.key_marks, node.key = entry.node.mark, entry.node.key_marks, entry.node.key
        node["level"] = level
        self._note(Override(f"{rule} level", before, str(level), source))
        self._replace(rule, node=node)

    def _disable(self, rule: str, source: str, mark: Mark) -> None:
        if self._known(rule, mark) is not None:
            self._note(Override(f"{rule} enabled", "true", "false", source))
            self._replace(rule, enabled=False)

    def _known(self, rule: str, mark: Mark) -> RuleSource | None:
        entry = self.sources.get(rule)
        if entry is None:
            self.complaints.unknown(mark, "rule", rule, list(self.sources))
        return entry

    def _replace(self, rule: str, **changes: Any) -> None:
        self.sources[rule] = replace(self.sources[rule], **changes)


def _one(name: str, node: Node, mark: Mark) -> Map:
    mapping = Map({name: node})
    mapping.mark, mapping.key_marks = mark, {name: mark}
    return mapping


def _values(entries: Sequence[Entry]) -> Any:
    """The value of a parameter for a report: as it is written, or a list with the days from which each holds."""
    if len(entries) == 1 and entries[0].start is None:
        return plain(entries[0].value)
    return [
        plain(entry.value) if entry.start is None else f"{plain(entry.value)} from {_day(entry.start)}"
        for entry in entries
    ]


def _day(start: Any) -> str:
    return format_instant(start) if isinstance(start, int) else str(start)
