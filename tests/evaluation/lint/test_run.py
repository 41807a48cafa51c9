"""`./signpost lint`: what it prints and how it ends, and what is said to visitors now."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console
from typer.testing import CliRunner

from bot.cli import app
from bot.errors import StartError
from bot.evaluation.lint import rules
from bot.evaluation.lint.entries import read_said
from bot.evaluation.lint.run import lint
from bot.settings import ROOT


def same(text: str) -> NDArray[np.float32]:
    """For a stand-in, all texts mean the same."""
    return np.ones(1, np.float32)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of data with sixty lines, one sentence and one pointer, nothing wrong with any."""
    for folder in ("nlu", "held_apart", "phrases", "catalogue"):
        (tmp_path / folder).mkdir()
    (tmp_path / "style.yml").write_text((ROOT / "data" / "style.yml").read_text(encoding="utf-8"), encoding="utf-8")
    lines = "".join(f"    - {chr(0x4E00 + number)}\n" for number in range(60))
    (tmp_path / "nlu" / "talk.yml").write_text(f"nlu:\n- intent: greet\n  examples: |\n{lines}", encoding="utf-8")
    (tmp_path / "held_apart" / "routes.tsv").write_text("route\ttext\ngreet\thello there\n", encoding="utf-8")
    (tmp_path / "phrases" / "en.yml").write_text("replies:\n  greet: Hello.\n", encoding="utf-8")
    (tmp_path / "catalogue" / "places.yml").write_text("place:\n  name: A place\n  grade: A\n", encoding="utf-8")
    return tmp_path


def looked_through(data: Path) -> tuple[int, list[str]]:
    out = io.StringIO()
    code = lint(data, Console(file=out, width=40), encode=same)
    return code, out.getvalue().splitlines()


def add(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_with_nothing_wrong_it_says_what_it_read_and_ends_well(data: Path) -> None:
    assert looked_through(data) == (0, ["0 findings in 60 training lines, 1 held-apart lines and 2 sentences."])


def test_each_finding_is_a_line_of_its_own_by_file_and_line_and_the_exit_code_is_1(data: Path) -> None:
    add(data / "nlu" / "talk.yml", "    - /start over\n    - Hello there!\n    - one two three four five six seven\n")
    add(data / "held_apart" / "routes.tsv", "greet\tone two three four five six sevens\n")
    add(data / "phrases" / "en.yml", "  thanks:\n  - You are welcome.\n  - You monsters.\n")
    add(data / "catalogue" / "places.yml", "  about: For offenders.\n  source: https://offenders.example/\n")
    code, printed = looked_through(data)
    assert code == 1
    assert [line.replace(f"{data}/", "") for line in printed] == [
        "catalogue/places.yml:4: place.about: 'For offenders.' has 'offenders', which is never said",
        "held_apart/routes.tsv:2: greet: 'hello there' stands at nlu/talk.yml:65 already (greet)",
        "nlu/talk.yml:64: greet: '/start over' begins with a slash, which is Rasa's sign for a command",
        (
            "nlu/talk.yml:66: greet: 'one two three four five six seven' is nearly 'one two three four five six sevens' "
            "at held_apart/routes.tsv:3 (held apart; cosine 1.00)"
        ),
        "phrases/en.yml:5: replies.thanks: 'You monsters.' has 'monsters', which is never said",
        "5 findings in 63 training lines, 2 held-apart lines and 5 sentences.",
    ]


@pytest.mark.parametrize("name", ["style.yml", "nlu/talk.yml", "held_apart/routes.tsv", "phrases/en.yml"])
def test_a_file_that_cant_be_read_is_named(name: str, data: Path) -> None:
    (data / name).write_text("broken: [", encoding="utf-8")
    with pytest.raises(StartError, match=name):
        looked_through(data)


def test_the_command_ends_with_what_the_linter_says(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (data / "encoder").symlink_to(ROOT / "data" / "encoder")
    monkeypatch.setenv("SIGNPOST_DATA", str(data))
    assert CliRunner().invoke(app, ["lint"]).exit_code == 0
    add(data / "nlu" / "talk.yml", "    - 一\n")
    assert CliRunner().invoke(app, ["lint"]).exit_code == 1


def test_nothing_that_is_said_now_holds_a_word_that_is_never_said() -> None:
    style = rules.load_style(ROOT / "data" / "style.yml")
    assert [str(finding) for finding in rules.words_said(read_said(ROOT / "data"), style)] == []
