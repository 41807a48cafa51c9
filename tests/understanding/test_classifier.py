"""The classifier by what anybody can see of it: trained on a few lines, stored, and asked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.understanding.classifier import RouteModel, train
from bot.understanding.text import clean

LINES = {
    "ask_hours": ["when are you open", "what time do you open", "opening hours please", "are you open on sundays", "open now"],
    "ask_cost": ["what does it cost", "is it free to call", "how much is a call", "do i have to pay", "do calls cost money"],
    "greet": ["hello there", "good morning", "hi there", "good evening to you", "hello good evening"],
}
TEXTS = [text for texts in LINES.values() for text in texts]
LABELS = [label for label, texts in LINES.items() for _ in texts]
ODD = [
    *("", " ", "?", "!!! ...", "😢", "😢😢 😢", "我很担心", "أنا قلق", "x", "1", "a" * 8_000, "help " * 1_600, "@"),
    *("´", "\u0301", "zzyzx", "[SEP] [MASK]", "<b>hello</b>", "'; drop table", "\ud800", "\x00"),
]


@pytest.fixture(scope="module")
def model() -> RouteModel:
    return train(TEXTS, LABELS)


def stored_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_each_line_is_most_likely_its_own_label(model: RouteModel) -> None:
    likeliest = [model.labels[int(model.probabilities(text).argmax())] for text in TEXTS]
    assert likeliest == LABELS


@pytest.mark.parametrize(
    ("text", "label"), [("what time are you open today", "ask_hours"), ("is a call free", "ask_cost"), ("hello hello", "greet")]
)
def test_a_new_wording_is_most_likely_the_label_of_its_like(model: RouteModel, text: str, label: str) -> None:
    assert model.labels[int(model.probabilities(text).argmax())] == label


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text)[:16])
def test_any_text_has_a_share_of_each_label_and_the_shares_sum_to_one(model: RouteModel, text: str) -> None:
    shares = model.probabilities(text)
    assert shares.shape == (len(LINES),)
    assert np.isfinite(shares).all()
    assert (shares >= 0).all()
    assert float(shares.sum()) == pytest.approx(1, abs=1e-5)


@settings(deadline=None, max_examples=50)
@given(st.text())
def test_any_clean_text_has_shares_that_sum_to_one(model: RouteModel, typed: str) -> None:
    assert float(model.probabilities(clean(typed)).sum()) == pytest.approx(1, abs=1e-5)


def test_a_stored_model_answers_the_same_when_loaded(model: RouteModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = RouteModel.load(tmp_path)
    assert loaded.labels == model.labels
    for text in (*TEXTS, *ODD):
        np.testing.assert_array_equal(loaded.probabilities(text), model.probabilities(text))


def test_training_twice_gives_the_same_model(model: RouteModel) -> None:
    again = train(TEXTS, LABELS)
    assert again.labels == model.labels
    for text in (*TEXTS, *ODD):
        np.testing.assert_array_equal(again.probabilities(text), model.probabilities(text))


def test_asking_changes_nothing(model: RouteModel) -> None:
    before = model.probabilities("are you open")
    for text in ODD:
        model.probabilities(text)
    np.testing.assert_array_equal(model.probabilities("are you open"), before)


def test_what_is_stored_can_be_read_without_pickle(model: RouteModel, tmp_path: Path) -> None:
    """A pickle runs whatever its writer wished when it is read."""
    model.save(tmp_path)
    assert stored_files(tmp_path)
    for path in stored_files(tmp_path):
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                assert all(arrays[name].dtype != object for name in arrays.files)
        elif path.suffix == ".npy":
            assert np.load(path, allow_pickle=False).dtype != object
        else:
            assert path.suffix == ".json"
            json.loads(path.read_text(encoding="utf-8"))


def test_a_model_of_another_format_is_refused(model: RouteModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    path = next(path for path in stored_files(tmp_path) if path.suffix == ".json")
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"format": -1}), encoding="utf-8")
    with pytest.raises(ValueError, match="format"):
        RouteModel.load(tmp_path)


def test_a_model_with_a_part_missing_is_refused(model: RouteModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    for path in stored_files(tmp_path):
        content = path.read_bytes()
        path.unlink()
        with pytest.raises(FileNotFoundError):
            RouteModel.load(tmp_path)
        path.write_bytes(content)
    assert RouteModel.load(tmp_path).labels == model.labels
