"""`ethics-engine diff` tells what other rules make of the same log, class by class, with the events behind each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ethics_engine.cli import main

LOG = str(Path(__file__).parent.parent / "examples" / "first-log.ndjson")
RULE = """
policy: house
title: House rules
version: "1.0"
rules:
  house.touch:
    title: Touch
    level: {level}
    forbid: {{event: contact.touch, where: {{kind: {kind}}}}}
    {excuse}
    message: "Touch on {{at:date}}."
    cites: ["house:1"]
"""


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """Rule folders that judge one touch differently."""
    plain = {"level": "risk", "kind": "hug", "excuse": ""}
    versions = {
        "old": plain,
        "graver": plain | {"level": "violation"},
        "other": plain | {"kind": "hand"},
        "excusing": plain | {"excuse": "excused_by: {event: session.held, within: 30d}"},
    }
    for name, changes in versions.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "house.yaml").write_text(RULE.format(**changes))
    return tmp_path


def diff(folder: Path, old: str, new: str, *more: str) -> Result:
    arguments = ["diff", LOG, "--rules", str(folder / old), "--against", str(folder / new), *more]
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("old", "graver", "level"),
        ("old", "excusing", "status"),
        ("old", "other", "vanishes"),
        ("other", "old", "appears"),
    ],
)
def test_classes_what_changes_with_the_finding_as_it_was_and_is(old: str, new: str, kind: str, folders: Path) -> None:
    result = diff(folders, old, new, "--format", "json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert told["summary"] == {"appears": 0, "vanishes": 0, "level": 0, "status": 0} | {kind: 1}
    (change,) = told["changes"]
    assert change["class"] == kind
    assert (change["before"] is None, change["after"] is None) == (kind == "appears", kind == "vanishes")
    assert all(side is None or side["events"][0] == "e4" for side in (change["before"], change["after"]))


def test_says_in_words_what_changes_and_the_events_behind_it(folders: Path) -> None:
    assert diff(folders, "old", "graver").stdout == (
        "Findings whose level changes: 1\n\n"
        "  house.touch (risk → violation): 1\n"
        "    19 January 2026, client c7: Touch on 19 January 2026.\n"
        "      events e4\n\n"
    )


def test_says_so_where_both_judge_alike(folders: Path) -> None:
    result = diff(folders, "old", "old")
    assert (result.exit_code, result.stdout) == (
        0,
        "Both judge this log alike: no finding appears, vanishes or changes.\n",
    )


def test_wants_rules_to_compare_with() -> None:
    result = CliRunner().invoke(main, ["diff", LOG])
    assert result.exit_code == 2
    assert "--against" in result.stderr
