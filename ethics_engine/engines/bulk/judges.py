"""The judges of one practitioner's columns: one for the whole, one for each client that is asked about."""

from __future__ import annotations

from ethics_engine.engines.bulk.ledgers import Practice, Scope
from ethics_engine.engines.bulk.runs import RunTimeline
from ethics_engine.engines.judging import Judge
from ethics_engine.engines.ledger import Ledger
from ethics_engine.engines.states import Timeline
from ethics_engine.plan import State


class Judges:
    """The judges of a practice: one for the whole, one for each client that is asked about."""

    def __init__(self, practice: Practice, as_of: int) -> None:
        self.practice = practice
        self.as_of = as_of
        self.whole = _WholeJudge(practice.plan, practice.whole, practice.zone, as_of)
        self._clients: dict[str | None, Judge] = {}

    def of(self, per: str, client: str | None) -> Judge:
        """The judge of a rule's key."""
        if per == "practitioner":
            return self.whole
        found = self._clients.get(client)
        if found is None:
            found = self._clients[client] = _ClientJudge(self.practice, client, self.as_of, self.whole)
        return found


class _WholeJudge(Judge):
    """Judges the keys of a practitioner as a whole."""

    def made(self, state: State, client: str | None) -> Timeline:
        """A state of the practitioner's key, or of a client's, whose ledger holds all that it needs."""
        ledger = self.ledger
        if isinstance(ledger, Scope) and state.per == "relationship":
            ledger = ledger.practice.scope(client)
        return _timeline(state, ledger, client)


def _timeline(state: State, ledger: Ledger, client: str | None) -> Timeline:
    return Timeline(state, ledger, client) if state.lapses_at is not None else RunTimeline(state, ledger, client)


class _ClientJudge(Judge):
    """Judges one client's key; a state of the practitioner is asked of the whole."""

    def __init__(self, practice: Practice, client: str | None, as_of: int, whole: Judge) -> None:
        super().__init__(practice.plan, practice.scope(client), practice.zone, as_of)
        self._whole = whole
        self._exceptions = whole._exceptions

    def timeline(self, number: int, client: str | None) -> Timeline | None:
        if self.plan.states[number].per == "practitioner":
            return self._whole.timeline(number, client)
        return super().timeline(number, client)

    def made(self, state: State, client: str | None) -> Timeline:
        """A state of the client's key."""
        return _timeline(state, self.ledger, client)
