"""A self-check that is under way: its answers, kept beside the log until they are written into it or thrown away.

Each answer is on disk, for its owner alone, before the next question comes. The ids of the events to be are fixed with
the sitting: writing the same sitting twice cannot double an answer.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ethics_engine.errors import ConfigError, shown

_OWNER_ONLY = 0o600


@dataclass(slots=True)
class Answer:
    """A rating from 0 to 4, a few words where there are some, and when it was given (RFC 3339)."""

    rating: int
    at: str
    words: str | None = None


@dataclass(slots=True)
class Sitting:
    """The answers of one practitioner so far, by theme; None where a theme was skipped. `name` begins their ids."""

    file: Path
    name: str
    client: str | None = None
    answers: dict[str, Answer | None] = field(default_factory=dict)

    def given(self) -> dict[str, Answer]:
        """The answers that are ratings."""
        return {theme: answer for theme, answer in self.answers.items() if answer is not None}

    def id(self, theme: str) -> str:
        """The id of the event that the answer to a theme becomes."""
        return f"{self.name}-{theme}"

    def save(self) -> None:
        """Put the answers on disk, all or as they were before; raises ConfigError."""
        answers = {
            theme: answer and {"rating": answer.rating, "at": answer.at, "words": answer.words}
            for theme, answer in self.answers.items()
        }
        data = json.dumps({"sitting": self.name, "client": self.client, "answers": answers}).encode()
        beside = self.file.with_name(f"{self.file.name}.new")
        try:
            beside.unlink(missing_ok=True)
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
            with open(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(handle)
            os.replace(beside, self.file)
        except OSError as error:
            reason = (error.strerror or "the system refuses").lower()
            raise ConfigError(f"cannot keep your answers in {shown(str(self.file))}: {reason}") from None

    def remove(self) -> None:
        """Throw away what is on disk."""
        self.file.unlink(missing_ok=True)


def sitting_file(log: Path, practitioner: str) -> Path:
    """Where a practitioner's sitting is kept: a hidden file beside the log, with no ending that a log has."""
    digest = hashlib.sha256(practitioner.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return log.with_name(f".{log.name}.reflection-{digest}")


def open_sitting(file: Path, themes: Sequence[str]) -> Sitting | None:
    """The sitting that a file keeps; None where there is none.

    Raises:
        ConfigError: the file cannot be read.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        answers = {theme: _answer(found) for theme, found in data["answers"].items() if theme in themes}
        return Sitting(file, str(data["sitting"]), data["client"], answers)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        what = f"{shown(str(file))}, which keeps the answers of a self-check, cannot be read"
        raise ConfigError(f"{what}; remove it to begin anew") from None


def _answer(found: Mapping[str, Any] | None) -> Answer | None:
    return None if found is None else Answer(int(found["rating"]), str(found["at"]), found["words"])
