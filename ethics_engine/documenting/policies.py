"""The page of a policy: every rule under the same headings; and the index of the policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ethics_engine.documenting.forms import form_in_words
from ethics_engine.documenting.library import MADE, Library, written
from ethics_engine.documenting.markdown import anchor, block, code, inline, link, prose, table
from ethics_engine.documenting.statements import SEEN
from ethics_engine.documenting.words import Words, listed
from ethics_engine.located import Map, Mark, Seq, Text
from ethics_engine.plan import Rule
from ethics_engine.reports.wording import LEVEL_MEANINGS
from ethics_engine.rules.parameters import names_in
from ethics_engine.rules.rule_set import Policy
from ethics_engine.rules.sources import RuleSource

_TOLD = ("title", "level", "family", "why", "remedy", "cites", "basis")
"""Keys of a rule that have a heading of their own; the rest is shown as written."""
_MEANINGS = {**LEVEL_MEANINGS, "none": "never reported itself: what it finds feeds other rules"}
_SOURCES = {
    "code": "code: in a code of ethics",
    "survey": "survey: an empirical study",
    "manual": "manual: of the instrument",
    "norm": "norm: common practice",
    "default": "default: no figure is published; a starting point",
}


def policy_page(library: Library, policy: Policy) -> str:
    """One policy as Markdown."""
    sources = library.of_policy(policy)
    file = f"{library.home}/{policy.file.name}"
    lines = [MADE, "", f"# {prose(policy.title)}", ""]
    lines += [
        f"Policy {code(policy.name)}, version {inline(policy.version)}, from [{code(policy.file.name)}]({file}).",
        "",
    ]
    if policy.description:
        lines += [prose(policy.description), ""]
    rows = [
        [link(source.id), library.rule(source.id).level, inline(library.rule(source.id).title)] for source in sources
    ]
    lines += [table(["rule", "level", "what it is about"], rows), ""]
    writer = _RuleWriter(library, policy)
    lines += writer.states(sources)
    for source in sources:
        lines += writer.rule(source)
    return "\n".join(lines).rstrip() + "\n"


def index_page(library: Library) -> str:
    """The list of the policies as Markdown."""
    lines = [MADE, "", "# Policies", ""]
    lines += ["A page for each file of rules, with every rule of it under the same headings.", ""]
    lines += ["“Before”, “after” and “within” take in the instant itself, and a day is 24 hours.", ""]
    rows = []
    for policy in library.rules.policies:
        sources = library.of_policy(policy)
        tests = sum(len(library.tests.get(source.id, ())) for source in sources)
        rows.append([f"[{inline(policy.title)}]({policy.name}.md)", code(policy.name), str(len(sources)), str(tests)])
    total = [str(sum(int(row[column]) for row in rows)) for column in (2, 3)]
    lines += [table(["policy", "name", "rules", "tests"], [*rows, ["all", "", *total]]), ""]
    if library.profiles:
        lines += [
            f"Each page is that of the rules as they ship; what the profiles {_names(library)} change is said.",
            "",
        ]
    if library.statements is not None:
        lines += ["[Which rules speak to which statement of the source](../coverage.md).", ""]
    return "\n".join(lines).rstrip() + "\n"


def _names(library: Library) -> str:
    return listed([code(name) for name in library.profiles], "and")


class _RuleWriter:
    def __init__(self, library: Library, policy: Policy) -> None:
        self.library = library
        self.policy = policy
        self.words = Words(policy.name, library.rules.parameters, self._linked)

    def _linked(self, name: str) -> str:
        if name not in self.library.entries:
            return code(name)
        page = self.library.page_of(name)
        return link(name, "" if page == f"{self.policy.name}.md" else page)

    def states(self, sources: list[RuleSource]) -> list[str]:
        """The states that the rules of the policy speak of."""
        named = {name for source in sources for name in _texts(source.node)}
        rows = []
        for state in self.library.rules.states:
            if state.policy == self.policy.name or (state.name in named and isinstance(state.node, Map)):
                words = Words(state.policy, self.library.rules.parameters, self._linked)
                rows.append(f"- {code(state.name)} {words.state(state.node)}")
        return ["## States", "", *rows, ""] if rows else []

    def rule(self, source: RuleSource) -> list[str]:
        """One rule under its headings."""
        rule, node = self.library.rule(source.id), source.node
        looks = [form_in_words(node, self.words), ""]
        looks += [*(f"- {sentence}" for sentence in self.words.circumstances(node)), _key(rule), ""]
        looks.append(block(self._as_written(source), "yaml"))
        exceptions = self.words.exceptions(node)
        if not rule.absolute and rule.level != "none":
            exceptions.append("A waiver can be granted, with its reason, who approved it and until when.")
        tests = self.library.tests.get(rule.id, ())
        parts: list[tuple[str, list[str]]] = [
            ("What it looks at", looks),
            ("Level", [self._level(rule)]),
            ("Why", [prose(rule.why) or "Not said."]),
            ("What to do next", [prose(rule.wording.remedy) or ("Nothing." if rule.level == "none" else "Not said.")]),
            ("Parameters", list(self._parameters(source))),
            ("Exceptions", [f"- {sentence}" for sentence in exceptions] or ["None."]),
            (
                "Clauses",
                list(self._clauses(rule)) or ["None: it feeds other rules." if rule.level == "none" else "None."],
            ),
            ("Seen in", [f"- {way.replace('_', ' ')}: {SEEN.get(way, '')}" for way in rule.basis] or ["Not said."]),
            (f"Tests ({len(tests)})", [f"- {prose(name)}" for name in tests] or ["None."]),
        ]
        lines = [anchor(rule.id), "", f"## {prose(rule.title)}", "", f"{code(rule.id)}", ""]
        for heading, body in parts:
            lines += [f"### {heading}", "", *body, ""]
        return lines

    def _level(self, rule: Rule) -> str:
        said = f"**{rule.level}**: {_MEANINGS[rule.level]}."
        for level, profiles in self.library.levels(rule.id).items():
            said += f" Under {listed(map(code, profiles), 'and')}: {level or 'not judged'}."
        if rule.families:
            said += f" Family {listed(map(code, rule.families), 'and')}, which rules about findings count by."
        return said

    def _parameters(self, source: RuleSource) -> Iterator[str]:
        names = dict.fromkeys(name for name, _ in names_in(source.node))
        if not names:
            yield "None."
            return
        rows = []
        for name in names:
            parameter = self.words.parameter(name)
            value = code(written(parameter))
            for other, profiles in self.library.values(parameter).items():
                value += f"; {code(other)} under {listed(map(code, profiles), 'and')}"
            origin = parameter.source.split(":")[0].split(" ")[0]
            note = inline(parameter.source).replace(origin, _SOURCES.get(origin, origin), 1)
            rows.append([code(name), value, inline(parameter.why) or "not said", note or "not said"])
        yield table(["parameter", "value", "reason", "source"], rows)

    def _clauses(self, rule: Rule) -> Iterator[str]:
        statements, by_code = self.library.statements, dict[str, list[str]]()
        for clause in self.library.clauses(rule.id):
            prefix, _, number = clause.partition(":")
            if statements is not None and prefix == statements.source:
                said = link(number, "../coverage.md")
            elif number.endswith("?"):
                said = f"{inline(number[:-1])} (number not re-verified)"
            else:
                said = inline(number)
            by_code.setdefault(prefix, []).append(said)
        for prefix, clauses in by_code.items():
            title = statements.codes.get(prefix) if statements is not None else None
            yield f"- {prose(title or prefix)}: {', '.join(clauses)}"

    def _as_written(self, source: RuleSource) -> str:
        """The keys of a rule that have no heading of their own, as they stand in its file, comments with them."""
        node, marks = source.node, source.node.key_marks
        lines = self.library.rules.lines
        if len({mark.line for mark in marks.values()}) < len(marks) or source.mark.line in {
            m.line for m in marks.values()
        }:
            return str(lines.line(source.mark) or "").strip()
        indent = min(mark.column for mark in marks.values()) - 1
        keys = sorted(marks, key=lambda key: marks[key].line)
        text: list[str] = []
        for number, key in enumerate(keys):
            if key in _TOLD:
                continue
            after = marks[keys[number + 1]] if number + 1 < len(keys) else None
            text += self._lines(marks[key], after, _last_line(node[key], marks[key].line))
        return "\n".join(line[indent:] if not line[:indent].strip() else line for line in text)

    def _lines(self, mark: Mark, after: Mark | None, last: int) -> list[str]:
        """The lines of a key: the comment above it, itself, and all up to the next key or its own last line."""
        first, lines = mark.line, self.library.rules.lines
        while (lines.line(mark._replace(line=first - 1)) or "").strip().startswith("#"):
            first -= 1
        end = after.line if after is not None else None
        found = []
        number = first
        while end is None or number < end:
            line = lines.line(mark._replace(line=number))
            if line is None or (number > mark.line and not line.strip()):
                break
            if number > last and (line.strip().startswith("#") or _indent(line) < mark.column):
                break
            found.append(line)
            number += 1
        return found


def _indent(line: str) -> int:
    """Where the text of a line begins, from 1."""
    return len(line) - len(line.lstrip()) + 1


def _key(rule: Rule) -> str:
    return f"- Looked at for each {'client relationship' if rule.per == 'relationship' else 'practitioner'}."


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, Text):
        yield str(node)
    for child in node.values() if isinstance(node, Map) else node if isinstance(node, Seq) else ():
        yield from _texts(child)


def _last_line(node: Any, line: int) -> int:
    """The last line on which a value begins."""
    children = [*node.values()] if isinstance(node, Map) else list(node) if isinstance(node, Seq) else []
    own = [node.mark.line] if isinstance(node, Text | Seq | Map) else []
    return max([line, *own, *(_last_line(child, line) for child in children)])
