"""The sentence encoder: what its vectors are like, and that a file which is not the right one stops the start."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from bot.errors import StartError
from bot.understanding.encoder import SIZE, Encoder

FOLDER = Path(__file__).parents[2] / "data" / "encoder"
FILES = ("encoder.onnx", "vocab.txt")

TEXTS = [
    "I'm worried about my son",
    "",
    "is this confidential?",
    "The police came this morning and took every computer in the house, and nobody will tell us what happens next.",
    "Dw i'n poeni am fy mhlentyn",
    "is this confidential?",
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(FOLDER)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the encoder's files to spoil."""
    for name in (*FILES, "manifest.json"):
        shutil.copy(FOLDER / name, tmp_path)
    return tmp_path


def expected_sum(name: str) -> str:
    manifest = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    return str(next(file["sha256"] for file in manifest["files"] if file["name"] == name))


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "a", "?", "?!... --- ,,,", "\x00\x07", "\u200b", "\ud800", "[SEP]", "😀", "😀" * 1000, "😀 " * 1000),
        *("我很担心我的孩子", "أنا قلق على طفلي", "Я беспокоюсь", "मुझे चिंता है", "걱정돼요", "Dw i'n poeni"),
        *("help " * 2000, "a" * 100_000),
    ],
    ids=lambda text: ascii(text)[:24],
)
def test_any_text_has_a_vector_of_length_one(encoder: Encoder, text: str) -> None:
    vector = encoder.encode(text)
    assert vector.shape == (SIZE,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("I'm worried about my son", "my child is on my mind, I am concerned for him", "what time do you open?"),
        ("what time do you open?", "when are your phone lines staffed", "he was arrested yesterday"),
        ("the police took his laptop", "officers seized the computer", "I feel so ashamed of myself"),
        ("is this chat private?", "are our messages kept confidential", "tell me a joke about cats"),
    ],
)
def test_near_texts_are_closer_than_far_ones(encoder: Encoder, text: str, near: str, far: str) -> None:
    own = encoder.encode(text)
    assert own @ encoder.encode(near) > own @ encoder.encode(far) + 0.15


def test_capitals_and_accents_change_nothing(encoder: Encoder) -> None:
    assert np.array_equal(encoder.encode("CAFÉ in Llŷn"), encoder.encode("cafe in llyn"))


def test_the_same_text_gives_the_same_vector(encoder: Encoder) -> None:
    assert np.array_equal(encoder.encode(TEXTS[0]), Encoder(FOLDER).encode(TEXTS[0]))


def test_many_are_what_each_is_alone_in_their_order(encoder: Encoder) -> None:
    together = encoder.encode_many(TEXTS)
    assert together.shape == (len(TEXTS), SIZE)
    assert together.dtype == np.float32
    np.testing.assert_allclose(together, np.stack([encoder.encode(text) for text in TEXTS]), atol=1e-6)


def test_a_vector_does_not_depend_on_its_neighbours(encoder: Encoder) -> None:
    np.testing.assert_allclose(encoder.encode_many(TEXTS)[:2], encoder.encode_many(TEXTS[:2]), atol=1e-6)


def test_none_give_no_rows(encoder: Encoder) -> None:
    assert encoder.encode_many([]).shape == (0, SIZE)


def test_the_checksum_is_that_of_the_network(encoder: Encoder) -> None:
    assert encoder.checksum == sha256((FOLDER / "encoder.onnx").read_bytes()).hexdigest()


@pytest.mark.parametrize("name", FILES)
def test_an_altered_file_is_refused_with_both_checksums(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(StartError) as caught:
        Encoder(folder)
    line = str(caught.value)
    assert line.startswith(f"{name}: ")
    assert expected_sum(name) in line
    assert sha256(content).hexdigest() in line
    assert "\n" not in line


@pytest.mark.parametrize("name", FILES)
def test_a_shortened_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:-100])
    with pytest.raises(StartError, match=f"^{name}: expected sha256 {expected_sum(name)}"):
        Encoder(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(StartError, match=f"^{name}: expected sha256 {expected_sum(name)}, found: missing"):
        Encoder(folder)


def test_a_missing_manifest_is_refused(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    with pytest.raises(StartError, match=r"^manifest\.json: .*missing"):
        Encoder(folder)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"files": []}', '{"files": [{"name": "encoder.onnx"}]}'])
def test_a_damaged_manifest_is_refused(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(StartError, match=r"^manifest\.json: "):
        Encoder(folder)
