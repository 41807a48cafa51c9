"""One turn, from a text or a choice to a reply. The file to read first.

    text -> clean -> read (lexicon, classifier) -> the text ends here
         -> route -> Rasa's rules and actions -> plan (ids only) -> words -> gate -> reply

`Assistant.turn` is the only function that holds what a visitor typed. It hands on a route and never keeps, logs or raises
with the text; whatever fails inside, the visitor gets the fallback with the helpline and 999.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec

from bot import log
from bot.answers.hours import status
from bot.answers.reply import HELPLINE, Answers, Beside, Reply
from bot.understanding.reading import Reader, Reading
from bot.understanding.routes import GROUPS, OUT_OF_SCOPE
from bot.understanding.safety import CRISIS_ROUTES, Tier
from bot.understanding.text import clean

if TYPE_CHECKING:  # what imports Rasa is imported by `bot.start`, behind the guard
    from bot.engine.agent import Engine
    from bot.engine.tracker_store import Conversation, ConversationStore

#: Whom a conversation is about, as far as its routes say; the last one that says so counts.
UNKNOWN: Final = "unknown"
AUDIENCES: Final = {
    "own_behaviour": "self",
    "another_adult": "someone_else",
    "child_at_risk": "someone_else",
    "young_person_behaviour": "young_person",
    "under_18": "young_person",
    "professional": "professional",
}
#: Routes that are somebody's need, and not talk or a question about the bot.
NEEDS: Final = frozenset(route for group in ("safety", "who", "asked", "help") for route in GROUPS[group])
#: Rasa's own name for "could be one of these"; no choice has it, so no visitor can name it.
UNSURE: Final = "nlu_fallback"


class Turn(msgspec.Struct, frozen=True):
    """What a turn came to.

    `rule` is the name of the rule that answered, for staff; visitors never see it. `first` and `first_pointed` say whether
    this turn began the conversation, and whether it is the first in which a need was understood. `conversation` is None
    where the turn failed before it had one.
    """

    conversation: str | None
    route: str
    tier: Tier
    reply: Reply
    offered: tuple[str, ...] = ()
    rule: str | None = None
    failed: bool = False
    language: str = "en"
    campaign: str | None = None
    audience: str = UNKNOWN
    first: bool = False
    first_pointed: bool = False


class UnknownChoiceError(Exception):
    """A choice that is on no button. It carries nothing of what was sent."""


class Assistant:
    """Everything needed to answer: the conversations, the reader, the engine and the answers."""

    def __init__(
        self,
        *,
        store: ConversationStore,
        engine: Engine,
        reader: Reader,
        answers: Answers,
        rules: Mapping[str, str],
        campaigns: frozenset[str] = frozenset(),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.campaigns = campaigns
        self.store, self.engine, self.reader, self.answers, self.now = store, engine, reader, answers, now
        self._rules = rules

    async def turn(
        self,
        id: str | None,
        *,
        text: str | None = None,
        choice: str | None = None,
        lang: str | None = None,
        campaign: str | None = None,
    ) -> Turn:
        """Answer a text, a choice, or both: a text typed beside a pressed button is still checked for a crisis.

        `campaign` is whatever came with the message; only the code of a known campaign is kept.

        Raises:
            UnknownChoiceError: the choice is on no button.
        """
        if choice is not None and choice not in self.answers.phrases("en").choices:
            raise UnknownChoiceError
        conversation = self.store.open(id)
        if lang and lang in self.answers.languages:
            conversation.language = lang
        if campaign in self.campaigns:
            conversation.campaign = campaign
        async with conversation.lock:
            try:
                reading = await self._read(text, choice, conversation.previous_route)
                del text  # nothing below may see it
                return await self._answer(conversation, reading)
            except Exception as error:  # whatever it is, the visitor is not left with silence
                log.record("turn_failed", error=type(error).__name__)
                return self.fallback(conversation.id, conversation.language)

    def fallback(self, id: str | None, lang: str | None) -> Turn:
        """The answer to a turn that could not be taken: the helpline, 999 and Samaritans. Safe from any thread."""
        language = lang if lang and lang in self.answers.languages else "en"
        reply = self.answers.error("fallback", language, self.now())
        return Turn(self.store.held(id), OUT_OF_SCOPE, Tier.NONE, reply, failed=True, language=language)

    async def is_ready(self) -> bool:
        """Whether the model answers, by asking it. Leaves no conversation behind."""
        conversation = self.store.open(None)
        try:
            return bool(await self.engine.shares("hello") and await self.engine.answer(conversation.id, "greet", {}))
        except Exception as error:
            log.record("turn_failed", error=type(error).__name__)
            return False
        finally:
            await self.store.delete(conversation.id)

    async def _read(self, text: str | None, choice: str | None, previous_route: str | None) -> Reading:
        typed = clean(text or "")
        if choice is None:
            return await self.reader.read(typed, previous_route)
        chosen = Reading(choice, Tier.CERTAIN if choice in CRISIS_ROUTES else Tier.NONE)
        if not typed:
            return chosen
        reading = await self.reader.read(typed, previous_route)
        if reading.tier is Tier.CERTAIN:
            return reading
        return chosen if chosen.tier is Tier.CERTAIN else replace(chosen, tier=reading.tier)

    async def _answer(self, conversation: Conversation, reading: Reading) -> Turn:
        now = self.now()
        helpline = self.answers.catalogue[HELPLINE].hours
        facts = {
            "kind": reading.kind,
            "offered": list(reading.offered),
            "helpline_open": status(helpline, now).open if helpline else None,
        }
        intent = UNSURE if reading.offered else reading.route
        was_crisis = bool(conversation.slots.get("crisis_in_view"))
        plans = await self.engine.answer(conversation.id, intent, facts)
        if not plans:
            raise LookupError("no rule answered")  # caught in turn()
        beside = Beside(
            crisis=reading.tier is Tier.POSSIBLE,
            earlier_crisis=was_crisis and reading.route not in (*CRISIS_ROUTES, "restart"),
            too_long=reading.long,
        )
        refused = self.answers.gate.refused
        reply = self.answers.reply(plans[0], conversation.language, now, beside)
        if self.answers.gate.refused > refused:
            log.record("gate_refused", count=self.answers.gate.refused - refused)
        conversation.turns += 1
        conversation.previous_route = reading.route
        conversation.audience = AUDIENCES.get(reading.route, conversation.audience)
        pointed = reading.route in NEEDS and not reading.offered
        turn = Turn(
            conversation=conversation.id,
            route=reading.route,
            tier=reading.tier,
            reply=reply,
            offered=reading.offered,
            rule=self._rules.get(intent),
            language=conversation.language,
            campaign=conversation.campaign,
            audience=conversation.audience,
            first=conversation.turns == 1,
            first_pointed=pointed and not conversation.pointed,
        )
        conversation.pointed |= pointed
        return turn
