"""The monitor: practice software hands over events one at a time, and asks what follows from all of them."""

from ethics_engine.monitor.changes import Changes
from ethics_engine.monitor.monitor import Monitor

__all__ = ["Changes", "Monitor"]
