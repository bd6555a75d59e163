"""A JSON Schema (2020-12) of policy files from a vocabulary, for editors that complete them.

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
from ethics_engine.rules.rule_set import RuleSet
from ethics_engine.vocabulary import LEVELS, Attribute, Vocabulary

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

_SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_PARAMETER: Schema = {"type": "string", "pattern": r"^\$\{[^${}]+\}$"}
_DURATION: Schema = {"type": "string", "pattern": r"^(\d+(\.\d+)?(w|d|h|min|s)|\$\{[^${}]+\})$"}
_DURATION_OR_EVER: Schema = {"anyOf": [{"const": "ever"}, _DURATION]}
_SINCE: Schema = {"anyOf": [{"const": "ever"}, {"type": "string", "pattern": r"^\d+y$"}, _DURATION]}
_NUMBER: Schema = {"anyOf": [{"type": "number"}, _PARAMETER]}
TEXT: Schema = {"type": "string", "minLength": 1}
TEXTS: Schema = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}
_FLAG: Schema = {"type": "boolean"}
_MOMENT: Schema = {"type": "string", "description": "a date, or a time with an offset"}


def reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def object_of(properties: Schema, required: Iterable[str] = (), **more: Any) -> Schema:
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
        **object_of(
            {
                "policy": {
                    "type": "string",
                    "description": "the file name; its rules have ids that begin with it",
                },
                "title": TEXT,
                "version": {"type": ["string", "number"]},
                "description": TEXT,
                "parameters": {"type": "object", "additionalProperties": reference("parameter")},
                "states": {"type": "object", "additionalProperties": reference("state")},
                "rules": {"type": "object", "additionalProperties": reference("rule")},
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
    properties["any"] = {"type": "array", "items": reference("where"), "minItems": 1}
    properties["not"] = reference("where")
    return object_of(properties, minProperties=1)


def _test(attributes: list[Attribute]) -> Schema:
    """What one attribute may be compared with, over all the types that have it."""
    value = _value(attributes)
    operators = [name for name in OPERATORS if any(name in ALLOWED[attribute.kind] for attribute in attributes)]
    tests: Schema = {}
    for name in operators:
        several = name in ("in", "not_in", "contains", "contains_all")
        tests[name] = _FLAG if name == "missing" else _one_or_more(value) if several else value
    plain = [_one_or_more(value)] if "eq" in operators or "in" in operators else []
    schema: Schema = {"anyOf": [*plain, object_of(tests, minProperties=1)]}
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
        "event": _one_or_more(reference("event")),
        "where": reference("where"),
        "nth": {"anyOf": [{"type": "integer", "minimum": 1}, _PARAMETER]},
        "same": {"anyOf": [{"type": "object", "additionalProperties": TEXT}, {"type": "array", "items": TEXT}]},
        **more,
    }
    return object_of(properties, ["event", *more], allOf=narrowed)


def _selections(name: str = "selection") -> Schema:
    plain = reference("event")
    return {
        "anyOf": [
            plain,
            _one_or_more({"anyOf": [plain, reference(name)]} if name == "selection" else reference(name)),
        ]
    }


def _terms(vocabulary: Vocabulary) -> Schema:
    return object_of(
        {"of": _selections(), "attribute": TEXT, "factor": _NUMBER, "offset": _NUMBER, "default": _NUMBER},
        ("of", "attribute"),
    )


def _parameter() -> Schema:
    entry = object_of(
        {
            "value": {},
            "from": _MOMENT,
            "why": TEXT,
            "source": {"type": "string", "description": "code, survey, manual, norm or default"},
            "title": TEXT,
        },
        ("value",),
    )
    return {"anyOf": [_SCALAR, entry, {"type": "array", "items": {"anyOf": [_SCALAR, entry]}}]}


def _state() -> Schema:
    return object_of(
        {
            "opened_by": _selections(),
            "closed_by": _selections(),
            "lapses_after": _DURATION,
            "lapses_at": TEXT,
            "per": {"enum": ["relationship", "practitioner"]},
            "title": TEXT,
            "why": TEXT,
        },
        ("opened_by",),
    )


def _rule(vocabulary: Vocabulary, states: list[str]) -> Schema:
    """A rule of any form: all the keys there are, and one of the sets of keys that make a form."""
    state: Schema = {"anyOf": [{"enum": states}, {"type": "string"}]}
    properties: Schema = {
        "title": TEXT,
        "level": {"enum": list(LEVELS)},
        "family": TEXTS,
        "per": {"enum": ["relationship", "practitioner"]},
        "during": state,
        "not_during": _one_or_more(state),
        "since": _one_or_more(_since(state)),
        "unless": _one_or_more({"anyOf": [reference("nearby"), reference("where")]}),
        "effective": object_of({"from": _MOMENT, "until": _MOMENT}),
        "excused_by": _one_or_more(reference("nearby")),
        "absolute": _FLAG,
        "message": TEXT,
        "duty": TEXT,
        "remedy": TEXT,
        "cites": TEXTS,
        "basis": _one_or_more({"enum": ["log", "self", "client", "third_party"]}),
        "why": TEXT,
        **dict.fromkeys(("forbid", "require", "before", "after", "if", "limit", "expect", "waived_by"), _selections()),
        "sequence": {"type": "array", "items": _selections(), "minItems": 2},
        "within": {"anyOf": [_DURATION, reference("terms")]},
        "earlier_counts": _FLAG,
        "every": _DURATION,
        "while_active": reference("activity"),
        "each": {"enum": ["week", "month", "quarter", "year"]},
        "at_least": object_of({"sum": TEXT, "of": _NUMBER, "count": _NUMBER}),
        "to": {"anyOf": [_NUMBER, reference("terms")]},
        "of": object_of({"sum": TEXT, "distinct": TEXT, "share_of": _selections(), "least": _NUMBER}),
        "same": {"type": "array", "items": TEXT},
        "as": {"anyOf": [{"const": "self"}, _selections()]},
        "match": {"type": "object", "additionalProperties": _one_or_more(_pair()), "minProperties": 1},
    }
    forms = [{"required": list(keys)} for keys, _ in FORMS]
    return object_of(properties, ("title", "level", "message"), oneOf=forms)


def _since(state: Schema) -> Schema:
    return object_of(
        {
            "event": _one_or_more(reference("event")),
            "where": reference("where"),
            "same": {"type": ["object", "array"]},
            "state": state,
            "within": _SINCE,
        },
        ("within",),
    )


def _pair() -> Schema:
    names = ("eq", "ne", "lt", "le", "gt", "ge", "in")
    more: Schema = {"factor": _NUMBER, "offset": _NUMBER, "default": _SCALAR, "tolerance": _SCALAR}
    return {"anyOf": [TEXT, object_of({**dict.fromkeys(names, TEXT), **more})]}
