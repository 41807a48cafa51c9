"""The tokenizer gives the ids that the model was trained with. Those expected here are the `tokenizers` package's."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import StartError
from bot.understanding.wordpiece import MAX_LENGTH, WordPiece, words

FOLDER = Path(__file__).parents[2] / "data" / "encoder"
START, END, UNKNOWN = 101, 102, 100


@pytest.fixture(scope="module")
def tokenizer() -> WordPiece:
    return WordPiece.read(FOLDER / "vocab.txt")


KNOWN = {
    "I'm worried about my son": [1045, 1005, 1049, 5191, 2055, 2026, 2365],
    "Is this confidential?": [2003, 2023, 18777, 1029],
    "unbelievably embarrassed": [4895, 8671, 2666, 3567, 6321, 10339],
    "Dw i'n poeni, diolch!": [1040, 2860, 1045, 1005, 1050, 18922, 3490, 1010, 4487, 4747, 2818, 999],
    "Ŵyl Dewi Sant": [1059, 8516, 24903, 2072, 15548],
    "don’t call 0808 1000 900": [2123, 1521, 1056, 2655, 5511, 2692, 2620, 6694, 7706],
    "I need help 😀": [1045, 2342, 2393, 100],
    "😀" * 1000: [100],
    "我很担心": [1855, 100, 100, 1849],
    "أنا قلق على طفلي": [1270, 15915, 25573, 1292, 23673, 29834, 1288, 23673, 29837, 1286, 29833, 23673, 14498],
    "ΣΊΣΥΦΟΣ ΟΔΌΣ": [1173, 18199, 29733, 29735, 29736, 29730, 29733, 1169, 29722, 29730, 29733],
    "걱정": [1455, 30008, 30020, 30000, 30008, 30025],
    "¿Qué pasó? naïve İstanbul": [1094, 10861, 17161, 1029, 15743, 9960],
}


@pytest.mark.parametrize("text", KNOWN)
def test_gives_the_known_ids(tokenizer: WordPiece, text: str) -> None:
    assert tokenizer.encode(text) == [START, *KNOWN[text], END]


@pytest.mark.parametrize("text", ["", "\t\n ", "\x00\x07\x7f\x85", "\u200b\u200d\ufeff", "\ufffd", "\u0301", "\ud800"])
def test_nothing_to_read_is_only_the_ends(tokenizer: WordPiece, text: str) -> None:
    assert tokenizer.encode(text) == [START, END]


@pytest.mark.parametrize(("text", "same"), [("CAFÉ", "cafe"), ("e\u0301", "é"), ("a\u00a0b", "a b"), ("o\u200b", "o")])
def test_what_looks_the_same_is_the_same(tokenizer: WordPiece, text: str, same: str) -> None:
    assert tokenizer.encode(text) == tokenizer.encode(same)


def test_splits_at_punctuation_and_ideographs_only() -> None:
    assert list(words("It's 3.5—«ok»! 我很好 こんにちは")) == [
        *("it", "'", "s", "3", ".", "5", "—", "«", "ok", "»", "!"),
        *("我", "很", "好", "こんにちは"),
    ]


def test_a_typed_control_token_is_plain_text(tokenizer: WordPiece) -> None:
    ids = tokenizer.encode("[SEP] [CLS]")
    assert ids.count(END) == 1
    assert ids.count(START) == 1


@pytest.mark.parametrize(("length", "known"), [(100, True), (101, False)])
def test_a_run_of_over_a_hundred_letters_is_unknown(tokenizer: WordPiece, length: int, known: bool) -> None:
    assert (tokenizer.encode("a" * length) != [START, UNKNOWN, END]) is known


@pytest.mark.parametrize("text", ["word " * 500, "x.y,z;" * 200, "😀 " * 1000, "’" * 50_000])
def test_a_long_text_is_cut_and_still_ends(tokenizer: WordPiece, text: str) -> None:
    ids = tokenizer.encode(text)
    assert len(ids) == MAX_LENGTH
    assert ids[-1] == END
    assert END not in ids[:-1]


def test_a_text_that_just_fits_is_whole(tokenizer: WordPiece) -> None:
    full, over = "word " * (MAX_LENGTH - 2), "word " * (MAX_LENGTH - 1)
    assert len(tokenizer.encode(full[5:])) == MAX_LENGTH - 1
    assert tokenizer.encode(full) == tokenizer.encode(over)


def test_a_vocabulary_without_its_ends_is_refused() -> None:
    with pytest.raises(StartError, match="SEP"):
        WordPiece(["[CLS]", "[UNK]", "a"])
