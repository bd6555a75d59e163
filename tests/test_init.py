"""`ethics-engine init` sets up a practice's folder by a few questions, for its owner alone, and overwrites nothing."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ethics_engine.cli import main
from ethics_engine.config import read_settings
from ethics_engine.entries.folder import EXAMPLE_KEEPER, Practice, make_folder, settings_text

GIVEN = ("--practitioner", "p1", "--timezone", "Europe/Berlin")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def init(*arguments: str, answers: str | None = None) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        if answers is not None:
            patch.setattr("ethics_engine.cli.asking.on_terminal", lambda: True)
            patch.setattr("ethics_engine.cli.clock.machine_zone", lambda: "Europe/Paris")
        result = CliRunner().invoke(main, ["init", *arguments], input=answers, env={"COLUMNS": "80"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def unwrapped(result: Result) -> str:
    return " ".join(result.stdout.split())


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in [folder, *sorted(folder.iterdir())]}


def test_options_alone_set_a_practice_up() -> None:
    result = init("practice", *GIVEN, "--currency", "EUR", "--profile", "apa-2017")
    found = read_settings(Path("practice/ethics.yaml"))

    assert result.exit_code == 0
    assert (found.practitioner, found.timezone, found.currency) == ("p1", "Europe/Berlin", "EUR")
    assert (found.profile, found.log) == ("apa-2017", Path("practice/practice.ndjson"))
    assert Path("practice/practice.ndjson").read_bytes() == b""


def test_only_the_owner_can_read_what_it_makes() -> None:
    before = os.umask(0)
    try:
        init("practice", *GIVEN)
    finally:
        os.umask(before)

    files = dict.fromkeys(("ethics.yaml", "example.ndjson", "practice.ndjson"), 0o600)
    assert modes(Path("practice")) == {"practice": 0o700, **files}


def test_questions_take_a_city_a_number_and_the_guessed_zone() -> None:
    asked = init("asked", answers="p9\nberlin\neur\nnone\n")
    guessed = init("guessed", answers="\n\n\n2\n")
    first, second = read_settings(Path("asked/ethics.yaml")), read_settings(Path("guessed/ethics.yaml"))

    assert (asked.exit_code, guessed.exit_code) == (0, 0)
    assert (first.practitioner, first.timezone, first.currency, first.profile) == ("p9", "Europe/Berlin", "EUR", None)
    assert (second.practitioner, second.timezone, second.currency) == ("p1", "Europe/Paris", None)
    assert second.profile == "aca-2014"


def test_a_wrong_answer_is_told_and_asked_again() -> None:
    result = init("practice", answers="example\np1\nBerlni\nBerlin\neuro\nEUR\n99\napa\napa-2017\n")

    assert result.exit_code == 0
    assert "`example` keeps the example log; take another id" in result.stdout
    assert "did you mean `Berlin`?" in unwrapped(result)
    assert "`EURO` is not a currency code" in result.stdout
    assert "the numbers are 1 to" in result.stdout


def test_where_nobody_can_be_asked_what_is_needed_is_named() -> None:
    result = init("practice")

    assert result.exit_code == 2
    assert "--practitioner and --timezone missing" in result.stderr
    assert not Path("practice").exists()


@pytest.mark.parametrize("answers", ["", "p1\n", "p1\nBerlin\n", "p1\nBerlin\nEUR\n"])
def test_whoever_leaves_makes_nothing(answers: str) -> None:
    result = init("practice", answers=answers)

    assert result.exit_code == 130
    assert result.stdout.endswith("Nothing was made.\n")
    assert not Path("practice").exists()


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--timezone", "Europe/Berln"), "did you mean `Europe/Berlin`?"),
        (("--timezone", "Nowhere"), "no time zone is named after `Nowhere`"),
        (("--currency", "euro"), "is not a currency code"),
        (("--profile", "apa"), "is none of"),
        (("--practitioner", "example"), "keeps the example log"),
        (("--practitioner", " "), "1 to 1000 characters"),
        (("--practitioner", "p\x1b[2J"), "cannot be shown"),
    ],
)
def test_an_option_that_does_not_fit_is_refused_and_nothing_is_made(arguments: tuple[str, ...], part: str) -> None:
    result = init("practice", *GIVEN, *arguments)

    assert result.exit_code == 2
    assert f"{arguments[0]}: " in result.stderr
    assert part in result.stderr
    assert "\x1b" not in result.stderr
    assert not Path("practice").exists()


@pytest.mark.parametrize("name", ["ethics.yaml", "practice.ndjson", "example.ndjson"])
def test_nothing_is_overwritten_and_nothing_is_added_beside_it(name: str) -> None:
    Path("practice").mkdir()
    Path("practice", name).write_text("mine")
    result = init("practice", *GIVEN)

    assert result.exit_code == 2
    assert f"`practice/{name}` is there already, and nothing is overwritten" in result.stderr
    assert [path.name for path in Path("practice").iterdir()] == [name]
    assert Path("practice", name).read_text() == "mine"


def test_a_dangling_link_is_not_written_through() -> None:
    Path("practice").mkdir()
    Path("practice/practice.ndjson").symlink_to(Path("elsewhere"))

    assert init("practice", *GIVEN).exit_code == 2
    assert not Path("elsewhere").exists()


def test_a_folder_that_cannot_be_made_is_told_in_words() -> None:
    Path("file").write_text("")
    result = init("file/practice", *GIVEN)

    assert result.exit_code == 2
    assert "cannot set up `file/practice`" in result.stderr


def test_a_folder_that_others_may_look_into_is_pointed_out_and_left_as_it_is() -> None:
    Path("practice").mkdir(mode=0o755)
    result = init("practice", *GIVEN)

    assert "`chmod 700 practice` keeps it to you" in unwrapped(result)
    assert stat.S_IMODE(Path("practice").stat().st_mode) == 0o755


def test_what_it_says_to_do_next_can_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    init("practice", *GIVEN)
    monkeypatch.chdir("practice")
    example = CliRunner().invoke(main, ["check", "example.ndjson"])
    own = CliRunner().invoke(main, ["check", "--as-of", "now"])
    due = CliRunner().invoke(main, ["due", "--as-of", "now"])

    assert example.exit_code == 1
    assert "Touch without the client's consent" in example.stdout
    assert (own.exit_code, due.exit_code) == (0, 0)


def test_the_example_is_kept_by_nobody_else() -> None:
    init("practice", *GIVEN)
    both = CliRunner().invoke(main, ["check", "practice", "--format", "csv"])

    assert f",{EXAMPLE_KEEPER}," in both.stdout
    assert ",p1," not in both.stdout


NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40).filter(lambda name: name.strip())


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES | st.sampled_from(["no", "null", "1e3", "22:00", "- a", "a: b", "a # b", '"', "'", "\\", "~", "{", "&a"]))
def test_any_id_reads_back_from_the_settings_as_it_was(tmp_path: Path, name: str) -> None:
    path = tmp_path / "ethics.yaml"
    path.write_text(settings_text(Practice(name, "UTC")), encoding="utf-8")

    assert read_settings(path).practitioner == name


def test_what_could_not_be_written_whole_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ethics_engine.entries.folder.settings_text", lambda practice: "timezone: Mars/Base\n")
    result = init("practice", *GIVEN)

    assert result.exit_code == 2
    assert not Path("practice").exists()


def test_making_a_folder_gives_the_files_that_were_made(tmp_path: Path) -> None:
    made = make_folder(tmp_path / "practice", Practice("p1", "UTC"))

    assert [path.name for path in made] == ["ethics.yaml", "practice.ndjson", "example.ndjson"]
