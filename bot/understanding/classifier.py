"""The classifier: word and character TF-IDF with a linear head. Trained with scikit-learn, run with numpy alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bot.understanding.text import plain

FORMAT: Final = 1
_CHARACTERS: Final = (2, 5)
_REGULARISATION: Final = 20.0


def grams(text: str) -> Iterator[str]:
    """What is counted in a text: words, word pairs, and runs of 2 to 5 characters within a word and its edges."""
    words = plain(text).split()
    yield from (f"w:{word}" for word in words)
    yield from (f"w:{first} {second}" for first, second in pairwise(words))
    low, high = _CHARACTERS
    for word in words:
        edged = f" {word} "
        for size in range(low, high + 1):
            yield from (f"c:{edged[i : i + size]}" for i in range(len(edged) - size + 1))
    # What is no word at all, such as emoji or only punctuation, still has a shape.
    if not words:
        yield from (f"s:{char}" for char in re.sub(r"\s", "", text)[:20])


class RouteModel:
    """Labels, the vocabulary with its weights, and the linear head: `weights` is (grams, labels), `bias` is (labels,)."""

    def __init__(
        self,
        labels: Sequence[str],
        vocabulary: dict[str, int],
        idf: NDArray[np.float32],
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
    ) -> None:
        self.labels = tuple(labels)
        self._vocabulary, self._idf, self._weights, self._bias = vocabulary, idf, weights, bias

    def probabilities(self, text: str) -> NDArray[np.float32]:
        """How likely each label is for a clean text; shape (labels,), sum 1."""
        columns, values = _row(text, self._vocabulary, self._idf)
        scores = self._bias + values @ self._weights[columns] if len(columns) else self._bias
        raised: NDArray[np.float32] = np.exp(scores - scores.max())
        shares: NDArray[np.float32] = raised / raised.sum()
        return shares

    def save(self, folder: Path) -> None:
        """Write the model as npz and JSON."""
        np.savez(folder / "model.npz", idf=self._idf, weights=self._weights, bias=self._bias)
        named = {"format": FORMAT, "labels": self.labels, "vocabulary": list(self._vocabulary)}
        (folder / "model.json").write_text(json.dumps(named, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> RouteModel:
        """Read what `save` wrote. Raises ValueError for another format."""
        named: dict[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        if named.get("format") != FORMAT:
            raise ValueError("the stored classifier is of another format")
        with np.load(folder / "model.npz", allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in ("idf", "weights", "bias")}
        return cls(named["labels"], {gram: i for i, gram in enumerate(named["vocabulary"])}, **arrays)


def train(texts: Sequence[str], labels: Sequence[str]) -> RouteModel:
    """Fit a model to clean texts and their labels. Deterministic."""
    # Training only: serving never imports scikit-learn through here.
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    counts: dict[str, int] = {}
    for text in texts:
        for gram in set(grams(text)):
            counts[gram] = counts.get(gram, 0) + 1
    vocabulary = {gram: i for i, gram in enumerate(sorted(gram for gram, count in counts.items() if count > 1))}
    seen = np.array([counts[gram] for gram in vocabulary], dtype=np.float32)
    idf = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32)

    rows = [_row(text, vocabulary, idf) for text in texts]
    ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    data, indices = np.concatenate([v for _, v in rows]), np.concatenate([c for c, _ in rows])
    matrix = csr_matrix((data, indices, ends), shape=(len(texts), len(vocabulary)))
    head = LogisticRegression(C=_REGULARISATION, max_iter=300, class_weight="balanced", tol=1e-3)
    head.fit(matrix, labels)
    return RouteModel(
        labels=[str(label) for label in head.classes_],
        vocabulary=vocabulary,
        idf=idf,
        weights=np.ascontiguousarray(head.coef_.T, dtype=np.float32),
        bias=head.intercept_.astype(np.float32),
    )


def _row(text: str, vocabulary: dict[str, int], idf: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The sparse TF-IDF row of a text, of length 1: known grams' columns and values."""
    counts: dict[int, int] = {}
    for gram in grams(text):
        column = vocabulary.get(gram)
        if column is not None:
            counts[column] = counts.get(column, 0) + 1
    columns = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
    times = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
    values = (1 + np.log(times)) * idf[columns] if len(counts) else times
    length = float(np.linalg.norm(values))
    return columns, (values / length if length else values).astype(np.float32)
