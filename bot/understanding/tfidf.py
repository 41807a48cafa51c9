"""Word and character TF-IDF: which words and runs of letters a text holds, weighed by how telling they are. Plain numpy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bot.understanding.text import plain

_CHARACTERS: Final = range(2, 6)
#: What is no word at all, such as emoji or punctuation, still has a shape; so many signs of it are looked at.
_SIGNS: Final = 20


def grams(text: str) -> Iterator[str]:
    """What is counted in a text: words, word pairs, and runs of 2 to 5 characters within a word and its edges."""
    words = plain(text).split()
    yield from (f"w:{word}" for word in words)
    yield from (f"w:{first} {second}" for first, second in pairwise(words))
    for word in words:
        edged = f" {word} "
        for size in _CHARACTERS:
            yield from (f"c:{edged[i : i + size]}" for i in range(len(edged) - size + 1))
    if not words:
        yield from (f"s:{sign}" for sign in re.sub(r"\s", "", text)[:_SIGNS])


class TfIdf:
    """A vocabulary of grams with their inverse document frequencies, shape (grams,)."""

    def __init__(self, vocabulary: Sequence[str], idf: NDArray[np.float32]) -> None:
        self.vocabulary, self.idf = list(vocabulary), idf
        self._columns = {gram: column for column, gram in enumerate(self.vocabulary)}

    @classmethod
    def fit(cls, texts: Sequence[str]) -> TfIdf:
        """Take every gram that stands in more than one of the texts."""
        counts: dict[str, int] = {}
        for text in texts:
            for gram in set(grams(text)):
                counts[gram] = counts.get(gram, 0) + 1
        vocabulary = sorted(gram for gram, count in counts.items() if count > 1)
        seen = np.array([counts[gram] for gram in vocabulary], dtype=np.float32)
        return cls(vocabulary, (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32))

    def row(self, text: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """A text's sparse row of length 1: the columns of its known grams, and their values."""
        counts: dict[int, int] = {}
        for gram in grams(text):
            column = self._columns.get(gram)
            if column is not None:
                counts[column] = counts.get(column, 0) + 1
        columns = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
        values = 1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))
        values = (values * self.idf[columns]).astype(np.float32)
        length = float(np.linalg.norm(values))
        return columns, values / np.float32(length or 1)

    def rows(self, texts: Sequence[str]) -> Any:
        """A sparse matrix with a text's row for each: scipy's `csr_matrix` of shape (texts, grams)."""
        from scipy.sparse import csr_matrix  # training and evaluation only

        columns, values = zip(*map(self.row, texts), strict=True)
        ends = np.cumsum([0, *map(len, columns)])
        return csr_matrix((np.concatenate(values), np.concatenate(columns), ends), shape=(len(texts), len(self.vocabulary)))
