"""The questions that complete an entry: its type, what has to be said, and what may be said besides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ethics_engine.calendars import Zone
from ethics_engine.cli.asking import LEAVE, agreed, ask, choice, numbered, say
from ethics_engine.entries.entry import Entry
from ethics_engine.entries.times import EXAMPLES
from ethics_engine.entries.types import by_area, names_clearly, search
from ethics_engine.entries.values import in_words
from ethics_engine.errors import did_you_mean, shown
from ethics_engine.events import AMENDED, WITHDRAWN, Event
from ethics_engine.messages import worded
from ethics_engine.reports.wording import date_in_words, inert
from ethics_engine.vocabulary import ENVELOPE, Attribute, EventType, Vocabulary

_MEANINGS = {
    "at": f"when it happened, {EXAMPLES}",
    "by": "whose doing it was",
    "client": "a made-up id, never a name",
    "currency": "three capital letters, such as EUR",
    "minutes": "how long",
    "starts_at": "the agreed start, such as `next monday 10:00` or `2026-03-02 14:00`",
    "with": "whom it concerned",
}
"""What attributes mean that say more than their names, or than the vocabulary does for a reader of logs."""

_MORE = "More can be said. What is left out counts as not known, never as innocent:"
_CHANGES = "What changes? What is not named here stays as it is:"
_ALL, _DONE = "all", ("n", "no", "none", "done")
_NOT_KNOWN = ("?", "don't know", "not known")
_LOG_AREA = "log"
_MOST_RECENT = 5
_MOST_CLIENTS = 12


class Found(NamedTuple):
    """The types that some words point to; no words where an area was picked."""

    words: str
    types: Sequence[EventType]


def choose_type(vocabulary: Vocabulary, words: str = "") -> EventType:
    """Ask which type of event is meant: by a word (`words`, to begin with), or by area and number."""
    found = Found(words, search(words, vocabulary) if words else ())
    while True:
        if found.words and not found.types:
            say(f"No type of event has to do with {shown(found.words)}.")
        while found.types:
            picked = _pick(found, vocabulary)
            if isinstance(picked, EventType):
                return picked
            found = picked
        found = _ask_types(vocabulary)


def _ask_types(vocabulary: Vocabulary) -> Found:
    """The types of an area, or those that a word points to."""
    areas = by_area(vocabulary)
    say("What happened? Write a word that says it (hug, gift, late, supervision), or the number of an area:")
    numbered(list(areas), indent=2)

    def read(said: str) -> Found:
        if not said:
            raise ValueError(f"a word or a number; {LEAVE}")
        names = list(areas)
        if said.isascii() and said.isdigit():
            return Found("", areas[names[choice(names)(said)]])
        if said.lower() in areas:
            return Found("", areas[said.lower()])
        types = search(said, vocabulary)
        if not types:
            raise ValueError(f"no type of event has to do with {shown(said)}; try another word, or an area")
        return Found(said, types)

    return ask("What happened?", read)


def _pick(found: Found, vocabulary: Vocabulary) -> EventType | Found:
    """One of several types by number or name; others where another word is said, none where none is meant.

    A single one is asked for too, unless the words name it.
    """
    types = found.types
    if len(types) == 1 and names_clearly(found.words, types[0]):
        say(f"This is {_outline(types[0])}.", 2)
        return types[0]
    if len(types) == 1:
        return types[0] if agreed(f"Is it {_outline(types[0])}?") else Found("", ())
    for number, each in enumerate(types, 1):
        say(_outline(each), 2, f"{number:>2} ")

    def read(said: str) -> EventType | Found:
        if not said:
            return Found("", ())
        try:
            return types[choice([each.name for each in types])(said)]
        except ValueError:
            if others := search(said, vocabulary):
                return Found(said, others)
            raise

    return ask("Which of these? (number, or another word; Enter for none of them)", read)


def _outline(event_type: EventType) -> str:
    """A type by name, with what has to be said of it: `contact.touch (kind, by)`."""
    needed = ", ".join(name for name, each in event_type.attributes.items() if each.required)
    name = f"{event_type.name} ({needed})" if needed else event_type.name
    return f"{name}: {event_type.description}" if event_type.description else name


def ask_client(entry: Entry) -> None:
    """Ask for the client of a type that may have one: few rules see what is about nobody in particular."""
    if entry.type.client == "may" and entry.type.area != _LOG_AREA and "client" not in entry.values:
        _ask_attribute(entry, ENVELOPE["client"], needed=False)


def complete(entry: Entry, *, more: bool) -> None:
    """Ask for everything that has to be said and was not; with `more` also what may be said besides."""
    while missing := entry.missing():
        _ask_attribute(entry, missing[0], needed=True)
    while more and (others := entry.open()):
        say(_CHANGES if entry.type.name == AMENDED else _MORE)
        numbered([each.name for each in others], indent=2)
        picked = ask("Add (number or word; `all` for one after another; Enter when done):", _several(others))
        if not picked:
            return
        for attribute in picked:
            _ask_attribute(entry, attribute, needed=False)
        if len(picked) == len(others):
            return


def _several(others: Sequence[Attribute]) -> Callable[[str], Sequence[Attribute]]:
    def read(said: str) -> Sequence[Attribute]:
        if said.lower() == _ALL:
            return others
        if said.lower() in _DONE:
            return ()
        pick = choice([each.name for each in others])
        return [others[pick(part)] for part in re.split(r"[,\s]+", said) if part]

    return read


def _ask_attribute(entry: Entry, attribute: Attribute, *, needed: bool) -> None:
    meaning = _MEANINGS.get(attribute.name) or attribute.description
    head = f"{attribute.name}: {inert(meaning)}" if meaning else attribute.name
    say(head)
    for line in _choices(entry, attribute):
        say(line, 4)
    if attribute.kind in ("enum", "list"):
        numbered(attribute.values)
    default = "now" if attribute.name == "at" else (entry.suggestion(attribute) or "")

    def read(said: str) -> None:
        if said and (needed or said.lower() not in _NOT_KNOWN):
            text = _event_meant(entry, said) if refers_to_event(attribute) else _by_number(attribute, said)
            entry.put(attribute.name, text)
        elif needed:
            raise ValueError(f"`{entry.type.name}` needs it; {LEAVE}")

    ask(f"  {_wanted(entry, attribute, default, needed)}:", read, default)
    if unheard := doubt(entry, attribute.name):
        say(unheard, 2)


def _choices(entry: Entry, attribute: Attribute) -> Iterator[str]:
    """What the log holds already that may be meant."""
    own = [event for event in entry.log if entry.values.get("client") in (None, event.client)]
    if attribute.name == "client":
        clients = list(dict.fromkeys(event.client for event in reversed(own) if event.client is not None))
        if clients:
            yield f"In the log: {', '.join(map(inert, clients[:_MOST_CLIENTS]))}"
    elif refers_to_event(attribute):
        for number, event in enumerate(_recent(entry), 1):
            yield f"{number} {inert(event.id)}: {_event(event, entry.moment.zone)}"
    elif attribute.kind == "string" and attribute.name != "currency":
        known = dict.fromkeys(str(value) for event in own if (value := event.values.get(attribute.name)) is not None)
        if known:
            yield f"In the log: {', '.join(map(inert, list(known)[-_MOST_RECENT:]))}"


def _recent(entry: Entry) -> list[Event]:
    """The latest events (of the client, where one is named), which another event may be about; no correction of one."""
    own = [event for event in entry.log if entry.values.get("client") in (None, event.client)]
    own = [event for event in own if event.type not in (AMENDED, WITHDRAWN)]
    return sorted(own, key=lambda event: event.at)[-_MOST_RECENT:]


def _event_meant(entry: Entry, said: str) -> str:
    """The id of an event, said as such or by the number beside it; raises ValueError where the log has none such."""
    recent = _recent(entry)
    if entry.event(said) is None and said.isascii() and said.isdigit() and 0 < int(said) <= len(recent):
        return recent[int(said) - 1].id
    if entry.event(said) is None:
        hint = did_you_mean(said, [event.id for event in entry.log])
        raise ValueError(f"the log has no event {shown(said)}" + (f"; {hint}" if hint else ""))
    return said


def _event(event: Event, zone: Zone | None) -> str:
    whom = f", client {inert(event.client)}" if event.client is not None else ""
    return f"{event.type}, {date_in_words(event.at, zone or Zone())}{whom}"


def _by_number(attribute: Attribute, said: str) -> str:
    """Numbers and beginnings of choices as the choices."""
    if attribute.kind not in ("enum", "list"):
        return said
    between = r"[,;\s]+" if re.fullmatch(r"[\d,;\s]+", said, re.ASCII) else r"\s*[,;]\s*"
    return ", ".join(_meant(attribute.values, part) for part in re.split(between, said) if part)


def _meant(values: Sequence[str], part: str) -> str:
    """The value of a number, or the only one that begins so; any other word as it was said."""
    if re.fullmatch(r"\d+", part, re.ASCII):
        return values[choice(values)(part)]
    begun = [value for value in values if value.startswith(part.lower().replace(" ", "_"))]
    return begun[0] if len(begun) == 1 else part


def _wanted(entry: Entry, attribute: Attribute, default: str, needed: bool) -> str:
    """How the question of an attribute ends: what may be written, and what Enter alone means."""
    wanted = {
        "boolean": "yes or no",
        "number": "a number",
        "money": "an amount, such as 90 or 90.50",
        "timestamp": "a time" if attribute.name == "at" else "a time, such as `next monday 10:00`",
        "clock": "a time of day, such as 17:30",
        "enum": "number or word",
        "list": "numbers or words, with commas between them",
    }.get(attribute.kind, "write it")
    if refers_to_event(attribute):
        wanted = "number, or another id"
    if default:
        return f"{wanted} [{default}]"
    if needed:
        return wanted
    if attribute.name == "client":
        return f"{wanted} (Enter: no client in particular)"
    if attribute.default is not None:
        assumed = inert(str(_plain(attribute)))
        return f"{wanted} (Enter leaves it out, which counts as {assumed})"
    return f"{wanted} (Enter: {'as it was' if entry.type.name == AMENDED else 'not known'})"


def _plain(attribute: Attribute) -> object:
    value = worded(attribute.default, attribute.kind)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def refers_to_event(attribute: Attribute) -> bool:
    """Whether an attribute names an event of the log, as the vocabulary describes it."""
    return attribute.kind == "string" and bool(re.search(r"\bevent's id\b|\bid of the event\b", attribute.description))


def doubt(entry: Entry, name: str) -> str | None:
    """What may be a slip: a client or an event that the log does not know; None where there is no doubt."""
    value = entry.values.get(name)
    attribute = entry.attributes().get(name)
    if value is None or attribute is None:
        return None
    if name == "client":
        known = {event.client for event in entry.log if event.client is not None}
        what = f"the log has no event of client {shown(value)} yet"
    elif refers_to_event(attribute):
        known = {event.id for event in entry.log}
        what = f"the log has no event {shown(value)}"
    else:
        return None
    if value in known or (not known and name == "client"):
        return None
    hint = did_you_mean(value, known)
    return f"Note: {what}" + (f"; {hint}" if hint else "")


def summary(entry: Entry) -> Iterator[tuple[str, str]]:
    """What will be written, name by name, and at the end what is left out."""
    known = entry.attributes()
    yield "type", entry.type.name
    for name in [*known, *(name for name in entry.values if name not in known)]:
        if name in entry.values:
            value = entry.values[name]
            words = in_words(known[name], value, entry.moment.zone) if name in known else str(value)
            yield name, inert(words)
    if entry.type.name == AMENDED:
        return
    if unknown := [each.name for each in entry.open() if each.default is None and each.name != "currency"]:
        yield "left out", ", ".join(unknown)
