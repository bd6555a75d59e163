"""What a shell offers for a word that has been begun: ids of rules, names of codes, types of events.

They are those of the shipped rules: a shell asks often, and settings or rules of one's own may be wrong just then.
"""

from __future__ import annotations

import click


def rule_ids(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """The ids of rules that begin so."""
    from ethics_engine.rules.loader import load_rules

    return sorted(source.id for source in load_rules().sources if source.id.startswith(begun))


def profiles(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """The professional codes that begin so."""
    from ethics_engine.rules.loader import profile_names

    return [name for name in profile_names() if name.startswith(begun)]


def event_types(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """The types of events that begin so, for the first word alone."""
    from ethics_engine.rules.loader import load_rules

    if ctx.params.get(parameter.name or ""):
        return []
    return sorted(name for name in load_rules().vocabulary.types if name != "finding" and name.startswith(begun))
