"""What a check says: findings, open obligations, what could not be told, and the report that holds them.

Everything here is plain frozen data. Instants are microseconds since the Unix epoch, in UTC. `values` holds what is
written in a report (text, true or false, whole or decimal numbers, lists of text), never an evaluator's own units:
an instant in it is already `2026-03-02T09:00:00Z`, an amount is already `3.5`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ethics_engine.errors import ConfigError

if TYPE_CHECKING:
    import polars

    from ethics_engine.amendments import Correction, Ineffective
    from ethics_engine.logs import RejectedLine

LEVELS = ("violation", "risk", "notice", "none")
"""From the gravest to the one that is never reported."""

STATUSES = ("open", "excused", "waived")


_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def finding_id(rule: str, practitioner: str, client: str | None, trigger: str) -> str:
    """The digest that names a finding: 20 hexadecimal characters, the same wherever the same log is judged.

    `client` is the client of the rule's key: None under a rule that is judged per practitioner.
    """
    key = _compact([rule, practitioner, client, trigger])
    return hashlib.sha256(key.encode("utf-8")).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that did not hold, with the events it rests on (its trigger first)."""

    id: str
    rule: str
    policy: str
    level: str
    status: str
    at: int
    practitioner: str
    client: str | None
    events: tuple[str, ...]
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    cites: tuple[str, ...] = ()
    remedy: str = ""
    title: str = ""
    families: tuple[str, ...] = ()
    per: str = "relationship"
    why: str = ""

    @property
    def order(self) -> tuple[int, str, str, str, str]:
        return (self.at, self.practitioner, self.client or "", self.rule, self.id)


@dataclass(frozen=True, slots=True)
class Obligation:
    """A duty whose end is not yet past at the report's `as_of`; `due` is that end."""

    rule: str
    due: int
    practitioner: str
    client: str | None
    events: tuple[str, ...]
    message: str
    title: str = ""
    per: str = "relationship"
    level: str = ""

    @property
    def order(self) -> tuple[int, str, str, str, tuple[str, ...]]:
        return (self.due, self.practitioner, self.client or "", self.rule, self.events)


@dataclass(frozen=True, slots=True)
class CannotTell:
    """What a rule could not judge for one practitioner.

    `missing` is `attribute NAME` or `area NAME, NAME`; `events` is the number of triggers left unjudged by it.
    """

    rule: str
    practitioner: str
    missing: str
    events: int
    message: str
    title: str = ""
    level: str = ""

    @property
    def order(self) -> tuple[str, str, str]:
        return (self.practitioner, self.rule, self.missing)


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as a report may show it on an axis of time: that it happened, never what was written about it."""

    id: str
    at: int
    type: str
    practitioner: str
    client: str | None


@dataclass(frozen=True, slots=True)
class Override:
    """A parameter of a policy that a profile or a practice's own configuration has set (`source` names which)."""

    parameter: str
    default: Any
    value: Any
    source: str


@dataclass(frozen=True, slots=True)
class Engine:
    """What judged: the version of this package, the evaluator (`live`) and its matcher (`python`, `durable`)."""

    version: str
    evaluator: str = "live"
    matcher: str = "python"


@dataclass(frozen=True, slots=True)
class PolicyInUse:
    """A policy that was judged, with the number of its rules."""

    policy: str
    version: str
    rules: int


@dataclass(frozen=True, slots=True)
class RulesInUse:
    """Which rules were judged: their digest (`sha256:…`), policies, profile, and every parameter that was set."""

    digest: str
    policies: tuple[PolicyInUse, ...] = ()
    profile: str | None = None
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class LogAccount:
    """Every line of the log: accepted + duplicate + rejected = read; `first` and `last` are instants of events.

    `unseen` are the accepted events later than `as_of`, which were not judged (a `log.covers` counts at any time).
    """

    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    first: int | None = None
    last: int | None = None
    as_of: int | None = None
    unseen: int = 0

    @property
    def nothing_seen(self) -> bool:
        """Whether every event is later than `as_of`, so that nothing was judged."""
        return self.first is not None and self.as_of is not None and self.as_of < self.first


@dataclass(frozen=True, slots=True)
class Report:
    """All that a check says. Its lists are put in order when it is made, so that equal reports are written alike."""

    engine: Engine
    rules: RulesInUse
    log: LogAccount
    findings: tuple[Finding, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    cannot_tell: tuple[CannotTell, ...] = ()
    rejected: tuple[RejectedLine, ...] = ()
    ineffective: tuple[Ineffective, ...] = ()
    corrections: tuple[Correction, ...] = ()
    timezone: str = "UTC"
    hidden: int = field(default=0, compare=False)
    """Findings that a filter left out of this view."""
    happenings: tuple[Happening, ...] = field(default=(), compare=False)
    """The events that were judged, where the check was asked to keep them (a report that draws them needs them)."""

    def __post_init__(self) -> None:
        def put(name: str, items: Iterable[Any]) -> None:
            object.__setattr__(self, name, tuple(items))

        put("happenings", sorted(self.happenings, key=lambda one: (one.at, one.practitioner, one.id)))
        put("findings", sorted(self.findings, key=lambda finding: finding.order))
        put("obligations", sorted(self.obligations, key=lambda obligation: obligation.order))
        put("cannot_tell", sorted(self.cannot_tell, key=lambda line: line.order))
        put("rejected", self.rejected)
        put("ineffective", sorted(self.ineffective, key=lambda one: (one.practitioner, one.event_id, one.target)))
        put("corrections", sorted(self.corrections, key=lambda one: (one.at, one.practitioner, one.event_id)))

    def summary(self) -> dict[str, int]:
        """Open findings by level, then excused and waived ones, then the lines of what could not be told."""
        counts = dict.fromkeys(("violation", "risk", "notice", "excused", "waived", "cannot_tell"), 0)
        for finding in self.findings:
            counts[finding.level if finding.status == "open" else finding.status] += 1
        counts["cannot_tell"] = len(self.cannot_tell)
        return counts

    def has_open(self, level: str) -> bool:
        """Whether a finding at or above `level` is open (`never` is above every level)."""
        grave = LEVELS[: LEVELS.index(level) + 1] if level in LEVELS else ()
        return any(finding.status == "open" and finding.level in grave for finding in self.findings)

    def filtered(
        self,
        *,
        rules: Collection[str] = (),
        levels: Collection[str] = (),
        practitioner: str | None = None,
        client: str | None = None,
    ) -> Report:
        """The same report with fewer lines shown; nothing is judged anew. An empty filter lets everything pass.

        What could not be told has no client, so a filter by client leaves it in.
        """
        if not rules and not levels and practitioner is None and client is None:
            return self

        def shown(item: Finding | Obligation | CannotTell) -> bool:
            return (
                (not rules or item.rule in rules)
                and (not levels or item.level in levels or not item.level)
                and (practitioner is None or item.practitioner == practitioner)
                and (client is None or isinstance(item, CannotTell) or item.client == client)
            )

        def happened(one: Happening) -> bool:
            return practitioner in (None, one.practitioner) and client in (None, one.client)

        kept = tuple(filter(shown, self.findings))
        return replace(
            self,
            findings=kept,
            obligations=tuple(filter(shown, self.obligations)),
            cannot_tell=tuple(filter(shown, self.cannot_tell)),
            hidden=self.hidden + len(self.findings) - len(kept),
            happenings=tuple(filter(happened, self.happenings)),
        )

    def to_frame(self) -> polars.DataFrame:
        """The findings as a Polars data frame, one row each, in order.

        Columns: id, rule, policy, level, status, practitioner, client, message, remedy (text), at (microseconds, UTC),
        events and cites (lists of text), values (JSON text).

        Raises:
            ConfigError: Polars is not installed (`pip install 'ethics-engine[frames]'`).
        """
        try:
            import polars as pl
        except ImportError:
            raise ConfigError("data frames need Polars: pip install 'ethics-engine[frames]'") from None
        texts = ("id", "rule", "policy", "level", "status", "practitioner", "client", "message", "remedy")
        columns: dict[str, Any] = {name: [getattr(each, name) for each in self.findings] for name in texts}
        columns["at"] = [each.at for each in self.findings]
        columns["events"] = [list(each.events) for each in self.findings]
        columns["cites"] = [list(each.cites) for each in self.findings]
        columns["values"] = [json.dumps(dict(each.values), ensure_ascii=False) for each in self.findings]
        lists = {"events": pl.List(pl.String), "cites": pl.List(pl.String)}
        schema = {name: lists.get(name, pl.Int64 if name == "at" else pl.String) for name in columns}
        frame = pl.DataFrame(columns, schema=schema)
        return frame.with_columns(pl.from_epoch("at", time_unit="us").dt.replace_time_zone("UTC"))

    def to_json(self) -> str:
        """The report in the layout of the public contract, ending in a line end; equal reports give equal bytes."""
        from ethics_engine.layout import report_json

        return report_json(self)
