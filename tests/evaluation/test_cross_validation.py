"""The cross-validation: each line is read once, by heads that have not seen it, and the same way every time."""

from __future__ import annotations

import io
from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from bot.errors import StartError
from bot.evaluation import cross_validation
from bot.evaluation.cross_validation import CrossValidation, cross_validate
from bot.evaluation.measures import Fold

#: Three routes whose words have nothing in common, one of them in two kinds.
WORDS = {"greet": "hello", "thanks": "ta", "out_of_scope/food": "bread", "out_of_scope/shop": "till"}
TEXTS = [f"{word} {number:02}" for word in WORDS.values() for number in range(12)]
LABELS = [label for label in WORDS for _ in range(12)]


def alike(text: str) -> NDArray[np.float32]:
    """The same vector for all: what tells the texts apart is their words alone."""
    return np.ones(4, np.float32)


def crossed(texts: list[str], labels: list[str], folds: int = 3, encode: cross_validation.Encode = alike) -> CrossValidation:
    return cross_validate(texts, labels, encode, folds, Progress(console=Console(file=io.StringIO())))


def test_words_that_tell_the_routes_apart_are_learnt_from_the_other_parts() -> None:
    found = crossed(TEXTS, LABELS)
    assert found.found == found.meant
    assert (found.macro_f1, found.folds) == (1, (Fold(1, 1),) * 3)
    assert Counter(found.meant) == {"greet": 12, "thanks": 12, "out_of_scope": 24}


def test_vectors_count_as_well_as_words() -> None:
    corners = dict(zip(WORDS.values(), np.eye(4, dtype=np.float32), strict=True))
    texts = [f"a {chr(0x4E00 + number)}" for number in range(48)]  # the same word and a sign that no other text has
    seen = dict(zip(texts, (corners[text.split()[0]] for text in TEXTS), strict=True))
    assert crossed(texts, LABELS, encode=seen.__getitem__).macro_f1 == 1
    assert crossed(texts, LABELS).macro_f1 < 0.7


def test_a_line_is_never_read_by_heads_that_learnt_it(monkeypatch: pytest.MonkeyPatch) -> None:
    learnt: list[list[str]] = []
    fit = cross_validation.TfIdf.fit
    monkeypatch.setattr(cross_validation.TfIdf, "fit", lambda texts: (learnt.append(list(texts)), fit(texts))[1])
    crossed(TEXTS, LABELS)
    assert len(learnt) == 3
    left_out = [text for texts in learnt for text in set(TEXTS) - set(texts)]
    assert sorted(left_out) == sorted(TEXTS)
    for texts in learnt:
        assert Counter(LABELS[TEXTS.index(text)] for text in texts) == dict.fromkeys(WORDS, 8)


def test_each_line_is_encoded_once() -> None:
    encoded: list[str] = []
    crossed(TEXTS, LABELS, encode=lambda text: (encoded.append(text), alike(text))[1])
    assert sorted(encoded) == sorted(TEXTS)


def test_it_comes_out_the_same_every_time() -> None:
    labels = [LABELS[(7 * number) % len(LABELS)] for number in range(len(LABELS))]  # the words say nothing about these
    assert crossed(TEXTS, labels) == crossed(TEXTS, labels)


def test_the_kinds_of_a_route_count_together() -> None:
    """Nothing tells these lines apart, so each of the three labels is as likely as the others, and two are of one route."""
    labels = ["greet", "out_of_scope/food", "out_of_scope/shop"] * 12
    assert crossed(["hello"] * 36, labels).found == ("out_of_scope",) * 36


def test_the_routes_stand_in_their_own_order_with_the_figures_of_all_parts() -> None:
    found = CrossValidation(
        meant=("thanks", "thanks", "greet", "own_behaviour"),
        found=("thanks", "greet", "greet", "own_behaviour"),
        folds=(Fold(0.5, 0.5), Fold(1, 1)),
    )
    assert [(one.route, one.recall.value, one.precision.value) for one in found.by_route] == [
        ("own_behaviour", 1, 1),
        ("greet", 1, 0.5),
        ("thanks", 0.5, 1),
    ]
    assert found.macro_f1 == pytest.approx((1 + 2 / 3 + 2 / 3) / 3)
    assert found.in_a_line.endswith("which flatters: macro F1 0.778 (0.500 to 1.000), right 75.0%")


def test_a_label_with_fewer_lines_than_parts_is_named() -> None:
    with pytest.raises(StartError, match=r"--folds 3: thanks has 2 lines only; give fewer parts, or 0"):
        crossed(TEXTS[:14], LABELS[:14])
