"""The statements of a source that rules cite (`seed:S01`), and how a log can show whether each is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ethics_engine.errors import RuleError
from ethics_engine.located import Lines, Map, Text, read_yaml
from ethics_engine.rules.fields import Complaints, Located, Name, Prose, RawMap, Texts, validated

STATEMENTS_FILE = "statements.yaml"
SEEN = {
    "log": "ordinary records: calendar, invoices, agreements, messages, notes",
    "self": "only where the practitioner reports it",
    "client": "measured with the client, or reported by the client",
    "third_party": "through others: a colleague, family, a board",
    "context": "explains or aims; no single event can show it",
}
"""The ways in which a statement or a rule can be seen, and what each means."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its words, how it can be seen (keys of `SEEN`), and what is done instead of a rule of its own."""

    number: str
    says: str
    seen: tuple[str, ...]
    instead: str


@dataclass(frozen=True, slots=True)
class Statements:
    """What a source says, and the titles of the codes by the word that stands before the colon of a clause."""

    source: str
    title: str
    statements: Mapping[str, Statement]
    codes: Mapping[str, str]


class StatementsModel(Located):
    """A file of statements as written."""

    source: Name
    title: Prose
    statements: RawMap
    codes: RawMap = None


class StatementModel(Located):
    """One statement as written."""

    says: Prose
    seen: Texts
    instead: Prose | None = None


def read_statements(path: Path) -> Statements:
    """The statements of a file; raises RuleError with every complaint."""
    complaints = Complaints(Lines())
    tree = read_yaml(path, complaints.lines)
    model = validated(StatementsModel, tree, complaints, " in a file of statements", tree.mark)
    found: dict[str, Statement] = {}
    for number, node in (model.statements if model else {}).items():
        mark = tree["statements"].key_marks[number]
        if not isinstance(node, Map):
            complaints.add(mark, "wrong-value", f"the statement `{number}` expects a mapping")
            continue
        one = validated(StatementModel, node, complaints, f" in the statement `{number}`", mark)
        if one is None:
            continue
        for way in one.seen:
            if way not in SEEN:
                complaints.unknown(node["seen"], "way of seeing", way, tuple(SEEN), f" in `{number}`")
        found[number] = Statement(number, one.says, tuple(one.seen), one.instead or "")
    if model is None or complaints.found:
        raise RuleError(complaints.found)
    codes = {code: str(title) for code, title in (model.codes or {}).items() if isinstance(title, Text)}
    return Statements(model.source, model.title, found, codes)
