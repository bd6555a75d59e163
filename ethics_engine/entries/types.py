"""Which type of event is meant: the types by area, and those that a word points to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ethics_engine.errors import suggest
from ethics_engine.vocabulary import FINDING, EventType, Vocabulary

EVERYDAY: Mapping[str, tuple[str, ...]] = {
    "absent": ("session.missed", "leave.taken"),
    "burnout": ("wellbeing.checked",),
    "call": ("contact.call",),
    "coffee": ("contact.social",),
    "dinner": ("contact.social",),
    "facebook": ("contact.online",),
    "fired": ("therapy.ended",),
    "flirt": ("contact.romantic", "contact.sexual"),
    "flower": ("gift.received", "gift.given"),
    "hello": ("contact.social",),
    "holiday": ("leave.taken",),
    "kiss": ("contact.romantic", "contact.sexual"),
    "late": ("session.held",),
    "lie": ("statement.made",),
    "loan": ("transaction.made",),
    "love": ("contact.romantic",),
    "lunch": ("contact.social",),
    "overran": ("session.held",),
    "overtime": ("session.held",),
    "paid": ("payment.received",),
    "phone": ("contact.call",),
    "present": ("gift.received", "gift.given"),
    "secret": ("secrecy.requested",),
    "show": ("session.missed",),
    "sick": ("wellbeing.checked", "session.cancelled", "leave.taken"),
    "sorry": ("mistake.admitted",),
    "terminate": ("therapy.ended",),
    "termination": ("therapy.ended",),
    "text": ("contact.message",),
    "tired": ("wellbeing.checked",),
    "vacation": ("leave.taken",),
    "whatsapp": ("contact.message",),
}
"""Types of the core vocabulary that everyday words mean, where the vocabulary itself has other words for them."""


_SMALL_WORDS = frozenset(
    (
        *("a", "about", "after", "an", "and", "at", "before", "by", "client", "for", "from", "gave"),
        *("got", "had", "has", "he", "her", "him", "his", "i", "in", "it", "my", "of"),
        *("on", "or", "our", "said", "she", "the", "their", "them", "they", "to", "too", "was"),
        *("we", "were", "with", "would"),
    )
)
"""Words that point to no type."""

_ALIKE = 0.8
"""How much of its letters a word has in common with the one that it is a slip of; fewer is another word."""


def by_area(vocabulary: Vocabulary) -> dict[str, list[EventType]]:
    """The types that a log may hold, area by area, as the vocabulary has them."""
    areas: dict[str, list[EventType]] = {}
    for event_type in vocabulary.types.values():
        if event_type.name != FINDING:
            areas.setdefault(event_type.area, []).append(event_type)
    return areas


def search(words: str, vocabulary: Vocabulary) -> list[EventType]:
    """The types that some words point to, those named so first; where there is none, those that they are a slip of.

    A word is looked for in the names of types, areas, attributes and values: `hug` and `hugged` find `contact.touch`.
    """
    types = [each for types in by_area(vocabulary).values() for each in types]
    wanted = [word for word in re.findall(r"\w+", words.lower().replace("_", " ")) if word not in _SMALL_WORDS]
    if not wanted:
        return []
    exact = [each for each in types if each.name == words.strip().lower()]
    if exact:
        return exact
    plain = {name for word in wanted for form in _forms(word) for name in EVERYDAY.get(form, ())}
    said = [each for each in types if each.name in plain]
    if said:
        return said
    found = _ranked(types, wanted)
    if found:
        return found
    near = _near(words.strip().lower(), types)
    if near is not None:
        return search(near, vocabulary)
    for word in wanted if len(wanted) > 1 else ():  # what the words have not in common, one of them may have
        found += [each for each in search(word, vocabulary) if each not in found]
    return found


def names_clearly(words: str, event_type: EventType) -> bool:
    """Whether the words are the name of a type, or words of it: `session held`, `touch`."""
    own = {event_type.name, *re.split(r"[._]", event_type.name)}
    return {word for word in words.lower().split() if word not in _SMALL_WORDS} <= own


def _near(said: str, types: Sequence[EventType]) -> str | None:
    """The name of a type, or a word of one, its area or its values, that was misspelt; its first letter is right."""
    known = {*EVERYDAY, *(each.name for each in types)}
    for each in types:
        values = [value for own in each.attributes.values() for value in own.values]
        known.update(word for name in (each.name, each.area, *values) for word in re.split(r"[._]", name))
    near = suggest(said, [word for word in known if word[:1] == said[:1]], _ALIKE)
    return near if near != said else None


def _ranked(types: Sequence[EventType], wanted: Sequence[str]) -> list[EventType]:
    """The types that all the words point to, the most directly named first."""
    ranked = [(rank, each) for each in types if (rank := _rank(each, wanted)) is not None]
    return [each for _, each in sorted(ranked, key=lambda pair: pair[0])]


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
    """Whether a word is a name, the beginning of one, or a form of it (`hugs`, `hugged`)."""
    return name in _forms(word) or (len(word) >= 3 and name.startswith(word))


def _forms(word: str) -> list[str]:
    """A word, and what it may be a form of: `hugging` is one of `hug`, `invoiced` of `invoice`."""
    forms = [word]
    for ending in ("s", "ed", "ing"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= 3:
            forms += [stem, f"{stem}e", *([stem[:-1]] if stem[-1] == stem[-2] else [])]
    return forms
