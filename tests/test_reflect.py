"""`ethics-engine reflect` asks one question a theme, keeps the answers private, and loses or doubles none of them."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from practice_folder import Practice, practice
from shipped import vocabulary

from ethics_engine import load_rules
from ethics_engine.entries.conclusion import strong
from ethics_engine.entries.questions import AREAS, QUESTIONS, SCALE, themes_by_area
from ethics_engine.entries.sitting import Answer, Sitting, open_sitting, sitting_file
from ethics_engine.logs import read_log
from ethics_engine.scalars import MICRO

__all__ = ["practice"]

THEMES = list(QUESTIONS)
ALL_ZERO = "0\n" * len(THEMES)


def kept(practice: Practice) -> Path:
    return sitting_file(practice.log, "p1")


def ratings(practice: Practice) -> dict[str, int]:
    return {record["theme"]: record["rating"] for record in practice.records()}


class TestQuestions:
    def test_there_is_one_for_each_theme_of_the_vocabulary(self) -> None:
        assert sorted(QUESTIONS) == sorted(vocabulary().enumerations["reflection_theme"])
        assert len(set(QUESTIONS.values())) == 17

    def test_each_is_said_in_the_first_person(self) -> None:
        assert [text for text in QUESTIONS.values() if not re.search(r"\b(I|me|[Mm]y)\b", text)] == []

    def test_the_scale_is_the_range_of_the_rating(self) -> None:
        rating = vocabulary().types["reflection.recorded"].attributes["rating"]

        assert (rating.minimum, rating.maximum) == (0, (len(SCALE) - 1) * MICRO)

    def test_every_theme_belongs_to_one_area(self) -> None:
        assert sorted(theme for area in AREAS for theme in area.themes) == sorted(QUESTIONS)

    def test_every_beginning_of_rules_is_one_of_a_rule_that_ships(self) -> None:
        rules = [source.id for source in load_rules().sources]
        idle = [start for area in AREAS for start in area.rules if not any(rule.startswith(start) for rule in rules)]

        assert idle == []

    def test_an_answer_asks_for_attention_from_the_rating_that_the_rules_name(self) -> None:
        stricter = load_rules(parameters={"reflection": {"strong": "2"}})

        assert (strong(load_rules()), strong(stricter)) == (3, 2)
        assert list(themes_by_area({"saviour": 2, "judging": 3}, 3)) == [AREAS[7]]
        assert list(themes_by_area({"saviour": 2, "judging": 3}, 2)) == [AREAS[5], AREAS[7]]


class TestASitting:
    def test_answers_become_events_and_skipped_themes_record_nothing(self, practice: Practice) -> None:
        result = practice.answer("reflect", answers="3 with the new clients\n\n1\n" + "\n" * 14 + "y\n")
        first, second = practice.records()

        assert result.exit_code == 0
        assert (first["theme"], first["rating"], first["reflection"]) == ("judging", 3, "with the new clients")
        assert (second["theme"], second["rating"]) == ("closed_minded", 1)
        assert "reflection" not in second
        assert (first["practitioner"], first["at"]) == ("p1", "2026-03-02T18:00:00+01:00")
        assert not kept(practice).exists()

    def test_what_it_writes_is_read_without_a_complaint(self, practice: Practice) -> None:
        practice.answer("reflect", "--client", "c7", answers=ALL_ZERO + "y\n")
        log = read_log(str(practice.log), vocabulary())

        assert (log.accepted, log.rejected, log.duplicate) == (17, [], 0)
        assert {event.client for event in log.events} == {"c7"}

    def test_a_step_back_changes_an_answer_or_takes_it_back(self, practice: Practice) -> None:
        practice.answer("reflect", answers="4\nb\n1\n2\nb\n-\n" + "\n" * 15 + "y\n")

        assert ratings(practice) == {"judging": 1}

    def test_a_step_back_and_enter_keeps_the_answer(self, practice: Practice) -> None:
        practice.answer("reflect", answers="4 tired\nb\n\n" + "\n" * 16 + "y\n")

        assert [(record["rating"], record["reflection"]) for record in practice.records()] == [(4, "tired")]

    @pytest.mark.parametrize("way_out", ["q\n", ""])
    def test_whoever_leaves_goes_on_later_where_they_were(self, practice: Practice, way_out: str) -> None:
        left = practice.answer("reflect", answers=f"3\n\n2\n{way_out}")
        between = practice.records()
        practice.at("2026-03-04T09:00:00+01:00")
        later = practice.answer("reflect", answers="y\n" + "0\n" * 14 + "y\n")

        assert (left.exit_code, later.exit_code, between) == (0, 0, [])
        assert "answered 2 of 17 questions" in later.stdout
        assert "4/17" in later.stdout
        assert "\n3/17" not in later.stdout
        assert {"judging": 3, "closed_minded": 2}.items() <= ratings(practice).items()
        assert len(practice.records()) == 16
        assert practice.records()[0]["at"] == "2026-03-02T18:00:00+01:00"

    def test_what_is_kept_meanwhile_is_for_its_owner_alone(self, practice: Practice) -> None:
        practice.answer("reflect", answers="3\nq\n")

        assert stat.S_IMODE(kept(practice).stat().st_mode) == 0o600
        assert practice.run("check", ".").exit_code == 2  # no file that is read as a log

    def test_a_sitting_that_was_left_can_be_thrown_away(self, practice: Practice) -> None:
        practice.answer("reflect", answers="3\nq\n")
        practice.answer("reflect", answers="n\ny\n" + ALL_ZERO + "y\n")

        assert set(ratings(practice).values()) == {0}

    def test_a_sitting_about_another_client_is_not_mixed_in(self, practice: Practice) -> None:
        practice.answer("reflect", answers="3\nq\n")
        result = practice.answer("reflect", "--client", "c7", answers="y\n")

        assert result.exit_code == 2
        assert "is not about client `c7`" in result.stderr

    def test_nothing_is_written_where_that_is_not_wanted(self, practice: Practice) -> None:
        practice.answer("reflect", answers=ALL_ZERO + "n\nn\n")

        assert practice.records() == []
        assert not kept(practice).exists()

    def test_answers_that_are_not_written_can_be_kept(self, practice: Practice) -> None:
        practice.answer("reflect", answers=ALL_ZERO + "n\ny\n")
        practice.answer("reflect", answers="y\ny\n")

        assert len(practice.records()) == 17

    def test_where_everything_is_skipped_nothing_is_written_or_kept(self, practice: Practice) -> None:
        result = practice.answer("reflect", answers="\n" * 17)

        assert (result.exit_code, practice.records(), kept(practice).exists()) == (0, [], False)
        assert "Every question was skipped" in result.stdout

    def test_answers_that_were_written_just_before_a_crash_are_not_written_again(self, practice: Practice) -> None:
        practice.answer("reflect", answers=ALL_ZERO + "n\ny\n")
        before = kept(practice).read_bytes()
        practice.answer("reflect", answers="y\ny\n")
        kept(practice).write_bytes(before)  # as if the process had been killed before it removed the file
        result = practice.answer("reflect", answers="y\n")

        assert result.exit_code == 0
        assert len(practice.records()) == 17
        assert not kept(practice).exists()

    def test_two_sittings_of_one_day_are_two(self, practice: Practice) -> None:
        for _ in range(2):
            practice.answer("reflect", answers=ALL_ZERO + "y\n")
        log = read_log(str(practice.log), vocabulary())

        assert (log.accepted, log.rejected) == (34, [])

    def test_somebody_elses_sitting_is_not_mine(self, practice: Practice) -> None:
        practice.answer("reflect", answers="3\nq\n")
        other = practice.answer("reflect", "--practitioner", "p2", answers="4\nq\n")

        assert "You began a self-check" not in other.stdout
        assert len(list(practice.folder.glob(".practice.ndjson.reflection-*"))) == 2


class TestConclusion:
    def concluded(self, practice: Practice, **answers: int) -> str:
        said = "".join(f"{answers[theme]}\n" if theme in answers else "\n" for theme in THEMES)
        return " ".join(practice.answer("reflect", answers=said + "n\nn\n").stdout.split())

    def test_names_the_areas_of_strong_answers_and_what_to_take_to_supervision(self, practice: Practice) -> None:
        said = self.concluded(practice, saviour=4, judging=2)

        assert "Rescuing: saviour (nearly always)" in said
        assert "Respect and presence" not in said
        assert "Wanting to rescue: Look in supervision at what help you give beyond the agreed work" in said
        assert "Take the reflection of 2 March 2026 (saviour) to supervision" in said
        assert "hour of consultation" not in said

    def test_suggests_a_consultation_from_three_areas_on(self, practice: Practice) -> None:
        two = self.concluded(practice, saviour=3, judging=3, invalidating=4)
        three = self.concluded(practice, saviour=3, judging=3, romantic_feelings=3)

        assert "hour of consultation" not in two
        assert "Three or more areas at once are a good reason to ask a supervisor or a colleague" in three

    def test_counts_the_areas_that_the_log_of_the_last_quarter_speaks_to(self, practice: Practice) -> None:
        touch = {"type": "contact.touch", "practitioner": "p1", "client": "c7", "kind": "hug", "by": "practitioner"}
        secret = {"type": "secrecy.requested", "practitioner": "p1", "client": "c7", "by": "practitioner"}
        old = {"type": "disclosure.made", "practitioner": "p1", "client": "c7", "purpose": "own_need"}
        practice.hold(
            {**touch, "id": "e1", "at": "2026-02-20T10:00:00Z", "consent": False},
            {**secret, "id": "e2", "at": "2026-02-20T10:00:00Z"},
            {**old, "id": "e3", "at": "2025-02-20T10:00:00Z"},
        )
        said = self.concluded(practice, saviour=3)

        assert "Attraction: Touch without the client's consent" in said
        assert "Power: " in said
        assert "Leaning on clients" not in said
        assert "hour of consultation" in said

    def test_says_so_where_nothing_asks_for_attention(self, practice: Practice) -> None:
        assert "None of your answers asks for attention now." in self.concluded(practice, judging=1)

    def test_blames_nobody(self, practice: Practice) -> None:
        said = self.concluded(practice, **dict.fromkeys(THEMES, 4))

        assert "None of this says that something went wrong." in said
        assert [word for word in ("VIOLATION", "RISK", "must", "wrong you", "fail") if word in said] == []


def test_where_nobody_can_be_asked_it_says_what_can_be_done_instead(practice: Practice) -> None:
    result = practice.run("reflect")

    assert result.exit_code == 2
    assert "`ethics-engine log reflection.recorded`" in result.stderr


def test_a_file_of_answers_that_cannot_be_read_is_named(practice: Practice) -> None:
    kept(practice).write_text('{"answers": [')
    result = practice.answer("reflect", answers="")

    assert result.exit_code == 2
    assert "remove it to begin anew" in result.stderr


def test_hostile_words_stay_data(practice: Practice) -> None:
    practice.answer("reflect", answers="3 \x1b[2J\u202e\u009b31m\nq\n")
    result = practice.answer("reflect", answers="y\nb\n\n" + "\n" * 16 + "y\n")

    assert practice.records()[0]["reflection"] == "\x1b[2J\u202e\u009b31m"
    assert not any(char in practice.log.read_text(encoding="utf-8") for char in "\x1b\u202e\u009b")
    assert "\x1b" not in result.stdout.replace("3 \x1b[2J", "")


WORDS = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ANSWERS = st.dictionaries(
    st.sampled_from(THEMES), st.none() | st.builds(Answer, st.integers(0, 4), st.just("2026-03-02T17:00:00Z"), WORDS)
)


@settings(deadline=None)
@given(ANSWERS, st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_what_is_kept_is_what_was_answered(
    tmp_path_factory: pytest.TempPathFactory, answers: dict[str, Answer | None], client: str | None
) -> None:
    file = tmp_path_factory.mktemp("sitting") / ".kept"
    sitting = Sitting(file, "2026-03-02-reflection-abc", client, answers)
    sitting.save()

    assert open_sitting(file, THEMES) == sitting
    assert json.loads(file.read_text(encoding="utf-8"))["sitting"] == sitting.name
    assert [path.name for path in file.parent.iterdir()] == [".kept"]
