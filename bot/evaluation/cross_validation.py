"""Cross-validation: the classifier's two heads are trained on all parts of the training lines but one, and read that one.

What the encoder makes of a line is the same whatever a head learns, so each line is encoded once for all parts. The encoder
was tuned on these very lines, though, and lines of one writer stand on both sides: the figures flatter, and the report says so.
What they are good for is comparing routes, and one state of the lines with the next. Spelling repair, the lexicon and the
thresholds have no part in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from bot.errors import StartError
from bot.evaluation.measures import Fold, RouteFigures, by_route, macro_f1, share
from bot.understanding.classifier import ENCODER_SHARE, head_on_vectors, head_on_words
from bot.understanding.heads import stopping_early
from bot.understanding.routes import ROUTES
from bot.understanding.tfidf import TfIdf

Encode = Callable[[str], NDArray[np.float32]]

_SEED: Final = 20_260
#: Two parts at a time: the solvers let go of Python's lock for most of their work.
_AT_ONCE: Final = 2


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """What came of it: the route that each line was meant for, the one it was taken for, and the figures of each part."""

    meant: tuple[str, ...]
    found: tuple[str, ...]
    folds: tuple[Fold, ...]

    @property
    def macro_f1(self) -> float:
        """The mean F1 of all routes, over all parts together."""
        return macro_f1(self.meant, self.found)

    @property
    def in_a_line(self) -> str:
        """The figures as the terminal shows them, with those of the worst and the best part."""
        low, high = (pick(one.macro_f1 for one in self.folds) for pick in (min, max))
        right = share(one == wanted for one, wanted in zip(self.found, self.meant, strict=True))
        return (
            f"Cross-validation over {right.of} training lines in {len(self.folds)} parts, which flatters: "
            f"macro F1 {self.macro_f1:.3f} ({low:.3f} to {high:.3f}), right {right.value:.1%}"
        )

    @property
    def by_route(self) -> list[RouteFigures]:
        """Recall, precision and F1 of each route, over all parts together."""
        return sorted(by_route(self.meant, self.found), key=lambda figures: ROUTES.index(figures.route))


def cross_validate(
    texts: Sequence[str], labels: Sequence[str], encode: Encode, folds: int, progress: Progress
) -> CrossValidation:
    """Train on all parts but one and read that one, for each; every part holds its share of each label. Deterministic.

    Args:
        texts: Clean texts.
        labels: Their labels. Routes are compared, which are what stands before a "/".
        encode: The vector of a text; called for each once, from two threads.

    Raises:
        StartError: a label that has fewer lines than there are parts.
    """
    from sklearn.model_selection import StratifiedKFold  # evaluation only

    for label, lines in Counter(labels).items():
        if lines < folds:
            raise StartError(f"--folds {folds}: {label} has {lines} lines only; give fewer parts, or 0 for none")
    routes = [label.partition("/")[0] for label in labels]
    parts = StratifiedKFold(folds, shuffle=True, random_state=_SEED).split(np.zeros(len(texts)), list(labels))
    with stopping_early(), ThreadPoolExecutor(_AT_ONCE) as pool:
        encoded = pool.map(encode, texts)
        vectors = np.stack(list(progress.track(encoded, total=len(texts), description="Encoding the training lines")))
        read = pool.map(lambda part: (part[1], _read(part[0], part[1], texts, labels, vectors)), parts)
        return _together(progress.track(read, total=folds, description="Training on parts and reading the rest"), routes)


def _together(read: Iterable[tuple[NDArray[np.int64], list[str]]], routes: Sequence[str]) -> CrossValidation:
    """Put the parts together: the places of a part's lines, and the routes that they were taken for."""
    meant: list[str] = []
    found: list[str] = []
    folds: list[Fold] = []
    for outside, taken_for in read:
        wanted = [routes[at] for at in outside]
        right = share(one == other for one, other in zip(taken_for, wanted, strict=True))
        folds.append(Fold(macro_f1(wanted, taken_for), right.value))
        meant += wanted
        found += taken_for
    return CrossValidation(tuple(meant), tuple(found), tuple(folds))


def _read(
    inside: NDArray[np.int64],
    outside: NDArray[np.int64],
    texts: Sequence[str],
    labels: Sequence[str],
    vectors: NDArray[np.float32],
) -> list[str]:
    """Train on the lines `inside`; the likeliest route of each line `outside`."""
    taught = [labels[at] for at in inside]
    tfidf = TfIdf.fit([texts[at] for at in inside])
    known, unknown = (tfidf.rows([texts[at] for at in part]) for part in (inside, outside))
    of_vectors = head_on_vectors(vectors[inside], taught)
    of_words = head_on_words(known, taught)
    shares = ENCODER_SHARE * of_vectors.of_many(vectors[outside]) + (1 - ENCODER_SHARE) * of_words.of_many(unknown)
    # Both heads have their labels in the order of the alphabet; a route's share is the sum of its labels'.
    of_labels = [label.partition("/")[0] for label in sorted(set(taught))]
    routes = list(dict.fromkeys(of_labels))
    sums = np.stack([shares[:, [one == route for one in of_labels]].sum(axis=1) for route in routes], axis=1)
    return [routes[at] for at in sums.argmax(axis=1)]
