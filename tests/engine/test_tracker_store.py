"""What is kept of a conversation: little, briefly, bounded, under an id that only the server makes."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
from waiting import run

from bot.conversation import Assistant

if TYPE_CHECKING:
    from bot.engine.tracker_store import ConversationStore

IDLE, LIFETIME, LIMIT = 60.0, 300.0, 5


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(loaded: Assistant, clock: Clock) -> ConversationStore:
    """A store of its own; `loaded` is asked for because Rasa must be imported first."""
    from bot.engine.tracker_store import ConversationStore

    made = ConversationStore(limit=LIMIT, idle=IDLE, lifetime=LIFETIME, clock=clock)
    made.domain = loaded.engine.domain
    return made


def test_ids_are_long_and_never_the_same(store: ConversationStore) -> None:
    ids = {store.open(None).id for _ in range(1_000)}
    assert len(ids) == 1_000
    assert min(map(len, ids)) >= 32  # 24 random bytes


def test_ids_have_no_common_part(store: ConversationStore) -> None:
    """A counter, a clock or the process's number in an id would help to guess the next."""
    ids = [store.open(None).id for _ in range(200)]
    for place in range(32):
        assert len({id[place] for id in ids}) > 20


@pytest.mark.parametrize("id", ["mine", "", "0", "a" * 32, "../../etc", "\x00", "x" * 10_000])
def test_a_client_cannot_choose_its_own_conversation_id(store: ConversationStore, id: str) -> None:
    conversation = store.open(id)
    assert conversation.id != id
    assert store.open(id) is not conversation
    assert run(store.retrieve(id)) is None


def test_a_known_id_finds_its_conversation(store: ConversationStore) -> None:
    first, second = store.open(None), store.open(None)
    assert store.open(first.id) is first
    assert store.open(second.id) is second


@pytest.mark.parametrize(("waits", "kept"), [(IDLE, True), (IDLE + 1, False)])
def test_a_conversation_ends_when_it_is_idle(store: ConversationStore, clock: Clock, waits: float, kept: bool) -> None:
    conversation = store.open(None)
    clock.now += waits
    assert (store.open(conversation.id) is conversation) is kept
    assert len(store) == 1


def test_a_message_keeps_a_conversation_alive_but_not_beyond_its_lifetime(store: ConversationStore, clock: Clock) -> None:
    conversation = store.open(None)
    while clock.now < 1_000 + LIFETIME:
        clock.now += IDLE / 2
        assert store.open(conversation.id) is conversation
    clock.now += 1
    assert store.open(conversation.id).id != conversation.id
    assert len(store) == 1


def test_beyond_the_limit_the_one_unused_for_longest_is_dropped(store: ConversationStore) -> None:
    first, second, *others = [store.open(None) for _ in range(LIMIT)]
    store.open(first.id)
    newest = store.open(None)
    assert len(store) == LIMIT
    assert run(store.retrieve(second.id)) is None
    assert all(store.open(kept.id) is kept for kept in (first, *others, newest))


def test_what_is_expired_is_forgotten_without_a_visitor(store: ConversationStore, clock: Clock) -> None:
    old = store.open(None)
    clock.now += IDLE * 0.75
    young = store.open(None)
    clock.now += IDLE * 0.75
    store.forget_expired()
    assert list(run(store.keys())) == [young.id]
    assert run(store.retrieve(old.id)) is None


def test_a_conversation_past_its_lifetime_is_forgotten_though_just_used(store: ConversationStore, clock: Clock) -> None:
    conversation = store.open(None)
    for _ in range(11):
        clock.now += LIFETIME / 10
        conversation.seen = clock.now
    store.forget_expired()
    assert len(store) == 0


def test_a_deleted_conversation_is_gone_and_deleting_twice_is_fine(store: ConversationStore) -> None:
    conversation = store.open(None)
    for _ in range(2):
        run(store.delete(conversation.id))
    assert len(store) == 0


def test_the_tracker_is_made_new_each_time_and_only_listens(store: ConversationStore) -> None:
    conversation = store.open(None)
    conversation.slots = {"crisis_in_view": True}
    first, second = run(store.retrieve(conversation.id)), run(store.retrieve(conversation.id))
    assert first is not second
    assert first.get_slot("crisis_in_view") is True
    assert first.latest_action_name == "action_listen"
    assert len(first.events) == 4


def test_of_a_tracker_only_the_named_slots_are_kept(store: ConversationStore) -> None:
    from rasa.shared.core.events import SlotSet, UserUttered

    from bot.engine.tracker_store import KEPT_SLOTS

    conversation = store.open(None)
    tracker = run(store.retrieve(conversation.id))
    tracker.update(UserUttered("typed words", {"name": "greet"}))
    for name in ("crisis_in_view", "requested_slot", "session_started_metadata"):
        tracker.update(SlotSet(name, True))
    run(store.save(tracker))
    assert set(conversation.slots) == set(KEPT_SLOTS)
    assert "typed words" not in repr(conversation)


def test_saving_the_tracker_of_an_unknown_conversation_does_nothing(store: ConversationStore) -> None:
    conversation = store.open(None)
    tracker = run(store.retrieve(conversation.id))
    run(store.delete(conversation.id))
    run(store.save(tracker))
    assert len(store) == 0


def sizes(assistant: Assistant, id: str) -> tuple[int, int]:
    """How many objects a conversation holds, and how many events its next tracker has."""
    conversation = assistant.store.open(id)
    found: dict[int, object] = {}
    waiting: list[object] = [conversation.slots, conversation.previous_route, conversation.language]
    while waiting:
        item = waiting.pop()
        if address(item) not in found:
            found[address(item)] = item
            waiting += [] if isinstance(item, type) else gc.get_referents(item)
    return len(found), len(run(assistant.store.retrieve(id)).events)


def address(item: object) -> int:
    return id(item)


def test_two_hundred_turns_keep_the_size_flat(assistant: Assistant) -> None:
    id = run(assistant.turn(None, choice="suicide_crisis")).conversation
    after_one = sizes(assistant, id)
    for number in range(200):
        choice, text = ("own_behaviour", "ask_hours", "suicide_crisis")[number % 3], None if number % 20 else "some words"
        assert run(assistant.turn(id, choice=choice, text=text)).conversation == id
    assert sizes(assistant, id) == after_one
    assert assistant.store.open(id).turns == 201
