"""Conditions, selections and parameters for property tests, valid by the small vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from drawn_logs import CLOCKS, NUMBERS, TEXTS, TYPES, allowed
from drawn_times import Setting, durations
from hypothesis import strategies as st

Text = dict[str, Any]

RELATIONAL = [name for name, spec in TYPES.items() if spec["client"] == "yes"]
CLIENT_MAY = ["supervision.attended", "incident.documented"]
ANSWERS = [*RELATIONAL, *CLIENT_MAY, *CLIENT_MAY, "leave.taken"]
DERIVED: dict[str, tuple[str, list[str]]] = {
    "local_weekday": ("enum", ["monday", "friday", "sunday"]),
    "local_time": ("clock", ["00:00", "02:30", "12:00"]),
    "local_hour": ("number", ["0", "2", "12"]),
    "recorded_after_days": ("number", ["0", "1"]),
    "source": ("enum", ["client", "system"]),
    "client": ("string", ["c1", "c2"]),
    "session_number": ("number", ["1", "2"]),
    "days_since_session": ("number", ["0", "1", "2"]),
    "announced_days": ("number", ["0", "1"]),
}
SAME = [
    ("invoice", "invoice"),
    ("session", "session"),
    ("event", "id"),
    ("local_date", "local_date"),
    ("by", "by"),
    ("client", "client"),
    ("starts_at", "moved_to"),
    ("place", "place"),
    ("minutes", "minutes"),
]


class Pen:
    """Writes one policy: draws, and keeps the parameters that it names."""

    def __init__(self, draw: st.DrawFn, setting: Setting) -> None:
        self.draw = draw
        self.setting = setting
        self.parameters: Text = {}

    def chance(self, percent: int) -> bool:
        """True that often; shrinks to False."""
        return self.draw(st.integers(0, 99)) >= 100 - percent

    def pick(self, options: Sequence[Any]) -> Any:
        """One of the options; shrinks to the first."""
        return self.draw(st.sampled_from(list(options)))

    def some(self, options: Sequence[Any], least: int = 1, most: int = 2) -> list[Any]:
        """Several different options."""
        return self.draw(st.lists(st.sampled_from(list(options)), min_size=least, max_size=most, unique=True))

    def value(self, options: st.SearchStrategy[Any]) -> Any:
        """A value, or the name of a parameter that has it, perhaps from a day on."""
        plain = self.draw(options)
        if not self.chance(15):
            return plain
        name = f"n{len(self.parameters)}"
        self.parameters[name] = self.pick([plain, {"value": plain, "why": "a norm", "source": "norm"}])
        if not self.setting.timeless and self.chance(50):
            days = self.draw(st.lists(self.setting.dates(), min_size=1, max_size=2, unique=True))
            later = [{"from": day, "value": self.draw(options)} for day in days]
            self.parameters[name] = [{"value": plain}, *later]
        return f"${{{name}}}"

    def duration(self) -> Any:
        return self.value(durations())

    def one_of(self, options: Sequence[str]) -> Any:
        return self.value(st.sampled_from(list(options)))


def attributes_of(name: str) -> dict[str, tuple[str, list[str]]]:
    """What a type's attributes may be compared with: name to (kind, literals)."""
    found: dict[str, tuple[str, list[str]]] = {}
    for key, spec in TYPES[name]["attributes"].items():
        kind = spec["type"]
        if kind in ("number", "money"):
            found[key] = (kind, [str(number) for number in NUMBERS[key]])
        elif kind == "boolean":
            found[key] = (kind, ["true", "false"])
        elif kind == "clock":
            found[key] = (kind, CLOCKS)
        elif kind in ("enum", "list"):
            found[key] = (kind, allowed(spec))
        elif kind == "timestamp":
            found[key] = (kind, [])
        elif kind == "string" and key in TEXTS:
            found[key] = (kind, TEXTS[key])
    return found


def attribute_test(pen: Pen, kind: str, literals: list[str]) -> Any:
    """One test on an attribute of a kind."""
    if kind == "timestamp":
        if pen.setting.timeless or pen.chance(50):
            return {"missing": pen.pick(["true", "false"])}
        return {pen.pick(["lt", "le", "gt", "ge"]): pen.draw(pen.setting.written_instants())}
    if kind == "list":
        operator = pen.pick(["contains", "contains_all", "missing"])
        return {operator: "true" if operator == "missing" else pen.some(literals)}
    shape = pen.pick(["equal", "equal", "among", "operator", "operator", "missing"])
    if shape == "missing":
        return {"missing": pen.pick(["true", "false"])}
    if shape == "equal" or (kind == "boolean" and shape == "among"):
        return pen.one_of(literals)
    if shape == "among":
        chosen = pen.some(literals)
        return pen.pick([chosen, {"in": chosen}, {"not_in": chosen}])
    if kind in ("number", "money", "clock"):
        test = {pen.pick(["lt", "le", "gt", "ge", "ne"]): pen.one_of(literals)}
        return test | {pen.pick(["lt", "ge"]): pen.pick(literals)} if pen.chance(15) else test
    return {"ne": pen.pick(literals)}


def condition(pen: Pen, focus: str, deep: bool = True) -> Text:
    """One or two tests on attributes that a type has, with `any` and `not` among them."""
    own = attributes_of(focus)
    derived = {
        key: kinds
        for key, kinds in DERIVED.items()
        if (key != "announced_days" or focus == "agreement.made")
        and (key not in ("client", "session_number", "days_since_session") or TYPES[focus]["client"] != "no")
    }
    where: Text = {}
    for _ in range(pen.pick([1, 1, 1, 2])):
        shape = pen.pick(["own", "own", "own", "own", "derived", "any", "not"])
        if shape in ("any", "not") and deep:
            inner = condition(pen, focus, deep=False)
            where[shape] = inner if shape == "not" else [inner, condition(pen, focus, deep=False)]
        else:
            key = pen.pick(sorted(own if own and shape != "derived" else derived))
            where[key] = attribute_test(pen, *(own | derived)[key])
    return where


def same_pairs(types: Sequence[str], triggers: Sequence[str]) -> list[tuple[str, str]]:
    """The pairs of attributes by which events of some types may belong to a trigger."""

    def has(names: Sequence[str], key: str) -> bool:
        return any(
            key in TYPES[name]["attributes"]
            or key in ("id", "local_date")
            or (key == "client" and TYPES[name]["client"] != "no")
            for name in names
        )

    return [(theirs, mine) for theirs, mine in SAME if has(types, theirs) and has(triggers, mine)]


def types_of(selection: Any) -> list[str]:
    """The types of the vocabulary that a drawn selection names."""
    if isinstance(selection, list):
        return [name for one in selection for name in types_of(one)]
    if isinstance(selection, dict):
        return types_of(selection["event"])
    if "*" in selection:
        return [name for name in TYPES if fnmatchcase(name, selection)]
    return [selection]


def selection(
    pen: Pen,
    types: Sequence[str],
    *,
    triggers: Sequence[str] = (),
    nth: bool = False,
    union: bool = True,
    plain: bool = True,
) -> Any:
    """A selection among some types. `triggers`: the types with which `same` may compare; `plain`: text may stand."""
    if union and pen.chance(12):
        inner = [selection(pen, types, triggers=triggers, nth=nth, union=False) for _ in range(2)]
        return inner
    event: Any = pen.pick(types)
    named = [event]
    if pen.chance(10) and set(types) >= {"session.held", "session.moved"}:
        event = pen.pick(["session.*", "session.????*"])
        named = ["session.held", "session.moved"]
    elif pen.chance(12):
        event = pen.some(types, 2, 2) if len(set(types)) > 1 else [event]
        named = list(event)
    elif pen.chance(3) and {"supervision.attended", "leave.taken"} <= set(types):
        event = pen.pick(["waiver.granted", "event.withdrawn", "event.amended", "log.covers"])
        named = [event]
    chosen: Text = {"event": event}
    if pen.chance(35):
        chosen["where"] = condition(pen, pen.pick(named))
    if nth and pen.chance(12):
        chosen["nth"] = pen.pick(["1", "2", "3"])
    pairs = same_pairs(named, triggers)
    if pairs and pen.chance(30):
        theirs, mine = pen.pick(pairs)
        chosen["same"] = [theirs] if theirs == mine and pen.chance(50) else {theirs: mine}
    return event if plain and isinstance(event, str) and list(chosen) == ["event"] and pen.chance(70) else chosen


def own_sames(types: Sequence[str]) -> list[str]:
    """Attributes for which events of some types may be counted apart."""
    kinds = {key: kind for name in types for key, (kind, _) in attributes_of(name).items()}
    keys = {key for key, kind in kinds.items() if kind not in ("list", "tags", "money")}
    return sorted(keys | {"local_date"})
