"""The oracle: `semantics.md`, transcribed. Slow, obvious, and without a line of the package.

    judge(rules, events, vocabulary, as_of=None, timezone="UTC", currency=None) -> Verdict

Plain Python data goes in (the mappings that YAML and JSON give, every rule scalar as text), plain tuples come out.
Where the page is silent, a docstring says `Decision:`.
"""

from .judge import CannotTell, Finding, Obligation, Verdict, judge

__all__ = ["CannotTell", "Finding", "Obligation", "Verdict", "judge"]
