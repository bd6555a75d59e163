"""A practice folder for the commands that write into its log, a clock that stands still, and somebody who answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ethics_engine.cli import main
from ethics_engine.scalars import parse_instant

NOW = "2026-03-02T18:00:00+01:00"  # a Monday
SETTINGS = "timezone: Europe/Berlin\ncurrency: EUR\nlog: practice.ndjson\npractitioner: p1\n"


class Practice:
    """A folder with `ethics.yaml`, in which commands are run."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.log = folder / "practice.ndjson"
        self._patch = patch
        patch.chdir(folder)
        (folder / "ethics.yaml").write_text(SETTINGS, encoding="utf-8")
        self.at(NOW)

    def at(self, instant: str) -> None:
        """Set the clock."""
        self._patch.setattr("ethics_engine.cli.clock.now", lambda: parse_instant(instant))

    def run(self, *arguments: str) -> Result:
        """A command where nobody can be asked."""
        return self._invoke(arguments, None)

    def answer(self, *arguments: str, answers: str) -> Result:
        """A command on a terminal; `answers` are lines, and after the last one Ctrl-D."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("ethics_engine.cli.asking.on_terminal", lambda: True)
            return self._invoke(arguments, answers)

    def _invoke(self, arguments: tuple[str, ...], answers: str | None) -> Result:
        result = CliRunner().invoke(main, arguments, input=answers, env={"COLUMNS": "80"})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def records(self) -> list[dict[str, Any]]:
        """The lines of the log as they stand."""
        if not self.log.exists():
            return []
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def hold(self, *records: Mapping[str, Any]) -> None:
        """Let the log hold some events."""
        self.log.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


@pytest.fixture
def practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Practice:
    """A practice of `p1` in Berlin, with no log yet, on 2 March 2026 at 18:00."""

    return Practice(tmp_path, monkeypatch)
