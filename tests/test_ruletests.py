from __future__ import annotations

from pathlib import Path

import pytest
from bad_files import Files, rule

from ethics_engine import EthicsEngineError, RuleError, RuleSet, load_rules
from ethics_engine.ruletests import comparing, reading, running
from ethics_engine.scalars import DAY, HOUR, format_instant, parse_instant

TOUCH = rule(
    """
    limit: {event: contact.touch, where: {by: practitioner, consent: false}}
    to: ${few}
    within: 7d
    excused_by: {event: incident.documented, same: {event: id}, within: 1h}
    """,
    "parameters: {few: 1}\n",
)
TALK = rule("require: session.held\nafter: {event: contact.touch, where: {consent: false}}\nwithin: 7d\n")
ONE = "{at: '2026-03-02T10:00:00Z', type: contact.touch, kind: hug, by: practitioner, consent: false}"
TWO = "{at: '2026-03-03T10:00:00Z', type: contact.touch, kind: hug, by: practitioner, consent: false}"
UNKNOWN = "{at: '2026-03-03T10:00:00Z', type: contact.touch, kind: hug, by: practitioner}"
NOTE = "{at: '2026-03-03T10:30:00Z', type: incident.documented, event: e2, rationale: it was asked for}"
KINDS = "one of handshake, hand, shoulder, hug, hold, other"


def at(moment: str) -> str:
    """A touch at a time."""
    return ONE.replace("'2026-03-02T10:00:00Z'", moment)


class TestFindings:
    def test_what_is_expected_and_found_passes(self, tmp_path: Path) -> None:
        about = "rule: care.first, level: notice, status: open, client: c1, practitioner: p1"
        whole = f"{about}, at: '2026-03-03T10:00:00Z', trigger: e2, events: [e2, e1]"

        for expected in ("trigger: e2", "rule: care.first", whole):
            assert outcome(tmp_path, events=[ONE, TWO], expect=f"[{{{expected}}}]") == ()

    @pytest.mark.parametrize(
        "expected",
        [
            "trigger: e1",
            "rule: care.first, level: risk",
            "status: excused",
            "at: '2026-03-03T10:00:01Z'",
            "client: c2",
            "practitioner: p2",
            "events: [e2]",
            "events: [e1, e2]",
        ],
    )
    def test_what_differs_in_anything_fails_and_both_are_named(self, expected: str, tmp_path: Path) -> None:
        missing, unexpected = outcome(tmp_path, events=[ONE, TWO], expect=f"[{{{expected}}}]")

        assert missing.startswith(f"missing finding: {expected.split(':')[0]} ")
        assert unexpected == (
            "unexpected finding: rule care.first, level notice, status open, at 2026-03-03T10:00:00Z, client c1, "
            "practitioner p1, trigger e2, events e2 e1"
        )

    def test_an_unexpected_finding_fails(self, tmp_path: Path) -> None:
        (problem,) = outcome(tmp_path, events=[ONE, TWO], expect="[]")

        assert problem.startswith("unexpected finding: rule care.first")

    def test_each_expectation_takes_one_finding(self, tmp_path: Path) -> None:
        three = ONE.replace("03-02", "03-04")

        assert outcome(tmp_path, events=[ONE, TWO, three], expect="[{trigger: e2}, {trigger: e3}]") == ()
        assert outcome(tmp_path, events=[ONE, TWO, three], expect="[{rule: care.first}, {trigger: e2}]") == ()
        assert len(outcome(tmp_path, events=[ONE, TWO, three], expect="[{trigger: e2}, {trigger: e2}]")) == 2

    def test_a_rule_named_narrows_what_is_compared(self, tmp_path: Path) -> None:
        files = {**TOUCH, "talk.yaml": str(TALK["care.yaml"]).replace("care", "talk")}
        events = [ONE, TWO, "{at: '2026-04-02T10:00:00Z', type: leave.taken, client: null}"]

        assert outcome(tmp_path, files, "rule: care.first, ", events, "[{trigger: e2}]") == ()
        assert len(outcome(tmp_path, files, "", events, "[{trigger: e2}]")) == 2

    def test_the_time_may_be_written_in_another_zone(self, tmp_path: Path) -> None:
        assert outcome(tmp_path, events=[ONE, TWO], expect="[{at: '2026-03-03T12:00:00+02:00'}]") == ()

    def test_what_a_test_saw_is_told(self, tmp_path: Path) -> None:
        assert result(tmp_path, events=[ONE, TWO]).seen == {"fired"}
        assert result(tmp_path, events=[ONE]).seen == {"clear"}
        assert result(tmp_path, events=[ONE, TWO, NOTE]).seen == {"excused"}
        assert result(tmp_path, events=[ONE, UNKNOWN]).seen == {"untold"}
        assert result(tmp_path, TALK, events=[ONE]).seen == {"pending"}


class TestObligationsAndWhatCannotBeTold:
    def test_obligations_are_compared_where_they_are_named(self, tmp_path: Path) -> None:
        due = "{rule: care.first, due: '2026-03-09T10:00:00Z', client: c1, trigger: e1}"

        assert outcome(tmp_path, TALK, events=[ONE]) == ()
        assert outcome(tmp_path, TALK, f"obligations: [{due}], ", [ONE]) == ()
        assert outcome(tmp_path, TALK, "obligations: [], ", [ONE]) == (
            "unexpected obligation: rule care.first, due 2026-03-09T10:00:00Z, client c1, trigger e1",
        )
        assert len(outcome(tmp_path, TALK, f"obligations: [{due.replace('T10', 'T11')}], ", [ONE])) == 2

    def test_what_cannot_be_told_is_compared_where_it_is_named(self, tmp_path: Path) -> None:
        line = "{rule: care.first, missing: attribute consent}"

        assert outcome(tmp_path, events=[ONE, UNKNOWN]) == ()
        assert outcome(tmp_path, TOUCH, f"cannot_tell: [{line}], ", [ONE, UNKNOWN]) == ()
        assert outcome(tmp_path, TOUCH, "cannot_tell: [], ", [ONE, UNKNOWN]) == (
            "unexpected cannot tell: rule care.first, missing attribute consent, events 1",
        )


class TestWhatATestLeavesOut:
    def test_ids_practitioner_and_client_are_filled_in(self, tmp_path: Path) -> None:
        (test,) = read(tmp_path, TOUCH, "", [ONE, TWO, "{at: +3d, type: leave.taken}"])

        assert [event.id for event in test.events] == ["e1", "e2", "e3"]
        assert [event.practitioner for event in test.events] == ["p1", "p1", "p1"]
        assert [event.client for event in test.events] == ["c1", "c1", None]

    def test_null_leaves_out_what_would_be_filled_in(self, tmp_path: Path) -> None:
        note = NOTE.replace("event: e2", "event: e2, client: null")
        (test,) = read(tmp_path, TOUCH, "", [note.replace("client: null", "client: c5"), note])

        assert [event.client for event in test.events] == ["c5", None]

    def test_times_may_be_counted_from_a_start(self, tmp_path: Path) -> None:
        start = parse_instant("2026-03-02T00:00:00Z")
        (test,) = read(tmp_path, TOUCH, "", [at("+0d"), at("+1d 10:30"), at("'+27d 10:00:00.5'")])

        assert [event.at - start for event in test.events] == [
            0,
            DAY + 10 * HOUR + HOUR // 2,
            27 * DAY + 10 * HOUR + 500_000,
        ]

    def test_a_counted_time_is_so_long_after_midnight_in_the_zone_of_the_test(self, tmp_path: Path) -> None:
        head = "timezone: Europe/Berlin, start: 2026-03-28, "
        (test,) = read(tmp_path, TOUCH, head, [at("+0d 10:00"), at("+1d 01:00"), at("+2d 10:00")])

        assert [format_instant(event.at) for event in test.events] == [
            "2026-03-28T09:00:00Z",
            "2026-03-29T00:00:00Z",
            "2026-03-30T08:00:00Z",
        ]

    def test_times_that_are_expected_may_be_counted_too(self, tmp_path: Path) -> None:
        events = [at("+0d 10:00"), at("+1d 10:00")]

        assert outcome(tmp_path, events=events, expect="[{at: +1d 10:00}]") == ()
        assert outcome(tmp_path, TALK, "obligations: [{due: +7d 10:00}], ", events[:1]) == ()

    def test_it_is_judged_as_of_its_last_event_or_as_it_says(self, tmp_path: Path) -> None:
        (last,) = read(tmp_path, TOUCH, "", [TWO, ONE])
        (said,) = read(tmp_path, TOUCH, "as_of: +30d, ", [ONE])

        assert last.as_of == parse_instant("2026-03-03T10:00:00Z")
        assert said.as_of == parse_instant("2026-04-01T00:00:00Z")
        assert outcome(tmp_path, TALK, "as_of: +7d 10:00, obligations: [{trigger: e1}], ", [ONE]) == ()
        assert outcome(tmp_path, TALK, "as_of: '+7d 10:00:01', obligations: [], ", [ONE], "[{trigger: e1}]") == ()

    def test_values_are_typed_by_their_attribute(self, tmp_path: Path) -> None:
        held = "{at: +0d, type: session.held, minutes: 050, session: 017, crisis: true, place: office}"
        (test,) = read(tmp_path, TOUCH, "", [held])

        assert {name: test.events[0].values[name] for name in ("minutes", "session", "crisis", "place")} == {
            "minutes": 50_000_000,
            "session": "017",
            "crisis": True,
            "place": "office",
        }

    def test_it_may_have_its_own_parameters_profile_currency_and_zone(self, tmp_path: Path) -> None:
        (tmp_path / "profiles").mkdir()
        (tmp_path / "profiles" / "mine.yaml").write_text("profile: mine\ntitle: M\nlevels: {care.first: risk}\n")

        assert outcome(tmp_path, TOUCH, "parameters: {care.few: 0}, ", [ONE], "[{trigger: e1}]") == ()
        assert outcome(tmp_path, TOUCH, "profile: mine, ", [ONE, TWO], "[{level: risk}]") == ()
        assert outcome(tmp_path, TOUCH, "currency: EUR, timezone: Asia/Tokyo, ", [ONE, TWO], "[{trigger: e2}]") == ()

    def test_amendments_in_it_are_applied(self, tmp_path: Path) -> None:
        mend = "{at: +9d, type: event.amended, target: e2, amend_reason: a slip, consent: true}"

        assert outcome(tmp_path, events=[ONE, TWO, mend], expect="[]") == ()


class TestFiles:
    def test_a_file_is_named_after_its_policy(self, tmp_path: Path) -> None:
        path = tmp_path / "caer.yaml"
        path.write_text("tests: [{name: a, events: [], expect: []}]\n")

        assert refusal([path], load(tmp_path / "rules", TOUCH)) == [
            "1:1: unknown policy `caer` (a test file is named after its policy)"
        ]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "1:1: the file is empty"),
            ("tests: []\n", "1:1: the file holds no test"),
            ("policy: care\n", "1:1: missing key `tests` in a test file"),
            ("tests: [{nam: a, events: [], expect: []}]\n", "1:9: missing key `name` in a test"),
        ],
    )
    def test_a_file_without_a_test_is_refused(self, text: str, said: str, tmp_path: Path) -> None:
        path = tmp_path / "care.yaml"
        path.write_text(text)

        assert said in refusal([path], load(tmp_path / "rules", TOUCH))

    def test_a_folder_without_a_file_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(RuleError, match="holds no test file"):
            reading.test_files([tmp_path])

    def test_the_tests_stand_beside_the_rules(self, tmp_path: Path) -> None:
        assert reading.tests_beside(tmp_path / "rules") == tmp_path / "fixtures" / "rules"

    @pytest.mark.parametrize(
        ("head", "event", "expect", "said"),
        [
            ("rule: care.frst, ", ONE, "[]", "unknown rule `care.frst`"),
            ("rule: [care.first], ", ONE, "[]", "`rule`: expected a single value"),
            ("", "contact.touch", "[]", "an event expects a mapping"),
            ("", ONE.replace("hug", "hgu"), "[]", f"`kind` should be {KINDS}, not `hgu`"),
            ("", ONE.replace("hug", "{a: b}"), "[]", f"`kind` should be {KINDS}, not `{{…}}`"),
            ("", ONE.replace("contact.touch", "contact.tuch"), "[]", "`contact.tuch` is not a type of the vocabulary"),
            (
                "",
                ONE.replace("contact.touch", "[a]"),
                "[]",
                "`type` should be a text of 1 to 1000 characters, not `[a]`",
            ),
            ("", at("+1d 25:00"), "[]", "`at`: `25:00` is not a time of day such as `17:30`"),
            ("start: 2026-02-30, ", ONE, "[]", "`start`: there is no such date as `2026-02-30`"),
            ("start: soon, ", ONE, "[]", "`start`: `soon` is not a date such as `2018-01-01`"),
            ("start: 9999-12-31, ", at("+9d"), "[]", "`at`: `+9d` is after the year 9999"),
            ("timezone: Mars, ", ONE, "[]", "`timezone`: `Mars` is not a time zone such as `Europe/Paris`"),
            ("as_of: later, ", ONE, "[]", "`as_of`: `later` is not a time such as `2026-03-02T10:00:00+01:00`"),
            ("", ONE, "[care.first]", "an expectation is a mapping of rule, level, status, at, trigger, events"),
            ("", ONE, "[{rul: care.first}]", "unknown key `rul` in an expectation"),
            ("", ONE, "[{rule: care.frst}]", "unknown rule `care.frst`"),
            ("", ONE, "[{rule: [care.first]}]", "`rule`: expected a single value"),
            ("", ONE, "[{at: noon}]", "`at`: `noon` is not a time such as `2026-03-02T10:00:00+01:00`"),
            ("", ONE, "[{at: +1d 25:00}]", "`at`: `25:00` is not a time of day such as `17:30`"),
            ("when: now, ", ONE, "[]", "unknown key `when` in a test"),
            (
                "",
                at("+0d 10:00").replace("contact.touch", "contact.tuch"),
                "[]",
                "`contact.tuch` is not a type of the vocabulary",
            ),
            (
                "currency: euro, ",
                ONE,
                "[]",
                "`currency`: `euro` is not a currency code of three capital letters such as `EUR`",
            ),
        ],
    )
    def test_what_is_wrong_with_a_test_is_told_with_its_place(
        self, head: str, event: str, expect: str, said: str, tmp_path: Path
    ) -> None:
        with pytest.raises(RuleError) as caught:
            read(tmp_path, TOUCH, head, [event], expect)

        assert [found.message for found in caught.value.diagnostics] == [said]
        assert caught.value.line == 2

    @pytest.mark.parametrize(
        ("head", "said"),
        [
            ("parameters: {care.fwe: 2}, ", "2:28: unknown parameter `care.fwe`"),
            ("parameters: {care.few: lots}, ", "2:38: `to`: `lots` is not a number"),
            ("profile: mien, ", "2:24: unknown profile `mien`"),
        ],
    )
    def test_a_setting_of_a_test_that_does_not_fit_is_told_with_its_place(
        self, head: str, said: str, tmp_path: Path
    ) -> None:
        with pytest.raises(EthicsEngineError) as caught:
            outcome(tmp_path, TOUCH, head, [ONE])

        (found,) = caught.value.diagnostics
        assert (found.file, f"{found.line}:{found.column}: {found.message}") == (
            str(tmp_path / "tests" / "care.yaml"),
            said,
        )

    def test_all_complaints_of_all_files_come_at_once(self, tmp_path: Path) -> None:
        rules = load(tmp_path / "rules", {**TOUCH, "talk.yaml": str(TALK["care.yaml"]).replace("care", "talk")})
        (tmp_path / "care.yaml").write_text("tests: [\n")
        (tmp_path / "talk.yaml").write_text(f"tests: [{{name: a, events: [{at('noon')}], expect: [a]}}]\n")
        said = refusal([tmp_path / "care.yaml", tmp_path / "talk.yaml"], rules)

        assert [found.split(": ")[1] for found in said] == [
            "expected a value here",
            "`at` should be a time with an offset, such as `2026-03-02T10:00:00+01:00`, not `noon`",
            "an expectation is a mapping of rule, level, status, at, trigger, events",
        ]


def load(folder: Path, files: Files) -> RuleSet:
    """The rules of some files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(str(content))
    return load_rules(folder)


def read(folder: Path, files: Files, head: str, events: list[str], expect: str = "[]") -> list[reading.RuleTest]:
    """The tests of a file of one test."""
    rules = load(folder, files)
    (folder / "tests").mkdir(exist_ok=True)
    path = folder / "tests" / "care.yaml"
    path.write_text(f"tests:\n  - {{name: a, {head}events: [{', '.join(events)}], expect: {expect}}}\n")
    return reading.read_tests([path], rules)


def result(
    folder: Path, files: Files = TOUCH, head: str = "", events: list[str] | None = None, expect: str = "[]"
) -> comparing.TestResult:
    """How a test of one policy goes."""
    (test,) = read(folder, files, head, events or [], expect)
    return running.Runner(load_rules(folder), [folder]).run(test)


def outcome(
    folder: Path, files: Files = TOUCH, head: str = "", events: list[str] | None = None, expect: str = "[]"
) -> tuple[str, ...]:
    """The differences of a test of one policy; none where it passed."""
    found = result(folder, files, head, events, expect)
    assert found.passed == (not found.problems)
    return found.problems


def refusal(paths: list[Path], rules: RuleSet) -> list[str]:
    """What is said of test files that are not read."""
    with pytest.raises(RuleError) as caught:
        reading.read_tests(paths, rules)
    return [f"{found.line}:{found.column}: {found.message}" for found in caught.value.diagnostics]
