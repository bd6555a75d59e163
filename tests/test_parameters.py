from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bad_files import Files, rule

from ethics_engine import RuleError, RuleSet, check, load_rules
from ethics_engine.findings import Override
from ethics_engine.located import Lines, Map, Mark, Seq, Text, parse_yaml
from ethics_engine.plan import Form, Limit
from ethics_engine.rules.fields import Complaints
from ethics_engine.rules.parameters import flattened, located, names_in, plain, read_parameters, starts, substituted
from ethics_engine.scalars import DAY, HOUR, MICRO, parse_instant

PLACE = Mark("a.yaml", 1, 1)
BODY = "limit: contact.touch\nto: ${few}\nwithin: ${window}\n"
PLAIN = rule(BODY, "parameters:\n  few: {value: 3, why: it is few, source: default}\n  window: 30d\n")
DATED = rule(
    BODY,
    """
    parameters:
      few:
        - {value: 3, why: at first}
        - {from: 2020-01-01, value: 1, why: the code of 2020}
        - {from: "2022-06-01T12:00:00Z", value: 2, why: the court}
      window: 30d
    """,
)


class TestReading:
    def test_a_value_alone_has_no_reason_and_no_source(self) -> None:
        (found,) = read("few: 3").values()

        assert (found.name, found.why, found.source) == ("care.few", "", "")
        assert [(entry.start, entry.value) for entry in found.entries] == [(None, "3")]

    def test_a_mapping_says_why_and_where_from(self) -> None:
        found = read("few: {value: [a, b], why: it is few, source: 'survey: 2019'}")["care.few"]

        assert (found.why, found.source, found.entries[0].value) == ("it is few", "survey: 2019", ["a", "b"])

    def test_a_list_of_words_is_one_value(self) -> None:
        assert [entry.value for entry in read("kinds: [hug, hold]")["care.kinds"].entries] == [["hug", "hold"]]

    def test_a_list_of_mappings_is_a_value_for_each_stretch_of_time(self) -> None:
        found = read("few: [{value: 3}, {from: 2020-01-01, value: 1}, {from: '2022-06-01T12:00:00Z', value: 2}]")
        noon = parse_instant("2022-06-01T12:00:00Z")

        assert [entry.start for entry in found["care.few"].entries] == [None, date(2020, 1, 1), noon]
        assert set(starts(list(found.values()))) == {date(2020, 1, 1), noon}

    @pytest.mark.parametrize("text", ["few: {value: 3, source: ''}", "few: {value: 3, why: [a]}", "few: '${few}'"])
    def test_a_note_is_a_text_and_a_value_stands_for_itself(self, text: str) -> None:
        complaints = Complaints(Lines())
        read_parameters("care", parse_yaml(text, "a.yaml", complaints.lines), complaints)

        assert [found.code for found in complaints.found] == ["wrong-value"]


class TestSubstitution:
    def test_a_name_alone_becomes_the_value_whatever_it_is(self) -> None:
        values = {"kinds": located(["hug", "hold"], PLACE), "few": located(3, PLACE)}
        tree = substituted(parse_yaml("{a: '${kinds}', b: ['${few}', c]}", "a.yaml", Lines()), values)

        assert tree == {"a": ["hug", "hold"], "b": ["3", "c"]}

    def test_a_name_within_a_text_becomes_words(self) -> None:
        values = {"kinds": located(["hug", "hold"], PLACE), "few": located(3, PLACE)}
        tree = substituted(parse_yaml("{a: 'At most ${few} of ${kinds}.'}", "a.yaml", Lines()), values)

        assert tree == {"a": "At most 3 of hug, hold."}

    def test_everything_else_keeps_its_place(self) -> None:
        tree = parse_yaml("a: {b: [c, '${few}']}\n", "a.yaml", Lines())
        found = substituted(tree, {"few": located(3, PLACE)})

        assert found["a"].mark == tree["a"].mark
        assert found["a"].key_marks == tree["a"].key_marks
        assert (found["a"].key, found["a"]["b"][0].mark) == ("a", tree["a"]["b"][0].mark)

    def test_every_name_is_found_with_the_text_that_holds_it(self) -> None:
        tree = parse_yaml("{a: '${one} and ${two}', b: [{c: '${touch.three}'}], d: '${'}", "a.yaml", Lines())

        assert [name for name, _ in names_in(tree)] == ["one", "two", "touch.three"]

    def test_plain_data_goes_in_and_comes_out_as_text(self) -> None:
        node = located({"a": [1, True, None, "x"], "b": {"c": 0.5}}, PLACE)

        assert (type(node), type(node["a"]), type(node["a"][0])) == (Map, Seq, Text)  # type: ignore[call-overload,index]
        assert plain(node) == {"a": ["1", "true", "None", "x"], "b": {"c": "0.5"}}


class TestOverrides:
    @pytest.mark.parametrize("given", [{"care.few": 5}, {"care": {"few": 5}}, {"care": {"few": {"value": 5}}}])
    def test_a_practice_sets_a_parameter_dotted_or_nested(self, given: dict[str, Any], tmp_path: Path) -> None:
        rules = load(tmp_path, PLAIN, parameters=given)

        assert limits(rules) == [(None, None, 5 * MICRO, 30 * DAY)]
        assert rules.in_use().overrides == (Override("care.few", "3", "5", "arguments"),)

    def test_dotted_and_nested_mean_the_same(self) -> None:
        dotted = parse_yaml("care.few: 5\ntouch.within: 24h\n", "a.yaml", Lines())
        nested = parse_yaml("care: {few: 5}\ntouch: {within: 24h}\n", "a.yaml", Lines())

        assert {name: value for name, (value, _) in flattened(dotted).items()} == {
            name: value for name, (value, _) in flattened(nested).items()
        }

    def test_what_is_set_to_its_default_is_no_override(self, tmp_path: Path) -> None:
        assert load(tmp_path, PLAIN, parameters={"care.few": "3"}).overrides == ()

    def test_a_practice_goes_before_the_profile_and_the_report_names_the_default(self, tmp_path: Path) -> None:
        (tmp_path / "profiles").mkdir()
        (tmp_path / "profiles" / "mine.yaml").write_text("profile: mine\ntitle: M\nparameters: {care: {few: 4}}\n")

        assert load(tmp_path, PLAIN, profile="mine").overrides == (Override("care.few", "3", "4", "profile mine"),)
        assert load(tmp_path, PLAIN, profile="mine", parameters={"care.few": 5}).overrides == (
            Override("care.few", "3", "5", "arguments"),
        )

    def test_a_report_lists_every_override(self, tmp_path: Path) -> None:
        rules = load(tmp_path, PLAIN, parameters={"care": {"few": 5, "window": "7d"}}, parameters_from="ethics.yaml")
        report = check([], rules)

        assert [(one.parameter, one.default, one.value, one.source) for one in report.rules.overrides] == [
            ("care.few", "3", "5", "ethics.yaml"),
            ("care.window", "30d", "7d", "ethics.yaml"),
        ]
        assert '"parameter": "care.window"' in report.to_json()

    def test_a_value_is_set_for_all_times_or_for_some(self, tmp_path: Path) -> None:
        always = load(tmp_path, DATED, parameters={"care.few": 5})
        later = load(tmp_path, PLAIN, parameters={"care.few": [{"value": 3}, {"from": "2021-01-01", "value": 9}]})

        assert limits(always) == [(None, None, 5 * MICRO, 30 * DAY)]
        assert [to for _, _, to, _ in limits(later)] == [3 * MICRO, 9 * MICRO]
        assert later.overrides == (Override("care.few", "3", ["3", "9 from 2021-01-01"], "arguments"),)
        assert always.overrides[0].default == ["3", "1 from 2020-01-01", "2 from 2022-06-01T12:00:00Z"]


class TestDates:
    def test_each_stretch_of_time_has_its_own_value(self, tmp_path: Path) -> None:
        new_year, noon = parse_instant("2020-01-01T00:00:00Z"), parse_instant("2022-06-01T12:00:00Z")

        assert limits(load(tmp_path, DATED)) == [
            (None, new_year, 3 * MICRO, 30 * DAY),
            (new_year, noon, MICRO, 30 * DAY),
            (noon, None, 2 * MICRO, 30 * DAY),
        ]

    def test_a_day_begins_at_the_midnight_of_the_practice(self, tmp_path: Path) -> None:
        (_, first, _, _), *_ = limits(load(tmp_path, DATED, timezone="Europe/Berlin"))

        assert first == parse_instant("2020-01-01T00:00:00Z") - HOUR

    def test_a_log_is_judged_by_the_value_of_its_day(self, tmp_path: Path) -> None:
        rules = load(tmp_path, DATED)
        counts = {year: len(check(touches(year, 4), rules).findings) for year in (2019, 2021, 2023)}

        assert counts == {2019: 1, 2021: 3, 2023: 2}

    def test_a_value_is_that_of_the_trigger_to_the_microsecond(self, tmp_path: Path) -> None:
        rules = load(tmp_path, DATED)
        before = [*touches(2019, 1, "12-31T23:59:58Z"), *touches(2019, 1, "12-31T23:59:59.999999Z")]
        at = [*touches(2019, 1, "12-31T23:59:59Z"), *touches(2020, 1, "01-01T00:00:00Z")]

        assert len(check(before, rules).findings) == 0
        assert len(check(at, rules).findings) == 1

    def test_before_the_first_date_the_first_value_holds(self, tmp_path: Path) -> None:
        rules = load(tmp_path, rule(BODY, "parameters: {few: [{from: 2020-01-01, value: 1}], window: 30d}\n"))

        assert len(check(touches(2019, 2), rules).findings) == 1

    @pytest.mark.parametrize("engine", ["live", "bulk"])
    def test_a_sentence_holds_the_values_of_its_day(self, engine: str, tmp_path: Path) -> None:
        rules = load(
            tmp_path,
            rule(
                """
                require: note.recorded
                after: contact.touch
                within: ${window}
                duty: Write a note within ${window}.
                remedy: Notes are due within ${window}.
                """,
                "parameters: {window: [{value: 30d}, {from: 2020-01-01, value: 7d}, {from: 2021-01-01, value: 1h}]}\n",
            ),
        )
        log = [touches(year, 1)[0] for year in (2019, 2020, 2021)]
        late = check(log, rules, as_of="2022-01-01T00:00:00Z", engine=engine)
        open_ = [check([one], rules, engine=engine).obligations[0].message for one in log]

        assert [finding.remedy for finding in late.findings] == [
            "Notes are due within 30 days.",
            "Notes are due within 7 days.",
            "Notes are due within 1 hour.",
        ]
        assert open_ == [f"Write a note within {time}." for time in ("30 days", "7 days", "1 hour")]

    def test_a_value_that_does_not_fit_is_refused_whatever_its_date(self, tmp_path: Path) -> None:
        with pytest.raises(RuleError, match="`few` is not a number"):
            load(tmp_path, rule(BODY, "parameters: {few: [{value: 3}, {from: 2999-01-01, value: few}], window: 30d}\n"))


def test_a_parameter_of_another_policy_is_named_in_full(tmp_path: Path) -> None:
    other = 'policy: more\ntitle: More\nversion: "1"\nparameters: {few: 7}\nrules: {}\n'
    rules = load(tmp_path, {**rule("limit: contact.touch\nto: ${more.few}\nwithin: 7d\n"), "more.yaml": other})

    assert [to for _, _, to, _ in limits(rules)] == [7 * MICRO]


def read(text: str) -> dict[str, Any]:
    """The parameters of a text, without a complaint."""
    complaints = Complaints(Lines())
    found = read_parameters("care", parse_yaml(text, "a.yaml", complaints.lines), complaints)
    assert not complaints.found
    return dict(found)


def load(folder: Path, files: Files, **settings: Any) -> RuleSet:
    """The rules of some files."""
    for name, content in files.items():
        assert isinstance(content, str)
        (folder / name).write_text(content)
    return load_rules(folder, **settings)


def limits(rules: RuleSet) -> list[tuple[int | None, int | None, Any, int]]:
    """The stretches of the only rule, each with its bound and window."""
    found = []
    for variant in rules.plan().rules["care.first"].variants:
        form: Form = variant.form
        assert isinstance(form, Limit)
        found.append((variant.start, variant.end, form.to, form.within))
    return found


def touches(year: int, count: int, moment: str = "03-02T10:00:00Z") -> list[dict[str, Any]]:
    """So many touches an instant apart."""
    touch = {"type": "contact.touch", "practitioner": "p1", "client": "c1", "kind": "hug", "by": "practitioner"}
    return [
        {**touch, "id": f"{year}-{moment}-{at}", "at": f"{year}-{moment}".replace(":00Z", f":0{at}Z")}
        for at in range(count)
    ]
