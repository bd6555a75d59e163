"""The reference rules as many times as are asked for, so that the cost of more rules can be measured.

Rules are numbered from 1 to `rules` and go through the six forms in turn. The first six are `reference.yaml` itself.
Each further round is a copy that differs: it judges from a later day (`effective`, a day a round, from 2 January 2025),
and the windows of R3 and R6 are a day longer each round. No two rules are the same, so none can be judged for another.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

FORMS = 6
ALWAYS = datetime.min.replace(tzinfo=UTC)
_FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)
_DAYS = {3: 60, 6: 30}  # the windows of `reference.yaml`, by form


class Copy(NamedTuple):
    """One rule: its id, the instant from which it judges, and its window (none: zero)."""

    rule: str
    start: datetime
    window: timedelta


def copies(rules: int) -> dict[int, list[Copy]]:
    """So many rules, by form (1 to 6).

    Raises:
        ValueError: fewer than six rules are asked for.
    """
    if rules < FORMS:
        raise ValueError(f"at least {FORMS} rules are compared, not {rules}")
    found: dict[int, list[Copy]] = {form: [] for form in range(1, FORMS + 1)}
    for number in range(rules):
        again, form = number // FORMS, number % FORMS + 1
        name = f"reference.r{form}" + (f".{again}" if again else "")
        start = _FIRST_DAY + timedelta(days=again) if again else ALWAYS
        found[form].append(Copy(name, start, timedelta(days=_DAYS[form] + again if form in _DAYS else 0)))
    return found


def policy(rules: int) -> dict[str, Any]:
    """The same rules as a policy of the rule language, from `reference.yaml`. Needs PyYAML."""
    import yaml

    file = Path(__file__).with_name("reference.yaml")
    whole: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    written = {}
    for form, each in copies(rules).items():
        for copy in each:
            rule = dict(whole["rules"][f"reference.r{form}"])
            if copy.start != ALWAYS:
                rule["effective"] = {"from": f"{copy.start:%Y-%m-%d}"}
            if copy.window:
                rule["within"] = f"{copy.window.days}d"
            written[copy.rule] = rule
    return whole | {"rules": written}
