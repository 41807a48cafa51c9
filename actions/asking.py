"""Answers that ask: who it is about, or which of a few."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.plans import CRISIS, WHO, facts, send

_HELP = ("stop_it_now_helpline", "self_help_own")

#: What is said, and pointed to, for a kind of message that no route is for. Any other kind gets the plain question.
_KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "low_mood": ("low_mood", ("samaritans", *_HELP)),
    "hurt_now": ("hurt_now", ("emergency_999", "samaritans", *_HELP)),
    "other_language": ("other_language", ("stop_it_now_interpreters", *_HELP, *CRISIS)),
    "nothing_typed": ("nothing_typed", _HELP),
}


class ActionAskWho(Action):  # type: ignore[misc]
    """Ask the one question that the bot asks, with the four who-choices."""

    def name(self) -> str:
        return "action_ask_who"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        say, point_to = _KINDS.get(facts(tracker).get("kind", ""), ("ask_who", _HELP))
        send(dispatcher, [say], point_to, WHO)
        return []


class ActionAskWhich(Action):  # type: ignore[misc]
    """Offer the routes that the message may have meant, and the way back to the question."""

    def name(self) -> str:
        return "action_ask_which"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        offered = facts(tracker).get("offered", ())
        send(dispatcher, ["ask_which"], _HELP, [*offered, "correct_me"])
        return []
