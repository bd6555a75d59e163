"""What every peer answers, and how it prints it: `python in_….py LOG [RULES]`, six rules unless more are asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from copies import FORMS

Finding = tuple[str, str, str, str]  # rule, practitioner, client, the trigger's id


def main(findings: Callable[[str, int], Iterable[Finding]]) -> None:
    """Print a peer's findings, one a line, sorted: rule, practitioner, client, the trigger's id."""
    path, rules = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else FORMS
    sys.stdout.writelines("\t".join(one) + "\n" for one in sorted(findings(path, rules)))
