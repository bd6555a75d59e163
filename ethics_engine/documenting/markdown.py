"""Text as Markdown that shows it as it is."""

from __future__ import annotations

import re

from ethics_engine.reports.markdown import escaped

_BAR = re.compile(r"(?<!\\)\|")
_TICKS = re.compile(r"`+")


def prose(text: str) -> str:
    """A sentence as text: no markup, no link, one line."""
    return escaped(" ".join(text.split()))


def inline(text: str) -> str:
    """The same, where it stands inside a line."""
    return escaped(f"x{' '.join(text.split())}")[1:]


def code(text: str) -> str:
    """A name or a value in a code span, whatever it holds."""
    inner = " ".join(text.split())
    fence = "`" * (_longest(inner) + 1)
    pad = " " if inner.startswith("`") or inner.endswith("`") else ""
    return f"{fence}{pad}{inner}{pad}{fence}" if inner else "(empty)"


def block(text: str, language: str) -> str:
    """A block of code, whatever it holds."""
    fence = "`" * max(3, _longest(text) + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def anchor(name: str) -> str:
    """A place that links can lead to; `name` is a rule id or a statement's number."""
    return f'<a id="{_word(name)}"></a>'


def link(name: str, page: str = "") -> str:
    """A link in code letters to the place of that name, on a page or on this one."""
    return f"[{code(name)}]({page}#{_word(name)})"


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A table; the cells are Markdown already. A bar in a cell is escaped, as it must be even in a code span."""
    lines = [heads, ["---"] * len(heads), *([_BAR.sub(r"\\|", cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _word(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", name)


def _longest(text: str) -> int:
    return max((len(run) for run in _TICKS.findall(text)), default=0)
