"""JSON Schemas (2020-12) from a vocabulary: of policy files, for editors that complete them, and of events.

An editor reads YAML by its own rules, so a scalar may come as text, number or boolean: the schema takes each where the
loader would. It knows types, attributes, enumerations, states and forms; what only the loader can tell (parameters,
circles, attributes of a union of types) it leaves to the loader.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ethics_engine.plan import FINDING
from ethics_engine.rules.conditions import ALLOWED, OPERATORS
from ethics_engine.rules.forms import FORMS
from ethics_engine.rules.loader import RuleSet
from ethics_engine.vocabulary import LEVELS, Attribute, Vocabulary

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

_SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_PARAMETER: Schema = {"type": "string", "pattern": r"^\$\{[^${}]+\}$"}
_DURATION: Schema = {"type": "string", "pattern": r"^(\d+(\.\d+)?(w|d|h|min|s)|\$\{[^${}]+\})$"}
_DURATION_OR_EVER: Schema = {"anyOf": [{"const": "ever"}, _DURATION]}
_SINCE: Schema = {"anyOf": [{"const": "ever"}, {"type": "string", "pattern": r"^\d+y$"}, _DURATION]}
_NUMBER: Schema = {"anyOf": [{"type": "number"}, _PARAMETER]}
_TEXT: Schema = {"type": "string", "minLength": 1}
_TEXTS: Schema = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_FLAG: Schema = {"type": "boolean"}
_MOMENT: Schema = {"type": "string", "description": "a date, or a time with an offset"}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _object(properties: Schema, required: Iterable[str] = (), **more: Any) -> Schema:
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False, **more}
    if names := list(required):
        schema["required"] = names
    return schema


def _one_or_more(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "array", "items": schema, "minItems": 1}]}


def rules_schema(rules: RuleSet) -> Schema:
    """The schema of a policy file, for one vocabulary and its states."""
    vocabulary = rules.vocabulary
    states = sorted({state.name for state in rules.states})
    return {
        "$schema": DIALECT,
        "title": "A policy of the ethics engine",
        **_object(
            {
                "policy": {
                    "type": "string",
                    "description": "the file name; its rules have ids that begin with it",
                },
                "title": _TEXT,
                "version": {"type": ["string", "number"]},
                "description": _TEXT,
                "parameters": {"type": "object", "additionalProperties": _reference("parameter")},
                "states": {"type": "object", "additionalProperties": _reference("state")},
                "rules": {"type": "object", "additionalProperties": _reference("rule")},
            },
            ("policy", "title", "version", "rules"),
        ),
        "$defs": {
            "event": _event_names(vocabulary),
            "where": _where(vocabulary),
            "selection": _selection(vocabulary, {}),
            "nearby": _selection(vocabulary, {"within": _DURATION_OR_EVER}),
            "activity": _selection(vocabulary, {"gap": _DURATION}),
            "terms": _terms(vocabulary),
            "parameter": _parameter(),
            "state": _state(),
            "rule": _rule(vocabulary, states),
        },
    }


def _event_names(vocabulary: Vocabulary) -> Schema:
    return {
        "anyOf": [
            {"enum": sorted({*vocabulary.types, FINDING})},
            {"type": "string", "pattern": r"[*?\[]", "description": "a pattern such as contact.*"},
        ]
    }


def _where(vocabulary: Vocabulary) -> Schema:
    """A condition on any type: every attribute there is, each with what it can be compared with."""
    by_name: dict[str, list[Attribute]] = {}
    for event_type in [*vocabulary.types, FINDING]:
        for name in vocabulary.attribute_names(event_type):
            attribute = vocabulary.attribute(event_type, name)
            if attribute is not None:
                by_name.setdefault(name, []).append(attribute)
    properties: Schema = {name: _test(attributes) for name, attributes in sorted(by_name.items())}
    properties["any"] = {"type": "array", "items": _reference("where"), "minItems": 1}
    properties["not"] = _reference("where")
    return _object(properties, minProperties=1)


def _test(attributes: list[Attribute]) -> Schema:
    """What one attribute may be compared with, over all the types that have it."""
    value = _value(attributes)
    operators = [name for name in OPERATORS if any(name in ALLOWED[attribute.kind] for attribute in attributes)]
    tests: Schema = {}
    for name in operators:
        several = name in ("in", "not_in", "contains", "contains_all")
        tests[name] = _FLAG if name == "missing" else _one_or_more(value) if several else value
    plain = [_one_or_more(value)] if "eq" in operators or "in" in operators else []
    schema: Schema = {"anyOf": [*plain, _object(tests, minProperties=1)]}
    described = next((attribute.description for attribute in attributes if attribute.description), "")
    return {**schema, "description": described} if described else schema


def _value(attributes: list[Attribute]) -> Schema:
    if all(attribute.values for attribute in attributes):
        return {"anyOf": [{"enum": sorted({value for each in attributes for value in each.values})}, _PARAMETER]}
    if all(attribute.kind == "boolean" for attribute in attributes):
        return {"anyOf": [_FLAG, _PARAMETER]}
    return _SCALAR


def _selection(vocabulary: Vocabulary, more: Schema) -> Schema:
    """A selection in full; for a plain event type only that type's attributes are offered."""
    names = {"any", "not"}
    narrowed = [
        {
            "if": {"properties": {"event": {"const": event_type}}, "required": ["event"]},
            "then": {
                "properties": {
                    "where": {"propertyNames": {"enum": sorted({*vocabulary.attribute_names(event_type), *names})}}
                }
            },
        }
        for event_type in sorted({*vocabulary.types, FINDING})
    ]
    properties = {
        "event": _one_or_more(_reference("event")),
        "where": _reference("where"),
        "nth": {"anyOf": [{"type": "integer", "minimum": 1}, _PARAMETER]},
        "same": {"anyOf": [{"type": "object", "additionalProperties": _TEXT}, {"type": "array", "items": _TEXT}]},
        **more,
    }
    return _object(properties, ["event", *more], allOf=narrowed)


def _selections(name: str = "selection") -> Schema:
    plain = _reference("event")
    return {
        "anyOf": [
            plain,
            _one_or_more({"anyOf": [plain, _reference(name)]} if name == "selection" else _reference(name)),
        ]
    }


def _terms(vocabulary: Vocabulary) -> Schema:
    return _object(
        {"of": _selections(), "attribute": _TEXT, "factor": _NUMBER, "offset": _NUMBER, "default": _NUMBER},
        ("of", "attribute"),
    )


def _parameter() -> Schema:
    entry = _object(
        {
            "value": {},
            "from": _MOMENT,
            "why": _TEXT,
            "source": {"type": "string", "description": "code, survey, manual, norm or default"},
            "title": _TEXT,
        },
        ("value",),
    )
    return {"anyOf": [_SCALAR, entry, {"type": "array", "items": {"anyOf": [_SCALAR, entry]}}]}


def _state() -> Schema:
    return _object(
        {
            "opened_by": _selections(),
            "closed_by": _selections(),
            "lapses_after": _DURATION,
            "lapses_at": _TEXT,
            "per": {"enum": ["relationship", "practitioner"]},
            "title": _TEXT,
            "why": _TEXT,
        },
        ("opened_by",),
    )


def _rule(vocabulary: Vocabulary, states: list[str]) -> Schema:
    """A rule of any form: all the keys there are, and one of the sets of keys that make a form."""
    state: Schema = {"anyOf": [{"enum": states}, {"type": "string"}]}
    properties: Schema = {
        "title": _TEXT,
        "level": {"enum": list(LEVELS)},
        "family": _TEXTS,
        "per": {"enum": ["relationship", "practitioner"]},
        "during": state,
        "not_during": _one_or_more(state),
        "since": _one_or_more(_since(state)),
        "unless": _one_or_more({"anyOf": [_reference("nearby"), _reference("where")]}),
        "effective": _object({"from": _MOMENT, "until": _MOMENT}),
        "excused_by": _one_or_more(_reference("nearby")),
        "absolute": _FLAG,
        "message": _TEXT,
        "duty": _TEXT,
        "remedy": _TEXT,
        "cites": _TEXTS,
        "basis": _one_or_more({"enum": ["log", "self", "client", "third_party"]}),
        "why": _TEXT,
        **dict.fromkeys(("forbid", "require", "before", "after", "if", "limit", "expect", "waived_by"), _selections()),
        "sequence": {"type": "array", "items": _selections(), "minItems": 2},
        "within": {"anyOf": [_DURATION, _reference("terms")]},
        "earlier_counts": _FLAG,
        "every": _DURATION,
        "while_active": _reference("activity"),
        "each": {"enum": ["week", "month", "quarter", "year"]},
        "at_least": _object({"sum": _TEXT, "of": _NUMBER, "count": _NUMBER}),
        "to": {"anyOf": [_NUMBER, _reference("terms")]},
        "of": _object({"sum": _TEXT, "distinct": _TEXT, "share_of": _selections(), "least": _NUMBER}),
        "same": {"type": "array", "items": _TEXT},
        "as": {"anyOf": [{"const": "self"}, _selections()]},
        "match": {"type": "object", "additionalProperties": _one_or_more(_pair()), "minProperties": 1},
    }
    forms = [{"required": list(keys)} for keys, _ in FORMS]
    return _object(properties, ("title", "level", "message"), oneOf=forms)


def _since(state: Schema) -> Schema:
    return _object(
        {
            "event": _one_or_more(_reference("event")),
            "where": _reference("where"),
            "same": {"type": ["object", "array"]},
            "state": state,
            "within": _SINCE,
        },
        ("within",),
    )


def _pair() -> Schema:
    names = ("eq", "ne", "lt", "le", "gt", "ge", "in")
    more: Schema = {"factor": _NUMBER, "offset": _NUMBER, "default": _SCALAR, "tolerance": _SCALAR}
    return {"anyOf": [_TEXT, _object({**dict.fromkeys(names, _TEXT), **more})]}


def events_schema(rules: RuleSet) -> Schema:
    """The schema of one event of a log, by its type."""
    types = {name: each for name, each in sorted(rules.vocabulary.types.items()) if name != FINDING}
    return {
        "$schema": DIALECT,
        "title": "An event of a practice's log",
        "type": "object",
        "properties": {"type": {"enum": list(types)}},
        "required": ["id", "at", "type", "practitioner"],
        "oneOf": [_reference(name) for name in types],
        "$defs": {name: _event(name, rules.vocabulary) for name in types},
    }


def _event(name: str, vocabulary: Vocabulary) -> Schema:
    event_type = vocabulary.types[name]
    properties: Schema = {
        "id": _TEXT,
        "at": {"type": "string", "format": "date-time"},
        "type": {"const": name},
        "practitioner": _TEXT,
        "recorded_at": {"type": ["string", "null"], "format": "date-time"},
        "source": {"enum": ["practitioner", "system", "client", "third_party", None]},
    }
    required = ["id", "at", "type", "practitioner"]
    if event_type.client != "no":
        properties["client"] = _TEXT if event_type.client == "yes" else {"type": ["string", "null"]}
    if event_type.client == "yes":
        required.append("client")
    for attribute in event_type.attributes.values():
        properties[attribute.name] = _event_value(attribute)
        if attribute.required:
            required.append(attribute.name)
    schema = _object(properties, required, patternProperties={"^x[_-]": {}})
    if name == "event.amended":
        schema["additionalProperties"] = True
    return schema


def _event_value(attribute: Attribute) -> Schema:
    kinds: dict[str, Schema] = {
        "number": {"type": "number"},
        "money": {"type": "number"},
        "boolean": {"type": "boolean"},
        "timestamp": {"type": "string", "format": "date-time"},
        "clock": {"type": "string", "pattern": r"^\d\d:\d\d(:\d\d(\.\d{1,6})?)?$"},
        "text": {"type": ["string", "boolean", "number"]},
        "enum": {"enum": list(attribute.values)},
        "list": {"type": "array", "items": {"enum": list(attribute.values)}},
    }
    schema = kinds.get(attribute.kind, {"type": "string"})
    if not attribute.required:
        schema = {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "description": attribute.description} if attribute.description else schema
