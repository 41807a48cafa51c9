"""What a crisis answer leaves behind, and how it is corrected."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import AllSlotsReset, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.plans import WHO, send

_HELP = ("stop_it_now_helpline", "self_help_own")


class ActionKeepCrisisInView(Action):  # type: ignore[misc]
    """From now on 999 and Samaritans stay in view, smaller, whatever is asked next."""

    def name(self) -> str:
        return "action_keep_crisis_in_view"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        return [SlotSet("crisis_in_view", True)]


class ActionCorrectMe(Action):  # type: ignore[misc]
    """Apologise and ask afresh. The crisis numbers stay in view, since the first reading may have been right."""

    def name(self) -> str:
        return "action_correct_me"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        send(dispatcher, ["correct_me"], _HELP, WHO)
        return []


class ActionRestart(Action):  # type: ignore[misc]
    """Forget the conversation and begin again. Takes the place of Rasa's own action of this name, which says nothing."""

    def name(self) -> str:
        return "action_restart"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        send(dispatcher, ["restart"], _HELP, WHO)
        return [AllSlotsReset()]
