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

Every key may be left out. An option of the command line wins over the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from ethics_engine.calendars import Zone
from ethics_engine.errors import ConfigError, RuleError, did_you_mean, shown
from ethics_engine.located import Lines, Map, Node, Seq, Text, read_yaml
from ethics_engine.rules.fields import Complaints, Located, Name, RawMap, validated

DEFAULT_FILE = "ethics.yaml"
"""Read from the working directory where no other is named."""

FAIL_ON = ("violation", "risk", "notice", "never")


def check_timezone(name: str) -> str:
    """The name, if it is a time zone's; ValueError otherwise."""
    return Zone(name).name


def check_currency(code: str) -> str:
    """The code, if it looks like one of ISO 4217; ValueError otherwise."""
    if len(code) != 3 or not (code.isascii() and code.isalpha() and code.isupper()):
        raise ValueError(f"{shown(code)} is not a currency code of three capital letters such as `EUR`")
    return code


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


@dataclass(frozen=True, slots=True)
class Settings:
    """What a practice has set; None and empty where it has not.

    `parameters` is the mapping as it stands in the file, dotted or nested, with its places; `lines` are the file's.
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
        raise ConfigError(error.diagnostics) from None
    complaints = Complaints(lines)
    found = validated(_SettingsFile, tree, complaints, "", tree.mark)
    _check_once(tree.get("parameters"), complaints)
    vocabulary = _paths(tree, "vocabulary", path.parent, complaints)
    rules = _paths(tree, "rules", path.parent, complaints)
    if complaints.found or found is None:
        raise ConfigError(complaints.found)
    return Settings(
        file=str(path),
        timezone=found.timezone,
        currency=found.currency,
        profile=found.profile,
        parameters=found.parameters,
        disabled=tuple(found.disabled),
        vocabulary=vocabulary,
        rules=rules,
        fail_on=found.fail_on,
        lines=lines,
    )


def _check_once(parameters: Node | None, complaints: Complaints) -> None:
    """A parameter may be written dotted or nested, but once."""
    if not isinstance(parameters, Map):
        return  # the model complains
    for key, value in parameters.items():
        if "." not in key and isinstance(value, Map):
            for inner, mark in value.key_marks.items():
                if f"{key}.{inner}" in parameters:
                    complaints.add(mark, "duplicate-key", f"the parameter `{key}.{inner}` stands here a second time")


def _paths(tree: Map, key: str, folder: Path, complaints: Complaints) -> tuple[Path, ...]:
    """The files or folders under a key, relative to the settings file."""
    node = tree.get(key)
    paths = []
    for text in node if isinstance(node, Seq) else [node]:
        if isinstance(text, Text) and text.strip():
            path = folder / text
            if not path.exists():
                complaints.add(text, "no-such-file", f"`{key}`: there is no file or folder {shown(str(path))}")
            paths.append(path)
    return tuple(paths)
