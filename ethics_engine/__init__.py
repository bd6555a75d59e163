"""A rules engine for the boundaries of psychotherapy: YAML policies, logged events, findings with their evidence.

from ethics_engine import load_rules, check

rules = load_rules()                       # shipped; or load_rules("my-rules/", profile="apa-2017")
report = check("practice.ndjson", rules)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ethics_engine.errors import ConfigError, EthicsEngineError, EventError, RuleError, StoreError
from ethics_engine.version import __version__

if TYPE_CHECKING:
    from ethics_engine.api import RuleSet, check, load_rules
    from ethics_engine.findings import CannotTell, Finding, Obligation, Report
    from ethics_engine.monitor import Monitor

__all__ = [
    "CannotTell",
    "ConfigError",
    "EthicsEngineError",
    "EventError",
    "Finding",
    "Monitor",
    "Obligation",
    "Report",
    "RuleError",
    "RuleSet",
    "StoreError",
    "__version__",
    "check",
    "load_rules",
]

_HOMES = {
    "RuleSet": "api",
    "check": "api",
    "load_rules": "api",
    "CannotTell": "findings",
    "Finding": "findings",
    "Monitor": "monitor",
    "Obligation": "findings",
    "Report": "findings",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: the command line starts sooner."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"ethics_engine.{_HOMES[name]}"), name)
