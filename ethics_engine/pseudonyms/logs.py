"""A log that was read, with pseudonyms: what a report that shows no names is made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ethics_engine.errors import Diagnostic
from ethics_engine.logs import Log, RejectedLine
from ethics_engine.plan import Plan
from ethics_engine.pseudonyms.names import Names
from ethics_engine.pseudonyms.replacing import Pseudonymiser
from ethics_engine.pseudonyms.words import reading_of
from ethics_engine.vocabulary import ENVELOPE


def redacted(log: Log, plan: Plan, rules: Iterable[str], names: Names) -> tuple[Log, Pseudonymiser]:
    """A log without names, identifiers and free text, to be judged in the place of the one that was read.

    Its events are in the order of time; rejected lines keep their place and what kind of fault they have, nothing of
    what they say. `rules` are the ids that a waiver may name.

    Raises:
        EventError: as `Pseudonymiser` does.
    """
    pseudonymiser = Pseudonymiser(log.events, plan.vocabulary, reading_of(plan, rules), names)
    fields = {*ENVELOPE, *(name for each in plan.vocabulary.types.values() for name in each.attributes)}
    files = {name: f"log-{number}" for number, name in enumerate(log.files, 1)}
    rejected = [_unsaid(line, files.get(line.file, "log"), fields) for line in log.rejected]
    return Log(pseudonymiser.events, log.read, log.duplicate, rejected), pseudonymiser


def _unsaid(line: RejectedLine, file: str, fields: set[str]) -> RejectedLine:
    """A rejected line without what it says."""
    field = line.field if line.field in fields else None
    message = f"a line was rejected ({line.code}" + (f", `{field}`)" if field is not None else ")")
    hint = "without --redact it is told what is wrong"
    return replace(
        line,
        file=file,
        field=field,
        expected="",
        seen="",
        message=message,
        hint=hint,
        text="",
        text_column=1,
        raw=b"",
        diagnostics=(Diagnostic(line.code, message, file, line.line, line.column, hint=hint),),
    )
