"""What is wrong with the user's input: diagnostics with a place, and the exceptions that carry them.

Every complaint is rendered in one form, on the terminal and in `str(error)`:

    rules/endings.yaml:14:7: error[unknown-key]: unknown key `withn` in `require`
    14 |       withn: 30d
       |       ^^^^^ did you mean `within`?

Lines and columns count from 1; columns count characters.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_SHOWN_SOURCE = 160  # characters of a source line that are shown around the fault
_SHOWN_VALUE = 80  # characters of an offending value that are shown
_LONGEST_WORD = 100  # a longer word is never a slip of a known name


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One complaint about one place.

    `text` is the source line (without its newline), `width` how many of its characters the complaint is
    about. Where only a piece of a long line was kept, `text_column` is the column of its first character.
    """

    code: str
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    text: str | None = None
    width: int = 1
    hint: str | None = None
    text_column: int = 1

    @property
    def place(self) -> str:
        """`file:line:column`, as much of it as is known; empty without any."""
        parts = [printable(self.file)] if self.file is not None else []
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)

    def render(self) -> str:
        """The complaint as text: its place and message, the source line, a caret and the hint."""
        code = f"error[{self.code}]" if self.code else "error"
        message, hint = printable(self.message), printable(self.hint or "")
        head = f"{self.place}: {code}: {message}" if self.place else f"{code}: {message}"
        if self.text is None or self.line is None:
            return f"{head}\n    {hint}" if hint else head
        number = str(self.line)
        gutter = " " * len(number)
        source, caret = self._excerpt()
        under = f"{caret} {hint}" if hint else caret
        return f"{head}\n{number} | {source}\n{gutter} | {under}".rstrip()

    def _excerpt(self) -> tuple[str, str]:
        """The source line cut around the fault, and the carets that stand under it."""
        assert self.text is not None
        if self.column is None:
            return printable(self.text[:_SHOWN_SOURCE]).rstrip(), ""
        at = min(max(self.column - self.text_column, 0), len(self.text))
        start = max(0, min(at - _SHOWN_SOURCE // 4, len(self.text) - _SHOWN_SOURCE))
        end = start + _SHOWN_SOURCE
        before = printable(self.text[start:at])
        marked = printable(self.text[at : min(at + max(self.width, 1), end)])
        after = printable(self.text[min(at + max(self.width, 1), end) : end])
        lead = "…" if start > 0 or self.text_column > 1 else ""
        tail = "…" if end < len(self.text) else ""
        carets = " " * (len(lead) + len(before)) + "^" * max(len(marked), 1)
        return f"{lead}{before}{marked}{after}{tail}".rstrip(), carets

    def sort_key(self) -> tuple[str, int, int]:
        """Orders complaints by file, then by position."""
        return (self.file or "", self.line or 0, self.column or 0)


class EthicsEngineError(Exception):
    """Wrong input of the user, with file, line, column and field where there is one.

    Made from a message or from diagnostics, or from both. `diagnostics` holds every complaint, in order of
    position; where no file is given, the place is that of the first one. `str()` gives the rendered
    complaints, one after another.
    """

    def __init__(
        self,
        message: str | Iterable[Diagnostic] = "",
        *,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        field: str | None = None,
        diagnostics: Iterable[Diagnostic] = (),
    ) -> None:
        complaints = diagnostics if isinstance(message, str) else message
        self.diagnostics: tuple[Diagnostic, ...] = tuple(sorted(complaints, key=Diagnostic.sort_key))
        if self.diagnostics and file is None:
            first = self.diagnostics[0]
            file, line, column = first.file, first.line, first.column
        own = message if isinstance(message, str) else ""
        self.message = own or "; ".join(diagnostic.message for diagnostic in self.diagnostics)
        self.file = file
        self.line = line
        self.column = column
        self.field = field
        super().__init__(self.message)

    def __str__(self) -> str:
        if self.diagnostics:
            return render(self.diagnostics)
        if self.file is None:
            return self.message
        return Diagnostic("", self.message, self.file, self.line, self.column).render()


class RuleError(EthicsEngineError):
    """A rule file, a profile or a vocabulary is wrong: nothing is judged."""


class EventError(EthicsEngineError):
    """A log cannot be read, or an event handed over by the caller is refused."""


class StoreError(EthicsEngineError):
    """The store cannot be reached, read or written, or its chain is broken; what was acknowledged before stays.

    `temporary` says whether the same call may succeed later without anyone's help: another process was writing, or the
    server could not be reached.
    """

    def __init__(self, message: str, *, temporary: bool = False) -> None:
        super().__init__(message)
        self.temporary = temporary


class ConfigError(EthicsEngineError):
    """The configuration, an option or an argument is wrong; `field` names the argument of a call."""


def render(diagnostics: Sequence[Diagnostic]) -> str:
    """All complaints, one after another."""
    return "\n".join(diagnostic.render() for diagnostic in diagnostics)


def suggest(word: str, candidates: Iterable[str], alike: float = 0.6) -> str | None:
    """The candidate that `word` was most likely meant to be, or None where none is near.

    `alike` is the share of letters in common from which on two words are near: 1 for the same word.
    """
    names = sorted(set(candidates))
    if word in names:
        return word
    if not word or len(word) > _LONGEST_WORD:
        return None
    by_plain = {_plain(name): name for name in reversed(names)}
    near = [name for name in by_plain if _near_in_length(_plain(word), name)]
    found = difflib.get_close_matches(_plain(word), near, n=1, cutoff=alike)
    if found:
        return by_plain[found[0]]
    turned = ".".join(reversed(word.lower().split(".")))  # `touch.contact` for `contact.touch`
    return turned if turned in names else None


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """The hint "did you mean `x`?" for a word that is not among the candidates, or None."""
    found = suggest(word, candidates)
    return f"did you mean `{found}`?" if found is not None else None


def shown(value: object) -> str:
    """A value in backticks, as the user wrote it: cut where it is long, control characters made visible."""
    return f"`{_brief(_written(value))}`"


def printable(text: str) -> str:
    """The text with everything made visible that would move the cursor or could not be encoded."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else " " if char == "\t" else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def _written(value: object, depth: int = 0) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, (list, tuple)):
        inner = "…" if depth > 2 else ", ".join(_written(item, depth + 1) for item in value[:_SHOWN_VALUE])
        return f"[{_brief(inner)}]"
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, int) and abs(value) >= 10**_SHOWN_VALUE:
        return "a number of many digits"
    return str(value)


def _brief(text: str) -> str:
    return printable(text if len(text) <= _SHOWN_VALUE else text[: _SHOWN_VALUE - 1] + "…")


def _near_in_length(word: str, name: str) -> bool:
    """A slip changes few letters, unless the word was cut short or drawn out."""
    if abs(len(word) - len(name)) <= max(1, min(len(word), len(name)) // 3):
        return True
    return min(len(word), len(name)) >= 4 and (word.startswith(name) or name.startswith(word))


def _plain(word: str) -> str:
    return word.lower().replace("-", "_")
