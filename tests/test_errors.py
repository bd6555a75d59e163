from __future__ import annotations

import pickle

import pytest

from ethics_engine.errors import (
    ConfigError,
    Diagnostic,
    EthicsEngineError,
    EventError,
    RuleError,
    did_you_mean,
    printable,
    shown,
    suggest,
)

SLIP = Diagnostic(
    code="unknown-key",
    message="unknown key `withn` in `require`",
    file="rules/endings.yaml",
    line=14,
    column=7,
    text="      withn: 30d",
    width=5,
    hint="did you mean `within`?",
)


def test_a_complaint_shows_its_place_its_line_a_caret_and_a_hint() -> None:
    assert SLIP.render() == (
        "rules/endings.yaml:14:7: error[unknown-key]: unknown key `withn` in `require`\n"
        "14 |       withn: 30d\n"
        "   |       ^^^^^ did you mean `within`?"
    )


def test_a_complaint_without_a_line_has_its_hint_below() -> None:
    complaint = Diagnostic("missing-file", "there is no such file", "a.yaml", hint="did you mean `b.yaml`?")

    assert complaint.render() == "a.yaml: error[missing-file]: there is no such file\n    did you mean `b.yaml`?"


def test_a_long_line_is_cut_around_the_fault() -> None:
    complaint = Diagnostic("x", "wrong", "a", 1, 501, "a" * 500 + "HERE" + "b" * 500, 4)

    _, source, caret = complaint.render().splitlines()
    assert source[caret.index("^") :].startswith("HERE")
    assert len(source) < 170
    assert caret.count("^") == 4


def test_a_kept_piece_of_a_line_is_marked_at_the_right_place() -> None:
    complaint = Diagnostic("x", "wrong", "a", 1, 5003, "ab^cd", text_column=5001)

    _, source, caret = complaint.render().splitlines()
    assert source.index("^") == caret.index("^")


def test_control_characters_of_a_log_never_reach_the_terminal() -> None:
    complaint = Diagnostic("x", "wrong", "\x1b[31m.ndjson", 1, 4, "\x1b[2J\tbad \x00 \ud800", 3)

    rendered = complaint.render()
    assert all(char.isprintable() or char == "\n" for char in rendered)
    assert "\\x1b[2J" in rendered


def test_an_error_renders_its_complaints_in_the_order_of_the_file() -> None:
    earlier = Diagnostic("x", "first", "rules/endings.yaml", 2, 1)
    error = RuleError([SLIP, earlier])

    assert str(error) == f"{earlier.render()}\n{SLIP.render()}"
    assert (error.file, error.line, error.column) == ("rules/endings.yaml", 2, 1)


def test_an_error_of_a_message_alone_says_just_that() -> None:
    assert str(ConfigError("there is no profile `apa`")) == "there is no profile `apa`"
    assert str(EventError("cannot read it", file="a.ndjson", line=3)) == "a.ndjson:3: error: cannot read it"


def test_every_error_is_one_kind_and_survives_a_process_boundary() -> None:
    for kind in (RuleError, EventError, ConfigError):
        again = pickle.loads(pickle.dumps(kind([SLIP], field="within")))
        assert isinstance(again, EthicsEngineError)
        assert (str(again), again.field, again.diagnostics) == (SLIP.render(), "within", (SLIP,))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("consnt", "consent"),
        ("Consent", "consent"),
        ("touch.contact", "contact.touch"),
        ("contact.tuch", "contact.touch"),
        ("client-allowed", "client_allowed"),
        ("kind", None),
        ("zzz", None),
        ("", None),
        ("x" * 5_000_000, None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_suggestion_is_near_or_there_is_none(word: str, expected: str | None) -> None:
    assert expected == suggest(word, ["consent", "contact.touch", "client_allowed", "id"])


def test_a_hint_asks_for_the_nearest_name() -> None:
    assert did_you_mean("hgu", ["hug", "hold"]) == "did you mean `hug`?"
    assert did_you_mean("walk", ["hug", "hold"]) is None


def test_values_are_shown_as_they_were_written() -> None:
    values = [True, None, 5, "a\tb\n", [1, "x"], {"a": 1}, "y" * 500, 10**6000]

    assert [shown(value) for value in values] == [
        "`true`",
        "`null`",
        "`5`",
        "`a b\\n`",
        "`[1, x]`",
        "`{…}`",
        f"`{'y' * 79}…`",
        "`a number of many digits`",
    ]
    assert printable("né 日本") == "né 日本"
