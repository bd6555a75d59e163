"""Tests of rules as data: events and the findings that they must give, and no others (closed world).

    tests:
      - name: consent given and framework documented
        rule: touch.without-consent        # only this rule's findings are compared; all of them without it
        events: [{at: 2026-03-02T10:00:00+02:00, type: contact.touch, by: practitioner, kind: hold, consent: true}]
        expect: []                         # mappings of rule, level, status, at, client, trigger, events

A test fills in ids (`e1`, `e2`, …), the practitioner (`p1`) and the client (`c1`) where they are left out. A time may
be relative: `+3d 10:00` is ten o'clock in the test's zone, three days after `start` (2026-03-02 where none is given).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from ethics_engine.calendars import Zone
from ethics_engine.errors import Diagnostic, RuleError, shown
from ethics_engine.events import AMENDED, Event, type_event
from ethics_engine.faults import check_currency
from ethics_engine.located import Lines, Map, Mark, Node, Seq, Text, read_yaml
from ethics_engine.rules.fields import Complaints, Located, Name, Prose, Raw, RawMap, parse_date, validated
from ethics_engine.rules.loader import shipped_rules
from ethics_engine.rules.model import as_list
from ethics_engine.rules.rule_set import RuleSet
from ethics_engine.scalars import format_instant, parse_clock, parse_instant
from ethics_engine.vocabulary import ENVELOPE, Vocabulary

START = date(2026, 3, 2)
_RELATIVE = re.compile(r"\+(\d{1,5})d(?: (\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?))?")
_EXPECTED = ("rule", "level", "status", "at", "client", "practitioner", "trigger", "events")


class TestModel(Located):
    """One test as written."""

    name: Prose
    rule: Name | None = None
    events: Annotated[list[Raw], BeforeValidator(as_list)]
    expect: Annotated[list[Raw], BeforeValidator(as_list)]
    obligations: Annotated[list[Raw], BeforeValidator(as_list)] | None = None
    cannot_tell: Annotated[list[Raw], BeforeValidator(as_list)] | None = None
    as_of: Name | None = None
    start: Name | None = None
    timezone: Name = "UTC"
    currency: Name | None = None
    profile: Name | None = None
    parameters: RawMap = None


class TestFile(Located):
    """A file of tests."""

    policy: Name | None = None
    tests: Annotated[list[Raw], BeforeValidator(as_list)]


@dataclass(frozen=True)
class RuleTest:
    """A test ready to run; `node` is the test as it stands in its file, whose lines are `lines`."""

    file: Path
    mark: Mark
    node: Map
    lines: Lines
    model: TestModel
    events: tuple[Event, ...]
    as_of: int


def test_files(places: Iterable[Path]) -> list[Path]:
    """The test files of some folders, or the files themselves; raises RuleError where a folder holds none."""
    found: list[Path] = []
    for place in places:
        files = sorted(place.glob("*.yaml")) if place.is_dir() else [place]
        if not files:
            raise RuleError([Diagnostic("no-tests", "the folder holds no test file (*.yaml)", str(place))])
        found.extend(files)
    return found


def tests_beside(folder: Path) -> Path:
    """Where the tests of a folder of rules stand: `fixtures/rules` beside it; an installed package has its own."""
    installed = folder.parent / "shipped_tests"
    if folder == shipped_rules() and installed.is_dir():
        return installed
    return folder.resolve().parent / "fixtures" / "rules"


def read_tests(paths: Sequence[Path], rules: RuleSet) -> list[RuleTest]:
    """The tests of some files, their events typed; raises RuleError with every complaint of every file."""
    complaints = Complaints(Lines())
    tests: list[RuleTest] = []
    policies = {policy.name for policy in rules.policies}
    for path in paths:
        try:
            tree = read_yaml(path, complaints.lines)
        except RuleError as error:
            complaints.found.extend(error.diagnostics)
            continue
        model = validated(TestFile, tree, complaints, " in a test file", tree.mark)
        if path.stem not in policies:
            complaints.unknown(
                tree.mark, "policy", path.stem, sorted(policies), " (a test file is named after its policy)"
            )
        if model is None:
            continue
        if not model.tests:
            complaints.add(tree.key_marks["tests"], "no-tests", "the file holds no test")
        for node in model.tests:
            test = _test(path, node, rules, complaints)
            if test is not None:
                tests.append(test)
    if complaints.found:
        raise RuleError(complaints.found)
    return tests


def _test(path: Path, node: Any, rules: RuleSet, complaints: Complaints) -> RuleTest | None:
    if not isinstance(node, Map):
        complaints.add(node, "wrong-value", "a test expects a mapping")
        return None
    before = len(complaints.found)
    model = validated(TestModel, node, complaints, " in a test", node.mark)
    if model is None:
        return None
    known = {source.id for source in rules.sources}
    if model.rule is not None and model.rule not in known:
        complaints.unknown(node["rule"], "rule", model.rule, sorted(known))
    try:
        if model.currency is not None:
            check_currency(model.currency)
    except ValueError as error:
        complaints.add(node["currency"], "wrong-value", f"`currency`: {error}")
    zone, start = _calendar(model, node, complaints)
    for expected in [*model.expect, *(model.obligations or []), *(model.cannot_tell or [])]:
        _check_expected(expected, known, zone, start, complaints)
    types = {
        str(raw.get("id", f"e{number}")): str(raw.get("type"))
        for number, raw in enumerate(model.events, 1)
        if isinstance(raw, Map)
    }
    events = [
        event
        for number, raw in enumerate(model.events, 1)
        if (event := _event(raw, number, zone, start, types, rules.vocabulary, complaints)) is not None
    ]
    as_of = max((event.at for event in events), default=0)
    if model.as_of is not None:
        try:
            as_of = parse_instant(_absolute(model.as_of, zone, start))
        except ValueError as error:
            complaints.add(node["as_of"], "wrong-value", f"`as_of`: {error}")
    if len(complaints.found) > before:
        return None
    return RuleTest(path, node["name"].mark, node, complaints.lines, model, tuple(events), as_of)


def _calendar(model: TestModel, node: Map, complaints: Complaints) -> tuple[Zone, date]:
    """The zone of a test and the day that its relative times start from."""
    zone, start = Zone(), START
    try:
        zone = Zone(model.timezone)
    except ValueError as error:
        complaints.add(node["timezone"], "wrong-value", f"`timezone`: {error}")
    try:
        start = parse_date(model.start) if model.start is not None else START
    except ValueError as error:
        complaints.add(node["start"], "wrong-value", f"`start`: {error}")
    return zone, start


def _check_expected(expected: Any, known: set[str], zone: Zone, start: date, complaints: Complaints) -> None:
    """Complain of what is wrong with an expectation; its relative times become instants."""
    if not isinstance(expected, Map):
        complaints.add(
            expected, "wrong-value", "an expectation is a mapping of rule, level, status, at, trigger, events"
        )
        return
    for key in expected:
        if key not in (*_EXPECTED, "due", "missing"):
            complaints.unknown(
                expected.key_marks[key], "key", key, (*_EXPECTED, "due", "missing"), " in an expectation"
            )
    for key, value in expected.items():
        if key != "events" and not isinstance(value, Text):
            complaints.add(value, "wrong-value", f"`{key}`: expected a single value")
        elif key in ("at", "due"):
            try:
                expected[key] = Text(_absolute(value, zone, start), value.mark)
                parse_instant(expected[key])
            except ValueError as error:
                complaints.add(value, "wrong-value", f"`{key}`: {error}")
        elif key == "rule" and value not in known:
            complaints.unknown(value, "rule", value, sorted(known))


def _event(
    node: Any,
    number: int,
    zone: Zone,
    start: date,
    types: Mapping[str, str],
    vocabulary: Vocabulary,
    complaints: Complaints,
) -> Event | None:
    """An event of a test; `types` are those of all its events by id, for what an amendment says of another one."""
    if not isinstance(node, Map):
        complaints.add(node, "wrong-value", "an event expects a mapping")
        return None
    raw: dict[str, Any] = {"id": f"e{number}", "practitioner": "p1"}
    event_type = vocabulary.types.get(str(node.get("type")))
    if event_type is not None and event_type.client == "yes":
        raw["client"] = "c1"
    for name, value in node.items():
        if isinstance(value, Text) and value in ("null", "~"):
            raw.pop(name, None)
            continue
        attribute = vocabulary.attribute(str(node.get("type")), name) or ENVELOPE.get(name)
        if attribute is None and node.get("type") == AMENDED:
            attribute = vocabulary.attribute(types.get(str(node.get("target")), ""), name)
        kind = getattr(attribute, "kind", "string")
        try:
            raw[name] = _raw(value, kind, zone, start)
        except ValueError as error:
            complaints.add(value, "wrong-event", f"`{name}`: {error}")
            return None
    typed = type_event(raw, vocabulary)
    if isinstance(typed, Event):
        return typed
    for fault in typed:
        mark = node.key_marks.get(fault.field or "", node.mark)
        complaints.add(mark, "wrong-event", fault.message, fault.hint)
    return None


def _raw(value: Node, kind: str, zone: Zone, start: date) -> Any:
    """A scalar of a test's event as JSON would have it, by the kind of its attribute."""
    if isinstance(value, Seq):
        return [str(item) for item in value]
    if isinstance(value, Map):
        return dict(value)
    text = str(value)
    if kind in ("number", "money"):
        try:
            return Decimal(text)
        except InvalidOperation:
            return text
    if kind in ("boolean", "text") and text in ("true", "false"):
        return text == "true"
    return _absolute(text, zone, start) if kind == "timestamp" else text


def _absolute(text: str, zone: Zone, start: date) -> str:
    """A relative time of a test as an instant, any other text as it is; raises ValueError where there is none."""
    match = _RELATIVE.fullmatch(text)
    if match is None:
        return text
    clock = parse_clock(match.group(2)) if match.group(2) else 0
    try:
        day = start + timedelta(days=int(match.group(1)))
    except OverflowError:
        raise ValueError(f"{shown(text)} is after the year 9999") from None
    return format_instant(zone.midnight(day) + clock)
