"""Rule sets from files: policies, vocabulary, profile and a practice's own settings, checked together, all at once."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from ethics_engine.errors import ConfigError, Diagnostic, EthicsEngineError, RuleError, did_you_mean, shown
from ethics_engine.faults import check_currency
from ethics_engine.located import Lines, Map, Mark, read_yaml
from ethics_engine.memory import collection_paused
from ethics_engine.rules.changes import DEFAULT_PROFILE as DEFAULT_PROFILE
from ethics_engine.rules.changes import GIVEN, Changes
from ethics_engine.rules.fields import Complaints, first_at, remains, validated
from ethics_engine.rules.model import PolicyFile, ProfileFile
from ethics_engine.rules.parameters import Parameter, located, plain, read_parameters
from ethics_engine.rules.rule_set import Policy, RuleSet
from ethics_engine.rules.sources import RuleSource, StateSource
from ethics_engine.vocabulary import Vocabulary, load_vocabulary

_ID = "abcdefghijklmnopqrstuvwxyz0123456789._-"
_PERHAPS_IN_ANOTHER_FILE = ("unknown-parameter", "unknown-policy", "unknown-rule", "unknown-state")


def shipped_rules() -> Path:
    """The folder of the rules that ship with the package."""
    installed = Path(str(resources.files("ethics_engine"))) / "shipped_rules"
    return installed if installed.is_dir() else Path(__file__).resolve().parents[2] / "rules"


SHIPPED = "shipped"
"""Stands for the folder of the rules that ship, where rules are named."""


def _place(path: str | Path) -> Path:
    return shipped_rules() if str(path) == SHIPPED and not Path(path).exists() else Path(path)


def _texts(what: str, given: Any) -> list[Any]:
    """One text or path, or several; raises ConfigError for anything else."""
    several = [given] if isinstance(given, str | Path) else given
    if not isinstance(several, Iterable) or isinstance(several, Mapping | bytes):
        raise ConfigError(f"{what}: expected a text, a path or a list of them, got {shown(given)}")
    found = list(several)
    for each in found:
        if not isinstance(each, str | Path):
            raise ConfigError(f"{what}: expected a text or a path, got {shown(each)}")
    return found


def _check_kinds(profile: Any, parameters: Any, levels: Any, timezone: Any, currency: Any) -> None:
    """Refuse settings of a kind that they cannot have, before anything is read."""
    for name, given in (("profile", profile), ("timezone", timezone), ("currency", currency)):
        if given is not None and not isinstance(given, str):
            raise ConfigError(f"`{name}`: expected a text, got {shown(given)}")
    if not timezone:
        raise ConfigError("`timezone`: expected a name such as Europe/Berlin or UTC")
    for name, given in (("parameters", parameters), ("levels", levels)):
        if given is not None and not isinstance(given, Mapping):
            raise ConfigError(f"`{name}`: expected a mapping of names to values, got {shown(given)}")
    try:
        if currency is not None:
            check_currency(currency)
    except ValueError as error:
        raise ConfigError(f"`currency`: {error}") from None


@collection_paused()
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
    lines: Lines | None = None,
) -> RuleSet:
    """Load rules from policy files or folders; the shipped ones where no path is given, or for the path `shipped`.

    `profile` names a file of `profiles/` (beside the rules, or shipped). `parameters` (by `policy.name`, or nested),
    `levels` (by rule id) and `disabled` (rule ids) are a practice's own settings; they go before the profile's and are
    listed in every report. `vocabulary` files add event types to the core vocabulary. `parameters_from` says where the
    settings come from; `lines` are the lines of that file, for complaints.

    Raises:
        RuleError: a file is wrong; every complaint about every file, in order of position.
        ConfigError: only the settings are wrong: a profile, parameter or rule id that there is none of, a value that
            does not fit.
    """
    lines = lines or Lines()
    _check_kinds(profile, parameters, levels, timezone, currency)
    given = [_place(path) for each in paths for path in _texts("a path of rules", each)]
    if paths and not given:
        raise ConfigError("no rules are named: leave the paths out for the shipped ones")
    vocabulary = _texts("`vocabulary`", vocabulary)
    disabled = _texts("`disabled`", disabled)
    folders = given or [shipped_rules()]
    problems: list[Diagnostic] = []
    policy_files, vocabulary_files = _files(folders, problems)
    trees = _read(policy_files, lines, problems)
    vocabulary_files += map(Path, vocabulary)
    vocabulary_trees = _read(vocabulary_files, lines, problems)
    if len(vocabulary_trees) < len(set(vocabulary_files)):
        raise RuleError(problems)  # without its vocabulary no rule makes sense
    words = _vocabulary(vocabulary_trees, lines, problems)
    complaints = Complaints(lines)
    policies, declared, sources, states = _policies(trees, words, complaints)
    changes = Changes(sources, declared, complaints)
    if profile is not None and (profile != DEFAULT_PROFILE or _profile_path(profile, folders) is not None):
        _apply_profile(changes, profile, folders)
    own = located(parameters if isinstance(parameters, Map) else dict(parameters or {}), GIVEN)
    assert isinstance(own, Map)
    changes.apply_own(own, levels or {}, tuple(disabled), parameters_from)
    content = {
        "vocabulary": [plain(tree) for _, tree in vocabulary_trees],
        "policies": [plain(policy.tree) for policy in sorted(policies, key=lambda policy: policy.name)],
        "profile": profile or DEFAULT_PROFILE,
        "cites": {source.id: list(source.cites) for source in sources.values() if source.cites is not None},
        "overrides": [[one.parameter, one.value] for one in changes.overrides],
    }
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass"))
    rules = RuleSet(
        policies=tuple(policies),
        vocabulary=words,
        sources=tuple(changes.sources.values()),
        states=tuple(states),
        parameters=changes.parameters,
        profile=profile or (DEFAULT_PROFILE if shipped_rules() in folders else None),
        overrides=tuple(changes.overrides),
        digest=f"sha256:{digest.hexdigest()}",
        timezone=timezone,
        currency=currency,
        lines=lines,
    )
    try:
        rules.plan()
    except RuleError as error:
        complaints.found.extend(error.diagnostics)
    if problems:  # what the files that could not be read declare is not known
        problems.extend(each for each in complaints.found if each.code not in _PERHAPS_IN_ANOTHER_FILE)
        raise RuleError(problems)
    if complaints.found:
        raise _error(complaints.found, {GIVEN.file, parameters_from})
    return rules


def _error(found: Sequence[Diagnostic], settings: set[str]) -> EthicsEngineError:
    """The complaints as an error: of the settings where nothing else is wrong."""
    return ConfigError(found) if all(each.file in settings for each in found) else RuleError(found)


def _vocabulary(trees: list[tuple[Path, Map]], lines: Lines, problems: list[Diagnostic]) -> Vocabulary:
    """The vocabulary of the files read, the shipped one first where none is a core; without one nothing is judged."""
    if not any(tree.get("vocabulary") == "core" for _, tree in trees):
        core = shipped_rules() / "vocabulary.yaml"
        trees.insert(0, (core, read_yaml(core, lines)))
    try:
        return load_vocabulary([tree for _, tree in trees], lines)
    except RuleError as error:
        raise RuleError([*problems, *error.diagnostics]) from None


def _files(folders: Sequence[Path], problems: list[Diagnostic]) -> tuple[list[Path], list[Path]]:
    policies: list[Path] = []
    vocabularies: list[Path] = []
    for folder in folders:
        if os.path.isdir(folder):
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
    first: dict[str, Mark] = {}
    for path, tree in trees:
        model = validated(PolicyFile, tree, complaints, " in a policy file", tree.mark) or remains(PolicyFile, tree)
        if model is None:
            continue
        name = model.policy
        if name in first:
            message = f"the policy {shown(name)} stands in two files"
            complaints.add(tree["policy"], "duplicate-policy", message, first_at(first[name]))
            continue
        first[name] = tree["policy"].mark
        policies.append(Policy(path, tree, name, model.title, model.version, model.description or ""))
        parameters.update(read_parameters(name, model.parameters, complaints))
        for state, node in (model.states or {}).items():
            states.append(StateSource(state, name, node, model.states.key_marks[state]))
        for rule, node in model.rules.items():
            mark = model.rules.key_marks[rule]
            if rule in sources:
                message = f"the rule {shown(rule)} stands in two files"
                complaints.add(mark, "duplicate-rule", message, first_at(sources[rule].mark))
            elif not isinstance(node, Map):
                complaints.add(mark, "wrong-value", f"the rule {shown(rule)} expects a mapping")
            elif not rule or any(letter not in _ID for letter in rule):
                message = f"{shown(rule)} is not a rule id"
                complaints.add(mark, "wrong-value", message, "lower-case letters, digits, `.`, `-` and `_`")
            else:
                sources[rule] = RuleSource(rule, name, node, mark, enabled=True)
    return policies, parameters, sources, states


def _profile_path(name: str, folders: Sequence[Path]) -> Path | None:
    if "/" in name or "\\" in name or name.startswith("."):
        return None
    places = [*(folder for folder in folders if os.path.isdir(folder)), shipped_rules()]
    candidates = [folder / "profiles" / f"{name}.yaml" for folder in places]
    return next((path for path in candidates if os.path.isfile(path)), None)


def profile_names(folders: Sequence[Path] = ()) -> list[str]:
    """The profiles at hand: beside the rules, and shipped."""
    places = [*folders, shipped_rules()]
    return sorted({path.stem for folder in places for path in (folder / "profiles").glob("*.yaml")})


def unknown_profile(name: str, folders: Sequence[Path]) -> tuple[str, str] | None:
    """What is said of a profile that is neither beside the rules in `folders` nor shipped, with a hint."""
    if name == DEFAULT_PROFILE or _profile_path(name, folders) is not None:
        return None
    known = profile_names([folder for folder in folders if os.path.isdir(folder)])
    return f"unknown profile {shown(name)}", did_you_mean(name, known) or f"there are: {', '.join(known)}"


def _apply_profile(changes: Changes, name: str, folders: Sequence[Path]) -> None:
    path = _profile_path(name, folders)
    if path is None:
        raise ConfigError("; ".join(unknown_profile(name, folders) or ()))
    try:
        tree = read_yaml(path, changes.complaints.lines)
    except RuleError as error:
        changes.complaints.found.extend(error.diagnostics)
        return
    model = validated(ProfileFile, tree, changes.complaints, " in a profile", tree.mark)
    if model is not None:
        changes.apply_profile(model, tree)
