"""The one error that ends a command: its text is the line that the person at the terminal reads."""

from __future__ import annotations


class StartError(Exception):
    """Signpost can't start or go on. The message says in one line what is wrong and what to do about it."""
