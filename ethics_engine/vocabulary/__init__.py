"""The vocabulary: which events there are, the attributes of each, and the states that they open and close."""

from ethics_engine.vocabulary.files import load_vocabulary
from ethics_engine.vocabulary.model import (
    CLIENT,
    DERIVED,
    DERIVED_OF_AGREEMENTS,
    DERIVED_OF_CLIENTS,
    ENVELOPE,
    FINDING,
    KINDS,
    LEVELS,
    SOURCES,
    STATUSES,
    Attribute,
    EventType,
    Vocabulary,
    is_pattern,
    is_reserved,
    typed,
)

__all__ = [
    "CLIENT",
    "DERIVED",
    "DERIVED_OF_AGREEMENTS",
    "DERIVED_OF_CLIENTS",
    "ENVELOPE",
    "FINDING",
    "KINDS",
    "LEVELS",
    "SOURCES",
    "STATUSES",
    "Attribute",
    "EventType",
    "Vocabulary",
    "is_pattern",
    "is_reserved",
    "load_vocabulary",
    "typed",
]
