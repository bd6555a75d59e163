"""Rules and states as they stand in their files, and the form that a rule has by its keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ethics_engine.located import Map, Mark
from ethics_engine.rules.fields import Complaints, keys_of
from ethics_engine.rules.forms import FORMS
from ethics_engine.rules.forms.base import FormModel

_FORM_KEYS = tuple(dict.fromkeys(keys[0] for keys, _ in FORMS))


@dataclass(frozen=True)
class StateSource:
    """A state as it stands in the vocabulary or in a policy ('' for the vocabulary)."""

    name: str
    policy: str
    node: Any
    mark: Mark


@dataclass(frozen=True)
class RuleSource:
    """A rule as it stands in its file, with what a profile made of it."""

    id: str
    policy: str
    node: Map
    mark: Mark
    enabled: bool
    cites: tuple[str, ...] | None = None


def form_of(source: RuleSource, complaints: Complaints) -> type[FormModel] | None:
    """The form whose keys a rule has; None after a complaint that it has none or several."""
    node = source.node
    named = [keys for keys, _ in FORMS if all(key in node for key in keys)]
    if len(named) == 1 and (named[0][0] == "require" or "require" not in node):
        _check_keys(named[0][-1], dict(FORMS)[named[0]], node, complaints)
        return dict(FORMS)[named[0]]
    known = sorted({field for _, model in FORMS for field in keys_of(model)})
    unknown = [key for key in node if key not in known]
    for key in unknown:
        complaints.unknown(node.key_marks[key], "key", key, known, f" in `{source.id}`")
    if unknown and not named:
        return None
    if "require" in node and not named:
        message = "`require` needs one of `before`, `after`, `every`, `each`"
        complaints.add(node.key_marks["require"], "no-form", message)
    elif not named:
        message = f"the rule `{source.id}` has no form"
        complaints.add(source.mark, "no-form", message, f"it needs one of {', '.join(_FORM_KEYS)}")
    else:
        forms = {keys[-1] for keys in named}
        forms |= {"require"} if "require" in node and not any(keys[0] == "require" for keys in named) else set()
        keys = [key for key in node if key in forms]
        message = f"the rule `{source.id}` has more than one form: {' and '.join(f'`{key}`' for key in keys)}"
        complaints.add(node.key_marks[keys[-1]], "two-forms", message, "make it two rules")
    return None


def _check_keys(name: str, form: type[FormModel], node: Map, complaints: Complaints) -> None:
    """Complain of keys that belong to other forms."""
    known = keys_of(form)
    for key in [key for key in node if key not in known]:
        others = [f"`{keys[-1]}`" for keys, model in FORMS if key in keys_of(model)]
        if others:
            hint = f"it goes with {', '.join(others)}"
            complaints.add(node.key_marks[key], "unknown-key", f"`{key}` does not go with `{name}`", hint)
