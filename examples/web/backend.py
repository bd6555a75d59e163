"""A small back end of practice software: it records what happens, and shows findings and duties.

    pip install ethics-engine flask
    STORE=sqlite:///practice.db flask --app backend:create_app run

One monitor serves all requests: it may be shared between threads, and its store is what lasts. Anything that listens
beyond the own machine needs users, rights and TLS in front of it; none of that is here.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from ethics_engine import ConfigError, EthicsEngineError, EventError, Finding, Monitor, Obligation, StoreError
from ethics_engine.layout import finding_data, obligation_data
from ethics_engine.monitor import Changes

LARGEST_BODY = 64 * 1024  # bytes: an event has a few hundred
ASKED = ("to", "within")  # what a request may give that is no event

Answer = tuple[Response, int]


def create_app(store: str | None = None) -> Flask:
    """The application; its store is named by STORE where it is not given (SQLite in the working directory)."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    monitor = Monitor(
        store=store or os.environ.get("STORE", "sqlite:///practice.db"),
        timezone=os.environ.get("TIMEZONE", "UTC"),  # weekdays and clock times are read in it
    )

    @app.post("/events")
    def record() -> Answer:
        """Record one event; what it changes."""
        changes = monitor.observe(request.get_json())
        return jsonify(changes_data(changes)), 201 if changes.accepted else 200

    @app.post("/time")
    def advance() -> Answer:
        """Let time pass until an instant or the end of a date, {"to": "2026-03-31"}: duties that are past are found."""
        given = request.get_json()
        changes = monitor.advance(given.get("to") if isinstance(given, dict) else None)
        return jsonify(changes_data(changes)), 200

    @app.get("/findings")
    def findings() -> Answer:
        """The open findings, of one client where the address says so: /findings?client=c7."""
        found = monitor.findings(client=request.args.get("client"), status="open")
        return jsonify([finding_data(one) for one in found]), 200

    @app.get("/due")
    def due() -> Answer:
        """What is due: /due?within=14d."""
        duties = monitor.due(within=request.args.get("within", "14d"))
        return jsonify([obligation_data(one) for one in duties]), 200

    @app.errorhandler(EventError)
    def refused(error: EventError) -> Answer:
        conflict = any(each.code == "conflict" for each in error.diagnostics)
        faults = [{"message": each.message, "hint": each.hint} for each in error.diagnostics]
        faults = faults or [{"message": error.message, "hint": None}]
        return jsonify({"error": "this cannot be recorded", "faults": faults}), 409 if conflict else 422

    @app.errorhandler(ConfigError)
    def wrong(error: ConfigError) -> Answer:
        if error.field in ASKED:
            return jsonify({"error": error.message}), 400
        return broken(error)  # other rules judge the store by now, or the monitor was closed

    @app.errorhandler(StoreError)
    def unavailable(error: StoreError) -> Answer:
        if not error.temporary:
            return broken(error)  # a full disk, a chain that was altered
        app.logger.warning("%s", error)
        answer = jsonify({"error": "nothing was recorded; try again"})
        answer.headers["Retry-After"] = "5"
        return answer, 503

    def broken(error: EthicsEngineError) -> Answer:
        app.logger.error("%s", error)  # where the store lies is nothing for whoever asks
        return jsonify({"error": "nothing was recorded; whoever runs this service finds the reason in its log"}), 500

    @app.errorhandler(HTTPException)
    def other(error: HTTPException) -> Answer:
        return jsonify({"error": error.description}), error.code or 500

    return app


def changes_data(changes: Changes) -> dict[str, Any]:
    """What a call changed, as plain data."""

    def findings(found: tuple[Finding, ...]) -> list[dict[str, Any]]:
        return [finding_data(one) for one in found]

    def duties(found: tuple[Obligation, ...]) -> list[dict[str, Any]]:
        return [obligation_data(one) for one in found]

    return {
        "accepted": changes.accepted,
        "new": findings(changes.new),
        "withdrawn": findings(changes.withdrawn),
        "excused": findings(changes.excused),
        "waived": findings(changes.waived),
        "revised": findings((*changes.revised, *changes.reopened)),
        "opened": duties(changes.opened),
        "closed": duties(changes.closed),
    }
