"""Raw columns that are clean as a whole: what rules do not ask for is looked at once and not typed.

Nearly every part of a log is of this kind. Where a value may not be clean, where one event may stand twice or says
something of another, `typed` looks at each row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from ethics_engine.audits.readers import VERBATIM, is_clean, is_text, read
from ethics_engine.audits.typed import IDENTITY, PLACES, Typed, attributes_told, may_repeat, typed_of_type
from ethics_engine.events import AMENDED, WITHDRAWN
from ethics_engine.plan import FINDING
from ethics_engine.vocabulary import ENVELOPE, Attribute, Vocabulary

_ONE_BY_ONE = frozenset({AMENDED, WITHDRAWN, FINDING})


def swiftly(raw: pl.DataFrame, vocabulary: Vocabulary, asked: Mapping[str, Collection[str]]) -> Typed | None:
    """Type what is `asked` for, attributes by type, of a raw frame; None where not every value of it is clean."""
    if not is_text(raw.schema.get("type")):
        return None
    types = raw.get_column("type").cast(pl.String)
    names = types.unique().to_list()
    if not all(name in vocabulary.types and name not in _ONE_BY_ONE for name in names):
        return None
    rows = _Rows(types, names)
    attributes = {name: attributes_told(vocabulary, name) for name in names}
    told = {each for own in attributes.values() for each in own}
    given = [each for each in raw.columns if each not in PLACES and each != "type"]
    if any(one.required and each not in given for own in attributes.values() for each, one in own.items()):
        return None
    for each in given:
        if each in told or not each.startswith(("x_", "x-")):
            own = {name: found[each] for name, found in attributes.items() if each in found}
            later = (name for name, one in own.items() if one.kind not in VERBATIM and each in asked.get(name, ()))
            if not _sound(raw.get_column(each), own, frozenset(later), rows):
                return None
    if may_repeat(raw):
        return None
    texts = {each: series.cast(pl.String) for each in given if is_text((series := raw.get_column(each)).dtype)}
    wanted = [name for name in names if name in asked]
    frames: dict[str, pl.DataFrame] = {}
    for name in wanted:
        of_type = {each: one for each, one in attributes[name].items() if each in asked[name]}
        own_rows = rows.of({name})  # columns taken one by one: of a frame of several chunks rows are taken slowly
        columns = [texts.get(each, raw.get_column(each)).filter(own_rows) for each in of_type if each in given]
        frames[name], clean = typed_of_type(
            pl.DataFrame(columns), of_type, [each for each, one in of_type.items() if one.kind in VERBATIM]
        )
        if clean is not None:
            return None
    others = read(raw.get_column("at").filter(rows.of(set(names) - set(wanted))), ENVELOPE["at"])
    assert others is not None
    none = raw.select(*PLACES, *IDENTITY).clear()
    return Typed(frames, none, others)


class _Rows:
    """Which rows are of which types."""

    def __init__(self, types: pl.Series, names: list[str]) -> None:
        self._numbers = {name: number for number, name in enumerate(names)}
        self._types = types.cast(pl.Enum(names)).to_physical()
        self._found: dict[frozenset[str], pl.Series] = {}

    def of(self, names: Collection[str]) -> pl.Series:
        """For each row whether it is of one of some types."""
        key = frozenset(names)
        if key not in self._found:
            self._found[key] = self._made(key)
        return self._found[key]

    def _made(self, names: frozenset[str]) -> pl.Series:
        if len(names) == 1:
            return self._types == self._numbers[next(iter(names))]
        if len(names) * 2 > len(self._numbers):
            return ~self.of(self._numbers.keys() - names)
        found = pl.repeat(False, len(self._types), eager=True, dtype=pl.Boolean)
        for name in names:  # masks of bits, united much faster than values are looked up
            found = found | self.of({name})
        return found


def _sound(series: pl.Series, own: Mapping[str, Attribute], typed_later: Collection[str], rows: _Rows) -> bool:
    """Whether a column has clean values, on events of the types `own` alone and on all of those that must have it.

    Values on events of the types `typed_later` are looked at when they are typed.
    """
    there = series.is_not_null()
    if series.null_count() < len(series) and (there & ~rows.of(own)).any():
        return False
    required = [name for name, attribute in own.items() if attribute.required]
    if required and series.null_count() and (~there & rows.of(required)).any():
        return False
    alike: dict[Any, list[str]] = {}
    for name, one in own.items():
        if name not in typed_later:
            alike.setdefault((one.kind, one.values, one.minimum, one.maximum), []).append(name)
    for names in alike.values():
        values = series if len(names) == len(own) else series.filter(there & rows.of(names))
        if not is_clean(values, own[names[0]]):
            return False
    return True
