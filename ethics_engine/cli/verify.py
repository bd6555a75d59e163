"""`ethics-engine verify`: whether the evidence of a store or an export is what was recorded."""

from __future__ import annotations

from pathlib import Path

import click

from ethics_engine.cli.keys import read_seal_key
from ethics_engine.errors import printable
from ethics_engine.store.database import Store
from ethics_engine.store.evidence import Verified, verify
from ethics_engine.store.exports import heads_of, verify_export

EXIT_FAULTS = 1


@click.command("verify", short_help="Check that a store or an export is what was recorded.")
@click.argument("store", metavar="STORE")
@click.option("--key-file", metavar="FILE", help="The key that the store was made with.")
@click.option(
    "--against",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of an earlier export, whose chains must go on in this one.",
)
@click.pass_context
def command(ctx: click.Context, store: str, key_file: str | None, against: Path | None) -> None:
    """Check that STORE (sqlite:///FILE, postgresql://…, or the folder of an export) is what was recorded.

    Each practitioner's events form a chain of SHA-256 digests. The first row that was altered, removed, added or
    moved is named, one for each chain that has one; a chain or an expected seal that is missing is a failure.

    \b
    Examples:
      ethics-engine verify sqlite:///practice.db
      ethics-engine verify sqlite:///practice.db --key-file seal.key
      ethics-engine verify export-2026 --against export-2025

    Exit code 0: all holds. 1: something does not. 2: it could not be checked.
    """
    key = None if key_file is None else read_seal_key(key_file)
    earlier = None if against is None else heads_of(against)
    folder = Path(store)
    if folder.is_dir():
        told = verify_export(folder, key, earlier)
    else:
        opened = Store(store, key, make=False)
        try:
            told = verify(opened, earlier)
        finally:
            opened.close()
    click.echo(_text(told))
    ctx.exit(EXIT_FAULTS if told.faults else 0)


def _text(told: Verified) -> str:
    chains = f"{told.practitioners} chain{'' if told.practitioners == 1 else 's'}"
    rows = f"{told.events} event{'' if told.events == 1 else 's'}"
    if not told.faults:
        seals = "; every seal holds" if told.sealed else "; no seal was checked"
        return f"All holds: {chains}, {rows}{seals}."
    head = f"This is not what was recorded ({chains}, {rows}):"
    return "\n".join([head, *(f"  {printable(str(fault))}" for fault in told.faults)])
