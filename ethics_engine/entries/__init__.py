"""Entries: events that a person writes down by hand, from plain words to a line at the end of the log."""
