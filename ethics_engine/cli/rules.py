"""`ethics-engine rules`: what rules there are, what each says, and whether their tests hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ethics_engine.api import load_rules
from ethics_engine.cli.completing import rule_ids
from ethics_engine.cli.docs import command as write_docs
from ethics_engine.cli.output import write_standard
from ethics_engine.errors import ConfigError, did_you_mean
from ethics_engine.reports.wording import counted
from ethics_engine.rules.loader import shipped_rules
from ethics_engine.rules.parameters import plain
from ethics_engine.rules.rule_set import RuleSet

if TYPE_CHECKING:
    from ethics_engine.ruletests.rendering import Outcome

RULES_HELP = "These rules (`shipped`: those that ship); repeatable."


@click.group("rules", short_help="List, show and test rules.")
def command() -> None:
    """What rules there are, what each says, and whether their tests hold."""


command.add_command(write_docs)


@command.command("list")
@click.option("--rules", "folders", metavar="DIR", multiple=True, help=RULES_HELP)
@click.option("--profile", metavar="NAME", help="As a professional code has them.")
def list_rules(folders: tuple[str, ...], profile: str | None) -> None:
    """One line a rule: its id, level and title.

    \b
    Examples: ethics-engine rules list
              ethics-engine rules list --profile apa-2017
    """
    plan = load_rules(*folders, profile=profile).plan()
    width = max(len(name) for name in plan.rules)
    write_standard("".join(f"{rule.id:<{width}}  {rule.level:<9}  {rule.title}\n" for rule in plan.rules.values()))


@command.command("show")
@click.argument("rule", metavar="ID", shell_complete=rule_ids)
@click.option("--rules", "folders", metavar="DIR", multiple=True, help=RULES_HELP)
@click.option("--profile", metavar="NAME", help="As a professional code has it.")
def show_rule(rule: str, folders: tuple[str, ...], profile: str | None) -> None:
    """A rule in full, with the parameters that it uses and where their numbers come from.

    \b
    Examples: ethics-engine rules show touch.without-consent
              ethics-engine rules show touch.without-consent --profile apa-2017
    """
    rules = load_rules(*folders, profile=profile)
    _check_rules(rules, (rule,))
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
@click.option(
    "--rule",
    "only",
    metavar="ID",
    multiple=True,
    help="Run the tests of this rule only; repeatable.",
    shell_complete=rule_ids,
)
@click.option("--coverage", "with_coverage", is_flag=True, help="Count what each rule was seen to do.")
@click.option("--mutate", "with_mutants", is_flag=True, help="Do each rule small wrongs; list those no test notices.")
@click.option("--fail-under", type=click.FloatRange(0, 100), help="Fail under this percentage of rules covered.")
@click.option("--format", "form", type=click.Choice(("text", "json", "junit")), default="text", show_default=True)
@click.pass_context
def test_rules(
    ctx: click.Context,
    folder: str | None,
    places: tuple[str, ...],
    only: tuple[str, ...],
    with_coverage: bool,
    with_mutants: bool,
    fail_under: float | None,
    form: str,
) -> None:
    """Run the tests of rules: DIR holds the rules, fixtures/rules beside it their tests.

    A test is closed: a finding of its rule that it does not expect fails it. Exit with 1 where a test fails, or the
    coverage is under --fail-under.

    \b
    Examples: ethics-engine rules test
              ethics-engine rules test my-rules --coverage
              ethics-engine rules test --rule touch.without-consent --mutate
    """
    from ethics_engine.ruletests.rendering import RENDERERS

    outcome = _tested(folder, places, only, with_coverage or fail_under is not None, with_mutants)
    write_standard(RENDERERS[form](outcome))
    short = fail_under is not None and outcome.covered_percent < fail_under
    ctx.exit(1 if outcome.failed or short else 0)


def _tested(
    folder: str | None, places: tuple[str, ...], only: tuple[str, ...], with_coverage: bool, with_mutants: bool
) -> Outcome:
    from ethics_engine.ruletests.reading import read_tests, test_files, tests_beside
    from ethics_engine.ruletests.rendering import Outcome
    from ethics_engine.ruletests.running import Runner
    from ethics_engine.ruletests.strength import coverage, feeders, mutate

    home = Path(folder) if folder else shipped_rules()
    rules = load_rules(home)
    beside = tests_beside(home)
    if not places and not beside.is_dir():
        raise ConfigError(f"there are no tests at {beside}; name them with --tests")
    _check_rules(rules, only)
    tests = read_tests(test_files([Path(place) for place in places] or [beside]), rules)
    chosen = [test for test in tests if not only or test.model.rule in only]
    if not chosen:
        raise ConfigError("no test was chosen" + (f": none is for {', '.join(only)}" if only else ""))
    runner = Runner(rules, [home])
    results = [runner.run(test) for test in chosen]
    covered = None
    if with_coverage:
        covered = [each for each in coverage(rules, results, feeders(rules)) if not only or each.rule in only]
    if not with_mutants:
        return Outcome(results, covered)
    measured = [each for _, each in mutate(runner, tests, only)]
    survivors = [survivor for each in measured for survivor in each.survivors]
    return Outcome(results, covered, sum(each.mutants for each in measured), survivors)


@command.command("lint")
@click.argument("folder", metavar="DIR")
@click.option(
    "--tests", "places", metavar="PATH", multiple=True, help="Test files.  [default: fixtures/rules beside DIR]"
)
@click.pass_context
def lint_rules(ctx: click.Context, folder: str, places: tuple[str, ...]) -> None:
    """Check rules beyond their grammar: rules that never fire, copies, unused parameters, missing remedies and tests.

    Exit with 1 where there is a warning, with 2 where a rule is wrong.

    \b
    Examples: ethics-engine rules lint my-rules
    """
    from ethics_engine.rules.lint import lint
    from ethics_engine.ruletests.reading import read_tests, test_files, tests_beside

    home = Path(folder)
    rules = load_rules(home)
    beside = tests_beside(home)
    files = [Path(place) for place in places] or ([beside] if beside.is_dir() else [])
    tested = {test.model.rule or "" for test in read_tests(test_files(files), rules)} if files else set()
    warnings = lint(rules, tested)
    count = len(rules.plan().rules)
    text = "".join(warning.render().replace(": error[", ": warning[", 1) + "\n" for warning in warnings)
    write_standard(f"{text}{counted(count, 'rule')}, {counted(len(warnings), 'warning')}\n")
    ctx.exit(1 if warnings else 0)


@command.command("schema")
@click.argument("what", type=click.Choice(("events", "rules")), default="rules")
@click.option("--rules", "folders", metavar="DIR", multiple=True, help="With these rules and their vocabulary.")
def schema(what: str, folders: tuple[str, ...]) -> None:
    """A JSON Schema of policy files, which a YAML editor completes from, or of the events of a log.

    \b
    Examples: ethics-engine rules schema
              ethics-engine rules schema events --rules my-rules
    """
    import json

    from ethics_engine.rules.event_schema import events_schema
    from ethics_engine.rules.schema import rules_schema

    rules = load_rules(*folders)
    made = events_schema(rules) if what == "events" else rules_schema(rules)
    write_standard(json.dumps(made, ensure_ascii=False, indent=1) + "\n")


@command.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def diff_rules(old: str, new: str, form: str) -> None:
    """How two folders of rules differ: what matches less or more, levels, wording.

    \b
    Examples: ethics-engine rules diff rules-2025 rules-2026
    """
    from dataclasses import asdict

    from ethics_engine.rules.difference import CLASSES, differences

    found = differences(load_rules(old), load_rules(new))
    if form == "json":
        import json

        write_standard(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=2) + "\n")
        return
    words = {"less": "matches less", "more": "matches more", "other": "matches otherwise"}
    lines = [
        f"{words.get(kind, kind)}: {each.rule}: {each.what}\n"
        for kind in CLASSES
        for each in found
        if each.kind == kind
    ]
    write_standard("".join(lines) + f"{len(found)} difference{'' if len(found) == 1 else 's'}\n")


def _check_rules(rules: RuleSet, names: tuple[str, ...]) -> None:
    known = [source.id for source in rules.sources]
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known)
            raise ConfigError(f"there is no rule `{name}`" + (f"; {hint}" if hint else ""))
