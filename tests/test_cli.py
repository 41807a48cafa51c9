"""The commands, as a person at a terminal or a script runs them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.cli import app, main
from bot.engine.fingerprint import is_fresh, stamp
from bot.settings import ROOT, Settings
from bot.understanding.routes import ROUTES

Runs = dict[str, subprocess.CompletedProcess[bytes]]

#: What `classify` reads, and the routes that are sure.
LINES: dict[bytes, str | None] = {
    b"hello\n": "greet",
    b"\n": "out_of_scope",
    b"I want to kill myself\r\n": "suicide_crisis",
    b"\r\n": "out_of_scope",
    b"\xff\xfe\xc3\x28 \x80\n": None,
    b"thank you\xe2\x80\xa8thank you\n": "thanks",
    b"thank you\x85\x0b\x0c\x1cthank you\n": None,
    b"thank you\rthank you\n": "thanks",
    b"/restart\n": "restart",
    b"\xef\xbc\x8f\xef\xbc\x8frestart\n": "restart",
    b"\x00\x01\x02\n": "out_of_scope",
    b"\xf0\x9f\x99\x81 \t tab\tseparated\n": None,
    b'{"text": "hello"}\n': None,
    b"\xed\xa0\x80\n": None,
    b"word " * 2_000 + b"\n": None,
    b"what time does the helpline open\n": "ask_hours",
    b"goodbye": "goodbye",  # no line end
}
CHAT = "I want to kill myself\n1\n99\n\n/restart\nhello \u202e".encode()  # "1" is the first button of the first answer


def run_bot(*arguments: str, typed: bytes = b"", **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command as `./signpost` does, with none of the caller's own settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SIGNPOST_")}
    environment |= {"COLUMNS": "400", "PYTHONIOENCODING": "utf-8"} | variables
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, input=typed, cwd=ROOT, env=environment, capture_output=True, timeout=60, check=False)


def run_here(monkeypatch: pytest.MonkeyPatch, *arguments: str, **variables: str) -> int | str | None:
    """Run a command that ends before it reads anything in this process, which is quicker. Returns the exit code."""
    monkeypatch.setattr(sys, "argv", ["signpost", *arguments])
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def assert_one_line(text: str) -> str:
    (line,) = text.splitlines()
    assert line.startswith("signpost: ")
    return line


@pytest.fixture(scope="module")
def fresh(settings: Settings) -> Settings:
    """The settings, when the model is fresh: no test may train one unawares."""
    assert is_fresh(settings.model, settings.data), "the model is stale: run ./signpost train"
    return settings


@pytest.fixture(scope="module")
def ran(fresh: Settings) -> Runs:
    """The commands that take seconds, two at a time, by name."""
    runs = {
        "classify": (("classify",), b"".join(LINES)),
        "chat": (("chat",), CHAT),
        "rasa": (("rasa", "--help"), b""),
        "test": (("test", "--help"), b""),
    }
    with ThreadPoolExecutor(2) as pool:
        running = {name: pool.submit(run_bot, *words, typed=typed) for name, (words, typed) in runs.items()}
        return {name: run.result() for name, run in running.items()}


@pytest.fixture
def copied(fresh: Settings, tmp_path: Path) -> dict[str, str]:
    """Variables that lead to copies of the data and of the model, to be broken."""
    model = tmp_path / fresh.model.name
    shutil.copytree(fresh.data, tmp_path / "data", ignore=shutil.ignore_patterns("encoder"))
    (tmp_path / "data" / "encoder").symlink_to(fresh.data / "encoder")  # large, and not broken by any test
    shutil.copy(fresh.model, model)
    shutil.copy(stamp(fresh.model), stamp(model))
    return {"SIGNPOST_DATA": str(tmp_path / "data"), "SIGNPOST_MODEL": str(model)}


def commands() -> Iterator[list[str]]:
    """Every command, as it is typed."""
    for name, command in vars(typer.main.get_command(app))["commands"].items():
        yield [name]
        yield from ([name, inner] for inner in vars(command).get("commands", ()))


#: These pass `--help` on to the tool that they run.
PASS_HELP_ON = {"test": "pytest", "rasa": "Rasa"}


@pytest.mark.parametrize("command", [words for words in commands() if words[0] not in PASS_HELP_ON], ids=" ".join)
def test_every_command_says_what_it_does(command: list[str]) -> None:
    shown = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert f"Usage: signpost {' '.join(command)}" in shown.output.replace("root", "signpost")
    assert len(shown.output.split()) > 10


@pytest.mark.parametrize(("command", "option"), [("test", "--collect-only"), ("rasa", "--version")])
def test_a_command_that_passes_its_words_on_shows_the_help_of_that_tool(command: str, option: str, ran: Runs) -> None:
    assert ran[command].returncode == 0
    assert option in ran[command].stdout.decode()


def test_help_names_every_command() -> None:
    ran = run_bot("--help")
    assert (ran.returncode, ran.stderr) == (0, b"")
    for command in commands():
        assert re.search(rf"\b{command[0]}\b", ran.stdout.decode())


@pytest.mark.parametrize("words", [["no-such-command"], ["serve", "--port", "many"], ["classify", "--no-such-option"]])
def test_a_command_that_is_not_there_ends_with_exit_code_2(words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 2


def test_a_wrong_setting_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here(monkeypatch, "classify", SIGNPOST_PORT="many") == 2
    printed = capsys.readouterr()
    assert "the environment: " in assert_one_line(printed.err)
    assert "port" in printed.err
    assert printed.out == ""


def test_classify_prints_one_line_for_each_line_in_order(ran: Runs) -> None:
    classified = ran["classify"]
    assert (classified.returncode, classified.stderr) == (0, b"")
    printed = classified.stdout.decode("ascii")
    assert printed.endswith("\n")
    rows = [line.split("\t") for line in printed[:-1].split("\n")]
    assert len(rows) == len(LINES)
    for row, wanted in zip(rows, LINES.values(), strict=True):
        assert row[0] == (wanted or row[0])


def test_each_line_of_classify_has_four_fields(ran: Runs) -> None:
    for line in ran["classify"].stdout.decode("ascii").splitlines():
        route, tier, confidence, offered = line.split("\t")
        assert route in ROUTES
        assert tier in {"none", "possible", "certain"}
        assert re.fullmatch(r"[01]\.\d{3}", confidence)
        assert 0 <= float(confidence) <= 1
        assert set(filter(None, offered.split(","))) <= set(ROUTES)


def test_chat_over_a_pipe_shows_the_reply_and_what_staff_want_to_know(ran: Runs) -> None:
    chat = ran["chat"]
    assert (chat.returncode, chat.stderr) == (0, b"")
    shown = chat.stdout.decode()
    route, tier, rule, offered, pointers = (
        re.findall(rf"(?m)^{fact} +(\S.*?) *$", shown) for fact in ("route", "tier", "rule", "offered", "pointers")
    )
    assert len(route) == len(tier) == len(rule) == len(offered) == len(pointers) == 6
    assert route[:2] + route[4:] == ["suicide_crisis", "correct_me", "restart", "greet"]
    assert tier[:2] == ["certain", "none"]
    assert all(len(sentence.split()) > 3 for sentence in rule)
    assert pointers[0].startswith("emergency_999, samaritans, stop_it_now_helpline")
    assert all("stop_it_now_helpline" in shown_pointers for shown_pointers in pointers)
    assert shown.count("  [1] ") == 6
    assert shown.count(": 0808 1000 900, https://") >= 6


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("catalogue/emergency.yml", "broken: ["),
        ("phrases/en.yml", "broken: ["),
        ("phrases/en.yml", "\tbroken: 1"),
        ("lexicon/suicide_crisis.yml", "broken: ["),
    ],
)
def test_broken_yaml_is_told_in_one_line_with_its_file_and_line(
    name: str, broken: str, copied: dict[str, str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = Path(copied["SIGNPOST_DATA"]) / name
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{broken}\n", encoding="utf-8")
    assert run_here(monkeypatch, "classify", **copied) == 2
    found = re.match(rf"signpost: {re.escape(str(path))}: line (\d+): \S", assert_one_line(capfd.readouterr().err))
    assert found
    last = path.read_text(encoding="utf-8").count("\n")
    assert int(found[1]) in (last, last + 1)  # what is never closed is missed at the end


def test_a_start_that_fails_prints_its_line_and_nothing_else(copied: dict[str, str]) -> None:
    (Path(copied["SIGNPOST_DATA"]) / "catalogue" / "emergency.yml").write_text("broken: [", encoding="utf-8")
    ran = run_bot("classify", typed=b"hello\n", **copied)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert "emergency.yml: line 1: " in assert_one_line(ran.stderr.decode())


@pytest.mark.parametrize("size", [0, 1_000, 100_000])
def test_a_damaged_model_is_told_in_one_line_with_what_to_do(
    size: int, copied: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = Path(copied["SIGNPOST_MODEL"])
    model.write_bytes(model.read_bytes()[:size])
    assert run_here(monkeypatch, "classify", **copied) == 2
    line = assert_one_line(capsys.readouterr().err)
    assert line.startswith(f"signpost: {model}: ")
    assert line.endswith("run ./signpost train --force")
