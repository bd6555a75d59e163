from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from bad_files import findings, named, policy
from hypothesis import given
from hypothesis import strategies as st

from ethics_engine import RuleError, RuleSet, check, load_rules
from ethics_engine.rules.strata import circle, strata

TOUCH = named("care.touch", "family: [P1, P4]\nforbid: contact.touch\n")
WORD = named("care.word", "family: P2\nforbid: contact.message\n")

TABLES = st.integers(1, 7).flatmap(
    lambda size: st.lists(st.none() | st.sets(st.integers(0, size - 1)), min_size=size, max_size=size)
)


class TestLayers:
    def test_rules_about_events_come_first_and_each_layer_reads_earlier_ones(self) -> None:
        table = {"c": ["b", "a"], "b": ["a"], "a": None, "d": None, "e": ["d"]}

        assert circle(table) is None
        assert strata(table) == (("a", "d"), ("b", "e"), ("c",))

    def test_a_rule_about_findings_that_reads_none_comes_after_those_about_events(self) -> None:
        assert strata({"a": [], "b": None}) == (("b",), ("a",))

    def test_a_chain_of_any_length_is_layered(self) -> None:
        chain: dict[str, list[str] | None] = {f"r{n}": [f"r{n + 1}"] for n in range(5000)}
        chain["r5000"] = None

        assert circle(chain) is None
        assert strata(chain)[0] == ("r5000",)
        assert len(strata(chain)) == 5001

    @given(TABLES)
    def test_there_are_layers_exactly_where_there_is_no_circle(self, drawn: list[set[int] | None]) -> None:
        table = {str(n): None if reads is None else sorted(map(str, reads)) for n, reads in enumerate(drawn)}
        ring = circle(table)

        if ring is not None:
            assert ring[0] == ring[-1]
            assert all(child in (table[rule] or ()) for rule, child in itertools.pairwise(ring))
            return
        layers = strata(table)
        depth = {rule: number for number, layer in enumerate(layers) for rule in layer}
        assert sorted(depth) == sorted(table)
        assert all(depth[child] < depth[rule] for rule, children in table.items() for child in children or ())


class TestWhoReadsWhom:
    @pytest.mark.parametrize(
        ("condition", "read"),
        [
            ("rule: care.touch", ["care.touch"]),
            ("rule: {ne: care.touch}, policy: care, not: {rule: [care.all, care.word]}", []),
            ("rule: [care.touch, care.word]", ["care.touch", "care.word"]),
            ("family: P1", ["care.touch"]),
            ("family: [P2, P4]", ["care.touch", "care.word"]),
            ("family: {contains_all: [P1, P2]}", []),
            ("family: {not_in: [P1]}, level: notice, not: {rule: care.all}", ["care.word"]),
            ("level: notice, not: {any: [{rule: care.all}, {family: P2}]}", ["care.touch"]),
            ("type: contact.touch, rule: {in: [care.touch]}", ["care.touch"]),
            ("type: contact.message, not: {rule: care.all}", ["care.touch", "care.word"]),
            ("any: [{rule: care.word, status: waived}, {rule: care.touch, client: c1}]", ["care.touch", "care.word"]),
        ],
    )
    def test_a_rule_reads_those_whose_findings_its_condition_could_hold_for(
        self, condition: str, read: list[str], tmp_path: Path
    ) -> None:
        plan = load(tmp_path, TOUCH + WORD + named("care.all", findings(condition))).plan()

        assert plan.reads == {"care.touch": None, "care.word": None, "care.all": read}

    def test_a_pattern_never_reads_findings(self, tmp_path: Path) -> None:
        assert load(tmp_path, named("care.all", "per: practitioner\nlimit: '*'\nto: 3\nwithin: 7d\n")).plan().reads == {
            "care.all": None
        }

    @pytest.mark.parametrize(
        "form",
        [
            findings("rule: care.touch"),
            "forbid: {event: finding, where: {rule: care.touch}}\nper: practitioner\n",
            "require: session.held\nafter: {event: finding, where: {rule: care.touch}}\nper: practitioner\n"
            "within: 7d\n",
            "require: {event: finding, where: {rule: care.touch}}\nbefore: session.held\n",
            "sequence: [{event: finding, where: {rule: care.touch}}, session.held]\nwithin: 7d\n",
            "forbid: session.held\nsince: {event: finding, where: {rule: care.touch}, within: 7d}\n",
            "forbid: session.held\nunless: {event: finding, where: {rule: care.touch}, within: 7d}\n",
            "forbid: session.held\nexcused_by: {event: finding, where: {rule: care.touch}, within: 7d}\n",
            "forbid: session.held\nduring: touched\n",
            "limit: session.held\nto: 1\nwithin: 7d\n"
            "of: {least: 1, share_of: {event: finding, where: {rule: care.touch}}}\n",
        ],
    )
    def test_findings_are_read_wherever_a_selection_may_stand(self, form: str, tmp_path: Path) -> None:
        states = "states: {touched: {opened_by: {event: finding, where: {rule: care.touch}}}}\n"
        plan = load(tmp_path, TOUCH + named("care.all", form), states).plan()

        assert plan.strata == (("care.touch",), ("care.all",))

    def test_a_disabled_rule_closes_no_circle(self, tmp_path: Path) -> None:
        rules = named("care.a", findings("rule: care.b")) + named("care.b", findings("rule: care.a"))

        with pytest.raises(RuleError, match=r"go in a circle: `care.a` reads `care.b` reads `care.a`"):
            load(tmp_path, rules)
        assert load(tmp_path, rules, disabled=["care.b"]).plan().strata == (("care.a",),)


class TestFindingsAboutFindings:
    def test_each_layer_counts_what_the_one_before_found(self, tmp_path: Path) -> None:
        rules = load(
            tmp_path,
            named("care.third", findings("rule: care.second").replace("to: 1", "to: 0"))
            + named("care.second", findings("rule: care.touch"))
            + TOUCH,
        )
        found = check([touch(1), touch(2)], rules).findings

        assert sorted(one.rule for one in found) == ["care.second", "care.third", "care.touch", "care.touch"]

    @pytest.mark.parametrize(
        ("condition", "count"), [("", 0), (", status: excused", 1), (", status: [open, waived]", 0)]
    )
    def test_only_open_findings_count_unless_the_status_is_named(
        self, condition: str, count: int, tmp_path: Path
    ) -> None:
        excused = TOUCH + "    excused_by: {event: incident.documented, within: 1d}\n"
        about = findings("rule: care.touch" + condition).replace("to: 1", "to: 0")
        rules = load(tmp_path, excused + named("care.all", about))
        found = check([touch(1), incident(1)], rules).findings

        assert [one.rule for one in found] == ["care.all"] * count + ["care.touch"]

    def test_a_selection_of_all_findings_reads_its_own(self, tmp_path: Path) -> None:
        with pytest.raises(RuleError, match=r"go in a circle: `care.all` reads `care.all`"):
            load(tmp_path, named("care.all", "per: practitioner\nlimit: finding\nto: 0\nwithin: 7d\n"))

    def test_an_exception_on_a_finding_does_not_ask_whether_it_is_open(self, tmp_path: Path) -> None:
        excused = TOUCH + "    excused_by: {event: incident.documented, within: 1d}\n"
        about = "per: practitioner\nforbid: {event: finding, where: {rule: care.touch, status: excused}}\n"
        about += "unless: {policy: care}\n"
        rules = load(tmp_path, excused + named("care.about", about))

        assert [one.rule for one in check([touch(1), incident(1)], rules).findings] == ["care.touch"]


def load(folder: Path, rules: str, above: str = "", **settings: Any) -> RuleSet:
    """The rules of one policy, and of what else stands in the folder."""
    (folder / "care.yaml").write_text(str(policy(above + "rules:\n" + rules)["care.yaml"]))
    return load_rules(folder, **settings)


def touch(day: int) -> dict[str, Any]:
    """A touch on a day of March."""
    return {
        "id": f"e{day}",
        "at": f"2026-03-{day:02}T10:00:00Z",
        "type": "contact.touch",
        "practitioner": "p1",
        "client": "c1",
        "kind": "hug",
        "by": "practitioner",
    }


def incident(day: int) -> dict[str, Any]:
    """A note about what happened on a day of March."""
    about = {"type": "incident.documented", "event": f"e{day}", "rationale": "it was asked for"}
    return {"id": f"n{day}", "at": f"2026-03-{day:02}T11:00:00Z", "practitioner": "p1", "client": "c1", **about}
