from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from shipped import touch, vocabulary

from ethics_engine.amendments import Ineffective, apply
from ethics_engine.events import Event, type_event
from ethics_engine.scalars import DAY, MICRO, parse_instant

NOON = parse_instant("2026-03-05T12:00:00Z")


def event(record: dict[str, Any]) -> Event:
    found = type_event(record, vocabulary())
    assert isinstance(found, Event), [fault.message for fault in found]
    return found


def touched(**changes: Any) -> Event:
    return event(touch(**changes))


def amendment(day: int, /, id: str = "m1", target: str = "e1", **changes: Any) -> Event:
    return _change("event.amended", day, id, target, changes)


def withdrawal(day: int, id: str = "w1", target: str = "e1", **changes: Any) -> Event:
    return _change("event.withdrawn", day, id, target, changes)


def _change(type_name: str, day: int, id: str, target: str, changes: dict[str, Any]) -> Event:
    record = {
        "id": id,
        "at": f"2026-03-{day:02}T09:00:00Z",
        "type": type_name,
        "practitioner": "p1",
        "target": target,
        "amend_reason": "a slip",
    }
    return event({**record, **changes})


def applied(*events: Event, as_of: int | None = None) -> dict[str, dict[str, Any]]:
    """The events that are no amendments, by id."""
    found, _ = apply(events, vocabulary(), as_of)
    return {one.id: one.values for one in found if not one.type.startswith("event.")}


def reasons(*events: Event, as_of: int | None = None) -> list[tuple[str, str]]:
    return [(one.event_id, one.reason) for one in apply(events, vocabulary(), as_of)[1]]


def test_an_amendment_changes_and_adds_attributes_of_its_target() -> None:
    before = touched()
    after = applied(before, amendment(3, kind="hold", consent=True))

    assert after == {"e1": {**before.values, "kind": "hold", "consent": True}}


def test_an_amended_event_is_a_new_one_and_the_old_stays_as_it_was() -> None:
    before = touched()
    applied(before, amendment(3, kind="hold"))

    assert before.values["kind"] == "hug"


def test_for_each_attribute_the_latest_amendment_wins() -> None:
    later = amendment(4, "m2", kind="hand")
    after = applied(later, amendment(3, "m1", kind="hold", consent=False), touched())

    assert (after["e1"]["kind"], after["e1"]["consent"]) == ("hand", False)


def test_of_simultaneous_amendments_the_greatest_id_wins() -> None:
    after = applied(touched(), amendment(3, "m9", kind="hand"), amendment(3, "m10", kind="hold"))

    assert after["e1"]["kind"] == "hand"


def test_any_withdrawal_removes_the_event_whatever_is_amended_later() -> None:
    assert applied(touched(), withdrawal(3), amendment(4, kind="hold")) == {}


def test_amendments_and_withdrawals_stay_in_the_record() -> None:
    found, ineffective = apply([touched(), amendment(3, kind="hold"), withdrawal(4)], vocabulary())

    assert [one.id for one in found] == ["m1", "w1"]
    assert ineffective == []


def test_numbers_times_and_lists_are_typed_as_the_target_says() -> None:
    agreement = event(
        {
            "id": "a1",
            "at": "2026-03-02T09:00:00Z",
            "type": "agreement.made",
            "practitioner": "p1",
            "client": "c1",
            "covers": ["goals"],
        }
    )
    values: dict[str, Any] = {
        "fee": 95.5,
        "start_time": "00:01",
        "announced_at": "1970-01-02T00:00:00Z",
        "covers": ["touch", "goals"],
    }
    after = applied(agreement, amendment(3, target="a1", **values))["a1"]

    assert after["fee"] == 95_500_000
    assert after["start_time"] == 60 * MICRO
    assert after["announced_at"] == DAY
    assert after["covers"] == ("goals", "touch")


def test_the_envelope_of_the_target_is_never_amended() -> None:
    after = applied(
        touched(), amendment(3, kind="hold", client="c2", source="system", recorded_at="2026-03-04T00:00:00Z")
    )

    assert after["e1"]["client"] == "c1"
    assert "source" not in after["e1"]
    assert "recorded_at" not in after["e1"]


def test_an_amendment_without_effect_is_listed_with_the_reason() -> None:
    assert reasons(
        touched(),
        amendment(3, "m1", target="e2", kind="hold"),
        amendment(3, "m2", kind="hgu"),
        amendment(3, "m3", minutes=5),
        amendment(3, "m4", consent=1),
        amendment(3, "m5", area=""),
        amendment(3, "m6"),
        amendment(3, "m7", target="m1", amend_reason="of an amendment", kind="hold"),
        withdrawal(3, "w1", target="w2"),
        withdrawal(3, "w2", target="m1"),
    ) == [
        ("m1", "there is no event `e2` of this practitioner"),
        ("m2", "`kind` should be one of handshake, hand, shoulder, hug, hold, other, not `hgu`"),
        ("m3", "`minutes` is not an attribute of `contact.touch`"),
        ("m4", "`consent` should be `true` or `false`, not `1`"),
        ("m5", "`area` would be empty"),
        ("m6", "it changes no attribute"),
        ("m7", "its target is an `event.amended`, which is never amended or withdrawn"),
        ("w1", "its target is an `event.withdrawn`, which is never amended or withdrawn"),
        ("w2", "its target is an `event.amended`, which is never amended or withdrawn"),
    ]


def test_an_amendment_with_one_wrong_attribute_changes_none() -> None:
    assert applied(touched(), amendment(3, kind="hgu", consent=True))["e1"] == touched().values


def test_a_refused_amendment_leaves_the_one_before_it_in_force() -> None:
    after = applied(touched(), amendment(3, "m1", kind="hold"), amendment(4, "m2", kind="hgu"))

    assert after["e1"]["kind"] == "hold"


def test_an_event_of_another_practitioner_is_no_target() -> None:
    found, ineffective = apply([touched(practitioner="p2"), withdrawal(3)], vocabulary())

    assert len(found) == 2
    assert ineffective == [Ineffective("w1", "e1", "p1", "there is no event `e1` of this practitioner")]


def test_events_after_as_of_are_not_seen_nor_do_they_amend() -> None:
    late = touched(id="e2", at="2026-03-06T09:00:00Z")

    assert applied(touched(), late, withdrawal(6), as_of=NOON) == {"e1": touched().values}
    assert reasons(touched(), late, withdrawal(3, target="e2"), as_of=NOON) == [
        ("w1", "there is no event `e2` of this practitioner")
    ]


def test_an_event_at_as_of_is_seen() -> None:
    assert list(applied(touched(), as_of=touched().at)) == ["e1"]


def test_what_a_log_covers_is_seen_whatever_its_time_and_can_be_amended() -> None:
    record = {"id": "k", "at": "2030-01-01T00:00:00Z", "type": "log.covers", "practitioner": "p1", "areas": ["touch"]}
    covers = event(record)

    assert applied(covers, as_of=NOON)["k"]["areas"] == ("touch",)
    assert applied(covers, amendment(3, target="k", areas=["money"]), as_of=NOON)["k"]["areas"] == ("money",)


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_log_carries_no_meaning(shuffle: random.Random) -> None:
    events = [
        touched(),
        touched(id="e2", kind="hold"),
        amendment(3, "m1", kind="hold", consent=True),
        amendment(3, "m2", kind="hand"),
        amendment(4, "m3", consent=False, by="client"),
        amendment(4, "m4", kind="hgu"),
        withdrawal(5, "w1", target="e2"),
        withdrawal(5, "w2", target="e3"),
    ]
    mixed = list(events)
    shuffle.shuffle(mixed)

    assert applied(*mixed) == applied(*events)
    assert apply(mixed, vocabulary())[1] == apply(events, vocabulary())[1]
