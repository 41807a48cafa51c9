"""The engine: a model that can't be used stops the start in one line, and only plans come out of a good one."""

from __future__ import annotations

import io
import json
import tarfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from waiting import run

from bot.answers.reply import Plan
from bot.conversation import Assistant
from bot.errors import StartError
from bot.settings import Settings
from bot.understanding.routes import ROUTES

if TYPE_CHECKING:
    from bot.engine.agent import Engine


@pytest.fixture
def load(loaded: Assistant) -> Callable[[Path], Engine]:
    """Load a model. `loaded` is asked for because Rasa must be imported first."""
    from bot.engine.agent import Engine
    from bot.engine.tracker_store import ConversationStore

    def load_it(model: Path) -> Engine:
        with warnings.catch_warnings():  # as `log.configure` has it: what Rasa warns of is no error
            warnings.simplefilter("ignore")
            return Engine(model, ConversationStore(limit=5, idle=60, lifetime=60))

    return load_it


def refusal(load: Callable[[Path], Engine], model: Path) -> str:
    with pytest.raises(StartError) as caught:
        load(model)
    line = str(caught.value)
    assert "\n" not in line
    assert "./signpost train" in line
    assert str(model) in line
    return line


def test_a_missing_model_is_said_in_one_line(load: Callable[[Path], Engine], tmp_path: Path) -> None:
    assert "no model there" in refusal(load, tmp_path / "model.tar.gz")


def test_a_folder_is_no_model(load: Callable[[Path], Engine], tmp_path: Path) -> None:
    assert "no model there" in refusal(load, tmp_path)


@pytest.mark.parametrize("damage", ["empty", "noise", "cut short", "zeros inside"])
def test_a_damaged_model_is_said_in_one_line(
    load: Callable[[Path], Engine], settings: Settings, tmp_path: Path, damage: str
) -> None:
    content = settings.model.read_bytes()
    half = len(content) // 2
    spoiled = {
        "empty": b"",
        "noise": bytes(range(256)) * 40,
        "cut short": content[:half],
        "zeros inside": content[:half] + bytes(2_000) + content[half + 2_000 :],
    }
    model = tmp_path / "model.tar.gz"
    model.write_bytes(spoiled[damage])
    assert "can't be loaded" in refusal(load, model)


def repacked(settings: Settings, to: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The real model with its files changed, or left out where `change` gives None."""
    with tarfile.open(settings.model) as old, tarfile.open(to, "w:gz", compresslevel=1) as new:
        for member in old.getmembers():
            file = old.extractfile(member)
            if file is None:
                new.addfile(member)
                continue
            content = change(member.name, file.read())
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    return to


def test_a_model_of_another_rasa_is_said_in_one_line(
    load: Callable[[Path], Engine], settings: Settings, tmp_path: Path
) -> None:
    def age(name: str, content: bytes) -> bytes:
        if name.rpartition("/")[2] != "metadata.json":
            return content
        return json.dumps({**json.loads(content), "rasa_open_source_version": "2.8.0"}).encode()

    line = refusal(load, repacked(settings, tmp_path / "model.tar.gz", age))
    assert "UnsupportedModelVersionError" in line


def test_a_model_without_its_classifier_is_said_in_one_line(
    load: Callable[[Path], Engine], settings: Settings, tmp_path: Path
) -> None:
    model = repacked(settings, tmp_path / "model.tar.gz", lambda name, content: None if "Classifier" in name else content)
    assert "can't be loaded" in refusal(load, model)


def test_an_action_that_is_nowhere_is_named(
    load: Callable[[Path], Engine], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.engine.in_process_actions import InProcessActions

    found = InProcessActions().names
    monkeypatch.setattr(InProcessActions, "names", found - {"action_tell_hours", "action_ask_who"})
    with pytest.raises(StartError) as caught:
        load(settings.model)
    assert str(caught.value) == "bot/domain names actions that are not in actions/: action_ask_who, action_tell_hours"


def test_every_route_has_a_share_and_the_shares_sum_to_one(assistant: Assistant) -> None:
    shares = run(assistant.engine.shares("when are you open"))
    labels = {label: share for label, share in shares.items() if not label.startswith("crisis/")}
    assert {label.partition("/")[0] for label in labels} == set(ROUTES)
    assert sum(labels.values()) == pytest.approx(1, abs=1e-4)
    assert shares.keys() - labels.keys() == {"crisis/immediate_danger", "crisis/suicide_crisis"}


@pytest.mark.parametrize("route", ROUTES)
def test_every_route_has_exactly_one_plan(assistant: Assistant, route: str) -> None:
    conversation = assistant.store.open(None)
    plans = run(assistant.engine.answer(conversation.id, route, {}))
    assert len(plans) == 1
    assert plans[0].say
    assert plans[0].point_to
    run(assistant.store.delete(conversation.id))


def test_an_unknown_conversation_leaves_nothing_behind(assistant: Assistant) -> None:
    before = len(assistant.store)
    run(assistant.engine.answer("nobody", "greet", {}))
    assert len(assistant.store) == before
    assert run(assistant.store.retrieve("nobody")) is None


@pytest.mark.parametrize("message", [{"text": "words"}, {"text": "words", "buttons": []}, {"image": "x"}, {}])
def test_a_response_that_is_no_plan_is_dropped(loaded: Assistant, message: dict[str, Any]) -> None:
    from bot.engine.agent import PlanCollector

    collector = PlanCollector()
    run(collector.send_response("id", message))
    assert collector.plans == []


def test_a_plan_with_words_in_it_is_refused(loaded: Assistant) -> None:
    import msgspec

    from bot.engine.agent import PlanCollector

    collector = PlanCollector()
    run(collector.send_response("id", {"custom": {"say": ["greet"]}}))
    assert collector.plans == [Plan(say=("greet",))]
    with pytest.raises(msgspec.ValidationError):
        run(collector.send_response("id", {"custom": {"say": ["greet"], "text": "words"}}))
