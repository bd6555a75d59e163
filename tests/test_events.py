from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shipped import refusal, touch, vocabulary, without

from ethics_engine.errors import EventError
from ethics_engine.events import Event, Fault, refused, type_event
from ethics_engine.scalars import HOUR, MICRO, MINUTE, parse_instant
from ethics_engine.values import read_value
from ethics_engine.vocabulary import ENVELOPE

AGREEMENT = {
    "id": "a1",
    "at": "2026-03-02T09:00:00Z",
    "type": "agreement.made",
    "practitioner": "p1",
    "client": "c1",
    "covers": ["touch", "goals"],
}
AMENDMENT = {
    "id": "m1",
    "at": "2026-03-03T09:00:00Z",
    "type": "event.amended",
    "practitioner": "p1",
    "target": "e1",
    "amend_reason": "a slip",
}


def typed(record: dict[str, Any]) -> Event:
    found = type_event(record, vocabulary())
    assert isinstance(found, Event), [fault.message for fault in found]
    return found


def faults(record: dict[str, Any]) -> list[Fault]:
    found = type_event(record, vocabulary())
    assert isinstance(found, list)
    return found


def said(record: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(fault.message, fault.hint) for fault in faults(record)]


class TestValues:
    def test_every_kind_becomes_its_exact_value(self) -> None:
        event = typed(
            {
                **AGREEMENT,
                "written": True,
                "fee": Decimal("95.5"),
                "currency": "EUR",
                "session_minutes": 50,
                "start_time": "17:30",
                "weekday": "monday",
                "announced_at": "2026-03-01T10:00:00+01:00",
                "place": "the garden room",
            }
        )

        assert event.values == {
            "id": "a1",
            "at": parse_instant("2026-03-02T09:00:00Z"),
            "type": "agreement.made",
            "practitioner": "p1",
            "client": "c1",
            "covers": ("goals", "touch"),
            "written": True,
            "fee": 95_500_000,
            "currency": "EUR",
            "session_minutes": 50 * MICRO,
            "start_time": 17 * HOUR + 30 * MINUTE,
            "weekday": "monday",
            "announced_at": parse_instant("2026-03-01T09:00:00Z"),
            "place": "the garden room",
        }
        assert (event.id, event.type, event.practitioner, event.client) == ("a1", "agreement.made", "p1", "c1")

    def test_a_default_stands_where_nothing_is_written(self) -> None:
        record = touch(type="contact.social", planned=True)
        del record["kind"]

        assert typed(record).values["happened"] is True
        assert typed({**record, "happened": None, "with": None}).values["with"] == "client"
        assert typed({**record, "happened": False}).values["happened"] is False

    def test_null_is_absent(self) -> None:
        assert typed(touch(consent=None)).values == typed(touch()).values

    def test_an_empty_free_text_is_absent(self) -> None:
        assert "area" not in typed(touch(area="  ")).values
        documented = touch(type="incident.documented", event="e0", rationale="")
        assert said(without(documented, "kind", "by")) == [
            ("`rationale` is missing: `incident.documented` needs it", None)
        ]

    def test_free_text_may_be_a_truth_or_a_number(self) -> None:
        missed = without(touch(type="session.missed", session="s1"), "kind")

        assert typed({**missed, "explained": False}).values["explained"] is False
        assert typed({**missed, "explained": Decimal("2.50")}).values["explained"] == 2.5

    def test_a_list_is_a_set_in_order(self) -> None:
        assert typed({**AGREEMENT, "covers": ["touch", "goals", "touch"]}).values["covers"] == ("goals", "touch")
        assert typed({**AGREEMENT, "covers": []}).values["covers"] == ()

    def test_an_attribute_of_ones_own_is_accepted_and_no_value(self) -> None:
        assert typed(touch(x_export={"a": [1]}, **{"x-b": 2})).values == typed(touch()).values

    def test_a_float_is_the_decimal_that_it_is_written_as(self) -> None:
        held = without(touch(type="session.held", minutes=0.1), "kind", "by")

        assert typed(held).values["minutes"] == 100_000

    def test_an_event_without_a_client_is_accepted_where_the_type_allows_it(self) -> None:
        attended = without(touch(type="supervision.attended", minutes=90), "kind", "by")

        assert typed(attended).client == "c1"
        assert typed(without(attended, "client")).client is None

    def test_an_amendment_keeps_the_changes_as_they_are_given(self) -> None:
        event = typed({**AMENDMENT, "consent": True, "fee": Decimal("95.50"), "covers": ["goals"], "x_own": 1})

        changes = {name: value for name, value in event.values.items() if name not in AMENDMENT}
        assert changes == {"consent": True, "fee": 95.5, "covers": ["goals"]}

    def test_the_record_is_left_as_it_was(self) -> None:
        record = touch(consent=None, x_a=[1])
        before = copy.deepcopy(record)
        typed(record)

        assert before == record

    def test_an_event_travels_between_processes(self) -> None:
        event = typed(touch())

        assert pickle.loads(pickle.dumps(event)).values == event.values


class TestContent:
    def test_two_spellings_of_one_content_are_the_same(self) -> None:
        one = typed(touch(consent=None, x_a=1))
        other = typed(touch(at="2026-03-02T09:00:00.000Z", x_a=2))

        assert one.same_content(other)

    def test_another_value_is_another_content(self) -> None:
        assert not typed(touch()).same_content(typed(touch(consent=True)))

    def test_true_is_not_the_number_one(self) -> None:
        missed = without(touch(type="session.missed", session="s1"), "kind")

        assert not typed({**missed, "explained": True}).same_content(typed({**missed, "explained": 1}))
        assert not typed({**AMENDMENT, "a": True}).same_content(typed({**AMENDMENT, "a": 1}))


class TestFaults:
    @pytest.mark.parametrize(
        ("record", "message", "hint"),
        [
            (
                touch(kind="hgu"),
                "`kind` should be one of handshake, hand, shoulder, hug, hold, other, not `hgu`",
                "did you mean `hug`?",
            ),
            (touch(consnt=True), "`consnt` is not an attribute of `contact.touch`", "did you mean `consent`?"),
            (
                touch(minutes=3),
                "`minutes` is not an attribute of `contact.touch`",
                "a name of your own begins with `x_`",
            ),
            (touch(consent="true"), "`consent` should be `true` or `false`, not `true`", "write `true` without quotes"),
            (touch(consent=1), "`consent` should be `true` or `false`, not `1`", None),
            (touch(id=7), "`id` should be a text of 1 to 1000 characters, not `7`", "write it in quotes"),
            (touch(client=""), "`client` should be a text of 1 to 1000 characters, not ``", None),
            (touch(client=" "), "`client` should be a text of 1 to 1000 characters, not ` `", None),
            (
                touch(client="a\0b"),
                "`client` should be a text of 1 to 1000 characters, not `a\\x00b`",
                "it has a NUL or half of a character in it",
            ),
            (
                touch(client="\ud800"),
                "`client` should be a text of 1 to 1000 characters, not `\\ud800`",
                "it has a NUL or half of a character in it",
            ),
            (touch(area="\ud800"), "`area` should be a text, not `\\ud800`", None),
            (touch(area=["back"]), "`area` should be a text, not `[back]`", None),
            (
                touch(at="2026-03-02T10:00:00"),
                "`at` should be a time with an offset, such as `2026-03-02T10:00:00+01:00`, not `2026-03-02T10:00:00`",
                "`2026-03-02T10:00:00` has no offset from UTC; add `Z` or one such as `+01:00`",
            ),
            (
                touch(at=1772442000),
                "`at` should be a time with an offset, such as `2026-03-02T10:00:00+01:00`, not `1772442000`",
                None,
            ),
            (
                touch(type="contact.tuch"),
                "`contact.tuch` is not a type of the vocabulary",
                "did you mean `contact.touch`?",
            ),
            (
                touch(type="finding"),
                "`finding` is not a type of the vocabulary",
                "findings are made by the engine, never read",
            ),
            (
                touch(type=["contact.touch"]),
                "`type` should be a text of 1 to 1000 characters, not `[contact.touch]`",
                None,
            ),
            (without(touch(), "type"), "`type` is missing: every event needs it", None),
            (without(touch(), "id"), "`id` is missing: `contact.touch` needs it", None),
            (without(touch(), "client"), "`client` is missing: `contact.touch` needs it", None),
            (touch(kind=None), "`kind` is missing: `contact.touch` needs it", None),
            (
                without(touch(type="training.attended", hours=2), "kind", "by"),
                "`client` does not belong here: `training.attended` has no client",
                None,
            ),
            (
                {**AGREEMENT, "covers": "goals"},
                f"`covers` should be a list of {', '.join(vocabulary().enumerations['topic'])}, not `goals`",
                "write `[goals]`",
            ),
            (
                {**AGREEMENT, "covers": ["goals", "taks"]},
                f"`covers` should be a list of {', '.join(vocabulary().enumerations['topic'])}, not `taks` among them",
                "did you mean `tasks`?",
            ),
            (
                {**AGREEMENT, "fee": "95"},
                "`fee` should be a number of 0 or more, not `95`",
                "write the number without quotes",
            ),
            ({**AGREEMENT, "fee": True}, "`fee` should be a number of 0 or more, not `true`", None),
            (
                {**AGREEMENT, "fee": float("inf")},
                "`fee` should be a number of 0 or more, not `inf`",
                "`inf` is not a finite number",
            ),
            (
                {**AGREEMENT, "fee": Decimal("0.0000001")},
                "`fee` should be a number of 0 or more, not `1E-7`",
                "`1E-7` has more than six decimals",
            ),
            ({**AGREEMENT, "fee": [0, [1, 2], 0]}, "`fee` should be a number of 0 or more, not `[0, [1, 2], 0]`", None),
            (
                {**AGREEMENT, "currency": "eur"},
                "`currency` should be a currency code of three capital letters, such as `EUR`, not `eur`",
                "did you mean `EUR`?",
            ),
            (
                {**AGREEMENT, "start_time": "5pm"},
                "`start_time` should be a time of day such as `17:30`, not `5pm`",
                None,
            ),
            (
                without(touch(type="wellbeing.checked", rating=11), "client", "kind", "by"),
                "`rating` should be a number from 0 to 10, not `11`",
                None,
            ),
            (
                {**AMENDMENT, "consent": {"a": 1}},
                "`consent` should be a value that an attribute can have, not `{…}`",
                None,
            ),
            (
                {**AMENDMENT, "covers": [["a"]]},
                "`covers` should be a value that an attribute can have, not `[[a]]`",
                None,
            ),
            ({**AMENDMENT, "amend_reason": ""}, "`amend_reason` is missing: `event.amended` needs it", None),
        ],
    )
    def test_a_fault_says_what_was_expected_what_was_seen_and_what_to_do(
        self, record: dict[str, Any], message: str, hint: str | None
    ) -> None:
        assert said(record) == [(message, hint)]

    def test_all_faults_of_an_event_come_at_once_in_the_order_of_its_fields(self) -> None:
        record = {"type": "contact.touch", "id": 5, "at": "today", "consnt": True, "kind": "hgu"}

        assert [(fault.code, fault.field) for fault in faults(record)] == [
            ("wrong-value", "id"),
            ("wrong-value", "at"),
            ("unknown-attribute", "consnt"),
            ("wrong-value", "kind"),
            ("missing-attribute", "practitioner"),
            ("missing-attribute", "client"),
            ("missing-attribute", "by"),
        ]

    def test_an_event_of_no_known_type_has_the_faults_of_its_envelope_too(self) -> None:
        assert [fault.field for fault in faults({"type": "x", "at": "today"})] == ["id", "at", "type", "practitioner"]

    def test_a_waiver_without_reason_approver_or_expiry_is_refused(self) -> None:
        waiver = without(touch(type="waiver.granted", rule="touch.frequent"), "kind", "by")

        assert [fault.field for fault in faults(waiver)] == ["reason", "approver", "expires_at"]

    def test_the_faults_of_an_event_handed_over_are_one_error(self) -> None:
        error = refused(faults(touch(by="clint", consnt=True)))

        assert isinstance(error, EventError)
        assert error.field == "by"
        assert str(error) == (
            "<event>: error[wrong-value]: `by` should be one of practitioner, client, other, not `clint`\n"
            "    did you mean `client`?\n"
            "<event>: error[unknown-attribute]: `consnt` is not an attribute of `contact.touch`\n"
            "    did you mean `consent`?"
        )

    def test_one_value_can_be_read_alone(self) -> None:
        minutes = vocabulary().types["session.held"].attributes["minutes"]

        assert read_value(minutes, 50) == 50 * MICRO
        assert refusal(read_value, minutes, "50") == "`minutes` should be a number of 0 or more, not `50`"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(sorted(vocabulary().types))
fields = st.sampled_from(
    sorted({*ENVELOPE, *(key for found in vocabulary().types.values() for key in found.attributes)})
) | st.text(max_size=8)


@settings(max_examples=200)
@given(names, st.dictionaries(fields, json_values, max_size=12))
def test_any_record_is_typed_or_has_faults_and_never_an_accident(name: str, record: dict[str, Any]) -> None:
    found = type_event({**record, "type": name}, vocabulary())

    if isinstance(found, list):
        assert found
        assert all(fault.message for fault in found)
    else:
        assert found.values["type"] == name
