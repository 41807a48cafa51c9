"""Spelling repair mends slips, leaves what is known, and never makes up a meaning for another language."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.settings import ROOT
from bot.understanding.spelling import Spelling
from bot.understanding.text import clean


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    own = {"helpline": 9, "behaviour": 8, "arrested": 7, "husband": 6, "suicidal": 5, "worried": 4, "police": 3}
    return Spelling.read(ROOT / "data" / "spelling" / "english.txt", own)


@pytest.mark.parametrize(
    ("typed", "repaired"),
    [
        ("my husbnad was arested", "my husband was arrested"),
        ("worreid about his behavior", "worried about his behaviour"),
        ("the polcie came", "the police came"),
        ("is the helplin open", "is the helpline open"),
        ("I feel suicdal", "I feel suicidal"),
    ],
)
def test_a_word_one_slip_away_is_mended(spelling: Spelling, typed: str, repaired: str) -> None:
    assert spelling.repair(typed).replace("behavior", "behaviour") == repaired


@pytest.mark.parametrize(
    "known", ["my son watches things", "He killed himself", "suicidal", "ok", "999", "we're worried", "a b c"]
)
def test_what_is_known_is_left_alone(spelling: Spelling, known: str) -> None:
    assert spelling.repair(known) == known


@pytest.mark.parametrize(
    "foreign", ["dwi'n poeni am fy mhlentyn heddiw", "martwię się o mojego brata", "我很担心", "asdkj qwrtp zxcvb"]
)
def test_another_language_is_left_alone(spelling: Spelling, foreign: str) -> None:
    assert spelling.repair(foreign) == foreign


def test_a_word_of_the_lines_is_preferred_to_one_of_ordinary_english(spelling: Spelling) -> None:
    assert spelling.repair("she was arresed") == "she was arrested"


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200))
def test_any_text_is_repaired_without_an_error_and_keeps_its_number_of_words(spelling: Spelling, typed: str) -> None:
    text = clean(typed)
    assert len(spelling.repair(text).split()) == len(text.split())
