"""Pages made from rule files: one for each policy, an index, and what speaks to each statement of a source.

`words` says a rule in sentences, `policies` and `coverage` lay the pages out, `statements` reads what a source says.
Nothing here writes a file, and no clock is read: the same rules and tests give the same bytes.
"""

from __future__ import annotations

from ethics_engine.documenting.coverage import coverage_page
from ethics_engine.documenting.library import MADE, Library
from ethics_engine.documenting.policies import index_page, policy_page
from ethics_engine.documenting.statements import STATEMENTS_FILE, Statements, read_statements

__all__ = ["MADE", "STATEMENTS_FILE", "Library", "Statements", "pages", "read_statements"]


def pages(library: Library) -> dict[str, str]:
    """Every page by its path in the folder of the documentation, with `/` between folders."""
    found = {f"policies/{policy.name}.md": policy_page(library, policy) for policy in library.rules.policies}
    found["policies/README.md"] = index_page(library)
    if library.statements is not None:
        found["coverage.md"] = coverage_page(library, library.statements)
    return dict(sorted(found.items()))
