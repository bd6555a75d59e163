"""What is said of a practitioner as rows of a store, and findings from such rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import groupby
from operator import itemgetter
from typing import Any

from ethics_engine.engines.live import LiveEvaluator
from ethics_engine.engines.outcomes import Uncovered, Unrecorded
from ethics_engine.engines.said import Item, Place
from ethics_engine.engines.standing import Standing
from ethics_engine.engines.untold import Untold
from ethics_engine.findings import CannotTell, Finding, Obligation, RulesInUse
from ethics_engine.store import Said
from ethics_engine.store.chain import written
from ethics_engine.version import __version__


def judged_by(rules: RulesInUse, timezone: str, currency: str | None) -> tuple[str, str]:
    """A name for all that decides how events are judged (64 hexadecimal digits), and what it stands for, as JSON."""
    described = asdict(rules) | {"timezone": timezone, "currency": currency, "engine": __version__}
    text = json.dumps(described, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest(), text


def place_name(place: Place) -> str:
    """A judgement's name among those of its practitioner."""
    number, client, about = place
    return written([number, client, f"#{about}" if isinstance(about, int) else about])


def rows_of(standing: Standing, place: Place) -> Iterator[Said]:
    """What a judgement says, but for findings that are never reported."""
    rule = standing.parts.shares[place[0]].rule
    for number, item in enumerate(standing.items(place)):
        if rule.level != "none" or not isinstance(item.verdict, Finding):
            yield _row(place_name(place), number, rule.id, item)


def _row(place: str, number: int, rule: str, item: Item) -> Said:
    said = item.verdict
    if isinstance(said, Finding):
        return Said(place, number, "finding", rule, said.client, said.level, said.status, said.at, _content(said))
    if isinstance(said, Obligation):
        return Said(place, number, "obligation", rule, said.client, said.level, None, said.due, _content(said))
    missing = {"attributes": sorted(said.attributes)} if isinstance(said, Unrecorded) else {"areas": sorted(said.areas)}
    content = json.dumps({"rule": rule, "event": item.trigger.id, **missing}, sort_keys=True)
    return Said(place, number, "cannot_tell", rule, item.trigger.client, None, None, None, content)


def _content(said: Finding | Obligation) -> str:
    return json.dumps({name: getattr(said, name) for name in said.__slots__}, sort_keys=True)


def findings_from(contents: Iterable[dict[str, Any]]) -> list[Finding]:
    """Findings as they were written."""
    lists = ("events", "cites", "families")
    return [Finding(**content | {name: tuple(content[name]) for name in lists}) for content in contents]


def obligations_from(contents: Iterable[dict[str, Any]]) -> list[Obligation]:
    """Obligations as they were written."""
    return [Obligation(**content | {"events": tuple(content["events"])}) for content in contents]


def untold_from(engine: LiveEvaluator, said: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[CannotTell]:
    """The lines of what could not be told, as it was written of practitioners, one after another."""
    for practitioner, rows in groupby(said, key=itemgetter(0)):
        untold = Untold()
        for _, content in rows:
            untold.add(content["rule"], content["event"], _untold(content))
        yield from untold.lines(engine.plan, engine.verdicts, practitioner)


def _untold(content: dict[str, Any]) -> Unrecorded | Uncovered:
    if "areas" in content:
        return Uncovered(frozenset(content["areas"]))
    return Unrecorded(frozenset(content["attributes"]))
