"""Snapshots: what a test expects to the byte, in `tests/snapshots/`. `UPDATE_SNAPSHOTS=1 pytest …` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "snapshots"


def assert_snapshot(name: str, actual: str) -> None:
    """Compare text with the snapshot of that name (a file name)."""
    path = FOLDER / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_bytes(actual.encode("utf-8"))
    expected = path.read_bytes().decode("utf-8") if path.exists() else ""

    assert expected == actual
