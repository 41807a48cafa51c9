"""What is linted is read whole, and each line knows where it stands."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from bot.errors import StartError
from bot.evaluation.lint.entries import Entry, read_held_apart, read_said, read_training
from bot.evaluation.sets import read_training_lines
from bot.settings import ROOT

DATA = ROOT / "data"
TALK = """# Talk.
version: "3.1"
nlu:
- intent: greet
  examples: |
    - hello: there
    - "quoted"
- intent: out_of_scope
  metadata: {kind: food}

  examples: |
    -  bread
    broken
"""


@cache
def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")


def text_at(entry: Entry) -> str:
    return lines_of(entry.path)[entry.number - 1]


def test_a_training_line_has_its_label_and_its_place(tmp_path: Path) -> None:
    (tmp_path / "talk.yml").write_text(TALK, encoding="utf-8")
    entries = read_training(tmp_path)
    assert [(entry.number, entry.label, entry.route, entry.text, entry.marked) for entry in entries] == [
        (6, "greet", "greet", "hello: there", True),
        (7, "greet", "greet", '"quoted"', True),
        (12, "out_of_scope/food", "out_of_scope", " bread", True),
        (13, "out_of_scope/food", "out_of_scope", "broken", False),
    ]
    assert entries[0].place == f"{tmp_path / 'talk.yml'}:6"


def test_the_shipped_training_lines_are_those_that_are_measured_each_at_its_place() -> None:
    entries = read_training(DATA / "nlu")
    assert ([entry.text for entry in entries], [entry.label for entry in entries]) == read_training_lines(DATA / "nlu")
    assert [entry.place for entry in entries if text_at(entry) != f"    - {entry.text}"] == []
    assert entries[0].place.startswith("data/nlu/")


def test_the_shipped_held_apart_lines_are_all_there_each_at_its_place() -> None:
    entries = read_held_apart(DATA / "held_apart")
    assert {entry.path.stem for entry in entries} == {"calibration", "routes", "safety", "welsh"}
    rows = sum(len(path.read_text(encoding="utf-8").splitlines()) - 1 for path in (DATA / "held_apart").glob("*.tsv"))
    assert len(entries) == rows
    for entry in entries:
        cells = text_at(entry).split("\t")
        assert cells[-1] == entry.text and entry.label in cells


def test_every_sentence_that_is_said_is_there_and_nothing_else_of_the_catalogue() -> None:
    entries = read_said(DATA)
    names = {(entry.path.stem, entry.label): entry.text for entry in entries}
    assert names["en", "replies.crisis_beside"].startswith("If you want to die")
    assert [entry.text for entry in entries if entry.label == "replies.thanks" and entry.path.stem == "en"] == [
        "You are welcome.",
        "The helpline is there when you want to talk.",
    ]
    assert names["emergency", "samaritans.tel"] == "116 123"
    assert names["stop_it_now", "stop_it_now_helpline.facts.cost"] == "The call is free from the UK."
    assert not {entry.label.rpartition(".")[2] for entry in entries} & {"source", "checked", "grade", "hours", "verified"}
    for entry in entries:
        # What is folded begins below its name.
        assert entry.text.split()[0] in " ".join(entry.path.read_text(encoding="utf-8").split("\n")[entry.number - 1 :][:2])


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("nlu:\n- examples: |\n    - hello\n", r"talk\.yml: line 2: needs an intent, and examples after a \|"),
        ("nlu:\n\n- intent: greet\n  examples: hello\n", r"talk\.yml: line 3: needs an intent, and examples after a \|"),
        ("nlu:\n- intent: greet\n  examples: >\n    - hello\n", r"talk\.yml: line 2: needs an intent, and examples after a \|"),
        ("nlu: [", r"talk\.yml: line 1: "),
    ],
)
def test_a_file_that_is_no_training_data_is_named(broken: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "talk.yml").write_text(broken, encoding="utf-8")
    with pytest.raises(StartError, match=said):
        read_training(tmp_path)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("route\ttext\ngreet\n", r"some\.tsv: line 2: should have 2 columns"),
        ("tags\ttext\n\thello\n", r"some\.tsv: line 1: should name the columns"),
        ("text\troute\nhello\tgreet\n", r"some\.tsv: line 1: should name the columns"),
    ],
)
def test_a_held_apart_file_that_cant_be_read_is_named(broken: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "some.tsv").write_text(broken, encoding="utf-8")
    with pytest.raises(StartError, match=said):
        read_held_apart(tmp_path)


@pytest.mark.parametrize(
    ("text", "plain", "opening"),
    [("I'm NOT in danger!", "im not in danger", "im not"), ("heyyy", "hey", "hey"), (" 🙂 ", "🙂", "🙂")],
)
def test_plain_text_is_the_lexicons_or_the_signs_where_there_is_no_word(text: str, plain: str, opening: str) -> None:
    entry = Entry(Path("x"), 1, "greet", text)
    assert (entry.plain, entry.opening) == (plain, opening)
