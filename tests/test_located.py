from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics_engine.errors import RuleError
from ethics_engine.located import DEEPEST, Lines, Map, Mark, Seq, Text, parse_yaml, read_yaml

TOUCH = """\
# A comment
policy: touch
"a key": 'in quotes'
list: [one, {two: 2}]
block:
  - first
  - second: >-
      folded
      text
"""


class TestPlaces:
    def test_every_scalar_has_its_place_and_width(self) -> None:
        tree = read(TOUCH)

        assert tree["policy"].mark == Mark("a.yaml", 2, 9, 5)
        assert tree["a key"].mark == Mark("a.yaml", 3, 10, 11)
        assert tree["list"][1]["two"].mark == Mark("a.yaml", 4, 19, 1)
        assert tree["block"][0].mark == Mark("a.yaml", 6, 5, 5)

    def test_every_key_has_its_place(self) -> None:
        tree = read(TOUCH)

        assert tree.key_marks["a key"] == Mark("a.yaml", 3, 1, 7)
        assert tree["list"][1].key_marks["two"] == Mark("a.yaml", 4, 14, 3)

    def test_a_list_or_mapping_of_one_line_is_as_wide_as_it_is_written(self) -> None:
        tree = read(TOUCH)

        assert tree["list"].mark == Mark("a.yaml", 4, 7, 15)
        assert tree["list"][1].mark == Mark("a.yaml", 4, 13, 8)
        assert tree["block"].mark == Mark("a.yaml", 6, 3, 1)

    def test_a_mapping_knows_the_key_that_it_stands_under(self) -> None:
        tree = read(TOUCH)

        assert tree.key == ""
        assert tree["list"][1].key == "list"
        assert tree["block"][1].key == "block"

    def test_columns_count_characters(self) -> None:
        assert read("ключ: значение\n")["ключ"].mark == Mark("a.yaml", 1, 7, 8)
        assert read("😀: 日本\n")["😀"].mark == Mark("a.yaml", 1, 4, 2)

    def test_an_alias_is_the_value_that_it_names_with_its_place_there(self) -> None:
        tree = read("a: &x {b: c}\nd: *x\n")

        assert tree["d"] == {"b": "c"}
        assert tree["d"]["b"].mark.line == 1

    def test_a_text_is_copied_and_pickled_with_its_place(self) -> None:
        text = Text("hug", Mark("a.yaml", 3, 4, 3))

        for again in (copy.copy(text), pickle.loads(pickle.dumps(text))):
            assert (again, again.mark) == ("hug", text.mark)


class TestScalars:
    @pytest.mark.parametrize(
        "text", ["22:00", "no", "on", "017", "0x1f", "1e3", "NaN", ".inf", "~", "null", "2026-03-02", "1_000", "True"]
    )
    def test_a_scalar_stays_as_it_is_written(self, text: str) -> None:
        assert read(f"a: {text}\n") == {"a": text}

    @given(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff\ufffe\uffff"))
    )
    def test_a_quoted_text_is_read_as_it_is(self, text: str) -> None:
        if not any(char in text for char in "\x85\u2028\u2029"):
            assert read("a: '" + text.replace("'", "''") + "'\n") == {"a": text}

    def test_a_folded_text_is_one_line(self) -> None:
        assert read(TOUCH)["block"][1]["second"] == "folded text"

    def test_nothing_is_an_empty_text(self) -> None:
        assert read("a:\nb: ''\n") == {"a": "", "b": ""}


class TestFiles:
    def test_a_byte_order_mark_is_passed_over(self, tmp_path: Path) -> None:
        path = tmp_path / "a.yaml"
        path.write_bytes(b"\xef\xbb\xbfa: b\n")

        assert read_yaml(path, Lines())["a"].mark == Mark(str(path), 1, 4)

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_lines_may_end_as_any_system_ends_them(self, end: str, tmp_path: Path) -> None:
        path = tmp_path / "a.yaml"
        path.write_bytes(f"a: b{end}c: d{end}".encode())

        assert read_yaml(path, Lines())["c"].mark == Mark(str(path), 2, 4)

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        assert refusal(tmp_path / "none.yaml") == "unreadable-file: cannot read the file: no such file or directory"
        assert refusal(tmp_path) == "unreadable-file: cannot read the file: is a directory"
        assert refusal(tmp_path / "a\0b").startswith("unreadable-file")
        assert refusal(tmp_path / ("x" * 5000)).startswith("unreadable-file: cannot read the file: file name too long")

    def test_what_is_not_utf_8_is_shown_at_its_character(self, tmp_path: Path) -> None:
        path = tmp_path / "a.yaml"
        path.write_bytes("é: 1\nö".encode() + b"\xff: 2\n")
        with pytest.raises(RuleError) as caught:
            read_yaml(path, Lines())

        assert (caught.value.line, caught.value.column) == (2, 2)
        assert caught.value.diagnostics[0].text == "ö\\xff: 2"

    @pytest.mark.parametrize("text", ["a: x\ud800", "a: \ufffe", "a: \x7f", "a: \x01"])
    def test_a_character_that_yaml_does_not_allow_is_shown_where_it_stands(self, text: str) -> None:
        with pytest.raises(RuleError, match="is a character that YAML does not allow") as caught:
            read(f"é: 1\n{text}\n")

        assert (caught.value.line, caught.value.column) == (2, len(text))


class TestLimits:
    def test_forty_levels_are_read_and_one_more_is_not(self) -> None:
        assert read("a: " + "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1))
        assert codes("a: " + "[" * DEEPEST + "]" * DEEPEST) == ["too-deep"]

    def test_aliases_count_with_their_depth(self) -> None:
        chain = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, DEEPEST - 1))

        assert read(chain)
        assert codes(chain + f"end: [*a{DEEPEST - 2}]\n") == ["too-deep"]

    def test_aliases_count_with_all_that_they_name(self) -> None:
        wide = "a: &a [" + "x, " * 1500 + "]\n"

        assert read(wide + "b: [" + "*a, " * 32 + "]\n")
        assert codes(wide + "b: [" + "*a, " * 33 + "]\n") == ["alias-bomb"]

    def test_an_alias_within_what_it_names_is_refused_at_any_depth(self) -> None:
        for text in ("a: &a [*a]", "a: &a {b: {c: [*a]}}", "&a b: c\nd: &a [1, {e: *a}]"):
            assert codes(text) == ["recursive-alias"]

    def test_a_mark_set_anew_names_the_later_value(self) -> None:
        assert read("a: &x 1\nb: &x 2\nc: *x\n")["c"] == "2"


class TestComplaints:
    def test_all_of_a_file_come_at_once_in_order(self) -> None:
        text = "a: 1\na: 2\nb: !x 3\n<<: {c: 4}\n? [d]\n: 5\n"

        assert codes(text) == ["duplicate-key", "tag", "merge-key", "key-not-text"]

    def test_those_before_a_broken_line_come_with_it(self) -> None:
        assert codes("a: 1\na: 2\nb: [\n") == ["duplicate-key", "invalid-yaml"]

    def test_the_value_of_a_refused_key_is_read_on(self) -> None:
        assert codes("a: 1\na: {b: 1, b: 2}\nc: !x 3\n") == ["duplicate-key", "duplicate-key", "tag"]

    def test_a_tag_is_refused_wherever_it_stands(self) -> None:
        for text in ("!a\nb: c", "a: !b [c]", "a: !b {c: d}", "!b a: c", "a: ! b", "a: !<tag:x> b", "a: !!str b"):
            assert codes(text) == ["tag"], text

    def test_the_place_inside_of_a_text_is_found(self) -> None:
        lines = Lines()
        tree = parse_yaml('a: "one {two} three"\nb: >-\n  one\n  {two} three\nc: {two}\n', "a.yaml", lines)

        assert lines.inside(tree["a"].mark, "{two}") == Mark("a.yaml", 1, 9, 5)
        assert lines.inside(tree["b"].mark, "{two}") == Mark("a.yaml", 4, 3, 5)
        assert lines.inside(tree["b"].mark, "{four}") == tree["b"].mark
        assert lines.inside(tree["a"].mark, "b") == tree["a"].mark


def test_trees_are_plain_mappings_lists_and_texts() -> None:
    tree = read(TOUCH)

    assert tree == {
        "policy": "touch",
        "a key": "in quotes",
        "list": ["one", {"two": "2"}],
        "block": ["first", {"second": "folded text"}],
    }
    assert (type(tree), type(tree["list"]), type(tree["policy"])) == (Map, Seq, Text)


def read(text: str) -> Map:
    """A tree of a text."""
    return parse_yaml(text, "a.yaml", Lines())


def codes(text: str) -> list[str]:
    """The kinds of complaints about a text."""
    with pytest.raises(RuleError) as caught:
        read(text)
    return [found.code for found in caught.value.diagnostics]


def refusal(path: Path) -> str:
    """Why a file is not read."""
    with pytest.raises(RuleError) as caught:
        read_yaml(path, Lines())
    (found,) = caught.value.diagnostics
    assert (found.file, found.line) == (str(path), None)
    return f"{found.code}: {found.message}"
