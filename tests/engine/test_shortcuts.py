"""The two shortcuts through Rasa's inside leave every reply as it is without them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from typing import Any

import msgspec
import pytest
from waiting import OPEN

from bot.answers.catalogue import read_mapping
from bot.conversation import Assistant
from bot.settings import ROOT
from bot.understanding.routes import ROUTES

#: Takes turns given on standard input, with an assistant as Rasa itself would run it, and prints what each came to.
_WITHOUT = """
import sys, json
sys.path.insert(0, "tests")
from waiting import OPEN
from bot.settings import load_settings
from bot.start import load_assistant
assistant = load_assistant(load_settings(environment={}), now=lambda: OPEN, shortcuts=False)
from rasa.core.actions.action import RemoteAction
from rasa.engine.runner.dask import DaskGraphRunner
assert type(assistant.engine._processor.graph_runner) is DaskGraphRunner
assert RemoteAction._validate_action_result.__module__ == "rasa.core.actions.action"
sys.path.insert(0, "tests/engine")
from test_shortcuts import outcomes
print(json.dumps(outcomes(assistant, json.load(sys.stdin))))
"""


def messages() -> dict[str, str]:
    """The first line of each route in the training data."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for entry in read_mapping(path)["nlu"]:
            examples = entry["examples"]
            first = examples[0]["text"] if isinstance(examples, list) else examples.splitlines()[0].removeprefix("- ")
            found.setdefault(entry["intent"].partition("/")[0], first)
    return found


def outcomes(assistant: Assistant, turns: list[list[str]]) -> list[Any]:
    """What each turn came to. Those that begin with the same key are one conversation, which has an id of its own."""
    ids: dict[str, str] = {}

    async def take() -> list[Any]:
        done = []
        for key, kind, value in turns:
            taken = await assistant.turn(ids.get(key), **{kind: value})
            ids[key] = taken.conversation
            done.append(json.loads(msgspec.json.encode(msgspec.structs.replace(taken, conversation=key))))
        return done

    return asyncio.run(take())


@pytest.fixture(scope="module")
def both(loaded: Assistant) -> list[tuple[list[str], Any, Any]]:
    """Each turn with its outcome with shortcuts and without."""
    choices = list(loaded.answers.phrases("en").choices)
    turns = [[f"text {route}", "text", text] for route, text in messages().items()]
    turns += [[f"choice {choice}", "choice", choice] for choice in choices]
    turns += [["one conversation", "choice", choice] for choice in ("suicide_crisis", "correct_me", "ask_hours", "restart")]
    turns += [["one conversation", "text", text] for text in ("qwerty asdf", "", "help " * 300)]
    kept, loaded.now = loaded.now, lambda: OPEN
    try:
        with_shortcuts = outcomes(loaded, turns)
    finally:
        loaded.now = kept
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SIGNPOST_")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _WITHOUT],
        input=json.dumps(turns),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(zip(turns, with_shortcuts, json.loads(done.stdout), strict=True))


def test_there_is_a_message_of_every_route() -> None:
    assert set(messages()) >= set(ROUTES)


def test_every_route_was_reached(both: list[tuple[list[str], Any, Any]]) -> None:
    assert {outcome["route"] for _, outcome, _ in both} == set(ROUTES)


def test_every_reply_is_the_same_without_the_shortcuts(both: list[tuple[list[str], Any, Any]]) -> None:
    different = [turn for turn, with_shortcuts, without in both if with_shortcuts != without]
    assert different == []


def test_no_reply_is_the_fallback(both: list[tuple[list[str], Any, Any]]) -> None:
    """Two fallbacks would be equal too."""
    assert not [turn for turn, with_shortcuts, _ in both if with_shortcuts["failed"]]


def test_the_shortcuts_are_taken(loaded: Assistant) -> None:
    from rasa.core.actions.action import RemoteAction

    from bot.engine.shortcuts import OrderedRunner

    assert type(loaded.engine._processor.graph_runner) is OrderedRunner
    assert RemoteAction._validate_action_result.__module__ == "bot.engine.shortcuts"


def test_nodes_run_after_what_they_need_and_only_those_wanted(loaded: Assistant) -> None:
    runner = loaded.engine._processor.graph_runner
    for target in runner._schema.nodes:
        order = [name for name, _ in runner._order((target,))]
        assert order[-1] == target
        assert len(set(order)) == len(order)
        for place, name in enumerate(order):
            needed = set(runner._schema.nodes[name].needs.values()) & set(runner._schema.nodes)
            assert needed <= set(order[:place])
