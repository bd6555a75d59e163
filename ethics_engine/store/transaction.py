"""One transaction of a store: practitioners are locked, read and written, all of it or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, select
from sqlalchemy.exc import IntegrityError

from ethics_engine.errors import StoreError, shown
from ethics_engine.store import statements
from ethics_engine.store.chain import NOBODY, START, enrolled, is_sealed, link, seal
from ethics_engine.store.schema import about, events, insert_into, join, open_alone, rule_sets, verdicts


@dataclass(slots=True)
class Practice:
    """The chain of one practitioner: its length and last link, the latest instant, and the one it was judged as of."""

    practitioner: str
    count: int
    head: str
    last: int | None
    as_of: int | None


@dataclass(frozen=True, slots=True)
class State:
    """What holds for the whole store: the rule set in use, the instant judged as of, and the first at which someone's
    judgement may be another (all None in a store without events).
    """

    judged_by: str | None
    as_of: int | None
    wake: int | None

    def wakes(self, as_of: int | None) -> bool:
        """Whether someone may be judged otherwise by an instant."""
        return as_of is not None and self.wake is not None and self.wake <= as_of


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that is said of a practitioner, as a row: `kind` is finding, obligation or cannot_tell."""

    place: str
    number: int
    kind: str
    rule: str
    client: str | None
    level: str | None
    status: str | None
    at: int | None
    content: str


class Transaction:
    """Reads and writes until its block ends; the practitioners it has locked are nobody else's meanwhile."""

    def __init__(self, connection: Connection, key: bytes | None = None) -> None:
        self._connection = connection
        self._key = key
        self._entered: list[str] = []

    # --- the whole store ----------------------------------------------------------------------------------------

    def told(self, name: str) -> str | None:
        """What holds for the whole store, by name."""
        found: str | None = self._connection.scalar(select(about.c.value).where(about.c.name == name))
        return found

    def tell(self, name: str, value: str) -> None:
        """Let something hold for the whole store."""
        row = insert_into(self._connection, about).values(name=name, value=value)
        self._connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": value}))

    def state(self) -> State:
        """What holds for the whole store; the instant is that of the latest event, or how far time was let pass."""
        row: Any = statements.STATE.run(self._connection).one()
        judged_by, told, last, wake = row
        known = [int(instant) for instant in (last, told) if instant is not None]
        return State(judged_by, max(known, default=None), wake)

    def open_alone(self) -> None:
        """Wait until no other process is opening the store or writing to it, and let none begin meanwhile."""
        open_alone(self._connection)

    def join(self) -> None:
        """Wait until no process is opening the store, and let none do so meanwhile."""
        join(self._connection)

    def describe_rules(self, judged_by: str, digest: str, description: str) -> None:
        """Note a rule set that judges from now on."""
        if self._connection.scalar(select(rule_sets.c.number).where(rule_sets.c.judged_by == judged_by)) is None:
            number = (self._connection.scalar(select(func.max(rule_sets.c.number))) or 0) + 1
            row = rule_sets.insert().values(judged_by=judged_by, number=number, digest=digest, description=description)
            self._connection.execute(row)
        self.tell("judged_by", judged_by)

    # --- practitioners ------------------------------------------------------------------------------------------

    def lock(self, names: Iterable[str]) -> dict[str, Practice]:
        """Practitioners of these names, new ones among them, by name; others wait until the transaction ends."""
        found = {}
        for name in sorted(names):  # in order: two that lock the same ones wait for each other, and never in a circle
            row: Any = statements.LOCK.run(self._connection, name=name).first()
            if row is None:
                entered = statements.ENTER.run(self._connection, practitioner=name, count=0, head=START, wake=0)
                row = statements.LOCK.run(self._connection, name=name).one()
                if entered.rowcount == 1:  # nobody else entered it meanwhile
                    self._entered.append(name)
            found[name] = self._practice(*row)
        return found

    def enrol(self) -> None:
        """Write those who are new into the roster: last of all, as others who have new ones wait from here on."""
        if self._entered:
            asked = select(about.c.value).where(about.c.name == "roster").with_for_update()
            self.tell("roster", enrolled(self._connection.scalar(asked) or NOBODY, self._entered, self._key))
            self._entered.clear()

    def lock_woken(self, as_of: int, *, wait: bool) -> dict[str, Practice]:
        """The practitioners who may be judged otherwise by an instant: without `wait`, those nobody else has locked."""
        statement = statements.LOCK_WOKEN if wait else statements.LOCK_WOKEN_FREE
        return self._found(statement, as_of=as_of)

    def lock_all(self) -> dict[str, Practice]:
        """All practitioners."""
        return self._found(statements.LOCK_ALL)

    def all(self) -> dict[str, Practice]:
        """All practitioners, to be read alone."""
        return self._found(statements.ALL)

    def _found(self, statement: statements.Statement, **values: Any) -> dict[str, Practice]:
        rows: Any = statement.run(self._connection, **values)
        return {row[0]: self._practice(*row) for row in rows}

    def _practice(
        self, name: str, count: int, head: str, last: int | None, as_of: int | None, given: str | None
    ) -> Practice:
        if self._key is not None and count and not is_sealed(self._key, name, count, head, given):
            raise StoreError(f"the chain of {shown(name)} has no valid seal; verify the store before it is used")
        return Practice(name, count, head, last, as_of)

    # --- events -------------------------------------------------------------------------------------------------

    def events(self, practice: Practice, after: int = 0, head: str = START) -> list[str]:
        """The events of a chain after its first `after` ones, which end in `head`, as canonical JSON.

        Raises:
            StoreError: the chain is broken; it names the row.
        """
        asked = select(events.c.seq, events.c.content, events.c.hash)
        asked = asked.where(and_(events.c.practitioner == practice.practitioner, events.c.seq > after))
        contents = []
        for seq, content, given in self._connection.execute(asked.order_by(events.c.seq)):
            after += 1
            try:
                head = link(head, practice.practitioner, after, content)
            except UnicodeEncodeError:
                raise _broken(practice, after) from None
            if seq != after or given != head:
                raise _broken(practice, after)
            contents.append(content)
        if after != practice.count or head != practice.head:
            raise _broken(practice, after)
        return contents

    def recorded(self, practitioner: str, ids: Iterable[str]) -> dict[str, str]:
        """Those of some events of a practitioner that were recorded, by id, as canonical JSON."""
        found = {}
        for name in ids:
            content = statements.RECORDED.run(self._connection, name=practitioner, event=name).scalar()
            if content is not None:
                found[name] = content
        return found

    def append(self, practice: Practice, contents: Iterable[tuple[str, int, str]]) -> None:
        """Put events (id, instant, canonical JSON) at the end of a chain."""
        rows = []
        for name, at, content in contents:
            practice.count += 1
            practice.head = link(practice.head, practice.practitioner, practice.count, content)
            practice.last = at if practice.last is None else max(practice.last, at)
            rows.append(
                {
                    "practitioner": practice.practitioner,
                    "seq": practice.count,
                    "id": name,
                    "at": at,
                    "content": content,
                    "hash": practice.head,
                }
            )
        if rows:
            try:
                statements.APPEND.run_each(self._connection, rows)
            except IntegrityError as error:
                raise StoreError(f"the chain of {shown(practice.practitioner)} and its events differ") from error

    def keep(self, practice: Practice, as_of: int, wake: int) -> None:
        """Write a chain's head and seal, what it was judged as of, and when it may be judged otherwise."""
        sealed = None
        if self._key is not None:
            sealed = seal(self._key, practice.practitioner, practice.count, practice.head)
        statements.KEEP.run(
            self._connection,
            name=practice.practitioner,
            count=practice.count,
            head=practice.head,
            seal=sealed,
            last=practice.last,
            as_of=as_of,
            wake=wake,
        )

    # --- what is said -------------------------------------------------------------------------------------------

    def say(self, judged_by: str, practitioner: str, places: Iterable[str], rows: Iterable[Said]) -> None:
        """Replace what is said at some places."""
        gone = [{"judged_by": judged_by, "name": practitioner, "at_place": place} for place in places]
        if gone:
            statements.UNSAY.run_each(self._connection, gone)
        self._write(judged_by, practitioner, rows)

    def say_all(self, judged_by: str, practitioner: str, rows: Iterable[Said]) -> None:
        """Replace all that is said of a practitioner."""
        statements.UNSAY_ALL.run(self._connection, judged_by=judged_by, name=practitioner)
        self._write(judged_by, practitioner, rows)

    def _write(self, judged_by: str, practitioner: str, rows: Iterable[Said]) -> None:
        written = [
            {"judged_by": judged_by, "practitioner": practitioner}
            | {name: getattr(row, name) for name in Said.__slots__}
            for row in rows
        ]
        if written:
            statements.SAY.run_each(self._connection, written)

    def said(self, judged_by: str, kind: str, **only: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
        """What was said under a rule set, with the practitioner that it is said of, in one order.

        `only` narrows it to what some columns of `verdicts` hold; None lets all pass.
        """
        table = verdicts.c
        asked = select(table.practitioner, table.content).where(table.judged_by == judged_by, table.kind == kind)
        for name, value in only.items():
            if value is not None:
                asked = asked.where(table[name] == value)
        asked = asked.order_by(table.practitioner, table.place, table.number)
        for practitioner, content in self._connection.execute(asked.execution_options(yield_per=1000)):
            with damage_told():
                told = json.loads(content)
            yield practitioner, told


@contextmanager
def damage_told() -> Iterator[None]:
    """What was said cannot be read as it was written down: a StoreError that says so."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        said = "what was said of someone cannot be read: the store was altered outside of ethics-engine"
        raise StoreError(f"{said}; its events can be verified, exported and judged anew") from error


def _broken(practice: Practice, seq: int) -> StoreError:
    return StoreError(
        f"the chain of {shown(practice.practitioner)} is broken at row {seq}: it was altered outside of ethics-engine; "
        "nothing was recorded; `ethics-engine verify` tells more"
    )
