"""The phrases: their files are checked at the start, and every word in them is plain, short and allowed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.answers.hours import UK, Status
from bot.answers.phrases import FACT, HoursPhrases, load_phrases
from bot.answers.reply import HELPLINE, MAX_SENTENCES, Answers
from bot.errors import StartError

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "data" / "phrases"
LANGUAGES = sorted(FOLDER.glob("*.yml"))
ENGLISH = yaml.safe_load((FOLDER / "en.yml").read_text(encoding="utf-8"))
# What the domain says with a fact of the catalogue in it; all else is a phrase by itself.
RESPONSES = {
    name: variants[0]["custom"]["say"]
    for path in sorted((ROOT / "bot" / "domain").glob("*.yml"))
    for name, variants in (yaml.safe_load(path.read_text(encoding="utf-8")).get("responses") or {}).items()
    if any(id.startswith(FACT) for id in variants[0]["custom"]["say"])
}
MAX_WORDS = 25
MAX_GRADE = 6.0  # what children of 11 read
MAX_MEAN_WORDS = 16.0  # of a sentence, where no grade is known to hold

_SILENT = re.compile(r"(?<=[^aeiouy])e$|(?<=[^aeiouycgsxz])es$|(?<=[^aeiouytd])ed$|(?<=som)e(?=[a-z])|(?<=ir)e(?=land)")
_WORD = re.compile(r"[A-Za-z0-9']+")


def syllables(word: str) -> int:
    """An estimate: the vowels that are heard. A number counts as one, since it is read as one sign."""
    letters = re.sub(r"[^a-z]", "", word.lower())
    heard = letters if re.search(r"[^aeiouy]le$", letters) else _SILENT.sub("", letters)
    return max(1, len(re.findall(r"[aeiouy]+", heard)) + len(re.findall(r"ual|eing", heard)))


def sentences(text: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.?!])\s+", text) if sentence]


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of a text as a whole; of a lone short sentence it says little."""
    words = _WORD.findall(text)
    return 0.39 * len(words) / len(sentences(text)) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def as_tuple(said: str | list[str] | None) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said or ())


#: What a translation must have in common with English, string by string. The name of the helpline ends no sentence.
ALIKE: dict[str, Callable[[str], Any]] = {
    "blanks": lambda text: set(re.findall(r"\{.*?\}", text)),
    "numbers": lambda text: sorted(re.findall(r"\d[\d ]*\d|\d", text)),
    "sentences": lambda text: len(sentences(text.replace("Now!", "Now"))),
}


def spoken() -> Iterator[tuple[str, str, str]]:
    """Every phrase, every answer that is put together in the domain, and everything an error says.

    The answers with a fact in them are English's alone: the catalogue has its facts in English.
    """
    yield from (("en", "response", name) for name in RESPONSES)
    for language in (path.stem for path in LANGUAGES):
        yield from ((language, "reply", id) for id in ENGLISH["replies"])
        yield from ((language, "error", id) for id in ENGLISH["errors"])


@pytest.fixture
def said(request: pytest.FixtureRequest, answers: Answers) -> tuple[str, ...]:
    """The strings of one thing that is said."""
    language, kind, id = request.param
    phrases = answers.languages[language]
    if kind == "error":
        return phrases.errors[id]
    ids = RESPONSES[id] if kind == "response" else [id]
    return tuple(text for phrase in ids for text in phrases.reply(phrase, answers.catalogue))


def leaves(inside: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every string of a file by its key, such as `replies.greet.0`; not what only one language needs."""
    if isinstance(inside, dict | list):
        for name, value in inside.items() if isinstance(inside, dict) else enumerate(inside):
            if f"{key}{name}" not in ("reviewed_by", "hours.times"):
                yield from leaves(value, f"{key}{name}.")
    else:
        yield key.removesuffix("."), inside


def spoil(tmp_path: Path, **changes: Any) -> Path:
    """English with some keys changed: `replies__greet="..."`. A key that is `...` is left out."""
    content = yaml.safe_load(yaml.safe_dump(ENGLISH))
    for path, value in changes.items():
        *above, last = path.split("__")
        inside = content
        for name in above:
            inside = inside[name]
        if value is ...:
            del inside[last]
        else:
            inside[last] = value
    written = tmp_path / "en.yml"
    written.write_text(yaml.safe_dump(content), encoding="utf-8")
    return written


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"replies__greet": ["Hello {name}."]}, "'Hello {name}.'"),
        ({"replies__greet": "Hello {."}, "'Hello {.'"),
        ({"replies__greet": "It opens at {time}."}, "{time}"),
        ({"errors__fallback": ["", "Call."]}, "'' is empty"),
        ({"choices__restart": " "}, "' ' is empty"),
        ({"page__title": "{}"}, "'{}'"),
        ({"hours__opens_on": "Opens {name}."}, "hours.opens_on"),
        ({"hours__opens_on": "Opens {time.year}."}, "hours.opens_on"),
        ({"hours__open_until": "Open, {day}."}, "hours.open_until"),
        ({"hours__open_until": "Open, {time!x}."}, "hours.open_until"),
        ({"hours__always": "Open at {time}."}, "hours.always"),
        ({"hours__bank_holiday": "Closed on {day}?"}, "hours.bank_holiday"),
        ({"hours__always": ""}, "hours.always"),
        ({"hours__days": ["Monday"]}, "$.hours.days"),
        ({"hours__days": [*("Mon", "Tue", "Wed", "Thu", "Fri", "Sat"), ""]}, "hours.days"),
        ({"hours__times": ["{time} y bore"]}, "$.hours.times"),
        ({"hours__times": ["{time} y bore", "{day}", "x", "y", "z"]}, "hours.times"),
        ({"hours__open_until": ...}, "`open_until`"),
        ({"hours__lunch": "Back at one."}, "`lunch`"),
        ({"greetings": {}}, "`greetings`"),
        ({"errors": ...}, "`errors`"),
        ({"replies__greet": {"text": "Hello."}}, "$.replies"),
        ({"errors__fallback": "Call."}, "$.errors"),
        ({"choices__restart": 7}, "$.choices"),
    ],
    ids=str,
)
def test_a_phrase_that_must_not_be_is_refused_with_file_and_place(
    tmp_path: Path, changes: dict[str, Any], complaint: str
) -> None:
    path = spoil(tmp_path, **changes)
    with pytest.raises(StartError) as refused:
        load_phrases(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert complaint in str(refused.value)


def test_the_blanks_of_the_hours_may_be_used_where_they_are_filled(tmp_path: Path) -> None:
    phrases = load_phrases(spoil(tmp_path, hours__opens_today="Opens at {time} on {day}."))
    assert phrases.hours.opens_today == "Opens at {time} on {day}."


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_each_language_says_everything_that_english_says(path: Path) -> None:
    said, english = dict(leaves(yaml.safe_load(path.read_text(encoding="utf-8")))), dict(leaves(ENGLISH))
    assert load_phrases(path).language == path.stem
    assert said.keys() ^ english.keys() == set(), "keys that one has and the other lacks"
    for what, of in ALIKE.items():
        assert {key: text for key, text in said.items() if of(text) != of(english[key])} == {}, what


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
@pytest.mark.parametrize("part", ["replies", "errors"])
def test_no_language_says_more_than_two_sentences(path: Path, part: str) -> None:
    for key, said in yaml.safe_load(path.read_text(encoding="utf-8"))[part].items():
        assert len(sentences(" ".join(as_tuple(said)))) <= MAX_SENTENCES, key


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_a_translation_says_who_has_reviewed_it_or_that_nobody_has(path: Path) -> None:
    assert path.stem == "en" or "reviewed_by" in yaml.safe_load(path.read_text(encoding="utf-8"))


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UK)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status(open=True), "Ar agor drwy'r amser."),
        (Status(open=None), "Gall fod ar gau heddiw, am ei bod hi'n ŵyl banc."),
        (Status(open=True, until=at("2026-11-23 21:00")), "Ar agor nawr, tan 9 yr hwyr."),
        (Status(open=True, until=at("2026-11-23 17:59")), "Ar agor nawr, tan 5:59 y prynhawn."),
        (Status(open=True, until=at("2026-11-23 18:00")), "Ar agor nawr, tan 6 yr hwyr."),
        (Status(open=False, opens=at("2026-11-23 11:59")), "Ar gau nawr. Yn agor heddiw am 11:59 y bore."),
        (Status(open=False, opens=at("2026-11-23 12:00")), "Ar gau nawr. Yn agor heddiw am hanner dydd."),
        (Status(open=False, opens=at("2026-11-24 00:00")), "Ar gau nawr. Yn agor yfory am hanner nos."),
        (Status(open=False, opens=at("2026-11-24 00:30")), "Ar gau nawr. Yn agor yfory am 12:30 y bore."),
        (Status(open=False, opens=at("2026-11-30 09:00")), "Ar gau nawr. Yn agor ddydd Llun am 9 y bore."),
    ],
    ids=str,
)
def test_welsh_says_times_and_days_its_own_way(answers: Answers, status: Status, said: str) -> None:
    welsh, today = answers.languages["cy"], date(2026, 11, 23)
    assert welsh.opening(status, today) == said
    opens = said.replace("Ar gau nawr. Yn agor", "Mae'r llinell gymorth yn agor")
    assert welsh.helpline_opens(status, today) == (opens if status.open is False else None)


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
@pytest.mark.parametrize("id", ["crisis_beside", "one_sentence_is_enough"])
def test_what_stands_beside_an_answer_is_one_sentence(answers: Answers, path: Path, id: str) -> None:
    (said,) = load_phrases(path).reply(id, answers.catalogue)
    assert len(sentences(said)) == 1


@pytest.mark.parametrize("said", spoken(), ids="-".join, indirect=True)
def test_at_most_two_whole_sentences_are_said(said: tuple[str, ...]) -> None:
    assert [sentence for text in said for sentence in sentences(text)] == list(said)
    assert 1 <= len(said) <= MAX_SENTENCES
    for sentence in said:
        assert re.fullmatch(r"[A-Z0-9].*[.?!]", sentence), sentence


@pytest.mark.parametrize("said", spoken(), ids="-".join, indirect=True)
def test_every_sentence_is_short(said: tuple[str, ...]) -> None:
    assert {text: n for text in said if (n := len(text.split())) > MAX_WORDS} == {}


@pytest.mark.parametrize("said", spoken(), ids="-".join, indirect=True)
def test_what_is_said_can_be_read_at_eleven(request: pytest.FixtureRequest, said: tuple[str, ...]) -> None:
    language, _, _ = request.node.callspec.params["said"]
    text = " ".join(said)
    if language == "en":
        assert grade(text) <= MAX_GRADE
    else:
        assert len(text.split()) / len(sentences(text)) <= MAX_MEAN_WORDS


def test_the_estimate_of_reading_age_is_a_fair_one() -> None:
    counts = {
        "people": 2,
        "ambulance": 3,
        "someone": 2,
        "pages": 2,
        "called": 1,
        "wanted": 2,
        "sexual": 3,
        "behaviour": 3,
        "999": 1,
    }
    assert {word: syllables(word) for word in counts} == counts
    assert grade("The cat sat on the mat. It was a good cat.") < 1
    assert grade("The organisation facilitates confidential consultations regarding inappropriate behaviour.") > 15


@pytest.mark.parametrize(
    "word",
    [
        *("child porn", "kiddie", "paedophil", "pedophil", "pervert", "offender", "abuser", "monster", "victim"),
        *("pornograffi", "pedoffil", "pyrfert", "troseddwr", "camdriniwr", "anghenfil", "dioddefwr"),
    ],
)
def test_no_label_and_no_wrong_term_is_in_anything_said(answers: Answers, word: str) -> None:
    for text in everything(answers):
        assert word not in text.lower()


@pytest.mark.parametrize("said", spoken(), ids="-".join, indirect=True)
def test_confidential_is_never_said_without_its_exception(answers: Answers, said: tuple[str, ...]) -> None:
    promised = re.search(
        r"anonym|confidential|private(ly)?\b|secret|dienw|yfrinach|reifat",
        " ".join(said),
        re.IGNORECASE,
    )
    assert not promised or answers.catalogue[HELPLINE].facts["passed_on"] in said


def everything(answers: Answers) -> Iterator[str]:
    """Every string of every language and of the catalogue."""
    for phrases in answers.languages.values():
        yield from phrases.plain
        yield from (text for field in HoursPhrases.__struct_fields__ for text in as_tuple(getattr(phrases.hours, field)))
    for pointer in answers.catalogue.values():
        yield from (pointer.name, pointer.about, pointer.note or "", *pointer.facts.values())
