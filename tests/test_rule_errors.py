"""Every kind of wrong rule file, and exactly what its author is told: where it is wrong, what is wrong, what helps."""

from __future__ import annotations

from pathlib import Path

import pytest
from bad_rules import FILES, Files
from snapshot import FOLDER, assert_snapshot

from ethics_engine import RuleError, load_rules
from ethics_engine.conditions import Test
from ethics_engine.plan import Limit
from ethics_engine.scalars import HOUR, MICRO

SNAPSHOTS = "rule_errors"


def complaint(folder: Path, files: Files) -> str:
    """What the author is told, with the folder cut from the paths."""
    for name, content in files.items():
        (folder / name).write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    with pytest.raises(RuleError) as caught:
        load_rules(folder)
    return str(caught.value).replace(f"{folder}/", "") + "\n"


@pytest.mark.parametrize("name", FILES)
def test_a_wrong_rule_file_is_complained_of_in_these_words(name: str, tmp_path: Path) -> None:
    (FOLDER / SNAPSHOTS).mkdir(exist_ok=True)
    assert_snapshot(f"{SNAPSHOTS}/{name}.txt", complaint(tmp_path, FILES[name]))


@pytest.mark.parametrize("name", FILES)
def test_a_complaint_has_a_place_and_shows_no_type_of_python(name: str, tmp_path: Path) -> None:
    text = complaint(tmp_path, FILES[name])
    assert text.split(":")[0] in FILES[name]
    assert not any(word in text for word in ("Traceback", "NoneType", "str_", "dict", "<class", "pydantic"))


def test_no_snapshot_is_left_of_an_example_that_is_gone() -> None:
    kept = {path.stem for path in (FOLDER / SNAPSHOTS).glob("*.txt")}
    assert kept == set(FILES)


def test_scalars_mean_what_their_field_says_and_never_what_yaml_1_1_says(tmp_path: Path) -> None:
    (tmp_path / "care.yaml").write_text(
        "policy: care\ntitle: Care\nversion: 1.10\nparameters: {no: 017}\nrules:\n  care.on:\n    title: on\n"
        "    level: notice\n    message: off\n    limit: {event: session.held, where: {local_time: {ge: 22:00}}}\n"
        "    to: ${no}\n    within: 7d\n",
        encoding="utf-8",
    )
    rules = load_rules(tmp_path)
    rule = rules.plan().rules["care.on"]
    limit = rule.variants[0].form
    assert isinstance(limit, Limit)
    condition = rules.plan().picks[limit.trigger.members[0].pick].conditions["session.held"]
    assert (rules.policies[0].version, rule.title) == ("1.10", "on")
    assert condition == Test("local_time", "ge", 22 * HOUR, unknowable=False)
    assert limit.to == 17 * MICRO
