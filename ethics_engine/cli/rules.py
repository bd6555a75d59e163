"""`ethics-engine rules`: what rules there are, what each says, and whether their tests hold."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ethics_engine.api import load_rules
from ethics_engine.cli.output import write_standard
from ethics_engine.errors import ConfigError, did_you_mean
from ethics_engine.rules.loader import RuleSet, shipped_rules
from ethics_engine.rules.parameters import plain

if TYPE_CHECKING:
    from ethics_engine.ruletests.testing import TestResult


@click.group("rules", short_help="List, show and test rules.")
def command() -> None:
    """What rules there are, what each says, and whether their tests hold."""


@command.command("list")
@click.option("--rules", "folders", metavar="DIR", multiple=True, help="These rules, not the shipped ones; repeatable.")
@click.option("--profile", metavar="NAME", help="As a professional code has them.")
def list_rules(folders: tuple[str, ...], profile: str | None) -> None:
    """One line a rule: its id, level and title."""
    plan = load_rules(*folders, profile=profile).plan()
    width = max(len(name) for name in plan.rules)
    write_standard("".join(f"{rule.id:<{width}}  {rule.level:<9}  {rule.title}\n" for rule in plan.rules.values()))


@command.command("show")
@click.argument("rule", metavar="ID")
@click.option("--rules", "folders", metavar="DIR", multiple=True, help="These rules, not the shipped ones; repeatable.")
@click.option("--profile", metavar="NAME", help="As a professional code has it.")
def show_rule(rule: str, folders: tuple[str, ...], profile: str | None) -> None:
    """A rule in full, with the parameters that it uses and where their numbers come from."""
    rules = load_rules(*folders, profile=profile)
    source = next((each for each in rules.sources if each.id == rule), None)
    if source is None:
        hint = did_you_mean(rule, [each.id for each in rules.sources])
        raise ConfigError(f"there is no rule `{rule}`" + (f"; {hint}" if hint else ""))
    write_standard(rule_text(rules, rule))


def rule_text(rules: RuleSet, rule: str) -> str:
    """A rule under fixed headings, as plain text."""
    import yaml

    from ethics_engine.rules.parameters import names_in

    source = next(each for each in rules.sources if each.id == rule)
    planned = rules.plan().rules.get(rule)
    node = plain(source.node)
    lines = [f"{rule}", f"    {node.get('title', '')}", ""]
    if planned is None:
        lines += ["This rule is disabled by the profile or by the practice's settings.", ""]
    else:
        lines += [
            f"Level      {planned.level}" + (", absolute: nothing excuses or waives it" if planned.absolute else "")
        ]
        lines += [f"Judged     for each {planned.per}"]
        lines += [f"Clauses    {', '.join(planned.cites) or 'none'}"]
        lines += [f"Seen in    {', '.join(planned.basis) or 'not said'}", ""]
    if node.get("why"):
        lines += [node["why"], ""]
    told = {key: value for key, value in node.items() if key not in ("title", "level", "cites", "basis", "why")}
    lines += ["Rule", *("    " + line for line in yaml.safe_dump(told, sort_keys=False, width=100).splitlines()), ""]
    names = dict.fromkeys(name if "." in name else f"{source.policy}.{name}" for name, _ in names_in(source.node))
    if names:
        lines.append("Parameters")
    for name in names:
        parameter = rules.parameters[name]
        values = "; ".join(
            f"{plain(entry.value)}" + (f" from {entry.start}" if entry.start is not None else "")
            for entry in parameter.entries
        )
        lines.append(
            f"    {name} = {values}  ({parameter.source or 'no source'}: {parameter.why or 'no reason given'})"
        )
    return "\n".join(lines).rstrip() + "\n"


@command.command("test")
@click.argument("folder", metavar="[DIR]", required=False)
@click.option(
    "--tests",
    "places",
    metavar="PATH",
    multiple=True,
    help="Test files or folders.  [default: fixtures/rules beside DIR]",
)
@click.option("--rule", "only", metavar="ID", multiple=True, help="Run the tests of this rule only; repeatable.")
@click.pass_context
def test_rules(ctx: click.Context, folder: str | None, places: tuple[str, ...], only: tuple[str, ...]) -> None:
    """Run the tests of rules: DIR holds the rules, fixtures/rules beside it their tests.

    A test is closed: a finding of its rule that it does not expect fails it.
    """
    from ethics_engine.ruletests.testing import Runner, read_tests, test_files

    home = Path(folder) if folder else shipped_rules()
    rules = load_rules(home)
    beside = home.resolve().parent / "fixtures" / "rules"
    if not places and not beside.is_dir():
        raise ConfigError(f"there are no tests at {beside}; name them with --tests")
    begun = time.perf_counter()
    tests = read_tests(test_files([Path(place) for place in places] or [beside]), rules)
    chosen = [test for test in tests if not only or test.model.rule in only]
    if not chosen:
        raise ConfigError("no test was chosen" + (f": none is for {', '.join(only)}" if only else ""))
    runner = Runner(rules, [home])
    results = [runner.run(test) for test in chosen]
    write_standard(results_text(results, time.perf_counter() - begun))
    ctx.exit(0 if all(result.passed for result in results) else 1)


def results_text(results: Sequence[TestResult], seconds: float) -> str:
    """The tests that failed, each with its differences, and the count."""
    lines = []
    for result in results:
        if result.passed:
            continue
        mark = result.test.mark
        lines.append(f"{mark.file}:{mark.line}:{mark.column}: failed: {result.test.model.name}")
        lines.extend(f"    {problem}" for problem in result.problems)
    failed = sum(not result.passed for result in results)
    lines.append(f"{len(results) - failed} passed, {failed} failed in {seconds:.1f} s")
    return "\n".join(lines) + "\n"
