"""The Python door: what it takes, and that wrong input is refused in words and never by a bare error from inside."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from ethics_engine import ConfigError, EthicsEngineError, EventError, check, load_rules

TOUCH = {
    "id": "e1", "at": "2026-01-19T17:45:00Z", "type": "contact.touch", "practitioner": "p1", "client": "c1",
    "kind": "hug", "by": "practitioner", "consent": False,
}  # fmt: skip


@pytest.mark.parametrize("rules", ["rules", {}, 5, [], b"rules"])
def test_rules_that_are_no_rule_set_are_refused(rules: Any) -> None:
    with pytest.raises(ConfigError, match="load_rules"):
        check([TOUCH], rules)


def test_a_single_event_is_no_log() -> None:
    with pytest.raises(EventError, match="list of events"):
        check(TOUCH)


@pytest.mark.parametrize("log", [None, 5, object(), "no-such-file.ndjson", [5], b"bytes"])
def test_a_log_of_another_kind_is_refused_or_its_items_are_rejected(log: Any) -> None:
    try:
        report = check(log)
    except EthicsEngineError:
        return
    assert (report.log.read, report.log.rejected) == (1, 1)


@pytest.mark.parametrize(
    "as_of",
    [
        "2026-01-20T00:00:00Z",
        "2026-01-19",
        date(2026, 1, 19),
        datetime(2026, 1, 20, tzinfo=UTC),
        1_768_867_200_000_000,
    ],
)
def test_a_time_may_be_given_in_several_ways(as_of: Any) -> None:
    assert check([TOUCH], load_rules(), as_of=as_of).log.as_of == 1_768_867_200_000_000


@pytest.mark.parametrize("as_of", ["x", "2026-01-20T00:00:00", {}, True, 1.5, datetime(2026, 1, 20)])
def test_anything_else_is_no_time(as_of: Any) -> None:
    with pytest.raises(ConfigError, match="is no time"):
        check([TOUCH], load_rules(), as_of=as_of)


@pytest.mark.parametrize("path", [None, 5, True, b"x", [None], [1], {"a": 1}, "no-such-folder", "a\0b"])
def test_rules_are_loaded_from_paths_alone(path: Any) -> None:
    with pytest.raises(EthicsEngineError):
        load_rules(path)


@pytest.mark.parametrize(
    "settings",
    [
        {"timezone": {}},
        {"timezone": "Mars/Olympus"},
        {"profile": 5},
        {"profile": {}},
        {"profile": "no-such"},
        {"parameters": 5},
        {"parameters": "nope"},
        {"parameters": {"touch.nope": 5}},
        {"levels": ["a"]},
        {"levels": {"touch.frequent": "grave"}},
        {"disabled": 5},
        {"disabled": "no.such-rule"},
        {"vocabulary": 5},
        {"vocabulary": "no-such-file.yaml"},
        {"currency": {}},
        {"currency": "nope"},
        {"currency": 5},
    ],
)
def test_a_wrong_setting_is_refused_in_words(settings: dict[str, Any]) -> None:
    with pytest.raises(EthicsEngineError) as caught:
        load_rules(**settings)
    assert not any(word in str(caught.value) for word in ("NoneType", "object is not", "Traceback"))


def test_one_rule_may_be_disabled_by_its_plain_name() -> None:
    assert "touch.frequent" not in load_rules(disabled="touch.frequent").plan().rules
