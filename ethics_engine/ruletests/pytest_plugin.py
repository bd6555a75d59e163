"""A pytest plugin that collects rule tests: `-p ethics_engine.ruletests.pytest_plugin`.

Settings (in `pytest.ini` or `[tool.pytest.ini_options]`): `ethics_rules`, the folder of the rules; `ethics_rule_tests`,
the folders of their tests, whose `*.yaml` files are collected. Both are relative to the settings' own folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ethics_engine.errors import EthicsEngineError
from ethics_engine.rules.loader import load_rules
from ethics_engine.ruletests.reading import RuleTest, read_tests
from ethics_engine.ruletests.running import Runner

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr

RUNNER = pytest.StashKey[Runner]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the settings."""
    parser.addini("ethics_rules", "the folder of the rules under test", default="rules")
    parser.addini("ethics_rule_tests", "the folders of rule tests", type="args", default=["fixtures/rules"])


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the YAML files of the folders of rule tests."""
    root = parent.config.rootpath
    folders = [(root / folder).resolve() for folder in parent.config.getini("ethics_rule_tests")]
    if file_path.suffix != ".yaml" or file_path.resolve().parent not in folders:
        return None
    return RuleTestFile.from_parent(parent, path=file_path)


class RuleTestFile(pytest.File):
    """A file of rule tests."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item a test; a file that cannot be read fails to be collected."""
        runner = self._runner()
        for number, test in enumerate(read_tests([self.path], runner.rules), 1):
            name = f"{test.model.rule or 'all rules'}: {test.model.name} ({number})"
            yield RuleTestItem.from_parent(self, name=name, test=test, runner=runner)

    def _runner(self) -> Runner:
        if RUNNER not in self.config.stash:
            folder = self.config.rootpath / self.config.getini("ethics_rules")
            self.config.stash[RUNNER] = Runner(load_rules(folder), [folder])
        return self.config.stash[RUNNER]

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str | TerminalRepr:
        """What is wrong with the file, as the command line says it."""
        if isinstance(excinfo.value, EthicsEngineError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class RuleTestItem(pytest.Item):
    """One rule test."""

    def __init__(self, *, test: RuleTest, runner: Runner, **more: Any) -> None:
        super().__init__(**more)
        self.test = test
        self.runner = runner

    def runtest(self) -> None:
        """Run the test; every difference is in the message of the failure."""
        problems = self.runner.run(self.test).problems
        if problems:
            raise RuleTestFailure("\n".join(problems))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str | TerminalRepr:
        """The differences, and the place of the test."""
        if not isinstance(excinfo.value, RuleTestFailure):
            return super().repr_failure(excinfo, style)
        mark = self.test.mark
        return f"{mark.file}:{mark.line}:{mark.column}: {self.test.model.name}\n{excinfo.value}"

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test stands."""
        return self.path, self.test.mark.line - 1, self.name


class RuleTestFailure(AssertionError):
    """A rule test that did not find what it expected, or found more."""
