"""A practice's folder: its settings, an empty log, and an example to look at; made once and never overwritten."""

from __future__ import annotations

import contextlib
import json
import os
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from ethics_engine.config import DEFAULT_FILE, read_settings
from ethics_engine.errors import ConfigError, shown
from ethics_engine.reports.wording import listed

LOG_FILE, EXAMPLE_FILE = "practice.ndjson", "example.ndjson"
EXAMPLE_KEEPER = "example"
"""Who keeps the example log: nobody's own id, so that it never mixes with the practice's."""

_FOLDER_MODE, _FILE_MODE = 0o700, 0o600
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*").fullmatch
_WORDS_OF_YAML = frozenset({"yes", "no", "true", "false", "on", "off", "null", "y", "n"})
_MEANINGS = {
    "practitioner": "who keeps the log",
    "timezone": "weekdays, clock times and calendar periods are read in it",
    "currency": "of every amount that names none",
    "profile": "the professional code whose numbers and levels apply",
    "log": "what `log` and `reflect` write to, and `check` and `due` read",
}


@dataclass(frozen=True, slots=True)
class Practice:
    """What a practice says of itself at the start; None where it does not say."""

    practitioner: str
    timezone: str
    currency: str | None = None
    profile: str | None = None


def settings_text(practice: Practice) -> str:
    """The text of the settings file."""
    values = {
        "practitioner": practice.practitioner,
        "timezone": practice.timezone,
        "currency": practice.currency,
        "profile": practice.profile,
        "log": LOG_FILE,
    }
    written = {name: f"{name}: {_scalar(value)}" for name, value in values.items() if value is not None}
    width = max(len(line) for line in written.values())
    lines = [f"{line:<{width}}  # {_MEANINGS[name]}" for name, line in written.items()]
    head = "# The settings of the practice: docs/commands.md of ethics-engine has every key."
    return "\n".join([head, *lines]) + "\n"


def make_folder(folder: Path, practice: Practice) -> list[Path]:
    """Make the folder (for its owner alone) where it is not there, and the three files in it; the files.

    Raises:
        ConfigError: one of the files is there already, or something cannot be written; then nothing is left behind.
    """
    contents = {
        folder / DEFAULT_FILE: settings_text(practice).encode(),
        folder / LOG_FILE: b"",
        folder / EXAMPLE_FILE: example_log(),
    }
    check_new(folder)
    made: list[Path] = []
    is_new = not folder.exists()
    try:
        folder.mkdir(_FOLDER_MODE, parents=True, exist_ok=True)
        for path, data in contents.items():
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE), "wb") as file:
                made.append(path)
                file.write(data)
        found = read_settings(folder / DEFAULT_FILE)
        said = (found.practitioner, found.timezone, found.currency, found.profile)
        if said != (practice.practitioner, practice.timezone, practice.currency, practice.profile):
            raise ConfigError("the settings do not read as they were meant")
    except (OSError, ConfigError) as error:
        for path in made:
            path.unlink(missing_ok=True)
        if is_new:
            with contextlib.suppress(OSError):
                folder.rmdir()
        if isinstance(error, ConfigError):
            raise
        reason = (error.strerror or "the system refuses").lower()
        raise ConfigError(f"cannot set up {shown(str(folder))}: {reason}") from None
    return made


def check_new(folder: Path) -> None:
    """Refuse a folder in which one of the files would be overwritten; raises ConfigError."""
    there = [name for name in (DEFAULT_FILE, LOG_FILE, EXAMPLE_FILE) if os.path.lexists(folder / name)]
    if there:
        names = listed([shown(str(folder / name)) for name in there])
        verb = "is" if len(there) == 1 else "are"
        raise ConfigError(f"{names} {verb} there already, and nothing is overwritten; name another folder")
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{shown(str(folder))} is a file; name a folder")


def example_log() -> bytes:
    """The small log that ships, kept by somebody who is nobody else."""
    installed = Path(str(resources.files("ethics_engine"))) / "shipped_examples" / "first-log.ndjson"
    source = installed if installed.is_file() else Path(__file__).resolve().parents[2] / "examples" / "first-log.ndjson"
    records = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    lines = [json.dumps({**record, "practitioner": EXAMPLE_KEEPER}) + "\n" for record in records]
    return "".join(lines).encode()


def _scalar(text: str) -> str:
    """A text as YAML that reads as the same text."""
    if _PLAIN(text) and text.lower() not in _WORDS_OF_YAML:
        return text
    return json.dumps(text, ensure_ascii=False)
