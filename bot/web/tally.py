"""What a request adds to the counts. It names what happened, to nobody in particular, and keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.conversation import Turn
from bot.counts.models import What
from bot.counts.recorder import NoRecorder
from bot.understanding.safety import Tier

if TYPE_CHECKING:  # what imports Rasa is imported behind the guard
    from bot.engine.tracker_store import ConversationStore


class Tally:
    """Between the web and the recorder."""

    def __init__(self, recorder: NoRecorder, store: ConversationStore) -> None:
        self._recorder, self._store = recorder, store

    def page(self, language: str, campaign: str | None) -> None:
        """The first page was asked for."""
        self._recorder.count("page_opened", language=language, campaign=campaign)

    def turn(self, turn: Turn) -> None:
        """A turn was answered. One that failed adds nothing: its pointers are those that every page has."""
        for what, item in _happened(turn):
            self._recorder.count(what, item=item, campaign=turn.campaign, language=turn.language, audience=turn.audience)

    def opened(self, conversation: str, pointer: str) -> None:
        """A pointer's number or link was used. An id that is not held adds nothing."""
        about = self._store.about(conversation)
        if about is not None:
            campaign, language, audience = about
            self._recorder.count("pointer_opened", item=pointer, campaign=campaign, language=language, audience=audience)


def _happened(turn: Turn) -> Iterator[tuple[What, str]]:
    """What is counted of a turn, with the pointer's id where there is one."""
    if turn.failed:
        return
    if turn.first:
        yield "conversation_started", ""
    if turn.first_pointed:
        yield "conversation_pointed", ""
    if turn.tier is Tier.CERTAIN:
        yield "crisis_shown", ""
    for card in turn.reply.pointers:
        yield "pointer_shown", card.id
