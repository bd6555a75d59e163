"""A practice's own settings: the file `ethics.yaml`.

    timezone: Europe/Berlin          # weekdays, clock times and calendar periods are read in it
    currency: EUR                    # of every amount that names none
    profile: apa-2017
    parameters:
      touch.document_within: 24h     # or nested: touch: {document_within: 24h}
    disabled: [alliance.low]
    vocabulary: [my-events.yaml]     # more types of events; files are relative to this one
    rules: [my-rules]                # instead of the shipped rules
    fail_on: risk
    log: practice.ndjson             # the practice's own log, which `log` and `reflect` write to; relative to this file
    practitioner: p1                 # who keeps it

Every key may be left out. An option of the command line wins over the file.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from ethics_engine.calendars import Zone
from ethics_engine.errors import ConfigError, RuleError, did_you_mean, shown
from ethics_engine.faults import check_currency
from ethics_engine.located import Lines, Map, Mark, Node, Seq, Text, read_yaml
from ethics_engine.rules.fields import Complaints, Located, Name, RawMap, validated
from ethics_engine.rules.loader import SHIPPED, shipped_rules, unknown_profile

DEFAULT_FILE = "ethics.yaml"
"""Read from the working directory where no other is named."""

FAIL_ON = ("violation", "risk", "notice", "never")


def check_timezone(name: str) -> str:
    """The name, if it is a time zone's; ValueError otherwise."""
    return Zone(name).name


def _check_fail_on(word: str) -> str:
    if word not in FAIL_ON:
        hint = did_you_mean(word, FAIL_ON)
        raise ValueError(f"expected one of {', '.join(FAIL_ON)}, got {shown(word)}" + (f"; {hint}" if hint else ""))
    return word


def _texts(node: Any) -> Any:
    """One text or several, each with its place."""
    texts = node if isinstance(node, Seq) else [node]
    if not all(isinstance(text, Text) and text.strip() for text in texts):
        raise ValueError("expected a text or a list of texts")
    return list(texts)


def _text(node: Any) -> Any:
    if not isinstance(node, Text) or not node.strip():
        raise ValueError("expected a single text")
    return node


Texts = Annotated[Any, BeforeValidator(_texts)]


class _SettingsFile(Located):
    timezone: Annotated[Name, AfterValidator(check_timezone)] | None = None
    currency: Annotated[Name, AfterValidator(check_currency)] | None = None
    profile: Annotated[Any, BeforeValidator(_text)] = None
    parameters: RawMap = None
    disabled: Texts = ()
    vocabulary: Texts = ()
    rules: Texts = ()
    fail_on: Annotated[Name, AfterValidator(_check_fail_on)] | None = None
    log: Annotated[Any, BeforeValidator(_text)] = None
    practitioner: Annotated[Any, BeforeValidator(_text)] = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What a practice has set; None and empty where it has not.

    `parameters` are by policy and name, however the file nests them, with their places; `lines` are the file's.
    `log` is a file that need not be there yet.
    """

    file: str
    timezone: str | None = None
    currency: str | None = None
    profile: Text | None = None
    parameters: Map | None = None
    disabled: tuple[Text, ...] = ()
    vocabulary: tuple[Path, ...] = ()
    rules: tuple[Path, ...] = ()
    fail_on: str | None = None
    log: Path | None = None
    practitioner: str | None = None
    lines: Lines = field(default_factory=Lines, compare=False, repr=False)


def read_settings(path: Path) -> Settings:
    """Read a settings file.

    Raises:
        ConfigError: with every complaint about the file, in order of position.
    """
    lines = Lines()
    try:
        tree = read_yaml(path, lines)
    except RuleError as error:
        if [each.code for each in error.diagnostics] == ["empty-file"]:
            return Settings(file=str(path), lines=lines)  # every key may be left out
        raise ConfigError(error.diagnostics) from None
    complaints = Complaints(lines)
    found = validated(_SettingsFile, tree, complaints, "", tree.mark)
    given = tree.get("parameters")
    parameters = _nested(given, complaints) if isinstance(given, Map) else None
    vocabulary = _paths(tree, "vocabulary", path.parent, complaints)
    rules = _paths(tree, "rules", path.parent, complaints)
    if complaints.found or found is None:
        raise ConfigError(complaints.found)
    return Settings(
        file=str(path),
        timezone=found.timezone,
        currency=found.currency,
        profile=found.profile,
        parameters=parameters,
        disabled=tuple(found.disabled),
        vocabulary=vocabulary,
        rules=rules,
        fail_on=found.fail_on,
        log=None if found.log is None else path.parent / found.log,
        practitioner=None if found.practitioner is None else str(found.practitioner),
        lines=lines,
    )


def check_profile(settings: Settings, folders: Sequence[Path]) -> None:
    """Complain of a profile that is neither beside the rules in `folders` nor shipped.

    Raises:
        ConfigError: with its place in the settings file.
    """
    name = settings.profile
    unknown = None if name is None else unknown_profile(name, folders)
    if name is not None and unknown is not None:
        raise ConfigError([settings.lines.complain(name.mark, "unknown-profile", *unknown)])


def _nested(parameters: Map, complaints: Complaints) -> Map:
    """Parameters by policy and name, however they were written (`touch.document_within: 24h` or nested), with marks."""
    nested = _mapping(parameters.mark)
    for key, value in parameters.items():
        mark = parameters.key_marks[key]
        policy, dot, name = key.partition(".")
        if dot:
            _put(nested, policy, {name: (value, mark)}, mark, complaints)
        elif isinstance(value, Map):
            inner = {name: (child, value.key_marks[name]) for name, child in value.items()}
            _put(nested, policy, inner, mark, complaints)
        else:
            complaints.add(mark, "wrong-value", f"`{key}`: expected `policy.parameter`, or a mapping of a policy")
    return nested


def _put(
    nested: Map, policy: str, parameters: dict[str, tuple[Node, Mark]], mark: Mark, complaints: Complaints
) -> None:
    if policy not in nested:
        nested[policy], nested.key_marks[policy] = _mapping(mark), mark
    known = nested[policy]
    for name, (value, place) in parameters.items():
        if name in known:
            message = f"the parameter `{policy}.{name}` stands here a second time"
            complaints.add(place, "duplicate-key", message, f"first on line {known.key_marks[name].line}")
        known[name], known.key_marks[name] = value, place


def _mapping(mark: Mark) -> Map:
    mapping = Map()
    mapping.mark, mapping.key_marks = mark, {}
    return mapping


def _paths(tree: Map, key: str, folder: Path, complaints: Complaints) -> tuple[Path, ...]:
    """The files or folders under a key, relative to the settings file."""
    node = tree.get(key)
    paths = []
    for text in node if isinstance(node, Seq) else [node]:
        if isinstance(text, Text) and text.strip():
            path = folder / text
            if key == "rules" and text == SHIPPED and not path.exists():
                path = shipped_rules()
            if not os.path.exists(path):
                complaints.add(text, "no-such-file", f"`{key}`: there is no file or folder {shown(str(path))}")
            paths.append(path)
    return tuple(paths)
