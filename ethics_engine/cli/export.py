"""`ethics-engine export`: the log of a store with its chains, to be verified and judged without the store."""

from __future__ import annotations

from pathlib import Path

import click

from ethics_engine.cli.keys import read_seal_key
from ethics_engine.reports.wording import counted
from ethics_engine.store.database import Store
from ethics_engine.store.exports import EVENTS, export


@click.command("export", short_help="Write the log of a store, with what proves it.")
@click.argument("store", metavar="STORE")
@click.option("-o", "--output", "folder", required=True, type=click.Path(path_type=Path), help="A new folder.")
@click.option("--key-file", metavar="FILE", help="The key that the store was made with.")
def command(store: str, folder: Path, key_file: str | None) -> None:
    """Write the log of STORE (sqlite:///FILE or postgresql://…) into a new folder, with the heads of its chains and the
    digest of the rules that judged it, so that a board can verify and judge it without the store.

    \b
    Examples:
      ethics-engine export sqlite:///practice.db -o for-the-board
      ethics-engine verify for-the-board
      ethics-engine check for-the-board/events.ndjson
    """
    opened = Store(store, None if key_file is None else read_seal_key(key_file), make=False)
    try:
        told = export(opened, folder)
    finally:
        opened.close()
    events, chains = counted(told.events, "event"), counted(told.practitioners, "chain")
    beside = "it" if told.events == 1 else "them"
    click.echo(f"{events} in {folder / EVENTS}, {chains} beside {beside}.")
