"""What a conversation costs stays what it is, however long it is and however many others there are."""

from __future__ import annotations

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


def test_beyond_the_limit_a_new_conversation_takes_the_same_and_none_is_added(
    full: tuple[ConversationStore, list[str]], loaded: Assistant
) -> None:
    store = new_store(loaded, 1_000)
    first = microseconds(lambda: store.open(None), 1_000)
    last = microseconds(lambda: store.open(None), 20_000)
    assert last < 2 * first + 5
    assert len(store) == 1_000
    assert microseconds(lambda: full[0].open(None)) < 2 * first + 20


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


def test_the_two_hundredth_turn_takes_what_the_first_ones_took(assistant: Assistant) -> None:
    id, took = None, []
    for number in range(220):
        began = time.perf_counter()
        id = run(assistant.turn(id, choice=("own_behaviour", "ask_hours", "suicide_crisis")[number % 3])).conversation
        took.append(time.perf_counter() - began)
    first, last = statistics.median(took[20:70]), statistics.median(took[-50:])
    assert last < 1.5 * first + 0.001
    assert sys.getsizeof(assistant.store.open(id).slots) < 300
