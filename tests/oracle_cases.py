"""Short ways to write a log and one rule for tests of the oracle.

Times are days after 1 March 2026, 00:00 UTC (a Sunday), in any fraction, with microseconds beside.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from oracle import Verdict, judge
from small_vocabulary import VOCABULARY

START = datetime(2026, 3, 1, tzinfo=UTC)
FILLED: dict[str, dict[str, Any]] = {
    "agreement.made": {"covers": ["goals"]},
    "session.held": {"minutes": 50},
    "session.moved": {"by": "practitioner"},
    "therapy.ended": {"by": "client"},
    "invoice.issued": {"invoice": "i1"},
    "payment.received": {"amount": 80},
    "contact.touch": {"by": "practitioner"},
    "supervision.attended": {"minutes": 60},
    "event.amended": {"amend_reason": "a slip"},
    "event.withdrawn": {"amend_reason": "a slip"},
    "waiver.granted": {"reason": "agreed", "approver": "board"},
}
CLIENTLESS = {name for types in VOCABULARY["areas"].values() for name, spec in types.items() if spec["client"] != "yes"}


def day(days: float, us: int = 0) -> str:
    """An instant as a log writes it."""
    return (START + timedelta(days=days, microseconds=us)).isoformat()


def at(days: float, us: int = 0) -> datetime:
    """The same instant as a verdict gives it."""
    return START + timedelta(days=days, microseconds=us)


def ev(id: str, type: str, days: float, us: int = 0, **rest: Any) -> dict[str, Any]:
    """An event of p1, with c1 where its type always has a client, and its required attributes filled in."""
    client = {} if type in CLIENTLESS else {"client": "c1"}
    return {
        "id": id,
        "at": day(days, us),
        "type": type,
        "practitioner": "p1",
        **client,
        **FILLED.get(type, {}),
        **rest,
    }


def held(id: str, days: float, us: int = 0, **rest: Any) -> dict[str, Any]:
    return ev(id, "session.held", days, us, **rest)


def verdict(
    rule: dict[str, Any],
    *events: dict[str, Any],
    others: dict[str, dict[str, Any]] | None = None,
    states: dict[str, Any] | None = None,
    parameters: dict[str, Any] | None = None,
    **options: Any,
) -> Verdict:
    """The verdict of the rule `p.rule` (level risk) and of other rules of its policy on a log."""
    policy = {
        "policy": "p",
        "parameters": parameters or {},
        "states": states or {},
        "rules": {name: {"level": "risk", **r} for name, r in {"p.rule": rule, **(others or {})}.items()},
    }
    return judge({"policies": [policy]}, list(events), VOCABULARY, **options)


def found(rule: dict[str, Any], *events: dict[str, Any], **options: Any) -> list[str]:
    """The triggers of the findings of `p.rule`, in the order of their dates."""
    return [x.events[0] for x in verdict(rule, *events, **options).findings if x.rule == "p.rule"]


def dated(rule: dict[str, Any], *events: dict[str, Any], **options: Any) -> list[datetime]:
    """The dates of the findings."""
    return [x.at for x in verdict(rule, *events, **options).findings]


def evidence(rule: dict[str, Any], *events: dict[str, Any], **options: Any) -> list[tuple[str, ...]]:
    """The events of each finding of `p.rule`."""
    return [x.events for x in verdict(rule, *events, **options).findings if x.rule == "p.rule"]


def due(rule: dict[str, Any], *events: dict[str, Any], **options: Any) -> list[tuple[str, datetime]]:
    """Trigger and due time of each open obligation."""
    return [(x.trigger, x.due) for x in verdict(rule, *events, **options).obligations]


def untold(rule: dict[str, Any], *events: dict[str, Any], **options: Any) -> dict[str, int]:
    """What is missing, and on how many events."""
    return {x.missing: x.events for x in verdict(rule, *events, **options).cannot_tell}


def statuses(rule: dict[str, Any], *events: dict[str, Any], **options: Any) -> list[str]:
    """The status of each finding of `p.rule`."""
    return [x.status for x in verdict(rule, *events, **options).findings if x.rule == "p.rule"]
