"""What a conversation costs stays what it is, however long it is and however many others there are."""

from __future__ import annotations

import dataclasses
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from waiting import run

from bot.conversation import Assistant

if TYPE_CHECKING:
    from bot.engine.tracker_store import ConversationStore

MANY = 100_000


def new_store(loaded: Assistant, limit: int) -> ConversationStore:
    """`loaded` is asked for because Rasa must be imported first."""
    from bot.engine.tracker_store import ConversationStore

    store = ConversationStore(limit=limit, idle=1_800.0, lifetime=14_400.0)
    store.domain = loaded.engine.domain
    return store


def microseconds(work: Callable[[], object], times: int = 300) -> float:
    """The median time of a piece of work."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1e6


@pytest.fixture(scope="module")
def full(loaded: Assistant) -> tuple[ConversationStore, list[str]]:
    store = new_store(loaded, MANY)
    return store, [store.open(None).id for _ in range(MANY)]


def test_a_turn_takes_the_same_among_a_hundred_thousand_conversations(
    loaded: Assistant, full: tuple[ConversationStore, list[str]]
) -> None:
    among_many, ids = full
    alone = new_store(loaded, MANY)
    only = alone.open(None).id

    def turn(store: ConversationStore, id: str) -> None:
        store.open(id)
        run(store.save(run(store.retrieve(id))))

    fast = microseconds(lambda: turn(alone, only))
    assert microseconds(lambda: turn(among_many, ids[MANY // 2])) < 2 * fast + 200
    assert len(among_many) == MANY


@pytest.mark.parametrize("limit", [20_000, MANY])
def test_the_last_of_a_hundred_thousand_is_opened_as_fast_as_the_first_and_none_is_beyond_the_limit(
    limit: int, loaded: Assistant
) -> None:
    store = new_store(loaded, limit)
    first = microseconds(lambda: store.open(None), 10_000)
    microseconds(lambda: store.open(None), MANY - 20_000)
    last = microseconds(lambda: store.open(None), 10_000)
    print(f"{first:.1f} microseconds at first, {last:.1f} at last")  # noqa: T201
    assert last < 3 * first
    assert len(store) == limit


def test_a_conversation_takes_less_than_two_kilobytes(loaded: Assistant) -> None:
    store = new_store(loaded, MANY)
    tracemalloc.start()
    try:
        for _ in range(2_000):
            store.open(None).slots = {"crisis_in_view": True}
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size / 2_000 < 2_048


def test_after_two_hundred_turns_a_turn_takes_what_the_first_ones_take_and_no_more_is_held(assistant: Assistant) -> None:
    """Old and young take turns in turn, so that whatever else the machine does slows both."""
    took: dict[str, list[float]] = {"old": [], "young": []}
    held: list[tuple[int, int]] = []

    async def turn(id: str | None, number: int) -> str | None:
        text = f"he has been arrested {number}" if number % 4 == 3 else None
        choice = ("own_behaviour", "ask_hours", "suicide_crisis")[number % 4] if text is None else None
        return (await assistant.turn(id, text=text, choice=choice)).conversation

    async def turns() -> None:
        ids: dict[str, str | None] = {"old": None, "young": None}
        for number in range(200):
            ids["old"] = await turn(ids["old"], number)
        for number in range(80):
            for name in ids:
                began = time.perf_counter()
                ids[name] = await turn(ids[name], number)
                took[name].append(time.perf_counter() - began)
            if number % 20 == 19:
                held.append((size_of(assistant, ids["old"]), size_of(assistant, ids["young"])))
                ids["young"] = None

    run(turns())
    old, young = statistics.median(took["old"]), statistics.median(took["young"])
    print(f"a turn takes {young * 1000:.2f} ms at first, {old * 1000:.2f} ms after 200")  # noqa: T201
    assert old < 2 * young
    assert [old for old, _ in held] == [young for _, young in held]


def size_of(assistant: Assistant, id: str | None) -> int:
    """The bytes of a conversation's fields and of what is in its slots."""
    conversation = assistant.store.open(id)
    held = [getattr(conversation, field.name) for field in dataclasses.fields(conversation)]
    return sum(map(sys.getsizeof, [*held, *conversation.slots, *conversation.slots.values()]))
