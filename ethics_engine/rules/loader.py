"""Rule sets from files: policies, vocabulary, profile and a practice's own settings, checked together and all at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from ethics_engine.calendars import Zone
from ethics_engine.errors import ConfigError, Diagnostic, RuleError
from ethics_engine.findings import LEVELS, Override, PolicyInUse, RulesInUse
from ethics_engine.located import Lines, Map, Mark, Node, Text, read_yaml
from ethics_engine.plan import Plan
from ethics_engine.rules.fields import Complaints, validated
from ethics_engine.rules.model import PolicyFile, ProfileFile
from ethics_engine.rules.parameters import Parameter, flattened, located, plain, read_parameters
from ethics_engine.rules.planner import Planner, RuleSource, StateSource
from ethics_engine.vocabulary import Vocabulary, load_vocabulary

DEFAULT_PROFILE = "seed-strict"
_GIVEN = Mark("<arguments>", 1, 1)
_ID = "abcdefghijklmnopqrstuvwxyz0123456789._-"


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
            ConfigError: the time zone is not known.
            RuleError: a rule is wrong (already raised by `load_rules` for the rule set's own time zone).
        """
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


def shipped_rules() -> Path:
    """The folder of the rules that ship with the package."""
    installed = Path(str(resources.files("ethics_engine"))) / "shipped_rules"
    return installed if installed.is_dir() else Path(__file__).resolve().parents[2] / "rules"


def load_rules(
    *paths: str | Path | Iterable[str | Path],
    profile: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    levels: Mapping[str, str] | None = None,
    disabled: Iterable[str] = (),
    vocabulary: Iterable[str | Path] = (),
    timezone: str = "UTC",
    currency: str | None = None,
    parameters_from: str = "arguments",
) -> RuleSet:
    """Load rules from policy files or folders; the shipped ones where no path is given.

    `profile` names a file of `profiles/` (beside the rules, or shipped). `parameters` (by `policy.name`, or nested),
    `levels` (by rule id) and `disabled` (rule ids) are a practice's own settings; they go before the profile's and are
    listed in every report. `vocabulary` files add event types to the core vocabulary.

    Raises:
        RuleError: a file is wrong; every complaint about every file, in order of position.
        ConfigError: a profile, parameter or rule id that there is none of.
    """
    lines = Lines()
    given = [Path(path) for each in paths for path in ([each] if isinstance(each, str | Path) else each)]
    folders = given or [shipped_rules()]
    problems: list[Diagnostic] = []
    policy_files, vocabulary_files = _files(folders, problems)
    trees = _read(policy_files, lines, problems)
    vocabulary_trees = _read([*vocabulary_files, *map(Path, vocabulary)], lines, problems)
    if problems:
        raise RuleError(problems)
    if not any(tree.get("vocabulary") == "core" for _, tree in vocabulary_trees):
        core = shipped_rules() / "vocabulary.yaml"
        vocabulary_trees.insert(0, (core, read_yaml(core, lines)))
    words = load_vocabulary([tree for _, tree in vocabulary_trees], lines)
    complaints = Complaints(lines)
    policies, declared, sources, states = _policies(trees, words, complaints)
    settings = _Settings(sources, declared, complaints)
    if profile is not None and (profile != DEFAULT_PROFILE or _profile_path(profile, folders) is not None):
        settings.apply_profile(_profile(profile, folders, lines, complaints))
    own = located(dict(parameters or {}), _GIVEN)
    settings.apply_own(own, levels or {}, tuple(disabled), parameters_from)
    if complaints.found:
        raise RuleError(complaints.found)
    content = {
        "vocabulary": [plain(tree) for _, tree in vocabulary_trees],
        "policies": [plain(policy.tree) for policy in sorted(policies, key=lambda policy: policy.name)],
        "profile": profile or DEFAULT_PROFILE,
        "overrides": [[one.parameter, one.value] for one in settings.overrides],
    }
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass"))
    rules = RuleSet(
        policies=tuple(policies),
        vocabulary=words,
        sources=tuple(settings.sources.values()),
        states=tuple(states),
        parameters=settings.parameters,
        profile=profile or DEFAULT_PROFILE,
        overrides=tuple(settings.overrides),
        digest=f"sha256:{digest.hexdigest()}",
        timezone=timezone,
        currency=currency,
        lines=lines,
    )
    rules.plan()
    return rules


def _files(folders: Sequence[Path], problems: list[Diagnostic]) -> tuple[list[Path], list[Path]]:
    policies: list[Path] = []
    vocabularies: list[Path] = []
    for folder in folders:
        if folder.is_dir():
            found = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml") and path.is_file())
            if not found:
                problems.append(Diagnostic("no-rules", "the folder holds no rule file (*.yaml)", str(folder)))
        else:
            found = [folder]
        for path in found:
            (vocabularies if path.stem == "vocabulary" else policies).append(path)
    return policies, vocabularies


def _read(paths: Iterable[Path], lines: Lines, problems: list[Diagnostic]) -> list[tuple[Path, Map]]:
    trees = []
    for path in dict.fromkeys(paths):
        try:
            trees.append((path, read_yaml(path, lines)))
        except RuleError as error:
            problems.extend(error.diagnostics)
    return trees


def _policies(
    trees: Sequence[tuple[Path, Map]], vocabulary: Vocabulary, complaints: Complaints
) -> tuple[list[Policy], dict[str, Parameter], dict[str, RuleSource], list[StateSource]]:
    policies: list[Policy] = []
    parameters: dict[str, Parameter] = {}
    sources: dict[str, RuleSource] = {}
    states = [StateSource(name, "", node, node.mark) for name, node in vocabulary.states.items()]
    for path, tree in trees:
        model = validated(PolicyFile, tree, complaints, " in a policy file", tree.mark)
        if model is None:
            continue
        name = model.policy
        if any(policy.name == name for policy in policies):
            complaints.add(tree["policy"], "duplicate-policy", f"the policy `{name}` stands in two files")
            continue
        policies.append(Policy(path, tree, name, model.title, model.version, model.description or ""))
        parameters.update(read_parameters(name, model.parameters, complaints))
        for state, node in (model.states or {}).items():
            states.append(StateSource(state, name, node, model.states.key_marks[state]))
        for rule, node in model.rules.items():
            mark = model.rules.key_marks[rule]
            if rule in sources:
                complaints.add(mark, "duplicate-rule", f"the rule `{rule}` stands in two files")
            elif not isinstance(node, Map):
                complaints.add(mark, "wrong-value", f"the rule `{rule}` expects a mapping")
            elif not rule or any(letter not in _ID for letter in rule):
                message = f"`{rule}` is not a rule id: lower-case letters, digits, `.`, `-` and `_`"
                complaints.add(mark, "wrong-value", message)
            else:
                sources[rule] = RuleSource(rule, name, node, mark, enabled=True)
    return policies, parameters, sources, states


def _profile_path(name: str, folders: Sequence[Path]) -> Path | None:
    places = [*(folder for folder in folders if folder.is_dir()), shipped_rules()]
    candidates = [folder / "profiles" / f"{name}.yaml" for folder in places]
    return next((path for path in candidates if path.is_file()), None)


def profile_names(folders: Sequence[Path] = ()) -> list[str]:
    """The profiles at hand: beside the rules, and shipped."""
    places = [*folders, shipped_rules()]
    return sorted({path.stem for folder in places for path in (folder / "profiles").glob("*.yaml")})


def _profile(name: str, folders: Sequence[Path], lines: Lines, complaints: Complaints) -> ProfileFile:
    path = None if "/" in name or "\\" in name or name.startswith(".") else _profile_path(name, folders)
    if path is None:
        known = profile_names([folder for folder in folders if folder.is_dir()])
        raise ConfigError(f"unknown profile `{name}`; there are: {', '.join(known)}")
    tree = read_yaml(path, lines)
    model = validated(ProfileFile, tree, complaints, " in a profile", tree.mark)
    if model is None:
        raise RuleError(complaints.found)
    return model


class _Settings:
    """The parameters, levels and rules of a rule set while a profile and a practice's settings are put on them."""

    def __init__(
        self, sources: dict[str, RuleSource], parameters: dict[str, Parameter], complaints: Complaints
    ) -> None:
        self.sources = sources
        self.parameters = parameters
        self.complaints = complaints
        self.overrides: list[Override] = []

    def apply_profile(self, profile: ProfileFile) -> None:
        """Put a profile on the rules; what it says of policies that are not loaded is passed over."""
        source = f"profile {profile.profile}"
        for name, (value, mark) in flattened(profile.parameters).items():
            if self._has_policy(name):
                self._parameter(name, value, mark, source)
        for rule, level in (profile.levels or {}).items():
            if self._has_policy(rule):
                self._level(rule, level, source, profile.levels.key_marks[rule])
        for rule in profile.disabled:
            if self._has_policy(rule):
                self._disable(rule, source, _GIVEN)
        clauses = profile.clauses or {}
        for rule, entry in self.sources.items():
            own = [str(clause) for clause in entry.node.get("cites", []) if isinstance(clause, Text)]
            extra = [str(clause) for clause in clauses.get(rule, [])]
            if profile.profile != DEFAULT_PROFILE:
                shown = [clause for clause in own if clause.split(":")[0] in ("seed", profile.profile)]
                self._replace(rule, cites=tuple(dict.fromkeys([*shown, *extra])))

    def apply_own(self, parameters: Node, levels: Mapping[str, str], disabled: Sequence[str], source: str) -> None:
        """Put a practice's own settings on the rules; an unknown name is an error."""
        assert isinstance(parameters, Map)
        for name, (value, mark) in flattened(parameters).items():
            self._parameter(name, value, mark, source)
        for rule, level in levels.items():
            self._level(rule, Text(level, _GIVEN), source, _GIVEN)
        for rule in disabled:
            self._disable(rule, source, getattr(rule, "mark", _GIVEN))

    def _has_policy(self, name: str) -> bool:
        return any(source.policy == name.split(".")[0] for source in self.sources.values())

    def _parameter(self, name: str, value: Node, mark: Mark, source: str) -> None:
        found = self.parameters.get(name)
        if found is None:
            self.complaints.unknown(mark, "parameter", name, list(self.parameters))
            return
        wrapped = located({"value": value}, mark) if not isinstance(value, Map) else value
        fresh = read_parameters(name.split(".")[0], _one(name.split(".", 1)[1], wrapped, mark), self.complaints)
        if name not in fresh:
            return
        before = [plain(entry.value) for entry in found.entries]
        after = [plain(entry.value) for entry in fresh[name].entries]
        if before != after:
            one = Override(
                name, before[0] if len(before) == 1 else before, after[0] if len(after) == 1 else after, source
            )
            self._note(one)
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
        if level not in LEVELS:
            self.complaints.unknown(level if isinstance(level, Text) else mark, "level", plain(level), LEVELS)
            return
        before = str(entry.node.get("level", ""))
        if before == level:
            return
        node = Map(entry.node)
        node.mark, node.key_marks = entry.node.mark, entry.node.key_marks
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
