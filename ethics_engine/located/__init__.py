"""YAML read as text with its places: every key and every scalar remembers file, line and column.

Scalars stay text, whatever YAML 1.1 would make of them (`22:00`, `no`, `017`); the field that a scalar stands in
gives it its type. Only what rules need is accepted: mappings, sequences and scalars, no tags, no merge keys.
"""

from ethics_engine.located.nodes import Lines, Map, Mark, Node, Seq, Text, find, words_of
from ethics_engine.located.reading import DEEPEST, LARGEST_FILE, MOST_NODES, parse_yaml, read_yaml

__all__ = [
    "DEEPEST",
    "LARGEST_FILE",
    "MOST_NODES",
    "Lines",
    "Map",
    "Mark",
    "Node",
    "Seq",
    "Text",
    "find",
    "parse_yaml",
    "read_yaml",
    "words_of",
]
