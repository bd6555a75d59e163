"""Python's search for reference cycles, paused where much is made that stays and nothing that goes in circles.

It looks at every object that lives again and again while a log of many events grows in memory. Reading a log, loading
rules and judging leave no cycles behind (counted with `gc.collect()`), so that there is nothing for it to find; a third
of the judging time went into it.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_paused() -> Iterator[None]:
    """Look for no cycles meanwhile; afterwards it is as it was before."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
