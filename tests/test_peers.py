"""The peers of the benchmarks: whatever is timed finds what the oracle finds."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import SLOW

from ethics_engine import load_rules

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
sys.path[:0] = [str(BENCHMARKS), str(BENCHMARKS / "reference")]

from contenders import ALL, CONTENDERS, Contender, shipped  # noqa: E402
from copies import copies, policy  # noqa: E402
from findings import Finding  # noqa: E402
from small_log import by_oracle, eventful, write_small  # noqa: E402

PEERS = [contender for contender in CONTENDERS if contender.script]
ALWAYS_HERE = ("Polars, by hand", "plain Python, by hand", "DuckDB SQL, by hand")  # of the `dev` extra
IN_PROCESS = [contender for contender in PEERS if not contender.java]  # a test process is no place for a Java machine

BEGINS = [datetime(2025, 1, day, tzinfo=UTC) for day in (1, 2, 3)]  # the copies judge from 2 and 3 January
DAYS = [0, 0, 30, 31, 60, 61, 62]  # the windows, and what ends with them
SECONDS = [0, 0, 0, 0, 1]
SCENES = [
    ("contact.touch", "contact.social"),
    ("session.moved",),
    ("agreement.made", "session.held"),
    ("agreement.made", "invoice.issued"),
    ("invoice.issued", "payment.received"),
    ("invoice.issued", "payment.received", "note.recorded"),
]
FLAG = st.sampled_from([True, False])
MONEY = st.sampled_from([80, 90, 90.5])
INVOICE = st.sampled_from(["i1", "i2"])
ATTRIBUTES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {  # always there, and there or not
    "agreement.made": ({"covers": st.just(["goals"])}, {"fee": MONEY}),
    "contact.social": (
        {"by": st.just("client"), "planned": FLAG},
        {"with": st.sampled_from(["client", "client_family"])},
    ),
    "contact.touch": (
        {"by": st.just("practitioner"), "kind": st.just("hug")},
        {"framework": FLAG, "consent": FLAG},
    ),
    "invoice.issued": ({"invoice": INVOICE, "amount": MONEY, "reason": st.just("session")}, {}),
    "note.recorded": ({}, {}),
    "payment.received": ({"amount": MONEY, "method": st.just("cash")}, {"invoice": INVOICE}),
    "session.held": ({"minutes": st.just(50)}, {}),
    "session.moved": (
        {"by": st.sampled_from(["practitioner", "practitioner", "client"])}
        | dict.fromkeys(("moved_from", "moved_to"), st.just("2025-01-01T00:00:00Z")),
        {},
    ),
}


@st.composite
def logs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A log of the event types that the reference rules speak of, in no order, much of it at the edge of a window."""
    types = draw(st.sampled_from([*SCENES, sorted(ATTRIBUTES)]))
    begin = draw(st.sampled_from(BEGINS))
    log = []
    for number in draw(st.permutations(range(7, 7 + draw(st.integers(1, 8))))):  # `e10` comes before `e9`
        event = draw(st.sampled_from(types))
        at = begin + timedelta(days=draw(st.sampled_from(DAYS)), seconds=draw(st.sampled_from(SECONDS)))
        envelope = {"id": f"e{number}", "at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "type": event}
        practitioner, client = draw(st.sampled_from(["p1", "p1", "p1", "p2"])), draw(st.sampled_from("cccd"))
        whose = {"practitioner": practitioner, "client": client}
        required, optional = ATTRIBUTES[event]
        log.append(envelope | whose | draw(st.fixed_dictionaries(required, optional=optional)))
    return log


def entry(name: str, day: int, event: str, **attributes: Any) -> dict[str, Any]:
    """An event of one relationship, at the start of a day of 2025."""
    at = BEGINS[0] + timedelta(days=day)
    whose = {"practitioner": "p1", "client": "c"}
    return {"id": name, "at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "type": event} | whose | attributes


INVOICES = [
    entry(f"e{day}", day, "invoice.issued", invoice=f"i{day}", amount=amount, reason="session")
    for day, amount in ((0, 80), (1, 90), (2, 80))
]
PAYMENTS = [
    entry(f"f{day}", paid, "payment.received", invoice=f"i{day}", amount=80, method="cash")
    for day, paid in ((0, 0), (1, 31), (2, 33))
]
AT_THE_EDGES = [  # paid at once, at the last instant, and too late; and the later id of two agreements at once
    *INVOICES,
    *PAYMENTS,
    entry("g10", 0, "agreement.made", covers=["goals"], fee=80),
    entry("g9", 0, "agreement.made", covers=["goals"], fee=90),
]


def here(contender: Contender) -> Contender:
    """The contender; the test is skipped where it cannot run, and fails where it is expected to."""
    reason = contender.left_out()
    if reason and contender.name not in ALWAYS_HERE:
        pytest.skip(reason)
    assert reason == ""
    return contender


def in_process(contender: Contender) -> Callable[[str, int], Any]:
    """The function of a peer that answers with its findings."""
    here(contender)
    findings: Callable[[str, int], Any] = import_module(contender.script.removesuffix(".py")).findings
    return findings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("peers")


@pytest.mark.parametrize("peer", IN_PROCESS, ids=lambda peer: peer.script)
def test_a_peer_finds_what_the_oracle_finds(peer: Contender, folder: Path) -> None:
    findings = in_process(peer)

    @settings(max_examples=settings.default.max_examples // 2, deadline=None, suppress_health_check=SLOW)
    @example(log=AT_THE_EDGES, rules=6)
    @example(log=AT_THE_EDGES[::-1], rules=6)
    @given(log=logs(), rules=st.sampled_from([6, 15]))
    def holds(log: list[dict[str, Any]], rules: int) -> None:
        paths = write_small(log, folder)
        expected = by_oracle(log, rules)
        for kind in peer.kinds:
            assert expected == sorted(findings(str(paths[kind]), rules)), kind

    holds()


@pytest.fixture(scope="module")
def small() -> tuple[list[dict[str, Any]], list[Finding]]:
    """A log in which each rule finds something, and what the oracle finds there."""
    log = eventful(800)
    expected = by_oracle(log, 6)
    assert len({rule for rule, *_ in expected}) == 6
    return log, expected


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.script)
def test_a_peer_prints_as_a_process_what_the_oracle_finds(
    peer: Contender, small: tuple[list[dict[str, Any]], list[Finding]], tmp_path: Path
) -> None:
    log, expected = small
    for kind, path in write_small(log, tmp_path).items():
        if kind in peer.kinds:
            assert expected == here(peer).findings(path, 6)


def test_six_copies_are_the_reference_rules_as_they_are_written() -> None:
    file = BENCHMARKS / "reference" / "reference.yaml"
    assert yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader) == policy(6)


def test_no_two_copies_are_the_same_rule() -> None:
    rules = policy(150)["rules"]
    assert len(rules) == 150
    assert len({json.dumps(rule, sort_keys=True) for rule in rules.values()}) == 150


@pytest.mark.parametrize("least", [6, 38, 50, 100, 150, ALL])
def test_a_part_of_the_shipped_policies_loads_without_the_others(least: int, tmp_path: Path) -> None:
    rules, home = shipped(least, tmp_path)
    assert rules == len(load_rules(home).plan().rules)
    assert least <= rules or least == ALL


def test_fewer_rules_than_forms_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 6 rules are compared, not 5"):
        copies(5)
