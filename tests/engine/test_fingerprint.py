"""A model is fresh when it was made from what is here now, and not otherwise."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.engine import fingerprint as module
from bot.engine.fingerprint import fingerprint, is_fresh, stamp
from bot.settings import ROOT


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what a model is made from, and the module looking there."""
    for folder in ("bot", "data"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "*.onnx"))
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "CONFIG", tmp_path / "bot" / "config.yml")
    monkeypatch.setattr(module, "DOMAIN", tmp_path / "bot" / "domain")
    return tmp_path


@pytest.fixture
def model(tree: Path) -> Path:
    """A file that stands for a model made from the copy."""
    path = tree / "models" / "signpost.tar.gz"
    path.parent.mkdir()
    path.write_bytes(b"a model")
    stamp(path).write_text(fingerprint(tree / "data"))
    return path


MADE_FROM = [
    *("bot/config.yml", "bot/domain/talk.yml", "data/nlu/talk.yml", "data/rules/talk.yml"),
    *("data/lexicon/words.yml", "data/encoder/manifest.json", "data/spelling/english.txt"),
    *("bot/understanding/text.py", "bot/understanding/classifier.py", "bot/understanding/components.py"),
]


def test_a_copy_has_the_same_fingerprint(tree: Path) -> None:
    copied = fingerprint(tree / "data")
    assert copied == fingerprint(tree / "data")
    assert len(copied) == 64


def test_a_model_with_its_stamp_is_fresh(tree: Path, model: Path) -> None:
    assert is_fresh(model, tree / "data")


@pytest.mark.parametrize("name", MADE_FROM)
def test_a_model_is_stale_once_a_file_it_was_made_from_has_changed(tree: Path, model: Path, name: str) -> None:
    before = (tree / name).read_bytes()
    (tree / name).write_bytes(before + b"\n")
    assert not is_fresh(model, tree / "data")
    (tree / name).write_bytes(before)
    assert is_fresh(model, tree / "data")


@pytest.mark.parametrize("name", [name for name in MADE_FROM[1:] if name.endswith((".py", ".yml"))])
def test_a_model_is_stale_once_a_file_came_went_or_has_another_name(tree: Path, model: Path, name: str) -> None:
    path = tree / name
    renamed = path.rename(path.with_stem("zz_renamed"))
    assert not is_fresh(model, tree / "data")
    shutil.copy(renamed, path)
    assert not is_fresh(model, tree / "data")
    renamed.unlink()
    assert is_fresh(model, tree / "data")


@pytest.mark.parametrize("name", ["data/phrases/en.yml", "data/catalogue/emergency.yml", "bot/conversation.py"])
def test_what_is_read_at_the_start_needs_no_training(tree: Path, model: Path, name: str) -> None:
    with (tree / name).open("a", encoding="utf-8") as file:
        file.write("\n# a remark\n")
    assert is_fresh(model, tree / "data")


def test_another_rasa_or_python_makes_a_model_stale(tree: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(module, "RASA_VERSION", "3.6.20")
        assert not is_fresh(model, tree / "data")
    with monkeypatch.context() as patched:
        patched.setattr(module.sys, "version_info", (3, 99, 0))
        assert not is_fresh(model, tree / "data")
    assert is_fresh(model, tree / "data")


def test_without_a_model_or_a_stamp_nothing_is_fresh(tree: Path, model: Path) -> None:
    stamp(model).rename(tree / "stamp")
    assert not is_fresh(model, tree / "data")
    (tree / "stamp").rename(stamp(model))
    model.unlink()
    assert not is_fresh(model, tree / "data")


def test_the_stamp_stands_beside_the_model() -> None:
    assert stamp(Path("models/signpost.tar.gz")) == Path("models/signpost.made_from")
