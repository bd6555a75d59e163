"""Statements that every call runs, compiled once for each kind of database: what SQLAlchemy takes to look up a compiled
one is longer than a small statement takes to run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement, Connection, CursorResult, Select, Table, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from ethics_engine.store.schema import about, events, practitioners, verdicts


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str
    order: Sequence[str] | None  # of the parameters, where they have no names
    fixed: Mapping[str, Any]


class Statement:
    """A statement; its parameters are those that it names."""

    def __init__(self, made: ClauseElement | Callable[[Any], ClauseElement], columns: Sequence[str] = ()) -> None:
        """`made` may be a function of the `insert` of a database; `columns` are those that an insert or update sets."""
        self._made = made
        self._columns = list(columns) or None
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, **values: Any) -> CursorResult[Any]:
        """Run it once."""
        compiled = self._for(connection)
        return connection.exec_driver_sql(compiled.text, self._given(compiled, values))

    def run_each(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each row of parameters, of which there is one at least."""
        compiled = self._for(connection)
        given = [self._given(compiled, row) for row in rows]
        connection.exec_driver_sql(compiled.text, given[0] if len(given) == 1 else given)

    def _for(self, connection: Connection) -> _Compiled:
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            insert = insert_postgresql if dialect.name == "postgresql" else insert_sqlite
            made = self._made if isinstance(self._made, ClauseElement) else self._made(insert)
            compiled: Any = made.compile(dialect=dialect, column_keys=self._columns)
            fixed = {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}
            order = compiled.positiontup if compiled.positional else None
            self._compiled[dialect.name] = _Compiled(compiled.string, order, fixed)
        return self._compiled[dialect.name]

    @staticmethod
    def _given(compiled: _Compiled, values: Mapping[str, Any]) -> Any:
        if compiled.fixed:
            values = {**compiled.fixed, **values}
        return values if compiled.order is None else tuple([values[name] for name in compiled.order])


def _told(name: str) -> Any:
    return select(about.c.value).where(about.c.name == name).scalar_subquery()


def _practices(*which: Any) -> Select[Any]:
    """Practitioners by name: what `Practice` holds, and the seal."""
    table = practitioners.c
    asked = select(table.practitioner, table.count, table.head, table.last, table.as_of, table.seal)
    return asked.where(*which).order_by(table.practitioner)


def _all_of(table: Table) -> list[str]:
    return [column.name for column in table.columns]


_begun = practitioners.c.count > 0
_woken = (_begun, practitioners.c.wake <= bindparam("as_of"))
_wakes = select(practitioners.c.wake).where(_begun).order_by(practitioners.c.wake).limit(1)
_said_of = (
    verdicts.c.judged_by == bindparam("judged_by"),
    verdicts.c.practitioner == bindparam("name"),
)

STATE = Statement(
    select(
        _told("judged_by"),
        _told("as_of"),
        select(func.max(practitioners.c.last)).scalar_subquery(),
        _wakes.scalar_subquery(),
    )
)
"""What the rules are, how far time was let pass, the latest instant of all, the first at which someone wakes."""

LOCK = Statement(_practices(practitioners.c.practitioner == bindparam("name")).with_for_update())
LOCK_WOKEN = Statement(_practices(*_woken).with_for_update())
LOCK_WOKEN_FREE = Statement(_practices(*_woken).with_for_update(skip_locked=True))
LOCK_ALL = Statement(_practices(_begun).with_for_update())
ALL = Statement(_practices(_begun))
ENTER = Statement(
    lambda insert: insert(practitioners).on_conflict_do_nothing(), ["practitioner", "count", "head", "wake"]
)
KEEP = Statement(
    practitioners.update().where(practitioners.c.practitioner == bindparam("name")),
    ["count", "head", "seal", "last", "as_of", "wake"],
)
APPEND = Statement(events.insert(), _all_of(events))
RECORDED = Statement(
    select(events.c.content).where(events.c.practitioner == bindparam("name"), events.c.id == bindparam("event"))
)
SAY = Statement(verdicts.insert(), _all_of(verdicts))
UNSAY = Statement(verdicts.delete().where(*_said_of, verdicts.c.place == bindparam("at_place")))
UNSAY_ALL = Statement(verdicts.delete().where(*_said_of))
