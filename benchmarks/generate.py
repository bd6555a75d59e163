"""Practice logs of any size, to measure with: `python benchmarks/generate.py 10000000 -o log.parquet` (or `.ndjson`).

Everything is invented. Each practitioner (`p1`, `p2`, …) has a year of about 4,000 events with 20 clients: agreements,
sessions held, moved, cancelled and missed, notes, invoices and payments, ratings, messages, supervision, and now and
then a gift, a touch or a word too much. Most of it is sound; a session in some hundreds goes wrong in one way or
another. Practitioner follows practitioner, each in order of time, so that only one is held in memory; the last one's
log breaks off where the wanted number is reached. One seed and number of events give the same events on every machine
and Python: chance comes from `Random.random` alone. Instants are minutes from the start of 2025, UTC.

The first 128 practitioners are all different. After them (from about 500,000 events on) their years are lived again
by new practitioners, a week later each round, up to seven weeks, and from the start again: so a Parquet log is written
as fast as its columns are compressed, and one of 100 million events has the same share of everything as one of a
million.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count, islice
from pathlib import Path
from random import Random
from typing import Any

Record = dict[str, Any]

HOUR, DAY, WEEK = 60, 24 * 60, 7 * 24 * 60
FIRST_MONDAY = 5 * DAY  # 6 January 2025
WEEKS, LEAVE = 50, (14, 30, 31)  # of the year from there, and those without sessions
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
FIRST_DAY = date(2024, 1, 1)
_DAYS = [(FIRST_DAY + timedelta(days=number)).isoformat() for number in range(3 * 366)]
_BEFORE = (date(2025, 1, 1) - FIRST_DAY).days
_CLOCK = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)]
AREAS = [
    "agreements",
    "sessions",
    "money",
    "contact",
    "touch",
    "intimacy",
    "roles",
    "privacy",
    "focus",
    "candour",
    "supervision",
    "development",
    "reflection",
    "alliance",
    "records",
]
TOPICS = [
    "goals",
    "tasks",
    "schedule",
    "payment",
    "lateness",
    "cancellation",
    "no_show",
    "boundaries",
    "touch",
    "contact",
    "confidentiality",
    "emergencies",
    "recording",
    "fee_change",
    "refund",
    "place",
]
POOL = 128  # practitioners whose years differ; those after them repeat the pool
SHIFTS = 8  # a round of the pool begins so many whole weeks (less one, at most) after the first
BY_SOFTWARE = ("session.scheduled", "invoice.issued", "payment.received", "log.covers")


def instant(minute: int) -> str:
    """A minute of the log's calendar as RFC 3339."""
    day, rest = divmod(minute, DAY)
    return f"{_DAYS[_BEFORE + day]}T{_CLOCK[rest]}:00Z"


class Practice:
    """One practitioner's year while it is being written."""

    def __init__(self, practitioner: str, seed: str, clients: int, later: int = 0) -> None:
        self.practitioner = practitioner
        self.later = later  # minutes by which the year is moved, whole weeks
        self.random = Random(seed).random
        self.records: list[tuple[int, Record]] = []
        self.own_year()
        for number in range(clients):
            Relationship(self, f"c{number + 1:02}", number).year()

    def instant(self, minute: int) -> str:
        return instant(minute + self.later)

    def chance(self, share: float) -> bool:
        return self.random() < share

    def between(self, low: int, high: int) -> int:
        return low + int(self.random() * (high - low + 1))

    def add(self, at: int, kind: str, client: str | None = None, /, **attributes: Any) -> str:
        """Write an event down, and answer its id."""
        name = f"e{len(self.records) + 1}"
        record = {"id": name, "at": self.instant(at), "type": kind, "practitioner": self.practitioner}
        if client is not None:
            record["client"] = client
        by_software = kind in BY_SOFTWARE
        record.update(attributes)
        record["recorded_at"] = self.instant(at + (1 if by_software else self.between(20, 1200)))
        record["source"] = "system" if by_software else "practitioner"
        self.records.append((at, record))
        return name

    def own_year(self) -> None:
        """What has no client: coverage, leave, supervision, training, reflection."""
        self.add(9 * HOUR, "log.covers", areas=AREAS)
        for week in LEAVE[:2]:
            start = FIRST_MONDAY + week * WEEK
            until = start + (WEEK if week == LEAVE[0] else 2 * WEEK) - HOUR
            self.add(start, "leave.taken", until=self.instant(until), announced_days=60)
        for week in range(0, WEEKS + 1, 2):
            at = FIRST_MONDAY + week * WEEK + 4 * DAY
            self.add(at + 17 * HOUR, "supervision.attended", minutes=90, boundary_topics=week % 4 == 0)
            if week % 4 == 0:
                self.add(at + 18 * HOUR, "wellbeing.checked", rating=self.between(6, 9), impairing=False)
                for theme in ("over_involved", "inattentive", "judging"):
                    self.add(at + 18 * HOUR, "reflection.recorded", theme=theme, rating=self.between(0, 1))
            if week % 12 == 0:
                self.add(at + 14 * HOUR, "training.attended", hours=8, topic="ethics")
                self.add(at + 19 * HOUR, "own_therapy.attended", minutes=50)

    def in_order(self) -> list[Record]:
        """The year in order of time."""
        self.records.sort(key=lambda entry: entry[0])
        return [record for _, record in self.records]


class Relationship:
    """One client's year with a practitioner: the same slot every week."""

    def __init__(self, practice: Practice, client: str, number: int) -> None:
        self.practice = practice
        self.client = client
        self.weekday, self.hour = number % 5, 8 + number // 5 % 12
        self.fee = practice.between(7, 12) * 10
        self.invoices = 0
        self.held = 0

    def add(self, at: int, kind: str, /, **attributes: Any) -> str:
        """Write an event of this client down."""
        return self.practice.add(at, kind, self.client, **attributes)

    def year(self) -> None:
        """The year, slot by slot."""
        chance, between = self.practice.chance, self.practice.between
        begun = between(1, 20) if chance(0.4) else 0
        ends = between(begun + 12, WEEKS) if chance(0.3) else None
        start = FIRST_MONDAY + self.weekday * DAY + self.hour * HOUR
        self.begin(start + begun * WEEK, new=begun > 0)
        for week in range(begun, WEEKS if ends is None else ends):
            if week not in LEAVE:
                self.slot(start + week * WEEK, week - begun)
        if ends is not None:
            over = start + (ends - 1) * WEEK + HOUR
            told = {"notice_days": 28, "referral_offered": True, "closing_session": True}
            self.add(over, "therapy.ended", by="client", reason="completed", **told)

    def begin(self, first: int, new: bool) -> None:
        """The intake and the terms; for a therapy that goes on, the terms of the new year."""
        made = first - 6 * DAY if new else first - HOUR
        if new:
            answers = {"prior_relationship": "none", "alternatives_considered": True, "first_therapy": True}
            self.add(made - HOUR, "intake.held", **answers)
            self.add(first, "therapy.started", mode="in_person", modality="integrative", community="urban")
        self.add(
            made, "agreement.made", covers=TOPICS, written=True, session_minutes=50, weekday=WEEKDAYS[self.weekday],
            start_time=_CLOCK[self.hour * HOUR], cadence_days=7, fee=self.fee, currency="EUR",
            proposed_by="practitioner", client_agreed=True, announced_at=self.practice.instant(made - 60 * DAY),
            cancel_notice_hours=48, late_cancel_fee=self.fee // 2, no_show_fee=self.fee, late_grace_minutes=15,
            payment_due_days=14, place="office", contact_purposes=["scheduling", "administrative", "crisis"],
        )  # fmt: skip
        self.add(
            first - DAY,
            "session.scheduled",
            session=f"{self.client}-w00",
            starts_at=self.practice.instant(first),
            minutes=50,
        )

    def slot(self, at: int, week: int) -> None:
        """What became of a slot: held, moved and held, cancelled, or missed."""
        chance, between = self.practice.chance, self.practice.between
        name = f"{self.client}-w{week:02}"
        draw = self.practice.random()
        if draw < 0.05:
            late = draw < 0.01
            notice = between(3, 40) if late else between(50, 160)
            told = {"session": name, "by": "client", "starts_at": self.practice.instant(at), "notice_hours": notice}
            self.add(at - notice * HOUR, "session.cancelled", **told, emergency=False, alternative_offered=True)
            self.message(at - notice * HOUR + 40, "scheduling")
            if late:
                more = {"session": name, "notice_hours": notice}
                self.invoice(at - notice * HOUR, "late_cancellation", self.fee // 2, **more)
        elif draw < 0.06:
            told = {"session": name, "by": "client", "starts_at": self.practice.instant(at), "emergency": False}
            self.add(at, "session.missed", **told, explained="forgot")
            self.message(at + 70, "scheduling")
            self.invoice(at + 5 * HOUR, "no_show", self.fee, session=name)
        elif draw < 0.08:
            moved = at + DAY if self.weekday < 4 else at - DAY
            told = {
                "session": name,
                "by": "client",
                "moved_from": self.practice.instant(at),
                "moved_to": self.practice.instant(moved),
            }
            self.add(at - 100 * HOUR, "session.moved", **told, notice_hours=100, emergency=False)
            self.message(at - 100 * HOUR + 30, "scheduling")
            self.session(moved, name)
        else:
            self.session(at, name)
        if week and week % 18 == 0:
            self.add(at + 40, "agreement.reviewed", covers=["goals", "tasks", "schedule"])
        if chance(0.25):
            self.message(at - 2 * DAY, "scheduling", by="client")

    def session(self, at: int, name: str) -> None:
        """A session that took place, with its note, its ratings and its invoice; rarely something beside it."""
        chance, between = self.practice.chance, self.practice.between
        late = between(1, 9) if chance(0.1) else 0
        told = {"minutes": between(48, 54), "mode": "in_person", "place": "office", "last_of_day": False}
        told |= {"practitioner_late_minutes": 0, "client_late_minutes": late, "crisis": False, "fee_waived": False}
        held = self.add(at + late, "session.held", session=name, starts_at=self.practice.instant(at), **told)
        self.held += 1
        if not chance(0.002):
            self.add(at + between(2, 8) * HOUR, "note.recorded", about=held, session=name)
        if self.held <= 3 or self.held % 5 == 0:
            score = 92.5 + 2.5 * between(0, 2)
            rated = {"instrument": "srs", "score_percent": score, "safety_percent": score}
            self.add(at + 45, "alliance.measured", **rated)
            score = min(47.5 + 2.5 * (self.held // 2), 80)
            self.add(at + late, "outcome.measured", instrument="ors", score_percent=score)
        self.invoice(at + 6 * HOUR, "session", self.fee + (10 if chance(0.001) else 0), session=name)
        if chance(0.02):
            self.beside(at)

    def beside(self, at: int) -> None:
        """What happens beside the sessions: mostly harmless, some of it not."""
        add, between = self.add, self.practice.between
        thing = between(0, 13)
        if thing <= 3:
            framed: Record = {"consent": thing > 0, "documented": True, "framework": True, "area": "hand"}
            add(at + 20, "contact.touch", kind="hand", by="practitioner", **framed)
        elif thing <= 5:
            gift: Record = {
                "value": between(5, 30),
                "currency": "EUR",
                "cash": False,
                "intimate": False,
                "occasion": "thanks",
            }
            add(at + 30, "gift.received", **gift, accepted=True, discussed=thing == 4, documented=True)
        elif thing <= 7:
            add(at + 30, "disclosure.made", purpose="therapeutic", depth="mild", minutes=2, discussed=True)
        elif thing == 8:
            add(at + 25, "focus.drifted", topic="casual", minutes=6)
        elif thing == 9:
            add(at + 2 * DAY, "contact.call", by="client", purpose="crisis", minutes=10)
        elif thing == 10:
            told: Record = {"consent": True, "legal_basis": True, "minimum_necessary": True}
            add(at + DAY, "information.shared", to="insurer", **told)
        elif thing == 11:
            met: Record = {"planned": False, "happened": True, "place": "market", "minutes": 3, "others_present": True}
            told = {"alcohol": False, "therapy_discussed": False, "documented": True, "kind": "community"}
            add(at + 3 * DAY, "contact.social", by="other", **met, **told)
        elif thing == 12:
            add(at + 3 * DAY, "contact.online", by="client", kind="friend", accepted=False, public=False)
        else:
            self.message(at + 13 * HOUR, "personal", tone="warm", agreed=False)

    def message(self, at: int, purpose: str, by: str = "practitioner", **changes: Any) -> None:
        told = {"channel": "email", "count": 1, "agreed": True, "private_channel": False, "tone": "neutral"}
        self.add(at, "contact.message", by=by, purpose=purpose, **told | changes)

    def invoice(self, at: int, reason: str, amount: int, **more: Any) -> None:
        """An invoice and its payment, in one case of some hundreds too late."""
        self.invoices += 1
        money = {"invoice": f"{self.client}-i{self.invoices:02}", "amount": amount, "currency": "EUR"}
        self.add(at, "invoice.issued", reason=reason, **money, **more)
        days = 50 if self.practice.chance(0.002) else self.practice.between(2, 11)
        self.add(at + days * DAY, "payment.received", **money, method="transfer")


def records(events: int, seed: int = 1, clients: int = 20) -> Iterator[Record]:
    """So many events, as mappings; `clients` is the number of clients of each practitioner."""
    return islice(_practices(seed, clients), events)


def _practices(seed: int, clients: int) -> Iterator[Record]:
    for number in count():
        again, member = divmod(number, POOL)
        later = again % SHIFTS * WEEK
        yield from Practice(f"p{number + 1}", f"{seed} {member + 1} {clients}", clients, later).in_order()


def lines(events: int, seed: int = 1, clients: int = 20) -> Iterator[str]:
    """So many events, as lines of NDJSON with their ends."""
    encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
    return (encode(record) + "\n" for record in records(events, seed, clients))


def write_log(path: Path, events: int, seed: int = 1, clients: int = 20, interleaved: bool = False) -> None:
    """Write a log of so many events to a file: Parquet where its name ends in `.parquet`, otherwise NDJSON.

    Raises:
        ValueError: an interleaved NDJSON log is asked for; it would have to be held in memory as a whole.
    """
    if path.suffix == ".parquet":
        from parquet import write_parquet

        write_parquet(path, events, seed, clients, interleaved)
        return
    if interleaved:
        raise ValueError(f"{path}: only a Parquet log can be interleaved; let its name end in .parquet")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines(events, seed, clients))


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a generated practice log (NDJSON or Parquet).")
    parser.add_argument("events", type=int, help="number of events, such as 200000")
    parser.add_argument(
        "-o", "--output", type=Path, help="the file to write, .ndjson or .parquet; NDJSON on standard output without it"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=20, help="clients of each practitioner (default: 20)")
    parser.add_argument(
        "--interleaved", action="store_true", help="in order of time, not practitioner by practitioner (Parquet)"
    )
    given = parser.parse_args()
    if given.output is None:
        sys.stdout.writelines(lines(given.events, given.seed, given.clients))
        return
    try:
        write_log(given.output, given.events, given.seed, given.clients, given.interleaved)
    except ValueError as problem:
        parser.error(str(problem))


if __name__ == "__main__":
    main()
