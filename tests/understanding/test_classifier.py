"""The classifier by what anybody can see of it: trained on a few lines, stored, and asked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.settings import ROOT
from bot.understanding.classifier import Classifier, RouteModel, train
from bot.understanding.encoder import Encoder
from bot.understanding.spelling import Spelling
from bot.understanding.text import clean

LINES = {
    "ask_hours": ["when are you open", "what time do you open", "opening hours please", "are you open on sundays", "open now"],
    "ask_cost": ["what does it cost", "is it free to call", "how much is a call", "do i have to pay", "do calls cost money"],
    "suicide_crisis": [
        "i want to die",
        "i want to end my life",
        "i am going to kill myself",
        "better off dead",
        "no point living",
    ],
    "greet": ["hello there", "good morning", "hi there", "good evening to you", "hello good evening"],
}
TEXTS = [text for texts in LINES.values() for text in texts]
LABELS = [label for label, texts in LINES.items() for _ in texts]
ODD = [
    *("", " ", "?", "!!! ...", "😢", "😢😢 😢", "我很担心", "أنا قلق", "x", "1", "a" * 8_000, "help " * 1_600, "@"),
    *("´", "\u0301", "zzyzx", "[SEP] [MASK]", "<b>hello</b>", "'; drop table", "\ud800", "\x00"),
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(ROOT / "data" / "encoder")


@pytest.fixture(scope="module")
def model(encoder: Encoder) -> RouteModel:
    return train(TEXTS, LABELS, encoder)


@pytest.fixture(scope="module")
def classifier(model: RouteModel, encoder: Encoder) -> Classifier:
    return with_files(model, encoder)


def with_files(model: RouteModel, encoder: Encoder) -> Classifier:
    return Classifier(model, encoder, Spelling.read(ROOT / "data" / "spelling" / "english.txt", model.words))


def routes(classifier: Classifier, text: str) -> dict[str, float]:
    return {label: share for label, share in classifier.shares(text).items() if label in LINES}


def likeliest(classifier: Classifier, text: str) -> str:
    shares = routes(classifier, text)
    return max(shares, key=lambda label: shares[label])


def stored_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_each_line_is_most_likely_its_own_label(classifier: Classifier) -> None:
    assert [likeliest(classifier, text) for text in TEXTS] == LABELS


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("what time are you open today", "ask_hours"),
        ("is a call free", "ask_cost"),
        ("hello hello", "greet"),
        ("waht tiem do you oepn", "ask_hours"),
        ("i'd rather not be alive", "suicide_crisis"),
    ],
)
def test_a_new_wording_is_most_likely_the_label_of_its_like(classifier: Classifier, text: str, label: str) -> None:
    assert likeliest(classifier, text) == label


def test_the_crisis_head_tells_a_crisis_from_the_rest(classifier: Classifier) -> None:
    key = "crisis/suicide_crisis"
    assert classifier.shares("i want to end it, to die")[key] > 0.5 > classifier.shares("what does a call cost")[key]


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text)[:16])
def test_any_text_has_a_share_of_each_label_and_the_shares_sum_to_one(classifier: Classifier, text: str) -> None:
    shares = routes(classifier, clean(text))
    assert shares.keys() == LINES.keys()
    assert all(np.isfinite(share) and share >= 0 for share in shares.values())
    assert sum(shares.values()) == pytest.approx(1, abs=1e-5)


@settings(deadline=None, max_examples=50)
@given(st.text())
def test_any_clean_text_has_shares_that_sum_to_one(classifier: Classifier, typed: str) -> None:
    assert sum(routes(classifier, clean(typed)).values()) == pytest.approx(1, abs=1e-5)


def test_a_stored_model_answers_the_same_when_loaded(model: RouteModel, encoder: Encoder, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded, before = with_files(RouteModel.load(tmp_path), encoder), with_files(model, encoder)
    for text in map(clean, (*TEXTS, *ODD)):
        assert loaded.shares(text) == before.shares(text)


def test_training_twice_gives_the_same_model(model: RouteModel, encoder: Encoder) -> None:
    again, before = with_files(train(TEXTS, LABELS, encoder), encoder), with_files(model, encoder)
    for text in map(clean, (*TEXTS, *ODD)):
        assert again.shares(text) == before.shares(text)


def test_asking_changes_nothing(classifier: Classifier) -> None:
    before = classifier.shares("are you open")
    for text in ODD:
        classifier.shares(clean(text))
    assert classifier.shares("are you open") == before


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
