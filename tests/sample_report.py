"""A report with something of everything, for the tests of reports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ethics_engine.amendments import Ineffective
from ethics_engine.findings import (
    CannotTell,
    Engine,
    Finding,
    LogAccount,
    Obligation,
    Override,
    PolicyInUse,
    Report,
    RulesInUse,
    finding_id,
)
from ethics_engine.logs import RejectedLine
from ethics_engine.scalars import parse_instant

HOSTILE = "c9\x1b[31m‮ =1+1 <b>`*_|@you http://evil.example"
"""A client's id that tries everything: a terminal escape, a turned reading direction, a formula, markup, a link."""


def finding(rule: str, level: str, at: str, *events: str, **changes: Any) -> Finding:
    """A finding of practitioner p1 about client c7."""
    whole = Finding(
        id="",
        rule=rule,
        policy=rule.split(".")[0],
        level=level,
        status="open",
        at=parse_instant(at),
        practitioner="p1",
        client="c7",
        events=events,
        message="Something happened.",
        values={},
    )
    whole = replace(whole, **changes)
    client = whole.client if whole.per == "relationship" else None
    return replace(whole, id=finding_id(rule, whole.practitioner, client, events[0]))


def rejected_line(number: int = 7) -> RejectedLine:
    """A line with a type that is none."""
    return RejectedLine(
        file="practice.ndjson",
        line=number,
        column=12,
        field="type",
        expected="a type of the vocabulary",
        seen="`contact.toch`",
        message="unknown type `contact.toch`",
        hint="did you mean `contact.touch`?",
        text='{"type": "contact.toch"}',
        raw=b'{"type": "contact.toch"}\n',
    )


TOUCH = finding(
    "touch.without-consent",
    "violation",
    "2026-03-02T09:00:00Z",
    "e12",
    "e9",
    message="Touch on 2 March 2026 (hold) without consent.",
    values={"kind": "hold", "count": 3, "share": 0.5},
    cites=("seed:S27", "apa-2017:3.04"),
    remedy="Speak about it with the client in the next session, document it, take it to supervision.",
    title="Touch without the client's consent",
    families=("boundary",),
    why="Touch that was not asked for takes the choice from the client.",
)

OVERRUNS = tuple(
    finding(
        "session.overrun",
        "notice",
        f"2026-03-{day:02}T09:00:00Z",
        f"s{day}",
        message=f"The session of {day} March 2026 took 70 minutes; 50 are agreed.",
        values={"minutes": 70, "session_minutes": 50},
        title="A session longer than agreed",
        remedy="End at the agreed time, or agree on longer sessions.",
        cites=("seed:S32",),
    )
    for day in (3, 10, 17)
)

SUPERVISION = finding(
    "practitioner.supervision",
    "risk",
    "2026-03-01T00:00:00Z",
    "s3",
    message="30 minutes of supervision in February 2026; 90 are the norm.",
    title="Too little supervision",
    per="practitioner",
    client="c3",
)

GIFT = finding(
    "gift.undiscussed",
    "notice",
    "2026-03-05T10:00:00Z",
    "g1",
    "d1",
    status="excused",
    message="A gift of 30 on 5 March 2026 was not talked about.",
    title="A gift not talked about",
    client=HOSTILE,
)

WAIVED = finding(
    "schedule.off-slot",
    "risk",
    "2026-03-06T10:00:00Z",
    "s6",
    status="waived",
    message="-1 hour off the agreed time.",
    title="A session off the agreed time",
)

REPORT = Report(
    engine=Engine("1.2.3", "live", "python"),
    rules=RulesInUse(
        "sha256:0123abcd",
        (PolicyInUse("session", "1.0", 12), PolicyInUse("touch", "1.1", 9)),
        "apa-2017",
        (Override("touch.document_within", "48h", "24h", "profile apa-2017"),),
    ),
    log=LogAccount(
        read=412,
        accepted=409,
        duplicate=2,
        rejected=1,
        first=parse_instant("2026-01-05T09:00:00Z"),
        last=parse_instant("2026-03-29T22:00:00Z"),
        as_of=parse_instant("2026-03-30T09:00:00Z"),
    ),
    findings=(WAIVED, *reversed(OVERRUNS), TOUCH, SUPERVISION, GIFT),
    obligations=(
        Obligation(
            "payment.overdue",
            parse_instant("2026-04-02T09:00:00Z"),
            "p1",
            "c7",
            ("i1",),
            "Invoice 7 of 3 March 2026 waits for its payment.",
            title="An invoice not paid",
            level="notice",
        ),
        Obligation(
            "practitioner.no-leave",
            parse_instant("2026-03-28T09:00:00Z"),
            "p1",
            None,
            ("s1",),
            "A year without leave.",
            per="practitioner",
            level="notice",
        ),
    ),
    cannot_tell=(
        CannotTell(
            "touch.without-consent",
            "p1",
            "attribute consent",
            5,
            "5 events do not say `consent`.",
            "Touch without the client's consent",
            "violation",
        ),
        CannotTell(
            "practitioner.supervision",
            "p1",
            "area supervision",
            1,
            "The log does not cover supervision.",
            "Too little supervision",
            "risk",
        ),
    ),
    rejected=(rejected_line(),),
    ineffective=(Ineffective("a1", "e99", "p1", "there is no event `e99`"),),
    timezone="Europe/Berlin",
)

EMPTY = Report(Engine("1.2.3"), RulesInUse("sha256:0123abcd"), LogAccount())
