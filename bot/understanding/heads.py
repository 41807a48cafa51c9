"""Linear heads: from features to shares of labels. Trained with scikit-learn, run with numpy alone."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Head:
    """Multinomial logistic regression: `weights` is (features, labels), `bias` (labels,)."""

    labels: tuple[str, ...]
    weights: Floats
    bias: Floats

    @classmethod
    def fit(cls, features: Any, labels: Sequence[str], *, regularisation: float, steps: int | None = None) -> Head:
        """Fit a head to features of shape (texts, features), dense or sparse. Rare labels count as much as frequent ones.

        With `steps` it goes over the texts so many times and is content; without, it goes on until it gains no more. The
        first is for sparse features, of which there are so many that the second takes long; scikit-learn warns of it, which
        the caller silences with `stopping_early`.
        """
        from sklearn.linear_model import LogisticRegression  # training only

        way = {"solver": "saga", "max_iter": steps, "random_state": 0} if steps else {"max_iter": 400}
        fitted = LogisticRegression(C=regularisation, tol=1e-2, class_weight="balanced", **way)
        fitted.fit(features, list(labels))
        weights, bias = fitted.coef_, fitted.intercept_
        if len(fitted.classes_) == 2:  # scikit-learn gives one row for two labels: what the second has over the first
            weights, bias = np.vstack([-weights, weights]) / 2, np.hstack([-bias, bias]) / 2
        return cls(
            labels=tuple(str(label) for label in fitted.classes_),
            weights=np.ascontiguousarray(weights.T, dtype=np.float32),
            bias=np.asarray(bias, dtype=np.float32),
        )

    def of_vector(self, vector: Floats) -> Floats:
        """The shares of the labels for a dense vector; sum 1."""
        return _shares(vector @ self.weights + self.bias)

    def of_many(self, features: Any) -> Floats:
        """The shares of the labels for many texts, dense or sparse: shape (texts, labels); each row's sum is 1."""
        return _shares(np.asarray(features @ self.weights + self.bias))

    def of_row(self, columns: NDArray[np.int64], values: Floats) -> Floats:
        """The shares of the labels for a sparse row; sum 1."""
        return _shares(values @ self.weights[columns] + self.bias)


@contextmanager
def stopping_early() -> Iterator[None]:
    """Within it, a head that did not go on to the end is no matter for a warning.

    It stands around whatever fits heads in threads, not within: a thread that changes the list of silenced warnings
    changes it for all.
    """
    from sklearn.exceptions import ConvergenceWarning  # training only

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def _shares(scores: Floats) -> Floats:
    raised: Floats = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), dtype=np.float32)
