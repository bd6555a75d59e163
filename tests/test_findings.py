"""Findings, and the report that holds them."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from sample_report import EMPTY, GIFT, HOSTILE, OVERRUNS, REPORT, SUPERVISION, TOUCH, WAIVED, finding

from ethics_engine.findings import finding_id


class TestFindingId:
    def test_is_the_first_20_digits_of_the_sha256_of_a_json_array(self) -> None:
        assert finding_id("touch.without-consent", "p1", "c7", "e12") == "0772f67b03a3473d0b0d"

    def test_a_key_without_a_client_differs_from_an_empty_client(self) -> None:
        assert finding_id("r", "p", None, "e") != finding_id("r", "p", "", "e")

    def test_parts_cannot_run_into_each_other(self) -> None:
        assert finding_id("r", "p", "c", 'e","f') != finding_id("r", "p", 'c","e', "f")

    def test_text_beyond_ascii_counts_as_utf_8(self) -> None:
        assert len(finding_id("r", "Zoë", "☃", "e")) == 20


class TestOrder:
    def test_findings_are_ordered_by_time_practitioner_client_rule_and_id(self) -> None:
        at = "2026-03-02T09:00:00Z"
        ordered = [
            finding("b.b", "risk", "2026-03-01T09:00:00Z", "e1", practitioner="p9"),
            finding("b.b", "risk", at, "e1", practitioner="p1", client=None),
            finding("b.b", "risk", at, "e1", practitioner="p1", client="c1"),
            finding("a.a", "risk", at, "e1", practitioner="p1", client="c2"),
            finding("b.b", "risk", at, "e1", practitioner="p1", client="c2"),
            finding("a.a", "risk", at, "e1", practitioner="p2", client="c1"),
        ]
        shuffled = random.Random(1).sample(ordered, len(ordered))

        assert tuple(ordered) == replace(REPORT, findings=tuple(shuffled)).findings

    def test_reports_of_the_same_findings_are_the_same_bytes(self) -> None:
        turned = replace(
            REPORT,
            findings=REPORT.findings[::-1],
            obligations=REPORT.obligations[::-1],
            cannot_tell=REPORT.cannot_tell[::-1],
        )

        assert REPORT.to_json() == turned.to_json()


class TestSummary:
    def test_counts_open_findings_by_level_and_the_others_by_status(self) -> None:
        assert REPORT.summary() == {
            "violation": 1,
            "risk": 1,
            "notice": 3,
            "excused": 1,
            "waived": 1,
            "cannot_tell": 2,
        }

    def test_an_empty_report_counts_nothing(self) -> None:
        assert set(EMPTY.summary().values()) == {0}


class TestHasOpen:
    @pytest.mark.parametrize(
        ("level", "expected"), [("violation", False), ("risk", False), ("notice", True), ("never", False)]
    )
    def test_reaches_down_to_the_level(self, level: str, expected: bool) -> None:
        assert replace(REPORT, findings=OVERRUNS).has_open(level) is expected

    @pytest.mark.parametrize("level", ["violation", "risk", "notice"])
    def test_what_is_graver_than_the_level_counts(self, level: str) -> None:
        assert replace(REPORT, findings=(TOUCH,)).has_open(level)

    def test_what_is_excused_or_waived_is_not_open(self) -> None:
        assert not replace(REPORT, findings=(GIFT, WAIVED)).has_open("notice")


class TestFiltered:
    def test_without_filters_everything_is_shown(self) -> None:
        assert REPORT.filtered() == REPORT

    def test_by_rule(self) -> None:
        seen = REPORT.filtered(rules=["touch.without-consent"])

        assert seen.findings == (TOUCH,)
        assert seen.obligations == ()
        assert [line.missing for line in seen.cannot_tell] == ["attribute consent"]

    def test_by_level(self) -> None:
        seen = REPORT.filtered(levels=["risk"])

        assert seen.findings == (SUPERVISION, WAIVED)
        assert seen.obligations == ()

    def test_by_client(self) -> None:
        assert REPORT.filtered(client=HOSTILE).findings == (GIFT,)

    def test_what_could_not_be_told_has_no_client_and_stays(self) -> None:
        assert REPORT.filtered(client="c7").cannot_tell == REPORT.cannot_tell

    def test_by_practitioner(self) -> None:
        assert REPORT.filtered(practitioner="p2").findings == ()

    def test_says_how_many_findings_it_hides(self) -> None:
        assert REPORT.filtered(client=HOSTILE).hidden == len(REPORT.findings) - 1

    def test_the_account_of_the_log_is_untouched(self) -> None:
        assert REPORT.filtered(client="c1").log == REPORT.log


def test_to_json_has_the_keys_of_the_contract_in_their_order() -> None:
    document = json.loads(REPORT.to_json())

    assert list(document) == ["engine", "rules", "log", "summary", "findings", "obligations", "cannot_tell"]
    assert list(document["engine"]) == ["name", "version", "evaluator"]
    assert list(document["rules"]) == ["digest", "policies", "profile", "overrides"]
    assert list(document["rules"]["overrides"][0]) == ["parameter", "default", "value", "from"]
    assert list(document["log"])[:7] == ["read", "accepted", "duplicate", "rejected", "from", "to", "as_of"]
    assert list(document["findings"][0]) == [
        "id",
        "rule",
        "policy",
        "level",
        "status",
        "at",
        "practitioner",
        "client",
        "events",
        "message",
        "values",
        "cites",
        "remedy",
    ]
    assert list(document["obligations"][0]) == ["rule", "due", "practitioner", "client", "events", "message"]
    assert list(document["cannot_tell"][0]) == ["rule", "practitioner", "missing", "events", "message"]
