"""Once a turn is over, nothing of what was typed can be found anywhere in the process."""

from __future__ import annotations

import gc
import secrets
import string
import sys
from collections.abc import Iterable
from types import FrameType, FunctionType, ModuleType

import pytest
from waiting import run

from bot.conversation import Assistant

#: Modules of the test tools, which hold the test's own words.
TOOLS = {"pytest", "_pytest", "pluggy", "hypothesis", "conftest", "__main__"}


def holding(roots: Iterable[object], marker: str) -> list[str]:
    """All strings and bytes with the marker in them that can be reached from the roots."""
    found: list[str] = []
    seen: set[int] = set()
    waiting = list(roots)
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, str):
            found += [item] if marker in item.lower() else []
        elif isinstance(item, bytes | bytearray):
            found += [repr(item)] if marker.encode() in item.lower() else []
        elif isinstance(item, FunctionType):
            waiting += [item.__defaults__, item.__kwdefaults__, item.__closure__, item.__dict__]
        elif not isinstance(item, ModuleType | FrameType):
            waiting += gc.get_referents(item)
    return found


def everything(assistant: Assistant) -> list[object]:
    """The assistant, and what all modules hold, but for those of the tests."""
    modules = {name: module for name, module in sys.modules.items() if not name.startswith("test_")}
    return [
        assistant,
        *(list(vars(module).values()) for name, module in modules.items() if name.partition(".")[0] not in TOOLS),
    ]


def new_word() -> str:
    """A word that nobody has typed before, of letters that no cleaning changes. No fixture, since pytest keeps those."""
    return "".join(secrets.SystemRandom().sample(string.ascii_lowercase, 20))


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_of_a_text_can_be_found_afterwards(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fails: bool
) -> None:
    marker = new_word()

    async def fail(*args: object) -> None:
        raise RuntimeError(f"about {args} and {marker}")

    if fails:
        monkeypatch.setattr(assistant.engine, "answer", fail)
        monkeypatch.setattr(assistant.reader, "_classify", fail)
    id = None
    for text in ("{}", "i want to die {}", "hello {}", "{} " * 60, "i would never kill myself {}"):
        for choice in (None, "ask_cost"):
            taken = run(assistant.turn(id, text=text.format(*[marker] * 60), choice=choice))
            id = taken.conversation
    del fail, text
    monkeypatch.undo()
    assert holding([*everything(assistant), taken], marker) == []
    assert marker not in "".join(capsys.readouterr())


def test_the_search_for_a_text_would_find_one(assistant: Assistant) -> None:
    marker = new_word()
    conversation = assistant.store.open(None)
    conversation.slots["typed"] = [{"text": f"words {marker}"}]
    assert holding(everything(assistant), marker) == [f"words {marker}"]
    run(assistant.store.delete(conversation.id))
