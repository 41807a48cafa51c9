"""Near-doubles, by the real encoder and the real words: lines that are nearly the same by accident, on purpose, or not."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from bot.evaluation.lint.entries import Entry
from bot.evaluation.lint.near import Encode, near_doubles
from bot.evaluation.lint.rules import load_style
from bot.settings import ROOT
from bot.understanding.encoder import Encoder

STYLE = load_style(ROOT / "data" / "style.yml")


@pytest.fixture(scope="module")
def encode() -> Encode:
    return Encoder(ROOT / "data" / "encoder").encode


def same(text: str) -> NDArray[np.float32]:
    """For a stand-in, all texts mean the same."""
    return np.ones(1, np.float32)


def line(text: str, label: str, number: int = 1) -> Entry:
    return Entry(Path(f"{label}.yml"), number, label, text)


def two(one: str, other: str, encode: Encode, routes: tuple[str, str] = ("another_adult", "police_involved")) -> list[str]:
    """The findings about two training lines, of two routes unless given."""
    return [str(one) for one in near_doubles([line(one, routes[0]), line(other, routes[1])], [], STYLE, encode)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("what am I to do about the things I found on the laptop", "what am i to do about the things i found on the computer"),
        ("the officers took everything with a plug on it", "The officers took everything with a plug on it please"),
        ("is there somebody who can talk me through it all", "is there someone who can talk me through it all"),
        ("my wife rang me at work to say that they had come", "my partner rang me at work to say that they had come"),
    ],
)
def test_nearly_the_same_line_under_two_routes_is_found(one: str, other: str, encode: Encode) -> None:
    [found] = two(one, other, encode)
    assert found.startswith("another_adult.yml:1: another_adult: ")
    assert " is nearly " in found and " at police_involved.yml:1 (police_involved; cosine 0." in found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("there's a second account I use for the pictures", "there's a second account he uses for the pictures"),
        ("It went on until the police came and then it stopped", "It went on until the neighbours came and then it stopped"),
        ("thoughts about kids at twenty six, is it normal", "thoughts about kids at sixteen, is it normal"),
        ("he has shown it to the whole group", "he hasn't shown it to the whole group"),
    ],
)
def test_lines_that_differ_in_a_telling_word_stand_under_two_routes_on_purpose(one: str, other: str) -> None:
    training = [line(one, "own_behaviour"), line(other, "under_18")]
    assert [*near_doubles(training, [], STYLE, same)] == []
    assert len([*near_doubles(training, [], msgspec.structs.replace(STYLE, telling={}, ages="none"), same)]) == 1


def test_within_a_route_a_rewording_is_welcome(encode: Encode) -> None:
    same = ("what time do the lines open on a Friday", "what time do the lines open on Friday")
    assert len(two(*same, encode)) == 1
    assert two(*same, encode, routes=("ask_hours", "ask_hours")) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("what are you", "what are your hours"),  # alike by letters alone
        ("leaflets?", "leaflets for school?"),  # alike by meaning alone
        ("the weather is lovely today", "who pays for the call"),
    ],
)
def test_lines_that_are_alike_in_one_way_or_in_none_are_left_alone(one: str, other: str, encode: Encode) -> None:
    assert two(one, other, encode) == []


def test_the_same_line_twice_is_left_to_the_rule_for_it(encode: Encode) -> None:
    assert two("What did they find?", "what did they find", encode) == []


def test_a_training_line_that_is_nearly_held_apart_is_found_in_any_route(encode: Encode) -> None:
    training = [line("when does the chip shop in town shut", "out_of_scope/shop", 8)]
    apart = [line("what time does the chip shop in town shut", "out_of_scope", 9)]
    [found] = near_doubles(training, apart, STYLE, encode)
    assert str(found).startswith("out_of_scope/shop.yml:8: out_of_scope/shop: 'when does")
    assert "' at out_of_scope.yml:9 (held apart; cosine 0." in str(found)


def test_what_many_people_write_in_a_few_words_is_no_leak(encode: Encode) -> None:
    training, apart = [line("tell me a joke", "out_of_scope")], [line("lol tell me a joke", "out_of_scope")]
    assert [*near_doubles(training, apart, STYLE, encode)] == []


def test_held_apart_lines_are_not_compared_with_each_other(encode: Encode) -> None:
    apart = [line("when does the chip shop in town shut", "greet"), line("when does the chip shop in town shut now", "thanks")]
    assert [*near_doubles([line("hello", "greet")], apart, STYLE, encode)] == []


def test_pairs_are_found_wherever_they_stand_and_only_what_is_alike_is_encoded() -> None:
    """More lines than are compared at a time; a stand-in for the encoder counts what it is given."""
    letters = np.random.default_rng(1).integers(ord("a"), ord("z") + 1, size=(1_200, 24)).astype(np.uint8)
    training = [line(bytes(one).decode("ascii"), "greet", number) for number, one in enumerate(letters)]
    for first, second in ((3, 7), (20, 1_190), (1_100, 1_180)):
        training[second] = line(f"{training[first].text} x", "thanks", second)
    encoded: list[str] = []

    def encode(text: str) -> NDArray[np.float32]:
        encoded.append(text)
        return np.ones(1, np.float32)

    assert [one.entry.number for one in near_doubles(training, [], STYLE, encode)] == [3, 20, 1_100]
    assert sorted(encoded) == sorted(training[number].text for number in (3, 7, 20, 1_190, 1_100, 1_180))
