"""What a visitor typed, on its way from the socket to the reader."""

from __future__ import annotations


class Typed:
    """A text that can be taken once. Whoever takes it holds the only reference; what is left behind is empty.

    Requests, queues and tracebacks hold this and never the text, so that none of them keeps it alive or can show it.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str | None) -> None:
        self._text = text

    def take(self) -> str | None:
        """The text, the first time; None from then on, and None when nothing was typed."""
        text, self._text = self._text, None
        return text
