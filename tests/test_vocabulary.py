from __future__ import annotations

import pickle

import pytest
from shipped import VOCABULARY_FILE, refusal, tree, vocabulary

from ethics_engine.errors import RuleError
from ethics_engine.located import Lines, read_yaml
from ethics_engine.scalars import DAY, HOUR, MICRO
from ethics_engine.vocabulary import Attribute, Vocabulary, is_reserved, load_vocabulary

# Each type with its client, and its required attributes.
TYPES = {
    "agreements": {
        "agreement.made": ("yes", ["covers"]),
        "agreement.reviewed": ("yes", ["covers"]),
        "consent.given": ("yes", ["scope"]),
        "consent.withdrawn": ("yes", ["scope"]),
        "intake.held": ("yes", []),
        "therapy.started": ("yes", []),
        "therapy.ended": ("yes", ["by"]),
    },
    "sessions": {
        "session.scheduled": ("yes", ["session", "starts_at"]),
        "session.held": ("yes", ["minutes"]),
        "session.moved": ("yes", ["by", "moved_from", "moved_to"]),
        "session.cancelled": ("yes", ["by"]),
        "session.missed": ("yes", ["by"]),
    },
    "money": {
        "invoice.issued": ("yes", ["amount", "invoice", "reason"]),
        "invoice.voided": ("yes", ["invoice"]),
        "payment.received": ("yes", ["amount", "method"]),
        "refund.requested": ("yes", ["request"]),
        "refund.made": ("yes", ["request"]),
        "fee.waived": ("yes", ["reason"]),
    },
    "contact": {
        "contact.message": ("yes", ["by", "purpose"]),
        "contact.call": ("yes", ["by", "purpose"]),
        "contact.social": ("yes", ["by", "planned"]),
        "contact.online": ("yes", ["by", "kind"]),
    },
    "touch": {"contact.touch": ("yes", ["by", "kind"]), "contact.intrusion": ("yes", ["by", "kind"])},
    "intimacy": {"contact.romantic": ("yes", ["by", "kind"]), "contact.sexual": ("yes", ["by", "kind"])},
    "roles": {
        "role.declared": ("yes", ["role", "status"]),
        "transaction.made": ("yes", ["direction", "kind"]),
        "gift.received": ("yes", ["value"]),
        "gift.given": ("yes", ["value"]),
        "influence.exerted": ("yes", ["domain"]),
        "secrecy.requested": ("yes", ["by"]),
    },
    "privacy": {"information.shared": ("yes", ["to"])},
    "focus": {
        "disclosure.made": ("yes", ["purpose"]),
        "focus.drifted": ("yes", ["topic"]),
        "remark.made": ("yes", ["by", "nature"]),
    },
    "candour": {
        "mistake.recognised": ("may", ["mistake"]),
        "mistake.admitted": ("may", ["mistake"]),
        "mistake.repaired": ("may", ["mistake"]),
        "complaint.received": ("may", ["complaint"]),
        "complaint.answered": ("may", ["complaint"]),
        "statement.made": ("may", ["accurate", "to"]),
    },
    "supervision": {
        "supervision.attended": ("may", ["minutes"]),
        "consultation.held": ("may", ["with"]),
        "referral.made": ("yes", []),
    },
    "development": {
        "own_therapy.attended": ("no", []),
        "training.attended": ("no", ["hours"]),
        "wellbeing.checked": ("no", ["rating"]),
        "leave.taken": ("no", []),
    },
    "reflection": {"reflection.recorded": ("may", ["rating", "theme"])},
    "alliance": {
        "alliance.measured": ("yes", ["instrument", "score_percent"]),
        "alliance.reviewed": ("yes", []),
        "outcome.measured": ("yes", ["instrument", "score_percent"]),
        "feedback.received": ("yes", ["theme"]),
    },
    "records": {
        "note.recorded": ("may", []),
        "incident.occurred": ("may", ["kind"]),
        "incident.documented": ("may", ["event", "rationale"]),
    },
    "log": {
        "waiver.granted": ("may", ["approver", "expires_at", "reason", "rule"]),
        "event.amended": ("may", ["amend_reason", "target"]),
        "event.withdrawn": ("may", ["amend_reason", "target"]),
        "log.covers": ("no", ["areas"]),
    },
}

BOARD = """
vocabulary: board
version: "2"
enumerations: {tool: [pen, tablet]}
areas:
  records:
    record.exported: {client: may, attributes: {tool: {type: enum, values: tool, required: true}}}
  research:
    study.joined: {client: yes, why: a client takes part in a study}
states:
  in_study: {opened_by: study.joined, lapses_after: 30d}
"""


class TestTheShippedVocabulary:
    def test_it_declares_every_type_with_its_area_client_and_required_attributes(self) -> None:
        declared: dict[str, dict[str, tuple[str, list[str]]]] = {}
        for name, found in vocabulary().types.items():
            if name != "finding":
                required = sorted(key for key, attribute in found.attributes.items() if attribute.required)
                declared.setdefault(found.area, {})[name] = (found.client, required)

        assert declared == TYPES

    def test_its_areas_are_those_of_its_types_and_a_log_may_cover_each(self) -> None:
        assert sorted(vocabulary().areas) == sorted(TYPES)
        assert vocabulary().types["log.covers"].attributes["areas"].values == tuple(sorted(TYPES))

    def test_its_defaults_are_these(self) -> None:
        defaults = {
            f"{name} {key}": attribute.default
            for name, found in vocabulary().types.items()
            for key, attribute in found.attributes.items()
            if attribute.default is not None
        }

        assert defaults == {
            "session.held practitioner_late_minutes": 0,
            "session.held client_late_minutes": 0,
            "session.held last_of_day": False,
            "session.held fee_waived": False,
            "session.held crisis": False,
            "contact.message count": MICRO,
            "contact.social happened": True,
            "contact.social with": "client",
            "contact.romantic with": "client",
            "contact.sexual with": "client",
            "role.declared with": "client",
            "transaction.made accepted": True,
            "gift.received accepted": True,
            "gift.given accepted": True,
        }

    def test_every_amount_has_a_currency_beside_it(self) -> None:
        for name, found in vocabulary().types.items():
            if any(attribute.kind == "money" for attribute in found.attributes.values()):
                assert "currency" in found.attributes, name

    def test_its_money_is_this(self) -> None:
        money = {
            (name, key)
            for name, found in vocabulary().types.items()
            for key, attribute in found.attributes.items()
            if attribute.kind == "money"
        }

        assert money == {
            ("agreement.made", "fee"),
            ("agreement.made", "late_cancel_fee"),
            ("agreement.made", "no_show_fee"),
            ("invoice.issued", "amount"),
            ("payment.received", "amount"),
            ("refund.requested", "amount"),
            ("refund.made", "amount"),
            ("fee.waived", "amount"),
            ("transaction.made", "amount"),
            ("transaction.made", "fair_value"),
            ("gift.received", "value"),
            ("gift.given", "value"),
        }

    def test_free_text_is_never_judged_and_is_this(self) -> None:
        text = {
            key
            for found in vocabulary().types.values()
            for key, attribute in found.attributes.items()
            if attribute.kind == "text"
        }

        assert text == {
            "about",
            "amend_reason",
            "area",
            "explained",
            "late_reason",
            "place",
            "rationale",
            "reason",
            "reflection",
        }

    def test_it_declares_three_states(self) -> None:
        assert sorted(vocabulary().states) == ["on_leave", "therapy", "touch_refused"]
        assert vocabulary().states["therapy"]["lapses_after"] == "90d"

    def test_the_words_no_and_none_stay_words(self) -> None:
        assert vocabulary().types["mistake.recognised"].attributes["harm"].values == ("none", "minor", "serious")
        assert vocabulary().types["leave.taken"].client == "no"


class TestAttributes:
    def test_what_cannot_be_negative_is_refused_where_it_is(self) -> None:
        numbers = {
            f"{type_.name} {one.name}"
            for type_ in vocabulary().types.values()
            for one in type_.attributes.values()
            if one.kind in ("number", "money") and one.minimum is None
        }

        # A credit note, notice given afterwards, and somebody who came early have negative numbers.
        assert numbers == {
            "invoice.issued amount",
            "invoice.issued notice_hours",
            "leave.taken announced_days",
            "payment.received amount",
            "refund.made amount",
            "refund.requested amount",
            "session.cancelled notice_hours",
            "session.held client_late_minutes",
            "session.held practitioner_late_minutes",
            "session.moved notice_hours",
            "therapy.ended notice_days",
        }

    @pytest.mark.parametrize(
        ("type_name", "name", "kind"),
        [
            ("contact.touch", "consent", "boolean"),
            ("contact.touch", "at", "timestamp"),
            ("contact.touch", "recorded_at", "timestamp"),
            ("contact.touch", "source", "enum"),
            ("contact.touch", "local_weekday", "enum"),
            ("contact.touch", "local_time", "clock"),
            ("contact.touch", "local_date", "string"),
            ("contact.touch", "session_number", "number"),
            ("contact.touch", "recorded_after_days", "number"),
            ("agreement.made", "announced_days", "number"),
            ("agreement.made", "place", "string"),
            ("session.held", "place", "enum"),
            ("leave.taken", "announced_days", "number"),
            ("finding", "family", "tags"),
            ("finding", "type", "string"),
            ("finding", "client", "string"),
        ],
    )
    def test_a_condition_may_speak_of_own_envelope_and_derived_attributes(
        self, type_name: str, name: str, kind: str
    ) -> None:
        found = vocabulary().attribute(type_name, name)

        assert found is not None
        assert kind == found.kind
        assert name in vocabulary().attribute_names(type_name)

    @pytest.mark.parametrize(
        ("type_name", "name"),
        [
            ("contact.touch", "announced_days"),
            ("contact.touch", "minutes"),
            ("leave.taken", "session_number"),
            ("contact.tuch", "kind"),
        ],
    )
    def test_of_what_a_type_does_not_declare_there_is_no_attribute(self, type_name: str, name: str) -> None:
        assert vocabulary().attribute(type_name, name) is None
        assert name not in vocabulary().attribute_names(type_name)

    def test_a_text_is_read_as_the_kind_says(self) -> None:
        kinds = {
            "number": "1.5",
            "boolean": "false",
            "clock": "17:30",
            "string": "no",
            "timestamp": "1970-01-02T00:00:00Z",
        }
        read = {kind: Attribute("a", kind).read(text) for kind, text in kinds.items()}
        listed = Attribute("a", "list", ("x", "y", "z")).read("z, x;x")

        assert read == {
            "number": 1_500_000,
            "boolean": False,
            "clock": 17 * HOUR + HOUR // 2,
            "string": "no",
            "timestamp": DAY,
        }
        assert listed == ("x", "z")

    def test_a_text_that_is_no_member_is_refused_with_the_nearest(self) -> None:
        assert refusal(Attribute("kind", "enum", ("hug", "hold")).read, "hgu") == (
            "`hgu` is not one of hug, hold; did you mean `hug`?"
        )


class TestPatterns:
    def test_a_pattern_matches_the_types_of_its_shape(self) -> None:
        assert vocabulary().matching("session.*") == sorted(TYPES["sessions"])
        assert vocabulary().matching("*.held") == ["consultation.held", "intake.held", "session.held"]

    def test_a_pattern_never_matches_what_the_engine_and_the_log_are_about(self) -> None:
        everything = vocabulary().matching("*")

        assert len(everything) == sum(map(len, TYPES.values())) - 4
        for hidden in ("finding", "event.amended", "event.withdrawn", "log.covers", "waiver.granted"):
            assert hidden not in everything
        assert vocabulary().matching("event.*") == vocabulary().matching("waiver.*") == []

    def test_a_plain_name_matches_itself_alone(self) -> None:
        assert vocabulary().matching("waiver.granted") == ["waiver.granted"]
        assert vocabulary().matching("contact.tuch") == []


class TestFurtherVocabularies:
    def test_a_board_adds_areas_types_enumerations_and_states(self) -> None:
        extended = _extended(BOARD)

        assert extended.types["record.exported"].area == "records"
        assert extended.types["record.exported"].attributes["tool"].values == ("pen", "tablet")
        assert extended.types["study.joined"].description == "a client takes part in a study"
        assert "research" in extended.types["log.covers"].attributes["areas"].values
        assert "in_study" in extended.states
        assert extended.sources == (("core", "1.0"), ("board", "2"))
        assert is_reserved("event.read")

    def test_what_was_declared_before_is_never_declared_again(self) -> None:
        text = """
vocabulary: board
version: "2"
enumerations: {party: [a, b]}
areas: {touch: {contact.touch: {client: yes}}}
states: {therapy: {opened_by: session.held}}
"""
        assert _complaints(text) == [
            "board.yaml:4:16: the enumeration `party` is declared a second time",
            "board.yaml:5:17: the event type `contact.touch` is declared a second time",
            "board.yaml:6:10: the state `therapy` is declared a second time",
        ]

    def test_every_complaint_of_a_file_comes_at_once_in_order(self) -> None:
        text = """
vocabulary: board
areas:
  touch:
    contact.tap:
      client: maybe
      atributes: {}
      attributes:
        kind: {type: enm}
        by: {type: enum, values: partie}
        how: {type: enum}
        id: string
        x_own: string
        count: {type: number, min: few, default: "one"}
        said: {type: text, max: 3}
        tone: list
        any: string
        few: {type: number, min: 5, max: 1}
        how_many: {type: number, required: true, default: 9}
    event.seen: {client: no}
    Tap: {client: no}
    contact.pat: {}
  other: here
"""
        assert _complaints(text) == [
            "board.yaml:2:1: missing key `version` in a vocabulary file",
            "board.yaml:6:15: `client` of `contact.tap` should be yes, may or no, not `maybe`",
            "board.yaml:7:7: unknown key `atributes` in `contact.tap`",
            "board.yaml:9:22: `kind`: unknown kind `enm`",
            "board.yaml:10:34: no such enumeration: `partie`",
            "board.yaml:11:9: missing key `values` in `how`",
            "board.yaml:12:9: `id` belongs to every event already",
            "board.yaml:13:9: `x_own` is not a lower-case name such as `minutes`",
            "board.yaml:14:36: `min`: `few` is not a number",
            "board.yaml:14:50: `default`: `one` is not a number",
            "board.yaml:15:33: `said`: only a number has `max`",
            "board.yaml:16:15: missing key `values` in `tone`",
            "board.yaml:17:9: `any` is a word of the rule language: no rule could test it",
            "board.yaml:18:42: `few`: `max` is below `min`: no value is between them",
            "board.yaml:19:50: `how_many` is required, so its `default` would never be used",
            "board.yaml:20:5: `event.seen` belongs to the engine",
            "board.yaml:21:5: `Tap` is not a dotted lower-case name such as `contact.touch`",
            "board.yaml:22:5: `client` of `contact.pat` should be yes, may or no",
            "board.yaml:23:3: `other`: expected a mapping of types",
        ]

    def test_a_complaint_shows_the_line_and_the_nearest_name(self) -> None:
        with pytest.raises(RuleError) as caught:
            _extended("vocabulary: a\nversion: 1\nareas: {touch: {contact.tap: {client: no, attributs: {}}}}")

        assert str(caught.value) == (
            "board.yaml:3:43: error[unknown-key]: unknown key `attributs` in `contact.tap`\n"
            "3 | areas: {touch: {contact.tap: {client: no, attributs: {}}}}\n"
            "  |                                           ^^^^^^^^^ did you mean `attributes`?"
        )

    def test_a_tree_of_any_other_shape_is_refused_without_an_accident(self) -> None:
        for text in ("a: b", "areas: [1]", "areas: {touch: {a.b: [1]}}", "enumerations: {x: {y: z}}", "states: x"):
            with pytest.raises(RuleError):
                _extended(text)


def test_types_travel_between_processes() -> None:
    plain = Vocabulary(types=vocabulary().types, areas=vocabulary().areas)

    assert pickle.loads(pickle.dumps(plain)).types == plain.types


def _extended(text: str) -> Vocabulary:
    lines = Lines()
    return load_vocabulary([read_yaml(VOCABULARY_FILE, lines), tree(text, lines)], lines)


def _complaints(text: str) -> list[str]:
    with pytest.raises(RuleError) as caught:
        _extended(text)
    return [f"{found.place}: {found.message}" for found in caught.value.diagnostics]
