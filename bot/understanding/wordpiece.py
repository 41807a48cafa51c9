"""Turn a text into the numbers that the sentence encoder reads: the uncased BERT tokenizer, standard library only.

It gives the same ids as the `tokenizers` package with the model's own settings, which need not be installed for it.
The two differ on purpose in one thing: a typed "[SEP]" or "[MASK]" is here plain text, never a control token. They
differ too on some signs newer than Unicode 8, which each knows by a table of its own.

Nothing is cached, since a cache of words would keep what people typed.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from bot.errors import StartError

#: The longest sequence, both ends included. Longer texts are cut: a message's point comes in its first sentences.
MAX_LENGTH: Final = 64

#: A longer run without a space or punctuation is not a word, and becomes one [UNK].
_LONGEST_WORD: Final = 100

_ASCII_LETTERS: Final = frozenset(string.ascii_lowercase)
_ASCII_PUNCTUATION: Final = frozenset(string.punctuation)

#: Where each character is a word of its own. Kana and Hangul are not among them, as in the original.
_IDEOGRAPHS: Final = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)


def _is_dropped(char: str, category: str) -> bool:
    """Accents and what can't be seen. Unassigned signs (Cn) stay: which those are depends on Python's version."""
    return category in {"Mn", "Cc", "Cf", "Co", "Cs"} or char == "\N{REPLACEMENT CHARACTER}"


def _stands_alone(char: str, category: str) -> bool:
    if char in _ASCII_PUNCTUATION or category[0] == "P":
        return True
    point = ord(char)
    return point >= _IDEOGRAPHS[0][0] and any(first <= point <= last for first, last in _IDEOGRAPHS)


def words(text: str) -> Iterator[str]:
    """The words, punctuation marks and ideographs of a text, in order, in small letters and without accents."""
    word = ""
    for char in unicodedata.normalize("NFD", text):
        if char in _ASCII_LETTERS:
            word += char
            continue
        # Tab and line ends are controls by their category, but part words.
        category = "Zs" if char in "\t\n\r" else unicodedata.category(char)
        if _is_dropped(char, category):
            continue
        alone = _stands_alone(char, category)
        if not alone and not char.isspace():
            # Letter by letter, because str.lower() gives a final sigma its own form, and the vocabulary hasn't got it.
            word += char.lower()
            continue
        if word:
            yield word
            word = ""
        if alone:
            yield char
    if word:
        yield word


class WordPiece:
    """A vocabulary and the way to split words by it."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        """Take the pieces in the order of their ids. A piece that goes on a word begins with "##".

        Raises:
            StartError: a piece that every text needs is not there.
        """
        self._ids = {piece: number for number, piece in enumerate(vocabulary)}
        try:
            self._start, self._end, self._unknown = (self._ids[piece] for piece in ("[CLS]", "[SEP]", "[UNK]"))
        except KeyError as error:
            raise StartError(f"the encoder's vocabulary has no {error}: get the folder data/encoder again") from error
        self._longest_piece = max(map(len, vocabulary))

    @classmethod
    def read(cls, path: Path) -> WordPiece:
        """Read a file of one piece a line. Raises OSError if it can't be read."""
        return cls(path.read_bytes().decode().removesuffix("\n").split("\n"))

    def encode(self, text: str) -> list[int]:
        """The ids of a text: 2 for an empty one, up to `MAX_LENGTH`. Any string will do; reading stops when full."""
        ids = [self._start]
        for word in words(text):
            ids += self._split(word)
            if len(ids) >= MAX_LENGTH - 1:
                break
        return [*ids[: MAX_LENGTH - 1], self._end]

    def _split(self, word: str) -> list[int]:
        """The longest piece that the word begins with, then the longest of the rest, and so on, or else [UNK]."""
        if len(word) > _LONGEST_WORD:
            return [self._unknown]
        found: list[int] = []
        begin = 0
        while begin < len(word):
            prefix = "##" if begin else ""
            for end in range(min(len(word), begin + self._longest_piece), begin, -1):
                number = self._ids.get(prefix + word[begin:end])
                if number is not None:
                    found.append(number)
                    begin = end
                    break
            else:
                return [self._unknown]
        return found
