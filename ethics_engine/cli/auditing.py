"""What an audit of a large log may use, and how far it is, told on a terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from ethics_engine.errors import ConfigError, shown
from ethics_engine.means import Means, machine_memory

_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*(%|[KMGT]?B?)", re.ASCII | re.IGNORECASE).fullmatch
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
LEAST_MEMORY = 10**9
"""Bytes: below it the processes of an audit have no room for a part."""


def means_of(memory: str | None, scratch: str | None, workers: int | None = None) -> Means:
    """What an audit may use: so many processes (all cores), and what `--memory` and `--scratch` say.

    Raises:
        ConfigError: it is no size, or too small a one.
    """
    return Means(memory=None if memory is None else _bytes(memory), scratch=scratch, workers=workers)


def _bytes(text: str) -> int:
    found = _SIZE(text.strip())
    if found is None:
        raise ConfigError(f"--memory: {shown(text)} is no size; write one such as 4GB, or a share such as 50%")
    amount, unit = float(found[1]), found[2].upper().rstrip("B")
    if unit == "%":
        if not 0 < amount <= 100:
            raise ConfigError(f"--memory: {shown(text)} is no share of the machine; write one from 1% to 100%")
        size = int(machine_memory() * amount / 100)
    else:
        size = int(amount * _UNITS[unit])
    if size < LEAST_MEMORY:
        raise ConfigError(f"--memory: {shown(text)} is too little for an audit; it needs at least 1GB")
    return size


class Progress:
    """How far an audit is: rows done and all of them, shown in a line on stderr where that is a terminal."""

    def __init__(self) -> None:
        self.done = self.rows = 0
        self._show: Callable[[str, int, int], None] | None = None

    def __call__(self, what: str, done: int, rows: int) -> None:
        self.done, self.rows = done, rows
        if self._show is not None:
            self._show(what, done, rows)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show it meanwhile, with an estimate of the time left; an interrupt says what was done."""
        try:
            if sys.stderr is None or not sys.stderr.isatty():
                yield
                return
            with _bar() as self._show:
                yield
        except KeyboardInterrupt:
            far = f"{self.done:,} of {self.rows:,} events were read; " if self.rows else ""
            click.echo(f"stopped: {far}nothing was written", err=True)
            raise


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("events"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("judging", total=None, visible=False)

        def tell(what: str, done: int, rows: int) -> None:
            bar.update(task, description=what, completed=done, total=rows, visible=True)

        yield tell
