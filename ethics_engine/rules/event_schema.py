"""A JSON Schema (2020-12) of the events of a log, from a vocabulary."""

from __future__ import annotations

from ethics_engine.plan import FINDING
from ethics_engine.rules.rule_set import RuleSet
from ethics_engine.rules.schema import DIALECT, TEXT, Schema, object_of, reference
from ethics_engine.vocabulary import Attribute, Vocabulary


def events_schema(rules: RuleSet) -> Schema:
    """The schema of one event of a log, by its type."""
    types = {name: each for name, each in sorted(rules.vocabulary.types.items()) if name != FINDING}
    return {
        "$schema": DIALECT,
        "title": "An event of a practice's log",
        "type": "object",
        "properties": {"type": {"enum": list(types)}},
        "required": ["id", "at", "type", "practitioner"],
        "oneOf": [reference(name) for name in types],
        "$defs": {name: _event(name, rules.vocabulary) for name in types},
    }


def _event(name: str, vocabulary: Vocabulary) -> Schema:
    event_type = vocabulary.types[name]
    properties: Schema = {
        "id": TEXT,
        "at": {"type": "string", "format": "date-time"},
        "type": {"const": name},
        "practitioner": TEXT,
        "recorded_at": {"type": ["string", "null"], "format": "date-time"},
        "source": {"enum": ["practitioner", "system", "client", "third_party", None]},
    }
    required = ["id", "at", "type", "practitioner"]
    if event_type.client != "no":
        properties["client"] = TEXT if event_type.client == "yes" else {"type": ["string", "null"]}
    if event_type.client == "yes":
        required.append("client")
    for attribute in event_type.attributes.values():
        properties[attribute.name] = _event_value(attribute)
        if attribute.required:
            required.append(attribute.name)
    schema = object_of(properties, required, patternProperties={"^x[_-]": {}})
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
