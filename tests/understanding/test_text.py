"""What a visitor types is brought to one harmless form before anything reads it."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.understanding.text import LONG, clean, parts, plain

#: Any string at all, lone surrogates and unassigned characters too.
ANYTHING = st.text(st.characters(exclude_categories=()))
#: The characters that have fooled a cleaner before: slashes of all kinds, marks, spaces, format characters.
AWKWARD = st.text(st.sampled_from("/／⁄∕\\ \t\n\r\x0b\x0c\x85\u2028\u200b\u200e\u202e\ufeff\u0301\u0338e<a.!?\U000e0041\ud800"))
UNWANTED = {"Cc", "Cf", "Cs", "Co", "Cn"}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        pytest.param("  I need   help ", "I need help", id="spaces"),
        pytest.param("ｈｅｌｐ ﬁnd １２３", "help find 123", id="full-width letters, ligatures and digits"),
        pytest.param("e\u0301", "\u00e9", id="a letter and its accent"),
        pytest.param("/restart", "restart", id="a command"),
        pytest.param("／restart", "restart", id="a full-width slash"),
        pytest.param(" / //  /restart", "restart", id="many slashes"),
        pytest.param("\u200b/\u202e/restart", "restart", id="a slash behind invisible characters"),
        pytest.param('/own_behaviour{"x":"y"}', 'own_behaviour{"x":"y"}', id="an intent with entities"),
        pytest.param("and/or", "and/or", id="a slash inside"),
        pytest.param("a\x00b\x07c\x1bd\x7f", "abcd", id="control characters"),
        pytest.param("one\ntwo\r\nthree\tfour", "one two three four", id="line ends and tabs"),
        pytest.param("one\x0btwo\x0cthree\x85four\u2028five", "one two three four five", id="page and line breaks"),
        pytest.param("\u202edlihc\u202c \u200fx\u200e", "dlihc x", id="right-to-left marks"),
        pytest.param("hi\U000e0041\U000e0042", "hi", id="tag characters"),
        pytest.param("\ufeffsu\u00adi\u200bci\u2060de", "suicide", id="soft hyphens, joiners and a byte order mark"),
        pytest.param("a\ud800b\udfff", "ab", id="lone surrogates"),
        pytest.param("a\ue000b\U0010ffff", "ab", id="private and unassigned"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00IHDR".decode("latin-1"), "PNG IHDR", id="a picture"),
        pytest.param("\x00\u200b\n\ufeff", "", id="nothing visible"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_typed_text_is_brought_to_one_form(typed: str, read: str) -> None:
    assert clean(typed) == read


@settings(deadline=None)
@given(ANYTHING | AWKWARD)
@example("a\u200b\u0301")
def test_any_text_can_be_cleaned_and_cleaning_twice_changes_nothing(typed: str) -> None:
    read = clean(typed)
    assert clean(read) == read
    assert not read.startswith(("/", " "))
    assert not UNWANTED & {unicodedata.category(char) for char in read}
    assert read == " ".join(read.split())


@pytest.mark.parametrize("text", ["", "short", "x" * LONG, "A sentence. " * 80])
def test_a_text_of_ordinary_length_stays_whole(text: str) -> None:
    assert parts(text) == [text]


LONG_TEXTS = st.lists(st.text(st.sampled_from("abé.!? /"), max_size=700), min_size=4, max_size=12).map(
    lambda pieces: clean(". ".join(pieces) + "b" * LONG)
)


@settings(deadline=None)
@given(LONG_TEXTS)
def test_a_long_text_is_read_in_bounded_parts_and_loses_nothing_but_spaces(text: str) -> None:
    pieces = parts(text)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(0 < len(piece) <= 300 for piece in pieces)


@settings(deadline=None)
@given(LONG_TEXTS)
def test_parts_are_few(text: str) -> None:
    """Two neighbours would have been one had they fitted, so the classifier isn't run once for each "a."."""
    pieces = parts(text)
    assert all(len(first) + len(second) >= 300 for first, second in pairwise(pieces))


def test_parts_end_with_a_sentence_where_they_can() -> None:
    text = "My partner was arrested last week and I do not know what to do. " * 20
    assert len(parts(text.strip())) == 5
    assert all(piece.endswith("what to do.") for piece in parts(text.strip()))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("I DON'T know", "i dont know"),
        ("don’t can`t won´t", "dont cant wont"),
        ("K1ll mys3lf", "kill myself"),
        ("$uic1de @lone", "suicide alone"),
        ("999 or 116 123", "999 or 116 123"),
        ("help!!! me... now?", "help me now"),
        ("one_two--three/four", "one two three four"),
        ("pleeeease, nooooo", "please no"),
        ("café, Llŷn, ÅNGSTRÖM", "cafe llyn angstrom"),
        ("😢 sad 😢", "sad"),
        ("?!", ""),
    ],
)
def test_the_lexicon_reads_plain_words(text: str, read: str) -> None:
    assert plain(clean(text)) == read


@settings(deadline=None)
@given(ANYTHING | AWKWARD | st.text(st.sampled_from("aA1@$_'’ é")))
def test_plain_words_have_single_spaces_no_capitals_and_no_accents(typed: str) -> None:
    read = plain(clean(typed))
    assert read == " ".join(read.split(" "))
    assert read == read.lower()
    assert not any(unicodedata.combining(char) for char in read)
