"""Spelling repair: a word that nobody knows becomes the likeliest known word one slip away.

A slip is one letter missing, added, changed, or swapped with its neighbour. Words of the training lines come before words of
ordinary English, the frequent before the rare. What is known is left alone, and so is a text that looks like another language.
The lexicon reads the text as it was typed too, so a repair can add a safety word but never take one away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_WORD: Final = re.compile(r"[a-z]{4,20}(?!['’\w])", re.IGNORECASE)
_ANY_WORD: Final = re.compile(r"[^\W\d_]{2,}")
#: With more unknown words than this it is hardly English; repairing would make up a meaning.
_FOREIGN: Final = 0.6


class Spelling:
    """Knows ordinary English (`english`, most frequent first) and the words of the training lines with their counts."""

    def __init__(self, english: Sequence[str], own: Mapping[str, int]) -> None:
        # A rank, lower is better: the project's own words first, by how often they stand in the lines.
        ranks = {word: len(own) + place for place, word in enumerate(english)}
        ranks.update({word: place for place, word in enumerate(sorted(own, key=lambda word: -own[word]))})
        self._ranks = ranks

    @classmethod
    def read(cls, path: Path, own: Mapping[str, int]) -> Spelling:
        """Take ordinary English from a file with one word a line."""
        return cls(path.read_text(encoding="utf-8").split(), own)

    def repair(self, text: str) -> str:
        """The text with its misspelt words repaired; all else as it was."""
        words = _ANY_WORD.findall(text)
        unknown = sum(word.lower() not in self._ranks for word in words)
        if not unknown or unknown > max(1, len(words) * _FOREIGN):
            return text
        return _WORD.sub(lambda match: self._repaired(match[0]), text)

    def _repaired(self, word: str) -> str:
        lower = word.lower()
        if lower in self._ranks:
            return word
        known = [slip for slip in _slips(lower) if slip in self._ranks]
        return min(known, key=lambda slip: self._ranks[slip]) if known else word


def _slips(word: str) -> Iterator[str]:
    for i in range(len(word) + 1):
        before, after = word[:i], word[i:]
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in _LETTERS)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        yield from (before + letter + after for letter in _LETTERS)
