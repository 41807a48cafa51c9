"""The rules that need no encoder: what each finds, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.errors import StartError
from bot.evaluation.lint import rules
from bot.evaluation.lint.entries import Entry, Finding
from bot.settings import ROOT

STYLE = rules.load_style(ROOT / "data" / "style.yml")


def entries(*texts: str, label: str = "greet", file: str = "talk.yml", first: int = 1) -> list[Entry]:
    return [Entry(Path(file), number, label, text) for number, text in enumerate(texts, first)]


def many(count: int, label: str = "greet", text: str = "{} words that open no other line") -> list[Entry]:
    return entries(*(text.format(number) for number in range(count)), label=label, first=100)


def said(found: Iterable[Finding]) -> list[str]:
    return [str(finding) for finding in found]


def test_a_line_that_stands_in_two_routes_or_twice_in_one_is_found() -> None:
    lines = [*entries("I'm lost", "im LOST!"), *entries("lost", "I’m lost.", label="thanks", file="other.yml")]
    assert said(rules.doubles(lines)) == [
        "talk.yml:2: greet: 'im LOST!' stands at talk.yml:1 already (greet)",
        "other.yml:2: thanks: 'I’m lost.' stands at talk.yml:1 already (greet)",
    ]


def test_lines_without_words_are_told_apart_by_their_signs() -> None:
    assert said(rules.doubles(entries("👋", "🙏", "???", "!", "👋"))) == [
        "talk.yml:5: greet: '👋' stands at talk.yml:1 already (greet)"
    ]


@pytest.mark.parametrize(
    ("label", "enough"), [("survivor", 150), ("child_at_risk", 150), ("ask_cost", 60), ("out_of_scope/food", 30)]
)
def test_a_route_or_kind_with_one_line_too_few_is_found(label: str, enough: int) -> None:
    rest = many(60, "out_of_scope/shop") if "/" in label else []
    assert said(rules.too_few([*rest, *many(enough, label)])) == []
    [found] = rules.too_few([*rest, *many(enough - 1, label)])
    assert str(found).startswith(f"talk.yml:100: {label}: {enough - 1} lines ")
    assert str(found).endswith(f"are too few: at least {enough}")


def test_two_words_that_open_more_than_a_tenth_of_a_route_are_named() -> None:
    rest = many(90)
    assert said(rules.tics([*rest, *many(10, text="I've been {}")])) == []
    assert said(rules.tics([*rest, *many(11, text="Ive BEEN, {}")])) == [
        "talk.yml:100: greet: 11 of 101 lines begin with 'ive been'"
    ]


def test_a_habit_is_no_finding_in_few_lines_in_another_route_or_in_lines_of_one_word() -> None:
    assert said(rules.tics(many(59, text="hello you {}"))) == []
    assert said(rules.tics([*many(60), *many(30, "thanks", "hello you {}")])) == []
    assert said(rules.tics([*many(60), *entries(*["hello"] * 30)])) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("/restart", "begins with a slash"),
        ("／restart", "begins with a slash"),  # full width
        ("my [brother](person) was here", "has the brackets of an entity"),
        ('my [brother]{"entity": "person"}', "has the brackets of an entity"),
        ("x" * 1_001, "has 1001 characters: at most 1_000"),
        ("two  spaces", "has a space too many"),
        (" before", "has a space too many"),
        ("one\u00a0space", "has a space too many, or one that is no plain space"),
        ("broken\u2028line", "has a space too many, or one that is no plain space"),
        ("bell\x07", "has characters that nobody typed: U+0007"),
        ("backwards \u202etxet", "has characters that nobody typed: U+202E"),
        ("itâ€™s", "has characters that nobody typed: misread UTF-8"),
        ("caf\u00c3\u00a9", "has characters that nobody typed: misread UTF-8"),
        ("\ufffd", "has characters that nobody typed: misread UTF-8"),
    ],
)
def test_a_malformed_line_is_found(text: str, wrong: str) -> None:
    found = said(rules.malformed(entries(text)))
    assert any(wrong in line for line in found), found
    assert all(len(line) < 200 and "\n" not in line for line in found)


def test_what_is_left_of_a_broken_line_is_found() -> None:
    [found] = rules.malformed([Entry(Path("talk.yml"), 7, "greet", "and on", marked=False)])
    assert str(found) == "talk.yml:7: greet: 'and on' has no \"- \" before it: a line ends where it ends"


@pytest.mark.parametrize(
    "text",
    ["x" * 1_000, "and/or", "what (really)?", "i [sic] said", "👩‍👧 and me", "می‌خواهم", "£5 – no…", "Ça va? Ângela", "naïve"],
)
def test_what_people_type_is_left_alone(text: str) -> None:
    assert said(rules.malformed(entries(text))) == []


@pytest.mark.parametrize(
    "text", ["Child pornography", "for OFFENDERS", "paedophiles", "She committed suicide", "their victims."]
)
def test_a_word_that_is_never_said_is_found_in_a_sentence(text: str) -> None:
    [found] = said(rules.words_said(entries("You are welcome.", text, label="replies.thanks", file="en.yml"), STYLE))
    assert found.startswith(f"en.yml:2: replies.thanks: {text!r} has ") and found.endswith(", which is never said")


def test_a_word_that_is_part_of_another_is_left_alone() -> None:
    assert said(rules.words_said(entries("It reported.", "They offended online.", "An abuse helpline."), STYLE)) == []


def test_a_word_that_no_line_may_hold_is_found_in_a_training_line() -> None:
    assert said(rules.words_typed(entries("he is always horny"), STYLE)) == [
        "talk.yml:1: greet: 'he is always horny' has 'horny', which no line may hold"
    ]


def test_a_word_of_a_few_lines_is_found_when_there_are_more_than_a_few() -> None:
    rest = many(96, "refuse_illegal")
    assert said(rules.words_typed([*rest, *many(1, "refuse_illegal", "child porn {}")], STYLE)) == []
    assert said(rules.words_typed([*rest, *many(3, "refuse_illegal", "child porn {}")], STYLE)) == [
        "talk.yml:100: refuse_illegal: 3 of 99 lines hold a word of which a few lines may: at most 2%"
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [("husband", "boyfriend"), ("mum", "father"), ("hes", "her"), ("kid", "daughters"), ("cant", "never"), ("im", "us")],
)
def test_words_of_a_kind_tell_no_routes_apart(one: str, other: str) -> None:
    assert STYLE.telling_kind(one) == STYLE.telling_kind(other) is not None


@pytest.mark.parametrize(
    ("one", "other"), [("i", "he"), ("wife", "me"), ("26", "16"), ("fifty", "fifteen"), ("exams", "gcses")]
)
def test_other_people_and_other_ages_tell_routes_apart(one: str, other: str) -> None:
    assert STYLE.telling_kind(one) != STYLE.telling_kind(other)


@pytest.mark.parametrize("word", ["want", "and", "laptop", "worried"])
def test_other_words_say_nothing_about_whom(word: str) -> None:
    assert STYLE.telling_kind(word) is None


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("never_said:", "never_sad:", "never_sad"),
        ("- lolita", "- lol(ita", "unterminated subpattern"),
        ("ages: ", "ages: (", "unterminated subpattern"),
    ],
)
def test_a_wrong_word_list_is_named(old: str, new: str, named: str, tmp_path: Path) -> None:
    path = tmp_path / "style.yml"
    path.write_text((ROOT / "data" / "style.yml").read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StartError, match=rf"style\.yml: .*{named}"):
        rules.load_style(path)
