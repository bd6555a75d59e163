"""The models of a policy file: the envelope of policy and rule, selections and what stands around a rule."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ethics_engine.located import Map, Seq, Text
from ethics_engine.rules.fields import (
    Basis,
    Duration,
    DurationOrEver,
    Flag,
    Level,
    Located,
    Moment,
    Name,
    Per,
    Prose,
    Raw,
    RawMap,
    SameMap,
    SinceWithin,
    Texts,
    Whole,
    Word,
)


class Selection(Located):
    """Events of a type, several types or a pattern, for which `where` holds."""

    event: Raw
    where: RawMap = None
    nth: Whole | None = None
    same: SameMap = None


class NearbySelection(Selection):
    """A selection with a window around or before the trigger."""

    within: DurationOrEver


def as_selections(node: Any) -> list[Map]:
    """A selection, in any of its spellings, as a list of mappings (their union)."""
    if isinstance(node, Seq) and not node:
        raise ValueError("expected at least one event type")
    return [_selection(item) for item in (node if isinstance(node, Seq) else [node])]


def _selection(node: Any) -> Map:
    if isinstance(node, Map):
        return node
    if not isinstance(node, Text) or not node:
        raise ValueError("expected an event type or a mapping with `event`")
    wrapped = Map(event=node)
    wrapped.mark = node.mark
    wrapped.key_marks = {"event": node.mark}
    return wrapped


Selections = Annotated[list[Selection], BeforeValidator(as_selections)]
NearbySelections = Annotated[list[NearbySelection], BeforeValidator(as_selections)]


class SinceClause(Located):
    """`since: {event: A, within: W}` or `since: {state: S, within: W}`."""

    event: Raw = None
    where: RawMap = None
    same: SameMap = None
    state: Name | None = None
    within: SinceWithin


def as_list(node: Any) -> list[Any]:
    """One or several of the same thing."""
    return list(node) if isinstance(node, Seq) else [node]


class Effective(Located):
    """The stretch of time in which triggers are judged; `until` is exclusive."""

    start: Moment = Field(default=None, alias="from")
    until: Moment = None


class StateModel(Located):
    """A state: what opens and closes it, and when it lapses."""

    opened_by: Selections
    closed_by: Selections | None = None
    lapses_after: Duration | None = None
    lapses_at: Name | None = None
    per: Per = "relationship"
    title: Prose | None = None
    why: Prose | None = None


class RuleModel(Located):
    """What every rule may say, whatever its form."""

    title: Prose
    level: Level
    family: Texts = []
    per: Per | None = None
    during: Name | None = None
    not_during: Texts = []
    since: Annotated[list[SinceClause], BeforeValidator(as_list)] = []
    unless: Annotated[list[Raw], BeforeValidator(as_list)] = []
    effective: Effective | None = None
    excused_by: NearbySelections = []
    absolute: Flag = False
    message: Prose
    duty: Prose | None = None
    remedy: Prose | None = None
    cites: Texts = []
    basis: Annotated[list[Basis], BeforeValidator(as_list)] = []
    why: Prose | None = None


class PolicyFile(Located):
    """One policy file."""

    policy: Word
    title: Prose
    version: Word
    description: Prose | None = None
    parameters: RawMap = None
    states: RawMap = None
    rules: RawMap


class ProfileFile(Located):
    """A profile: what a professional code changes in the rules that ship."""

    profile: Name
    title: Prose
    description: Prose | None = None
    partial: Flag = False
    parameters: RawMap = None
    levels: RawMap = None
    disabled: Texts = []
    clauses: RawMap = None
