"""Which type of event is meant: the types by area, and those that a word points to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ethics_engine.errors import suggest
from ethics_engine.vocabulary import FINDING, EventType, Vocabulary


def by_area(vocabulary: Vocabulary) -> dict[str, list[EventType]]:
    """The types that a log may hold, area by area, as the vocabulary has them."""
    areas: dict[str, list[EventType]] = {}
    for event_type in vocabulary.types.values():
        if event_type.name != FINDING:
            areas.setdefault(event_type.area, []).append(event_type)
    return areas


def search(words: str, vocabulary: Vocabulary) -> list[EventType]:
    """The types that some words point to, those named so first; where there is none, the one most like them.

    A word is looked for in the names of types, areas, attributes and values: `hug` finds `contact.touch`.
    """
    types = [each for types in by_area(vocabulary).values() for each in types]
    wanted = re.findall(r"\w+", words.lower().replace("_", " "))
    if not wanted:
        return []
    exact = [each for each in types if each.name == words.strip().lower()]
    if exact:
        return exact
    ranked = [(rank, each) for each in types if (rank := _rank(each, wanted)) is not None]
    found = [each for _, each in sorted(ranked, key=lambda pair: pair[0])]
    if found:
        return found
    names = {each.name: each for each in types} | {each.name.partition(".")[2]: each for each in types}
    values = {value for each in types for own in each.attributes.values() for value in own.values}
    near = suggest(words.strip(), {*names, *values})
    if near is None:
        return []
    return [names[near]] if near in names else search(near, vocabulary)


def _rank(event_type: EventType, wanted: Sequence[str]) -> int | None:
    """How directly all the words point to a type: 0 by its name, 1 by its area, 2 by a value or an attribute."""
    own = event_type.attributes.values()
    said = (
        re.split(r"[._]", event_type.name),
        [event_type.area, *event_type.area.split("_")],
        [word for each in own for name in (each.name, *each.values) for word in name.split("_")]
        + re.findall(r"\w+", event_type.description.lower()),
    )
    ranks = []
    for word in wanted:
        rank = next((number for number, names in enumerate(said) if any(_fits(word, name) for name in names)), None)
        if rank is None:
            return None
        ranks.append(rank)
    return max(ranks)


def _fits(word: str, name: str) -> bool:
    """Whether a word is a name, the beginning of one, or its plural."""
    return name == word or (len(word) >= 3 and name.startswith(word)) or word == f"{name}s"
