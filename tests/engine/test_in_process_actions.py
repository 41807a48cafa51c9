"""Actions run in this process. One that fails costs the visitor nothing but the better answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from waiting import run

from bot.answers.reply import FALLBACK_POINTERS
from bot.conversation import Assistant, Turn

SECRET = "kettledrum"  # noqa: S105  # a word that only the visitor typed


@pytest.fixture
def executor(assistant: Assistant) -> Any:
    return assistant.engine._agent.action_endpoint._executor


@pytest.fixture
def broken(executor: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make one action fail, with an error whose text holds all that the action was given."""

    def fail(dispatcher: Any, tracker: Any, domain: Any) -> Any:
        raise RuntimeError(f"{SECRET} {tracker.latest_message}")

    def break_it(name: str) -> None:
        assert name in executor.actions
        monkeypatch.setitem(executor.actions, name, fail)

    return break_it


def test_the_actions_found_are_those_of_the_domain(assistant: Assistant) -> None:
    named = {name for name in assistant.engine.domain.user_actions if name.startswith("action_")}
    assert named == assistant.engine._agent.action_endpoint.names
    assert "action_ask_who" in named


@pytest.mark.parametrize(
    ("action", "choice"),
    [("action_tell_hours", "ask_hours"), ("action_ask_who", "out_of_scope"), ("action_restart", "restart")],
)
def test_an_action_that_fails_gives_the_fallback_with_its_pointers(
    broken: Callable[[str], None],
    turn: Callable[..., Turn],
    assistant: Assistant,
    capsys: pytest.CaptureFixture[str],
    action: str,
    choice: str,
) -> None:
    broken(action)
    taken = turn(SECRET, choice=choice)
    assert taken.failed
    assert taken.reply == assistant.answers.error("fallback", "en", assistant.now())
    assert tuple(card.id for card in taken.reply.pointers) == FALLBACK_POINTERS
    printed = capsys.readouterr()
    assert SECRET not in printed.out + printed.err
    (line,) = printed.err.splitlines()
    event = json.loads(line)
    assert event.keys() == {"at", "event", "error"}
    assert event["event"] == "turn_failed"
    assert event["error"].isidentifier()


def test_the_next_turn_of_the_conversation_is_answered(
    broken: Callable[[str], None], turn: Callable[..., Turn], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken("action_tell_hours")
    failed = turn(choice="ask_hours")
    assert not turn(choice="ask_cost", id=failed.conversation).failed
    monkeypatch.undo()
    assert not turn(choice="ask_hours", id=failed.conversation).failed


def test_a_crisis_is_answered_though_what_remembers_it_fails(broken: Callable[[str], None], turn: Callable[..., Turn]) -> None:
    broken("action_keep_crisis_in_view")
    taken = turn(choice="suicide_crisis")
    assert not taken.failed
    assert [card.id for card in taken.reply.pointers[:2]] == ["emergency_999", "samaritans"]


def test_an_unknown_action_is_an_error(assistant: Assistant) -> None:
    from rasa_sdk.interfaces import ActionNotFoundException

    call = {"next_action": "action_unheard_of", "tracker": {}}
    with pytest.raises(ActionNotFoundException):
        run(assistant.engine._agent.action_endpoint.request(json=call))


def test_a_package_without_actions_adds_none(assistant: Assistant) -> None:
    from bot.engine.in_process_actions import InProcessActions

    assert InProcessActions("bot.answers").names == InProcessActions().names


def test_no_action_is_called_over_the_network(turn: Callable[..., Turn], monkeypatch: pytest.MonkeyPatch) -> None:
    import aiohttp

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a connection was asked for")

    monkeypatch.setattr(aiohttp.ClientSession, "_request", refuse)
    assert not turn(choice="ask_hours").failed
