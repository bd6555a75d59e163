"""The parameters of a rule set as rules name them: which are meant, and what they are worth from a moment on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from ethics_engine.errors import shown, suggest
from ethics_engine.located import Map, Seq
from ethics_engine.rules.fields import Complaints
from ethics_engine.rules.parameters import Parameter, names_in, substituted

SENTENCES = ("title", "message", "duty", "remedy", "why")
"""The keys of rules and states whose texts may hold parameters among other words."""


class InForce:
    """All parameters by full name; `moment` gives the instant of a date, its midnight in the practice's zone."""

    def __init__(
        self,
        parameters: Mapping[str, Parameter],
        complaints: Complaints,
        moment: Callable[[int | date | None], int | None],
    ) -> None:
        self.parameters = parameters
        self.complaints = complaints
        self.moment = moment
        self._ordered: dict[str, list[tuple[int | None, Any]]] = {}

    def named_in(self, node: Any, policy: str) -> dict[str, Parameter]:
        """The parameters that a node names, as it names them; a complaint for each that there is none of."""
        used: dict[str, Parameter] = {}
        for name, text in names_in(node):
            found = self.parameters.get(name if "." in name else f"{policy}.{name}")
            if found is None:
                prefix = f"{policy}."
                own = [each.removeprefix(prefix) for each in self.parameters if each.startswith(prefix)]
                known = sorted(self.parameters) if "." in name or suggest(name, own) is None else own
                self.complaints.unknown(
                    self.complaints.lines.inside(text.mark, f"${{{name}}}"), "parameter", name, known
                )
            else:
                used[name] = found
        if isinstance(node, Map):
            self._check_whole(node)
        return used

    def _check_whole(self, node: Map) -> None:
        """Complain of a name within a value; within a sentence a value is put into words."""
        for key, child in node.items():
            for name, text in names_in(child) if key not in SENTENCES else ():
                if text != f"${{{name}}}":
                    message = f"{shown(text)}: a parameter stands for a whole value"
                    self.complaints.add(
                        text.mark, "wrong-value", message, "write the unit in the parameter's own value"
                    )

    def put_in(self, node: Any, used: Mapping[str, Parameter], at: int | None) -> Any:
        """A node with the values in force from `at` on in the place of the parameters that it names."""
        return substituted(node, {name: self._value(parameter, at) for name, parameter in used.items()})

    def _value(self, parameter: Parameter, at: int | None) -> Any:
        """The value in force from `at` on (None: before every dated change); the earliest where none is yet."""
        if parameter.name not in self._ordered:
            self._ordered[parameter.name] = sorted(
                ((self.moment(entry.start), entry.value) for entry in parameter.entries),
                key=lambda entry: (entry[0] is not None, entry[0] or 0),
            )
        ordered = self._ordered[parameter.name]
        value = ordered[0][1]
        for start, candidate in ordered:
            if start is None or (at is not None and start <= at):
                value = candidate
        return value

    def name_where_they_stand(self, before: int, used: Mapping[str, Parameter], rule: str) -> None:
        """Where a complaint is about the value of a parameter, say which rule it does not fit."""
        names: dict[tuple[str | None, int | None, int | None], str] = {}
        for name, parameter in used.items():
            for entry in parameter.entries:
                marks = [each.mark for each in (entry.value, *(entry.value if isinstance(entry.value, Seq) else ()))]
                names.update(
                    {(mark.file, mark.line or None, mark.column if mark.line else None): name for mark in marks}
                )
        for number, found in enumerate(self.complaints.found[before:], before):
            named = names.get((found.file, found.line, found.column))
            if named is not None and found.hint is None:
                hint = f"it stands for `${{{named}}}` in `{rule}`"
                self.complaints.found[number] = replace(found, hint=hint)
