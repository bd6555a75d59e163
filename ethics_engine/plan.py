"""The plan: what the rules of a rule set come to, as plain frozen data that every evaluator reads.

A *pick* is a set of event types with a condition for each; the matcher says which picks an event falls under. A
*source* is a selection as it stands in a rule: a union of picks, each perhaps narrowed (`same`) or numbered (`nth`). A
rule is one or more *variants*, one for each stretch of time in which its parameters have one value. Times and
durations are integer microseconds, numbers integer millionths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from ethics_engine.conditions import Condition
from ethics_engine.messages import Template
from ethics_engine.vocabulary import Vocabulary

FINDING = "finding"
Scope = Literal["relationship", "practitioner"]
Same = tuple[tuple[str, str], ...]  # (their attribute, the trigger's attribute), sorted


@dataclass(frozen=True, slots=True)
class Pick:
    """Events of some types for which a condition holds; types whose condition is plainly false are left out."""

    number: int
    conditions: Mapping[str, Condition]


@dataclass(frozen=True, slots=True)
class Member:
    """One selection of a union: a pick, its attributes that must equal the trigger's, and which one of them (`nth`)."""

    pick: int
    same: Same = ()
    nth: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A union of selections; `areas` are the areas of all its event types."""

    number: int
    members: tuple[Member, ...]
    types: frozenset[str]
    areas: frozenset[str]


@dataclass(frozen=True, slots=True)
class State:
    """A state with its own scope; open from an opening event until a closing one or a lapse."""

    name: str
    number: int
    opened_by: Source
    closed_by: Source | None
    lapses_after: int | None
    lapses_at: str | None
    per: Scope


@dataclass(frozen=True, slots=True)
class Years:
    """A span of calendar years on local dates."""

    years: int


@dataclass(frozen=True, slots=True)
class Terms:
    """A value taken from the terms in force: attribute of the latest event, times `factor` plus `offset`.

    `default` stands for the attribute (millionths). `money` tells whether the value is an amount with a currency.
    """

    source: Source
    attribute: str
    factor: Fraction
    offset: int
    default: int | None
    money: bool = False


@dataclass(frozen=True, slots=True)
class SinceEvent:
    """Some event of the source happened no longer ago than `within`; `None` has no end."""

    source: Source
    within: int | Years | None


@dataclass(frozen=True, slots=True)
class SinceState:
    """The state is not open and ended no longer ago than `within`; `None` has no end."""

    state: int
    within: int | Years | None


@dataclass(frozen=True, slots=True)
class UnlessCondition:
    """An exception on the trigger itself, typed for each of its types."""

    conditions: Mapping[str, Condition]


@dataclass(frozen=True, slots=True)
class Nearby:
    """An exception or excuse by another event: in `[t-within, t]` or, as an excuse, `[t-within, t+within]`."""

    source: Source
    within: int | None


@dataclass(frozen=True, slots=True)
class Forbid:
    """Absence: every trigger is a finding."""

    trigger: Source


@dataclass(frozen=True, slots=True)
class Precedence:
    """`require before`: some answer at or before the trigger, no longer before than `within`."""

    trigger: Source
    answer: Source
    within: int | None


@dataclass(frozen=True, slots=True)
class Response:
    """`require after`: some answer within a time of the trigger."""

    trigger: Source
    answer: Source
    within: int | Terms
    waived_by: Source | None
    earlier_counts: bool


@dataclass(frozen=True, slots=True)
class Recurrence:
    """`require every`: no stretch of a state, or of an activity, longer than `every` without an answer."""

    answer: Source
    every: int
    state: int | None
    activity: Source | None
    gap: int


@dataclass(frozen=True, slots=True)
class Measure:
    """How events are counted: their number, the sum of an attribute, its distinct values, or a share of others."""

    kind: Literal["count", "sum", "distinct", "share"]
    attribute: str | None = None
    base: Source | None = None
    least: int = 0
    money: bool = False


@dataclass(frozen=True, slots=True)
class Quota:
    """`require each`: in every calendar period with a trigger, at least `need` (millionths) of the answer."""

    trigger: Source
    answer: Source
    period: str
    measure: Measure
    need: int


@dataclass(frozen=True, slots=True)
class Limit:
    """Bounded existence: no more than `to` (millionths) within a time, the trigger included."""

    trigger: Source
    to: int | Terms
    within: int
    measure: Measure
    same: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """One matched pair of an expectation: trigger attribute, operator, reference attribute times factor plus offset.

    `kind` is the kind of the trigger's attribute, in whose unit `tolerance` and `offset` are; `default` is a typed
    value.
    """

    attribute: str
    operator: str
    reference: str
    kind: str
    factor: Fraction = Fraction(1)
    offset: int = 0
    default: Any = None
    tolerance: int = 0
    money: bool = False


def named_beside(attribute: str, reference: str) -> str:
    """What a reference's value is called beside that of the trigger's attribute."""
    return f"{reference}_before" if reference == attribute else reference


@dataclass(frozen=True, slots=True)
class Expectation:
    """Universality: the trigger agrees with the latest reference (`None`: with itself) on every pair."""

    trigger: Source
    reference: Source | None
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """A sequence in strictly rising time, its last step the trigger."""

    trigger: Source
    earlier: tuple[Source, ...]
    within: int


Form = Forbid | Precedence | Response | Recurrence | Quota | Limit | Expectation | Chain


@dataclass(frozen=True, slots=True)
class Variant:
    """A rule as it stands for triggers dated in `[start, end)`."""

    start: int | None
    end: int | None
    form: Form
    during: int | None = None
    not_during: tuple[int, ...] = ()
    since: tuple[SinceEvent | SinceState, ...] = ()
    unless: tuple[UnlessCondition | Nearby, ...] = ()
    excused_by: tuple[Nearby, ...] = ()

    def judges(self, at: int) -> bool:
        """Whether a trigger dated `at` is judged by this variant."""
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True)
class Wording:
    """What a finding says (`message`) and asks for next (`remedy`), and what an open obligation says (`duty`)."""

    message: Template
    duty: Template | None
    remedy: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with everything that a finding says of it.

    `earlier` are the wordings of triggers before an instant, where parameters in them changed; `wording` is the latest.
    """

    id: str
    policy: str
    title: str
    level: str
    families: tuple[str, ...]
    per: Scope
    absolute: bool
    wording: Wording
    cites: tuple[str, ...]
    basis: tuple[str, ...]
    variants: tuple[Variant, ...]
    why: str = ""
    earlier: tuple[tuple[int, Wording], ...] = ()

    def wording_of(self, at: int) -> Wording:
        """The wording for a trigger of an instant."""
        return next((wording for end, wording in self.earlier if at < end), self.wording)


@dataclass(frozen=True)
class Plan:
    """All the rules of a rule set, lowered.

    `strata` lists them so that a rule reads only findings of earlier ones; `reads` names, for each rule, those whose
    findings it may read (None for a rule that reads events alone); `derived` the derived attributes in use, by type.
    """

    vocabulary: Vocabulary
    picks: tuple[Pick, ...]
    sources: tuple[Source, ...]
    states: tuple[State, ...]
    rules: Mapping[str, Rule]
    strata: tuple[tuple[str, ...], ...]
    reads: Mapping[str, Sequence[str] | None]
    timezone: str
    currency: str | None
    derived: Mapping[str, frozenset[str]] = field(default_factory=dict)
