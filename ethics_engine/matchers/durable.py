"""The durable-rules matcher: conditions as rulesets of its C engine, asked one fact at a time.

What was found of durable-rules 2.0.28 and is kept to here:

- Its C module is called, never its `Host` (background threads), `post` (an event is consumed by the first
  rule that matches; a fact is seen by all) or timers. One fact under one `sid` and one `id` is asserted, the
  actions are run, and the fact is retracted, so that nothing is pending between two matches.
- A fact has every field that a ruleset tests, always: a rule with `$nex` fires for the engine's own state
  fact too.
- Paths through `$or` that hold together fire a rule once each, multiplying under `$and`; so no two
  alternatives of a rule can hold at once (see `coding`), and a rule fires at most once for a fact.
- A node with 512 tests under it hangs; the 65th open match of a fact, the 16th `$and` or `$or` of a rule and
  the 253rd field are errors; names are told apart by a 32-bit hash only. Rulesets are cut to stay below all
  of these.
- Freeing a context that never ran an action frees uninitialised memory, so a `ready` rule runs before all
  else.
"""

from __future__ import annotations

import importlib
import json
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ethics_engine.conditions import Condition, Values, tests
from ethics_engine.errors import ConfigError, Diagnostic
from ethics_engine.matchers.coding import Field, Term, code, too_large

MOST_MATCHES = 60  # of the 64 that one fact may have open
MOST_FIELDS = 240  # of the 252 that a fact may have
MOST_TESTS = 480  # of the 511 that may stand under one node
MOST_NAMES = 499
MOST_GATES = 15  # `$and` and `$or` of one rule
MOST_KNOWN = 10_000  # answers that are kept for one event type
SMALL = 8  # a condition of no more tests than this is within every limit, and is translated when first needed

_OWN_NAMES = (
    "sid",
    "id",
    "$s",
    "$m",
    "$forward",
    "ready",
    "m",
)  # names that the engine or a ruleset has anyway
_HANDLED, _NOT_HANDLED = 0, 1  # answers of the engine to a fact: some rule matches, none does
_FACT = '{"sid":1,"id":1}'


def load_engine() -> Any:
    """The C module of durable-rules, or `None` where it cannot be imported."""
    try:
        return importlib.import_module("durable_rules_engine")
    except ImportError:
        return None


class DurableMatcher:
    """Asks durable-rules; the rulesets of an event type are made when the type first occurs."""

    name = "durable"

    def __init__(self, conditions: Mapping[str, Sequence[tuple[int, Condition]]]) -> None:
        """Take the numbered conditions of each event type.

        Raises:
            ConfigError: durable-rules cannot be imported, or a condition is outside its limits.
        """
        self._engine = load_engine()
        if self._engine is None:
            message = "the durable matcher needs durable-rules, which cannot be imported"
            raise ConfigError([Diagnostic("matcher-missing", message, hint="use the python matcher")])
        self._conditions = dict(conditions)
        self._types: dict[str, _Type] = {}
        for event_type, numbered in conditions.items():
            if any(len(tests(condition)) > SMALL for _, condition in numbered):
                self._types[event_type] = _Type(self._engine, event_type, numbered)

    def match(self, event_type: str, values: Mapping[str, Any]) -> Sequence[int]:
        """The numbers of the conditions that hold, ascending."""
        known = self._types.get(event_type)
        if known is None:
            if event_type not in self._conditions:
                return ()
            known = self._types[event_type] = _Type(self._engine, event_type, self._conditions[event_type])
        return known.match(values)


class _Type:
    """One event type: the numbers that always hold, and the rulesets for the others.

    Events of a type fall into few classes of values, so that what the rulesets answered is kept.
    """

    def __init__(self, engine: Any, event_type: str, numbered: Sequence[tuple[int, Condition]]) -> None:
        coded = code(numbered)
        fields, terms = coded.fields, coded.terms.items()
        parts = _parts(rule for term, numbers in terms for rule in _rules(term, numbers, fields))
        self.always = coded.always
        self.rulesets = [_Ruleset(engine, event_type, part) for part in parts]
        self._encode = [field.encode for field in fields]
        self._known: dict[tuple[int, ...], tuple[int, ...]] = {}

    def match(self, values: Values) -> tuple[int, ...]:
        classes = tuple([encode(values) for encode in self._encode])
        found = self._known.get(classes)
        if found is None:
            asked = [number for ruleset in self.rulesets for number in ruleset.match(classes)]
            found = tuple(sorted([*self.always, *asked]))
            if len(self._known) < MOST_KNOWN:
                self._known[classes] = found
        return found


@dataclass(frozen=True, slots=True)
class _Rule:
    """A term as durable-rules is told it; `matches` bounds how many of its tests can be open at once."""

    condition: Mapping[str, Any]
    numbers: tuple[int, ...]
    fields: frozenset[int]
    tests: int
    matches: int


def _rules(term: Term, numbers: tuple[int, ...], fields: Sequence[Field]) -> Iterator[_Rule]:
    """The rule of a term; several where one would have too many `$or` and `$and`."""
    choices = [(number, _spans(classes, fields[number].classes)) for number, classes in term]
    ranges = [sum("$and" in span for span in spans) for _, spans in choices if len(spans) > 1]
    total = sum(len(span.get("$and", (span,))) for _, spans in choices for span in spans)
    if 1 + len(ranges) + sum(ranges) > MOST_GATES or total > MOST_TESTS:
        widest = max(range(len(term)), key=lambda index: len(choices[index][1]))
        if len(choices[widest][1]) == 1:
            raise too_large(f"a condition takes {total:,} tests")
        number, classes = term[widest][0], sorted(term[widest][1])
        for half in (classes[: len(classes) // 2], classes[len(classes) // 2 :]):
            smaller = (*term[:widest], (number, frozenset(half)), *term[widest + 1 :])
            yield from _rules(smaller, numbers, fields)
        return
    parts: list[Mapping[str, Any]] = []
    for number, spans in choices:
        named = [_named(span, f"f{number}") for span in spans]
        parts += [{"$or": named}] if len(named) > 1 else named[0].get("$and", named)
    yield _Rule({"$and": parts}, numbers, frozenset(number for number, _ in term), total, 1 + sum(ranges))


def _spans(classes: frozenset[int], size: int) -> list[dict[str, Any]]:
    """Tests for "one of these classes", no two of which can hold at once; names of operators to constants."""
    if len(classes) == size - 1:
        return [{"$neq": (set(range(size)) - classes).pop()}]
    runs: list[list[int]] = []
    for value in sorted(classes):
        if runs and runs[-1][1] == value - 1:
            runs[-1][1] = value
        else:
            runs.append([value, value])
    return [_span(low, high, size - 1) for low, high in runs]


def _span(low: int, high: int, last: int) -> dict[str, Any]:
    if low == high:
        return {"$eq": low}
    if low == 0:
        return {"$lte": high}
    if high == last:
        return {"$gte": low}
    return {"$and": [{"$gte": low}, {"$lte": high}]}


def _named(span: Mapping[str, Any], name: str) -> dict[str, Any]:
    if "$and" in span:
        return {"$and": [_named(part, name) for part in span["$and"]]}
    [(operator, constant)] = span.items()
    return {name: constant} if operator == "$eq" else {operator: {name: constant}}


def _parts(rules: Iterable[_Rule]) -> Iterator[list[_Rule]]:
    """The rules in runs that fit into one ruleset each."""
    part: list[_Rule] = []
    fields, matches, total = frozenset[int](), 0, 0
    for rule in rules:
        fields, matches, total = fields | rule.fields, matches + rule.matches, total + rule.tests
        if part and (matches > MOST_MATCHES or total > MOST_TESTS or len(fields) > MOST_FIELDS):
            yield part
            part, fields, matches, total = [], rule.fields, rule.matches, rule.tests
        part.append(rule)
    if part:
        yield part


def check_names(rules: Sequence[str], fields: Sequence[str]) -> None:
    """Refuse names that durable-rules would choke on or mix up.

    Raises:
        ConfigError: too many names, too many fields, or two names of one hash.
    """
    names = [*rules, *fields, *_OWN_NAMES]
    if len(fields) > MOST_FIELDS:
        raise too_large(f"a condition tests {len(fields):,} attributes")
    if len(names) > MOST_NAMES:
        raise too_large(f"a ruleset has {len(names):,} names")
    seen: dict[int, str] = {}
    for name in names:
        other = seen.setdefault(fnv1a(name), name)
        if other != name:
            raise too_large(f"the names `{other}` and `{name}` have one hash")


def fnv1a(name: str) -> int:
    """The 32-bit FNV-1a hash by which durable-rules knows a name."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return value


class _Ruleset:
    """One ruleset of the engine; made with its first match, freed with this object."""

    def __init__(self, engine: Any, name: str, rules: Sequence[_Rule]) -> None:
        used = sorted(frozenset[int]().union(*(rule.fields for rule in rules)))
        names = {f"{index:02d}": rule for index, rule in enumerate(rules)}
        check_names([*names], [f"f{number}" for number in used])
        self._engine = engine
        self._name = name
        self._definition = json.dumps(
            {
                "ready": {"all": [{"m": {"ready": 1}}]},
                **{name: {"all": [{"m": rule.condition}]} for name, rule in names.items()},
            }
        )
        self._numbers = {name: rule.numbers for name, rule in names.items()}
        self._fields = used
        self._fact = '{"sid":1,"id":1,' + ",".join(f'"f{number}":%d' for number in used) + "}"
        self._lock = threading.Lock()
        self._release: weakref.finalize[..., _Ruleset] | None = None
        self._handle = 0

    def match(self, classes: Sequence[int]) -> list[int]:
        """The numbers of the rules that match the classes of an event type's fields, in no order.

        A match cut short leaves nothing behind.
        """
        fact = self._fact % tuple([classes[number] for number in self._fields])
        with self._lock:
            try:
                if self._release is None:
                    self._release = self._opened()
                return [number for name in self._fired(self._handle, fact) for number in self._numbers[name]]
            except BaseException:
                if self._release is not None:
                    self._release()
                    self._release = None
                raise

    def _opened(self) -> weakref.finalize[..., _Ruleset]:
        """Make the ruleset and run its `ready` rule; what is returned frees it."""
        self._handle = self._engine.create_ruleset(self._name, self._definition)
        self._fired(self._handle, '{"sid":1,"id":1,"ready":1}')
        close = weakref.finalize(self, _close, self._engine, self._handle)
        close.atexit = False  # the process takes its memory with it
        return close

    def _fired(self, handle: int, fact: str) -> list[str]:
        """Assert the fact, run its actions, retract it; the two-character names of the rules that fired."""
        engine = self._engine
        answer, state = engine.assert_fact(handle, fact)
        if answer == _NOT_HANDLED:
            return []
        if answer != _HANDLED:
            raise RuntimeError(f"durable-rules answered {answer} to a fact")
        fired = []
        _, message = engine.start_action_for_state(handle, state)
        while message is not None:
            fired.append(message[2:4])  # {"07":{"m":{...}}}
            message = engine.complete_and_start_action(handle, state)
        engine.retract_fact(handle, _FACT)
        return fired


def _close(engine: Any, handle: int) -> None:
    engine.delete_state(handle, "1")
    engine.delete_ruleset(handle)
