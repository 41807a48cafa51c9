"""Rasa's agent as a library: a ranking of routes for a text, and the plans for a route. No text goes from one to the other.

`bot.engine.import_guard.import_rasa` must have run before this module is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage

from bot.answers.reply import Plan
from bot.engine.in_process_actions import InProcessActions
from bot.engine.shortcuts import OrderedRunner, trust_own_actions
from bot.engine.tracker_store import ConversationStore
from bot.errors import StartError


class PlanCollector(OutputChannel):  # type: ignore[misc]
    """Rasa's way out. It takes plans and nothing else: a response that is text is not ours, and is dropped."""

    def __init__(self) -> None:
        self.plans: list[Plan] = []

    @classmethod
    def name(cls) -> str:
        """The channel's name for Rasa."""
        return "signpost"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Called for each response of the turn."""
        if message.get("custom"):
            self.plans.append(msgspec.convert(message["custom"], Plan))


class Engine:
    """A loaded model."""

    def __init__(self, model: Path, store: ConversationStore, *, shortcuts: bool = True) -> None:
        """Load the model.

        Raises:
            StartError: there is no model, or it is damaged or was trained by another Rasa.
        """
        if not model.is_file():
            raise StartError(f"{model}: no model there: run ./signpost train")
        if shortcuts:
            trust_own_actions()
        actions = InProcessActions()
        try:
            self._agent = Agent.load(model, tracker_store=store, action_endpoint=actions)
        except Exception as error:  # a damaged archive fails in any of a dozen ways
            _raise_what_started_it(error)
            raise StartError(f"{model}: can't be loaded ({type(error).__name__}): run ./signpost train --force") from error
        if not self._agent.is_ready() or self._agent.processor is None:
            raise StartError(f"{model}: holds no model that can answer: run ./signpost train --force")
        if shortcuts:
            self._agent.processor.graph_runner = OrderedRunner(self._agent.processor.graph_runner)
        self._processor = self._agent.processor
        self.domain = self._agent.domain
        unknown = {name for name in self.domain.user_actions if name.startswith("action_")} - actions.names
        if unknown:
            raise StartError(f"bot/domain names actions that are not in actions/: {', '.join(sorted(unknown))}")

    @property
    def plans_by_answer(self) -> Mapping[str, Plan]:
        """Every answer written in the domain, by the name of its response (`utter_<route>`)."""
        return {name: msgspec.convert(variants[0]["custom"], Plan) for name, variants in self.domain.responses.items()}

    async def shares(self, text: str) -> dict[str, float]:
        """How likely each label is for a clean text: a route, `out_of_scope/<kind>`, or `crisis/<route>` (the crisis head)."""
        parsed = await self._agent.parse_message(text)
        shares: dict[str, float] = parsed["shares"]
        return shares

    async def answer(self, conversation: str, route: str, facts: Mapping[str, Any]) -> list[Plan]:
        """Let RulePolicy choose and run the actions for a route.

        `facts` is what an action may need to know of this turn: names, numbers and truth values, never text.
        """
        collector = PlanCollector()
        intent = {"name": route, "confidence": 1.0}
        message = UserMessage(
            text=None,
            output_channel=collector,
            sender_id=conversation,
            parse_data={"intent": intent, "entities": [], "intent_ranking": [intent]},
            metadata=dict(facts),
        )
        await self._processor.handle_message(message)
        return collector.plans


def _raise_what_started_it(error: BaseException | None) -> None:
    """Raise the StartError, such as an altered encoder's, that Rasa has wrapped in errors of its own, if there is one."""
    while error is not None:
        if isinstance(error, StartError):
            raise error
        error = error.__cause__ or error.__context__
