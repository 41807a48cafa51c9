"""Nearly the same line under two routes, and training lines that are nearly a held-apart line.

Two measures have to agree: the letters (the share of character trigrams that two lines have in common) and the meaning (the
cosine of their vectors). Measured on 28 million pairs of lines of two routes, and on 900 lines against themselves with one
small change (a synonym, a typing error, a word left out, "please"), of which the two together find nine in ten. Letters alone
take "what are you" for "what are your hours". Meaning alone takes "leaflets?" for "leaflets for school?"; within a route it
says little, since the encoder was tuned to pull a route's lines together. What is alike by both and stands under two routes on
purpose ("my wife uses it", "I use it") differs in whom, how old or when: `data/style.yml` has those words, and so a change in
one of them is not found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.evaluation.lint.entries import Entry, Finding
from bot.evaluation.lint.rules import Style, quoted
from bot.understanding.text import clean

Encode = Callable[[str], NDArray[np.float32]]

#: The share of all trigrams of two lines that both have (Jaccard), and the cosine.
LIKE_LETTERS: Final = 0.6
LIKE_MEANING: Final = 0.85
#: A held-apart line of fewer words ("tell me a joke") is what many people write; that it is alike shows nothing.
WORDS_TO_LEAK: Final = 6
#: So many lines are compared with all others at a time: 25 MB for 12,000 lines.
_BLOCK: Final = 500


def near_doubles(training: Sequence[Entry], held_apart: Sequence[Entry], style: Style, encode: Encode) -> Iterator[Finding]:
    """What is wrong with pairs of a training line and another line. The same line twice is `doubles`' matter.

    Args:
        style: Knows the words that tell routes apart.
        encode: The vector, of length 1, of a clean text. Only lines that are alike by their letters are encoded.
    """
    entries = [*training, *held_apart]
    vector = cache(lambda entry: encode(clean(entry.text)))
    for first, second in _alike_by_letters(entries, len(training)):
        one, other = entries[first], entries[second]
        leaks = second >= len(training)
        if one.plain == other.plain or not (_long(one, other) if leaks else _unmeant(one, other, style)):
            continue
        cosine = float(vector(one) @ vector(other))
        if cosine >= LIKE_MEANING:
            why = "held apart" if leaks else other.label
            yield Finding(one, f"{quoted(one)} is nearly {quoted(other)} at {other.place} ({why}; cosine {cosine:.2f})")


def _alike_by_letters(entries: Sequence[Entry], training: int) -> Iterator[tuple[int, int]]:
    """Pairs of places in `entries`, the first one below `training` and before the second."""
    from scipy.sparse import csr_matrix  # the linter only

    columns: dict[str, int] = {}
    grams = [[columns.setdefault(gram, len(columns)) for gram in sorted(_trigrams(entry.plain))] for entry in entries]
    sizes = np.array([len(one) for one in grams], dtype=np.float32)
    ones = np.ones(int(sizes.sum()), dtype=np.float32)
    ends = np.cumsum([0, *map(len, grams)])
    matrix = csr_matrix((ones, list(chain.from_iterable(grams)), ends), shape=(len(grams), len(columns)))
    for start in range(0, training, _BLOCK):
        stop = min(start + _BLOCK, training)
        shared = (matrix[start:stop] @ matrix[start:].T).toarray()
        all_of_both = sizes[start:stop, None] + sizes[None, start:] - shared
        for row, column in np.argwhere(shared >= LIKE_LETTERS * all_of_both).tolist():
            if row < column:
                yield start + row, start + column


def _trigrams(text: str) -> set[str]:
    edged = f" {text} "
    return {edged[at : at + 3] for at in range(len(edged) - 2)}


def _long(one: Entry, other: Entry) -> bool:
    return min(len(one.plain.split()), len(other.plain.split())) >= WORDS_TO_LEAK


def _unmeant(one: Entry, other: Entry, style: Style) -> bool:
    """Whether two lines stand under two routes and differ in no word that would say why."""
    if one.route == other.route:
        return False
    words, others = Counter(one.plain.split()), Counter(other.plain.split())
    return _telling(words - others, style) == _telling(others - words, style)


def _telling(words: Counter[str], style: Style) -> Counter[str]:
    kinds = (style.telling_kind(word) for word in words.elements())
    return Counter(kind for kind in kinds if kind)
