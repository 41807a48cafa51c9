"""The safety check reads all of a text, so no text may make it slow: it runs on the one thread that serves everybody."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers.catalogue import read_mapping
from bot.settings import ROOT
from bot.understanding.safety import SAFETY_ROUTES, Lexicon
from bot.understanding.text import clean

FOLDER = ROOT / "data" / "lexicon"
MOST_SECONDS = 0.2
SHORT, LONG = 1_000, 8_000
#: Eight times the text takes eight times as long, or 64 times where it is quadratic; between them is room for noise.
MOST_GROWTH = 20

#: Repeated, these walk into the lines' loops: openings without an end, fillers, and matches that a negation lowers.
WORST = [
    *("a ", "now ", "he ", "the ", "i am not ", "she told ", "he is has been ", "i wish i would could was "),
    *("want to just ", "dont want to ", "my child a b ", "is being been ", "meeting her ", "locked a b in ", "how many a "),
    *("where get a b c d e ", "how do i hide the a b c ", "saying a b c d e f ", "he a in his a room a b ", "r "),
    *(
        "took a the ",
        "not kms ",
        "no ctb no ",
        "never a b c kms ",
        "assumassum ",
        "nt ",
        "year ago ",
        "in the ",
        "not a b kill ",
    ),
    *("x@$", "1a", "a_", "@", "$$", "’", "é", "/", "😢", "aaab", "\u0301", "a\u200b"),
]
TEXTS = [*WORST, "s ", "has "]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(FOLDER)


def seconds(lexicon: Lexicon, unit: str, length: int, times: int = 3) -> float:
    """Processor time of the quickest of a few checks of a text of this length, its cleaning with it."""
    typed = (unit * length)[:length]
    taken = []
    for _ in range(times):
        start = time.process_time()
        lexicon.check(clean(typed))
        taken.append(time.process_time() - start)
        if taken[-1] > 3 * MOST_SECONDS:  # no noise
            break
    return min(taken)


@pytest.mark.parametrize("unit", TEXTS)
def test_the_longest_text_is_checked_quickly_and_time_grows_with_its_length(lexicon: Lexicon, unit: str) -> None:
    long = seconds(lexicon, unit, LONG)
    assert long < MOST_SECONDS
    assert long < MOST_GROWTH * seconds(lexicon, unit, SHORT) + 0.005


def test_a_past_crisis_told_over_and_over_is_checked_quickly(lexicon: Lexicon) -> None:
    text = "kms " * (LONG // 4 - 3) + "years ago"
    start = time.process_time()
    lexicon.check(text)
    assert time.process_time() - start < MOST_SECONDS


def words_of_the_lexicon() -> list[str]:
    """Every run of letters in the lines."""
    lists = [*read_mapping(FOLDER / "words.yml").values(), *read_mapping(FOLDER / "idioms.yml")["idioms"]]
    for route in SAFETY_ROUTES:
        lines = read_mapping(FOLDER / f"{route}.yml")
        lists += [*lines["certain"], *lines["possible"]]
    found = {word for line in lists for word in re.findall(r"[a-z]+", re.sub(r"\\\w|<\w+>", " ", str(line)))}
    return sorted(found)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(words_of_the_lexicon()), min_size=1, max_size=5))
def test_no_few_of_its_own_words_repeated_make_it_slow(lexicon: Lexicon, words: list[str]) -> None:
    assert seconds(lexicon, " ".join(words) + " ", LONG, times=1) < MOST_SECONDS
