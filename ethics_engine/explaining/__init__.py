"""Explanations: a finding step by step, and why a rule did not find an event."""

from __future__ import annotations

from ethics_engine.explaining.finding import explain
from ethics_engine.explaining.inquiry import Inquiry
from ethics_engine.explaining.model import Answer, Explanation
from ethics_engine.explaining.why_not import why_not

__all__ = ["Answer", "Explanation", "Inquiry", "explain", "why_not"]
