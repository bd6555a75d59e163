"""Questions that the sieve asks of columns: is there an answer, how many are there, what do the terms in force say.

A frame of triggers or answers has #row, #prac, #rel, at, #placed (see `columns.Part`) and the attributes asked for.
Answers are looked for under the trigger's key: its relationship and the practitioner's events without a client, or the
whole practitioner.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

from ethics_engine.engines.bulk.columns import Part
from ethics_engine.engines.bulk.tests import holds, may_hold
from ethics_engine.plan import FINDING, Member, Plan, Same, Scope, Source, UnlessCondition

PLACE = ("#row", "#prac", "#rel", "at", "#placed")
_EMPTY = pl.DataFrame(
    schema={"#row": pl.UInt32, "#prac": pl.UInt32, "#rel": pl.UInt32, "at": pl.Int64, "#placed": pl.Boolean}
)


@dataclass(frozen=True)
class Answers:
    """The answers of one member of a source, by one key: `key` is `rel` or `prac`, `same` the columns to be equal."""

    frame: pl.DataFrame
    key: str
    same: Same

    @property
    def keys(self) -> list[str]:
        """The columns of `moments` that must be as the trigger's."""
        return [self.key, *(f"s{index}" for index in range(len(self.same)))]

    @cached_property
    def moments(self) -> pl.DataFrame:
        """The instant of each answer (at, answer), with its keys."""
        return self.frame.select(
            self.key,
            *(pl.col(name).cast(pl.String).alias(f"s{index}") for index, (name, _) in enumerate(self.same)),
            pl.col("at").alias("answer"),
            "at",
        )

    @cached_property
    def first(self) -> pl.DataFrame:
        """The first answer of each key."""
        return self.moments.group_by(self.keys).agg(pl.col("answer").min())

    def asked(self, triggers: pl.DataFrame) -> pl.DataFrame:
        """Triggers with the keys of their answers."""
        known = triggers.columns
        ours = (pl.col(name).cast(pl.String) if name in known else pl.lit(None, pl.String) for _, name in self.same)
        return triggers.select("at", self.key, *(value.alias(f"s{index}") for index, value in enumerate(ours)))


class Masks:
    """The conditions of a plan as expressions, kept from one part to the next: picks, doubts and exceptions by type."""

    def __init__(self, plan: Plan, doubtful: Collection[int]) -> None:
        """`doubtful` are the picks of which it is asked what may hold."""
        self.plan = plan
        self.unless = [
            each
            for rule in plan.rules.values()
            for variant in rule.variants
            for each in variant.unless
            if isinstance(each, UnlessCondition)
        ]
        self._doubtful = doubtful
        self._made: dict[tuple[str, frozenset[str]], list[pl.Expr]] = {}

    def of(self, name: str, columns: frozenset[str]) -> list[pl.Expr]:
        """What to ask of a type's frame with such columns: `pN` for pick N, then `mN` for what may be one, `uN`."""
        key = name, columns
        if key not in self._made:
            self._made[key] = [expression.alias(alias) for alias, expression in self._asked(name, columns)]
        return self._made[key]

    def _asked(self, name: str, columns: frozenset[str]) -> Iterator[tuple[str, pl.Expr]]:
        for pick in self.plan.picks:
            if name in pick.conditions:
                yield f"p{pick.number}", holds(pick.conditions[name], columns)
                if pick.number in self._doubtful:
                    yield f"m{pick.number}", may_hold(pick.conditions[name], columns)
        for number, each in enumerate(self.unless):
            if name in each.conditions:
                yield f"u{number}", holds(each.conditions[name], columns)


class Picks:
    """Which rows of a part fall under which pick, for certain or perhaps."""

    def __init__(self, part: Part, masks: Masks) -> None:
        self.part = part
        self.plan = masks.plan
        self.rows: dict[int, dict[str, pl.Series]] = {}
        self.perhaps: dict[int, dict[str, pl.Series]] = {}
        self.excepted: dict[int, pl.Series] = {}
        excepted: dict[int, list[pl.Series]] = {}
        for name, frame in part.frames.items():
            asked = masks.of(name, frozenset(frame.columns)) if frame.height else []
            if not asked:
                continue
            rows = frame.get_column("#row")
            masks_of_type = frame.select(asked)
            certain: dict[int, pl.Series] = {}
            for mask in masks_of_type.iter_columns():
                kind, number = mask.name[0], int(mask.name[1:])
                full = mask if len(mask) == len(rows) else mask.extend_constant(mask[0], len(rows) - len(mask))
                if kind == "p":
                    certain[number] = full
                elif kind == "m":
                    full = full & ~certain[number]
                if not full.any():
                    continue
                found = rows.filter(full)
                if kind == "u":
                    excepted.setdefault(number, []).append(found)
                else:
                    (self.rows if kind == "p" else self.perhaps).setdefault(number, {})[name] = found
        for number, found_rows in excepted.items():
            self.excepted[id(masks.unless[number])] = pl.concat(found_rows)
        self._frames: dict[tuple[int, tuple[str, ...]], pl.DataFrame] = {}
        self._numbers: dict[tuple[int, Scope, tuple[str, ...]], pl.Series] = {}
        self._answers: dict[tuple[int, Scope, tuple[str, ...]], list[Answers] | None] = {}

    def all_rows(self, picks: tuple[int, ...]) -> pl.Series:
        """The rows of some picks, in order, each once."""
        found = [rows for pick in picks for rows in self.rows.get(pick, {}).values()]
        if len(picks) > 1:
            return pl.concat(found).unique().sort() if found else _EMPTY.get_column("#row")
        return pl.concat(found).sort() if found else _EMPTY.get_column("#row")

    def frame(self, pick: int, attributes: tuple[str, ...] = (), perhaps: bool = False) -> pl.DataFrame:
        """The rows of a pick with their places and some attributes, in order."""
        key = (pick if not perhaps else -1 - pick, attributes)
        found = self._frames.get(key)
        if found is None:
            chosen = (self.perhaps if perhaps else self.rows).get(pick, {})
            found = self._frames[key] = self._taken(chosen, attributes)
        return found

    def _taken(self, chosen: Mapping[str, pl.Series], attributes: tuple[str, ...]) -> pl.DataFrame:
        parts = []
        for name, rows in chosen.items():
            frame = self.part.frames[name]
            present = [each for each in attributes if each in frame.columns and each not in PLACE]
            own = frame.select(*PLACE, *present)
            parts.append(own if len(rows) == own.height else own[self.part.core.get_column("#pos")[rows]])
        if not parts:
            return _EMPTY
        return parts[0] if len(parts) == 1 else pl.concat(parts, how="diagonal").sort("#row")

    def answers(self, source: Source, per: Scope, attributes: tuple[str, ...] = ()) -> list[Answers] | None:
        """The answers that a source gives; None where columns cannot say which they are.

        They cannot for `nth` where events without a client count among those of each client, nor for what must be the
        same and is a list or free text, whose columns do not hold it as events do.
        """
        key = (source.number, per, attributes)
        if key not in self._answers:
            self._answers[key] = self._found(source, per, attributes)
        return self._answers[key]

    def _found(self, source: Source, per: Scope, attributes: tuple[str, ...]) -> list[Answers] | None:
        if any(not self._plain(theirs, source) for member in source.members for theirs, _ in member.same):
            return None
        found = []
        for member in source.members:
            theirs = tuple(name for name, _ in member.same)
            frame = self.frame(member.pick, tuple(dict.fromkeys([*theirs, *attributes])))
            if not frame.height or any(name not in frame.columns for name in theirs):
                continue
            if member.nth is not None:
                if per == "relationship" and not frame.get_column("#placed").all():
                    return None
                frame = self._nth(frame, member, per)
            elif theirs:
                frame = frame.drop_nulls(list(theirs))
            if per == "practitioner":
                found.append(Answers(frame, "#prac", member.same))
                continue
            own = _placed(frame)
            if own.height:
                found.append(Answers(own, "#rel", member.same))
            if own.height < frame.height:
                found.append(Answers(frame.filter(~pl.col("#placed")), "#prac", member.same))
        return found

    def _plain(self, name: str, source: Source) -> bool:
        """Whether an attribute is neither a list nor free text on any type of a source."""
        found = (self.plan.vocabulary.attribute(each, name) for each in source.types)
        return all(each is None or each.kind not in ("list", "tags", "text") for each in found)

    def triggers(self, source: Source, per: Scope, attributes: tuple[str, ...]) -> pl.DataFrame:
        """The events that trigger, each once."""
        parts = [self._of_member(member, per, attributes) for member in source.members]
        parts = [part for part in parts if part.height]
        if not parts:
            return _EMPTY
        if len(parts) == 1:
            return parts[0]
        return pl.concat(parts, how="diagonal").unique("#row").sort("#row")

    def _of_member(self, member: Member, per: Scope, attributes: tuple[str, ...]) -> pl.DataFrame:
        theirs = [name for name, _ in member.same] if member.nth is not None else []
        frame = self.frame(member.pick, tuple(sorted({*attributes, *theirs})))
        if per == "relationship":
            frame = _placed(frame)
        if member.nth is None or not frame.height:
            return frame
        if any(name not in frame.columns for name in theirs):
            return frame.clear()
        return self._nth(frame, member, per)

    def _nth(self, frame: pl.DataFrame, member: Member, per: Scope) -> pl.DataFrame:
        """Of the rows of a numbered member, all of them in order, those that are the so-manieth of their key."""
        theirs = tuple(name for name, _ in member.same)
        frame = frame.drop_nulls(list(theirs)) if theirs else frame
        key = (member.pick, per, theirs)
        if key not in self._numbers:
            number = pl.int_range(1, pl.len() + 1).over("#rel" if per == "relationship" else "#prac", *theirs)
            self._numbers[key] = frame.select(number.alias("number")).to_series()
        return frame.filter(self._numbers[key] == member.nth)

    def doubtful(self, source: Source, per: Scope, attributes: tuple[str, ...]) -> pl.DataFrame:
        """The events of which it is unknown whether they trigger."""
        certain: list[pl.Series] = []
        parts = []
        for member in source.members:
            if member.nth is not None:
                continue
            certain.extend(self.rows.get(member.pick, {}).values())
            frame = self.frame(member.pick, attributes, perhaps=True)
            if frame.height:
                parts.append(frame)
        if not parts:
            return _EMPTY
        frame = pl.concat(parts, how="diagonal").unique("#row").sort("#row") if len(parts) > 1 else parts[0]
        if certain:
            frame = frame.filter(~pl.col("#row").is_in(pl.concat(certain).implode()))
        return _placed(frame) if per == "relationship" else frame


def _placed(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with a client: all of them as they are where none is without one, as of most types."""
    return frame if frame.get_column("#placed").all() else frame.filter("#placed")


def same_names(source: Source) -> set[str]:
    """The attributes of a trigger that answers of a source must share."""
    return {mine for member in source.members for _, mine in member.same}


def reads_findings(source: Source) -> bool:
    return FINDING in source.types


def answered_before(triggers: pl.DataFrame, answers: Sequence[Answers], slack: int = 0) -> pl.Series:
    """For each trigger whether some answer stands at or before it (`slack`: no more than so long after it)."""
    result = pl.repeat(False, triggers.height, eager=True, dtype=pl.Boolean)
    for each in answers:
        joined = each.asked(triggers).join(each.first, on=each.keys, how="left", maintain_order="left")
        result = result | joined.select((pl.col("answer") <= pl.col("at") + slack).fill_null(False)).to_series()
    return result


def answered_within(
    triggers: pl.DataFrame, answers: Sequence[Answers], within: int | pl.Series, forward: bool
) -> pl.Series:
    """For each trigger whether some answer stands within a time after it (`forward`) or before it."""
    result = pl.repeat(False, triggers.height, eager=True, dtype=pl.Boolean)
    strategy: Literal["forward", "backward"] = "forward" if forward else "backward"
    for each in answers:
        joined = each.asked(triggers).join_asof(
            each.moments, on="at", by=each.keys, strategy=strategy, check_sortedness=False
        )
        apart = joined.get_column("answer") - joined.get_column("at")
        result = result | ((apart if forward else -apart) <= within).fill_null(False)
    return result
