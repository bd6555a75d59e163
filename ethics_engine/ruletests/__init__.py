"""Tests of rules, kept as data beside them."""
