"""A small log in which each reference rule has much to find, and what the test oracle finds in it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "reference"), str(HERE.parent / "tests")]

import yaml  # noqa: E402
from copies import policy  # noqa: E402
from findings import Finding  # noqa: E402
from generate import Record, records  # noqa: E402
from oracle import judge  # noqa: E402


def eventful(events: int) -> list[Record]:
    """A small generated log in which all six rules have much to find: many sessions moved, few agreements made."""
    log = []
    for number, record in enumerate(records(events, clients=5)):
        changed = dict(record)
        match record["type"]:
            case "session.moved":
                changed["by"] = "practitioner"
            case "session.cancelled" | "session.missed":
                changed = _as_move(record, record["starts_at"])
            case "outcome.measured" if number % 2 == 0:
                changed = _as_move(record, record["at"])
            case "agreement.made" if record["client"] == "c03":
                continue
            case "payment.received" if number % 7 == 0:
                continue
            case "invoice.issued" if number % 11 == 0:
                changed["amount"] += 5
            case "contact.message" if number % 3 == 0:
                touch = {"by": record["by"], "kind": "hug", "framework": number % 2 == 0}
                changed = _envelope(record, "contact.touch") | touch
            case "contact.message" if number % 3 == 1:
                changed = _envelope(record, "contact.social") | {"by": record["by"], "planned": True}
        log.append(changed)
    return log


def _envelope(record: Record, event: str) -> Record:
    return {name: record[name] for name in ("id", "at", "practitioner", "client")} | {"type": event}


def _as_move(record: Record, moved: str) -> Record:
    return _envelope(record, "session.moved") | {"by": "practitioner", "moved_from": moved, "moved_to": moved}


@cache
def vocabulary() -> dict[str, Any]:
    """The shipped vocabulary, as it is written."""
    whole: dict[str, Any] = yaml.load((HERE.parent / "rules" / "vocabulary.yaml").read_bytes(), Loader=yaml.BaseLoader)
    return whole


def by_oracle(log: Sequence[Record], rules: int) -> list[Finding]:
    """What the test oracle finds, sorted."""
    verdict = judge({"policies": [policy(rules)]}, log, vocabulary())
    return sorted((one.rule, one.practitioner, one.client or "", one.events[0]) for one in verdict.findings)


def write_small(log: Sequence[Record], folder: Path) -> dict[str, Path]:
    """A log as NDJSON and as Parquet, by kind. Needs Polars."""
    from parquet import column
    from polars import DataFrame

    paths = {kind: folder / f"small.{kind}" for kind in ("ndjson", "parquet")}
    paths["ndjson"].write_text("".join(json.dumps(row) + "\n" for row in log), encoding="utf-8")
    names = dict.fromkeys(name for row in log for name in row)
    frame = DataFrame([column(name, [row.get(name) for row in log]) for name in names])
    frame.write_parquet(paths["parquet"])
    return paths
