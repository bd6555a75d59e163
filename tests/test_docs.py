"""The pages under `docs/` are those that the rules, their tests and the commands make today."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from textwrap import indent

import click
import pytest
from guide import Run, follow

from ethics_engine import load_rules
from ethics_engine.cli import main
from ethics_engine.cli.docs import made_pages, reference_text
from ethics_engine.documenting import read_statements
from ethics_engine.documenting.forms import FORMS as SAID
from ethics_engine.documenting.markdown import prose
from ethics_engine.located import Lines, parse_yaml
from ethics_engine.rules.conditions import OPERATORS
from ethics_engine.rules.forms import FORMS
from ethics_engine.ruletests import reading, running

ROOT = Path(__file__).parents[1]
DOCS, RULES = ROOT / "docs", ROOT / "rules"
STATEMENTS = read_statements(DOCS / "statements.yaml")
SHIPPED = load_rules(RULES)
NUMBERS = [f"S{number:02}" for number in range(1, 66)]
PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
HEADS = re.compile(r"^#+ (.+)$", re.MULTILINE)
AGAIN = "run: ethics-engine rules docs rules -o docs"


@cache
def made() -> dict[str, str]:
    return made_pages(RULES, DOCS)


def cites(rule: str, code: str) -> list[str]:
    clauses = SHIPPED.plan().rules[rule].cites
    return [clause.partition(":")[2] for clause in clauses if clause.startswith(f"{code}:")]


class TestMadePages:
    def test_are_up_to_date(self) -> None:
        stale = [
            name
            for name, text in made().items()
            if not (DOCS / name).is_file() or (DOCS / name).read_text(encoding="utf-8") != text
        ]

        assert stale == [], AGAIN

    def test_are_one_for_each_policy_and_no_more(self) -> None:
        there = sorted(page.stem for page in (DOCS / "policies").glob("*.md") if page.name != "README.md")

        assert there == sorted(policy.name for policy in SHIPPED.policies), AGAIN

    @pytest.mark.parametrize("page", sorted(page.name for page in (DOCS / "policies").glob("*.md")))
    def test_link_to_places_that_are_there(self, page: str) -> None:
        text = made()[f"policies/{page}"]
        lost = []
        for target, place in re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", text):
            file = (DOCS / "policies" / target).resolve() if target else DOCS / "policies" / page
            if not file.is_file() or (place and f'<a id="{place}"></a>' not in file.read_text(encoding="utf-8")):
                lost.append(f"{target}#{place}")

        assert lost == []

    def test_show_every_rule_with_its_headings_its_tests_and_its_clauses(self) -> None:
        tests = reading.read_tests(reading.test_files([ROOT / "fixtures" / "rules"]), SHIPPED)
        for rule in SHIPPED.plan().rules.values():
            page = made()[f"policies/{rule.policy}.md"]
            own = page.partition(f'<a id="{rule.id}"></a>')[2].partition("<a id=")[0]
            names = [prose(test.model.name) for test in tests if test.model.rule == rule.id]

            assert re.findall(r"^### ([A-Z][a-zA-Z ]*)", own, re.MULTILINE) == [
                "What it looks at",
                "Level",
                "Why",
                "What to do next",
                "Parameters",
                "Exceptions",
                "Clauses",
                "Seen in",
                "Tests ",
            ]
            assert [name for name in names if f"\n- {name}\n" not in own] == []
            assert own.count("(number not re-verified)") >= sum(clause.endswith("?") for clause in rule.cites)

    def test_show_the_rules_as_they_are_written(self) -> None:
        for source in SHIPPED.sources:
            page = made()[f"policies/{source.policy}.md"]
            own = page.partition(f'<a id="{source.id}"></a>')[2].partition("```yaml\n")[2].partition("\n```")[0]
            shown = re.findall(r"^([a-z_]+):", own, re.MULTILINE)
            told = ("title", "level", "family", "why", "remedy", "cites", "basis")

            assert shown == [key for key in source.node if key not in told], source.id
            assert own.startswith((*source.node, "#")), source.id

    def test_name_no_place_of_the_machine(self) -> None:
        assert [name for name, text in made().items() if str(ROOT) in text] == []

    def test_a_form_that_rules_can_have_can_be_said(self) -> None:
        assert sorted(keys[-1] for keys, _ in FORMS) == sorted(SAID)


class TestCoverage:
    def test_names_every_statement_of_the_source_in_order(self) -> None:
        rows = re.findall(r'^\| <a id="(S\d\d)"></a>', made()["coverage.md"], re.MULTILINE)

        assert list(STATEMENTS.statements) == NUMBERS
        assert rows == NUMBERS

    def test_says_for_every_statement_without_a_rule_what_is_done_instead(self) -> None:
        cited = {number for rule in SHIPPED.plan().rules for number in cites(rule, "seed")}
        silent = [one for one in STATEMENTS.statements.values() if one.number not in cited or "context" in one.seen]

        assert [one.number for one in silent if not one.instead] == []

    def test_every_rule_that_is_reported_cites_a_statement_or_a_clause(self) -> None:
        rules = SHIPPED.plan().rules.values()

        assert [rule.id for rule in rules if rule.level != "none" and not rule.cites] == []

    def test_no_rule_cites_a_statement_that_there_is_none_of(self) -> None:
        numbers = {number for rule in SHIPPED.plan().rules for number in cites(rule, "seed")}

        assert sorted(numbers - set(NUMBERS)) == []

    def test_every_code_that_is_cited_has_a_title(self) -> None:
        prefixes = {clause.partition(":")[0] for rule in SHIPPED.plan().rules.values() for clause in rule.cites}

        assert sorted(prefixes - set(STATEMENTS.codes)) == []

    def test_counts_the_tests_of_the_rules_that_speak_to_a_statement(self) -> None:
        tests = reading.read_tests(reading.test_files([ROOT / "fixtures" / "rules"]), SHIPPED)
        about = [test for test in tests if test.model.rule is not None and "S62" in cites(test.model.rule, "seed")]
        row = re.search(r'^\| <a id="S62"></a>.*\| (\d+) \|$', made()["coverage.md"], re.MULTILINE)

        assert row is not None
        assert int(row[1]) == len(about)


class TestCommandReference:
    def every(self) -> list[click.Context]:
        def below(context: click.Context) -> list[click.Context]:
            group = context.command
            if not isinstance(group, click.Group):
                return [context]
            found = [(name, group.get_command(context, name)) for name in group.list_commands(context)]
            return [
                each
                for name, command in found
                if command is not None and not command.hidden
                for each in below(click.Context(command, info_name=name, parent=context))
            ]

        return below(click.Context(main, info_name="ethics-engine"))

    def test_names_every_command_and_option(self) -> None:
        page = (DOCS / "commands.md").read_text(encoding="utf-8")
        for context in self.every():
            section = page.partition(f"## `{context.command_path}")[2].partition("\n## ")[0]
            options = [
                name
                for option in context.command.params
                if isinstance(option, click.Option) and not option.hidden
                for name in option.opts
            ]

            assert section, f"{context.command_path}: {AGAIN}"
            assert [name for name in options if f"`{name}" not in section] == [], AGAIN

    def test_is_the_help_of_today(self) -> None:
        assert reference_text() in (DOCS / "commands.md").read_text(encoding="utf-8"), AGAIN


class TestPages:
    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
    def test_link_to_headings_that_are_there(self, page: Path) -> None:
        text = page.read_text(encoding="utf-8")
        lost = []
        for target, place in re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", text):
            other = (page.parent / target).read_text(encoding="utf-8") if target else text
            heads = [re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in HEADS.findall(other)]
            if place not in heads and f'<a id="{place}"></a>' not in other:
                lost.append(f"{target}#{place}")

        assert lost == []

    def test_the_architecture_names_every_part_of_the_package(self) -> None:
        text = (DOCS / "architecture.md").read_text(encoding="utf-8")
        layers = {path.parent.name for path in (ROOT / "ethics_engine").glob("*/__init__.py")}

        assert sorted(name for name in layers if f"`{name}`" not in text) == []

    def test_the_architecture_names_files_that_are_there(self) -> None:
        text = (DOCS / "architecture.md").read_text(encoding="utf-8")
        named = [name for name in re.findall(r"`([\w/]+\.py)`", text) if "NAME" not in name]

        assert [
            name for name in named if not any((ROOT / home / name).is_file() for home in ("", "ethics_engine"))
        ] == []


LANGUAGE = (DOCS / "language.md").read_text(encoding="utf-8")
EXAMPLES = [
    example
    for block in re.findall(r"^```yaml\n(.*?)^```", LANGUAGE, re.MULTILINE | re.DOTALL)
    for example in block.split("\n---\n")
]

FILLED_IN = {"title": "T", "level": "notice", "message": "M"}


def as_policy(example: str) -> str:
    """An example as a policy file; the head, titles, levels and messages are filled in where it leaves them out."""
    tree = parse_yaml(example, "example", Lines())
    if "policy" in tree:
        return example
    if "rules" not in tree:
        example = "rules:\n" + indent(example, "  ")
    rules = tree.get("rules", tree)
    for name, rule in rules.items():
        missing = [f"    {key}: {value}\n" for key, value in FILLED_IN.items() if key not in rule]
        example = example.replace(f"  {name}:\n", f"  {name}:\n{''.join(missing)}")
    return f'policy: {next(iter(rules)).split(".")[0]}\ntitle: T\nversion: "1"\n{example}'


class TestLanguageReference:
    POLICIES = [example for example in EXAMPLES if not example.startswith(("profile:", "tests:"))]

    @pytest.mark.parametrize("example", POLICIES, ids=lambda example: example.split(":\n")[0].split("\n")[0])
    def test_its_examples_are_rules(self, tmp_path: Path, example: str) -> None:
        (tmp_path / "policy.yaml").write_text(as_policy(example))

        assert load_rules(tmp_path, timezone="Europe/Berlin").plan().rules != {}

    def test_it_shows_every_form_and_every_key_of_a_rule(self) -> None:
        shown = "\n".join(EXAMPLES)
        keys = {field.alias or name for _, model in FORMS for name, field in model.model_fields.items()}

        assert sorted(key for key in keys if not re.search(rf"\b{key}:", shown)) == []

    def test_it_names_every_operator_of_conditions(self) -> None:
        assert [name for name in OPERATORS if f"`{name}`" not in LANGUAGE] == []

    def test_its_profile_is_one(self, tmp_path: Path) -> None:
        text = next(example for example in EXAMPLES if example.startswith("profile:"))
        (tmp_path / "profiles").mkdir()
        (tmp_path / "profiles" / "our-board-2026.yaml").write_text(text)
        for name in ("touch", "alliance"):
            (tmp_path / f"{name}.yaml").write_text((RULES / f"{name}.yaml").read_text(encoding="utf-8"))
        rules = load_rules(tmp_path, profile="our-board-2026")

        assert [one.parameter for one in rules.overrides] == [
            "touch.document_within",
            "touch.outside-framework level",
            "alliance.not-measured-early enabled",
        ]

    def test_its_test_is_one_and_passes(self, tmp_path: Path) -> None:
        text = next(example for example in EXAMPLES if example.startswith("tests:"))
        (tmp_path / "touch.yaml").write_text(text)
        (test,) = reading.read_tests([tmp_path / "touch.yaml"], SHIPPED)

        assert running.Runner(SHIPPED, [RULES]).run(test).problems == ()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    folder = tmp_path_factory.mktemp("my-practice")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return follow((DOCS / "writing-a-policy.md").read_text(encoding="utf-8"), folder)


class TestGuide:
    def test_is_followed_to_the_end(self, runs: list[Run]) -> None:
        assert [run.command.split()[1] for run in runs].count("check") == 2
        assert runs[-1].command == "ethics-engine rules lint broken"

    def test_every_command_prints_what_the_guide_says(self, runs: list[Run]) -> None:
        for run in runs:
            assert run.as_told, f"{run.command}\n{run.printed}"

    def test_shows_no_file_that_no_step_makes(self) -> None:
        page = (DOCS / "writing-a-policy.md").read_text(encoding="utf-8")
        blocks = len(re.findall(r"^```(?:yaml|json|console)$", page, re.MULTILINE))
        steps = len(re.findall(r"^(?:File|At the end of|Above|Under) `.*:$|^```console$", page, re.MULTILINE))

        assert blocks - steps == 1  # the new edition, which is only looked at
