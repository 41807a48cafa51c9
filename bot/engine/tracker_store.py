"""Where conversations live: in memory, briefly, bounded, and without a word of what was typed.

Rasa's own stores keep every event of a conversation, text included, for ever, and fall back to an unbounded copy when saving
fails. This one keeps the slots and a few names and numbers. The tracker that Rasa gets is made new at each turn, so a turn
costs the same however long the conversation is. Saving can't fail, since it stores nothing but those.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

#: Slots that outlive a turn. Rasa's own (`session_started_metadata`, `requested_slot`) do not.
KEPT_SLOTS = ("crisis_in_view",)


@dataclass(slots=True)
class Conversation:
    """What is kept of a conversation. Times are seconds of the monotonic clock. The lock keeps its turns in order."""

    id: str
    started: float
    seen: float
    language: str = "en"
    campaign: str | None = None
    audience: str = "unknown"
    pointed: bool = False
    previous_route: str | None = None
    turns: int = 0
    slots: dict[str, Any] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class ConversationStore(TrackerStore):  # type: ignore[misc]
    """Opens, finds and forgets conversations, and serves Rasa as its tracker store.

    A conversation ends after `idle` seconds without a message or `lifetime` seconds in all; beyond `limit` conversations
    the one unused for longest is dropped.
    """

    def __init__(self, *, limit: int, idle: float, lifetime: float, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(Domain.empty())
        self._limit, self._idle, self._lifetime, self._clock = limit, idle, lifetime, clock
        # Oldest use first: expiry and eviction both look at the front only.
        self._kept: OrderedDict[str, Conversation] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def open(self, id: str | None) -> Conversation:
        """The conversation of this id, or a new one with a new id: an id that we did not make is never adopted."""
        now = self._clock()
        while self._kept and now - next(iter(self._kept.values())).seen > self._idle:
            self._kept.popitem(last=False)
        conversation = self._kept.get(id) if id else None
        if conversation is not None and now - conversation.started > self._lifetime:
            del self._kept[conversation.id]
            conversation = None
        if conversation is None:
            conversation = Conversation(id=secrets.token_urlsafe(24), started=now, seen=now)
            self._kept[conversation.id] = conversation
            if len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        conversation.seen = now
        self._kept.move_to_end(conversation.id)
        return conversation

    def held(self, id: str | None) -> str | None:
        """The id, if it is one of ours and still held. Opens nothing; safe from any thread."""
        return id if id in self._kept else None

    def about(self, id: str) -> tuple[str | None, str, str] | None:
        """Campaign, language and audience of a conversation that is held. Opens nothing; safe from any thread."""
        conversation = self._kept.get(id)
        return (conversation.campaign, conversation.language, conversation.audience) if conversation else None

    def forget_expired(self) -> None:
        """Drop all that has expired. Run from time to time, so that nothing waits for the next visitor to be forgotten."""
        now = self._clock()
        for kept in list(self._kept.values()):
            if now - kept.seen > self._idle or now - kept.started > self._lifetime:
                self._kept.pop(kept.id, None)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """A tracker that has just begun to listen, with the conversation's slots set."""
        conversation = self._kept.get(sender_id)
        if conversation is None:
            return None
        tracker = DialogueStateTracker(sender_id, self.domain.slots)
        events = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
        events += [SlotSet(name, value) for name, value in conversation.slots.items()]
        for event in (*events, ActionExecuted(ACTION_LISTEN_NAME)):
            tracker.update(event, self.domain)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the tracker's slots; its events go with it."""
        conversation = self._kept.get(tracker.sender_id)
        if conversation is not None:
            conversation.slots = {name: tracker.get_slot(name) for name in KEPT_SLOTS if tracker.get_slot(name)}

    async def delete(self, sender_id: str) -> None:
        """Forget one conversation."""
        self._kept.pop(sender_id, None)

    async def keys(self) -> Iterable[str]:
        """The ids at hand."""
        return list(self._kept)
