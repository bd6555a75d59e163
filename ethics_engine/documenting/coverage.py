"""Which rules speak to which statement of a source, and how each can be seen."""

from __future__ import annotations

from collections.abc import Iterator

from ethics_engine.documenting.library import MADE, Library
from ethics_engine.documenting.markdown import anchor, code, inline, link, table
from ethics_engine.documenting.statements import SEEN, Statement, Statements
from ethics_engine.documenting.words import listed
from ethics_engine.reports.wording import counted


def coverage_page(library: Library, source: Statements) -> str:
    """The table of the statements, with its totals, as Markdown."""
    statements = list(source.statements.values())
    citing = {one.number: library.citing(one.number) for one in statements}
    lines = [MADE, "", "# What speaks to each statement of the source", ""]
    lines += [f"Source: {inline(source.title)}. Each statement is named in a few of its words.", ""]
    lines += list(_totals(library, source, citing))
    lines += ["", "## How a statement can be seen", ""]
    for way, meaning in SEEN.items():
        count = sum(way in one.seen for one in statements)
        lines.append(f"- **{_way(way)}** ({counted(count, 'statement')}): {meaning}.")
    lines += ["", "A statement can be seen in several ways; the first is the main one.", "", "## The statements", ""]
    rows = [_row(library, one, citing[one.number]) for one in statements]
    lines += [table(["", "statement", "seen in", "rules", "tests"], rows), ""]
    lines += ["## Statements that explain, and what is done instead of a rule of their own", ""]
    for one in statements:
        if one.instead:
            lines.append(f"- **{code(one.number)}** {inline(one.says)}: {inline(one.instead)}")
    unseeded = [name for name in library.entries if not _cites(library, source, name)]
    if unseeded:
        lines += ["", "## Rules that cite no statement", "", *_others(library, unseeded)]
    return "\n".join(lines).rstrip() + "\n"


def _totals(library: Library, source: Statements, citing: dict[str, list[str]]) -> Iterator[str]:
    rules = [library.rule(name) for name in library.entries]
    judged = [rule for rule in rules if rule.level != "none"]
    spoken = sum(bool(found) for found in citing.values())
    tests = sum(len(names) for names in library.tests.values())
    yield f"- {counted(len(citing), 'statement')}: {spoken} with rules, {len(citing) - spoken} without."
    levels = listed([f"{sum(rule.level == level for rule in judged)} {level}" for level in _LEVELS], "and")
    fed = len(rules) - len(judged)
    yield f"- {counted(len(rules), 'rule')}: {levels}; {fed} that only feed others."
    cited = sum(_cites(library, source, rule.id) for rule in judged)
    yield f"- {cited} of the {len(judged)} rules that are reported cite a statement; the others cite clauses of codes."
    yield f"- {counted(tests, 'test')} of rules."


_LEVELS = ("violation", "risk", "notice")


def _cites(library: Library, source: Statements, name: str) -> bool:
    return any(clause.startswith(f"{source.source}:") for clause in library.rule(name).cites)


def _way(way: str) -> str:
    return way.replace("_", " ")


def _row(library: Library, one: Statement, rules: list[str]) -> list[str]:
    links = ", ".join(link(name, f"policies/{library.page_of(name)}") for name in rules)
    tests = sum(len(library.tests.get(name, ())) for name in rules)
    nothing = "none of its own (see below)" if one.instead else "none"
    ways = ", ".join(_way(way) for way in one.seen)
    return [f"{anchor(one.number)}{one.number}", inline(one.says), ways, links or nothing, str(tests)]


def _others(library: Library, names: list[str]) -> Iterator[str]:
    for name in names:
        rule = library.rule(name)
        what = "feeds other rules" if rule.level == "none" else f"cites {listed(map(code, rule.cites), 'and')}"
        yield f"- {link(name, f'policies/{library.page_of(name)}')}: {what}"
