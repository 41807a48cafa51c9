"""The classifier: a sentence encoder and word and character TF-IDF, each with a linear head, their shares averaged.

The encoder knows that two sentences mean the same; TF-IDF knows the very words. A third head, on the encoder's vector alone,
does nothing but tell a crisis from everything else.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from bot.understanding.encoder import Encoder
from bot.understanding.heads import Floats, Head, stopping_early
from bot.understanding.safety import CRISIS, CRISIS_ROUTES
from bot.understanding.spelling import Spelling
from bot.understanding.tfidf import TfIdf

FORMAT: Final = 2
#: How much the encoder's head counts beside TF-IDF's. Chosen on the calibration set.
ENCODER_SHARE: Final = 0.5
#: The crisis head's label for all that is no crisis.
NEITHER: Final = "neither"


@dataclass(frozen=True, slots=True)
class RouteModel:
    """Everything that is learnt from the training lines. The encoder and the spelling's English are not; they are files.

    `words` counts the lines' words, for spelling repair.
    """

    tfidf: TfIdf
    heads: dict[str, Head]
    words: dict[str, int]

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the routes' heads."""
        return self.heads["encoder"].labels

    def save(self, folder: Path) -> None:
        """Write the model as npz and JSON."""
        arrays = {f"{name}.{part}": getattr(head, part) for name, head in self.heads.items() for part in ("weights", "bias")}
        np.savez(folder / "model.npz", idf=self.tfidf.idf, **arrays)
        named = {
            "format": FORMAT,
            "vocabulary": self.tfidf.vocabulary,
            "words": self.words,
            "labels": {name: head.labels for name, head in self.heads.items()},
        }
        (folder / "model.json").write_text(json.dumps(named, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> RouteModel:
        """Read what `save` wrote. Raises ValueError for another format."""
        named: dict[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        if named.get("format") != FORMAT:
            raise ValueError("the stored classifier is of another format")
        with np.load(folder / "model.npz", allow_pickle=False) as stored:
            heads = {
                name: Head(tuple(labels), stored[f"{name}.weights"], stored[f"{name}.bias"])
                for name, labels in named["labels"].items()
            }
            return cls(TfIdf(named["vocabulary"], stored["idf"]), heads, named["words"])


class Classifier:
    """A trained model with the encoder and the spelling it needs."""

    def __init__(self, model: RouteModel, encoder: Encoder, spelling: Spelling) -> None:
        self._model, self._encoder, self._spelling = model, encoder, spelling

    def shares(self, text: str) -> dict[str, float]:
        """How likely each label is for a clean text, and `crisis/<route>` from the crisis head.

        The repaired text decides the route. For a crisis the text as typed is looked at too, and the likelier counts.
        """
        repaired = self._spelling.repair(text)
        vector = self._encoder.encode(repaired)
        heads = self._model.heads
        routes = ENCODER_SHARE * heads["encoder"].of_vector(vector)
        routes += (1 - ENCODER_SHARE) * heads["tfidf"].of_row(*self._model.tfidf.row(repaired))
        crisis = heads["crisis"].of_vector(vector)
        if repaired != text:
            crisis = np.maximum(crisis, heads["crisis"].of_vector(self._encoder.encode(text)))
        found = dict(zip(self._model.labels, routes.tolist(), strict=True))
        crises = dict(zip(heads["crisis"].labels, crisis.tolist(), strict=True))
        return found | {f"{CRISIS}{route}": crises.get(route, 0.0) for route in CRISIS_ROUTES}


def head_on_vectors(vectors: Floats, labels: Sequence[str]) -> Head:
    """Fit the routes' head on the encoder's vectors."""
    return Head.fit(vectors, labels, regularisation=10.0)


def head_on_words(rows: Any, labels: Sequence[str]) -> Head:
    """Fit the routes' head on TF-IDF's sparse rows, within `stopping_early`.

    In 20 passes over the lines: more gain nothing on the calibration set, and the time for a whole fit is a minute.
    """
    return Head.fit(rows, labels, regularisation=20.0, steps=20)


def train(texts: Sequence[str], labels: Sequence[str], encoder: Encoder) -> RouteModel:
    """Fit all heads to clean texts and their labels. Deterministic.

    The head on words is fitted beside the rest, where there is a second core: both leave Python's lock alone.
    """
    tfidf = TfIdf.fit(texts)
    words = Counter(word for text in texts for word in re.findall(r"[a-z]{2,}", text.lower()))
    crises = [label if label in CRISIS_ROUTES else NEITHER for label in labels]
    with stopping_early(), ThreadPoolExecutor(1) as beside:
        on_words = beside.submit(head_on_words, tfidf.rows(texts), labels)
        vectors: Floats = encoder.encode_many(texts)
        fitted = {
            "encoder": head_on_vectors(vectors, labels),
            "crisis": Head.fit(vectors, crises, regularisation=1.0),
            "tfidf": on_words.result(),
        }
    # Once is a misspelling as likely as a word.
    return RouteModel(tfidf, fitted, {word: count for word, count in words.items() if count > 1})
