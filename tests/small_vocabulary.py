"""A small vocabulary for property tests: ten types in three areas, and those of the log, in the shape of
`rules/vocabulary.yaml` with every scalar as text. It calls itself `core`, and so stands in the place of that one."""

from __future__ import annotations

from typing import Any


def _required(**spec: Any) -> dict[str, Any]:
    return {**spec, "required": "true"}


VOCABULARY: dict[str, Any] = {
    "vocabulary": "core",
    "version": "1.0",
    "enumerations": {
        "party": ["practitioner", "client", "other"],
        "place": ["office", "home", "online"],
        "weekday": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    },
    "areas": {
        "practice": {
            "agreement.made": {
                "client": "yes",
                "attributes": {
                    "covers": _required(type="list", values=["goals", "fee", "place", "touch"]),
                    "session_minutes": {"type": "number"},
                    "fee": {"type": "money"},
                    "currency": {"type": "string"},
                    "start_time": {"type": "clock"},
                    "weekday": {"type": "enum", "values": "weekday"},
                    "places": {"type": "list", "values": "place"},
                    "due_days": {"type": "number"},
                    "announced_at": {"type": "timestamp"},
                },
            },
            "session.held": {
                "client": "yes",
                "attributes": {
                    "session": {"type": "string"},
                    "minutes": _required(type="number"),
                    "starts_at": {"type": "timestamp"},
                    "place": {"type": "enum", "values": "place"},
                    "late_minutes": {"type": "number", "default": "0"},
                    "crisis": {"type": "boolean"},
                },
            },
            "session.moved": {
                "client": "yes",
                "attributes": {
                    "session": {"type": "string"},
                    "by": _required(type="enum", values="party"),
                    "notice_hours": {"type": "number"},
                    "moved_to": {"type": "timestamp"},
                },
            },
            "therapy.ended": {
                "client": "yes",
                "attributes": {"by": _required(type="enum", values="party")},
            },
        },
        "money": {
            "invoice.issued": {
                "client": "yes",
                "attributes": {
                    "invoice": _required(type="string"),
                    "amount": {"type": "money"},
                    "currency": {"type": "string"},
                },
            },
            "payment.received": {
                "client": "yes",
                "attributes": {
                    "invoice": {"type": "string"},
                    "amount": _required(type="money"),
                    "currency": {"type": "string"},
                },
            },
        },
        "care": {
            "contact.touch": {
                "client": "yes",
                "attributes": {
                    "by": _required(type="enum", values="party"),
                    "consent": {"type": "boolean"},
                    "count": {"type": "number"},
                },
            },
            "supervision.attended": {
                "client": "may",
                "attributes": {
                    "minutes": _required(type="number"),
                    "topics": {"type": "list", "values": ["goals", "touch"]},
                },
            },
            "incident.documented": {
                "client": "may",
                "attributes": {
                    "event": {"type": "string"},
                    "rationale": {"type": "text"},
                    "discussed": {"type": "boolean"},
                },
            },
            "leave.taken": {
                "client": "no",
                "attributes": {"until": {"type": "timestamp"}},
            },
        },
        "log": {
            "waiver.granted": {
                "client": "may",
                "attributes": {
                    "rule": _required(type="string"),
                    "reason": _required(type="text"),
                    "approver": _required(type="string"),
                    "expires_at": _required(type="timestamp"),
                },
            },
            "event.amended": {
                "client": "may",
                "attributes": {"target": _required(type="string"), "amend_reason": _required(type="text")},
            },
            "event.withdrawn": {
                "client": "may",
                "attributes": {"target": _required(type="string"), "amend_reason": _required(type="text")},
            },
            "log.covers": {
                "client": "no",
                "attributes": {"areas": _required(type="list", values=["practice", "money", "care", "log"])},
            },
        },
    },
    "states": {
        "therapy": {
            "opened_by": ["agreement.made", "session.held"],
            "closed_by": ["therapy.ended"],
            "lapses_after": "10d",
        },
        "touch_refused": {
            "opened_by": {"event": "contact.touch", "where": {"consent": "false"}},
            "closed_by": {"event": "contact.touch", "where": {"consent": "true"}},
        },
        "on_leave": {"opened_by": "leave.taken", "lapses_at": "until", "per": "practitioner"},
    },
}
